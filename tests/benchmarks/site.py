"""A benchmark of our site and of the same text in the stock Material theme: first view and build time.

The same server serves both sites, compressed.
"""

import re
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import load_config
from playwright.sync_api import Browser, sync_playwright

from service_profile import load, pictures, style_sheet
from service_profile.profile import MKDOCS_YML, ROOT
from tests.benchmarks.serving import serve
from tests.conftest import CHROMIUM_ARGUMENTS
from tools.dev.system_packages import chromium_path
from tools.publish import assets, build

# A slow mobile connection and an old phone.
BYTES_A_SECOND, ROUND_TRIP_MS, CPU_SLOWDOWN = 280_000 / 8, 600, 6
MEASURED_PAGES = ("", "harmed/", "what-happens/", "privacy/")
ROUNDS = 3
MEASURE_LARGEST_PAINT_SCRIPT = """() => new Promise(done =>
    new PerformanceObserver(list => done(list.getEntries().pop().startTime))
    .observe({type: "largest-contentful-paint", buffered: true}))"""


def write_stock_site(folder: Path, extra_page_count: int = 0) -> Path:
    """Write a project to `folder` with our Markdown, `extra_page_count` more pages, and the stock Material theme.

    Returns the path of its mkdocs.yml.
    """
    docs = folder / "docs"
    shutil.copytree(ROOT / "docs", docs)
    shutil.copytree(pictures.PICTURES_FOLDER, docs / "assets" / "pictures")
    _add_pages(docs, extra_page_count)
    text = MKDOCS_YML.read_text(encoding="utf-8")
    text = text.replace("  custom_dir: overrides\n", "").replace("plugins: []", "plugins: [search]")
    text = re.sub(r"^nav:\n(?:(?: .*)?\n)+", "", text, flags=re.M)
    text = re.sub(r"^watch:\n(?: .*\n)+", "", text, flags=re.M)
    path = folder / "mkdocs.yml"
    text = re.sub(r"^  static_templates:.*\n(?:    .*\n)*", "", text, flags=re.M)
    path.write_text(text, encoding="utf-8")
    return path


def write_our_site(folder: Path, extra_page_count: int = 0) -> Path:
    """Write a project to `folder` with our Markdown, `extra_page_count` more pages, and a mkdocs.yml for our templates.

    Returns the path of mkdocs.yml.
    """
    path = write_stock_site(folder, extra_page_count)
    text = path.read_text(encoding="utf-8")
    text = text.replace("  font: false", f"  font: false\n  custom_dir: {ROOT / 'overrides'}")
    path.write_text(text.replace("plugins: [search]", "plugins: []"), encoding="utf-8")
    return path


def _add_pages(docs: Path, extra_page_count: int) -> None:
    source = (ROOT / "docs" / "harmed.md").read_text(encoding="utf-8")
    for number in range(extra_page_count):
        (docs / f"page-{number}.md").write_text(source, encoding="utf-8")


def copy_with_linked_style(site: Path, copy_folder: Path) -> None:
    """Copy the built site to `copy_folder`, with the CSS of its pages moved to one linked style sheet."""
    shutil.copytree(site, copy_folder)
    (copy_folder / "assets" / "site.css").write_text(style_sheet.site_style(load()), encoding="utf-8")
    for page in copy_folder.rglob("*.html"):
        path_to_root = "../" * (len(page.relative_to(copy_folder).parts) - 1) or "./"
        html = re.sub(r"<style>.*?</style>", "", page.read_text(encoding="utf-8"), flags=re.S)
        link = f'<link rel="stylesheet" href="{path_to_root}assets/site.css">'
        page.write_text(html.replace("</title>", f"</title>\n{link}"), encoding="utf-8")
    for compressed_file in [*copy_folder.rglob("*.br"), *copy_folder.rglob("*.gz")]:
        compressed_file.unlink()
    assets.COMPRESSED_SUFFIXES.add(".css")
    assets.compress(copy_folder)


def measure_first_view(browser: Browser, url: str) -> tuple[float, int]:
    """Open `url` over a simulated slow connection; return two measurements.

    They are the time of the largest contentful paint (ms) and the number of bytes in which the HTML was sent.
    """
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    conditions = {"offline": False, "latency": ROUND_TRIP_MS, "downloadThroughput": BYTES_A_SECOND}
    session.send("Network.emulateNetworkConditions", {**conditions, "uploadThroughput": BYTES_A_SECOND})
    session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWDOWN})
    sizes: list[int] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.goto(url, wait_until="load", timeout=60_000)
    paint_ms = page.evaluate(MEASURE_LARGEST_PAINT_SCRIPT)
    context.close()
    return float(paint_ms), sizes[0]


def seconds_taken(action: Callable[[], object]) -> float:
    """Call `action` and return how many seconds it took."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def _build_seconds(config_file: Path, site: Path) -> float:
    def build_pages() -> None:
        config = load_config(str(config_file), site_dir=str(site))
        if "service" in config.extra:  # ours: the templates need the validated settings, as in the real build
            service = load()
            build.pass_settings(config, service)
            names = sorted(file.name for file in Path(config.docs_dir).glob("*.md") if file.name != "index.md")
            # Header and footer list pages of the menu's last parts, so this menu needs some.
            config.nav = [
                "index.md",
                {"Pages": names[2:]},
                {"More": names[:1]},
                {"Us": names[1:2]},
                {"End": names[:1]},
            ]
        mkdocs_build(config)

    return seconds_taken(build_pages)


def _view_rows(sites: dict[str, Path]) -> list[dict[str, Any]]:
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=CHROMIUM_ARGUMENTS)
        for page in MEASURED_PAGES:
            views_by_site: dict[str, list[tuple[float, int]]] = {name: [] for name in sites}
            for _ in range(ROUNDS):  # in turn, so that load on the machine affects every site alike
                for name, folder in sites.items():
                    with serve(folder) as site_url:
                        views_by_site[name].append(measure_first_view(browser, site_url + page))
            medians = {name: statistics.median(ms for ms, _ in views) for name, views in views_by_site.items()}
            html_bytes = views_by_site["inlined"][0][1]
            # The physical limit: one round trip and the transfer of the bytes, on an infinitely fast phone.
            limit = ROUND_TRIP_MS + html_bytes / BYTES_A_SECOND * 1000
            for name, target_ratio in (("inlined", 0.4), ("linked", 0.6)):
                rows.append(
                    {
                        "what": f"largest paint of /{page}, style {name}",
                        "unit": "ms",
                        "ours": round(medians[name]),
                        "peer": round(medians["stock"]),
                        "limit": round(limit),
                        "ratio": round(medians[name] / medians["stock"], 2),
                        "budget": f"ratio {target_ratio}, 2000 ms",
                    }
                )
        browser.close()
    return rows


def _build_rows(folder: Path) -> list[dict[str, Any]]:
    rows = []
    build.build(site=folder / "whole")  # builds the leaflets, which the timed build then reuses, as between two edits
    full_build_row = {"what": "make build: all steps, leaflets kept", "unit": "s"}
    rows.append(full_build_row | {"ours": round(seconds_taken(lambda: build.build(site=folder / "whole")), 2)})
    for extra_page_count in (0, 100, 500):
        config_files = {}
        for name, write_config in (("ours", write_our_site), ("stock", write_stock_site)):
            config_folder = folder / f"{name}-{extra_page_count}"
            config_folder.mkdir()
            config_files[name] = write_config(config_folder, extra_page_count)
        seconds = {
            name: min(_build_seconds(config, folder / f"{name}-site") for _ in range(2))
            for name, config in config_files.items()
        }
        rows.append(
            {
                "what": f"build of the pages and {extra_page_count} more",
                "unit": "s",
                "ours": round(seconds["ours"], 2),
                "peer": round(seconds["stock"], 2),
                "ratio": round(seconds["ours"] / seconds["stock"], 2),
                "budget": "ratio 1.5",
            }
        )
    return rows


def run() -> list[dict[str, Any]]:
    """Compare our site with the stock theme; return the rows of the results table."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        our_site, stock_site = folder / "own", folder / "stock-site"
        build.build(site=our_site)
        (folder / "stock").mkdir()
        mkdocs_build(load_config(str(write_stock_site(folder / "stock")), site_dir=str(stock_site)))
        assets.COMPRESSED_SUFFIXES.add(".css")
        assets.compress(stock_site)
        copy_with_linked_style(our_site, folder / "linked")
        rows = _view_rows({"inlined": our_site, "linked": folder / "linked", "stock": stock_site})
        return rows + _build_rows(folder)
