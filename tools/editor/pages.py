"""Prepare the file changes that add, rename or delete pages, and search the pages' text."""

import re
import unicodedata
from pathlib import Path
from typing import Any

from markdown.extensions.toc import slugify

from tools.content.check_pages import REQUIRED_PAGES
from tools.content.page_templates import TEMPLATES
from tools.editor import front_matter, menu
from tools.editor.project import CONFIG, LEAFLETS, PAGE_PATH_PATTERN, Changes, EditError, Project, title_of
from tools.publish.hosting import page_url_path


def slug_of(title: str) -> str:
    """Return a page's file name without its suffix, made from `title`: "Domestic abuse" → domestic-abuse."""
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower().replace("'", "")
    return re.sub(r"[^a-z0-9]+", "-", ascii_title).strip("-")[:60].strip("-")


def _new_path(project: Project, slug: str, title: str, renamed_page: str | None = None) -> str:
    """Return the path of a page with this slug, or with one made from `title` if `slug` is "".

    `renamed_page` is the path of the page to rename, or None for a new page. Raises EditError if the new address is not
    allowed, if a page has it already, or if it already redirects to a page other than `renamed_page`.
    """
    path = f"docs/{slug or slug_of(title)}.md"
    if not PAGE_PATH_PATTERN.fullmatch(path) or not re.fullmatch(r"docs/[a-z0-9-]+\.md", path):
        raise EditError("The page’s address can only contain lower-case letters, numbers and hyphens.")
    if (project.root / path).exists():
        raise EditError("There is a page with this address already. Choose another.")
    for other_path, text in project.pages().items():
        if other_path != renamed_page and any(_is_url_path_of(url_path, path) for url_path in _old_url_paths(text)):
            other_title = title_of(other_path, text)
            raise EditError(f"Links to this address still lead to the page “{other_title}”. Choose another address.")
    return path


def _require_one_line(text: str, field_name: str) -> str:
    line = " ".join(text.split())
    if not line:
        raise EditError(f"{field_name} is missing.")
    return line


def add(project: Project, details: dict[str, Any]) -> tuple[str, Changes]:
    """Return the path of a new page, and the changes that create it.

    `details` contains title, description, slug, section and after. The page follows the page `after` in the menu.
    Raises EditError for an invalid title, description or slug, and MenuError if there is no such section.
    """
    title = _require_one_line(str(details.get("title") or ""), "The page’s name")
    description = _require_one_line(str(details.get("description") or ""), "The sentence for search results")
    path = _new_path(project, str(details.get("slug") or ""), title)
    yaml_header = front_matter.set_value(front_matter.set_value("", "title", title), "description", description)
    config = project.read(CONFIG).text
    name = path.removeprefix("docs/")
    changes: dict[str, str | bytes | None] = {
        # The browser adds the template's text, so that nobody but the author ever sees it.
        path: f"{yaml_header}# {title}\n\n{description}\n{{: .lede }}\n",
        CONFIG: menu.add(config, name, str(details.get("section") or ""), str(details.get("after") or "")),
    }
    return path, changes


def body_with_template(body: str, name: str) -> str:
    """Return `body` followed by the placeholder text of the template `name`.

    An unknown `name` means the empty template.
    """
    return f"{body}\n{TEMPLATES.get(name, TEMPLATES['empty'])[1]}"


def check_deletable(path: str) -> str:
    """Check that the page at `path` can be deleted, and return its file name.

    Raises EditError if menus, the form or emails need the page.
    """
    name = path.removeprefix("docs/")
    if name in REQUIRED_PAGES:
        raise EditError(f"This page cannot be deleted: {REQUIRED_PAGES[name]}. You can change its words.")
    return name


def links_to(project: Project, path: str) -> list[dict[str, Any]]:
    """Return a dictionary for each line of another page that links to the page at `path`.

    Each dictionary contains the path and title of the other page, and the number and text of the line.
    """
    name = path.removeprefix("docs/")
    links = []
    for other_path, text in project.pages().items():
        if other_path == path:
            continue
        for number, line in enumerate(text.split("\n"), start=1):
            if re.search(_link_pattern(name), line):
                links.append(
                    {"path": other_path, "line": number, "text": line.strip(), "title": title_of(other_path, text)}
                )
    return links


def search(project: Project, words: str) -> list[dict[str, Any]]:
    """Return every line of pages and leaflets that contains `words`, ignoring case and repeated spaces.

    Each line is a dictionary: the path and title of its file, its number, and its text.
    """
    searched_words = " ".join(words.lower().split())
    texts = project.pages() | {path: project.read(path).text for path in LEAFLETS}
    return [
        {
            "path": path,
            "line": number,
            "text": line.strip(),
            "title": LEAFLETS[path][0] if path in LEAFLETS else title_of(path, text),
        }
        for path, text in texts.items()
        for number, line in enumerate(text.split("\n"), start=1)
        if searched_words and searched_words in " ".join(line.lower().split())
    ]


def _link_pattern(name: str) -> str:
    return rf"(?<=\]\(){re.escape(name)}(?=[#)\s])"


def rename(project: Project, path: str, title: str, slug: str) -> tuple[str, Changes]:
    """Return the page's new path, and the changes that give it the name `title`.

    A new `slug` also moves the page and redirects its old URL. Raises EditError if the name or the slug is not allowed.
    """
    title = _require_one_line(title, "The page’s name")
    text = project.read(path).text
    old_name = path.removeprefix("docs/")
    body = front_matter.parse_page(text).body
    old_title = front_matter.heading_of(body)
    body = front_matter.HEADING.sub(lambda _: f"# {title}", body, count=1)
    renamed_text = front_matter.compose_page(text, body)
    changes: dict[str, str | bytes | None] = {path: renamed_text}
    if not slug or f"docs/{slug}.md" == path:
        _update_links(project, changes, path, old_name, old_name, old_title, title)
        return path, changes
    if old_name in REQUIRED_PAGES:
        raise EditError(f"This page keeps its address: {REQUIRED_PAGES[old_name]}. You can change its name.")
    new_path = _new_path(project, slug, title, renamed_page=path)
    new_name = new_path.removeprefix("docs/")
    yaml_header = front_matter.parse_page(renamed_text).yaml_header
    old_url_paths = [
        url_path for url_path in [*_old_url_paths(text), _url_path(path)] if not _is_url_path_of(url_path, new_path)
    ]
    changes = {
        path: None,
        new_path: front_matter.set_value(yaml_header, "moved_from", old_url_paths)
        + _replace_links(body, old_name, new_name),
        CONFIG: menu.rename(project.read(CONFIG).text, old_name, new_name),
    }
    _update_links(project, changes, path, old_name, new_name, old_title, title)
    return new_path, changes


def _update_links(
    project: Project, changes: dict[str, Any], path: str, old_name: str, new_name: str, old_title: str, title: str
) -> None:
    """Add to `changes` each other page that links to the renamed page, with updated links.

    A link text equal to `old_title` becomes `title`.
    """
    for other_path, text in project.pages().items():
        if other_path == path:
            continue
        text_with_new_title = re.sub(
            rf"\[{re.escape(old_title)}\](?=\({re.escape(old_name)}[#)])", lambda _: f"[{title}]", text
        )
        text_with_new_links = _replace_links(text_with_new_title, old_name, new_name)
        if text_with_new_links != text:
            changes[other_path] = text_with_new_links


def _replace_links(text: str, old_name: str, new_name: str) -> str:
    return re.sub(_link_pattern(old_name), new_name, text)


def _url_path(path: str) -> str:
    return page_url_path(Path(path), Path("docs"))


def _old_url_paths(text: str) -> list[str]:
    return list(front_matter.parse_page(text).old_url_paths)


def _is_url_path_of(url_path: str, path: str) -> bool:
    """Return whether `url_path` leads to the page at `path`, with or without its slashes."""
    return url_path.strip("/") == _url_path(path).strip("/")


def delete(project: Project, path: str, redirect_target: str) -> Changes:
    """Return the changes that delete a page, remove it from the menu and redirect its URL to `redirect_target`.

    Raises EditError if the site needs the page, if another page links to it, or if there is no page `redirect_target`.
    """
    name = check_deletable(path)
    if linking_lines := links_to(project, path):
        locations = "; ".join(f"{line['title']} (line {line['line']})" for line in linking_lines)
        raise EditError(f"Other pages still link to this one. Change these links first: {locations}.")
    changes: dict[str, str | bytes | None] = {path: None, CONFIG: menu.remove(project.read(CONFIG).text, name)}
    target = f"docs/{redirect_target}"
    if target == path or target not in project.pages():
        raise EditError("Choose the page that people will see instead.")
    page = front_matter.parse_page(project.read(target).text)
    old_url_paths = [*page.old_url_paths, *_old_url_paths(project.read(path).text), _url_path(path)]
    changes[target] = front_matter.set_value(page.yaml_header, "moved_from", old_url_paths) + page.body
    return changes


def anchor_link_changes(project: Project, path: str, text: str) -> dict[str, str]:
    """Return the new text, by path, of each other page that links to a reworded heading of the page at `path`.

    `text` is that page's new text. Return {} if it has more or fewer headings than before, or no reworded one.
    """
    old_anchors, new_anchors = _anchors(project.read(path).text), _anchors(text)
    renamed_anchors = {
        old_anchor: new_anchor
        for old_anchor, new_anchor in zip(old_anchors, new_anchors, strict=False)
        if old_anchor not in new_anchors and new_anchor not in old_anchors
    }
    if len(old_anchors) != len(new_anchors) or not renamed_anchors:
        return {}
    name = path.removeprefix("docs/")
    changes = {}
    for other_path, other_text in project.pages().items():
        text_with_new_links = other_text
        for old_anchor, new_anchor in renamed_anchors.items():
            text_with_new_links = text_with_new_links.replace(f"({name}#{old_anchor})", f"({name}#{new_anchor})")
        if other_path != path and text_with_new_links != other_text:
            changes[other_path] = text_with_new_links
    return changes


def _anchors(text: str) -> list[str]:
    return [slugify(heading, "-") for heading in re.findall(r"^#{2,6} +(.+?)\s*$", text, re.MULTILINE)]


def overview(project: Project) -> dict[str, Any]:
    """Return a dictionary: `sections` are the menu's, with page titles, and `outside` are the pages not in the menu."""
    texts = project.pages()
    titles = {path.removeprefix("docs/"): title_of(path, text) for path, text in texts.items()}
    sections = [
        {
            "title": section.title,
            "pages": [{"page": page, "title": titles[page]} for page in section.pages if page in titles],
        }
        for section in menu.parse(project.read(CONFIG).text).sections
    ]
    listed_pages = {page["page"] for section in sections for page in section["pages"]}  # type: ignore[index]
    unlisted_pages = [{"page": page, "title": title} for page, title in titles.items() if page not in listed_pages]
    return {"sections": sections, "outside": unlisted_pages}


def reorder(project: Project, new_sections: Any) -> Changes:
    """Return the change to mkdocs.yml that replaces the menu's sections with `new_sections`.

    `new_sections` is a list of dictionaries with title and pages. A section without a page is left out. Raises
    EditError if a page is missing, repeated or unknown, and MenuError if the new menu is not allowed.
    """
    config = project.read(CONFIG).text
    listed_pages = {page for section in menu.parse(config).sections for page in section.pages}
    known_pages = listed_pages | {path.removeprefix("docs/") for path in project.pages()}
    try:
        sections = [
            menu.Section(" ".join(str(part["title"]).split()), [str(page) for page in part["pages"]])
            for part in new_sections
        ]
    except (TypeError, KeyError) as error:
        raise EditError("The menu could not be read.") from error
    pages = [page for section in sections for page in section.pages]
    if sorted(pages) != sorted(set(pages)) or not listed_pages <= set(pages) <= known_pages:
        raise EditError("The menu has changed since you opened this page. Reload the page.")
    return {CONFIG: menu.rearrange(config, [section for section in sections if section.pages])}
