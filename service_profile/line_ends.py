"""Prevent line breaks inside telephone numbers, dates, times, postcodes and similar text.

A phone number or email address is also marked as left-to-right and not to be translated.
"""

import calendar
import re

_MONTH = "|".join(calendar.month_name[1:])
_TIME = r"\d{1,2}(?:[.:]\d\d)?[ap]m"
_PHONE = r"(?<!\w)(?:\+\d+ )?\(?\d[\d()]*(?: \d{3,})+\b"
_PHONE_OR_EMAIL = re.compile(rf"{_PHONE}|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_UNBREAKABLE_TEXT = re.compile(
    rf"{_PHONE}|\b(?:"
    rf"\d{{1,2}} (?:{_MONTH})(?: \d{{4}})?"
    r"|\d+ in \d+"
    r"|\d+ (?:pages?|KB)"
    r"|\d+-[a-z]+"
    rf"|{_TIME} to {_TIME}"
    r"|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}"  # a postcode
    r"|[A-Z]\w+(?:-\w+){2,}"
    r"|[Ee]x-\w+"
    r")\b"
)
# A web address can be broken after its host.
_END_OF_HOST = re.compile(r"(?<=\.)[a-z]{2,}/(?=\w)")
# Every text that `_UNBREAKABLE_TEXT` or `_END_OF_HOST` matches contains one of these characters; others need no search.
_DIGIT_SLASH_OR_HYPHEN = re.compile(r"[\d/-]")
# An element whose text is left alone (<bdi>: what a person typed); a tel:, sms: or mailto: link; another tag.
_MARKUP_PATTERN = re.compile(
    r"<(title|script|style|svg|pre|code|textarea|option|bdi)\b.*?</\1>"
    r"|(?P<link><a [^>]*\"(?:tel|sms|mailto):[^>]*>)(?P<words>[^<]*)|<[^>]*>",
    re.DOTALL,
)
# A browser may break the line after an unbreakable element, and so before punctuation that must not begin a line.
_ELEMENT_BEFORE_PUNCTUATION = re.compile(
    r"(<a [^>]*\"(?:tel|sms):[^>]*>(?:[^<]|<(?!/a>))*</a>|<span class=\"whole\"[^>]*>[^<]*</span>)([,.;:!?)]+)"
)
_UNTRANSLATED_SPAN = '<span dir="ltr" translate="no">\\g<0></span>'


def prevent_line_breaks(html: str) -> str:
    """Return the HTML with phone numbers, dates and similar text in elements of class "whole"."""
    parts, end = [], 0
    for markup in _MARKUP_PATTERN.finditer(html):
        link = markup["link"] and markup["link"] + _link_text(markup["words"])
        parts += [_wrap_unbreakable(html[end : markup.start()]), link or markup[0]]
        end = markup.end()
    return _ELEMENT_BEFORE_PUNCTUATION.sub(
        r'<span class="whole">\1\2</span>', "".join([*parts, _wrap_unbreakable(html[end:])])
    )


def _link_text(text: str) -> str:
    """Return the text of a contact link as HTML that is not translated and may break after @."""
    return _PHONE_OR_EMAIL.sub(_UNTRANSLATED_SPAN, text).replace("@", "@<wbr>")


def _wrap_unbreakable(text: str) -> str:
    if not _DIGIT_SLASH_OR_HYPHEN.search(text):
        return text
    return _END_OF_HOST.sub(r"\g<0><wbr>", _UNBREAKABLE_TEXT.sub(_wrap_in_span, text))


def _wrap_in_span(match: re.Match[str]) -> str:
    attributes = ' dir="ltr" translate="no"' if _PHONE_OR_EMAIL.fullmatch(match[0]) else ""
    return f'<span class="whole"{attributes}>{match[0]}</span>'
