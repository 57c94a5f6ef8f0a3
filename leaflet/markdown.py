"""Parse a leaflet's Markdown into blocks, and report markup that leaflets do not support.

Besides Markdown, a leaflet has shortcodes, such as [[contact]], and placeholders, such as {{ phone }}. Text with an
empty placeholder is omitted, so that the leaflet promises nothing that the service does not offer.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

from leaflet.errors import LeafletError
from service_profile import FactError, fill
from service_profile.facts import FACT_REFERENCE, refers_to_empty_fact
from service_profile.markup import leftover_markup, repair_line

# A fact that is a sentence of its own, bold or not, with the space after it.
SENTENCE_FACT_PATTERN = re.compile(
    r"(?:^|(?<=[.!?*}]\s))(?:\*\*)?\{\{\s*([\w.]+\.says|other_areas)\s*\}\}(?:\*\*)?(?:\s+|$)"
)
SHORTCODE_PATTERN = re.compile(r"\[\[\s*([a-z ]+?)\s*(?::\s*(.*?)\s*)?\]\]")

Block = dict[str, Any]
OMITTED = "omitted"  # the kind of a block whose text was left out because it names an empty fact

_REFUSED_BLOCKS = {
    "table_open": "a table cannot be used in a leaflet. Write the same as a list, or as short paragraphs.",
    "html_block": "HTML cannot be used in a leaflet. Use plain Markdown.",
    "fence": "a code block cannot be used in a leaflet.",
    "code_block": "this line starts with four spaces or more, which Markdown takes for code. Delete the spaces.",
    "blockquote_open": "a quotation block (>) cannot be used in a leaflet. Write a paragraph.",
    "hr": "a line across (---) cannot be used in a leaflet.",
}
_REFUSED_INLINE = {
    "image": "![…] does not work in a leaflet. For a picture, use [[picture: name]] in the Easy Read leaflet.",
    "html_inline": "HTML cannot be used in a leaflet. Use plain Markdown.",
    "code_inline": "text between ` marks cannot be used in a leaflet.",
}


@dataclass
class Panel:
    """A panel of a leaflet: its name, the number of its first line, and its blocks.

    Text before the first panel is in a panel with the name "".
    """

    name: str
    line: int
    blocks: list[Block] = field(default_factory=list)


class MarkdownSource:
    """A Markdown file, and the values for its {{ … }} placeholders."""

    def __init__(self, name: str, text: str, facts: Mapping[str, str], links: Mapping[str, str] | None = None) -> None:
        """Set the file's name and text, and the values for its {{ … }} placeholders.

        `links` maps texts, such as the phone number, to the URLs that they link to.
        """
        self.name, self.facts, self.links = name, facts, links or {}
        self.text = "\n".join(map(repair_line, text.split("\n")))

    def error_at(self, line: int, message: str) -> LeafletError:
        """Return an error that tells an editor the file, the line and the problem."""
        return LeafletError(f"{self.name}, line {line}: {message}")

    def panels(self) -> list[Panel]:
        """Return the file's panels in order.

        Raises LeafletError if the file has markup that leaflets do not support. The message says where, and what to
        write instead.
        """
        try:
            fill(self.text, self.facts)
        except FactError as error:
            raise LeafletError(f"{self.name}, {error}") from error
        panels = [Panel("", 1)]
        for block in self._blocks():
            if block["kind"] == "shortcode" and block["name"] == "panel":
                panels.append(Panel(block["value"], block["line"]))
            else:
                panels[-1].blocks.append(block)
        return [panel for panel in panels if panel.name or panel.blocks]

    def _blocks(self) -> Iterator[Block]:
        tokens = MarkdownIt("commonmark").enable("table").parse(self.text)
        self._refuse_unsupported_markup(tokens)
        index, level = 0, 0
        while index < len(tokens):
            token = tokens[index]
            line = token.map[0] + 1 if token.map else 1
            if token.type == "heading_open":
                level = self._heading_level(token, level, line)
                yield from self._text_block({"kind": "heading", "level": level, "line": line}, tokens[index + 1])
                index += 3
            elif token.type == "paragraph_open":
                yield from self._paragraph_blocks(tokens[index + 1], line)
                index += 3
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                end = next(
                    n for n in range(index, len(tokens)) if tokens[n].type == token.type.replace("open", "close")
                )
                yield self._list_block(tokens[index:end], line)
                index = end + 1
            else:
                index += 1

    def _refuse_unsupported_markup(self, tokens: list[Token]) -> None:
        line = list_depth = 0
        for token in tokens:
            line = token.map[0] + 1 if token.map else line
            if token.type in _REFUSED_BLOCKS:
                raise self.error_at(line, _REFUSED_BLOCKS[token.type])
            for child in token.children or ():
                if child.type in _REFUSED_INLINE:
                    raise self.error_at(line, _REFUSED_INLINE[child.type])
            list_depth += token.type.endswith("list_open") - token.type.endswith("list_close")
            if list_depth > 1:
                raise self.error_at(
                    line,
                    "a list inside a list cannot be used in a leaflet. Make it one list.",
                )

    def _heading_level(self, token: Token, previous_level: int, line: int) -> int:
        level = int(token.tag[1:])
        if level > previous_level + 1:
            raise self.error_at(
                line,
                f"the heading has {'#' * level}. It should have {'#' * (previous_level + 1)}: "
                "at most one # more than the heading before it.",
            )
        return level

    def _paragraph_blocks(self, inline: Token, line: int) -> Iterator[Block]:
        shortcode_match = SHORTCODE_PATTERN.fullmatch(inline.content.strip())
        if shortcode_match:
            yield {
                "kind": "shortcode",
                "name": shortcode_match[1],
                "value": shortcode_match[2] or "",
                "line": line,
            }
        elif "[[" in inline.content:
            raise self.error_at(
                line,
                "a shortcode in double square brackets needs its own line, with an empty line before and after it.",
            )
        else:
            yield from self._text_block({"kind": "para", "line": line}, inline)

    def _list_block(self, tokens: list[Token], line: int) -> Block:
        items: list[list[Block]] = []
        for token in tokens:
            if token.type == "list_item_open":
                items.append([])
            elif token.type == "inline" and (runs := self.text_runs(token)):
                items[-1] = [*items[-1], {"text": " "}, *runs] if items[-1] else runs
        if not any(items):
            return {"kind": OMITTED, "line": line}
        return {
            "kind": "list",
            "ordered": tokens[0].type.startswith("ordered"),
            "items": [item for item in items if item],
            "line": line,
        }

    def _text_block(self, block: Block, inline: Token) -> Iterator[Block]:
        runs = self.text_runs(inline)
        yield {**block, "runs": runs} if runs else {**block, "kind": OMITTED, "omitted": block["kind"]}

    def text_runs(self, inline: Token) -> list[Block]:
        """Return the text of `inline` in runs, each of one style.

        A sentence that is only an empty placeholder is left out. If any other placeholder is empty, return []. Raises
        LeafletError for markup that would be printed as it is.
        """
        # An empty placeholder that is a sentence of its own removes only that sentence.
        content = SENTENCE_FACT_PATTERN.sub(
            lambda match: match[0] if self.facts[match[1]] else "", inline.content
        ).strip()
        if not content or refers_to_empty_fact(content, self.facts):
            return []
        tokens = inline.children if content == inline.content else MarkdownIt().parseInline(content)[0].children
        runs: list[Block] = []
        strong_depth, link = 0, ""
        for token in tokens or ():
            if token.type in ("strong_open", "em_open"):
                strong_depth += 1
            elif token.type in ("strong_close", "em_close"):
                strong_depth -= 1
            elif token.type == "link_open":
                link = fill(unquote(str(token.attrGet("href"))), self.facts)
            elif token.type == "link_close":
                link = ""
            else:
                text = fill(token.content, self.facts) if token.type == "text" else " "
                self._refuse_leftover_markup(token.content, inline)
                runs += [
                    {"text": part, "strong": strong_depth > 0, "link": link or url}
                    for part, url in self._split_at_links(text)
                ]
        return runs

    def _refuse_leftover_markup(self, text: str, inline: Token) -> None:
        """Raise LeafletError if `text` contains markup that would be printed as it is."""
        line = inline.map[0] + 1 if inline.map else 1
        for markup, _, advice in leftover_markup(FACT_REFERENCE.sub("", text)):
            lines_above = inline.content.split(markup)[0].count("\n")
            raise self.error_at(line + lines_above, f"“{markup}” would be printed as it stands. {advice}")

    def _split_at_links(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield the text in pieces, each with the URL that it links to, or ""."""
        if not self.links:
            yield text, ""
            return
        link_text_pattern = "|".join(map(re.escape, sorted(self.links, key=len, reverse=True)))
        for piece in re.split(rf"(?<![\w.@-])({link_text_pattern})(?![\w@-]|\.\w)", text):
            if piece:
                yield piece, self.links.get(piece, "")
