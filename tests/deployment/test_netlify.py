"""Tests of how Netlify's own packages read netlify.toml, _headers and _redirects."""

import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import jwt
import pytest

from service_profile import Service, load
from tests.support.every_path import FORM_PATHS_WITH_CAPITALS
from tools.editor import npm
from tools.publish import build, hosting

PROXY_SECRET = "a secret that only this test knows, and long"
FORM_SERVER = "https://form.restorative.example.org.uk"
PRODUCTION_ENVIRONMENT = {"NETLIFY": "true", "FORM_SERVER": FORM_SERVER, "FORM_PROXY_SECRET": PROXY_SECRET}


class NetlifyProject:
    """A project folder that Netlify's own packages can read."""

    def __init__(self, folder: Path, root: Path, env: dict[str, str], service: Service) -> None:
        self.folder, self.env = folder, env
        shutil.copyfile(root / "netlify.toml", folder / "netlify.toml")
        site, docs = folder / "site", folder / "docs"
        site.mkdir()
        docs.mkdir()
        (docs / "support.md").write_text("---\ntitle: Support\nmoved_from: [/help/]\n---\n# Support\n")
        (site / "_headers").write_text(build.headers_text(service), encoding="utf-8")
        (site / "preview.html").write_text("a preview")
        hosting.write(site, docs, service, env)

    def resolve(self, context: str, *paths: str) -> dict:
        """Run Netlify's packages on the project in one deploy context; return their result.

        "build" contains the build settings; "answers" contains the redirect rule and the headers of each path.
        """
        package_folder = npm.install(Path(__file__).parent / "netlify", "netlify-resolver")
        command = ["node", "resolve.mjs", str(self.folder), context, *paths]
        env = {**os.environ, "FORM_PROXY_SECRET": PROXY_SECRET}
        completed = subprocess.run(command, cwd=package_folder, env=env, capture_output=True, text=True, timeout=60)
        assert completed.returncode == 0, completed.stderr[-2000:]
        return json.loads(completed.stdout)


@pytest.fixture
def service(root: Path) -> Service:
    return load(root / "mkdocs.yml")


@pytest.mark.system
def test_every_deploy_context_runs_make_build(tmp_path: Path, root: Path, service: Service) -> None:
    project = NetlifyProject(tmp_path, root, PRODUCTION_ENVIRONMENT, service)
    for context in ("production", "deploy-preview", "branch-deploy", "any-other"):
        settings = project.resolve(context)["build"]
        is_production = context == "production"
        assert settings["command"] == "make build"
        assert Path(settings["publish"]) == tmp_path / "site"
        assert settings["environment"]["SERVICE_ENV"] == ("production" if is_production else "development")
        assert bool(settings["environment"]["SERVICE_PREVIEW"]) is not is_production


@pytest.mark.system
def test_requests_reach_the_form_with_a_signature_that_it_can_verify(
    tmp_path: Path, root: Path, service: Service
) -> None:
    paths = ("/referral/", "/referral/who", "/referral/withdraw/a-token?x=1")
    answers = NetlifyProject(tmp_path, root, PRODUCTION_ENVIRONMENT, service).resolve("production", *paths)["answers"]
    for path in paths:
        rule = answers[path]["rule"]
        assert (rule["status"], rule["target"], rule["force"]) == (200, FORM_SERVER + path, True)
        claims = jwt.decode(rule["sent"]["x-nf-sign"], PROXY_SECRET, algorithms=["HS256"], issuer="netlify")
        assert claims["exp"] > claims["iat"]


@pytest.mark.system
def test_the_forms_path_without_its_trailing_slash_reaches_the_form(
    tmp_path: Path, root: Path, service: Service
) -> None:
    rule = NetlifyProject(tmp_path, root, PRODUCTION_ENVIRONMENT, service).resolve("production", "/referral")[
        "answers"
    ]["/referral"]["rule"]
    assert rule["status"] == 200 and rule["target"].rstrip("/") == FORM_SERVER + "/referral"


@pytest.mark.system
@pytest.mark.parametrize("context", ["deploy-preview", "branch-deploy"])
def test_a_preview_never_leads_to_the_live_form(tmp_path: Path, root: Path, service: Service, context: str) -> None:
    # Even if production's settings leak into it.
    project = NetlifyProject(tmp_path, root, {**PRODUCTION_ENVIRONMENT, "SERVICE_PREVIEW": "yes"}, service)
    paths = ("/referral", "/referral/", "/referral/who", "/referral/exit")
    for path, answer in project.resolve(context, *paths)["answers"].items():
        assert answer["rule"]["status"] == 200 and answer["rule"]["force"], path
        assert answer["rule"]["target"] == "https://restorative.example.org.uk/preview.html", path
        assert answer["rule"]["sent"] == {}, path
    assert FORM_SERVER not in (tmp_path / "site" / "_redirects").read_text()
    assert (tmp_path / "site" / "preview.html").exists()
    assert project.resolve(context, "/")["answers"]["/"]["headers"]["X-Robots-Tag"] == "noindex, nofollow"


@pytest.mark.system
@pytest.mark.parametrize(
    ("env", "form_address"),
    [
        (PRODUCTION_ENVIRONMENT, "/referral/"),
        ({"NETLIFY": "true"}, "https://form.example.org.uk/referral/"),
        ({**PRODUCTION_ENVIRONMENT, "SERVICE_PREVIEW": "yes"}, "/referral/"),
    ],
    ids=["passed on", "own host", "preview"],
)
def test_the_printed_path_redirects_to_the_form_whatever_its_case(
    tmp_path: Path, root: Path, service: Service, env: dict[str, str], form_address: str
) -> None:
    configured_service = replace(service, values={**service.values, "form_address": form_address})
    answers = NetlifyProject(tmp_path, root, env, configured_service).resolve("production", *FORM_PATHS_WITH_CAPITALS)[
        "answers"
    ]
    for path in FORM_PATHS_WITH_CAPITALS:
        rule = answers[path]["rule"]
        assert (rule["status"], rule["force"]) == (301, True), path
        assert rule["target"] == "https://restorative.example.org.uk/referral/", path


@pytest.mark.system
def test_production_has_neither_the_preview_page_nor_its_header(tmp_path: Path, root: Path, service: Service) -> None:
    project = NetlifyProject(tmp_path, root, PRODUCTION_ENVIRONMENT, service)
    assert not (tmp_path / "site" / "preview.html").exists()
    assert "X-Robots-Tag" not in project.resolve("production", "/")["answers"]["/"]["headers"]


@pytest.mark.system
def test_requests_to_a_form_on_its_own_host_are_redirected_and_never_proxied(
    tmp_path: Path, root: Path, service: Service
) -> None:
    service_with_form_host = replace(
        service, values={**service.values, "form_address": "https://form.example.org.uk/referral/"}
    )
    answers = NetlifyProject(tmp_path, root, {"NETLIFY": "true"}, service_with_form_host).resolve(
        "production", "/referral/", "/referral/who"
    )
    rules = [answer["rule"] for answer in answers["answers"].values()]
    assert [rule["status"] for rule in rules] == [302, 302]
    assert [rule["target"] for rule in rules] == [
        f"https://form.example.org.uk/referral/{slug}" for slug in ("", "who")
    ]


@pytest.mark.system
def test_old_paths_redirect_and_pages_have_their_headers(tmp_path: Path, root: Path, service: Service) -> None:
    paths = ("/help/", "/help", "/support/", "/", "/assets/exit.js", "/.well-known/security.txt", "/referral-notes/")
    answers = NetlifyProject(tmp_path, root, PRODUCTION_ENVIRONMENT, service).resolve("production", *paths)["answers"]
    for path in ("/help/", "/help"):
        assert answers[path]["rule"]["status"] == 301
        assert answers[path]["rule"]["target"] == "https://restorative.example.org.uk/support/"
    for path in ("/support/", "/", "/assets/exit.js", "/.well-known/security.txt", "/referral-notes/"):
        assert "rule" not in answers[path], path
        assert answers[path]["headers"]["X-Frame-Options"] == "DENY"
    assert answers["/assets/exit.js"]["headers"]["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Cache-Control" not in answers["/"]["headers"]


@pytest.mark.parametrize(
    ("env", "setting"),
    [
        ({"NETLIFY": "true"}, "FORM_SERVER"),
        ({"NETLIFY": "true", "FORM_SERVER": "http://form.example.org"}, "FORM_SERVER"),
        ({"NETLIFY": "true", "FORM_SERVER": FORM_SERVER + "/referral/"}, "FORM_SERVER"),
        ({"NETLIFY": "true", "FORM_SERVER": FORM_SERVER}, "FORM_PROXY_SECRET"),
        ({"NETLIFY": "true", "FORM_SERVER": FORM_SERVER, "FORM_PROXY_SECRET": "short"}, "FORM_PROXY_SECRET"),
    ],
)
def test_a_build_without_a_valid_form_server_or_secret_stops_and_names_the_setting(
    service: Service, env: dict, setting: str
) -> None:
    with pytest.raises(hosting.HostingError, match=setting):
        list(hosting.redirects(service, {}, env))


@pytest.mark.parametrize(
    ("old_path_by_file", "message"),
    [
        ({"a.md": "/b/", "b.md": ""}, "a page is still there"),
        ({"a.md": "/old/", "b.md": "/old/"}, "which /a/ holds too"),
        ({"a.md": "old page"}, "looks like /leaflets/"),
    ],
)
def test_a_redirect_that_cannot_work_is_reported(
    tmp_path: Path, old_path_by_file: dict[str, str], message: str
) -> None:
    for name, old_path in old_path_by_file.items():
        (tmp_path / name).write_text(f"---\ntitle: x\nmoved_from: [{old_path}]\n---\n# x\n")
    with pytest.raises(hosting.HostingError, match=message):
        hosting.moved_pages(tmp_path)


def test_security_txt_has_a_contact_and_an_expiry_date(service: Service) -> None:
    lines = dict(line.split(": ", 1) for line in hosting.security_txt(service).splitlines())
    assert lines["Contact"] == f"mailto:{service['email']}"
    assert lines["Expires"] == "2027-11-23T00:00:00Z"
    assert lines["Canonical"].startswith(service.site_url)
