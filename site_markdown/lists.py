"""Lists and sentences made from mkdocs.yml, so that a service can change its helplines without editing any page."""

import json
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

from service_profile import phone
from service_profile.profile import ROOT
from service_profile.wording import day_in_words, offers_in_words

GUIDELINES_LINK = '<a href="https://www.w3.org/TR/WCAG22/">Web Content Accessibility Guidelines</a>'
COVER_LEAFLET_FILES = ("leaflet-to-read.pdf", "leaflet-easy-read.pdf", "leaflet-to-fold.pdf")
LEAFLETS_FILE = ROOT / "docs" / "leaflets" / "leaflets.json"


def _number_html(contact: str, scheme: phone.UrlScheme = "tel") -> str:
    """Return the HTML of a phone number with a link to call or text it. A code such as 55 becomes plain text."""
    link = _link_template(contact, scheme)
    return link.format("", escape(contact)) if link else escape(contact)


def _link_template(contact: str, scheme: phone.UrlScheme) -> str:
    """Return the HTML of a link that calls or texts a number, with two {} for attributes and text.

    Return "" for a code that only works during a call, such as 55.
    """
    url = phone.link(contact, scheme)
    return f'<a{{}} href="{url}">{{}}</a>' if url else ""


def links(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the service's phone numbers and email addresses as HTML links, keyed by name.

    A contact that the service does not have is "". A page uses the name "phone" as `{{ link.phone }}`.
    """
    text_number = str(values.get("text_number") or "")
    second_phone = str((values.get("second_phone") or {}).get("number") or "")
    html_links = {
        "phone": _number_html(str(values["phone"])),
        "text_number": text_number and _number_html(text_number, "sms"),
    }
    html_links["second_phone"] = second_phone and _number_html(second_phone)
    # For use inside a sentence, which must also read well without this link.
    html_links["or_text"] = f" or text {html_links['text_number']}" if text_number else ""
    emails = {
        "email": values.get("email"),
        "complaints_contact": values.get("complaints_contact"),
        "privacy": (values.get("privacy") or {}).get("contact"),
    }
    return html_links | {
        name: f'<a href="mailto:{escape(str(email))}">{escape(str(email))}</a>' if email else ""
        for name, email in emails.items()
    }


def dates_in_words(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the date of the last review ("review") and of the accessibility statement ("prepared") in words."""
    dates = {"review": values["review"]["date"], "prepared": values["accessibility"]["prepared"]}
    return {name: day_in_words(str(day)) for name, day in dates.items()}


def _regulator_html(entry: Mapping[str, Any]) -> str:
    """Return the HTML of one regulator with its purpose, its source and the day on which its details were checked."""
    scheme: phone.UrlScheme = "sms" if entry.get("by") == "text" else "tel"
    check_date = day_in_words(str(entry["checked"]))
    website_link = f" {_website_link(entry)}." if entry.get("web") else ""
    return (
        f"<dt>{escape(entry['name'])}: <b>{_number_html(str(entry['contact']), scheme)}</b></dt>"
        f"<dd>{escape(entry['says'])}{website_link} "
        f'<small><a href="{escape(entry["source"])}">Source</a>, checked {check_date}</small></dd>'
    )


def _website_link(entry: Mapping[str, Any]) -> str:
    return f'<a href="{escape(entry["web"])}">Visit the {escape(entry["name"])} website</a>'


def helplines(values: Mapping[str, Any], group: str) -> str:
    """Return the HTML of the helplines in one group, without regulators; "" if the group is empty."""
    entries = [entry for entry in _non_regulators(values) if entry.get("group", "support") == group]
    return f'<dl class="lines">{"".join(map(_helpline_html, entries))}</dl>' if entries else ""


def sources(values: Mapping[str, Any]) -> str:
    """Return an HTML list of the helplines' sources, each with the day on which the helpline was last checked."""
    items = (
        f'<li><a href="{escape(entry["source"])}">{escape(entry["name"])}</a>, '
        f"{day_in_words(str(entry['checked']))}</li>"
        for entry in _non_regulators(values)
    )
    return f'<p>We last checked each of these on the date shown.</p><ul class="sources">{"".join(items)}</ul>'


def _non_regulators(values: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [entry for entry in values["helplines"].values() if not entry.get("regulator")]


def _helpline_html(entry: Mapping[str, Any]) -> str:
    """Return the HTML of one helpline, with a button to call it, text it or open its website.

    A code that only works during a call, such as 55, has no button.
    """
    contact, name = str(entry["contact"]), escape(entry["name"])
    method = entry.get("by", "call")
    if method == "web":
        link = f'<a{{}} href="{escape(entry["web"])}">{{}}</a>'
    else:
        link = _link_template(contact, "sms" if method == "text" else "tel")
    verb = {"text": "Text", "web": "Open"}.get(method, "Call")
    button = "<dd>" + link.format(' class="button"', f"{verb} {escape(contact)}") + "</dd>" if link else ""
    website_link = f" {_website_link(entry)}" if entry.get("web") and method != "web" else ""
    # On a screen the number is on the button, so beside the name it is shown on paper only.
    number_html = (
        f'<span class="on-paper">: {escape(contact)}</span>'
        if link
        else f': <span class="whole">{escape(contact)}</span>'
    )
    return f"<div><dt>{name}{number_html}</dt><dd>{escape(entry['says'])}{website_link}</dd>{button}</div>"


def regulators(values: Mapping[str, Any]) -> str:
    """Return the contact details of the regulators as HTML."""
    items = (_regulator_html(entry) for entry in values["helplines"].values() if entry.get("regulator"))
    return f"<dl>{''.join(items)}</dl>"


def processors(values: Mapping[str, Any]) -> str:
    """Return an HTML list of the organisations that process personal data for the service; "" if there are none."""
    items = "".join(
        f"<li>{escape(processor['name'])}: {escape(processor['does'])}</li>"
        for processor in values["privacy"].get("processors", [])
    )
    return f"<ul>{items}</ul>" if items else ""


def call_details(values: Mapping[str, Any]) -> str:
    """Return an HTML list of what to expect when the team calls; "" if mkdocs.yml says nothing about it."""
    sentences = [escape(str(text)) for text in values["call"].values() if text]
    return f"<ul>{''.join(f'<li>{text}</li>' for text in sentences)}</ul>" if sentences else ""


def offers(values: Mapping[str, Any]) -> str:
    """Return an HTML list of the help that the service offers or, if it names none, an invitation to ask for help."""
    names = offers_in_words(values.get("offers"))
    if not names:
        return "<p>Tell us what would help you take part. We will tell you what we can arrange.</p>"
    return f"<p>We can offer:</p><ul>{''.join(f'<li>{escape(name)}</li>' for name in names)}</ul>"


def promise(values: Mapping[str, Any], action: str) -> str:
    """Return a paragraph with `action`, which says what will happen, and the deadline if the service promises one."""
    deadline = str(values.get("response_promise") or "").strip()
    return f"<p>{action} {escape(deadline)}.</p>" if deadline else f"<p>{action}.</p>"


def addresses(values: Mapping[str, Any]) -> str:
    """Return the postal address and the address for handing in paper forms as HTML, each under a heading.

    Return "" if the service has neither.
    """
    sections = []
    for name, label in (("post_address", "Write to us"), ("hand_in_address", "Hand in a paper form")):
        if values.get(name):
            sections.append(f"<h2>{label}</h2><p>{'<br>'.join(escape(line) for line in values[name])}</p>")
    return "".join(sections)


def secure_email(values: Mapping[str, Any]) -> str:
    """Return a paragraph with the secure email address for professionals or, if there is none, with other safe ways."""
    email = str(values.get("secure_email") or "")
    if email:
        return f'<p>Our secure email is <a href="mailto:{escape(email)}">{escape(email)}</a>.</p>'
    return (
        "<p>Please use the referral form: it reaches us over an encrypted connection. Do not put personal details in "
        "an ordinary email. If you need to send more, call us first and we will agree a safe way to do it.</p>"
    )


def testing_statement(values: Mapping[str, Any]) -> str:
    """Return a paragraph that says whether disabled people have tested the site."""
    test_day = str(values["accessibility"].get("tested") or "")
    if test_day:
        return f"<p>People who use assistive technology last tested this site on {day_in_words(test_day)}.</p>"
    return (
        "<p>The site has not yet been tested with disabled people. Until it has been, we rely on the checks above.</p>"
    )


def known_problems(values: Mapping[str, Any]) -> str:
    """Return an HTML list of the known accessibility problems, or a paragraph that says that none are known."""
    parts = values["accessibility"].get("known_problems") or ()
    if not parts:
        return "<p>We do not know of any part that is not accessible. If you find one, please tell us.</p>"
    items = "".join(f"<li>{escape(part)}</li>" for part in parts)
    return f"<p>We know some parts of this website are not fully accessible:</p><ul>{items}</ul>"


def compliance(values: Mapping[str, Any]) -> str:
    """Return the paragraph that says how far the site is accessible, in the words that the law prescribes.

    The site is "fully compliant" only once people have tested it and no problem is known.
    """
    accessibility = values["accessibility"]
    guidelines = f"{GUIDELINES_LINK} version 2.2 AA standard"
    if accessibility.get("known_problems"):
        return f"<p>This website is partially compliant with the {guidelines}, due to the non-compliances above.</p>"
    if accessibility.get("tested"):
        return f"<p>This website is fully compliant with the {guidelines}.</p>"
    return (
        f"<p>This website is partially compliant with the {guidelines}. Our automated checks find nothing wrong, but "
        "they cannot find everything. We will not say that it is fully compliant until people have tested it.</p>"
    )


def leaflets(_values: Mapping[str, Any]) -> str:
    """Return Markdown lists of the leaflets, with a heading above each list; "" if no leaflets are built yet."""
    if not LEAFLETS_FILE.is_file():
        return ""
    entries = [
        entry for entry in json.loads(LEAFLETS_FILE.read_text(encoding="utf-8")) if "page" in entry
    ]  # an older version built the file without "page"
    items_by_heading: dict[str, list[str]] = {"To read": [], "To print and hand out": [], "Paper forms": []}
    for leaflet in entries:
        items_by_heading[_leaflet_group(leaflet)].append(_leaflet_item(leaflet))
    return "\n\n".join(f"## {heading}\n\n" + "\n".join(items) for heading, items in items_by_heading.items() if items)


def _leaflet_group(leaflet: Mapping[str, Any]) -> str:
    if leaflet["kind"] == "paper form":
        return "Paper forms"
    return "To print and hand out" if leaflet["kind"] in ("fold", "pocket card", "poster") else "To read"


def _leaflet_item(leaflet: Mapping[str, Any]) -> str:
    """Return a Markdown list item for one leaflet: a picture of its first page, and links to its page and PDF."""
    path = f"leaflets/{leaflet['page']}.md" if leaflet["page"] else f"leaflets/{leaflet['file']}"
    pdf_link = f" [{leaflet['title']}, PDF](leaflets/{leaflet['file']})" if leaflet["page"] else " PDF"
    page_count = f"{leaflet['pages']} page{'s' if leaflet['pages'] > 1 else ''}"
    size = f"{max(1, round(leaflet['bytes'] / 1000))} KB"
    picture = f"![](leaflets/{leaflet['picture']}){{: width=400 height=440 loading=lazy }}"
    details = f"{pdf_link.strip()}, {page_count}, {size}"
    text = f"[{leaflet['title']}]({path}) {leaflet['purpose']}<br><small>{details}</small>"
    return f"- {picture} {text}"


def leaflet_covers(_values: Mapping[str, Any]) -> str:
    """Return pictures of the first pages of three leaflets as Markdown; "" if no leaflets are built yet.

    The pictures have no alternative text, because a link beside them says what they show.
    """
    if not LEAFLETS_FILE.is_file():
        return ""
    entries = {entry["file"]: entry for entry in json.loads(LEAFLETS_FILE.read_text(encoding="utf-8"))}
    file_names = [entries[name]["picture"] for name in COVER_LEAFLET_FILES if name in entries]
    images = "".join(f"![](leaflets/{name}){{: width=400 height=566 loading=lazy }}" for name in file_names)
    return f'<div class="covers tile" markdown>\n{images}\n</div>' if file_names else ""


LIST_MAKERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "emergency": lambda values: helplines(values, "emergency"),
    "abuse": lambda values: helplines(values, "abuse"),
    "support": lambda values: helplines(values, "support"),
    "sources": sources,
    "processors": processors,
    "regulators": regulators,
    "calls": call_details,
    "offers": offers,
    "promise": lambda values: promise(values, "A member of the team will be in touch"),
    "promise_about_another": lambda values: promise(
        values, "Unless you tell us that no way is safe, the person you refer will hear from us"
    ),
    "addresses": addresses,
    "secure_email": secure_email,
    "tested": testing_statement,
    "known_problems": known_problems,
    "compliance": compliance,
    "leaflets": leaflets,
    "covers": leaflet_covers,
}
