"""Expand the shortcodes of a leaflet, such as [[contact]], into blocks."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from leaflet import pictures
from leaflet.markdown import OMITTED, Block, MarkdownSource, Panel
from service_profile import Service, phone
from service_profile import pictures as shared_pictures
from service_profile.facts import nearest_name
from service_profile.schema import STATISTICS
from service_profile.wording import day_in_words, list_in_words, offers_in_words

MISSING_YEAR_TEXT = "year to be confirmed"
PERSON_WIDTH_MM = 6.8  # of one figure in a single row
ROWS_WIDTH_MM = 112.0  # of figures in several rows


def form_url(service: Service) -> str:
    """Return the absolute URL of the referral form."""
    url = str(service["form_address"])
    return url if url.startswith("https://") else service.site_url + url.lstrip("/")


def printed_url(url: str) -> str:
    """Return the URL as printed, without the scheme and without a final slash."""
    return url.removeprefix("https://").removeprefix("http://").rstrip("/")


def leaflet_facts(service: Service) -> dict[str, str]:
    """Return the values for placeholders in leaflets, such as {{ phone }}."""
    return {
        **service.facts,
        "form_url": form_url(service),
        "form_url_short": printed_url(form_url(service)),
        "or_text": f" or text {service['text_number']}" if service["text_number"] else "",
        "offers_in_words": list_in_words(offers_in_words(service.values.get("offers"))),
    }


def urls_by_link_text(service: Service) -> dict[str, str]:
    """Return the texts that leaflets turn into links, such as the phone number, each with its URL."""
    urls = {
        str(service["phone"]): phone.link(service["phone"]),
        service["second_phone"]["number"]: phone.link(service["second_phone"]["number"]),
        service["text_number"]: phone.link(service["text_number"], "sms"),
        str(service["email"]): f"mailto:{service['email']}",
        str(service.values.get("secure_email") or ""): f"mailto:{service.values.get('secure_email')}",
        form_url(service): form_url(service),
        printed_url(form_url(service)): form_url(service),
    }
    return {text: url for text, url in urls.items() if text}


class ShortcodeExpander:
    """An object that turns a Markdown file's shortcodes, such as [[contact]], into blocks."""

    def __init__(self, source: MarkdownSource, service: Service, look: Mapping[str, str]) -> None:
        self.source, self.service, self.look = source, service, look
        self._block_makers: dict[str, Callable[[], list[Block]]] = {
            "bottom": lambda: [{"kind": "bottom"}],
            "contact": self.contact_blocks,
            "code": self._qr_code_blocks,
            "about": self._about_blocks,
            "easy read tested": self._easy_read_tested_blocks,
            "logo": self._logo_blocks,
            "funders": self._funders_blocks,
        }
        self._block_makers_with_value: dict[str, Callable[[str, int], list[Block]]] = {
            "statistic": self._statistic_blocks,
            "people": self._people_blocks,
            "source": self._source_blocks,
            "picture": self._picture_blocks,
        }

    def expanded_blocks(self, panel: Panel) -> list[Block]:
        """Return the blocks of `panel`, with shortcodes expanded.

        An OMITTED block replaces content for which the service has no facts. Raises LeafletError if a shortcode is
        unknown.
        """
        blocks: list[Block] = []
        for block in self._omit_absent_statistics(panel.blocks):
            if block["kind"] != "shortcode":
                blocks.append(block)
                continue
            blocks += [{**new_block, "line": block["line"]} for new_block in self._make_blocks(block)]
        return blocks

    def _omit_absent_statistics(self, blocks: list[Block]) -> Iterator[Block]:
        """Yield the blocks, with one OMITTED block in place of all content about a statistic that the service lacks."""
        resume_index = 0
        for index, block in enumerate(blocks):
            if index < resume_index:
                continue
            if not self._is_absent_statistic(block):
                yield block
                continue
            yield {"kind": OMITTED, "line": block["line"]}
            source_shortcode = {"kind": "shortcode", "name": "source", "value": block["value"]}
            source_indexes = [
                other_index
                for other_index, other_block in enumerate(blocks[index:], start=index)
                if source_shortcode.items() <= other_block.items()
            ]
            if block["name"] == "people" and source_indexes:
                resume_index = source_indexes[0] + 1

    def _is_absent_statistic(self, block: Block) -> bool:
        is_statistic = block["kind"] == "shortcode" and block["name"] in ("statistic", "people", "source")
        return is_statistic and block["value"] in STATISTICS and block["value"] not in self.service["statistics"]

    def _make_blocks(self, block: Block) -> list[Block]:
        name, line = block["name"], block["line"]
        if name in self._block_makers:
            return self._block_makers[name]()
        if name in self._block_makers_with_value:
            return self._block_makers_with_value[name](block["value"], line)
        raise self._unknown_name_error(
            "shortcode",
            name,
            line,
            dict.fromkeys([*self._block_makers, *self._block_makers_with_value, "panel"], ""),
        )

    def _unknown_name_error(self, kind: str, name: str, line: int, known_names: Mapping[str, str]) -> Exception:
        suggestion = nearest_name(name, known_names)
        hint = (
            f" Did you mean “{suggestion}”?"
            if suggestion
            else f" Choose one of these: {', '.join(sorted(known_names))}."
        )
        return self.source.error_at(line, f"there is no {kind} called “{name}”.{hint}")

    def _find_statistic(self, name: str, line: int) -> Mapping[str, Any]:
        statistics = self.service["statistics"]
        if name not in statistics:
            raise self._unknown_name_error("statistic", name, line, dict.fromkeys(statistics, ""))
        statistic: Mapping[str, Any] = statistics[name]
        return statistic

    def _people_blocks(self, name: str, line: int) -> list[Block]:
        statistic = self._find_statistic(name, line)
        value, total = int(statistic["value"]), int(statistic["of"])
        return [
            {
                "kind": "people",
                "name": f"people-{name}",
                "svg": pictures.people_svg(value, total, self.look["accent"]),
                "alt": f"{value} out of {total} people, shown in colour.",
                "width": ROWS_WIDTH_MM if total > pictures.MAX_LARGE_FIGURES else total * PERSON_WIDTH_MM,
            }
        ]

    def _source_blocks(self, name: str, line: int) -> list[Block]:
        return [{"kind": "source", "source": source_line(self._find_statistic(name, line))}]

    def _statistic_blocks(self, name: str, line: int) -> list[Block]:
        [people_block], [source_block] = self._people_blocks(name, line), self._source_blocks(name, line)
        sentence = self.service.facts[f"statistics.{name}.sentence"]
        limits = str(self._find_statistic(name, line).get("limits") or "").strip()
        return [{**people_block, **source_block, "kind": "statistic", "sentence": sentence, "limits": limits}]

    def contact_blocks(self) -> list[Block]:
        """Return a list of one block: the service's contact details, opening hours and note about Relay UK."""
        service = self.service
        relay_uk, second_phone = service["helplines"].get("relay_uk"), service["second_phone"]
        rows = [
            ("Phone", service["phone"], phone.link(service["phone"])),
            (second_phone["label"], second_phone["number"], phone.link(second_phone["number"])),
            ("Text", service["text_number"], phone.link(service["text_number"], "sms")),
            ("Email", service["email"], f"mailto:{service['email']}"),
            ("Online", printed_url(form_url(service)), form_url(service)),
            ("Open", service["opening_hours"], ""),
        ]
        filled_rows = [{"label": label, "text": str(text), "link": link} for label, text, link in rows if text]
        return [{"kind": "contact", "rows": filled_rows, "note": relay_uk["says"] if relay_uk else ""}]

    def _qr_code_blocks(self) -> list[Block]:
        url = form_url(self.service)
        svg, margin = pictures.qr_code(url)
        return [
            {
                "kind": "code",
                "svg": svg,
                "margin": margin,
                "alt": f"A square code to scan with a phone. It opens {printed_url(url)}",
                "text": "Scan this with a phone to open the form:",
                "url": printed_url(url),
            }
        ]

    def _about_blocks(self) -> list[Block]:
        review = self.service["review"]
        return [
            {
                "kind": "about",
                "text": f"Version {review.get('version')}. Reviewed on {day_in_words(str(review.get('date')))}.",
            }
        ]

    def _easy_read_tested_blocks(self) -> list[Block]:
        if self.service["accessibility"].get("easy_read_tested"):
            return []
        return [{"kind": "notice", "text": "People who use Easy Read have not tested this leaflet yet."}]

    def _logo_blocks(self) -> list[Block]:
        logo = self.service["logo"]
        if not logo["picture"]:
            return [{"kind": OMITTED}]
        alt = logo["alt"] or self.service["short_name"]
        return [{"kind": "logo", "svg": pictures.logo_svg(logo["picture"]), "alt": alt}]

    def _funders_blocks(self) -> list[Block]:
        funders = self.service["funders"]
        if not funders:
            return [{"kind": OMITTED}]
        items = [
            {"alt": funder["name"], "svg": pictures.logo_svg(funder["picture"]) if funder["picture"] else ""}
            for funder in funders
        ]
        return [{"kind": "funders", "text": "We are funded by", "items": items}]

    def _picture_blocks(self, name: str, line: int) -> list[Block]:
        picture_names = shared_pictures.names()
        if name not in picture_names:
            raise self._unknown_name_error("picture", name, line, dict.fromkeys(picture_names, ""))
        svg, alt = pictures.draw_picture(name, self.look)
        return [{"kind": "picture", "name": name, "svg": svg, "alt": alt}]


def drop_omitted_blocks(blocks: list[Block]) -> list[Block]:
    """Return the blocks without the omitted ones, and without headings whose whole content was omitted."""
    return [
        block
        for index, block in enumerate(blocks)
        if block["kind"] != OMITTED
        and not (block["kind"] == "heading" and _is_omitted_section(block, blocks[index + 1 :]))
    ]


def _is_omitted_section(heading: Block, following_blocks: list[Block]) -> bool:
    """Return whether the whole content of a heading's section was omitted."""
    kinds = []
    for block in following_blocks:
        if block["kind"] == "bottom" or (block["kind"] == "heading" and block["level"] <= heading["level"]):
            break
        kinds.append(block["kind"])
    return OMITTED in kinds and set(kinds) <= {OMITTED, "heading"}


def source_line(statistic: Mapping[str, Any]) -> str:
    """Return the line that names the source and the year of a statistic."""
    year = str(statistic.get("year") or "").strip() or MISSING_YEAR_TEXT
    return f"Source: {statistic.get('source')}, {year}."
