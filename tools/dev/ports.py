"""TCP ports on loopback."""

import argparse
import socket


def free_port() -> int:
    """Return a loopback port that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def parse_port(text: str) -> int:
    """Return the typed port. Raises ArgumentTypeError for anything that is not a port."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: take a number from 1 to 65535")
    return int(text)
