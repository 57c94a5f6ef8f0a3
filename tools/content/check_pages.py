"""Check the pages' text. Each problem is reported with its page, its line and what to do."""

import difflib
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from markdown.extensions.toc import slugify

from service_profile import FactError, ProfileError, Service, fill, load
from service_profile.markup import repair_line
from service_profile.profile import ROOT
from site_markdown import page_facts
from tools.content import typed_facts
from tools.content.page_templates import PLACEHOLDERS
from tools.content.person_first import ALLOWED_NAMES, REPLACEMENTS

DOCS = ROOT / "docs"
LEAFLET_FOLDER = ROOT / "leaflet"
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.M)
ROOT_RELATIVE_HREF = re.compile(r"""<a\b[^>]*?\bhref=["']?(/[^"'>\s{]*)""")
LINK_DEFINITION = re.compile(r"()^\[(?!\^)([^\]]+)\]:\s+<?([^>\s]+)")
# The URL path of the form, for which docs/ has no page.
FORM_PATH = "/referral"
# Pages that templates, the form or emails link to by file name.
REQUIRED_PAGES = {
    "index.md": "it is the home page",
    "search.md": "the top of each page leads there",
    "get-help-now.md": "the bar at the top of each page leads there",
    "hide-your-visit.md": "the form leads there",
    "leaflets.md": "the form leads there",
    "contact.md": "the form leads there",
    "privacy.md": "the form leads there",
    "cookies.md": "the form leads there",
    "accessibility.md": "the law asks for it, and the form leads there",
}
LABELLING_WORD = re.compile(rf"\b({'|'.join(REPLACEMENTS)})(?:s|s’|’s|'s)?\b", re.I)


@dataclass(frozen=True)
class Docs:
    """The text of each page by file name, and the files, settings (`facts`) and contacts that pages may refer to."""

    pages: Mapping[str, str]
    files: frozenset[str]
    facts: Mapping[str, str]
    contacts: typed_facts.Contacts


def read_pages(service: Service, docs: Path = DOCS) -> Docs:
    """Return the pages in `docs`, with the files, settings and contacts to which pages may refer."""
    pages = {path.name: _repair_pasted_text(path.read_text(encoding="utf-8-sig")) for path in sorted(docs.glob("*.md"))}
    files = frozenset(path.relative_to(docs).as_posix() for path in docs.rglob("*") if path.is_file())
    return Docs(pages, files, page_facts(service.values, service.site_url), typed_facts.Contacts(service))


def _repair_pasted_text(text: str) -> str:
    """Repair the formatting that people pasted from Word into a page's text, and return the text."""
    return "\n".join(map(repair_line, text.split("\n")))


def encoding_problems(docs: Path) -> Iterator[str]:
    """Yield an error message for each page in `docs` that is not UTF-8."""
    for path in sorted(docs.glob("*.md")):
        data = path.read_bytes()
        try:
            data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            yield f"docs/{path.name}, line {line}: the file is not saved as UTF-8. Save it again with that encoding."


def problems(service: Service, docs: Path = DOCS) -> list[str]:
    """Return a sentence for each problem that must be corrected before publication."""
    if encoding_messages := list(encoding_problems(docs)):
        return encoding_messages
    docs_content = read_pages(service, docs)
    return [
        *missing_page_problems(docs_content),
        *menu_problems(service, docs_content),
        *missing_logo_problems(service, docs_content),
        *(
            f"docs/{name}, line {line}: {problem}"
            for name, text in docs_content.pages.items()
            for check in CHECKS
            for line, problem in check(name, text, docs_content)
        ),
        *leaflet_problems(service, docs_content),
    ]


def missing_page_problems(docs: Docs) -> Iterator[str]:
    """Yield a problem for each missing page to which the menus, the form or emails link."""
    for name, reason in REQUIRED_PAGES.items():
        if name not in docs.pages:
            yield f"docs/{name} is missing: {reason}. Put it back under this name. You can change its words."


def menu_problems(service: Service, docs: Docs) -> Iterator[str]:
    """Yield a problem for each entry of the menu (`nav` in mkdocs.yml) whose page is missing."""
    for name in service.nav_pages:
        if name not in docs.files and name not in REQUIRED_PAGES:
            yield f"mkdocs.yml: the menu (nav) names {name}, which is not in docs/.{_suggestion(name, docs.pages)}"


def missing_logo_problems(service: Service, docs: Docs) -> Iterator[str]:
    """Yield a problem for each logo in the settings whose file is missing from docs/."""
    for name, path in service.pictures().items():
        if path not in docs.files:
            yield f"mkdocs.yml: {name} names {path}, which is not in docs/.{_suggestion(path, docs.files)}"


def leaflet_problems(service: Service, docs: Docs) -> Iterator[str]:
    """Yield a problem for each word in a leaflet that labels people, and for each contact typed into a leaflet.

    The build of the leaflets reports other problems.
    """
    contacts = typed_facts.Contacts(service, use_links=False)
    for path in sorted(LEAFLET_FOLDER.glob("*.md")):
        if path.name == "README.md":
            continue
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        for line, problem in (*labelling_word_problems(path.name, text, docs), *contacts.find_typed_contacts(text)):
            yield f"leaflet/{path.name}, line {line}: {problem}"


def _suggestion(name: str, known_names: Iterable[str]) -> str:
    matches = difflib.get_close_matches(name, list(known_names), n=1, cutoff=0.4)
    return f" Did you mean {matches[0]}?" if matches else ""


def _numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    yield from enumerate(text.split("\n"), start=1)


def unknown_fact_problems(_name: str, text: str, docs: Docs) -> Iterator[tuple[int, str]]:
    """Yield (line, problem) for each unknown name in double braces."""
    for number, line in _numbered_lines(text):
        try:
            fill(line, docs.facts, number)
        except FactError as error:
            yield number, str(error).partition(": ")[2]


def front_matter_problems(_name: str, text: str, _docs: Docs) -> Iterator[tuple[int, str]]:
    """Yield (line, problem) if the front matter, description or heading is missing, or the title is not the heading."""
    front_matter = re.match(r"---\n(.*?)\n---\n", text, re.S)
    if not front_matter:
        yield 1, "the page must begin with ---, then title: and description:, then ---."
        return
    title = re.search(r"^title: *(.+?) *$", front_matter[1], re.M)
    heading = re.search(r"^# +(.+?)\s*$", text, re.M)
    if not heading:
        yield 1, "the page has no heading. Begin it with “# ” and its name."
    elif not title or title[1].strip("\"'") != heading[1]:
        line = text.count("\n", 0, heading.start()) + 1
        yield line, f"the heading “{heading[1]}” and the title at the top of the page must be the same."
    if not re.search(r"^description: *\S", front_matter[1], re.M):
        yield 1, "the page has no description: one sentence that search engines show."


def labelling_word_problems(_name: str, text: str, _docs: Docs) -> Iterator[tuple[int, str]]:
    """Yield (line, problem) for each word that labels people, such as "victim"."""
    for number, line in _numbered_lines(text):
        if line.startswith("search_words:"):  # what people type into the search; never shown
            continue
        visible_text = line
        for allowed_name in ALLOWED_NAMES:
            visible_text = re.sub(re.escape(allowed_name), lambda match: " " * len(match[0]), visible_text, flags=re.I)
        for label in LABELLING_WORD.finditer(re.sub(r"\{\{.*?\}\}|\]\([^)]*\)", "", visible_text)):
            yield (
                number,
                f"“{label[0]}” is a label. Write “{REPLACEMENTS[label[1].lower()]}”, or say it another way.",
            )


def placeholder_problems(_name: str, text: str, _docs: Docs) -> Iterator[tuple[int, str]]:
    """Yield (line, problem) for each line of placeholder text from a page template."""
    for number, line in _numbered_lines(text):
        if line.strip() in PLACEHOLDERS:
            yield number, f"“{line.strip()}” comes from the template. Write your own words over it, or delete the line."


def typed_contact_problems(_name: str, text: str, docs: Docs) -> Iterator[tuple[int, str]]:
    """Yield (line, advice) for each of the service's contacts that is typed into a page."""
    yield from docs.contacts.find_typed_contacts(text)


def link_problems(name: str, text: str, docs: Docs) -> Iterator[tuple[int, str]]:
    """Yield (line, problem) for each broken link, and for each picture without a description.

    A link that begins with a slash is a problem too, unless it leads to the form.
    """
    for number, line in _numbered_lines(text):
        for picture_mark, words, target in [*LINK.findall(line), *LINK_DEFINITION.findall(line)]:
            if picture_mark and not words.strip():
                yield number, f"the picture {target} has no description. Between [ and ], say what it shows."
            if target.startswith("/"):
                yield from ((number, problem) for problem in _root_relative_link_problems(target, docs))
            if "{{" not in target and not re.match(r"[a-z]+:|/", target):
                yield from ((number, problem) for problem in _target_problems(name, target, docs))
        for target in ROOT_RELATIVE_HREF.findall(line):
            yield from ((number, problem) for problem in _root_relative_link_problems(target, docs))
        if re.search(r"<img\b(?![^>]*\balt=)", line):
            yield number, 'the picture has no description. Add alt="…" and say in it what the picture shows.'


def _root_relative_link_problems(target: str, docs: Docs) -> Iterator[str]:
    """Yield a problem for a link that begins with a slash, unless it leads to the form.

    Such a link does not work in the editor's preview or in the offline copy.
    """
    path, separator, anchor = target.partition("#")
    if path == FORM_PATH or path.startswith(f"{FORM_PATH}/"):
        return
    name = path.strip("/").removesuffix("index.html").rstrip("/")
    file_name = next((file for file in (name or "index.md", f"{name}.md") if file in docs.files), "")
    if file_name or name.startswith("leaflets/"):
        relative_link = f"{file_name or name}{separator}{anchor}"
        yield f"the link {target} begins with a slash. Write {relative_link}, which works everywhere."
    else:
        yield f"the link goes to {target}, which is not there.{_suggestion(f'{name}.md', docs.pages)}"


def _target_problems(name: str, target: str, docs: Docs) -> Iterator[str]:
    file, _, anchor = target.partition("#")
    file = file or name
    if file not in docs.files and not file.startswith("leaflets/"):
        yield f"the link goes to {file}, which is not there.{_suggestion(file, docs.files)}"
    elif anchor and file in docs.pages:
        known_anchors = {slugify(heading, "-") for heading in HEADING.findall(docs.pages[file])}
        if anchor not in known_anchors:
            matches = difflib.get_close_matches(anchor, known_anchors, n=1, cutoff=0.4)
            yield f"{file} has no heading #{anchor}." + (f" Did you mean #{matches[0]}?" if matches else "")


CHECKS: tuple[Callable[[str, str, Docs], Iterator[tuple[int, str]]], ...] = (
    unknown_fact_problems,
    front_matter_problems,
    labelling_word_problems,
    placeholder_problems,
    typed_contact_problems,
    link_problems,
)


def main() -> int:
    """Check the text of every page, and print the problems. Return 0 if there are none, else 1."""
    # Not at the top: textstat is not installed where the site is only built.
    from tools.content.readability import readability_problem

    try:
        service = load()
    except ProfileError as error:
        print(error)
        return 1
    messages = problems(service)
    if not messages:  # a page with an unknown fact cannot be measured
        readability_problems = (
            readability_problem(name, text, service.values) for name, text in read_pages(service).pages.items()
        )
        messages = [text for text in readability_problems if text]
    print("\n".join(messages))
    return 1 if messages else 0


if __name__ == "__main__":
    sys.exit(main())
