"""Thousands of hostile requests get readable responses that disclose nothing.

FUZZ_SEED sets the seed, and FUZZ_REQUESTS the number of requests in `make soak`. The soak prints both, so that a
failure can be reproduced.
"""

import io
import logging
import os
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, TestResponse, run_wsgi_app

from form_service import create_app, logs
from form_service.config.settings import Settings
from form_service.crypto import draft_keys
from form_service.web import rate_limits
from tests.support.form_client import ANSWERS_BY_ROUTE, SAME_ORIGIN_HEADERS, FormClient
from tests.support.hostile_input import MARKER, HostileRequest, RequestGenerator

# Werkzeug leaves the temporary file of an uploaded part to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

SEED = 20261126
SOAK_REQUESTS, TEST_REQUESTS = 25_000, 600
REQUESTS_PER_PERSON = 50  # requests, because a full draft refuses all further answers
EXPECTED_HEADER_COUNTS = {"X-Robots-Tag": 1, "Content-Type": 1} | dict.fromkeys(
    ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options"), 1
)


class Attack:
    """A series of hostile requests to the form, and the problems that they cause."""

    def __init__(self, app: Flask, log: io.StringIO, seed: int) -> None:
        self.app, self.log, self.seed = app, log, seed
        self.request_generator = RequestGenerator(seed)
        self.statuses: Counter[int] = Counter()
        self.refused_page_count = 0  # question pages that were shown again with an error summary
        self.problems: list[str] = []
        self.form_client = FormClient(app)

    def run(self, count: int) -> None:
        """Send `count` hostile requests.

        Three quarters of them have a draft's cookie; if their body is URL-encoded, it also has a valid form token.
        """
        for position, request in enumerate(self.request_generator.requests(count)):
            if position % REQUESTS_PER_PERSON == 0 or self._sealed_draft() is None:
                self._start_new_draft()
            self._send_request(position, request, has_draft=position % 4 > 0)

    def _sealed_draft(self) -> object:
        """Return the person's encrypted draft, or None if the person has no cookie or the draft has been deleted."""
        cookie = self.form_client.flask_client.get_cookie("draft", path="/referral/")
        context = self.app.extensions["form_service"]
        return cookie and context.store.drafts.read(draft_keys.draft_id(cookie.value))

    def _start_new_draft(self) -> None:
        """Start a new draft on a random route, and fill in a random number of pages."""
        self.form_client = FormClient(self.app).start()
        pages = self.request_generator.random.choice(list(ANSWERS_BY_ROUTE.values()))
        for slug, fields in pages[: self.request_generator.random.randrange(len(pages) + 1)]:
            self.form_client.answer(slug, fields)

    def _send_request(self, position: int, request: HostileRequest, has_draft: bool) -> None:
        headers = dict(request.headers)
        body = request.body
        if has_draft:
            headers = SAME_ORIGIN_HEADERS | headers
            cookie = self.form_client.flask_client.get_cookie("draft", path="/referral/")
            if cookie is not None and "Cookie" not in headers:
                headers["Cookie"] = f"draft={cookie.value}"
            if headers.get("Content-Type", "").endswith("urlencoded"):
                hidden_field_names = ("token", "shown")
                body += "".join(
                    f"&{name}={self.form_client.hidden_value(name)}" for name in hidden_field_names
                ).encode()
        environ = EnvironBuilder(request.path, method=request.method or "GET", data=body or None).get_environ()
        environ |= {"QUERY_STRING": request.query, "REQUEST_METHOD": request.method or "GET"}
        environ["PATH_INFO"] = unquote(request.path, "latin-1")
        for name, value in headers.items():
            name = name.upper().replace("-", "_")
            environ[name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"] = value
        label = f"seed {self.seed}, request {position}: {request.method} {quote(request.path)[:80]}"
        try:
            chunks, status, response_headers = run_wsgi_app(self.app, environ, buffered=True)
            response = TestResponse(chunks, status, response_headers, None)  # type: ignore[arg-type]
        except Exception as error:  # would be an unhandled exception in the server
            self.problems.append(f"{label} raised {type(error).__name__}: {error}")
            return
        self.statuses[response.status_code] += 1
        self.refused_page_count += response.headers.get("Location", "").endswith("#error-summary")
        self.problems += [f"{label}: {problem}" for problem in self._fault_descriptions(request, response)]

    def _fault_descriptions(self, request: HostileRequest, response: TestResponse) -> Iterator[str]:
        """Yield a description of each fault in the response."""
        body = response.get_data()
        if response.status_code >= 500 and request.path.strip("/") != "readyz":
            yield f"answers {response.status_code}"
        if b"Traceback" in body or b"werkzeug" in body.lower():
            yield "shows what it runs on"
        header_counts = Counter(name for name, _ in response.headers)
        missing_headers = [name for name in EXPECTED_HEADER_COUNTS if header_counts[name] != 1]
        if missing_headers and (response.status_code, missing_headers) != (204, ["Content-Type"]):
            yield f"lacks {missing_headers}"
        content_policy = response.headers.get("Content-Security-Policy", "")
        if "default-src 'none'" not in content_policy and "default-src 'self'" not in content_policy:
            yield "has no policy"
        for name, value in response.headers:
            if MARKER in unquote(value) and MARKER not in unquote(request.path + request.query):
                yield f"gives an answer away in {name}"
        # A mistyped URL is redirected (308) to the same URL without the mistake, whatever else the client put into it.
        if MARKER in unquote(response.headers.get("Location", "")) and response.status_code != 308:
            yield "leads to a URL with an answer in it"
        if re.search(r"<(script|img|a)\b[^>]*=\"?javascript:|<script>alert", response.get_data(as_text=True)):
            yield "shows what was typed as markup"


@contextmanager
def run_attack(folder: Path, count: int, patch: pytest.MonkeyPatch) -> Iterator[Attack]:
    """Send `count` hostile requests to a new form without rate limits; yield the attack."""
    patch.setattr(rate_limits, "_count_exceeds", lambda *_: False)
    root, stream = logging.getLogger(), io.StringIO()
    handlers, level = root.handlers[:], root.level
    app = create_app(Settings.from_environment({"FORM_NEUTRAL_FROM": "copy@example.org.uk"}, instance=folder))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    logs.configure(stream)
    try:
        attack = Attack(app, stream, int(os.environ.get("FUZZ_SEED", SEED)))
        attack.run(count)
        yield attack
    finally:
        root.handlers[:], _ = handlers, root.setLevel(level)
        app.extensions["form_service"].store.close()


def assert_attack_did_no_harm(attack: Attack, count: int) -> None:
    """Print the number of responses by status; check that no request did harm and that the form still works."""
    print(f"\n{count} hostile requests, seed {attack.seed}: {dict(sorted(attack.statuses.items()))}")
    assert attack.problems[:20] == []
    assert sum(attack.statuses.values()) == count
    assert MARKER not in attack.log.getvalue() and "unexpected" not in attack.log.getvalue()
    assert {200, 303, 400, 404, 405, 413} <= set(attack.statuses), "the requests reach too few kinds of response"
    assert attack.refused_page_count > count / 20, "too few requests reach the questions"
    form_client = FormClient(attack.app).start()
    for slug, fields in ANSWERS_BY_ROUTE["harmed"]:
        form_client.answer(slug, fields)
    assert form_client.response.status_code == 200 and "Sam" in form_client.text, "the form serves people as before"


@pytest.mark.long
def test_hostile_requests_get_readable_responses_that_disclose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run_attack(tmp_path, TEST_REQUESTS, monkeypatch) as attack:
        assert_attack_did_no_harm(attack, TEST_REQUESTS)


@pytest.mark.soak
def test_25000_hostile_requests_get_readable_responses_that_disclose_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    count = int(os.environ.get("FUZZ_REQUESTS", SOAK_REQUESTS))
    with run_attack(tmp_path, count, monkeypatch) as attack, capsys.disabled():
        assert_attack_did_no_harm(attack, count)


def test_the_same_seed_makes_the_same_requests() -> None:
    assert list(RequestGenerator(1).requests(50)) == list(RequestGenerator(1).requests(50))
    assert list(RequestGenerator(1).requests(50)) != list(RequestGenerator(2).requests(50))
