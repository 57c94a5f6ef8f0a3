"""The error for a leaflet that cannot be made."""


class LeafletError(ValueError):
    """The error for a leaflet that cannot be made. Its message tells an editor where the cause is and what to do."""
