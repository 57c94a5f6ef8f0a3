"""Hostile requests to the real web server are refused, store nothing and do not end the process."""

import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.support.people_about_to_send import FORM_CONTENT_TYPE, completed_draft, people_about_to_send
from tests.support.service_parts import parts_of, read_until, running_flask, settings_of
from tests.support.web_process import WebProcess, running_web_process

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def web_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebProcess]:
    with running_web_process(tmp_path_factory.mktemp("web")) as web_process:
        yield web_process
        assert web_process.referral_count() == 0, "hostile input stored a referral"


def new_cookie_header(web_process: WebProcess) -> str:
    return f"draft={people_about_to_send(web_process.parts, 1, _completed_draft_for(web_process))[0].cookie}"


_completed_drafts_by_port: dict[int, object] = {}


def _completed_draft_for(web_process: WebProcess):  # type: ignore[no-untyped-def]
    if web_process.port not in _completed_drafts_by_port:
        _completed_drafts_by_port[web_process.port] = completed_draft(web_process.parts)
    return _completed_drafts_by_port[web_process.port]


HOSTILE_BODIES = {
    "10 MB": b"name=" + b"x" * 10_000_000,
    "520 KB": b"name=" + b"x" * 520_000,
    "300 KB": b"name=" + b"x" * 300_000,
    "250 KB": b"name=" + b"x" * 250_000,
    "1,000 fields": urlencode([(f"field{number}", "x") for number in range(1000)]).encode(),
    "130,000 fields": b"name=x" + b"&a" * 130_000,
    "broken UTF-8": b"name=%ff%fe%80&token=%c0%af\xff\xfe",
    "NUL": b"name=a%00b\x00&token=%00",
    "header injection": b"name=x%0d%0aBcc:%20all@evil.example&token=%0d%0aSet-Cookie:%20a=b",
    "empty": b"",
    "only separators": b"&&&===;;;%%%",
}


@pytest.mark.parametrize("name", HOSTILE_BODIES)
@pytest.mark.parametrize("has_draft", [False, True])
def test_hostile_bodies_cause_no_server_error(web_process: WebProcess, name: str, has_draft: bool) -> None:
    headers = {"Content_Type": FORM_CONTENT_TYPE} | ({"Cookie": new_cookie_header(web_process)} if has_draft else {})
    for path in ("/referral/", "/referral/about", "/referral/check", "/referral/exit", "/referral/withdraw/x"):
        try:
            status, text = web_process.request("POST", path, HOSTILE_BODIES[name], **headers)
        except (ConnectionError, http.client.HTTPException):
            continue  # the server may close the connection when it refuses a body
        assert status < 500, f"{path}: {status}"
        assert "Traceback" not in text and "Bcc" not in text.split("</title>")[0]
    assert web_process.is_healthy()


def test_a_413_from_the_web_server_does_not_disclose_its_version(web_process: WebProcess) -> None:
    # In production, nginx refuses such a body first (test_nginx_refusals).
    head = b"POST /referral/about HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nContent-Length: 20000000\r\n\r\n"
    response = web_process.send_raw(head, half_close=False)
    assert response.startswith(b"HTTP/1.1 413"), response[:100]
    assert b"waitress" not in response.lower() and b"Traceback" not in response
    assert web_process.is_healthy()


def test_nested_multipart_and_wrong_content_types_cause_no_server_error(web_process: WebProcess) -> None:
    nested_body = (
        b"--a\r\nContent-Disposition: form-data; name=x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        + b"--b\r\nContent-Disposition: file; filename=../../etc/passwd\r\n\r\nx\r\n--b--\r\n--a--\r\n"
    )
    multipart_types = [
        "multipart/form-data; boundary=a",
        "multipart/form-data",
        "multipart/form-data; boundary=" + "x" * 5000,
    ]
    for content_type in (
        *multipart_types,
        "application/json",
        "text/xml",
        "application/octet-stream",
        "x",
        "text/plain",
    ):
        for body in (nested_body, b"{}", b"--a" * 10_000):
            status, _ = web_process.request(
                "POST", "/referral/check", body, Content_Type=content_type, Cookie=new_cookie_header(web_process)
            )
            assert 300 <= status < 500, f"{content_type[:40]}: {status}"
    assert web_process.is_healthy()


@pytest.mark.parametrize(
    "data",
    [
        b"GET /referral/ HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffff\r\n",
        b"GET /referral/\x00 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /referral/%00%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /referral/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /referral/ HTTP/1.1\r\nHost: x\r\nCookie: draft=" + b"\xff\xfe" * 50 + b"\r\n\r\n",
        b"BREW /referral/ HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
        b"\r\n" * 1000,
        b"",
    ],
    ids=lambda data: repr(data[:40]),
)
def test_malformed_requests_cause_no_server_error(web_process: WebProcess, data: bytes) -> None:
    response = web_process.send_raw(data)
    assert not re.match(rb"HTTP/1\.[01] 5", response), response[:200]
    assert b"Traceback" not in response and b"waitress" not in response.lower()
    assert web_process.is_healthy()


def test_no_response_repeats_a_forged_host_header(web_process: WebProcess) -> None:
    connection = web_process.connect()
    connection.request("GET", "/referral", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    response = connection.getresponse()
    assert "evil" not in str(response.headers) and "evil" not in response.read().decode()
    connection.close()


def test_cross_site_forged_and_stale_posts_store_nothing(web_process: WebProcess) -> None:
    person, other_person = people_about_to_send(web_process.parts, 2, _completed_draft_for(web_process))
    fields = dict(part.split("=", 1) for part in person.body.decode().split("&"))
    forged_fields = [
        {**fields, "token": "0" * 64},
        {**fields, "token": ""},
        {name: value for name, value in fields.items() if name != "token"},
        {**fields, "token": web_process.parts.sealer.form_token(other_person.cookie)},
    ]
    for posted_fields in forged_fields:
        status, text = web_process.request(
            "POST",
            "/referral/check",
            urlencode(posted_fields).encode(),
            Content_Type=FORM_CONTENT_TYPE,
            Cookie=f"draft={person.cookie}",
        )
        assert status == 400 and "Sam" in text, "refused, and what was typed is still there"
    for headers in (
        {"Sec_Fetch_Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "same-site"},
    ):
        status, _ = web_process.request(
            "POST",
            "/referral/check",
            person.body,
            Content_Type=FORM_CONTENT_TYPE,
            Cookie=f"draft={person.cookie}",
            **headers,
        )
        assert status == 400
    for cookie in ("", "draft=", "draft=" + "A" * 43, "draft=" + "x" * 4000, f"draft={person.cookie}x"):
        status, _ = web_process.request(
            "POST", "/referral/check", person.body, Content_Type=FORM_CONTENT_TYPE, Cookie=cookie
        )
        assert status == 303
    for token in ("x", "x.y.z", "%00", "a" * 5000):
        assert web_process.request("GET", f"/referral/withdraw/{token}")[0] in (400, 404, 410)
    assert web_process.referral_count() == 0


def test_the_web_process_cannot_leave_a_core_dump(web_process: WebProcess) -> None:
    limits = Path(f"/proc/{web_process.process.pid}/limits").read_text()
    assert re.search(r"Max core file size +0 +0 ", limits)


def test_the_log_of_the_web_process_contains_no_answers(tmp_path: Path) -> None:
    parts = parts_of(settings_of(tmp_path))
    (person,) = people_about_to_send(parts, 1)
    with running_flask(parts.settings, "serve", "--port", "0", cwd=tmp_path) as process:
        port = int(read_until(process, r'"port": (\d+)')[1])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        assert person.send(connection)
        connection.request("POST", "/referral/about", b"name=Zebedee+Xylophone", {"Content-Type": FORM_CONTENT_TYPE})
        connection.getresponse().read()
        connection.close()
        process.terminate()
        assert process.stdout is not None
        text = process.stdout.read()
    assert "Zebedee" not in text and "Sam" not in text and person.cookie not in text
    parts.store.close()
