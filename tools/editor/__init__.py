"""The Markdown editor, on this machine (`make edit`) or hosted at an address of its own."""
