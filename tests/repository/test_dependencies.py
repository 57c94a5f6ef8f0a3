"""Tests that pyproject.toml declares every package that the code imports, and none that the project never uses."""

import ast
import re
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.support.project_copy import unignored_files

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
# The groups of pyproject.toml that are installed wherever the code of a folder runs, besides what every part needs.
GROUPS_BY_FOLDER = {
    "service_profile": [],
    "site_markdown": ["site"],
    "leaflet": ["site"],
    "form_service": ["form"],
    "tools": ["site", "form", "local", "test"],
    "tests": ["site", "form", "local", "test"],
}
PACKAGES_RUN_BY_NAME = {
    *("codespell", "import-linter", "mypy", "pre-commit", "ruff"),
    *("granian", "gunicorn", "properdocs", "zensical"),
}
# Plugins of pytest; what textstat needs; data.
PACKAGES_LOADED_BY_OTHERS = {"pytest-cov", "pytest-xdist", "setuptools", "tzdata"}
FOLDERS_CHECKED_BY_MYPY = set(GROUPS_BY_FOLDER) - {"tests"}


@cache
def declared_packages() -> dict[str, set[str]]:
    """Return the package names in each group of pyproject.toml; the group "" is what every part needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {"": project["dependencies"], **project["optional-dependencies"]}
    return {group: {re.split(r"[<>=\[]", line)[0] for line in lines} for group, lines in groups.items()}


@cache
def imported_packages(folder: str) -> set[str]:
    """Return the names, as in pyproject.toml, of the third-party packages that the Python files of a folder import."""
    nodes = [
        node
        for path in unignored_files(ROOT, f"{folder}/*.py")
        for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8")))
    ]
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module) for node in nodes if isinstance(node, ast.ImportFrom) and not node.level}
    top_level_names = (
        {module.partition(".")[0] for module in modules} - set(sys.stdlib_module_names) - set(GROUPS_BY_FOLDER)
    )
    return {_distributions_by_import_name()[name][0].lower().replace("_", "-") for name in top_level_names}


@cache
def _distributions_by_import_name() -> Mapping[str, list[str]]:
    return packages_distributions()


@pytest.mark.parametrize("folder", GROUPS_BY_FOLDER)
def test_every_imported_package_is_declared(folder: str) -> None:
    declared_names = {package for group in ["", *GROUPS_BY_FOLDER[folder]] for package in declared_packages()[group]}
    assert imported_packages(folder) - declared_names == set()


def test_every_declared_package_is_used() -> None:
    declared_names = {package for group in declared_packages().values() for package in group}
    imported_names = set().union(*map(imported_packages, GROUPS_BY_FOLDER))
    stub_names = {f"types-{package}" for folder in FOLDERS_CHECKED_BY_MYPY for package in imported_packages(folder)}
    assert declared_names - PACKAGES_RUN_BY_NAME - PACKAGES_LOADED_BY_OTHERS - imported_names - stub_names == set()
