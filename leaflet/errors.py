"""The exception for leaflets that cannot be made."""


class LeafletError(ValueError):
    """Raised if a leaflet cannot be made. Its message tells an editor what to change, and where."""
