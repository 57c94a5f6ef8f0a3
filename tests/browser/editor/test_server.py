"""The editor's server: it answers only its own pages, writes only text, and reports failures."""

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.system


def ask(port: int, path: str, body: Any = None, **headers: str) -> int:
    data = None if body is None else json.dumps(body).encode()
    names = {name.replace("_", "-"): value for name, value in headers.items()} | {"Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, names)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_a_taken_port_is_reported(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        command = [sys.executable, "-m", "tools.editor", f"--port={number}"]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (1, f"The editor cannot start on port {number}: Address already in use\n")


def test_no_other_site_in_the_same_browser_can_read_or_write(running: tuple[Path, int]) -> None:
    _, port = running
    ours = f"http://127.0.0.1:{port}"
    words = {"path": "docs/contact.md", "body": "# Contact"}
    assert ask(port, "/api/preview", words, Origin=ours) == 200
    assert ask(port, "/api/preview", words, Origin="https://evil.example") == 403
    assert ask(port, "/api/preview", words) == 403
    assert ask(port, "/", Host="evil.example") == 403


@pytest.mark.parametrize("path", ["tools/lint.py", "../outside.md", "docs/../Makefile", "/etc/passwd", "docs/x.html"])
@pytest.mark.parametrize("action", ["publish", "preview", "pages/delete", "pages/rename"])
def test_only_words_can_be_written(running: tuple[Path, int], path: str, action: str) -> None:
    folder, port = running
    requested = {
        "path": path,
        "body": "changed",
        "title": "changed",
        "slug": "changed",
        "instead": "index.md",
        "version": "",
    }
    assert ask(port, f"/api/{action}", requested, Origin=f"http://127.0.0.1:{port}") == 400
    assert not any(file.read_bytes() == b"changed" for file in folder.rglob("*") if file.is_file())


def test_no_text_becomes_a_program(running: tuple[Path, int]) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{running[1]}/", timeout=30) as answer:
        rules = dict(rule.split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split("; "))
    assert rules["script-src"] == "'self'"
    assert "unsafe" not in str(rules)


def test_each_leaflet_shows_as_what_is_made_from_it(site: Path, root: Path) -> None:
    from tools.editor.project import LEAFLETS

    assert set(LEAFLETS) == {f"leaflet/{text.name}" for text in (root / "leaflet").glob("*.md")} - {"leaflet/README.md"}
    for words, (_, leaflet) in LEAFLETS.items():
        assert (root / words).is_file() and (site / "leaflets" / leaflet).is_file()
