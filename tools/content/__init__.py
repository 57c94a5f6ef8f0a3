"""Checks of what people read, and changes of the service's configuration: `make lint`, `make new-service`."""
