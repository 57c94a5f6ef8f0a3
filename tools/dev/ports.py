"""Find a free TCP port on loopback, and check the ports that people choose."""

import argparse
import socket

from form_service.config.host_name import MAX_PORT


def free_port() -> int:
    """Return a TCP port that is free on loopback at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def parse_port(text: str) -> int:
    """Return the port number in `text`. Raises ArgumentTypeError if it is not a port."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_PORT:
        raise argparse.ArgumentTypeError(f"{text} is not a port: take a number from 1 to {MAX_PORT}")
    return int(text)
