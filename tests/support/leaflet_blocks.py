"""The blocks of a leaflet's text."""

from leaflet.colours import print_colours
from leaflet.markdown import Block, Source
from leaflet.shortcodes import Shortcodes, drop_omitted
from service_profile import Service


def leaflet_blocks(service: Service, text: str) -> list[Block]:
    """Return the blocks that are typeset of `text`, the Markdown of a leaflet. Raises LeafletError for a mistake."""
    source = Source("leaflet.md", text, service.facts)
    shortcodes = Shortcodes(source, service, print_colours(service["look"]["light"]))
    return [block for panel in source.panels() for block in drop_omitted(shortcodes.expanded_blocks(panel))]
