"""Tests that the local mailbox shows each new email, and that no email can run a script there."""

import os
import re
import smtplib
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from service_profile import load, style_sheet
from tests.support.waiting import wait_until
from tools.dev.ports import free_port

pytestmark = pytest.mark.server


@pytest.fixture
def mailbox(tmp_path: Path, root: Path) -> Iterator[tuple[str, int]]:
    """Run the local mailbox; yield the URL of its page and its SMTP port."""
    port, smtp_port = free_port(), free_port()
    (tmp_path / "m").mkdir()  # the mailbox must accept an existing empty folder
    command = [
        sys.executable,
        "-m",
        "tools.dev.mailbox",
        f"--port={port}",
        f"--smtp-port={smtp_port}",
        f"--folder={tmp_path}/m",
    ]
    process = subprocess.Popen(command, cwd=root)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: "No mail yet" in fetch(f"{url}/"), "the mailbox answers")
        yield url, smtp_port
    finally:
        process.terminate()
        assert process.wait(10) == 0


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as response:
        text: str = response.read().decode()
    return text


def send(smtp_port: int, message: EmailMessage) -> None:
    message["From"], message["To"] = "form@example.org.uk", "team@example.org.uk"
    with smtplib.SMTP("127.0.0.1", smtp_port, timeout=5) as client:
        client.send_message(message)


def test_an_email_is_listed_and_shown_with_every_character(mailbox: tuple[str, int]) -> None:
    url, smtp_port = mailbox
    message = EmailMessage()
    message["Subject"] = "Referral 7KQ4-M2X6"
    message.set_content("DO NOT leave a voicemail.\n<script>alert(1)</script> ünïcode\n")
    send(smtp_port, message)
    listing = fetch(f"{url}/")
    assert "Referral 7KQ4-M2X6" in listing
    link = re.search(r'href="(/mail/[^"]+)"', listing)
    assert link
    page = fetch(url + link[1])
    assert "DO NOT leave a voicemail.\n&lt;script&gt;alert(1)&lt;/script&gt; ünïcode" in page
    assert "<script" not in page


def test_the_html_of_an_email_is_shown_only_in_a_sandbox(mailbox: tuple[str, int]) -> None:
    url, smtp_port = mailbox
    message = EmailMessage()
    message["Subject"] = "With HTML"
    message.set_content("plain")
    message.add_alternative("<p>rich</p><script>parent.document.title='got you'</script>", subtype="html")
    send(smtp_port, message)
    link = re.search(r'href="(/mail/[^"]+)"', fetch(f"{url}/"))
    assert link
    page = fetch(url + link[1])
    frame = re.search(r'<iframe sandbox title="[^"]+" src="([^"]+)"', page)
    assert frame and "got you" not in page
    assert "<p>rich</p>" in fetch(url + frame[1])


def test_an_email_in_an_unknown_character_set_is_still_shown(mailbox: tuple[str, int]) -> None:
    url, smtp_port = mailbox
    raw_email = b"Subject: odd\r\nContent-Type: text/plain; charset=klingon-1\r\n\r\nna\xc3\xafve \xff\r\n"
    with smtplib.SMTP("127.0.0.1", smtp_port, timeout=5) as client:
        client.sendmail("form@example.org.uk", ["team@example.org.uk"], raw_email)
    link = re.search(r'href="(/mail/[^"]+)"', fetch(f"{url}/"))
    assert link and "naïve \ufffd" in fetch(url + link[1])


MALFORMED_EMAILS = {
    "a header in bytes": b"Subject: na\xc3\xafve \xff\r\n\r\nx",
    "a subject with half a character": b"Subject: =?utf-7?q?+2AA-?=\r\n\r\nx",
    "a sender that is cut off": b'From: "\r\nSubject: x\r\n\r\nx',
    "an identifier that is cut off": b"Message-ID: <\r\nSubject: x\r\n\r\nx",
    "a type that is cut off": b"Subject: x\r\nContent-Type: text/plain; a*\r\n\r\nx",
    "a character set with NUL": b'Subject: x\r\nContent-Type: text/plain; charset="a\0b"\r\n\r\nx',
    "a part in undeclared bytes": b"Subject: x\r\nContent-Type: multipart/mixed\r\n\r\n--x\r\n\r\nna\xc3\xafve",
    **{
        f"a {kind.decode()} text in {charset.decode()}": b"Subject: x\r\nContent-Type: text/%s; charset=%s\r\n\r\n%s"
        % (kind, charset, text)
        for kind in (b"plain", b"html")
        for charset, text in (
            (b"undefined", b"x"),
            (b"idna", b".."),
            (b"hex", b"x"),
            (b"utf-7", b"+2AA-"),
            (b"unicode_escape", b"\\ud800"),
        )
    },
}


def test_malformed_emails_are_listed_and_can_be_opened(mailbox: tuple[str, int]) -> None:
    url, smtp_port = mailbox
    with smtplib.SMTP("127.0.0.1", smtp_port, timeout=5) as client:
        for raw_email in MALFORMED_EMAILS.values():
            client.sendmail("form@example.org.uk", ["team@example.org.uk"], raw_email)
    links = re.findall(r'href="(/mail/[^"]+)"', fetch(f"{url}/"))
    assert len(links) == len(MALFORMED_EMAILS)
    for link in links:
        page = fetch(url + link)
        for frame in re.findall(r'<iframe sandbox title="[^"]+" src="([^"]+)"', page):
            fetch(url + frame)


def test_a_referral_email_is_shown_with_its_text_its_html_and_its_attachment(mailbox: tuple[str, int]) -> None:
    url, smtp_port = mailbox
    message = EmailMessage()
    message["Subject"] = "Referral 7KQ4-M2X6"
    message.set_content("the text")
    message.add_alternative("<p>the HTML</p>", subtype="html")
    message.add_attachment(b'{"reference": "7KQ4-M2X6"}', "application", "json", filename="referral-7KQ4-M2X6.json")
    send(smtp_port, message)
    link = re.search(r'href="(/mail/[^"]+)"', fetch(f"{url}/"))
    assert link
    page = fetch(url + link[1])
    frame = re.search(r'src="([^"]+)"', page)
    assert "<pre>the text" in page and frame and "the HTML" in fetch(url + frame[1])
    assert "referral-7KQ4-M2X6.json" in page and "{&quot;reference&quot;: &quot;7KQ4-M2X6&quot;}" in page


def test_the_mailbox_page_has_the_colours_and_fonts_of_the_site(mailbox: tuple[str, int]) -> None:
    page = fetch(f"{mailbox[0]}/")
    assert style_sheet.custom_properties(load()["look"]) in page
    for name in style_sheet.FONT_FILES:
        assert f"/fonts/{name}" in page
        with urllib.request.urlopen(f"{mailbox[0]}/fonts/{name}", timeout=5) as response:
            assert response.headers["Content-Type"] == "font/woff2"
            assert response.read() == (style_sheet.OVERRIDES_FOLDER / "assets" / "fonts" / name).read_bytes()


def test_an_unknown_path_gets_a_plain_404(mailbox: tuple[str, int]) -> None:
    for path in ("/mail/nothing", "/mail/../../etc/passwd", "/mail/x/part/1", "/other", "/fonts/../x"):
        with pytest.raises(urllib.error.HTTPError) as excinfo:
            fetch(mailbox[0] + path)
        assert excinfo.value.code == 404
        excinfo.value.close()


def test_the_mailbox_cannot_be_started_in_production(root: Path, tmp_path: Path) -> None:
    completed = subprocess.run(
        [sys.executable, "-m", "tools.dev.mailbox", f"--folder={tmp_path}/m"],
        cwd=root,
        env={**os.environ, "SERVICE_ENV": "production"},
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert completed.returncode == 2
    assert "development only" in completed.stderr
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("option", ["--port", "--smtp-port"])
def test_a_port_that_is_taken_or_impossible_is_named_in_one_line(root: Path, tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other_server:
        taken_port = other_server.getsockname()[1]
        for port, words in ((taken_port, f"Port {taken_port} cannot be used: "), (99_999, "99999 is not a port")):
            options = {"--port": str(free_port()), "--smtp-port": str(free_port()), option: str(port)}
            command = [sys.executable, "-m", "tools.dev.mailbox", f"--folder={tmp_path}", *sum(options.items(), ())]
            completed = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=30)
            assert completed.returncode in (1, 2) and words in completed.stderr.splitlines()[-1], completed.stderr
