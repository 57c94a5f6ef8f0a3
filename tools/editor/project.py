"""Read and change the project's files for the editor."""

import re
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from service_profile import load
from service_profile.fields import editor_fields
from tools.content import text_files
from tools.content.text_files import TextFile
from tools.editor import front_matter
from tools.editor.history import Author, History
from tools.editor.upstream import NOTHING_LOST_MESSAGE, NotPublished, Upstream

T = TypeVar("T")
PAGE_PATH_PATTERN = re.compile(r"docs/[\w-]+\.md")
LEAFLET_PATH_PATTERN = re.compile(r"leaflet/[\w-]+\.md")
PICTURE_PATH_PATTERN = re.compile(r"docs/pictures/[\w-]+(\.[\w-]+)+")
CONFIG = "mkdocs.yml"
MAX_TRIES = 3  # if others publish at the same moment
LEAFLETS = {
    "leaflet/leaflet.md": ("The leaflet", "leaflet-to-read.pdf"),
    "leaflet/caused-harm.md": ("The leaflet for people who caused harm", "leaflet-2-to-read.pdf"),
    "leaflet/easy-read.md": ("The Easy Read leaflet", "leaflet-easy-read.pdf"),
    "leaflet/paper-form.md": ("The paper form", "form-for-yourself.pdf"),
    "leaflet/pocket-card.md": ("The pocket card", "pocket-card.pdf"),
    "leaflet/poster.md": ("The poster", "poster.pdf"),
}
# The facts that the editor's list shows first.
FIRST_FACTS = ("phone", "text_number", "email", "opening_hours", "name", "short_name", "area")
# Path inside the project → its new text, the bytes of a picture, or None when the file is deleted.
Changes = Mapping[str, str | bytes | None]


class EditError(ValueError):
    """Raised if an edit cannot be made. The message tells the editor's user why."""


class Project:
    """The project's files on this machine, which the editor reads and changes.

    With an `upstream`, each change is pushed to the Git host.
    """

    def __init__(self, root: Path, upstream: Upstream | None = None) -> None:
        self.root = root
        self.lock = threading.RLock()
        self.history = History(root)
        self._upstream = upstream

    @property
    def publishes(self) -> bool:
        """Return whether each change is pushed to the Git host. Otherwise it is only saved on this machine."""
        return self._upstream is not None

    @staticmethod
    def check_path(path: str) -> str:
        """Check that the editor may change the file at `path`, and return `path`. Raises EditError if not."""
        if path != CONFIG and not any(
            pattern.fullmatch(path) for pattern in (PAGE_PATH_PATTERN, LEAFLET_PATH_PATTERN, PICTURE_PATH_PATTERN)
        ):
            raise EditError("The editor can only change pages, leaflets, pictures and settings.")
        return path

    def read(self, path: str) -> TextFile:
        """Return the text and version of the file at `path`.

        Raises EditError if the file is missing, is not UTF-8 or cannot be edited.
        """
        try:
            return text_files.read(self.root / self.check_path(path))
        except FileNotFoundError as error:
            raise EditError(f"The file {path} no longer exists.") from error
        except text_files.NotTextError as error:
            raise EditError(str(error)) from error

    def pages(self) -> dict[str, str]:
        """Return the text of every page by its path, such as docs/contact.md."""
        return {
            f"docs/{file.name}": self.read(f"docs/{file.name}").text
            for file in sorted((self.root / "docs").glob("*.md"))
        }

    def encode(self, changes: Changes) -> dict[str, bytes | None]:
        """Return the new bytes of each file that `changes` alters. None means that the file is deleted.

        Raises EditError for a path that cannot be edited.
        """
        contents: dict[str, bytes | None] = {}
        for path, content in changes.items():
            file = self.root / self.check_path(path)
            old_bytes = file.read_bytes() if file.is_file() else None
            new_bytes = text_files.encode(content, old_bytes or b"") if isinstance(content, str) else content
            if new_bytes != old_bytes:
                contents[path] = new_bytes
        return contents

    def pull(self) -> None:
        """Pull what others have published, if there is an upstream.

        Raises NotPublished if the Git host does not answer or Git fails.
        """
        with self.lock:
            if self._upstream:
                self._upstream.pull()

    def save_changes(
        self, prepare: Callable[[], tuple[T, Changes]], message: str, author: Author
    ) -> tuple[T, list[str]]:
        """Write and commit the changes from `prepare`. With an upstream, also push them.

        `prepare` returns a result and the changes. It is called again if another person publishes at the same time.
        Return the result and the changed paths. Raises NotPublished if publishing fails, and whatever `prepare` raises.
        """
        with self.lock:
            for _ in range(MAX_TRIES):
                self.pull()
                result, changes = prepare()
                contents = self.encode(changes)
                if not contents or self._write_and_commit(contents, message, author):
                    return result, list(contents)
            raise NotPublished("Other people are publishing at the same time. Try again.")

    def _write_and_commit(self, contents: Mapping[str, bytes | None], message: str, author: Author) -> bool:
        """Write and commit the files. With an upstream, also push the commit.

        `contents` maps each path to its bytes, or to None for a file to delete. Return False if another person
        published first. Raises OSError if a file cannot be written, and NotPublished if an upstream exists and the
        commit or push fails. With an upstream, a failed change is undone.
        """
        if self._upstream is None:
            for path, data in contents.items():
                _write_file(self.root / path, data)
            self.history.commit(list(contents), message, author)
            return True
        try:
            for path, data in contents.items():
                _write_file(self.root / path, data)
            is_committed = self.history.commit(list(contents), message, author)
        except OSError:
            self._upstream.reset()
            raise
        if not is_committed:
            self._upstream.reset()
            raise NotPublished(f"The change could not be recorded. {NOTHING_LOST_MESSAGE}")
        return self._upstream.push()


def _write_file(file: Path, data: bytes | None) -> None:
    if data is None:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary_file = file.with_name(f".{file.name}.saving")
    temporary_file.write_bytes(data)
    if file.exists():
        temporary_file.chmod(file.stat().st_mode & 0o777)
    temporary_file.replace(file)


def facts(root: Path) -> list[tuple[str, str, str]]:
    """Return the name, value and label of each service detail that the editor can insert into a page."""
    excluded_prefixes = ("look.", "logo.", "privacy.processors", "leaflet.", "call.", "form_address", "helplines.")
    labels = {field["name"].removeprefix("extra.service."): field["label"] for field in editor_fields()}
    short_facts = [
        (name, value, labels.get(name, name))
        for name, value in load(root / "mkdocs.yml").facts.items()
        if value and len(value) < 90 and not name.startswith(excluded_prefixes)
    ]
    return sorted(short_facts, key=lambda fact: (*FIRST_FACTS, fact[0]).index(fact[0]))


def title_of(path: str, text: str) -> str:
    """Return the page's first heading, or else its title in the front matter, or else its file name."""
    page = front_matter.parse_page(text)
    return front_matter.heading_of(page.body) or page.title or Path(path).stem


def file_details(project: Project, path: str) -> dict[str, Any]:
    """Return one page or leaflet as JSON for the browser. Raises EditError if it cannot be read."""
    file = project.read(path)
    if path in LEAFLETS:
        return {"path": path, "title": LEAFLETS[path][0], "body": file.text, "version": file.version, "firstLine": 1}
    page = front_matter.parse_page(file.text)
    return {
        "path": path,
        "title": title_of(path, file.text),
        "body": page.body,
        "description": page.description,
        "version": file.version,
        "firstLine": page.body_line_number,
    }


def edited_text(project: Project, path: str, body: str, description: str | None) -> str:
    """Return the whole text of a page or leaflet with the new `body`.

    A saved page keeps its front matter, but its title becomes the first heading of `body`, and its description becomes
    `description` unless that is None.
    """
    if path in LEAFLETS or not (project.root / path).is_file():
        return body
    return front_matter.compose_page(project.read(path).text, body, description)
