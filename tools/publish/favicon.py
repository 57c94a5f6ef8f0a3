"""Write favicon.ico, for browsers that cannot show an SVG icon or that request this file by default."""

import struct
from pathlib import Path

import typst

SIDE_PX = 32
# An ICO file with one image: no palette, one colour plane, 32 bits per pixel, its length and its offset.
HEADER_FORMAT = "<HHHBBBBHHII"


def write_favicon(site: Path) -> None:
    """Write favicon.ico into `site`, drawn from the icon in the service's colours."""
    page = (
        f'#set page(width: {SIDE_PX}pt, height: {SIDE_PX}pt, margin: 0pt, fill: none)\n#image("icon.svg", width: 100%)'
    )
    source = site / "assets" / "favicon.typ"
    source.write_text(page, encoding="utf-8")
    try:
        picture = typst.compile(str(source), format="png", ppi=72)
    finally:
        source.unlink()
    header = struct.pack(
        HEADER_FORMAT, 0, 1, 1, SIDE_PX, SIDE_PX, 0, 0, 1, 32, len(picture), struct.calcsize(HEADER_FORMAT)
    )
    (site / "favicon.ico").write_bytes(header + picture)
