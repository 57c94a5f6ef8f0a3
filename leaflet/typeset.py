"""Typeset documents with the program Typst.

A warning about a PDF counts as an error, because it may mean that a picture is missing.
"""

import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typst
from PIL import Image

from leaflet.errors import LeafletError

HERE = Path(__file__).parent
COVER_WIDTH_PIXELS, COVER_COLOUR_COUNT = 400, 40
MISSING_GLYPH_PATTERN = re.compile(r'the text `"(.+?)"` could not be displayed')
EDITOR_MESSAGE_PATTERN = re.compile(r"EDITOR: (.*?)\"?$", re.MULTILINE)  # raised by a template with panic()


def _timestamp(day: str) -> int:
    """Return the PDF's creation time: the start of `day` (UTC), in seconds since 1970.

    Return 0 if `day` is not a date.
    """
    # With the current time, every build would give different bytes.
    try:
        return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return 0


def _error_text(error: str, template: str, document: dict[str, Any]) -> str:
    """Return the message of a Typst error, in plain words if an editor can correct the mistake."""
    if message_match := EDITOR_MESSAGE_PATTERN.search(error):
        return message_match[1]
    if glyph_match := MISSING_GLYPH_PATTERN.search(error):
        line = _line_of(glyph_match[1], document)
        location = f"{document.get('source')}, line {line}: " if line else ""
        return f"{location}the leaflets' font cannot print “{glyph_match[1]}”. Write it in words."
    return f"{template}: {error}"


def _line_of(character: str, part: Any) -> int | None:
    """Return the number of the first line of `part` that contains `character`.

    Return 0 if the line is unknown, and None if `part` does not contain the character.
    """
    children = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for child in children:
        line = _line_of(character, child)
        if line is None and isinstance(child, str) and character in child:
            line = 0
        if line is not None:
            own_line = part.get("line", 0) if isinstance(part, dict) else 0
            return line or own_line
    return None


def _compiler(template: str, document: dict[str, Any]) -> typst.Compiler:
    return typst.Compiler(
        input=str(HERE / "templates" / f"{template}.typ"),
        root=str(HERE),
        font_paths=[str(HERE / "fonts")],
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(document, ensure_ascii=False)},
    )


def typeset(template: str, document: dict[str, Any], day: str) -> bytes:
    """Return `document` as a PDF, laid out by `templates/<template>.typ` and dated `day`.

    Raises LeafletError if Typst reports an error or a warning.
    """
    try:
        pdf, warnings = _compiler(template, document).compile_with_warnings(
            format="pdf", pdf_standards=["ua-1", "a-2a"], timestamp=_timestamp(day)
        )
    except typst.TypstError as error:
        raise LeafletError(_error_text(str(error), template, document)) from error
    if warnings:
        raise LeafletError(f"{template}: " + "; ".join(str(warning) for warning in warnings))
    assert isinstance(pdf, bytes)
    return pdf


def page_pictures(template: str, document: dict[str, Any]) -> list[bytes]:
    """Return a PNG, for a preview, of each page of `document` as `templates/<template>.typ` lays it out.

    Raises LeafletError if Typst reports an error.
    """
    try:
        images = _compiler(template, document).compile(format="png", ppi=110)
    except typst.TypstError as error:
        raise LeafletError(_error_text(str(error), template, document)) from error
    return [images] if isinstance(images, bytes) else [page for page in images or () if page]


def cover_picture(template: str, document: dict[str, Any]) -> bytes:
    """Return a small PNG of the cover of the leaflet that `templates/<template>.typ` makes from `document`.

    The cover of a landscape page is its right-hand third, because the page is folded in three.
    """
    images = _compiler(template, document).compile(format="png", ppi=2 * 72)
    first_page = images[0] if isinstance(images, list) else images
    assert first_page is not None
    page = Image.open(io.BytesIO(first_page)).convert("RGB")
    if page.width > page.height:
        page = page.crop((page.width * 2 // 3, 0, page.width, page.height))
    page = page.resize(
        (COVER_WIDTH_PIXELS, round(page.height * COVER_WIDTH_PIXELS / page.width)), Image.Resampling.LANCZOS
    )
    png_file = io.BytesIO()
    # The default method gives most colours to the edges of letters, and makes small faces grey.
    reduced_image = page.quantize(COVER_COLOUR_COUNT, method=Image.Quantize.MAXCOVERAGE, kmeans=3)
    reduced_image.save(png_file, format="PNG", optimize=True)
    return png_file.getvalue()


def page_count(pdf: bytes) -> int:
    """Return the number of pages of a PDF that Typst made."""
    return max(int(count) for count in re.findall(rb"/Count (\d+)", pdf))
