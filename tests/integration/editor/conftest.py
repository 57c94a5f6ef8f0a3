"""Fixtures for the hosted editor: its mail server and its clock."""

from collections.abc import Iterator

import pytest

from tests.support.hosted_editor import MonotonicClock
from tests.support.mail_server import MailServer


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.close()


@pytest.fixture
def clock() -> MonotonicClock:
    return MonotonicClock()
