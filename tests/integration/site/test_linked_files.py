"""Files that a page links to are published, other files are not, and a broken link stops the build."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.support import project_copy
from tools.publish import linked_files, pictures

pytestmark = pytest.mark.long


EXIF_GPS = 0x8825
EXIF_MANUFACTURER = 0x010F
Publish = Callable[[str], tuple[int, str]]


def photo(width: int = 3000, height: int = 2000, image_format: str = "JPEG") -> bytes:
    """Return the bytes of an image file whose EXIF data contain a manufacturer and a GPS latitude."""
    buffer = io.BytesIO()
    exif_data = Image.Exif()
    exif_data[EXIF_MANUFACTURER] = "A telephone"
    exif_data.get_ifd(EXIF_GPS)[2] = (52.0, 48.0, 0.0)
    Image.effect_noise((width, height), 40).convert("RGB").save(buffer, image_format, exif=exif_data)
    return buffer.getvalue()


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    return project_copy.copy(root, tmp_path / "project")


@pytest.fixture
def publish(project: Path) -> Publish:
    """Return a function that adds a sentence to the page support.md and builds the site.

    The function returns the exit status and the error output.
    """

    def build(sentence: str) -> tuple[int, str]:
        page = project / "docs" / "support.md"
        page.write_text(page.read_text(encoding="utf-8") + f"\n{sentence}\n", encoding="utf-8")
        process = project_copy.run_python(project, "-m", "tools.publish.build")
        return process.returncode, process.stderr

    return build


def test_only_pictures_and_pdfs_that_a_page_links_to_are_published(project: Path, publish: Publish) -> None:
    folder = project / "docs" / "pictures"
    folder.mkdir(exist_ok=True)
    (folder / "room.jpg").write_bytes(photo())
    (folder / "unused.jpg").write_bytes(photo(300, 200))
    (folder / "form.pdf").write_bytes(b"%PDF-1.7\n")
    status, output = publish("![The room where we meet](pictures/room.jpg) [The form](pictures/form.pdf)")
    assert status == 0, output
    site = project / "site"
    assert (site / "pictures" / "form.pdf").is_file()
    assert not (site / "pictures" / "unused.jpg").exists()
    with Image.open(site / "pictures" / "room.jpg") as published_image:
        assert published_image.size == (1600, 1067)
        assert not published_image.getexif()


@pytest.mark.parametrize("url", ["pictures/nothing.jpg", "/pictures/nothing.jpg"])
def test_a_link_to_a_missing_file_stops_the_build_and_names_the_page(publish: Publish, url: str) -> None:
    status, output = publish(f"![The room]({url})")
    assert status == 1
    assert re.search(r"docs/support.md, line \d+: the link goes to /?pictures/nothing.jpg, which is not there", output)
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ('<a href="../cotnact/">Us</a>', "the link to ../cotnact/ leads nowhere: there is no such page or file"),
        (
            "[Us][there]\n\n[there]: cotnact.md",
            "the link goes to cotnact.md, which is not there. Did you mean contact.md?",
        ),
    ],
)
def test_a_broken_link_in_html_or_by_reference_is_reported_with_its_line(
    project: Path, publish: Publish, sentence: str, message: str
) -> None:
    status, output = publish(sentence)
    lines = (project / "docs" / "support.md").read_text(encoding="utf-8").split("\n")
    line = next(number for number, text in enumerate(lines, start=1) if "cotnact" in text)
    assert status == 1 and f"docs/support.md, line {line}: " in output and message in output, output
    assert "Traceback" not in output


def test_a_file_that_a_leaflet_links_to_is_listed_for_publishing(project: Path, publish: Publish) -> None:
    (project / "docs" / "pictures").mkdir(exist_ok=True)
    (project / "docs" / "pictures" / "map.pdf").write_bytes(b"%PDF-1.7\n")
    leaflet = project / "leaflet" / "easy-read.md"
    text = leaflet.read_text(encoding="utf-8") + "\nSee [the map]({{ site_url }}pictures/map.pdf).\n"
    leaflet.write_text(text, encoding="utf-8")
    links = list(linked_files.leaflet_links(project / "leaflet", "https://restorative.example.org.uk/"))
    assert "pictures/map.pdf" in {link.target for link in links}


def test_a_file_that_is_too_large_stops_the_build_with_a_clear_message(project: Path, publish: Publish) -> None:
    (project / "docs" / "pictures").mkdir(exist_ok=True)
    (project / "docs" / "pictures" / "book.pdf").write_bytes(b"%PDF-1.7\n" + bytes(11_000_000))
    status, output = publish("[The book](pictures/book.pdf)")
    assert status == 1
    assert "docs/pictures/book.pdf" in output and "11 MB; the limit is 10 MB" in output


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_exif_data_is_removed_from_published_photos(image_format: str) -> None:
    name = f"room.{image_format.lower()}"
    publishable_bytes = pictures.make_publishable(name, photo(400, 300, image_format=image_format))
    with Image.open(io.BytesIO(publishable_bytes)) as published_image:
        assert published_image.size == (400, 300)
        assert not published_image.getexif()
    assert b"A telephone" not in publishable_bytes
    assert pictures.make_publishable(name, publishable_bytes) == publishable_bytes


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.heic", b"x", "Save it as JPEG"),
        ("a.docx", b"x", "cannot be shown on a page"),
        ("a.jpg", b"not a picture", "cannot be read as a picture"),
        ("a.svg", b"<svg><script>1</script></svg>", "holds a program"),
        ("a.pdf", b"hello", "is not a PDF"),
    ],
)
def test_a_file_that_cannot_be_published_is_refused_with_a_clear_message(name: str, data: bytes, message: str) -> None:
    with pytest.raises(pictures.PictureError, match=message):
        pictures.make_publishable(name, data)
