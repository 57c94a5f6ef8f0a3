"""The blocks of a leaflet's text, an edition by its file, and a service with other details."""

from typing import Any

from leaflet.colours import print_colours
from leaflet.editions import EDITIONS, Edition
from leaflet.markdown import Block, Source
from leaflet.shortcodes import Shortcodes, drop_omitted
from service_profile import Service
from service_profile.profile import contact_links, facts_of


def leaflet_blocks(service: Service, text: str) -> list[Block]:
    """Return the blocks that are typeset of `text`, the Markdown of a leaflet. Raises LeafletError for a mistake."""
    source = Source("leaflet.md", text, service.facts)
    shortcodes = Shortcodes(source, service, print_colours(service["look"]["light"]))
    return [block for panel in source.panels() for block in drop_omitted(shortcodes.expanded_blocks(panel))]


def edition_of(file: str) -> Edition:
    """Return the edition of the leaflet with this file name."""
    (edition,) = [edition for edition in EDITIONS if edition.file == file]
    return edition


def service_with(service: Service, **values: Any) -> Service:
    """Return the service with `values` in place of its own, and the links and facts that follow from them."""
    values = {**service.values, **values}
    values |= {"links": contact_links(values)}
    return Service(values, facts_of(values) | {"site_url": service.site_url}, service.site_url)
