"""Commands that change nothing work on a full or read-only disk, and report an unusable store in one line."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from form_service.config.settings import Settings, SettingsError
from form_service.operations.backups import make_backup
from form_service.store import StoreUnavailable
from form_service.store.engine import base, sqlite_files
from form_service.store.engine.sqlite import SQLite
from service_profile import load
from tests.support.commands import run_command
from tests.support.delivery import ScriptedRoute, deliver_one, worker_of
from tests.support.service_parts import ServiceParts, parts_of, settings_of
from tests.support.small_disk import fill_disk
from tests.support.waiting import wait_until

READ_ONLY_COMMANDS = (
    ("outbox", "list"),
    ("outbox", "list", "--json"),
    ("outbox", "purge", "--dry-run"),
    ("report", "--month=2026-11"),
)
OTHER_UID = 12_345


@pytest.mark.system
def test_read_only_commands_work_on_a_full_disk(small_disk: Path) -> None:
    settings = settings_of(small_disk)
    parts = parts_of(settings)
    reference = parts.accept()
    parts.store.close()
    fill_disk(small_disk)
    for arguments in READ_ONLY_COMMANDS:
        status, output = run_command(settings, *arguments)
        assert status == 0, (arguments, output)
    assert reference in run_command(settings, "outbox", "list")[1]
    check_output = run_command(settings, "check")[1]
    assert (
        "it cannot be written to (disk-full" in check_output
        and "deliveries waiting: 1;" in check_output
        and "Disk: nearly full" in check_output
    )
    assert run_command(settings, "outbox", "retry", "--all") == (1, "Error: The store is not available (disk-full).\n")
    restarted_parts = parts_of(settings)
    with pytest.raises(StoreUnavailable) as excinfo:
        restarted_parts.accept()
    assert excinfo.value.kind == "disk-full"
    (small_disk / "junk").unlink()
    restarted_parts.accept()
    restarted_parts.store.close()


@pytest.mark.system
def test_after_a_restart_on_a_full_disk_waiting_emails_are_delivered(small_disk: Path) -> None:
    settings = settings_of(small_disk)
    parts = parts_of(settings)
    reference = parts.accept()
    assert parts.store.reserved_space is not None and parts.store.reserved_space.reserve()
    parts.store.close()
    fill_disk(small_disk)
    restarted_parts = parts_of(settings)
    route = ScriptedRoute()
    worker = worker_of(restarted_parts, route)
    wait_until(
        lambda: deliver_one(worker.senders[0]), "the first attempt finds no space and releases the reserved space"
    )
    assert route.attempted_references == [reference]
    restarted_parts.store.close()


@pytest.fixture
def read_only_store_with_write_ahead_log(small_disk: Path) -> Iterator[ServiceParts]:
    """Yield a service whose store is on a read-only disk, with a write-ahead log but without the log's index.

    SQLite cannot create the index on a read-only disk.
    """
    parts = parts_of(settings_of(small_disk))
    parts.accept()
    content_by_path = {path: path.read_bytes() for path in small_disk.iterdir()}
    parts.store.close()
    for path, content in content_by_path.items():
        path.write_bytes(content)
    (small_disk / "referrals.db-shm").unlink()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    yield parts
    parts.store.close()


@pytest.mark.system
def test_a_read_only_store_with_a_write_ahead_log_is_copied_once(
    read_only_store_with_write_ahead_log: ServiceParts, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copied_file_names, original_copyfile = [], shutil.copyfile

    def copy_and_record(source: Path, target: Path) -> None:
        copied_file_names.append(source.name)
        original_copyfile(source, target)

    monkeypatch.setattr(shutil, "copyfile", copy_and_record)
    reports = read_only_store_with_write_ahead_log.store.reports
    assert [len(reports.waiting_deliveries()) for _ in range(5)] == [1] * 5
    assert sorted(copied_file_names) == ["referrals.db", "referrals.db-wal"]
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    read_only_store_with_write_ahead_log.accept()
    assert len(reports.waiting_deliveries()) == 2, "the file itself is read again"


@pytest.mark.parametrize("arguments", READ_ONLY_COMMANDS, ids=" ".join)
def test_a_database_locked_by_another_program_is_reported_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setattr(base, "LOCK_WAIT_SECONDS", 0.2)
    parts = parts_of(settings_of(tmp_path))
    parts.accept()
    parts.store.close()
    blocker = sqlite3.connect(tmp_path / "referrals.db", isolation_level=None)
    blocker.execute("PRAGMA locking_mode=EXCLUSIVE")
    blocker.execute("BEGIN IMMEDIATE")
    assert run_command(parts.settings, *arguments) == (1, "Error: The store is not available (locked).\n")
    blocker.close()


@pytest.mark.parametrize("content", [b"no database at all, but words\n" * 200, b"SQLite format 3\x00" + bytes(4000)])
@pytest.mark.parametrize("arguments", [*READ_ONLY_COMMANDS, ("check",)], ids=" ".join)
def test_a_file_that_is_not_a_database_is_reported_and_left_unchanged(
    tmp_path: Path, arguments: tuple[str, ...], content: bytes
) -> None:
    file = tmp_path / "other.db"
    file.write_bytes(content)
    try:
        status, output = run_command(settings_of(tmp_path, FORM_DATABASE_URL=f"sqlite:///{file}"), *arguments)
    except Exception as error:
        raise AssertionError(f"{arguments} ended in a traceback") from error
    assert status == 1 and "Traceback" not in output
    assert "cannot be read (" in output if arguments == ("check",) else output.startswith("Error: The store is not")
    assert file.read_bytes() == content, "a file of another program is not changed"


@pytest.mark.parametrize("is_writable", [True, False], ids=["opened", "copied with its log"])
def test_a_connection_that_cannot_be_used_is_closed(tmp_path: Path, is_writable: bool) -> None:
    file = tmp_path / "damaged.db"
    file.write_bytes(b"no database at all, but words\n" * 200)
    if not is_writable:
        (tmp_path / "damaged.db-wal").write_bytes(b"a log")
    database = SQLite(f"sqlite:///{file}")
    open_file_count_before = len(list(Path("/dev/fd").iterdir()))
    errors = []  # kept alive: a garbage-collected error would take its unclosed connection with it
    for _ in range(5):
        with pytest.raises((sqlite3.DatabaseError, StoreUnavailable)) as error, contextlib.ExitStack() as stack:
            if is_writable:
                stack.enter_context(database.reading())
            else:
                stack.enter_context(contextlib.closing(sqlite_files.connect_read_only(file, 1.0)))
        errors.append(error)
    assert len(list(Path("/dev/fd").iterdir())) == open_file_count_before
    database.close()


def test_outbox_list_says_that_the_form_is_closed_after_the_stores_folder_was_deleted(tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    parts = parts_of(settings_of(tmp_path / "instance", FORM_BACKUP_FOLDER=str(tmp_path / "backups")))
    parts.accept()
    make_backup(parts.store, tmp_path / "backups", 1_800_000_000.0)
    parts.store.close()
    for file in (tmp_path / "instance").iterdir():
        file.unlink()
    (tmp_path / "instance").rmdir()
    status, output = run_command(parts.settings, "outbox", "list")
    assert status == 0 and "The form is closed (incomplete: the latest backup holds referrals" in output


@pytest.fixture
def settings_for_store_owned_by_root(tmp_path: Path) -> Iterator[Settings]:
    """Yield the settings of a store that root owns. Every account may enter the folders around the store."""
    assert os.getuid() == 0, "giving files to another account needs root"
    for folder in (tmp_path, *list(tmp_path.parents)[:2]):
        folder.chmod(0o755)
    parts = parts_of(settings_of(tmp_path / "instance"))
    parts.accept()
    parts.store.close()
    yield parts.settings


@pytest.mark.system
@pytest.mark.parametrize("arguments", [*READ_ONLY_COMMANDS, ("check",), ("deliver", "--once")], ids=" ".join)
@pytest.mark.parametrize("folder_mode", [0o700, 0o755])
def test_a_store_that_another_account_owns_is_reported_briefly(
    settings_for_store_owned_by_root: Settings, tmp_path: Path, arguments: tuple[str, ...], folder_mode: int
) -> None:
    (tmp_path / "instance").chmod(folder_mode)
    run_command(settings_of(tmp_path / "own"), *arguments)  # imports the modules that the command needs
    service = load()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("form_service.app.load", lambda **_: service)  # the project may be closed to other accounts
        status, output = run_as_other_account(lambda: run_command(settings_for_store_owned_by_root, *arguments))
    assert status == 1 and reports_store_problem(output), (status, output)
    assert output.count("\n") <= (20 if arguments == ("check",) else 1)


def run_as_other_account(command: Callable[[], tuple[int, str]]) -> tuple[int, str]:
    """Call `command` in a forked process under another account, and return what it returns: exit status and output.

    If `command` raises SettingsError, return 1 and the message. If it raises another error, return 2 and the repr.
    """
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.setgroups([])
        os.setgid(OTHER_UID)
        os.setuid(OTHER_UID)
        try:
            result = command()
        except SettingsError as error:
            result = (1, error.message)
        except BaseException as error:
            result = (2, repr(error))
        os.write(writer, json.dumps(result).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as output:
        status, text = json.load(output)
    os.wait()
    return status, text


def reports_store_problem(output: str) -> bool:
    """Return whether the output reports a problem with the store or with FORM_DATABASE_URL."""
    return any(
        words in output for words in ("The store is not available", "FORM_DATABASE_URL", "Store: it cannot be read")
    )
