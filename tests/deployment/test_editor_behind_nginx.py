"""Tests of what a person reads when nginx answers instead of the hosted editor."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.deployment import NginxServer, nginx_before_editor
from tests.support.hosted_editor import HOST
from tools.dev.ports import free_port

pytestmark = pytest.mark.system


@pytest.fixture
def nginx_without_editor(tmp_path: Path, certificate: tuple[Path, Path]) -> Iterator[NginxServer]:
    """Run nginx with the editor's configuration, while the editor itself is not running."""
    with nginx_before_editor(tmp_path, certificate, HOST, free_port()) as server:
        yield server


def test_a_person_reads_that_the_editor_is_not_responding_and_that_their_words_are_kept(
    nginx_without_editor: NginxServer,
) -> None:
    for path in ("/", "/sign-in", "/api/pages"):
        response = nginx_without_editor.request(path)
        assert (response.status, response.headers["content-type"]) == (502, "text/html")
        assert b"<h1>The editor is not responding</h1>" in response.body
        assert b"What you typed is kept in your browser." in response.body


def test_a_person_who_asks_for_too_many_sign_in_links_reads_what_to_do(nginx_without_editor: NginxServer) -> None:
    responses = [nginx_without_editor.request("/sign-in") for _ in range(25)]
    assert [response.status for response in responses[:20]] == [502] * 20
    assert responses[-1].status == 429
    assert b"<h1>Too many tries</h1><p>Wait a minute, then try again." in responses[-1].body
