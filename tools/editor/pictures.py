"""List, store and delete the pictures and PDFs that pages use."""

import re
from pathlib import Path, PurePath

from tools.editor.history import Author
from tools.editor.pages import slug_of
from tools.editor.project import CONFIG, Changes, EditError, Project
from tools.publish.pictures import PictureError, make_publishable

PICTURE_FOLDER = "docs/pictures"


def picture_paths(project: Project) -> list[str]:
    """Return the paths of the uploaded pictures and PDFs in the form that links use, such as pictures/room.jpg."""
    folder = project.root / PICTURE_FOLDER
    files = sorted(folder.glob("*"), key=lambda file: file.name) if folder.is_dir() else []
    return [f"pictures/{file.name}" for file in files if file.is_file() and not file.name.startswith(".")]


def picture_file(project: Project, path: str) -> Path:
    """Return the file of the picture at `path`, such as pictures/room.jpg.

    Raises EditError if there is no such picture.
    """
    if path not in picture_paths(project):
        raise EditError("There is no such file.")
    return project.root / "docs" / path


def store_picture(project: Project, name: str, data: bytes, author: Author) -> str:
    """Save an uploaded picture under an unused name, and return its path for links.

    A file with the same name and content is used again. Raises EditError if the file cannot be published.
    """
    suffix = PurePath(name).suffix.lower()
    try:
        data = make_publishable(PurePath(name).name, data)
    except PictureError as error:
        raise EditError(str(error)) from error
    slug = slug_of(PurePath(name).stem) or "picture"

    def prepare() -> tuple[str, Changes]:
        number, file_name = 1, f"{slug}{suffix}"
        while (project.root / PICTURE_FOLDER / file_name).exists():
            if (project.root / PICTURE_FOLDER / file_name).read_bytes() == data:
                break
            number += 1
            file_name = f"{slug}-{number}{suffix}"
        return file_name, {f"{PICTURE_FOLDER}/{file_name}": data}

    file_name, _ = project.save_changes(prepare, f"Add the file {slug}{suffix}", author)
    return f"pictures/{file_name}"


def find_uses(project: Project, path: str) -> list[str]:
    """Return the names of the files that use a picture. mkdocs.yml is called "the settings"."""
    markdown_files = [file for folder in ("docs", "leaflet") for file in sorted((project.root / folder).glob("*.md"))]
    path_pattern = re.compile(re.escape(path) + r"(?![\w.-])")
    return [
        "the settings" if file.name == CONFIG else file.name
        for file in [*markdown_files, project.root / CONFIG]
        if path_pattern.search(file.read_text(encoding="utf-8"))
    ]


def delete_picture(project: Project, path: str, author: Author) -> None:
    """Delete the picture at `path`. Raises EditError if it is in use or does not exist."""

    def prepare() -> tuple[None, Changes]:
        picture_file(project, path)
        if uses := find_uses(project, path):
            raise EditError(f"It is still used by {', '.join(uses)}. Remove it there first.")
        return None, {f"docs/{path}": None}

    project.save_changes(prepare, f"Delete the file {path.removeprefix('pictures/')}", author)
