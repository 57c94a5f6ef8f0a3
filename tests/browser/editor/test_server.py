"""Tests that the editor's server accepts requests from no other site, and writes only pages and leaflets."""

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


def response_status(port: int, path: str, body: Any = None, **headers: str) -> int:
    data = None if body is None else json.dumps(body).encode()
    headers_with_type = {name.replace("_", "-"): value for name, value in headers.items()} | {
        "Content-Type": "application/json"
    }
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data, headers_with_type)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_a_port_in_use_is_reported_in_one_line(root: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        command = [sys.executable, "-m", "tools.editor", f"--port={port}"]
        completed = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert (completed.returncode, completed.stderr) == (
        1,
        f"The editor cannot start on port {port}: Address already in use\n",
    )


def test_no_other_site_in_the_same_browser_can_use_the_editor(editor_folder_and_port: tuple[Path, int]) -> None:
    _, port = editor_folder_and_port
    own_origin = f"http://127.0.0.1:{port}"
    body = {"path": "docs/contact.md", "body": "# Contact"}
    assert response_status(port, "/api/preview", body, Origin=own_origin) == 200
    assert response_status(port, "/api/preview", body, Origin="https://evil.example") == 403
    assert response_status(port, "/api/preview", body) == 403
    assert response_status(port, "/", Host="evil.example") == 403


@pytest.mark.parametrize("path", ["tools/lint.py", "../outside.md", "docs/../Makefile", "/etc/passwd", "docs/x.html"])
@pytest.mark.parametrize("action", ["publish", "preview", "pages/delete", "pages/rename"])
def test_the_editor_writes_only_pages_and_leaflets(
    editor_folder_and_port: tuple[Path, int], path: str, action: str
) -> None:
    folder, port = editor_folder_and_port
    body = {
        "path": path,
        "body": "changed",
        "title": "changed",
        "slug": "changed",
        "instead": "index.md",
        "version": "",
    }
    assert response_status(port, f"/api/{action}", body, Origin=f"http://127.0.0.1:{port}") == 400
    assert not any(file.read_bytes() == b"changed" for file in folder.rglob("*") if file.is_file())


def test_the_content_policy_of_the_editor_allows_no_inline_script(editor_folder_and_port: tuple[Path, int]) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{editor_folder_and_port[1]}/", timeout=30) as response:
        directives = dict(rule.split(" ", 1) for rule in response.headers["Content-Security-Policy"].split("; "))
    assert directives["script-src"] == "'self'"
    assert "unsafe" not in str(directives)


def test_every_leaflet_source_has_a_pdf_for_its_preview(site: Path, root: Path) -> None:
    from tools.editor.project import LEAFLETS

    assert set(LEAFLETS) == {f"leaflet/{text.name}" for text in (root / "leaflet").glob("*.md")} - {"leaflet/README.md"}
    for source, (_, pdf) in LEAFLETS.items():
        assert (root / source).is_file() and (site / "leaflets" / pdf).is_file()
