"""Tests that a second service needs changes in mkdocs.yml only, and that its pages never name the first service."""

import difflib
import hashlib
import html
import json
import re
from itertools import accumulate
from pathlib import Path

import pymupdf
import pytest
from playwright.sync_api import Browser

from service_profile import load
from service_profile.contrast import MIN_EDGE_CONTRAST, contrast
from service_profile.icon import icon_svg as icon_of
from tests.support import project_copy
from tests.support.deployment import flask_command, form_environment, get, running_program, wait_for_port
from tests.support.visitor import Visitor
from tools.dev.ports import free_port

pytestmark = pytest.mark.long

# Names, numbers and addresses of the first service, none of which may appear.
FIRST_SERVICE_DETAILS_PATTERN = re.compile(
    r"Staffordshire|Stoke-on-Trent|01632 960123|07700 900123|rj\.team@|restorative\.example\.org\.uk"
)


@pytest.fixture(scope="module")
def second_project(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """Build the site of a second, invented service in a copy of the project; return the copy's folder."""
    folder = project_copy.copy_with_service(root, tmp_path_factory.mktemp("second"), project_copy.SECOND_SERVICE)
    completed = project_copy.run_python(folder, "-m", "tools.publish.build")
    assert completed.returncode == 0, completed.stdout + completed.stderr
    return folder


def test_only_mkdocs_yml_differs_from_the_first_services_project(second_project: Path, root: Path) -> None:
    differing_files = [
        str(file.relative_to(second_project))
        for file in second_project.rglob("*")
        if file.is_file()
        and not {"site", "__pycache__", "build", "generated"} & set(file.relative_to(second_project).parts)
        and file.relative_to(second_project).parts[:2] != ("docs", "leaflets")
        and file.read_bytes() != (root / file.relative_to(second_project)).read_bytes()
    ]
    assert differing_files == ["mkdocs.yml"]


def test_no_page_of_the_site_names_the_first_service(second_project: Path) -> None:
    pages = sorted((second_project / "site").rglob("*.html"))
    assert len(pages) > 15
    for page in [*pages, *(second_project / "site").glob("*.txt"), *(second_project / "site").rglob("*.json")]:
        match = FIRST_SERVICE_DETAILS_PATTERN.search(html.unescape(page.read_text(encoding="utf-8")))
        assert not match, f"{page.relative_to(second_project)} names {match}"
    home_html = (second_project / "site" / "index.html").read_text()
    assert "Marlshire" in home_html and "01632 960777" in home_html and "#5b2a86" in home_html


def test_the_icon_has_the_second_services_colour(second_project: Path, root: Path) -> None:
    icon = (second_project / "site" / "assets" / "icon.svg").read_text()
    colours = re.findall(r'"(#[0-9a-f]{6})"', icon)
    assert len(colours) == 2 and "{" not in icon
    assert colours[0] not in icon_of(load(root / "mkdocs.yml")), "the first service's colour"
    service = load(second_project / "mkdocs.yml")
    assert project_copy.hue(colours[0]) == pytest.approx(project_copy.hue("#5b2a86"), abs=0.03)
    for colour in colours:
        assert all(
            contrast(colour, service["look"][scheme]["paper"]) >= MIN_EDGE_CONTRAST for scheme in ("light", "dark")
        ), colour
    digest = hashlib.sha256(icon.encode()).hexdigest()[:6]
    assert f'assets/icon.svg?{digest}"' in (second_project / "site" / "index.html").read_text()


def test_no_leaflet_names_the_first_service(second_project: Path) -> None:
    leaflets = sorted((second_project / "site" / "leaflets").glob("*.pdf"))
    assert leaflets
    for leaflet in leaflets:
        with pymupdf.open(leaflet) as pdf:
            text = "\n".join(page.get_text() for page in pdf) + json.dumps(pdf.metadata)
        assert not FIRST_SERVICE_DETAILS_PATTERN.search(text), (
            f"{leaflet.name} names {FIRST_SERVICE_DETAILS_PATTERN.search(text)}"
        )
        assert "01632 960777" in text, leaflet.name


def test_the_second_services_pages_pass_the_content_checks(second_project: Path) -> None:
    completed = project_copy.run_python(second_project, "-m", "tools.content.check_pages")
    assert completed.returncode == 0, completed.stdout + completed.stderr


def test_production_refuses_the_service_until_its_samples_are_replaced(second_project: Path) -> None:
    completed = project_copy.run_python(second_project, "-m", "tools.publish.build", SERVICE_ENV="production")
    assert completed.returncode == 1
    assert "extra.service.phone is still a sample (01632 960777)" in completed.stderr
    assert "Traceback" not in completed.stderr


@pytest.mark.server
@pytest.mark.browser
def test_site_and_form_show_only_the_second_service_and_a_referral_is_sent(
    second_project: Path, browser: Browser, tmp_path: Path, root: Path
) -> None:
    port = free_port()
    env = form_environment(second_project)
    with running_program(*flask_command(), "serve", "--port", str(port), cwd=tmp_path, env=env):
        wait_for_port(port, "the form")
        visitor = Visitor(f"http://127.0.0.1:{port}")
        assert visitor.send_referral("harmed")
        assert "Marlshire" in visitor.text and not FIRST_SERVICE_DETAILS_PATTERN.search(visitor.text)
        icon = get(f"http://127.0.0.1:{port}/referral/assets/icon.svg")
        assert icon == (200, (second_project / "site" / "assets" / "icon.svg").read_bytes())
        with running_program(
            "python3",
            "-m",
            "http.server",
            str(site_port := free_port()),
            "-d",
            str(second_project / "site"),
            cwd=tmp_path,
        ):
            wait_for_port(site_port, "the site")
            picture_folder = root / "build" / "pictures"
            picture_folder.mkdir(parents=True, exist_ok=True)
            page = browser.new_page(viewport={"width": 1000, "height": 1200})
            for name, url in (
                ("home", f"http://127.0.0.1:{site_port}/"),
                ("form", f"http://127.0.0.1:{port}/referral/"),
            ):
                page.goto(url)
                page.screenshot(path=picture_folder / f"second-service-{name}.png")
                assert not FIRST_SERVICE_DETAILS_PATTERN.search(page.inner_text("body"))
            page.goto(f"http://127.0.0.1:{site_port}/")
            cover = page.locator(".cover").first
            assert cover.evaluate("cover => getComputedStyle(cover).backgroundColor") == "rgb(91, 42, 134)"
            page.close()


def _setting_of_line(previous_setting: str, line: str) -> str:
    """Return the name of the top-level setting that begins on `line`, or `previous_setting` if none begins there."""
    return line.partition(":")[0] if line[:1].isalpha() else previous_setting


def test_only_the_services_settings_change_and_every_comment_is_kept(second_project: Path, root: Path) -> None:
    lines = (root / "mkdocs.yml").read_text().splitlines()
    matcher = difflib.SequenceMatcher(
        None, lines, (second_project / "mkdocs.yml").read_text().splitlines(), autojunk=False
    )
    changed_line_indexes = [
        number for tag, begin, end, *_ in matcher.get_opcodes() if tag != "equal" for number in range(begin, end)
    ]
    start = next(number for number, line in enumerate(lines) if line.startswith("  service:"))
    end = next(number for number in range(start + 1, len(lines)) if re.match(r" {0,2}\S", lines[number]))
    settings = list(accumulate(lines, _setting_of_line, initial=""))[1:]
    changed_settings = {settings[number] for number in changed_line_indexes if not start <= number < end}
    assert changed_settings <= {"site_name", "site_url", "site_description"}
    assert not any(lines[number].lstrip().startswith("#") for number in changed_line_indexes)
