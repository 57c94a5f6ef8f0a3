"""Ports of loopback."""

import argparse
import socket


def free_port() -> int:
    """A port of loopback that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port(text: str) -> int:
    """A port as typed; raises ArgumentTypeError for a number that is none."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port: take a number from 1 to 65535")
    return int(text)
