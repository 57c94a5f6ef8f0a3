"""Find values in a settings file that systemd and compose would read differently.

    python -m form_service.config.env_file FILE

`problems` checks the file. `problem` checks one value, which is all that a running process can see.
"""

import difflib
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from service_profile.invisible import has_invisible

# The characters that systemd and compose treat differently, each with its percent-encoding in a URL, if it has one.
# systemd drops backslashes. Compose expands `$name` and ends a value at ` #`. Both remove quotation marks.
_AMBIGUOUS_CHARACTERS = {
    "$": (re.compile(r"\$"), "%24"),
    "a backslash": (re.compile(r"\\"), "%5C"),
    "a # after a space": (re.compile(r"\s#"), "%20%23"),
    "a quotation mark at its start": (re.compile("^[\"']"), ""),
    "a control character": (re.compile(r"[\x00-\x08\x0a-\x1f\x7f]"), ""),
}
_SETTING_LINE_PATTERN = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")
_BYTE_ORDER_MARKS = ("\ufeff", "\udcef\udcbb\udcbf")  # a byte order mark, and its bytes as surrogate escapes


def without_byte_order_mark(env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without the byte order mark that some editors write at the start of form.env."""
    return {
        name.removeprefix(_BYTE_ORDER_MARKS[0]).removeprefix(_BYTE_ORDER_MARKS[1]): value for name, value in env.items()
    }


def misspelling_message(name: str, setting_names: Iterable[str]) -> str | None:
    """Return a message that suggests the right name if `name` seems to be a misspelt setting, otherwise None."""
    setting_names = list(setting_names)
    # Other programs' variables may begin with FORM_ too, so only close matches count.
    nearest_names = difflib.get_close_matches(name, setting_names, n=1, cutoff=0.85)
    return (
        f"{name} is not a setting: did you mean {nearest_names[0]}?"
        if nearest_names and name not in setting_names
        else None
    )


def problem(name: str, value: str) -> str | None:
    """Return what is wrong with the value of the setting `name`, or None if nothing is.

    The text never contains the value, which may be a secret.
    """
    for description, (pattern, percent_encoding) in _AMBIGUOUS_CHARACTERS.items():
        if pattern.search(value.strip()):
            advice = (
                f"write {percent_encoding} for it" if percent_encoding and name.endswith("_URL") else "leave it out"
            )
            if name in ("FORM_SECRET_KEYS", "FORM_PROXY_SECRET", "FORM_METRICS_TOKEN"):
                advice = "use one that openssl rand -hex 32 prints"
            return f"{name} holds {description}, which systemd and compose read differently: {advice}"
    if name != "FORM_MAIL_READ_BY" and has_invisible(value.strip()):
        return f"{name} contains an invisible character, perhaps from a web page: delete the value and type it again"
    return None


def problems(data: bytes) -> Iterator[str]:
    """Yield a message for each problem in a settings file with the content `data`."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        yield "The file is not UTF-8 text: save it as UTF-8"
        return
    if text.startswith(_BYTE_ORDER_MARKS[0]):
        yield "The file begins with a byte order mark, and systemd drops its first line: save it as UTF-8 without one"
    line_numbers_by_name = dict[str, int]()
    for line_number, line in enumerate(text.removeprefix(_BYTE_ORDER_MARKS[0]).splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        setting_match = _SETTING_LINE_PATTERN.fullmatch(line)
        line_problem = (
            problem(*setting_match.groups()) if setting_match else f"Line {line_number} is not of the form NAME=value"
        )
        if line_problem:
            yield line_problem
        if (
            setting_match
            and (first_line_number := line_numbers_by_name.setdefault(setting_match[1], line_number)) != line_number
        ):
            yield f"{setting_match[1]} is in line {first_line_number} and in line {line_number}: delete one of them"


def main(arguments: list[str]) -> int:
    """Print the problems of the settings file that `arguments` names.

    Return the exit status: 0 without problems, 1 with problems, 2 for wrong arguments.
    """
    if len(arguments) != 1:
        print("Usage: python -m form_service.config.env_file FILE", file=sys.stderr)
        return 2
    try:
        messages = list(problems(Path(arguments[0]).read_bytes()))
    except OSError as error:
        messages = [f"{arguments[0]} cannot be read: {error.strerror}"]
    for line in messages:
        print(f"Error: {line}", file=sys.stderr)
    return bool(messages)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
