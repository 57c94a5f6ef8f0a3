"""What `--export` writes, before anybody opens it: a wrong word here shows only when people cannot log in."""

import json
from pathlib import Path

import pytest
import yaml

from tests.support import project_copy
from tests.support.internet import headers_of
from tools.editor.export import ExportError, GitHost, config
from tools.publish.hosting import moved_pages, page_address

pytestmark = pytest.mark.system

PLAIN = ("-m", "tools.editor", "--export")


def test_the_editor_for_an_address_of_its_own_asks_the_git_hosts_login(tmp_path: Path, root: Path) -> None:
    done = project_copy.python(root, *PLAIN, str(tmp_path), "--repository", "team/site")
    assert done.returncode == 0, done.stderr
    made = yaml.safe_load((tmp_path / "config.yml").read_text())
    assert made["backend"] == {"name": "github", "repo": "team/site", "branch": "main"}
    assert made["publish_mode"] == "editorial_workflow" and "local_backend" not in made
    assert (tmp_path / "decap-cms.js").stat().st_size > 1_000_000


def test_an_export_over_an_old_one_is_the_new_one(tmp_path: Path, root: Path) -> None:
    for repository in ("team/old", "team/new"):
        assert project_copy.python(root, *PLAIN, str(tmp_path), "--repository", repository).returncode == 0
    assert yaml.safe_load((tmp_path / "config.yml").read_text())["backend"]["repo"] == "team/new"


def test_the_editors_headers_keep_strangers_and_search_out_and_the_login_in(tmp_path: Path, root: Path) -> None:
    assert project_copy.python(root, *PLAIN, str(tmp_path), "--repository", "team/site").returncode == 0
    sent = headers_of(tmp_path)
    assert sent["X-Robots-Tag"] == "noindex" and sent["X-Frame-Options"] == "DENY"
    assert "Cross-Origin-Opener-Policy" not in sent, "it would cut off the window that logs in"
    rules = dict(rule.split(" ", 1) for rule in sent["Content-Security-Policy"].split("; "))
    assert rules["script-src"] == "'self' 'unsafe-eval' 'wasm-unsafe-eval'", "no script from anywhere else"
    assert rules["connect-src"] == "'self' https://api.github.com https://www.githubstatus.com blob:"
    nginx = (tmp_path / "_nginx.conf").read_text()
    assert nginx == "".join(f'add_header {name} "{value}" always;\n' for name, value in sent.items())


def test_the_menu_of_facts_holds_no_value_that_would_grow_old(tmp_path: Path, root: Path) -> None:
    assert project_copy.python(root, *PLAIN, str(tmp_path), "--repository", "team/site").returncode == 0
    facts = dict(json.loads((tmp_path / "facts.json").read_text())["facts"])
    assert "phone" in facts and set(facts.values()) == {""}


def test_the_link_to_a_preview_leads_to_a_page_whatever_was_changed(root: Path) -> None:
    docs = root / "docs"
    pages = {page_address(page, docs): page for page in docs.glob("*.md")}
    known = {*pages, *moved_pages(docs)}
    led = []
    for collection in yaml.safe_load((root / "editor" / "hosted" / "config.yml").read_text())["collections"]:
        for part in collection.get("files", [collection]):
            template = part.get("preview_path") or collection.get("preview_path") or ""
            led += ["/" + template.replace("{{slug}}", page.stem) for page in pages.values()]
    assert len(set(led)) > len(pages)
    assert set(led) <= known


def test_a_login_that_another_server_hands_on_is_asked_at_its_address() -> None:
    for address, path in (("https://login.example.org/", "auth"), ("https://login.example.org/way/in", "way/in")):
        told = GitHost("team/site", login=address).backend()
        assert (told["base_url"], told["auth_endpoint"]) == ("https://login.example.org", path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"repository": "site"},
        {"repository": "https://github.com/team/site"},
        {"repository": "team/site", "name": "gitlab"},
        {"repository": "team/site", "name": "gitlab", "app": "id", "address": "git.example.org"},
        {"repository": "team/site", "name": "gitlab", "app": "id", "login": "https://login.example.org"},
        {"repository": "team/site", "app": "id"},
        {"repository": "team/site", "login": "http://login.example.org"},
    ],
)
def test_what_cannot_work_is_refused_before_anybody_tries_to_log_in(wrong: dict[str, str]) -> None:
    with pytest.raises(ExportError):
        GitHost(**wrong)


def test_a_config_that_the_export_does_not_understand_is_no_silent_export(root: Path) -> None:
    text = (root / "editor" / "hosted" / "config.yml").read_text()
    for other in (text.replace("publish_mode: simple", ""), text.replace("show_preview_links: false\n", "")):
        with pytest.raises(ExportError):
            config(other, GitHost("team/site"), "https://example.org/")
