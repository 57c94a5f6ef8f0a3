"""A machine for tests: Debian in a systemd-nspawn container, with its own systemd and no network but loopback."""

import fcntl
import re
import secrets
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import psutil

from tests.support.container_image import trusted_authorities_file
from tests.support.deployment import is_listening, mailbox_command, running_program
from tests.support.needs import require_root_and
from tests.support.network import threads_in_namespace
from tests.support.waiting import wait_until

T = TypeVar("T")
# The minimal system; the operating guide must install every other package.
BASE_PACKAGES = "systemd,systemd-sysv,ca-certificates,procps"
AUTHORITIES_FILE = "/etc/registry.crt"
PATH_VARIABLE = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
REBOOT_EXIT_STATUS = 133  # exit status of systemd-nspawn when the machine reboots


class DebianMachine:
    """A Debian machine with its files below `folder`; it runs only during the with block that `boot` starts."""

    def __init__(self, folder: Path) -> None:
        require_root_and(systemd_nspawn="systemd-container", mmdebstrap="mmdebstrap")
        self.folder, self.root, self.init_pid = folder, folder / "root", 0
        command = [
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            f"--include={BASE_PACKAGES}",
            "bookworm",
            str(self.root),
        ]
        subprocess.run(command, check=True, timeout=900)
        shutil.copyfile(trusted_authorities_file(), self.root / AUTHORITIES_FILE.lstrip("/"))
        shutil.copyfile("/etc/resolv.conf", self.root / "etc/resolv.conf")
        apt_options = 'APT::Get::Assume-Yes "true"; APT::Install-Recommends "false"; DPkg::Use-Pty "false";\n'
        (self.root / "etc/apt/apt.conf.d/90quiet").write_text(apt_options)

    @contextmanager
    def boot(self) -> Iterator[None]:
        """Boot the machine with all enabled units; kill it when the block ends, as a power cut would."""
        with _machine_lock(), ExitStack() as self.exit_stack:
            self._start()
            yield

    def reboot(self) -> None:
        """Shut down cleanly and boot again, with a new network namespace and only the enabled units."""
        self.run_unchecked("systemctl reboot")
        assert self.nspawn.wait(120) == REBOOT_EXIT_STATUS
        self._start()

    def _start(self) -> None:
        options = ("--quiet", "--private-network", "--register=no", "--keep-unit", "--console=passive")
        name = f"--machine=front-door-{secrets.token_hex(4)}"
        boot_options = ("--boot", f"--directory={self.root}", "--resolv-conf=off")
        program = running_program("systemd-nspawn", *options, name, *boot_options, cwd=self.folder)
        self.nspawn = self.exit_stack.enter_context(program)
        wait_until(self._find_init_process, "systemd has started", seconds=60)
        self.exit_stack.callback(_kill, self.init_pid)
        wait_until(self._has_booted, "everything is started", seconds=120)

    def _find_init_process(self) -> bool:
        """Find the machine's systemd and set `init_pid`; return False while it does not yet accept commands."""
        with suppress(psutil.NoSuchProcess):  # a helper process of systemd-nspawn may end meanwhile
            for child in psutil.Process(self.nspawn.pid).children(recursive=True):
                if child.name() == "systemd" and Path(f"/proc/{child.pid}/root/run/systemd/private").exists():
                    self.init_pid = child.pid
                    return True
        return False

    def _has_booted(self) -> bool:
        return self.run_unchecked("systemctl is-system-running --wait").stdout.strip() in ("running", "degraded")

    def run_unchecked(self, line: str, online: bool = False) -> subprocess.CompletedProcess[str]:
        """Run a shell command as root, without checking its exit status.

        With `online`, the command uses the network of the machine that runs the tests.
        """
        namespaces = ["--mount", "--pid", "--uts", "--ipc", "--cgroup", *([] if online else ["--net"])]
        environment = ["env", "-i", PATH_VARIABLE, "HOME=/root", f"SSL_CERT_FILE={AUTHORITIES_FILE}"]
        environment += [f"PIP_CERT={AUTHORITIES_FILE}", "DEBIAN_FRONTEND=noninteractive", "LANG=C.UTF-8"]
        command = ["nsenter", f"--target={self.init_pid}", *namespaces, *environment, "sh", "-ec", f"cd /; {line}"]
        return subprocess.run(command, capture_output=True, text=True, timeout=900)

    def run(self, line: str, online: bool = False) -> str:
        """Run a shell command as root; return its output. Fails if the exit status is not 0."""
        completed = self.run_unchecked(line, online)
        assert completed.returncode == 0, f"{line}\n{(completed.stdout + completed.stderr)[-4000:]}"
        return completed.stdout.strip()

    def unit_property(self, unit: str, name: str) -> str:
        """Return the current value of a property of a systemd unit."""
        return self.run(f"systemctl show --property={name} --value {unit}")

    def main_pid(self, unit: str) -> int:
        """Return the id of a systemd unit's main process in the machine's PID namespace, or 0 if it is not running."""
        return int(self.unit_property(unit, "MainPID"))

    @contextmanager
    def mailbox(self, folder: Path, smtp_port: int) -> Iterator[None]:
        """Run a mail server in the machine's network during the block; it stores its emails in `folder`."""
        namespace_command = ("nsenter", f"--target={self.init_pid}", "--net")
        with running_program(*namespace_command, *mailbox_command(folder, smtp_port), cwd=self.folder):
            self.wait_for_port(smtp_port, "the mail server")
            yield

    def assert_unprivileged(self, unit: str, account: str) -> None:
        """Check that a systemd unit's main process runs as `account`, not as root, and can gain no privileges."""
        # Until the process executes the unit's program, it still runs systemd's code as root.
        wait_until(lambda: self._executes_its_program(unit), f"{unit} executes its program")
        status = self.run(f"cat /proc/{self.main_pid(unit)}/status")
        fields = {name: set(values.split()) for name, values in re.findall(r"^(\w+):\t(.*)$", status, re.MULTILINE)}
        account_id = self.run(f"id -u {account}")
        assert fields["Uid"] == {account_id} and account_id != "0"
        assert fields["CapEff"] == fields["CapPrm"] == fields["CapBnd"] == {"0000000000000000"}
        assert (fields["NoNewPrivs"], fields["Seccomp"]) == ({"1"}, {"2"})

    def _executes_its_program(self, unit: str) -> bool:
        """Return whether the systemd unit's main process has started to execute the unit's program."""
        executable = self.run_unchecked(f"readlink /proc/{self.main_pid(unit)}/exe").stdout.strip()
        return executable != "" and not Path(executable).name.startswith("systemd")

    def client_threads(self, count: int) -> ThreadPoolExecutor:
        """Return a pool of `count` threads in the machine's network namespace, where they can reach its servers."""
        return threads_in_namespace(self.init_pid, count)

    def wait_for_port(self, port: int, name: str, seconds: float = 20.0) -> None:
        """Wait until the server `name` listens on this loopback port of the machine."""
        wait_until(lambda: self.call_inside(lambda: is_listening(port)), f"{name} listens", seconds)

    def call_inside(self, function: Callable[[], T]) -> T:
        """Call `function` in the machine's network namespace; return its result."""
        with self.client_threads(1) as pool:
            return pool.submit(function).result(120)


def _kill(pid: int) -> None:
    with suppress(psutil.NoSuchProcess):
        psutil.Process(pid).kill()


@contextmanager
def _machine_lock() -> Iterator[None]:
    """Wait until no other DebianMachine runs, and let none start during the block."""
    # Two machines would share one control group.
    with Path("/run/lock/front-door-machine").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
