"""The classes for the blocks of settings in mkdocs.yml."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from service_profile import phone
from service_profile import setting_types as types
from service_profile.setting_types import setting_error


def setting(label: str, hint: str, example: Any, group: str = "", **options: Any) -> Any:
    """Declare a setting with its label, hint and example.

    `group` is its page in the editor. `options` go to pydantic's Field. A default makes the setting optional.
    """
    schema_extra: dict[str, Any] = {"group": group} if group else {}
    return Field(title=label, description=hint, examples=[example], json_schema_extra=schema_extra, **options)


class Block(BaseModel):
    """A block of settings, in which an unknown setting is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Calls(Block):
    """Calls from the team: what people see and hear, and how often the team calls."""

    number_shown: types.OptionalLine = setting(
        "What the phone shows", "Leave it empty if you have not decided.", "Our number is withheld.", default=""
    )
    says: types.OptionalLine = setting(
        "What the caller says first",
        "Leave it empty if you have not decided.",
        "We ask for you by name and say nothing else.",
        default="",
    )
    tries: types.OptionalLine = setting(
        "How often the team tries",
        "Leave it empty if you have not decided.",
        "We try three times on different days.",
        default="",
    )


class SecondPhone(Block):
    """A second phone number, and a label that says what it is for."""

    label: types.OptionalLine = setting("Second phone: what it is for", "In a few words.", "Out of hours", default="")
    number: types.OptionalPhone = setting(
        "Second phone: number", "A number to call. There is another field for texts.", phone.EXAMPLE, default=""
    )

    @model_validator(mode="after")
    def _require_label(self) -> "SecondPhone":
        if self.number and not self.label:
            raise setting_error("needs the line label, which says what the number is for, like “Out of hours”")
        return self


class Logo(Block):
    """The service's logo, and the text that describes it."""

    picture: types.PictureFile = setting(
        "Logo",
        "Shown at the top of each page instead of the name, and on the leaflets. Without it, the name is shown.",
        "pictures/logo.png",
        default="",
    )
    alt: types.OptionalLine = setting(
        "What the logo says",
        "Read out to people who cannot see it. Leave it empty to use the short name.",
        "Marlshire Justice",
        default="",
    )


class SocialLink(Block):
    """A link to the service on a social network."""

    name: types.Line = setting("Words", "Shown at the foot of each page.", "Facebook")
    url: types.WebAddress = setting("Address", "Starts with https://.", "https://www.facebook.com/example")


class Funder(Block):
    """An organisation that pays for the service."""

    name: types.Line = setting(
        "Name", "In words. It is read out to people who cannot see the logo.", "Marlshire Council"
    )
    picture: types.PictureFile = setting(
        "Logo", "Without it, the name is shown in words.", "pictures/council.png", default=""
    )
    url: types.OptionalWebAddress = setting("Its web page", "Starts with https://.", "https://www.gov.uk/", default="")


class Statistic(Block):
    """A figure with its sentence, its source, and a note on what the figure does not say."""

    value: types.Count = setting("How many", "The number itself, such as 7 in “7 out of 10”.", 7)
    of: types.Total = setting("Out of how many", "Write 100 for a percentage.", 10)
    wording: types.Wording = setting(
        "Sentence",
        "Write {value} and {of} where the two numbers belong.",
        "{value} in {of} people are happy with the outcome",
    )
    limits: types.Prose = setting(
        "What the figure does not say", "One or two sentences, shown below it.", "This is our own figure."
    )
    source: types.OptionalLine = setting(
        "Source",
        "Who counted, and where it was published. It can stay empty until the site goes live.",
        "Our survey",
        default="",
    )
    year: types.Year = setting(
        "Year",
        "The year of the source, or the reporting year. It can stay empty until the site goes live.",
        "2025 to 2026",
        default="",
    )
    picture: types.ChartKind = setting(
        "How it is drawn",
        "Squares, with this many of them empty. Without a choice: people.",
        "less",
        default="",
    )

    @model_validator(mode="after")
    def _require_value_within_total(self) -> "Statistic":
        if self.value > self.of:
            raise setting_error(f"says {self.value} in {self.of}: the first number cannot be larger than the second")
        return self


class HelpContact(Block):
    """A national helpline or a regulator."""

    group: types.HelplineGroup = setting(
        "Where it appears", "In which list of helplines.", "support", default="support"
    )
    name: types.Line = setting("Name", "The name that the helpline uses.", "Samaritans")
    by: types.ContactMethod = setting(
        "Call, text or web",
        "Whether people call it, text it, or open its page instead.",
        "text",
        default="call",
    )
    contact: types.Line = setting("Number", "As people dial it. For a page on the web, its short address.", "116 123")
    says: types.Prose = setting("What it is for", "One or two sentences.", "If you are in danger now, call 999.")
    web: types.OptionalWebAddress = setting(
        "Its web page", "Starts with https://.", "https://www.samaritans.org/", default=""
    )
    regulator: types.Boolean = setting(
        "Is a regulator", "A regulator is listed on the legal pages, not with the helplines.", True, default=False
    )
    source: types.WebAddress = setting(
        "Where this comes from",
        "The web page on which you read the number. Starts with https://.",
        "https://www.samaritans.org/",
    )
    checked: types.Day = setting("Checked on", "The day on which you last read it there.", "2026-11-23")

    @field_validator("contact")
    @classmethod
    def _validate_contact(cls, contact: str, info: ValidationInfo) -> str:
        return contact if info.data.get("by") == "web" else types.telephone(contact, allow_call_codes=True)

    @model_validator(mode="after")
    def _require_web_address(self) -> "HelpContact":
        if self.by == "web" and not self.web:
            raise setting_error(
                "needs the line web: with the address that starts with https://, because it says by: web"
            )
        return self


class Processor(Block):
    """An organisation that handles data for the service."""

    name: types.Line = setting("Name", "The organisation.", "Netlify")
    does: types.Prose = setting("What it does", "In a few words.", "hosts the site")


class Privacy(Block):
    """The details that data protection law requires on the privacy page."""

    controller: types.Line = setting(
        "Controller", "The organisation that is responsible for the data.", "Marlshire Council"
    )
    contact: types.Email = setting("Data protection contact", "An email address.", "data.protection@example.org.uk")
    basis: types.Prose = setting(
        "Legal basis", "The articles of the UK GDPR. Ask your data protection officer.", "public task (article 6(1)(e))"
    )
    keep_days: types.Days = setting(
        "Days the form keeps its copy", "It must be FORM_KEEP_DAYS of the form: ask whoever looks after it.", 7
    )
    receipt: types.Boolean = setting(
        "The team confirms each referral",
        "Off only if the form has FORM_RECEIPT=off: ask whoever looks after it.",
        True,
        default=True,
    )
    retention: types.Prose = setting(
        "How long the team keeps a referral",
        "What your retention policy says.",
        "The team keeps a referral for 6 years.",
    )
    processors: list[Processor] = setting(
        "Who handles the data for you",
        "Who hosts the site, who runs the form's machine, who provides the team's email.",
        [],
        default=[],
    )
    transfers: types.OptionalProse = setting(
        "Outside the United Kingdom",
        "Whether any of them handles data there, and what protects it. Leave it empty if none does.",
        "Nothing leaves the United Kingdom.",
        default="",
    )
    complaints: types.Prose = setting(
        "Complaints about data",
        "What you do with a complaint, and how soon.",
        "Tell us first. We answer within 30 days.",
    )


class Accessibility(Block):
    """Dates and known problems for the accessibility statement."""

    prepared: types.Day = setting("Statement prepared on", "When it was first written.", "2026-11-23")
    tested: types.OptionalDay = setting(
        "Tested by people on", "Leave it empty if only automatic checks have tested it.", "2026-11-23", default=""
    )
    known_problems: list[types.Line] = setting(
        "Known problems",
        "Parts that are not accessible, one sentence each.",
        ["The map has no description."],
        default=[],
    )
    easy_read_tested: types.Boolean = setting(
        "Easy Read tested", "Switch this on once people who use it have tested the leaflet.", False, default=False
    )


class Review(Block):
    """The date of the last check of the texts, and the version of the leaflets."""

    date: types.Day = setting("Last check of every page", "This date is shown on each leaflet.", "2026-11-23")
    version: types.Line = setting("Version of the leaflets", "A number. In mkdocs.yml it is in quotes.", "1")


class LeafletSettings(Block):
    """The settings of the leaflets."""

    discreet_cover: types.Boolean = setting(
        "Discreet cover",
        "The folded leaflet's cover then mentions neither crime nor restorative justice.",
        False,
        default=False,
    )


class ColourScheme(Block):
    """The colours of the light or the dark colour scheme. `service_profile.legibility` checks their contrast."""

    paper: types.Colour = setting("Paper", "The background of the words.", "#fbf8f3")
    panel: types.Colour = setting("Panel", "Behind boxes and panels.", "#f1ebe1")
    ink: types.Colour = setting("Ink", "The words themselves.", "#1f2a2c")
    quiet: types.Colour = setting("Quiet", "Less important words.", "#404d4f")
    line: types.Colour = setting("Lines", "The edges of fields and panels.", "#8b8578")
    accent: types.Colour = setting("Main colour", "Buttons and headings.", "#0f5156")
    on_accent: types.Colour = setting("On the main colour", "Words on a button.", "#ffffff")
    link: types.Colour = setting("Links", "Words that are links.", "#0b4f6c")
    warm: types.Colour = setting("Second colour", "Warnings and the icon.", "#8c3b1f")
    focus: types.Colour = setting("Focus", "Around the link or field that the keyboard is on.", "#ffbf47")


class Look(Block):
    """The colours of the site, the form, the leaflets and the icon."""

    light: ColourScheme = setting("Light screens", "", {})
    dark: ColourScheme = setting("Dark screens", "", {})


def drop_empty_statistics(value: Any) -> Any:
    """Return the statistics without those that have no figure. Anything but a mapping is returned unchanged."""
    if not isinstance(value, Mapping):
        return value
    return {
        name: statistic
        for name, statistic in value.items()
        if statistic not in (None, "", {})
        and not (isinstance(statistic, Mapping) and statistic.get("value", 0) in (None, ""))
    }
