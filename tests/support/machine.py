"""A machine for tests: Debian in a systemd-nspawn container, with its own systemd and no network but loopback."""

import fcntl
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import psutil

from tests.support.container_image import authorities
from tests.support.deployment import program, wait_for
from tests.support.needs import needs_root_and
from tests.support.network import people_in

T = TypeVar("T")
# The minimal packages; the operating guide must install everything else.
BASE = "systemd,systemd-sysv,ca-certificates,procps"
KNOWN = "/etc/registry.crt"
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ASKED_TO_REBOOT = 133  # exit status of systemd-nspawn when the machine reboots


class Debian:
    """One machine below `folder`; it runs during the block of `boot`."""

    def __init__(self, folder: Path) -> None:
        needs_root_and(systemd_nspawn="systemd-container", mmdebstrap="mmdebstrap")
        self.folder, self.root, self.leader = folder, folder / "root", 0
        command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={BASE}", "bookworm", str(self.root)]
        subprocess.run(command, check=True, timeout=900)
        shutil.copyfile(authorities(), self.root / KNOWN.lstrip("/"))
        shutil.copyfile("/etc/resolv.conf", self.root / "etc/resolv.conf")
        quiet = 'APT::Get::Assume-Yes "true"; APT::Install-Recommends "false"; DPkg::Use-Pty "false";\n'
        (self.root / "etc/apt/apt.conf.d/90quiet").write_text(quiet)

    @contextmanager
    def boot(self) -> Iterator[None]:
        """Boot the machine with all enabled units; cut its power when the block ends."""
        with _one_at_a_time(), ExitStack() as self.power:
            self._switch_on()
            yield

    def reboot(self) -> None:
        """Shut down cleanly and boot again, with a new network namespace and only the enabled units."""
        self.run("systemctl reboot")
        assert self.nspawn.wait(120) == ASKED_TO_REBOOT
        self._switch_on()

    def _switch_on(self) -> None:
        options = ("--quiet", "--private-network", "--register=no", "--keep-unit", "--console=passive")
        name = f"--machine=front-door-{secrets.token_hex(4)}"
        where = ("--boot", f"--directory={self.root}", "--resolv-conf=off")
        running = program("systemd-nspawn", *options, name, *where, cwd=self.folder)
        self.nspawn = self.power.enter_context(running)
        wait_for("systemd has started", self._find_leader, seconds=60)
        self.power.callback(_kill, self.leader)
        wait_for("everything is started", self._is_up, seconds=120)

    def _find_leader(self) -> bool:
        """Find the machine's process 1; return whether it accepts commands from systemctl."""
        with suppress(psutil.NoSuchProcess):  # a short-lived helper of systemd-nspawn
            for child in psutil.Process(self.nspawn.pid).children(recursive=True):
                if child.name() == "systemd" and Path(f"/proc/{child.pid}/root/run/systemd/private").exists():
                    self.leader = child.pid
                    return True
        return False

    def _is_up(self) -> bool:
        return self.run("systemctl is-system-running --wait").stdout.strip() in ("running", "degraded")

    def run(self, line: str, online: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a shell command as root; with `online`, in the network of the machine that runs the tests."""
        entered = ["--mount", "--pid", "--uts", "--ipc", "--cgroup", *([] if online else ["--net"])]
        environment = ["env", "-i", PATH, "HOME=/root", f"SSL_CERT_FILE={KNOWN}"]
        environment += [f"PIP_CERT={KNOWN}", "DEBIAN_FRONTEND=noninteractive", "LANG=C.UTF-8"]
        command = ["nsenter", f"--target={self.leader}", *entered, *environment, "sh", "-ec", f"cd /; {line}"]
        return subprocess.run(command, capture_output=True, text=True, timeout=900)

    def do(self, line: str, online: bool = False) -> str:
        """Run a shell command as root, which must succeed; return its output."""
        done = self.run(line, online)
        assert done.returncode == 0, f"{line}\n{(done.stdout + done.stderr)[-4000:]}"
        return done.stdout.strip()

    def shown(self, unit: str, name: str) -> str:
        """Return the current value of a unit's property."""
        return self.do(f"systemctl show --property={name} --value {unit}")

    def people(self, number: int) -> ThreadPoolExecutor:
        """Return a pool of threads in the machine's network namespace, where they can reach its servers."""
        return people_in(self.leader, number)

    def inside(self, what: Callable[[], T]) -> T:
        """Call `what` in the machine's network namespace; return its result."""
        with self.people(1) as person:
            return person.submit(what).result(120)


def _kill(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).kill()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Hold a lock, because two machines at once would share one control group."""
    with Path("/run/lock/front-door-machine").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
