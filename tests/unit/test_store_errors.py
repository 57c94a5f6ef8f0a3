"""Database failures are classified by their cause, so that the message to the operator is correct."""

import sqlite3

import pytest

from form_service.store.errors import StoreUnavailable, failure_kind


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("database or disk is full", "disk-full"),
        ("could not extend file: No space left on device", "disk-full"),
        ("disk I/O error", "disk-error"),
        ("could not read block 7: Input/output error", "disk-error"),
        ("database is locked", "locked"),
        ("canceling statement due to lock timeout", "locked"),
        ("attempt to write a readonly database", "read-only"),
        ("cannot execute INSERT in a read-only transaction", "read-only"),
        ("connection to server failed: Connection refused", "gone"),
        ("terminating connection due to administrator command", "gone"),
        ("unable to open database file", "gone"),
        ("database disk image is malformed", "damaged"),
        ("file is not a database", "damaged"),
        ("no such table: referral", "database"),
    ],
)
def test_a_database_failure_is_classified_by_its_cause(message: str, kind: str) -> None:
    assert failure_kind(sqlite3.OperationalError(message)) == kind


def test_a_shared_memory_file_without_space_is_reported_as_a_full_disk() -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"
    assert failure_kind(error) == "disk-full"


def test_an_error_that_needs_the_operator_says_what_to_do() -> None:
    for kind, advice in (("schema-newer", "install that version"), ("incomplete", "restore"), ("replaced", "restart")):
        assert advice in StoreUnavailable(kind).explanation
    assert StoreUnavailable("locked").explanation == "locked"
