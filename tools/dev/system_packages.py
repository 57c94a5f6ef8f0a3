"""Install the system packages that the tests and benchmarks need, or say what is missing.

    python -m tools.dev.system_packages test|system|bench|soak

An ordinary account is enough for `test`: Chromium comes from $CHROMIUM, the PATH or Playwright's own download. The
other goals need Debian's packages, which this command installs if it runs as root on Debian.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Debian package → programs that show that it is installed (any one of them is enough).
SYSTEM_PACKAGES: dict[str, tuple[str, ...]] = {
    "chromium": CHROMIUM_NAMES,
    "firefox-esr": ("firefox-esr",),
    "webkit2gtk-driver": ("WebKitWebDriver",),
    "xvfb": ("Xvfb",),
    "postgresql": ("/usr/lib/postgresql/*/bin/postgres", "postgres"),
    "postfix": ("/usr/sbin/postfix", "postfix"),
    "nginx-light": ("/usr/sbin/nginx", "nginx"),
    "libnginx-mod-http-brotli-static": ("/usr/lib/nginx/modules/*brotli_static*",),
    "curl": ("curl",),
    "openssl": ("openssl",),
    "faketime": ("faketime",),
    "poppler-utils": ("pdftoppm",),
    "systemd": ("systemd-analyze",),
    "nodejs": ("node",),
    "npm": ("npm",),
    "default-jre-headless": ("java",),
    "docker-compose": ("docker-compose",),
}
SOAK_PACKAGES: dict[str, tuple[str, ...]] = SYSTEM_PACKAGES | {
    "fuse3": ("fusermount3",),
    "buildah": ("buildah",),
    "mmdebstrap": ("mmdebstrap",),
    "systemd-container": ("systemd-nspawn",),
    "docker.io": ("dockerd", "/usr/sbin/dockerd"),
    "slirp4netns": ("slirp4netns",),
}
PACKAGES_BY_GOAL = {"test": {}, "system": SYSTEM_PACKAGES, "bench": SYSTEM_PACKAGES, "soak": SOAK_PACKAGES}
DRIVER_LIBRARY = "libatomic1"  # needed by Playwright's bundled Node.js
MIN_NODE_VERSION = 20  # the web host's own packages need it


def is_installed(program: str) -> bool:
    """Return whether a program is installed. `program` is a name on the PATH, a path, or a path with wildcards (*)."""
    if "*" in program:
        return any(Path("/").glob(program.lstrip("/")))
    return shutil.which(program) is not None


def missing_packages(goal: str) -> list[str]:
    """Return the Debian packages for a make goal that are not installed."""
    return [package for package, programs in PACKAGES_BY_GOAL[goal].items() if not any(map(is_installed, programs))]


def find_chromium() -> str | None:
    """Return the path of Chromium, or None if it is not in $CHROMIUM, the PATH or Playwright's own download."""
    for program in (os.environ.get("CHROMIUM", ""), *CHROMIUM_NAMES):
        if program and (path := shutil.which(program)):
            return path
    return _playwright_chromium_path()


def _playwright_chromium_path() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def chromium_path() -> str:
    """Return the path of Chromium. Raises FileNotFoundError if it is not installed."""
    path = find_chromium()
    if path is None:
        raise FileNotFoundError("Chromium is not on this machine. `make test` provides it, or set CHROMIUM.")
    return path


def can_install_packages() -> bool:
    """Return whether this process can install packages: it must be root on Debian."""
    return shutil.which("apt-get") is not None and os.geteuid() == 0


def install_packages(packages: list[str]) -> None:
    """Install Debian packages. Raises subprocess.CalledProcessError when apt-get fails."""
    # RUNLEVEL prevents Debian from starting each installed server: the tests start servers of their own.
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def _driver_starts() -> bool:
    """Return whether Playwright's driver can start."""
    command = [sys.executable, "-m", "playwright", "--version"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def provide_chromium() -> int:
    """Make sure that this machine has Chromium and the library that Playwright needs. Return the exit status."""
    if not _driver_starts():
        if not can_install_packages():
            print(f"Playwright does not start here. It needs Debian's package {DRIVER_LIBRARY}.", file=sys.stderr)
            return 1
        print(f"Installing {DRIVER_LIBRARY} with apt-get …", flush=True)
        install_packages([DRIVER_LIBRARY])
    if find_chromium():
        return 0
    print("Chromium is not on this machine. Downloading Playwright's …", flush=True)
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode == 0 and find_chromium():
        return 0
    if can_install_packages():
        print("The download failed. Installing Debian's package …", flush=True)
        install_packages(["chromium"])
        return 0
    print("The download failed. Install Chromium, or set CHROMIUM to its path, then try again.", file=sys.stderr)
    return 1


def provide_packages(goal: str) -> int:
    """Install the Debian packages for a make goal, and check the version of Node.js.

    Return 0 on success. Otherwise print what is missing or too old, and return 1.
    """
    packages = missing_packages(goal)
    if packages and not can_install_packages():
        print("These tests need Debian and root. Missing on this machine:", file=sys.stderr)
        for package in packages:
            print(f"  {package}: any of {', '.join(PACKAGES_BY_GOAL[goal][package])}", file=sys.stderr)
        return 1
    if packages:
        print(f"Installing {', '.join(packages)} with apt-get …", flush=True)
        install_packages(packages)
        if packages_still_missing := missing_packages(goal):
            print(
                f"apt-get finished, yet these are still missing: {', '.join(packages_still_missing)}", file=sys.stderr
            )
            return 1
    return _check_node()


def _check_node() -> int:
    version = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) >= MIN_NODE_VERSION:
        return 0
    print(f"Node.js is {version}; the tests of the hosting need {MIN_NODE_VERSION} or newer.", file=sys.stderr)
    return 1


def main(arguments: list[str]) -> int:
    """Install what the make goal in `arguments` needs. Without arguments, the goal is test.

    Return 0 on success, 1 if something is missing, 2 for an unknown goal.
    """
    goal = arguments[0] if arguments else "test"
    if goal not in PACKAGES_BY_GOAL:
        print(f"{goal} is none of {', '.join(PACKAGES_BY_GOAL)}.", file=sys.stderr)
        return 2
    return provide_chromium() if goal == "test" else provide_packages(goal)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
