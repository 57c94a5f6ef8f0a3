"""The error for a leaflet that cannot be made."""


class LeafletError(ValueError):
    """A leaflet that cannot be made. The message tells an editor what to change, with the file and the line."""
