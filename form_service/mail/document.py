"""What an email to the team says, before it is rendered: once as plain text and once as HTML, from this one structure.

A block either holds the form's own words or a person's. The renderers mark a person's words so that nothing typed can
pass for something that the form says.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    """A paragraph in the form's own words."""

    text: str


@dataclass(frozen=True)
class Alert:
    """A warning: a few words in capitals, then what they mean.

    `text_if_they_call` replaces the text when nobody may contact the person, so that no alert seems to allow it.
    """

    headline: str
    text: str
    text_if_they_call: str = ""


@dataclass(frozen=True)
class Bullets:
    """A list of rules or facts in the form's own words."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Subheading:
    """A heading within a section."""

    text: str


@dataclass(frozen=True)
class OwnWords:
    """What a person typed, under a label.

    `is_copied` marks a phone number or an email: the team copies it, so no invisible character may stand in it.
    """

    label: str
    text: str
    is_copied: bool = False


@dataclass(frozen=True)
class Answer:
    """An answer that was picked and not typed: its label and the choices. None means that it was left blank."""

    label: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """The only link in an email: words, then the URL."""

    text: str
    url: str


Block = Paragraph | Alert | Bullets | Subheading | OwnWords | Answer | Link


@dataclass(frozen=True)
class Section:
    """A heading and the blocks below it. An urgent section is shown in a box."""

    heading: str
    blocks: tuple[Block, ...]
    is_urgent: bool = False


@dataclass(frozen=True)
class Document:
    """A whole email: a title, opening paragraphs and sections."""

    title: str
    opening: tuple[Block, ...]
    sections: tuple[Section, ...]
