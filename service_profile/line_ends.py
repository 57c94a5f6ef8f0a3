"""Keep whole at the end of a line what is read at once: a telephone number, a date, "7 in 10", or Stoke-on-Trent.

The text itself stays as it is, so that it can be found and copied: an element around it keeps it on one line.
"""

import calendar
import re

_MONTH = "|".join(calendar.month_name[1:])
_TIME = r"\d{1,2}(?:[.:]\d\d)?[ap]m"
_WHOLE = re.compile(
    r"\b(?:"
    rf"\d{{1,2}} (?:{_MONTH})(?: \d{{4}})?"
    r"|\d+(?: \d{3,})+"  # a telephone number
    r"|\d+ in \d+"
    rf"|{_TIME} to {_TIME}"
    r"|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}"  # a postcode
    r"|[A-Z]\w+(?:-\w+){2,}"
    r")\b"
)
# An element whose text is left as it is, a link that dials a number (which the style keeps whole), or any other tag.
_NOT_TEXT = re.compile(
    r"<(title|script|style|svg|pre|code|textarea|option)\b.*?</\1>|<a [^>]*\"(?:tel|sms):[^>]*>[^<]*|<[^>]*>", re.DOTALL
)


def keep_whole(html: str) -> str:
    """Return the HTML with an element around each number, date and hyphenated name in its text."""
    parts, end = [], 0
    for other in _NOT_TEXT.finditer(html):
        parts += [_in_text(html[end : other.start()]), other[0]]
        end = other.end()
    return "".join([*parts, _in_text(html[end:])])


def _in_text(text: str) -> str:
    return _WHOLE.sub(r'<span class="whole">\g<0></span>', text)
