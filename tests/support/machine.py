"""A machine of the tests' own: Debian booted under its own systemd, with no network but its own loopback."""

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
# The least that a Debian can be; all else is for the operating guide to install.
BASE = "systemd,systemd-sysv,ca-certificates,procps"
KNOWN = "/etc/registry.crt"
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ASKED_TO_REBOOT = 133  # what systemd-nspawn leaves with


class Debian:
    """One machine below `folder`; `boot` lasts for a block."""

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
        """Switch the machine on, with everything that is enabled; pull the plug at the end."""
        with _one_at_a_time(), ExitStack() as self.power:
            self._switch_on()
            yield

    def reboot(self) -> None:
        """Shut down in good order and start again, with a new network and only what is enabled."""
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
        """Look for the machine's process 1, and for whether it listens to systemctl."""
        with suppress(psutil.NoSuchProcess):  # one of those that only prepare the way
            for child in psutil.Process(self.nspawn.pid).children(recursive=True):
                if child.name() == "systemd" and Path(f"/proc/{child.pid}/root/run/systemd/private").exists():
                    self.leader = child.pid
                    return True
        return False

    def _is_up(self) -> bool:
        return self.run("systemctl is-system-running --wait").stdout.strip() in ("running", "degraded")

    def run(self, line: str, online: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a line of shell as root; `online` lends it the network of the machine that the tests run on."""
        entered = ["--mount", "--pid", "--uts", "--ipc", "--cgroup", *([] if online else ["--net"])]
        environment = ["env", "-i", PATH, "HOME=/root", f"SSL_CERT_FILE={KNOWN}"]
        environment += [f"PIP_CERT={KNOWN}", "DEBIAN_FRONTEND=noninteractive", "LANG=C.UTF-8"]
        command = ["nsenter", f"--target={self.leader}", *entered, *environment, "sh", "-ec", f"cd /; {line}"]
        return subprocess.run(command, capture_output=True, text=True, timeout=900)

    def do(self, line: str, online: bool = False) -> str:
        """Run a line of shell as root, which must succeed; return what it printed."""
        done = self.run(line, online)
        assert done.returncode == 0, f"{line}\n{(done.stdout + done.stderr)[-4000:]}"
        return done.stdout.strip()

    def shown(self, unit: str, name: str) -> str:
        """Return the present value of one property of a unit."""
        return self.do(f"systemctl show --property={name} --value {unit}")

    def people(self, number: int) -> ThreadPoolExecutor:
        """Return threads that live in the machine's own network, where its addresses can be reached."""
        return people_in(self.leader, number)

    def inside(self, what: Callable[[], T]) -> T:
        """Return what a function finds from within the machine's network."""
        with self.people(1) as person:
            return person.submit(what).result(120)


def _kill(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).kill()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Take the lock: two machines at once would share one control group."""
    with Path("/run/lock/front-door-machine").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
