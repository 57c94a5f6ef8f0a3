"""The content of an email to the team: one structure, rendered as plain text and as HTML.

A block contains either text that the form supplies or text that a person typed. The renderers mark typed text, so that
it cannot be mistaken for the form's.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    """A paragraph that the form supplies."""

    text: str


@dataclass(frozen=True)
class Alert:
    """A warning: a few words in capitals, then what they mean.

    `text_if_they_call` replaces the text when nobody may contact the person, so that no alert seems to permit contact.
    """

    headline: str
    text: str
    text_if_they_call: str = ""


@dataclass(frozen=True)
class Bullets:
    """A list of rules or facts that the form supplies."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Subheading:
    """A heading within a section."""

    text: str


@dataclass(frozen=True)
class OwnWords:
    """What a person typed, under a label.

    `is_copied` marks a phone number or an email address: the team copies it, so invisible characters are removed.
    """

    label: str
    text: str
    is_copied: bool = False


@dataclass(frozen=True)
class Answer:
    """A multiple-choice answer: its label and the chosen options; no options when it was left blank."""

    label: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """The only link in an email: its text and its URL."""

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
    opening_blocks: tuple[Block, ...]
    sections: tuple[Section, ...]
