"""Make the pictures in leaflets: figures of people, QR codes, logos and drawings."""

import base64
import io
from collections.abc import Mapping

import segno
from PIL import Image, UnidentifiedImageError

from leaflet.errors import LeafletError
from service_profile import pictures as shared_pictures
from service_profile.profile import ROOT

# The background of a leaflet's picture. The site draws its own, which dims in dark mode.
TILE_SVG = '<rect x="1" y="1" width="118" height="118" rx="12" fill="{panel}" stroke="none"/>'
MAX_LARGE_FIGURES = 10  # up to this many are drawn large, in one row
SMALL_FIGURES_PER_ROW = 25

MAX_LOGO_SIZE = (900, 300)  # pixels at most: sharp in print at 25 mm of height
QR_MARGIN = 4  # empty modules around a QR code, which scanners need


def qr_code(url: str) -> tuple[str, float]:
    """Return a QR code of `url` as SVG, and its margin on each side as a fraction of its width."""
    qr = segno.make(url, error="m", micro=False)
    svg: str = qr.svg_inline(border=QR_MARGIN, dark="#000000", light="#ffffff", unit="mm")
    return svg, QR_MARGIN / qr.symbol_size(border=QR_MARGIN)[0]


def _person_svg(x: float, y: float, colour: str, is_filled: bool) -> str:
    attributes = f'fill="{colour}"' if is_filled else f'fill="#ffffff" stroke="{colour}" stroke-width="0.7"'
    return (
        f'<g transform="translate({x:g} {y:g})" {attributes}><circle cx="5" cy="3.2" r="2.4"/>'
        '<path d="M1.2 15.4v-4.6a3.8 3.8 0 0 1 7.6 0v4.6z"/></g>'
    )


def people_svg(value: int, total: int, colour: str) -> str:
    """Return an SVG with `total` figures of people in rows, `value` of them filled with `colour`."""
    row_length = total if total <= MAX_LARGE_FIGURES else SMALL_FIGURES_PER_ROW
    row_count = -(-total // row_length)
    figures = "".join(_person_svg(n % row_length * 10, n // row_length * 17.5, colour, n < value) for n in range(total))
    width, height = row_length * 10, row_count * 17.5 - 1.5
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{figures}</svg>'


def draw_picture(name: str, look: Mapping[str, str]) -> tuple[str, str]:
    """Return the SVG and the title of the picture `name`, drawn on a square tile in the colours of `look`."""
    drawing = shared_pictures.recolour(shared_pictures.read(name), look)
    start, title_end, rest = drawing.partition("</title>")
    return start + title_end + TILE_SVG.format(panel=look["panel"]) + rest, shared_pictures.title(drawing)


def logo_svg(path: str) -> str:
    """Return the logo at `path`, relative to docs/, as an SVG with a white background.

    Raises LeafletError if the file is missing or is not a picture.
    """
    try:
        with Image.open(ROOT / "docs" / path) as image:
            logo_image = image.convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise LeafletError(f"docs/{path} cannot be read as a picture. Save it again as PNG or JPEG.") from error
    logo_image.thumbnail(MAX_LOGO_SIZE)
    flat_image = Image.new("RGB", logo_image.size, "white")
    flat_image.paste(logo_image, mask=logo_image.getchannel("A"))
    png_file = io.BytesIO()
    flat_image.save(png_file, "PNG", optimize=True)
    width, height = logo_image.size
    base64_text = base64.b64encode(png_file.getvalue()).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" href="data:image/png;base64,{base64_text}"/></svg>'
    )
