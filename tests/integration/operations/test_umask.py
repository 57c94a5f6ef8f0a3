"""File permissions do not depend on the umask: private files stay private, shared files stay readable."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from form_service.config.settings import Settings
from form_service.operations.backups import make_backup
from form_service.store.worker_lock import worker_lock
from service_profile.profile import MKDOCS_YML
from tests.support.service_parts import parts_of, settings_of
from tools.content import new_service
from tools.publish import nginx

SetUmask = Callable[[int], None]


@pytest.fixture
def set_umask() -> Iterator[SetUmask]:
    old_umask = os.umask(0o022)
    yield os.umask  # type: ignore[misc]
    os.umask(old_umask)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_files_with_referrals_or_keys_are_private_to_their_account(
    tmp_path: Path, set_umask: SetUmask, umask: int
) -> None:
    backups = tmp_path / "backups"
    backups.mkdir()
    manual_backup = tmp_path / "by-hand.db"
    set_umask(umask)
    folder = tmp_path / "instance"
    Settings.from_environment({}, folder)  # writes development's key file
    parts = parts_of(settings_of(folder))
    parts.accept()
    assert parts.store.reserved_space is not None and parts.store.reserved_space.reserve()
    parts.store.restore(_back_up(parts, manual_backup))
    make_backup(parts.store, backups, 1_800_000_000.0)
    with worker_lock(parts.store.database.path, None):
        private_files = [
            *folder.iterdir(),
            *(path for path in backups.iterdir() if not path.is_symlink()),
            tmp_path / "by-hand.db",
        ]
        modes = {path.name: path.stat().st_mode & 0o777 for path in private_files}
    parts.store.close()
    assert {"referrals.db", "referrals.db-wal", "referrals.db.id", "secret-key", "reserved-space"} <= modes.keys()
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}
    assert folder.stat().st_mode & 0o077 == 0


def _back_up(parts: object, file: Path) -> Path:
    parts.store.backup(file)  # type: ignore[attr-defined]
    return file


@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077])
def test_files_that_other_accounts_read_stay_readable(tmp_path: Path, set_umask: SetUmask, umask: int) -> None:
    profile = tmp_path / "mkdocs.yml"
    profile.write_bytes(MKDOCS_YML.read_bytes())
    profile.chmod(0o644)
    set_umask(umask)
    new_service.write_answers({"phone": "01632 960555"}, profile)
    nginx.write_atomically(tmp_path / "front-door.conf", "# nginx reads this")
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.iterdir()} == {
        "mkdocs.yml": "0o644",  # the form's account reads it
        "front-door.conf": "0o644",
    }
