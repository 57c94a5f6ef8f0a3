"""Accept emails over SMTP on loopback, keep them in a Maildir and show them on a web page.

For development only: a real person's referral must never end up in a folder on a developer's machine.
"""

import argparse
import email
import html
import mailbox
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from email.message import Message
from email.policy import EmailPolicy
from pathlib import Path
from string import Template
from typing import Any

from aiosmtpd.controller import Controller
from waitress.server import create_server

from service_profile import ProfileError, load, style_sheet
from service_profile.style_sheet import FONT_FILES, OVERRIDES_FOLDER
from tools.dev.ports import parse_port

PAGE_TEMPLATE = Template((Path(__file__).parent / "mailbox.html").read_text(encoding="utf-8"))
_READABLE_TYPES = ("application/json", "text/csv", "text/plain")
_HTML_TYPE = "text/html; charset=utf-8"
RESPONSE_HEADERS = [
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; font-src 'self'; frame-src 'self'; frame-ancestors 'self'",
    ),
]


class MaildirHandler:
    """An SMTP handler that stores each email in a Maildir before it accepts the email."""

    def __init__(self, folder: mailbox.Maildir) -> None:
        self.folder = folder

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Store the email, with the envelope's recipients in the header X-Envelope-To."""
        message = Message()
        message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        self.folder.add(message.as_bytes().rstrip(b"\n") + b"\r\n" + envelope.content)
        return "250 kept in the local mailbox"


class _TolerantPolicy(EmailPolicy):
    """An email policy that returns a header unparsed if the standard library cannot parse it."""

    def header_fetch_parse(self, name: str, value: str) -> str:
        """Return the header's value as text: parsed, or unchanged if the parser fails."""
        try:
            return str(super().header_fetch_parse(name, value))
        except Exception:  # IndexError and others, which differ between versions of Python
            return value


_EMAIL_POLICY = _TolerantPolicy()


def _parse_email(folder: mailbox.Maildir, key: str) -> Message:
    return email.message_from_bytes(folder.get_bytes(key).replace(b"\r\n", b"\n"), policy=_EMAIL_POLICY)


def _list_html(folder: mailbox.Maildir) -> str:
    folder._refresh()  # type: ignore[attr-defined]  # Maildir rereads the disk only on request
    keys = sorted(folder.keys(), key=lambda key: -folder.get_message(key).get_date())
    if not keys:
        return "<p>No mail yet. Send a referral, and the email will be here within a few seconds.</p>"
    rows = []
    for key in keys:
        mail = _parse_email(folder, key)
        subject, recipients, date = (
            html.escape(str(mail.get(name, ""))) for name in ("Subject", "X-Envelope-To", "Date")
        )
        rows.append(
            f'<li><a href="/mail/{html.escape(key)}">{subject or "(no subject)"}</a>'
            f"<small>to {recipients}, {date}</small></li>"
        )
    return f"<ul>{''.join(rows)}</ul>"


def _email_html(mail: Message, key: str) -> str:
    headers = "".join(
        f"<dt>{name}</dt><dd>{html.escape(str(mail.get(name, '')))}</dd>"
        for name in ("From", "X-Envelope-To", "Date", "Message-ID", "Content-Type")
    )
    parts = [_part_html(part, f"/mail/{html.escape(key)}/part/{number}") for number, part in enumerate(mail.walk())]
    return f'<dl>{headers}</dl>{"".join(parts)}<p><a href="/">All emails</a></p>'


def _part_html(part: Message, url: str) -> str:
    content_type = part.get_content_type()
    if part.is_multipart():
        return ""
    if part.get_content_disposition() == "attachment":
        name = html.escape(part.get_filename() or "without a name")
        content_html = f"<pre>{html.escape(_text_of(part))}</pre>" if content_type in _READABLE_TYPES else ""
        return f"<h2>Attachment: {name}</h2><p>{html.escape(content_type)}</p>{content_html}"
    if content_type == "text/html":
        # The sandbox runs no script and belongs to no origin: an email cannot touch this page.
        return f'<h2>HTML part</h2><iframe sandbox title="HTML part" src="{url}"></iframe>'
    if part.get_content_maintype() == "text":
        return f"<h2>Text part</h2><pre>{html.escape(_text_of(part))}</pre>"
    return f"<p>Attached: {html.escape(content_type)}</p>"


def _text_of(part: Message) -> str:
    """Return the text of one part of an email. A character set that Python does not know is read as UTF-8."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        return data.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", "replace")


def _encode_text(text: str) -> bytes:
    """Return `text` in UTF-8. Lone surrogates become question marks."""
    return text.encode("utf-8", "replace")


def create_app(folder: mailbox.Maildir, colour_css: str) -> Callable[..., Iterable[bytes]]:
    """Return the WSGI application that shows the emails in `folder`.

    `colour_css` is the CSS that defines the site's colours as custom properties.
    """

    def page(title: str, body: str, status: str = "200 OK") -> tuple[str, str, bytes]:
        text = PAGE_TEMPLATE.substitute(title=html.escape(title), body=body, colours=colour_css)
        return status, _HTML_TYPE, _encode_text(text)

    def response_to(path: str) -> tuple[str, str, bytes]:
        match path.strip("/").split("/"):
            case [""]:
                return page("Local mailbox", _list_html(folder))
            case ["mail", key] if key in folder:
                mail = _parse_email(folder, key)
                return page(str(mail.get("Subject", "")) or "(no subject)", _email_html(mail, key))
            case ["mail", key, "part", number] if key in folder and number.isdigit():
                parts = list(_parse_email(folder, key).walk())
                if int(number) < len(parts) and parts[int(number)].get_content_type() == "text/html":
                    return "200 OK", _HTML_TYPE, _encode_text(_text_of(parts[int(number)]))
            case ["fonts", name] if name in FONT_FILES:
                return "200 OK", "font/woff2", (OVERRIDES_FOLDER / "assets" / "fonts" / name).read_bytes()
        return page("Not found", '<p>There is no such email. <a href="/">All emails</a></p>', "404 Not Found")

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        status, content_type, content = response_to(environ.get("PATH_INFO", "/"))
        start_response(status, [("Content-Type", content_type), *RESPONSE_HEADERS])
        return [content]

    return application


def main(arguments: list[str] | None = None) -> int:
    """Accept emails over SMTP and show them on a web page until SIGTERM or SIGINT. Return the exit status.

    The status is 1 if a port cannot be used, 2 in production or for an invalid mkdocs.yml, and otherwise 0.
    """
    parser = argparse.ArgumentParser(prog="python -m tools.dev.mailbox", description=__doc__)
    parser.add_argument("--port", type=parse_port, default=8025, help="port of the page")
    parser.add_argument("--smtp-port", type=parse_port, default=2525, help="port for SMTP")
    parser.add_argument("--folder", type=Path, default=Path("build/mailbox"), help="the Maildir")
    options = parser.parse_args(arguments)
    if os.environ.get("SERVICE_ENV") == "production":
        print("The local mailbox is for development only: SERVICE_ENV is production.", file=sys.stderr)
        return 2
    try:
        colour_css = style_sheet.custom_properties(load()["look"])
    except ProfileError as error:
        print(error, file=sys.stderr)
        return 2
    for subfolder in ("tmp", "new", "cur"):  # Maildir makes them only together with the folder
        (options.folder / subfolder).mkdir(parents=True, exist_ok=True)
    folder = mailbox.Maildir(options.folder)
    smtp_controller = Controller(MaildirHandler(folder), hostname="127.0.0.1", port=options.smtp_port)
    port = options.smtp_port
    try:
        smtp_controller.start()
        port = options.port
        web_server = create_server(create_app(folder, colour_css), host="127.0.0.1", port=port, threads=2)
    except OSError as error:
        print(f"Port {port} cannot be used: {os.strerror(error.errno or 0)}.", file=sys.stderr)
        return 1
    threading.Thread(target=web_server.run, daemon=True).start()
    stop_requested = threading.Event()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, lambda *_: stop_requested.set())
    stop_requested.wait()
    smtp_controller.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
