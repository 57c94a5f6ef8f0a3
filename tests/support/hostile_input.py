"""Random hostile requests for the form, reproducible by seed: known attacks and variations on them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from form_service.referral.questions import PAGES, QUESTIONS

MARKER = "Zebedee"  # part of nearly every value sent; it must not appear in redirects or in the log

FIELD_NAMES = [question.name for question in QUESTIONS] + [
    "token",
    "shown",
    "opened",
    "copy_to",
    "x[]",
    "__proto__",
    "",
]
CHOICES = [str(choice.value) for question in QUESTIONS for choice in question.choices]
SLUGS = [page.slug for page in PAGES]
PATHS = [
    "/referral/",
    "/referral",
    "/referral/exit",
    "/referral/done",
    "/referral/check",
    "/referral/withdraw/",
    "/referral/received/",
    "/referral/assets/",
    "/referral/copy",
    "/healthz",
    "/readyz",
    "/metrics",
    "/",
    "/REFERRAL/",
    *(f"/referral/{slug}" for slug in SLUGS * 4),
]
METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "CONNECT", "BREW", "get", "PROPFIND", ""]
CONTENT_TYPES = [
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-7",
    "application/x-www-form-urlencoded; charset=\x00",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=a",
    "multipart/form-data; boundary=" + "b" * 300,
    "application/json",
    "text/plain",
    "text/html; charset=utf-16",
    "x",
    "",
    "/",
    ";",
    "image/svg+xml",
    "multipart/mixed; boundary=a",
]
HOSTILE_TEXTS = [
    "",
    " ",
    "\0",
    "\r\n",
    "\r\nBcc: all@evil.example",
    "\u200b",
    "\u202eevil",
    "\ufeff",
    "\ud800",
    "\U0001f46e\u200d\u2640\ufe0f",
    "a\u0301" * 200,
    "\u0430\u0440\u0440le",
    "\uff1cscript\uff1e",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "{% raw %}",
    "${7*7}",
    "%(name)s",
    "{0.__class__}",
    "' OR 1=1 --",
    '"; DROP TABLE outbox; --',
    "../../../../etc/passwd",
    "..%2f..%2f",
    "%00",
    "%",
    "%zz",
    "x" * 600,
    "x" * 6_000,
    "\u0e49" * 500,
    "\u2028\u2029",
    "\x1b[31m",
    "=cmd|' /C calc'!A0",
    "-1",
    "1e309",
    "NaN",
    "null",
    "true",
    "[]",
    "a@b@c",
    "a@[127.0.0.1]",
    '"a b"@example.org',
    "a@xn--",
    "+44" + "7" * 300,
    "file:///etc/passwd",
    "javascript:alert(1)",
    "\x7f",
    "\x85",
    "\ue000",
    "\U0010ffff",
    "\ufffd",
    "\u0130\u0131\u017f\u1e9e",
    "0x7f.1",
    "\t",
    "\x0b\x0c",
]
HEADER_NAMES = [
    "Accept",
    "Accept-Language",
    "Accept-Encoding",
    "Cookie",
    "Host",
    "Origin",
    "Referer",
    "Sec-Fetch-Site",
    "Sec-Purpose",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-Forwarded-Host",
    "X-Forwarded-Prefix",
    "X-HTTP-Method-Override",
    "Authorization",
    "If-None-Match",
    "If-Modified-Since",
    "Range",
    "Content-Length",
    "Transfer-Encoding",
    "Expect",
    "X-Nf-Sign",
    "User-Agent",
    "X-Real-Ip",
    "Forwarded",
    "Content-Encoding",
    "Upgrade",
    "Via",
    "Date",
    "TE",
]


@dataclass
class HostileRequest:
    """One request to send to the form."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class RequestGenerator:
    """A generator of hostile requests; the same seed gives the same requests."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def requests(self, count: int) -> Iterator[HostileRequest]:
        """Yield `count` random requests."""
        for _ in range(count):
            yield self._random_request()

    def text(self) -> str:
        """Return a random value for a field, usually one that contains MARKER."""
        chance = self.random.random()
        if chance < 0.1:
            return self.random.choice(CHOICES)
        if chance < 0.6:
            return self._with_marker(self.random.choice(HOSTILE_TEXTS))
        return self._with_marker("".join(chr(self._code_point()) for _ in range(self.random.randint(0, 40))))

    def _with_marker(self, text: str) -> str:
        return self.random.choice((f"{MARKER}{text}", f"{text}{MARKER}", f"{text[:3]}{MARKER}{text[3:]}"))

    def _code_point(self) -> int:
        return self.random.choice(
            (self.random.randrange(0x80), self.random.randrange(0x3000), self.random.randrange(0x110000))
        )

    def _random_request(self) -> HostileRequest:
        is_post = self.random.random() < 0.7
        request = HostileRequest("POST" if is_post else self.random.choice(METHODS[:1] * 8 + METHODS), self._path())
        if self.random.random() < 0.2:
            request.query = quote(self.text().encode("utf-8", "surrogatepass"), safe="=&%;")
        if is_post or self.random.random() < 0.1:
            self._add_body(request)
        for _ in range(self.random.choice((0, 0, 1, 1, 2, 4))):
            request.headers[self.random.choice(HEADER_NAMES)] = self._header_value()
        return request

    def _path(self) -> str:
        path = self.random.choice(PATHS)
        chance = self.random.random()
        if chance < 0.15:
            path += quote(self.text().encode("utf-8", "surrogatepass"), safe="/.%")
        elif chance < 0.2:
            path = path.replace("/", self.random.choice(("//", "/./", "/%2e%2e/", "\\", "/;/")))
        return path if path.startswith("/") else f"/{path}"

    def _add_body(self, request: HostileRequest) -> None:
        content_type = CONTENT_TYPES[0] if self.random.random() < 0.75 else self.random.choice(CONTENT_TYPES)
        request.headers["Content-Type"] = content_type
        chance = self.random.random()
        if chance < 0.08:
            request.body = self.random.randbytes(self.random.randrange(400))
        elif "multipart" in content_type and chance < 0.8:
            request.body = self._multipart_body()
        else:
            request.body = "&".join(self._field() for _ in range(self.random.choice((0, 1, 3, 8, 20, 160)))).encode()

    def _field(self) -> str:
        name, value = self.random.choice(FIELD_NAMES), self.text()
        return f"{name}={quote(value.encode('utf-8', 'surrogatepass'), safe=self.random.choice(('', '%&=+;')))}"

    def _multipart_body(self) -> bytes:
        parts = []
        for _ in range(self.random.randrange(6)):
            name, parameters = (
                self.random.choice(FIELD_NAMES),
                self.random.choice(("", '; filename="../x.exe"', "; filename*=utf-7''x")),
            )
            parts.append(f'--a\r\nContent-Disposition: form-data; name="{name}"{parameters}\r\n\r\n{self.text()}\r\n')
        return "".join([*parts, self.random.choice(("--a--\r\n", "--a", ""))]).encode("utf-8", "surrogatepass")

    def _header_value(self) -> str:
        """Return a random header value as WSGI passes it on: decoded as Latin-1, without NUL and line breaks."""
        value = self.text()[:2_000].encode("utf-8", "surrogatepass").decode("latin-1")
        return value.translate({0: None, 10: None, 13: None})
