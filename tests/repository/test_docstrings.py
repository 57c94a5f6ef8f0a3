"""Tests that every name of code in a docstring exists, so that no docstring keeps the old name of renamed code."""

import ast
import builtins
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project_copy import unignored_files

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
NAME_IN_BACKTICKS_PATTERN = re.compile(r"(?<!`)`([A-Za-z_]\w*(?:\.\w+)*)(?:\([^`]*\))?`(?!`)")
RAISED_ERRORS_PATTERN = re.compile(r"\b[Rr]aises? ((?:\w+(?:, | or | and |, and )?)+)")
ERROR_CLASS_PATTERN = re.compile(r"[A-Z]\w*[a-z]\w*")
# Names in files that are not Python.
FOREIGN_NAMES = {
    *("moved_from", "nav"),  # front matter, mkdocs.yml
    *("_headers", "_redirects"),  # the web host's files
    *("listen", "map", "server"),  # nginx
}

DocumentableNode = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def parsed_modules() -> dict[Path, ast.Module]:
    """Return the syntax tree of every Python file that Git tracks or would add, by path."""
    return {path: ast.parse((ROOT / path).read_text(encoding="utf-8")) for path in unignored_files(ROOT, "*.py")}


def documented_nodes(
    node: ast.AST, enclosing_nodes: tuple[DocumentableNode, ...] = ()
) -> Iterator[tuple[DocumentableNode, ...]]:
    """Yield a tuple for each node that has a docstring: the nodes that enclose it, outermost first, then the node."""
    if isinstance(node, DocumentableNode):
        enclosing_nodes = (*enclosing_nodes, node)
        if ast.get_docstring(node):
            yield enclosing_nodes
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield from documented_nodes(child, enclosing_nodes)


def code_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield `node` and all nodes inside it except docstrings."""
    yield node
    has_docstring = isinstance(node, DocumentableNode) and ast.get_docstring(node)
    for child in ast.iter_child_nodes(node):
        if not (has_docstring and child is node.body[0]):  # type: ignore[attr-defined]
            yield from code_nodes(child)


def names_in(node: ast.AST) -> set[str]:
    """Return the names that the code of `node` uses or defines, and the words in each string that contains no space."""
    names: set[str] = set()
    for node_inside in code_nodes(node):
        match node_inside:
            case ast.Constant(value=str(text)) if not re.search(r"\s", text):
                names.update(re.findall(r"\w+", text))
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                names.add(name)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
    return names


def statements_and_imported_names(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements and exception handlers inside `node`, at any depth, and the nodes of imported names."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.alias | ast.ExceptHandler):
            yield child
            yield from statements_and_imported_names(child)


def defined_names(tree: ast.Module) -> set[str]:
    """Return the names of the functions, methods, classes, constants and imports of a module."""
    names: set[str] = set()
    for node in statements_and_imported_names(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.alias(name=name, asname=new_name):
                names.add(new_name or name.rpartition(".")[2])
    for statement in tree.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            names.update(node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
    return names


class ProjectNames:
    """The names of the project's definitions, imports, modules and folders, and of Python's built-ins."""

    def __init__(self, modules: dict[Path, ast.Module]) -> None:
        self.names = set(dir(builtins)).union(*map(defined_names, modules.values()))
        self.names |= {part for path in modules for part in path.with_suffix("").parts}
        self.names_unlike_words = {name for name in self.names if not name.islower() or "_" in name}
        self.classes = {
            node.name: node
            for tree in modules.values()
            for node in statements_and_imported_names(tree)
            if isinstance(node, ast.ClassDef)
        }

    def unknown_names(self, docstring: str, known_names: set[str], is_module: bool) -> list[str]:
        """Return the names in `docstring` that do not exist.

        `known_names` are the names in the documented code and in its module.
        """
        words = set(NAME_IN_BACKTICKS_PATTERN.findall(docstring)) - FOREIGN_NAMES
        error_classes = {
            name for names in RAISED_ERRORS_PATTERN.findall(docstring) for name in ERROR_CLASS_PATTERN.findall(names)
        }
        # A word such as "of" is often the name of something by chance. So in the docstring of a function or class, a
        # name of lower-case letters alone must be among `known_names`, or be written as `Class.word`.
        known_names = known_names | (self.names if is_module else self.names_unlike_words)
        missing_names = [word for word in words | error_classes if "." not in word and word not in known_names]
        for word in words:
            owner, _, member = word.partition(".")
            # A path that does not begin with a class is a setting, a column or a file.
            if member and owner in self.classes and member not in names_in(self.classes[owner]):
                missing_names.append(word)
        return sorted(missing_names)


def test_every_name_in_a_docstring_exists() -> None:
    modules = parsed_modules()
    project = ProjectNames(modules)
    missing_names = []
    for path, tree in modules.items():
        module_names = defined_names(tree)
        for _, *nodes in documented_nodes(tree):
            node = nodes[-1] if nodes else tree
            docstring = ast.get_docstring(node) or ""
            if "`" in docstring or RAISED_ERRORS_PATTERN.search(docstring):
                known_names = module_names.union(*map(names_in, nodes or [tree]))
                names = project.unknown_names(docstring, known_names, is_module=not nodes)
                missing_names += [f"{path}, line {getattr(node, 'lineno', 1)}: {name}" for name in names]
    assert missing_names == []
