"""Write a leaflet as a page of the site, in Markdown.

The pages are written to docs/leaflets/ before MkDocs runs, so that MkDocs checks their links and indexes them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from leaflet.markdown import Block

MARKDOWN_SPECIAL_CHARACTER_PATTERN = re.compile(r"([\\`*_{}\[\]<>#|])")
PICTURE_FOLDER = "pictures"


@dataclass
class WebPage:
    """A page of the site. `text` is its Markdown, and `pictures` maps the file names of its drawings to their SVG."""

    title: str
    description: str
    text: str = ""
    pictures: dict[str, str] = field(default_factory=dict)

    @property
    def markdown(self) -> str:
        """Return the whole Markdown file, with its front matter."""
        front_matter = f'---\ntitle: "{self.title}"\ndescription: "{self.description}"\n---\n'
        return f"{front_matter}# {self.title}\n\n{self.text}"

    def add(self, blocks: Iterable[Block]) -> None:
        """Append blocks to the page as Markdown. Blocks for paper only, such as the QR code, are skipped."""
        for block in blocks:
            to_markdown = getattr(self, f"_{block['kind']}_markdown", None)
            markdown = "\n\n".join(to_markdown(block)) if to_markdown else ""
            if markdown:
                self.text += f"{markdown}\n\n"

    def _heading_markdown(self, block: Block) -> Iterator[str]:
        if block["level"] > 1:  # the page has its title already
            yield f"{'#' * block['level']} {_inline_markdown(block['runs'])}"

    def _para_markdown(self, block: Block) -> Iterator[str]:
        if self.text:
            yield _inline_markdown(block["runs"])
        else:  # the paragraph right below the title is large already
            yield _inline_markdown([{**run, "strong": False} for run in block["runs"]]) + "\n{: .lede }"

    def _list_markdown(self, block: Block) -> Iterator[str]:
        markers = (f"{n}." if block["ordered"] else "-" for n in range(1, len(block["items"]) + 1))
        yield "\n".join(
            f"{marker} {_inline_markdown(item)}" for marker, item in zip(markers, block["items"], strict=True)
        )

    def _picture_markdown(self, block: Block) -> Iterator[str]:
        yield self._image_markdown(block)

    def _people_markdown(self, block: Block) -> Iterator[str]:
        yield self._image_markdown(block)

    def _row_markdown(self, block: Block) -> Iterator[str]:
        """Yield the Markdown of a picture and of the sentences beside it."""
        yield '<div class="easy-read" markdown="1">'
        yield self._image_markdown(block["picture"])
        yield '<div markdown="1">'
        for sentence in block["sentences"]:
            yield from getattr(self, f"_{sentence['kind']}_markdown")(sentence)
        yield "</div>\n</div>"

    def _statistic_markdown(self, block: Block) -> Iterator[str]:
        yield self._image_markdown(block)
        yield f"**{_escape(block['sentence'])}.**"
        if block["limits"]:
            yield _escape(block["limits"])
        yield from self._source_markdown(block)

    def _source_markdown(self, block: Block) -> Iterator[str]:
        yield f"<small>{_escape(block['source'])}</small>"

    def _contact_markdown(self, block: Block) -> Iterator[str]:
        rows = (f"- **{row['label']}:** {_inline_markdown([{**row, 'strong': False}])}" for row in block["rows"])
        yield "\n".join(rows)
        if block["note"]:
            yield _escape(block["note"])

    def _notice_markdown(self, block: Block) -> Iterator[str]:
        yield f"!!! note\n    {_escape(block['text'])}"

    def _about_markdown(self, block: Block) -> Iterator[str]:
        yield f"<small>{_escape(block['text'])}</small>"

    def _image_markdown(self, block: Block) -> str:
        name = f"{block['name']}.svg"
        self.pictures[name] = block["svg"]
        return f"![{_escape(block['alt'])}]({PICTURE_FOLDER}/{name}){{: {_size_attributes(block['svg'])} }}"

    def write(self, folder: Path, name: str) -> set[Path]:
        """Write the page `name`.md and its drawings into `folder`. Return the paths of all these files.

        Unchanged files are not rewritten.
        """
        texts_by_path = {folder / f"{name}.md": self.markdown}
        texts_by_path |= {folder / PICTURE_FOLDER / file: svg for file, svg in self.pictures.items()}
        for path, text in texts_by_path.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
        return set(texts_by_path)


def _size_attributes(svg: str) -> str:
    """Return a drawing's class, width and height as Markdown attributes."""
    match = re.search(r'viewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"', svg)
    width, height = (float(match[1]), float(match[2])) if match else (1.0, 1.0)
    displayed_width = 176 if width < 1.6 * height else 672
    return f".tile width={displayed_width} height={round(displayed_width * height / width)}"


def _escape(text: str) -> str:
    return MARKDOWN_SPECIAL_CHARACTER_PATTERN.sub(r"\\\1", " ".join(text.split()))


def _inline_markdown(runs: list[Block]) -> str:
    return "".join(map(_run_markdown, runs)).strip()


def _run_markdown(run: Block) -> str:
    text = MARKDOWN_SPECIAL_CHARACTER_PATTERN.sub(r"\\\1", run["text"])
    if run["strong"] and text.strip():
        text = re.sub(r"^(\s*)(.*?)(\s*)$", r"\1**\2**\3", text, flags=re.DOTALL)
    return f"[{text}]({run['link']})" if run["link"] else text
