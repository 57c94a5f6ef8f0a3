"""The content of an email to the team, which is rendered as plain text and as HTML.

The text of a block is either the service's own or typed by a person. The renderers mark typed text.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    """A paragraph in the service's words."""

    text: str


@dataclass(frozen=True)
class Alert:
    """A warning with a headline in capitals.

    `text_if_contact_forbidden` replaces `text` if the team must not contact the person.
    """

    headline: str
    text: str
    text_if_contact_forbidden: str = ""


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
    """A label with text in a person's own words.

    In a phone number or an email address, invisible characters are removed.
    """

    label: str
    text: str
    is_phone_or_email: bool = False


@dataclass(frozen=True)
class Answer:
    """The answer to a question, in the service's words. `choices` is empty if the question was left blank."""

    label: str
    choices: tuple[str, ...]


@dataclass(frozen=True)
class Link:
    """A link, and the text above it."""

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
