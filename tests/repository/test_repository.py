"""Tests of the repository: README, Makefile, locked dependencies, unused definitions and forbidden host names."""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project_copy import unignored_files

ROOT = Path(__file__).parents[2]


def project_paths_and_texts() -> list[tuple[Path, str]]:
    files = []
    for path in (ROOT / name for name in unignored_files(ROOT)):
        try:
            files.append((path, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return files


def test_no_file_mentions_a_package_registry() -> None:
    # Joined here, so that this file does not contain the hosts itself.
    hosts = [
        ".".join(parts)
        for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("deb", "debian", "org"))
    ]
    mentions = [f"{path}: {host}" for path, text in project_paths_and_texts() for host in hosts if host in text]
    mentions += [
        str(path)
        for path, text in project_paths_and_texts()
        if re.search(r"^--?(extra-)?(index-url|find-links)", text, re.MULTILINE)
    ]
    assert mentions == []


def test_no_file_contains_merge_conflict_markers() -> None:
    markers = re.compile(r"^(<{7}|>{7}) ", re.MULTILINE)
    assert [str(path) for path, text in project_paths_and_texts() if markers.search(text)] == []


def test_every_locked_dependency_has_a_hash() -> None:
    lock_files = sorted((ROOT / "requirements").glob("*.txt"))
    assert [lock_file.name for lock_file in lock_files] == ["dev.txt", "form.txt", "serve.txt", "site.txt"]
    for lock_file in lock_files:
        text = lock_file.read_text(encoding="utf-8")
        pinned_requirements = re.findall(r"^[A-Za-z0-9_.\[\]-]+==", text, re.MULTILINE)
        assert pinned_requirements
        assert len(re.findall(r"^[A-Za-z0-9_.\[\]-]+==[^\n]*\\\n    --hash=sha256:", text, re.MULTILINE)) == len(
            pinned_requirements
        )


@pytest.mark.parametrize("group", ["site", "form", "local", "test", "lint"])
def test_every_dependency_except_type_stubs_is_explained_in_the_readme(group: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    readme = (ROOT / "README.md").read_text(encoding="utf-8").lower().split("## what it is built on")[1]
    names = [re.split(r"[<>=\[]", line)[0] for line in project["optional-dependencies"][group]]
    names = [name for name in names if not name.startswith("types-")]
    unexplained_names = [name for name in names if name.removesuffix("-playwright-python") not in readme]
    assert unexplained_names == []


def test_every_make_command_in_the_readme_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    commands = set(re.findall(r"^(?:\| `)?make ([a-z-]+)", readme, re.MULTILINE))
    assert {"serve", "test", "build", "check", "lint", "bench", "soak", "edit", "new-service"} <= commands
    assert [name for name in commands if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []


def test_no_page_promises_that_closing_the_browser_deletes_answers() -> None:
    """Many phones restore closed pages and their cookies, so each sentence must say that closing may not be enough."""
    sentences_by_page = {
        path.relative_to(ROOT): re.findall(r"[^.\n]*\b[Cc]los(?:e|ing) the browser\b[^.\n]*", path.read_text())
        for folder, kind in (("docs", "*.md"), ("overrides", "*.html"))
        for path in (ROOT / folder).rglob(kind)
    }
    sentences = [(path, sentence) for path, page_sentences in sentences_by_page.items() for sentence in page_sentences]
    assert len(sentences) >= 4
    assert [sentence for sentence in sentences if " may not" not in sentence[1]] == []


def _defined_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names of a module's constants, and of the functions and classes that have no decorator."""
    # A framework may call what is decorated.
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list:
            yield node.name
        elif isinstance(node, ast.Assign):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def test_every_definition_is_used() -> None:
    code = [(path, text) for path, text in project_paths_and_texts() if path.suffix in (".py", ".html", ".toml")]
    words = Counter(word for _, text in code for word in re.findall(r"\w+", text))
    packages = ("form_service", "service_profile", "leaflet", "site_markdown", "tools")
    unused_names = [
        f"{path.relative_to(ROOT)}: {name}"
        for path, text in code
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in packages and "migrations" not in path.parts
        for name in _defined_names(ast.parse(text))
        if words[name] < 2 and not name.startswith("__")
    ]
    assert unused_names == []


def test_every_file_that_the_readme_links_to_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)]+)\)", readme) if "://" not in target]
    assert targets
    assert [target for target in targets if not (ROOT / target.split("#")[0]).exists()] == []


def test_the_readme_has_at_most_130_lines() -> None:
    assert (ROOT / "README.md").read_text(encoding="utf-8").count("\n") <= 130


def test_every_test_named_in_the_guide_to_what_is_kept_exists() -> None:
    guide = (ROOT / "guides/what-is-kept.md").read_text(encoding="utf-8")
    test_code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    test_names = re.findall(r"`(test_\w+)`", guide)
    assert len(test_names) > 20
    assert [name for name in test_names if f"def {name}(" not in test_code] == []


def test_no_test_module_is_imported() -> None:
    """Code that several test modules share belongs in tests/support."""
    imports = [
        f"{path.relative_to(ROOT)}: {match}"
        for path, text in project_paths_and_texts()
        if path.suffix == ".py"
        for match in re.findall(
            r"^\s*(?:from|import) (?:\S*\.)?test_\w+.*|^\s*from tests\S* import .*\btest_\w+", text, re.MULTILINE
        )
    ]
    assert imports == []
