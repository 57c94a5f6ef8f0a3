"""Checks of the pages' text, and changes to the service's configuration: `make lint`, `make new-service`."""
