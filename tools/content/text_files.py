"""Read text files, and encode changed text so that a byte order mark and old line ends are preserved."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

BOM = b"\xef\xbb\xbf"


class NotTextError(ValueError):
    """Raised if a file is not UTF-8 text. The message names the file and says what to do."""


@dataclass(frozen=True)
class TextFile:
    """The text of a file with LF line ends and no byte order mark. `version` is a hash of its bytes."""

    text: str
    version: str


def version_of(data: bytes) -> str:
    """Return a short hash that identifies a version of a file."""
    return hashlib.sha256(data).hexdigest()[:16]


def decode(data: bytes, name: str = "The file") -> TextFile:
    """Decode the bytes of a UTF-8 file. Raises NotTextError, which names the file, if that fails."""
    try:
        text = data.removeprefix(BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotTextError(f"{name} is not saved as UTF-8. Save it again with that encoding.") from error
    return TextFile(text.replace("\r\n", "\n"), version_of(data))


def read(path: Path) -> TextFile:
    """Return the text and version of the file at `path`. Raises OSError, or NotTextError if the file is not UTF-8."""
    return decode(path.read_bytes(), path.name)


def encode(text: str, old_bytes: bytes = b"") -> bytes:
    """Return the bytes to save for `text` in place of `old_bytes`.

    Unchanged lines keep their line ends. A new line gets the line end that is most common in the file. A BOM is kept.
    """
    text = text.replace("\r\n", "\n")
    if old_bytes and text == decode(old_bytes).text:
        return old_bytes
    bom = BOM if old_bytes.startswith(BOM) else b""
    old_text = old_bytes.removeprefix(BOM).decode("utf-8")
    old_lines = old_text.split("\n")
    old_endings = ["\r\n" if line.endswith("\r") else "\n" for line in old_lines[:-1]]
    common_ending = "\r\n" if 2 * old_endings.count("\r\n") > len(old_endings) else "\n"
    if len(set(old_endings)) <= 1:
        return bom + text.replace("\n", common_ending).encode()
    old_line_texts = [line.removesuffix("\r") for line in old_lines[:-1]] + old_lines[-1:]
    lines = text.split("\n")
    new_endings = [common_ending] * len(lines)
    for old_number, new_number in _unchanged_lines(old_line_texts, lines):
        if old_number < len(old_endings):
            new_endings[new_number] = old_endings[old_number]
    new_text = "".join(line + new_endings[number] for number, line in enumerate(lines[:-1])) + lines[-1]
    return bom + new_text.encode()


def _unchanged_lines(old_lines: list[str], new_lines: list[str]) -> Iterator[tuple[int, int]]:
    """Yield (old index, new index) of each unchanged line."""
    shorter_length = min(len(old_lines), len(new_lines))
    head_length = next(
        (number for number in range(shorter_length) if old_lines[number] != new_lines[number]), shorter_length
    )
    remaining_length = shorter_length - head_length
    tail_length = next(
        (number for number in range(remaining_length) if old_lines[-1 - number] != new_lines[-1 - number]),
        remaining_length,
    )
    yield from ((number, number) for number in range(head_length))
    yield from ((len(old_lines) - 1 - number, len(new_lines) - 1 - number) for number in range(tail_length))
    matcher = SequenceMatcher(
        None,
        old_lines[head_length : len(old_lines) - tail_length],
        new_lines[head_length : len(new_lines) - tail_length],
        autojunk=False,
    )
    for block in matcher.get_matching_blocks():
        yield from ((head_length + block.a + step, head_length + block.b + step) for step in range(block.size))
