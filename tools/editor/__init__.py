"""The Markdown editor, on this machine (`make edit`) or exported for an address of its own."""
