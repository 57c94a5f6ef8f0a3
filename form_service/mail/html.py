"""The HTML of an email: the same text as the plain-text part, in boxes, for Outlook and other email programs.

It is inert: no picture, no script, nothing loaded, and no link except the one that confirms receipt. Text and
background keep the email program's default colours, so that its dark mode works; the borders are visible in both modes.
"""

from pathlib import Path

from jinja2 import Environment, StrictUndefined

from form_service.mail.document import Document
from form_service.mail.plain_text import copyable_line, split_lines

_ENVIRONMENT = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
_TEMPLATE = _ENVIRONMENT.from_string((Path(__file__).parent / "email.html").read_text(encoding="utf-8"))


def render(document: Document) -> str:
    """Return the content of an email as an HTML document."""
    return _TEMPLATE.render(document=document, split_lines=split_lines, copyable_line=copyable_line)
