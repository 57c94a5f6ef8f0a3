"""Render an email as HTML, with the same text as its plain-text part.

The HTML loads nothing, and its only link is the one that confirms receipt. It sets no text colour, so that dark mode
works in an email program.
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
