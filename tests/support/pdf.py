"""Read a PDF for tests: its tagged text in reading order, its figures, and its pixels."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy
import outloud
import pikepdf
import pymupdf

POINTS_PER_MM = 72 / 25.4


@dataclass(frozen=True)
class Figure:
    """A figure tagged in a PDF: page (from 0), alternative text, and bounding box in points from the top left."""

    page: int
    alt: str
    box: pymupdf.Rect


class TaggedPDF:
    """A tagged PDF as a screen reader reads it."""

    def __init__(self, path: Path) -> None:
        self.document = outloud.Document(str(path))
        self.pdf: pikepdf.Pdf = self.document.pdf
        self.page_numbers = {page.objgen: number for number, page in enumerate(self.pdf.pages)}

    def words(self) -> list[str]:
        """Return every word of the tagged text, in reading order."""
        return "".join(self._text(self.pdf.Root.StructTreeRoot.K, None)).replace("\u200b", "").split()

    def figures(self) -> list[Figure]:
        """Return every tagged figure of the PDF."""
        figures = []
        for element in self.document.elements:
            if element.type == "Figure":
                left, bottom, right, top = (float(side) for side in element.attr("BBox"))
                height = float(self.pdf.pages[element.page].mediabox[3])
                figures.append(
                    Figure(element.page, element.alt or "", pymupdf.Rect(left, height - top, right, height - bottom))
                )
        return figures

    def _text(self, node: object, page: int | None) -> Iterator[str]:
        if isinstance(node, pikepdf.Array):
            for child in node:
                yield from self._text(child, page)
        elif isinstance(node, int):
            yield self._content(page, int(node))
        elif isinstance(node, pikepdf.Dictionary):
            page = self.page_numbers.get(node.Pg.objgen, page) if "/Pg" in node else page
            if node.get("/Type") == "/MCR":
                yield self._content(page, int(node.MCID))
            elif node.get("/S") == "/Figure":
                yield " "  # a screen reader reads the alternative text instead
            elif node.get("/S") is not None:
                # Block elements separate words; inline elements such as spans and links do not.
                is_block = str(node.S) not in ("/Span", "/Link", "/Strong", "/Em")
                yield " " * is_block
                yield from self._text(node.get("/K"), page)
                yield " " * is_block

    def _content(self, page: int | None, mcid: int) -> str:
        assert page is not None
        return str(self.document.content(page).mcid_text.get((None, mcid), ""))


def pixels(page: pymupdf.Page, dpi: int = 100, colour: bool = True) -> numpy.ndarray:
    """Render the page; return its pixels as bytes, in an array of rows and columns.

    With `colour`, a third dimension contains the red, green and blue values; without it, each pixel is a grey value.
    """
    pixmap = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csRGB if colour else pymupdf.csGRAY)
    shape = (pixmap.height, pixmap.width, 3) if colour else (pixmap.height, pixmap.width)
    return numpy.frombuffer(pixmap.samples, dtype=numpy.uint8).reshape(shape)


def words(page: pymupdf.Page) -> list[tuple[pymupdf.Rect, str]]:
    """Return every word of the page with its bounding box, cropped to the height of the letters."""
    boxed_words = []
    for left, top, right, bottom, text, *_ in page.get_text("words"):
        height = bottom - top
        boxed_words.append((pymupdf.Rect(left, top + 0.2 * height, right, bottom - 0.2 * height), text))
    return boxed_words


# Where a leaflet is folded, in mm from the left edge: outer side, inner side.
FOLDS_MM = ((97, 197), (100, 200))


def spans(page: pymupdf.Page) -> Iterator[dict]:
    """Yield every run of text in one font, size and colour, except runs of white space."""
    for block in page.get_text("dict")["blocks"]:
        for line in block.get("lines", ()):
            yield from (span for span in line["spans"] if span["text"].strip())


def overlapping_words(page: pymupdf.Page) -> list[tuple[str, str]]:
    """Return pairs of words that overlap by more than half a point horizontally and vertically.

    Rotated lines, as on the poster's strips, are left out, because their words have no separate bounding boxes.
    """
    blocks = page.get_text("dict")["blocks"]
    rotated_lines = [
        pymupdf.Rect(line["bbox"]) for block in blocks for line in block.get("lines", ()) if line["dir"][1]
    ]
    upright_words = [(box, text) for box, text in words(page) if not any(box in line for line in rotated_lines)]
    boxes = numpy.array([tuple(box) for box, _ in upright_words])
    starts = numpy.maximum(boxes[:, None, :2], boxes[None, :, :2])
    ends = numpy.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    overlaps = numpy.triu((ends - starts).min(axis=2) > 0.5, k=1)
    return [
        (upright_words[first_index][1], upright_words[second_index][1])
        for first_index, second_index in zip(*overlaps.nonzero(), strict=True)
    ]


def words_near_edge(page: pymupdf.Page) -> list[str]:
    """Return the words within 5 mm of the paper's edge, where office printers cannot print."""
    printable_area = pymupdf.Rect(
        5 * POINTS_PER_MM, 5 * POINTS_PER_MM, page.rect.width - 5 * POINTS_PER_MM, page.rect.height - 5 * POINTS_PER_MM
    )
    return [text for box, text in words(page) if box not in printable_area]


def folds_with_ink(page: pymupdf.Page, folds: tuple[int, ...]) -> list[int]:
    """Return the folds that have ink within 4 mm; `folds` are positions in mm from the left."""
    ink = pixels(page, 127, colour=False) < 245  # 5 pixels a millimetre
    return [fold for fold in folds if ink[:, round((fold - 3.9) * 5) : round((fold + 3.9) * 5)].any()]
