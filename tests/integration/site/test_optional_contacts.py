"""Optional details, such as a second phone or a logo, appear where they belong and leave no gap if empty."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest
from PIL import Image

from leaflet.build import build_all
from leaflet.shortcodes import urls_by_link_text
from service_profile import ProfileError, Service, load, profile, social
from service_profile.profile import MKDOCS_YML
from site_markdown import page_facts
from tests.support import project_copy
from tests.support.form_fixtures import MakeApp, make_app
from tools.content import check_pages
from tools.publish import organisation

pytestmark = pytest.mark.long


__all__ = ["make_app"]

OPTIONAL_SETTINGS_BY_PATTERN = {
    r"    logo:\n      picture: .*\n      alt: .*\n": "    logo: {picture: pictures/logo.png, alt: Tarn Justice}\n",
    r"    second_phone:\n      label: .*\n      number: .*\n": (
        '    second_phone: {label: Out of hours, number: "(01632) 960 555"}\n'
    ),
    r"    social_links: \[\].*\n": (
        "    social_links:\n      - {name: Facebook, url: 'https://www.facebook.com/tarn'}\n"
        "      - {name: Our blog, url: 'https://blog.gov.uk/'}\n"
    ),
    r"    funders: \[\].*\n": (
        "    funders:\n      - {name: Tarn Council, picture: pictures/council.png, url: 'https://www.gov.uk/'}\n"
        "      - {name: The Tarn Fund}\n"
    ),
}


def with_optional_settings(text: str) -> str:
    for pattern, lines in OPTIONAL_SETTINGS_BY_PATTERN.items():
        text, count = re.subn(f"^{pattern}", lines, text, flags=re.MULTILINE)
        assert count == 1, pattern
    return text


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    """Make `load()` return a service with every optional setting, and return this service."""
    file = tmp_path / "mkdocs.yml"
    file.write_text(with_optional_settings(MKDOCS_YML.read_text(encoding="utf-8")), encoding="utf-8")
    monkeypatch.setattr(profile.load, "__defaults__", (file, False))
    return load()


@pytest.fixture(scope="module")
def project(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Build the site of a project with every optional setting and three pictures; yield the project's folder."""
    # One of the pictures is unused.
    folder = project_copy.copy_with_sample_service(root, tmp_path_factory.mktemp("everything"))
    config = folder / "mkdocs.yml"
    config.write_text(with_optional_settings(config.read_text(encoding="utf-8")), encoding="utf-8")
    (folder / "docs" / "pictures").mkdir(exist_ok=True)
    for name in ("logo", "council", "unused"):
        Image.new("RGB", (1200, 300), "#0f5156").save(folder / "docs" / "pictures" / f"{name}.png")
    process = project_copy.run_python(folder, "-m", "tools.publish.build")
    assert process.returncode == 0, process.stderr
    yield folder


def element_html(html: str, tag: str) -> str:
    match = re.search(rf"<{tag}\b.*?</{tag}>", html, re.DOTALL)
    assert match
    return match[0]


def test_every_page_shows_the_optional_contacts_logos_and_funders(project: Path) -> None:
    site = project / "site"
    assert sorted(path.name for path in (site / "pictures").iterdir()) == ["council.png", "logo.png"]
    with Image.open(site / "pictures" / "logo.png") as logo:
        assert logo.size == (600, 150)
    for page in ("index.html", "privacy/index.html", "404.html"):
        html = (site / page).read_text(encoding="utf-8")
        assert re.search(
            r'<img class="logo" src="[./]*/pictures/logo.png" alt="Tarn Justice">', element_html(html, "header")
        )
        footer = element_html(html, "footer")
        assert (
            '<a href="https://www.facebook.com/tarn"><span aria-hidden="true"><svg' in footer
            and "Our blog</a>" in footer
        )
        assert re.search(
            r'<a href="https://www.gov.uk/"><img class="logo" src="[^"]*council.png" alt="Tarn Council"', footer
        )
        assert "<li>The Tarn Fund</li>" in footer
    contact_page = (site / "contact" / "index.html").read_text(encoding="utf-8")
    assert re.search(
        r'Out of hours</strong>.{0,3}<a href="tel:01632960555"><[^>]*>\(01632\) 960 555</span></a>', contact_page
    )
    harmed_page = (site / "harmed" / "index.html").read_text(encoding="utf-8")
    assert 'Out of hours: <a href="tel:01632960555">' in harmed_page


def test_the_leaflets_print_the_optional_contacts_and_funders(project: Path) -> None:
    with pymupdf.open(project / "site" / "leaflets" / "leaflet-to-fold.pdf") as pdf:
        text = " ".join(pdf[0].get_text().split())
        picture_count = len(pdf[0].get_images())
    assert "Out of hours: (01632) 960 555" in text and "We are funded by" in text and "The Tarn Fund" in text
    assert picture_count >= 1, "the logo on the cover"


def test_the_offline_copy_has_the_logo_and_names_social_networks_as_text(project: Path) -> None:
    process = project_copy.run_python(project, "-m", "tools.publish.offline")
    assert process.returncode == 0, process.stderr
    offline_folder = project / "build" / "offline"
    assert (offline_folder / "pictures" / "logo.png").is_file()
    assert "Facebook (www.facebook.com/tarn)" in (offline_folder / "index.html").read_text(encoding="utf-8")


def test_the_form_shows_the_logo_and_the_second_phone_number_but_no_social_networks(
    service: Service, make_app: MakeApp
) -> None:
    app = make_app()
    html = app.test_client().get("/referral/").get_data(as_text=True)
    assert '<img class="logo" src="/pictures/logo.png" alt="Tarn Justice">' in html
    not_found_html = app.test_client().get("/referral/nothing", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert '<a href="tel:01632960555"><span dir="ltr" translate="no">(01632) 960 555</span></a>' in not_found_html
    assert "facebook" not in html + not_found_html, "no page of the form links to other sites"


def test_search_engines_get_contacts_logo_and_funders(service: Service) -> None:
    details = json.loads(json.dumps(organisation.organisation_properties(service)))
    assert details["contactPoint"]["telephone"] == "(01632) 960 555"
    assert details["logo"] == f"{service.site_url}pictures/logo.png"
    assert details["sameAs"] == ["https://www.facebook.com/tarn", "https://blog.gov.uk/"]
    assert [funder["name"] for funder in details["funder"]] == ["Tarn Council", "The Tarn Fund"]


def test_without_optional_contacts_the_form_has_no_trace_of_them(make_app: MakeApp) -> None:
    service = load()
    assert page_facts(service.values)["link.second_phone"] == "" == service.facts["second_phone.label"]
    assert not {"contactPoint", "logo", "sameAs", "funder"} & set(organisation.organisation_properties(service))
    assert "" not in urls_by_link_text(service)
    html = make_app().test_client().get("/referral/").get_data(as_text=True)
    assert 'class="logo"' not in html and str(service["short_name"]) in element_html(html, "header")


def test_without_optional_contacts_no_page_has_a_trace_of_them(site: Path) -> None:
    for page in site.rglob("*.html"):
        html = page.read_text(encoding="utf-8")
        assert 'class="social"' not in html and 'class="funders"' not in html and 'class="logo"' not in html
    assert "<strong></strong>" not in (site / "contact" / "index.html").read_text(encoding="utf-8")


def test_without_funders_a_leaflet_does_not_mention_any(tmp_path: Path, root: Path) -> None:
    build_all(tmp_path / "out", load(), root / "build" / "leaflets")
    with pymupdf.open(tmp_path / "out" / "leaflet-to-fold.pdf") as pdf:
        assert "funded by" not in pdf[0].get_text()


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("logo: {picture: pictures/logo.svg}", "extra.service.logo.picture must be a PNG, JPEG or WebP picture"),
        ("logo: {picture: ../mkdocs.yml}", "extra.service.logo.picture must be a PNG, JPEG or WebP picture"),
        ("second_phone: {number: 01632 960555}", "extra.service.second_phone needs the line label"),
        ("second_phone: {label: x, number: call us}", "extra.service.second_phone.number is not a phone number"),
        ("social_links: [{name: x, url: facebook.com/x}]", "extra.service.social_links, entry 1, url is not a web"),
        ("funders: [{picture: pictures/a.png}]", "extra.service.funders, entry 1, name is missing"),
    ],
)
def test_a_wrong_optional_setting_is_reported(tmp_path: Path, lines: str, problem: str) -> None:
    text = MKDOCS_YML.read_text(encoding="utf-8")
    name = lines.partition(":")[0]
    text, count = re.subn(rf"^    {name}:.*\n(?:      .*\n)*", f"    {lines}\n", text, flags=re.MULTILINE)
    assert count == 1
    (tmp_path / "mkdocs.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError) as excinfo:
        load(tmp_path / "mkdocs.yml")
    assert problem in str(excinfo.value)


def test_a_missing_logo_is_reported(service: Service, root: Path) -> None:
    problems = list(check_pages.missing_logo_problems(service, check_pages.read_pages(service, root / "docs")))
    assert problems[0].startswith(
        "mkdocs.yml: extra.service.logo.picture names pictures/logo.png, which is not in docs/."
    )
    assert "extra.service.funders, entry 1, picture names pictures/council.png" in problems[1]


def test_sample_values_in_lists_are_refused_in_production(tmp_path: Path) -> None:
    text = with_optional_settings(MKDOCS_YML.read_text(encoding="utf-8")).replace(
        "www.facebook.com/tarn", "www.example.org"
    )
    (tmp_path / "mkdocs.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError, match=r"extra\.service\.social_links, entry 1, url is still a sample"):
        load(tmp_path / "mkdocs.yml", production=True)


@pytest.mark.parametrize(
    ("url", "icon"),
    [
        ("https://www.facebook.com/x", "simple/facebook"),
        ("https://uk.linkedin.com/company/x", "fontawesome/brands/linkedin"),
        ("https://notfacebook.com/", "material/web"),
        ("https://x.com/y", "simple/x"),
        ("https://sandbox.com/y", "material/web"),
    ],
)
def test_only_the_domain_of_a_social_network_and_its_subdomains_have_its_icon(url: str, icon: str) -> None:
    assert social.icon_path(url) == icon


def test_the_icon_of_every_social_network_exists_in_material_for_mkdocs() -> None:
    import material

    folder = Path(material.__file__).parent / "templates" / ".icons"
    for path in (*social.ICON_PATHS.values(), social.DEFAULT_ICON_PATH):
        assert (folder / f"{path}.svg").is_file(), path


def test_a_service_without_processors_shows_no_empty_list() -> None:
    values = load().values
    values_without_processors = {**values, "privacy": {**values["privacy"], "processors": []}}
    assert page_facts(values)["list.processors"].startswith("<ul><li>")
    assert page_facts(values_without_processors)["list.processors"] == ""
