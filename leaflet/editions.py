"""All leaflets, and the content of each."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from form_service.referral.questions import Route
from leaflet.colours import for_print
from leaflet.errors import LeafletError
from leaflet.markdown import Block, Part, Source
from leaflet.paper_form import SOMEONE_ELSE, YOURSELF, PaperForm
from leaflet.shortcodes import Marks, leaflet_facts, links
from service_profile import Service
from service_profile.placeholders import nearest_name
from service_profile.wording import day_in_words

PANELS = ("cover", "flap", "back", "inside left", "inside middle", "inside right")
PANELS_OF = {
    "leaflet.md": (*PANELS, "discreet cover"),
    "caused-harm.md": (*PANELS, "discreet cover"),
    "pocket-card.md": ("outside", "inside"),
    "poster.md": ("poster", "foot", "strip"),
    "paper-form.md": ("before yourself", "before someone else", "after"),
    "easy-read.md": ("",),
}

Document = dict[str, Any]
Maker = Callable[[Service, Path], Document]  # from the service, and the folder that holds the Markdown files


@dataclass(frozen=True)
class Plan:
    """How to make one leaflet: its names, its template, and a function that makes its document on demand.

    `purpose` says in one line what it is for; `page` names the page of the site with the same words, if there is one.
    """

    file: str
    title: str
    kind: str
    template: str
    document: Maker
    purpose: str
    page: str = ""


def _parts(path: Path, service: Service) -> dict[str, Part]:
    """Return the panels of a Markdown file by name, with marks expanded and facts filled in."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise LeafletError(f"{path.name}: the file is not saved as UTF-8. Save it again with that encoding.") from error
    source = Source(path.name, text, leaflet_facts(service), links(service))
    marks = Marks(source, service, for_print(service["look"]["light"]))
    found: dict[str, Part] = {}
    for part in source.parts():
        if part.name not in PANELS_OF[path.name]:
            raise source.wrong(part.line, _no_panel(part.name, PANELS_OF[path.name]))
        if part.name in found:
            raise source.wrong(part.line, f"there are two panels called “{part.name}”.")
        found[part.name] = marks.expand(part)
    return found


def _no_panel(name: str, known: tuple[str, ...]) -> str:
    if not name:
        return "the text must start with the mark of a panel, such as [[panel: " + known[0] + "]]."
    near = nearest_name(name, dict.fromkeys(known, ""))
    return f"there is no panel called “{name}”." + (f" Did you mean “{near}”?" if near else "")


def _panel(name: str, parts: dict[str, Part], file: str) -> list[Block]:
    if name not in parts:
        raise LeafletError(f"{file}: the panel “{name}” is missing. Add a line [[panel: {name}]] and its text.")
    return parts[name].blocks


def _document(title: str, source: str, service: Service, **more: Any) -> Document:
    review = service["review"]
    return {
        "title": title,
        "source": source,
        "description": f"From {service['name']}",
        "author": str(service["name"]),
        "lang": "en",
        "region": "GB",
        "look": for_print(service["look"]["light"]),
        "footer": f"Version {review.get('version')}, reviewed {day_in_words(str(review.get('date')))}",
        **more,
    }


def _column(file: str, size: float, title: str) -> Maker:
    def document(service: Service, texts: Path) -> Document:
        parts = _parts(texts / file, service)
        panels = [{"name": name, "blocks": _panel(name, parts, file)} for name in PANELS]
        return _document(title, file, service, parts=panels, size=size)

    return document


def _fold(file: str, title: str) -> Maker:
    def document(service: Service, texts: Path) -> Document:
        parts = _parts(texts / file, service)
        discreet = bool(service["leaflet"].get("discreet_cover"))
        wanted = {"cover": "discreet cover"} if discreet else {}
        panels = [{"name": name, "blocks": _panel(wanted.get(name, name), parts, file)} for name in PANELS]
        return _document("A leaflet for you" if discreet else title, file, service, parts=panels)

    return document


def _panels(file: str, title: str) -> Maker:
    """Return a function that makes a document whose template places the panels of `file` itself."""

    def document(service: Service, texts: Path) -> Document:
        parts = _parts(texts / file, service)
        panels = [{"name": name, "blocks": _panel(name, parts, file)} for name in PANELS_OF[file]]
        return _document(title, file, service, parts=panels)

    return document


def _easy_read(service: Service, texts: Path) -> Document:
    blocks = _panel("", _parts(texts / "easy-read.md", service), "easy-read.md")
    return _document("Restorative justice: Easy Read", "easy-read.md", service, rows=_rows(blocks))


def _rows(blocks: list[Block]) -> list[Block]:
    """Return rows of a picture and the sentences that follow it; keep every other block as it is."""
    rows: list[Block] = []
    for block in blocks:
        if block["kind"] in ("picture", "people"):
            rows.append({"kind": "row", "picture": block, "sentences": []})
        elif block["kind"] in ("para", "source") and rows and rows[-1]["kind"] == "row":
            rows[-1]["sentences"].append(block)
        else:
            rows.append(block)
    # Drop a picture whose sentences all named empty facts.
    return [row for row in rows if row["kind"] != "row" or row["sentences"]]


def _paper(title: str, routes: tuple[Route, ...], before: str) -> Maker:
    def document(service: Service, texts: Path) -> Document:
        parts = _parts(texts / "paper-form.md", service)
        return _document(
            title,
            "paper-form.md",
            service,
            before=_panel(before, parts, "paper-form.md"),
            questions=list(PaperForm(routes, service.facts).blocks()),
            after=_panel("after", parts, "paper-form.md"),
        )

    return document


# File names reveal nothing to someone who sees the list of downloads.
PLANS = (
    Plan(
        "leaflet-easy-read.pdf",
        "Easy Read leaflet",
        "easy read",
        "easy_read",
        _easy_read,
        "Easy words, with a picture for each idea.",
        page="easy-read",
    ),
    Plan(
        "leaflet-to-read.pdf",
        "Leaflet",
        "screen",
        "screen",
        _column("leaflet.md", 13, "Restorative justice: a leaflet"),
        "What restorative justice is and how to ask for it.",
        page="what-it-is",
    ),
    Plan(
        "leaflet-large-print.pdf",
        "Leaflet in large print",
        "large print",
        "screen",
        _column("leaflet.md", 18, "Restorative justice: a leaflet in large print"),
        "The same leaflet in 18-point type.",
    ),
    Plan(
        "leaflet-to-fold.pdf",
        "Leaflet to print and fold",
        "fold",
        "fold",
        _fold("leaflet.md", "Restorative justice: a leaflet to print and fold"),
        "One sheet of A4. Print on both sides, flip on the short edge, and fold it in three.",
    ),
    Plan(
        "leaflet-2-to-read.pdf",
        "Leaflet for people who caused harm",
        "screen",
        "screen",
        _column("caused-harm.md", 13, "If you caused harm: a leaflet"),
        "What we ask you to do, and what to expect.",
        page="if-you-caused-harm",
    ),
    Plan(
        "leaflet-2-to-fold.pdf",
        "Leaflet for people who caused harm, to print and fold",
        "fold",
        "fold",
        _fold("caused-harm.md", "If you caused harm: a leaflet to print and fold"),
        "One sheet of A4. Print on both sides, flip on the short edge, and fold it in three.",
    ),
    Plan(
        "pocket-card.pdf",
        "Pocket card",
        "pocket card",
        "card",
        _panels("pocket-card.md", "Someone to talk to: a pocket card"),
        "Ten small cards on a page. The outside says only “Someone to talk to”, “About what happened”, our phone "
        "number and when we are open.",
    ),
    Plan(
        "poster.pdf",
        "Poster",
        "poster",
        "poster",
        _panels("poster.md", "Restorative justice: a poster"),
        "A4, with strips to tear off.",
    ),
    Plan(
        "form-for-yourself.pdf",
        "Paper form, for yourself",
        "paper form",
        "form",
        _paper("Ask for restorative justice: a paper form", YOURSELF, "before yourself"),
        "To fill in by hand, if you would rather not use the form online.",
    ),
    Plan(
        "form-for-someone-else.pdf",
        "Paper form, for someone else",
        "paper form",
        "form",
        _paper("Ask for restorative justice for someone else: a paper form", SOMEONE_ELSE, "before someone else"),
        "For family, friends and professionals.",
    ),
)
