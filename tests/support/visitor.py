"""A client without JavaScript that fills in the form over real HTTP and keeps its cookie."""

import base64
import hashlib
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

from tests.support.form_client import ANSWERS_BY_ROUTE

REFERENCE_PATTERN = re.compile(r"reference\W+(?:<[^>]+>\W*)*([0-9A-Z]{4}-[0-9A-Z]{4})", re.IGNORECASE)


def home_page(host: str) -> tuple[str, str]:
    """Fetch the home page of `host` from nginx on loopback; return its HTML and content security policy."""
    unverified_tls = ssl._create_unverified_context()
    request = urllib.request.Request("https://127.0.0.1/", headers={"Host": host})
    with urllib.request.urlopen(request, timeout=30, context=unverified_tls) as response:
        return response.read().decode(), response.headers["Content-Security-Policy"]


def inline_style_is_allowed(page: str, policy: str) -> bool:
    """Return whether the content security policy allows the page's inline style."""
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    style_sources = re.search(r"style-src ([^;]*);", policy)
    return style_sources is not None and f"'sha256-{digest}'" in style_sources[1].split()


class Visitor:
    """A browser session at `base_url`, without JavaScript; `host`, if given, is sent as the Host header."""

    def __init__(self, base_url: str, host: str = "") -> None:
        self.base_url = base_url.rstrip("/")
        unverified_tls = ssl._create_unverified_context()
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies), urllib.request.HTTPSHandler(context=unverified_tls)
        )
        self.opener.addheaders = [("Accept", "text/html")]
        self.host = host
        self.status, self.text, self.url = 0, "", ""

    def open(self, path: str, fields: dict[str, object] | None = None) -> str:
        """Open the page at `path`, follow redirects, and return its HTML. Raises OSError if no server answers.

        With `fields`, post them to `path` instead of making a GET request.
        """
        data = urllib.parse.urlencode(fields, doseq=True).encode() if fields is not None else None
        request = urllib.request.Request(self.base_url + path, data)
        if self.host:
            request.add_header("Host", self.host)
        if fields is not None:
            request.add_header("Sec-Fetch-Site", "same-origin")
        try:
            with self.opener.open(request, timeout=30) as response:
                self.status, self.url, self.text = response.status, response.geturl(), response.read().decode()
        except urllib.error.HTTPError as error:
            self.status, self.text = error.code, error.read().decode(errors="replace")
        return self.text

    def _hidden_values(self, *names: str) -> dict[str, object]:
        matches = ((name, re.search(rf'name="{name}" value="([^"]*)"', self.text)) for name in names)
        return {name: match[1] for name, match in matches if match}

    def fill_in(self, route: str = "harmed", name: str = "") -> None:
        """Fill in the form's route `route`, such as "harmed", up to the check page.

        `name`, if given, replaces the sample name.
        """
        self.open("/referral/")
        self.open("/referral/", {})
        for slug, fields in ANSWERS_BY_ROUTE[route]:
            self.open(f"/referral/{slug}")
            name_field = {"name": name} if name and "name" in fields else {}
            self.open(f"/referral/{slug}", {**fields, **name_field, **self._hidden_values("token")})

    def send_referral(self, route: str = "harmed", name: str = "") -> str:
        """Fill in the form's route `route`, such as "harmed", and send it.

        Return the reference on the confirmation page, or "" if there is none. `name`, if given, replaces the sample
        name.
        """
        self.fill_in(route, name)
        self.open("/referral/check")
        self.open("/referral/check", {**self._hidden_values("token", "shown", "opened"), "agreement": "yes"})
        reference = REFERENCE_PATTERN.search(self.text) if self.status == 200 else None
        return reference[1] if reference else ""
