"""The settings of a service: `site_url` and `extra.service` of mkdocs.yml.

To add a setting, declare it here or in `blocks`, and add it to mkdocs.yml.
"""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from service_profile import phone
from service_profile import setting_types as types
from service_profile.about import About
from service_profile.blocks import (
    Accessibility,
    Block,
    Calls,
    Funder,
    HelpContact,
    LeafletSettings,
    Logo,
    Look,
    Privacy,
    Review,
    SecondPhone,
    SocialLink,
    Statistic,
    drop_empty_statistics,
    setting,
)
from service_profile.setting_types import setting_error

__all__ = ["OPTIONAL_FACTS", "STATISTICS", "About", "ServiceSettings", "Settings", "Statistic"]

# The statistics that the pages show, and what each says. Pages leave out those that a service does not have.
STATISTICS = {
    "satisfied": "how many people were satisfied with the meeting",
    "happy": "how many people are happy with the outcome",
    "reoffending": "how much less often people reoffend",
}
# Helplines that pages and leaflets name individually, besides listing them all.
NAMED_HELPLINES = {
    "emergency": "emergency services",
    "silent_solution": "for people who cannot speak in an emergency",
    "emergency_text": "to text in an emergency",
    "relay_uk": "Relay UK",
    "young_people": "for young people",
    "own_behaviour": "for people worried about their own behaviour",
    "ico": "complaints about data",
    "eass": "complaints about accessibility",
}
# Facts that a page may name even if the service lacks them.
OPTIONAL_FACTS = (
    *(f"about.{name}" for name in About.model_fields),
    *(f"helplines.{helpline}.{part}" for helpline in NAMED_HELPLINES for part in ("name", "contact", "says", "web")),
    *(f"statistics.{name}.{part}" for name in STATISTICS for part in (*Statistic.model_fields, "sentence")),
    "other_areas",
    "privacy.transfers",
    "second_phone.label",
    "second_phone.number",
)


def _require_helpline(helplines: dict[str, HelpContact]) -> dict[str, HelpContact]:
    if not helplines:
        raise setting_error("is empty: the page for emergencies needs at least one helpline")
    return helplines


class ServiceSettings(Block):
    """The settings in `extra.service`, which describe the service."""

    name: types.Line = setting(
        "Name of the service",
        "The full name. It is also under Privacy (controller) and Statistics (source).",
        "Marlshire Restorative Justice Service",
        "organisation",
    )
    short_name: types.Line = setting(
        "Short name",
        "Shown at the top of each page and in page titles.",
        "Marlshire Restorative Justice",
        "organisation",
    )
    neutral_name: types.NeutralName = setting(
        "Neutral name",
        "The name that emails use when other people might see them. It must give nothing away.",
        "the team",
        "organisation",
    )
    logo: Logo = setting("Logo", "The service's own logo.", {}, "organisation", default=Logo())
    area: types.Line = setting(
        "Area", "As it would be said in “restorative justice in …”.", "Marlshire and the Tarn Valley", "organisation"
    )
    police_area: types.OptionalLine = setting(
        "Police force", "The police force for that area.", "Marlshire Constabulary", "organisation", default=""
    )
    other_areas: types.OptionalProse = setting(
        "People from elsewhere",
        "What you say to someone if it happened in another area.",
        "You can still ask us.",
        "organisation",
        default="",
    )
    social_links: list[SocialLink] = setting(
        "Social networks", "Links at the foot of each page of the site.", [], "organisation", default=[]
    )
    phone: types.Phone = setting("Phone number", "The number that people call.", phone.EXAMPLE, "contact")
    second_phone: SecondPhone = setting(
        "Second phone number", "For calls at other times, for example.", {}, "contact", default=SecondPhone()
    )
    text_number: types.OptionalPhone = setting(
        "Number for texts", "Leave it empty if people cannot text you.", "07700 900000", "contact", default=""
    )
    email: types.Email = setting("Email address", "The team's address.", "team@example.org.uk", "contact")
    secure_email: types.OptionalEmail = setting(
        "Secure email for professionals",
        "A CJSM address. Leave it empty if you do not have one.",
        "team@example.org.uk.cjsm.net",
        "contact",
        default="",
    )
    security_contact: types.OptionalLine = setting(
        "Security contact",
        "Where to report a security problem with the site. Leave it empty to use the team's email address.",
        "security@example.org.uk",
        "contact",
        default="",
    )
    opening_hours: types.Line = setting(
        "Opening hours", "When the phone is answered.", "Monday to Friday, 9am to 5pm", "contact"
    )
    closed_days: list[types.Day] = setting(
        "Days when you are closed",
        "Bank holidays, for example. The team gets no reminders on these days. You do not need to list weekends.",
        ["2026-12-25"],
        "contact",
        default=[],
    )
    weekly_summary: types.Boolean = setting(
        "Weekly list of referrals",
        "Each Monday the team gets last week's references by email, so that you notice if referrals stop arriving.",
        True,
        "form",
        default=True,
    )
    response_promise: types.OptionalLine = setting(
        "How soon you reply", "Leave it empty to promise nothing.", "within 2 working days", "contact", default=""
    )
    post_address: list[types.Line] = setting(
        "Postal address",
        "One line each. Leave it empty if people cannot write to you.",
        ["1 High Street"],
        "contact",
        default=[],
    )
    hand_in_address: list[types.Line] = setting(
        "Where to hand in a paper form",
        "One line each. Leave it empty if there is nowhere.",
        ["1 High Street"],
        "contact",
        default=[],
    )
    hand_form_to: types.OptionalLine = setting(
        "Who takes a paper form in a prison or refuge",
        "Shown in the booklet and in the offline copy of the site. Leave it empty if nobody does.",
        "your key worker",
        "contact",
        default="",
    )
    complaints_contact: types.Email = setting(
        "Email address for complaints",
        "Complaints about the service go to this address.",
        "complaints@example.org.uk",
        "contact",
    )
    call: Calls = setting("Calls from the team", "What people will see and hear when you call.", {}, "contact")
    offers: list[types.Line] = setting(
        "What you offer",
        "One line each, and only what you really can offer. Use your own words, or one of these, which the site writes "
        "out in full: interpreter, bsl, easy_read, large_print, braille.",
        ["interpreter"],
        "contact",
        default=[],
    )
    form_address: types.FormAddress = setting(
        "Address of the form",
        "/referral/, or the https:// address if the form has a host of its own.",
        "/referral/",
        "form",
    )
    exit_address: types.WebAddress = setting(
        "Where “Leave this page” goes",
        "A neutral site that anyone might be looking at.",
        "https://www.bbc.co.uk/weather",
        "form",
    )
    confidentiality: types.Prose = setting(
        "Limits of confidentiality",
        "What you keep private, and when you might have to tell someone.",
        "We keep it private.",
        "privacy",
    )
    about: About = setting("About the service", "What only you can say about it.", {}, "about", default=About())
    funders: list[Funder] = setting(
        "Funders",
        "Who pays for the service. They are named at the foot of each page and on the back of the leaflets.",
        [],
        "about",
        default=[],
    )
    statistics: Annotated[dict[types.Key, Statistic], BeforeValidator(drop_empty_statistics)] = setting(
        "Statistics", "If you do not have one of these figures, remove it.", {}, "statistics"
    )
    helplines: Annotated[dict[types.Key, HelpContact], AfterValidator(_require_helpline)] = setting(
        "Helplines", "National helplines and regulators.", {}, "helplines"
    )
    privacy: Privacy = setting("Privacy", "What the law says the privacy page must tell people.", {}, "privacy")
    accessibility: Accessibility = setting("Accessibility", "The dates of the accessibility statement.", {}, "review")
    review: Review = setting("Review", "When the words were last checked.", {}, "review")
    leaflet: LeafletSettings = setting("Leaflets", "Choices about the leaflets.", {}, "look")
    look: Look = setting("Colours", "The colours of the site, form, leaflets and icon.", {}, "look")


class Settings(Block):
    """The validated settings of mkdocs.yml: `site_url` and `extra.service`."""

    site_url: types.SiteUrl = setting(
        "Address of the site", "Starts with https://.", "https://www.example.org.uk/", "form"
    )
    service: ServiceSettings = setting("Service", "Who the service is.", {})
