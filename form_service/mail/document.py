"""The content of an email to the team: one structure, rendered as plain text and as HTML.

A block contains either text in the service's words or text that a person typed. The renderers mark typed text, so that
it cannot be mistaken for the service's.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    """A paragraph in the service's words."""

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
    """A bulleted list in the service's words."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Subheading:
    """A heading within a section."""

    text: str


@dataclass(frozen=True)
class OwnWords:
    """Text that a person typed, and its label.

    `is_copied`: it is a phone number or an email address, which the team will copy. Invisible characters are removed.
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
    """The link with which the team confirms a referral: the text before it and its URL."""

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
    """The content of an email to the team: a title, opening blocks and sections."""

    title: str
    opening_blocks: tuple[Block, ...]
    sections: tuple[Section, ...]
