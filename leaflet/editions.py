"""The list of all leaflets, and how each is made from a Markdown file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from form_service.referral.questions import Route
from leaflet.colours import print_colours
from leaflet.errors import LeafletError
from leaflet.markdown import OMITTED, Block, MarkdownSource
from leaflet.paper_form import REFERRER_ROUTES, SELF_REFERRAL_ROUTES, PaperForm
from leaflet.shortcodes import ShortcodeExpander, drop_omitted_blocks, leaflet_facts, urls_by_link_text
from service_profile import Service
from service_profile.facts import nearest_name
from service_profile.wording import day_in_words

LEAFLET_PANELS = ("cover", "flap", "back", "inside left", "inside middle", "inside right")
PANELS_BY_FILE = {
    "leaflet.md": (*LEAFLET_PANELS, "discreet cover"),
    "caused-harm.md": (*LEAFLET_PANELS, "discreet cover"),
    "pocket-card.md": ("outside", "inside"),
    "poster.md": ("poster", "foot", "strip"),
    "paper-form.md": ("before yourself", "before someone else", "after"),
    "easy-read.md": ("",),
}

Document = dict[str, Any]
DocumentMaker = Callable[[Service, Path], Document]  # from the service, and the folder that holds the Markdown files


@dataclass(frozen=True)
class Edition:
    """One edition of a leaflet. `make_document` returns the data that its template lays out."""

    file: str  # the PDF
    title: str
    kind: str  # its format, such as fold or poster
    template: str
    make_document: DocumentMaker
    purpose: str  # what it is for, in one line
    page: str = ""  # the page of the site with the same text


def _read_panels(path: Path, service: Service) -> dict[str, list[Block]]:
    """Return the blocks of each panel of a Markdown file, by panel name. OMITTED blocks are included.

    Raises LeafletError, with a message for editors, if the file has a mistake.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise LeafletError(f"{path.name}: the file is not saved as UTF-8. Save it again with that encoding.") from error
    source = MarkdownSource(path.name, text, leaflet_facts(service), urls_by_link_text(service))
    expander = ShortcodeExpander(source, service, print_colours(service["look"]["light"]))
    panels_by_name: dict[str, list[Block]] = {}
    for panel in source.panels():
        if panel.name not in PANELS_BY_FILE[path.name]:
            raise source.error_at(panel.line, _unknown_panel_text(panel.name, PANELS_BY_FILE[path.name]))
        if panel.name in panels_by_name:
            raise source.error_at(panel.line, f"there are two panels called “{panel.name}”.")
        panels_by_name[panel.name] = expander.expanded_blocks(panel)
    return panels_by_name


def _unknown_panel_text(name: str, panel_names: tuple[str, ...]) -> str:
    if not name:
        return "the text must start with the shortcode of a panel, such as [[panel: " + panel_names[0] + "]]."
    suggestion = nearest_name(name, dict.fromkeys(panel_names, ""))
    return f"there is no panel called “{name}”." + (f" Did you mean “{suggestion}”?" if suggestion else "")


def _panel_blocks(
    name: str,
    panels_by_name: dict[str, list[Block]],
    file: str,
    group_blocks: Callable[[list[Block]], list[Block]] = list,
) -> list[Block]:
    """Group a panel's blocks with `group_blocks`, and return them without the omitted ones.

    Raises LeafletError if the file has no such panel.
    """
    if name not in panels_by_name:
        raise LeafletError(f"{file}: the panel “{name}” is missing. Add a line [[panel: {name}]] and its text.")
    return drop_omitted_blocks(group_blocks(panels_by_name[name]))


def _document(title: str, source: str, service: Service, **extra_fields: Any) -> Document:
    review = service["review"]
    return {
        "title": title,
        "source": source,
        "description": f"From {service['name']}",
        "author": str(service["name"]),
        "lang": "en",
        "region": "GB",
        "look": print_colours(service["look"]["light"]),
        "footer": f"Version {review.get('version')}, reviewed {day_in_words(str(review.get('date')))}",
        **extra_fields,
    }


def _column_document_maker(file: str, font_size: float, title: str) -> DocumentMaker:
    def document(service: Service, source_folder: Path) -> Document:
        panels_by_name = _read_panels(source_folder / file, service)
        panels = [{"name": name, "blocks": _panel_blocks(name, panels_by_name, file)} for name in LEAFLET_PANELS]
        return _document(title, file, service, parts=panels, size=font_size)

    return document


def _folded_document_maker(file: str, title: str) -> DocumentMaker:
    def document(service: Service, source_folder: Path) -> Document:
        panels_by_name = _read_panels(source_folder / file, service)
        is_discreet = bool(service["leaflet"].get("discreet_cover"))
        replacement_names = {"cover": "discreet cover"} if is_discreet else {}
        panels = [
            {"name": name, "blocks": _panel_blocks(replacement_names.get(name, name), panels_by_name, file)}
            for name in LEAFLET_PANELS
        ]
        return _document("A leaflet for you" if is_discreet else title, file, service, parts=panels)

    return document


def _panel_document_maker(file: str, title: str) -> DocumentMaker:
    """Return a function that makes a document from all panels of `file`."""

    def document(service: Service, source_folder: Path) -> Document:
        panels_by_name = _read_panels(source_folder / file, service)
        panels = [{"name": name, "blocks": _panel_blocks(name, panels_by_name, file)} for name in PANELS_BY_FILE[file]]
        return _document(title, file, service, parts=panels)

    return document


def _easy_read_document(service: Service, source_folder: Path) -> Document:
    panels_by_name = _read_panels(source_folder / "easy-read.md", service)
    rows = _panel_blocks("", panels_by_name, "easy-read.md", _picture_rows)
    return _document("Restorative justice: Easy Read", "easy-read.md", service, rows=rows)


def _picture_rows(blocks: list[Block]) -> list[Block]:
    """Return `blocks`, with one row in place of each picture and the sentences after it.

    A row is omitted if one of its sentences is omitted.
    """
    rows: list[Block] = []
    for block in blocks:
        if block["kind"] in ("picture", "people"):
            rows.append({"kind": "row", "picture": block, "sentences": []})
        elif rows and rows[-1]["kind"] == "row" and block.get("omitted", block["kind"]) in ("para", "source"):
            rows[-1]["sentences"].append(block)
        else:
            rows.append(block)
    return [{"kind": OMITTED} if _is_incomplete(row) else row for row in rows]


def _is_incomplete(row: Block) -> bool:
    return row["kind"] == "row" and any(sentence["kind"] == OMITTED for sentence in row["sentences"])


def _paper_form_document_maker(title: str, routes: tuple[Route, ...], intro_panel: str) -> DocumentMaker:
    def document(service: Service, source_folder: Path) -> Document:
        panels_by_name = _read_panels(source_folder / "paper-form.md", service)
        return _document(
            title,
            "paper-form.md",
            service,
            before=_panel_blocks(intro_panel, panels_by_name, "paper-form.md"),
            questions=list(PaperForm(routes, service.facts).blocks()),
            after=_panel_blocks("after", panels_by_name, "paper-form.md"),
        )

    return document


# File names reveal nothing to someone who sees the list of downloads.
EDITIONS = (
    Edition(
        "leaflet-easy-read.pdf",
        "Easy Read leaflet",
        "easy read",
        "easy_read",
        _easy_read_document,
        "Easy words, with a picture for each idea.",
        page="easy-read",
    ),
    Edition(
        "leaflet-to-read.pdf",
        "Leaflet",
        "screen",
        "screen",
        _column_document_maker("leaflet.md", 13, "Restorative justice: a leaflet"),
        "What restorative justice is and how to ask for it.",
        page="what-it-is",
    ),
    Edition(
        "leaflet-large-print.pdf",
        "Leaflet in large print",
        "large print",
        "screen",
        _column_document_maker("leaflet.md", 18, "Restorative justice: a leaflet in large print"),
        "The same leaflet in 18-point type.",
    ),
    Edition(
        "leaflet-to-fold.pdf",
        "Leaflet to print and fold",
        "fold",
        "fold",
        _folded_document_maker("leaflet.md", "Restorative justice: a leaflet to print and fold"),
        "One sheet of A4. Print on both sides, flip on the short edge, and fold it in three.",
    ),
    Edition(
        "leaflet-2-to-read.pdf",
        "Leaflet for people who caused harm",
        "screen",
        "screen",
        _column_document_maker("caused-harm.md", 13, "If you caused harm: a leaflet"),
        "What we ask you to do, and what to expect.",
        page="if-you-caused-harm",
    ),
    Edition(
        "leaflet-2-to-fold.pdf",
        "Leaflet for people who caused harm, to print and fold",
        "fold",
        "fold",
        _folded_document_maker("caused-harm.md", "If you caused harm: a leaflet to print and fold"),
        "One sheet of A4. Print on both sides, flip on the short edge, and fold it in three.",
    ),
    Edition(
        "pocket-card.pdf",
        "Pocket card",
        "pocket card",
        "card",
        _panel_document_maker("pocket-card.md", "Someone to talk to: a pocket card"),
        "Ten small cards on a page. The outside says only “Someone to talk to”, “About what happened”, our phone "
        "number and when we are open.",
    ),
    Edition(
        "poster.pdf",
        "Poster",
        "poster",
        "poster",
        _panel_document_maker("poster.md", "Restorative justice: a poster"),
        "A4, with strips to tear off.",
    ),
    Edition(
        "form-for-yourself.pdf",
        "Paper form, for yourself",
        "paper form",
        "form",
        _paper_form_document_maker(
            "Ask for restorative justice: a paper form", SELF_REFERRAL_ROUTES, "before yourself"
        ),
        "To fill in by hand, if you would rather not use the form online.",
    ),
    Edition(
        "form-for-someone-else.pdf",
        "Paper form, for someone else",
        "paper form",
        "form",
        _paper_form_document_maker(
            "Ask for restorative justice for someone else: a paper form", REFERRER_ROUTES, "before someone else"
        ),
        "For family, friends and professionals.",
    ),
)
