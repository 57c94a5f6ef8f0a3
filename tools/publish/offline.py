"""Build the site for use without the internet: a folder of pages, and an A5 booklet to print.

`make build-offline` builds site/ and then build/offline/. Web addresses and telephone numbers become plain text, and
the paper form replaces the online form.
"""

import re
import shutil
import sys
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from leaflet.booklet import Booklet
from leaflet.errors import LeafletError
from leaflet.shortcodes import printed_url
from service_profile import ProfileError, Service, load
from service_profile.profile import ROOT
from tools.publish.build import SITE, BuildError, build, make_readable

OFFLINE_FOLDER = ROOT / "build" / "offline"
PAPER_FORM_PATH = "leaflets/form-for-yourself.pdf"
# Elements that are useless without the internet.
OMITTED_TAGS = {"script", "noscript", "template"}
OMITTED_CLASSES = {"bar", "skip", "online"}
OMITTED_PAGES = {"404.html", "unavailable.html", "preview.html"}
VOID_TAGS = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class OfflinePageParser(HTMLParser):
    """A parser that rewrites one page for reading without the internet. The result is in `output`."""

    def __init__(self, page: Path, site: Path, form_address: str) -> None:
        super().__init__(convert_charrefs=False)
        self.page, self.site, self.form_address = page, site, form_address
        self.output: list[str] = []
        self._open_tags: list[str] = []  # the elements that are open, "" for one whose tags are left out
        self._skip_depth = 0  # depth within an element that is left out
        self._web_address = ""  # the web address of the link that is open
        self._link_start = 0  # the index in `output` at which its text starts

    def handle_decl(self, decl: str) -> None:
        """Copy the doctype to the output."""
        self.output.append(f"<!{decl}>")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Leave out elements that need the internet, reduce web links to their text, and make other links relative."""
        attributes = {name: value or "" for name, value in attrs}
        if self._skip_depth or _needs_internet(tag, attributes):
            self._skip_depth += tag not in VOID_TAGS
            return
        output_tag: str | None = tag
        if tag == "a" and "href" in attributes:
            output_tag = self._rewrite_link(attributes)
        elif "src" in attributes or tag in ("link", "use"):
            for name in ("src", "href"):
                if name in attributes:
                    attributes[name] = self._file_url(attributes[name])
        if tag not in VOID_TAGS:
            self._open_tags.append(output_tag or "")
        if output_tag:
            self.output.append(
                f"<{output_tag}{''.join(_attribute(name, value) for name, value in attributes.items())}>"
            )

    def _rewrite_link(self, attributes: dict[str, str]) -> str | None:
        href = attributes["href"]
        if href.rstrip("/") == self.form_address.rstrip("/"):
            attributes["href"] = self._relative_url(self.site / PAPER_FORM_PATH)
        elif urlsplit(href).scheme or href.startswith(("//", "/referral/")):
            self._web_address = href if href.startswith("http") else ""
            self._link_start = len(self.output)
            return None
        else:
            attributes["href"] = self._file_url(href)
        return "a"

    def _file_url(self, url: str) -> str:
        """Return `url` relative to this page, without the query that contains the file's version."""
        url_without_fragment, fragment = urldefrag(url)
        path = url_without_fragment.partition("?")[0]
        if not path:
            return url
        folder = self.site if path.startswith("/") else self.page.parent
        target = (folder / path.lstrip("/")).resolve()
        if target.is_dir():
            target /= "index.html"
        return self._relative_url(target) + (f"#{fragment}" if fragment else "")

    def _relative_url(self, target: Path) -> str:
        depth = len(self.page.relative_to(self.site).parts) - 1
        return "../" * depth + target.relative_to(self.site.resolve()).as_posix()

    def handle_endtag(self, tag: str) -> None:
        """Close the element. After the text of a web link, add the link's address unless the text contains it."""
        if self._skip_depth:
            self._skip_depth -= tag not in VOID_TAGS
            return
        if self._open_tags and tag not in VOID_TAGS:
            output_tag = self._open_tags.pop()
            if output_tag:
                self.output.append(f"</{output_tag}>")
            elif self._web_address:
                if (printed_address := escape(printed_url(self._web_address))) not in "".join(
                    self.output[self._link_start :]
                ):
                    self.output.append(f" ({printed_address})")
                self._web_address = ""

    def handle_data(self, data: str) -> None:
        """Copy the text to the output. In a style element, make the URLs of fonts relative."""
        if self._open_tags and self._open_tags[-1] == "style":
            data = re.sub(r"url\(([^)]*)\)", lambda font: f"url({self._file_url(font[1])})", data)
        if not self._skip_depth:
            self.output.append(data)

    def handle_entityref(self, name: str) -> None:
        """Copy a named character reference to the output unchanged."""
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        """Copy a numeric character reference to the output unchanged."""
        self.handle_data(f"&#{name};")


def _needs_internet(tag: str, attributes: dict[str, str]) -> bool:
    """Return whether an element is useless without the internet."""
    if tag in OMITTED_TAGS or OMITTED_CLASSES & set(attributes.get("class", "").split()):
        return True
    if tag == "a":
        return urldefrag(attributes.get("href", ""))[0].rstrip("/").endswith("search")
    return attributes.get("rel") == "canonical" or attributes.get("property", "").startswith("og:")


def _attribute(name: str, value: str) -> str:
    return f' {name}="{escape(value)}"' if value else f" {name}"


def rewrite_page(page: Path, site: Path, service: Service) -> str:
    """Return the HTML of `page`, rewritten so that a browser can open it from a disk."""
    parser = OfflinePageParser(page, site, str(service["form_address"]))
    parser.feed(page.read_text(encoding="utf-8"))
    parser.close()
    return "".join(parser.output).replace("<li></li>", "")  # the menu entry of the search page, which is left out


def build_offline(site: Path, output_folder: Path, service: Service) -> None:
    """Write an offline copy of the built `site` into `output_folder`, and replace any older copy.

    Raises LeafletError if the booklet cannot be made.
    """
    new_folder = output_folder.with_name(output_folder.name + ".new")
    shutil.rmtree(new_folder, ignore_errors=True)
    patterns = ("*.html", "*.css", "*.svg", "*.png", "*.jpg", "*.webp", "*.woff2", "*.pdf")
    for file in sorted(path for pattern in patterns for path in site.rglob(pattern)):
        relative_path = file.relative_to(site)
        if relative_path.name in OMITTED_PAGES or relative_path.parts[0] == "search":
            continue
        target = new_folder / relative_path
        target.parent.mkdir(parents=True, exist_ok=True)
        if file.suffix == ".html":
            target.write_text(rewrite_page(file, site, service), encoding="utf-8")
        else:
            shutil.copyfile(file, target)
    (new_folder / "booklet.pdf").write_bytes(Booklet(site, service).pdf())
    make_readable(new_folder)
    shutil.rmtree(output_folder, ignore_errors=True)
    new_folder.rename(output_folder)


def unusable_links(folder: Path) -> list[str]:
    """Return each link that does not work without the internet, as "page: link"."""
    links = []
    for page in sorted(folder.rglob("*.html")):
        for link in re.findall(r'(?:(?:href|src)="|url\()([^")]*)', page.read_text(encoding="utf-8")):
            path = urldefrag(link)[0]
            if urlsplit(link).scheme or link.startswith("/") or (path and not (page.parent / path).is_file()):
                links.append(f"{page.relative_to(folder)}: {link}")
    return links


def main() -> int:
    """Build the site and its offline copy. Return 0 when build/offline/ is ready, 1 otherwise."""
    try:
        build()
        service = load()
        build_offline(SITE, OFFLINE_FOLDER, service)
    except (BuildError, LeafletError, ProfileError) as error:
        print(error, file=sys.stderr)
        return 1
    if links := unusable_links(OFFLINE_FOLDER):
        print("These links need the internet or lead nowhere:", *links, sep="\n", file=sys.stderr)
        return 1
    print(f"{OFFLINE_FOLDER.relative_to(ROOT)}/ is ready: open index.html, or print booklet.pdf as an A5 booklet.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
