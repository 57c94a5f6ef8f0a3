"""TCP ports on loopback."""

import argparse
import socket

from form_service.config.host_name import MAX_PORT


def free_port() -> int:
    """Return a loopback port that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def parse_port(text: str) -> int:
    """Return the typed port. Raises ArgumentTypeError for anything that is not a port."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_PORT:
        raise argparse.ArgumentTypeError(f"{text} is not a port: take a number from 1 to {MAX_PORT}")
    return int(text)
