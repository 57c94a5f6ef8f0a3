"""The addresses of the form service."""
