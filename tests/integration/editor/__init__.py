"""The editor's server: who is let in, and what publishing does."""
