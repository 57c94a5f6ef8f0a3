"""Functions for the tests of leaflets: parse a text, find an edition, and change a service's details."""

from typing import Any

from leaflet.colours import print_colours
from leaflet.editions import EDITIONS, Edition
from leaflet.markdown import Block, MarkdownSource
from leaflet.shortcodes import ShortcodeExpander, drop_omitted_blocks
from service_profile import Service
from service_profile.profile import contact_links, facts_of


def leaflet_blocks(service: Service, text: str) -> list[Block]:
    """Return the blocks to typeset for `text`, the Markdown of a leaflet. Raises LeafletError for a mistake in it."""
    source = MarkdownSource("leaflet.md", text, service.facts)
    expander = ShortcodeExpander(source, service, print_colours(service["look"]["light"]))
    return [block for panel in source.panels() for block in drop_omitted_blocks(expander.expanded_blocks(panel))]


def edition_of(file: str) -> Edition:
    """Return the edition of the leaflet with this file name."""
    (edition,) = [edition for edition in EDITIONS if edition.file == file]
    return edition


def service_with(service: Service, **values: Any) -> Service:
    """Return a copy of the service with its settings changed to `values`, and with its links and facts to match."""
    values = {**service.values, **values}
    values |= {"links": contact_links(values)}
    return Service(values, facts_of(values) | {"site_url": service.site_url}, service.site_url)
