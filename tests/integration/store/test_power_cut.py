"""After a power cut at any moment, the store holds every referral that was confirmed before the cut."""

import contextlib
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.needs import require_root_and
from tests.support.service_parts import ROOT, parts_of, settings_of
from tests.support.waiting import wait_until

pytestmark = pytest.mark.soak


@dataclass
class StoreOnUnreliableDisk:
    """A store on a disk that loses unsynced data in a power cut. A process writes to the store constantly."""

    mount_point: Path
    snapshots_folder: Path
    confirmations_file: Path

    def confirmed_changes(self) -> set[str]:
        """Return the changes confirmed so far, each as "accepted REFERENCE" or "delivered REFERENCE"."""
        return set(self.confirmations_file.read_text().splitlines()) if self.confirmations_file.exists() else set()

    def cut_power(self, seed: int) -> Path:
        """Simulate a power cut; return a folder with the files that survive it.

        `seed` decides which unsynced data is lost.
        """
        # The simulated disk cuts the power when this folder is made, and always refuses to make it.
        with pytest.raises(PermissionError):
            (self.mount_point / f"cut-{seed}").mkdir()
        return self.snapshots_folder / str(seed)


def start_python_module(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )


@pytest.fixture
def store_on_unreliable_disk(tmp_path: Path) -> Iterator[StoreOnUnreliableDisk]:
    require_root_and(fusermount3="fuse3")
    assert Path("/dev/fuse").exists(), "this machine has no FUSE; run in a container with --device /dev/fuse"
    store_on_unreliable_disk = StoreOnUnreliableDisk(tmp_path / "disk", tmp_path / "snapshots", tmp_path / "notes")
    store_on_unreliable_disk.mount_point.mkdir()
    store_on_unreliable_disk.snapshots_folder.mkdir()
    disk_process = start_python_module(
        "tests.support.unreliable_disk",
        str(store_on_unreliable_disk.mount_point),
        str(store_on_unreliable_disk.snapshots_folder),
    )
    wait_until(store_on_unreliable_disk.mount_point.is_mount, "the unreliable disk is mounted")
    writer_process = start_python_module(
        "tests.support.unreliable_disk_writer",
        str(store_on_unreliable_disk.mount_point),
        str(store_on_unreliable_disk.confirmations_file),
    )
    try:
        wait_until(lambda: len(store_on_unreliable_disk.confirmed_changes()) > 5, "referrals are being accepted")
        yield store_on_unreliable_disk
        assert writer_process.poll() is None, "the writer died"
    finally:
        writer_process.kill()
        writer_process.wait()
        subprocess.run(["fusermount3", "-u", "-z", str(store_on_unreliable_disk.mount_point)], check=False)
        with contextlib.suppress(subprocess.TimeoutExpired):
            disk_process.wait(5)
        disk_process.kill()
        disk_process.wait()


@pytest.mark.parametrize("round_number", range(20))
def test_a_power_cut_loses_no_confirmed_referral(
    store_on_unreliable_disk: StoreOnUnreliableDisk, round_number: int
) -> None:
    cut_count = 30  # a round; each round has a new disk, because a growing store slows the test down
    rng = random.Random(11 + round_number)
    lost_changes: list[str] = []
    for seed in range(round_number * cut_count, (round_number + 1) * cut_count):
        time.sleep(rng.uniform(0.0, 0.15))  # a random moment for the power cut
        confirmed_changes = store_on_unreliable_disk.confirmed_changes()
        folder = store_on_unreliable_disk.cut_power(seed)
        lost_changes += missing_changes(folder, confirmed_changes)
        shutil.rmtree(folder)
    change_count = len(store_on_unreliable_disk.confirmed_changes())
    print(f"Round {round_number + 1} of 20: {cut_count} power cuts, {change_count} changes, {len(lost_changes)} lost")
    assert not lost_changes
    assert change_count > cut_count, "too few confirmations for a meaningful test"


def missing_changes(folder: Path, confirmed_changes: set[str]) -> list[str]:
    """Return the confirmed changes that the store in `folder` lacks.

    Fail if that store is corrupt or accepts no new referral.
    """
    parts = parts_of(settings_of(folder))
    try:
        parts.store.migrate()
        with parts.store.reading() as (connection, _):
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok", "the store is corrupt"
            rows = connection.exec_driver_sql("SELECT reference, delivered_at IS NOT NULL FROM referral").all()
        stored_changes = {f"accepted {name}" for name, _ in rows} | {
            f"delivered {name}" for name, is_delivered in rows if is_delivered
        }
        assert parts.accept(), "new referrals are accepted"
        return sorted(confirmed_changes - stored_changes)
    finally:
        parts.store.close()


def test_the_unreliable_disk_loses_unsynced_data(store_on_unreliable_disk: StoreOnUnreliableDisk) -> None:
    """Check that the simulated disk loses data that was not synced and keeps data that was synced."""
    (store_on_unreliable_disk.mount_point / "unsynced").write_bytes(b"x" * 100_000)
    assert not all(
        (store_on_unreliable_disk.cut_power(1000 + seed) / "unsynced").read_bytes() == b"x" * 100_000
        for seed in range(12)
    )
    with (store_on_unreliable_disk.mount_point / "synced").open("wb") as file:
        file.write(b"y" * 100_000)
        file.flush()
        os.fsync(file.fileno())
    assert all(
        (store_on_unreliable_disk.cut_power(2000 + seed) / "synced").read_bytes() == b"y" * 100_000
        for seed in range(12)
    )
