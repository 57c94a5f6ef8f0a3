"""After a power cut at any moment, the store holds every referral that was confirmed before it."""

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
class Rig:
    """A disk that loses unsynced data, and a store on it that is constantly written to."""

    mount: Path
    survivors_folder: Path
    confirmations_file: Path

    def confirmed(self) -> set[str]:
        """Return an entry ("accepted …" or "delivered …") for each referral confirmed or delivered so far."""
        return set(self.confirmations_file.read_text().splitlines()) if self.confirmations_file.exists() else set()

    def cut_power(self, seed: int) -> Path:
        """Simulate a power cut; return a folder with the files that survive it."""
        with contextlib.suppress(OSError):
            (self.mount / f"cut-{seed}").mkdir()
        return self.survivors_folder / str(seed)


def start_python(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    require_root_and(fusermount3="fuse3")
    assert Path("/dev/fuse").exists(), "this machine has no FUSE; run in a container with --device /dev/fuse"
    rig = Rig(tmp_path / "disk", tmp_path / "survivors", tmp_path / "notes")
    rig.mount.mkdir()
    rig.survivors_folder.mkdir()
    disk = start_python("tests.support.unreliable_disk", str(rig.mount), str(rig.survivors_folder))
    wait_until(rig.mount.is_mount, "the unreliable disk is mounted")
    writer = start_python("tests.support.unreliable_disk_writer", str(rig.mount), str(rig.confirmations_file))
    try:
        wait_until(lambda: len(rig.confirmed()) > 5, "referrals are being accepted")
        yield rig
        assert writer.poll() is None, "the writer died"
    finally:
        writer.kill()
        writer.wait()
        subprocess.run(["fusermount3", "-u", "-z", str(rig.mount)], check=False)
        with contextlib.suppress(subprocess.TimeoutExpired):
            disk.wait(5)
        disk.kill()
        disk.wait()


@pytest.mark.parametrize("number", range(20))
def test_a_power_cut_loses_no_confirmed_referral(rig: Rig, number: int) -> None:
    """Cut the power 600 times: 20 rounds of 30, each on a new disk, because a growing store slows the test down."""
    cut_count = 30
    rng = random.Random(11 + number)
    lost: list[str] = []
    for seed in range(number * cut_count, (number + 1) * cut_count):
        time.sleep(rng.uniform(0.0, 0.15))  # a random moment for the power cut
        confirmed = rig.confirmed()
        folder = rig.cut_power(seed)
        lost += missing_entries(folder, confirmed)
        shutil.rmtree(folder)
    print(f"Round {number + 1} of 20: {cut_count} power cuts, {len(rig.confirmed())} confirmations, {len(lost)} lost")
    assert not lost
    assert len(rig.confirmed()) > cut_count, "too few confirmations for a meaningful test"


def missing_entries(folder: Path, confirmed: set[str]) -> list[str]:
    """Open the store that survived, as a restart would; return the entries of `confirmed` that it lacks."""
    parts = parts_of(settings_of(folder))
    try:
        parts.store.migrate()
        with parts.store.reading() as (connection, _):
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok", "the store is corrupt"
            rows = connection.exec_driver_sql("SELECT reference, delivered_at IS NOT NULL FROM referral").all()
        stored = {f"accepted {name}" for name, _ in rows} | {
            f"delivered {name}" for name, is_delivered in rows if is_delivered
        }
        assert parts.accept(), "new referrals are accepted"
        return sorted(confirmed - stored)
    finally:
        parts.store.close()


def test_the_unreliable_disk_loses_unsynced_data(rig: Rig) -> None:
    """Check the disk of these tests: data written without fsync is lost in some cuts, data written with it in none."""
    (rig.mount / "unsynced").write_bytes(b"x" * 100_000)
    outcomes = {(rig.cut_power(1000 + seed) / "unsynced").read_bytes() == b"x" * 100_000 for seed in range(12)}
    assert False in outcomes
    with (rig.mount / "synced").open("wb") as file:
        file.write(b"y" * 100_000)
        file.flush()
        os.fsync(file.fileno())
    assert all((rig.cut_power(2000 + seed) / "synced").read_bytes() == b"y" * 100_000 for seed in range(12))
