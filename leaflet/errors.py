"""What an editor is told when a leaflet cannot be made."""


class LeafletError(ValueError):
    """A leaflet cannot be made. The message says what to change in the editor's words, with the file and the line."""
