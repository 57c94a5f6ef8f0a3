"""Prepare files for publication: scale down photos, and remove their EXIF data.

The build prepares every picture to which a page links. The editor prepares every picture that a person uploads.
"""

import io
import re
from pathlib import PurePath

from PIL import Image, ImageOps, UnidentifiedImageError

PHOTO_FORMATS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
PUBLISHABLE_SUFFIXES = (*PHOTO_FORMATS, ".gif", ".svg", ".pdf")
MAX_FILE_BYTES = 10_000_000
MAX_PHOTO_SIZE = (1600, 1600)  # pixels: twice the width of the text, for sharp screens
MAX_LOGO_SIZE = (600, 200)  # pixels: it is at the top of every page, so it must be small
PHOTO_QUALITY = 82  # from 0 to 100
ACTIVE_CONTENT = re.compile(rb"<script|<foreignObject|\son\w+\s*=|javascript:", re.IGNORECASE)


class PictureError(ValueError):
    """Raised if a file cannot be published. The message says why, and what to do."""


def make_publishable(name: str, data: bytes, max_size: tuple[int, int] = MAX_PHOTO_SIZE) -> bytes:
    """Return the bytes to publish for the file `name`.

    Photos are scaled down to fit `max_size`, in pixels, and lose their EXIF data. Raises PictureError if the file
    cannot be published.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix in (".heic", ".heif"):
        raise PictureError(f"{name} is a photo in Apple's own format. Save it as JPEG, then use that.")
    if suffix not in PUBLISHABLE_SUFFIXES:
        raise PictureError(f"{name} cannot be shown on a page. Use a JPEG, PNG, WebP, GIF or SVG picture, or a PDF.")
    if len(data) > MAX_FILE_BYTES:
        raise PictureError(
            f"{name} is {len(data) / 1e6:.0f} MB; the limit is {MAX_FILE_BYTES / 1e6:.0f} MB. Make it smaller first."
        )
    if suffix == ".svg" and ACTIVE_CONTENT.search(data):
        raise PictureError(f"{name} holds a program. Save the drawing as a plain SVG, or as PNG.")
    if suffix == ".pdf" and not data.startswith(b"%PDF-"):
        raise PictureError(f"{name} is not a PDF. Save it as PDF again.")
    return _prepare_photo(name, data, PHOTO_FORMATS[suffix], max_size) if suffix in PHOTO_FORMATS else data


def _prepare_photo(name: str, data: bytes, file_format: str, max_size: tuple[int, int]) -> bytes:
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.load()
            if not _needs_change(picture, max_size):
                return data
            upright_photo = ImageOps.exif_transpose(picture)
            upright_photo.thumbnail(max_size)
            if file_format == "JPEG" and upright_photo.mode not in ("RGB", "L"):
                upright_photo = upright_photo.convert("RGB")
            clean_photo = upright_photo.copy()
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise PictureError(f"{name} cannot be read as a picture. Save it again as JPEG or PNG.") from error
    icc_profile = clean_photo.info.get("icc_profile")
    clean_photo.info = {}
    output = io.BytesIO()
    clean_photo.save(
        output,
        file_format,
        quality=PHOTO_QUALITY,
        optimize=True,
        **({"icc_profile": icc_profile} if icc_profile else {}),
    )
    return output.getvalue()


def _needs_change(picture: Image.Image, max_size: tuple[int, int]) -> bool:
    has_metadata = bool(picture.getexif()) or any(
        key in picture.info for key in ("exif", "xmp", "XML:com.adobe.xmp", "photoshop", "comment", "Comment")
    )
    return has_metadata or picture.width > max_size[0] or picture.height > max_size[1]
