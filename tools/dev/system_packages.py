"""The system packages that tests and benchmarks need, named once; installs what is missing where it can.

    python -m tools.dev.system_packages test|bench|soak

On Debian as root the missing ones are installed. Elsewhere the command stops and names them.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Debian package → programs that show that it is there (any one of them is enough).
NEEDED: dict[str, tuple[str, ...]] = {
    "chromium": (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"),
    "firefox-esr": ("firefox-esr",),
    "webkit2gtk-driver": ("WebKitWebDriver",),
    "xvfb": ("Xvfb",),
    "postgresql": ("/usr/lib/postgresql/*/bin/postgres", "postgres"),
    "postfix": ("/usr/sbin/postfix", "postfix"),
    "nginx-light": ("/usr/sbin/nginx", "nginx"),
    "libnginx-mod-http-brotli-static": ("/usr/lib/nginx/modules/*brotli_static*",),
    "curl": ("curl",),
    "openssl": ("openssl",),
    "fuse3": ("fusermount3",),
    "faketime": ("faketime",),
    "poppler-utils": ("pdftoppm",),
    "systemd": ("systemd-analyze",),
    "nodejs": ("node",),
    "npm": ("npm",),
    "default-jre-headless": ("java",),
}
SOAK_ONLY: dict[str, tuple[str, ...]] = {
    "buildah": ("buildah",),
    "mmdebstrap": ("mmdebstrap",),
    "systemd-container": ("systemd-nspawn",),
    "docker.io": ("dockerd", "/usr/sbin/dockerd"),
    "docker-compose": ("docker-compose",),
    "slirp4netns": ("slirp4netns",),
}
OLDEST_NODE = 20  # the hosting's own packages need it


def is_there(program: str) -> bool:
    """True when the program can be found: a name on the PATH, a path, or a path with a `*`."""
    if not program:
        return False
    if "*" in program:
        return any(Path("/").glob(program.lstrip("/")))
    return shutil.which(program) is not None


def missing(goal: str) -> list[str]:
    """The Debian packages that `goal` needs and this machine lacks."""
    wanted = NEEDED | (SOAK_ONLY if goal == "soak" else {})
    return [package for package, programs in wanted.items() if not any(map(is_there, programs))]


def node_is_old() -> str | None:
    """The version of Node.js when it is older than OLDEST_NODE, else None."""
    if shutil.which("node") is None:
        return None
    version = subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout.strip()
    return version if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE else None


def chromium() -> str:
    """The path of Chromium: `$CHROMIUM` first, then the PATH. Raises FileNotFoundError when there is none."""
    for program in NEEDED["chromium"]:
        found = shutil.which(program) if program else None
        if found:
            return found
    raise FileNotFoundError("Chromium is not on this machine; make test installs it on Debian, or set CHROMIUM")


def install(packages: list[str]) -> None:
    """Install with apt-get; raises CalledProcessError when that fails."""
    # Debian starts a server on installation; the tests start private ones of their own instead.
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    subprocess.run(["apt-get", "update", "-qq"], check=True, env=quiet)
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    subprocess.run(command, check=True, env=quiet, stdout=subprocess.DEVNULL)


def main(arguments: list[str]) -> int:
    """Exit status: 0 when everything is there now, 1 when something is missing."""
    goal = arguments[0] if arguments else "test"
    packages = missing(goal)
    if not packages:
        return _node_will_do()
    print(f"Missing on this machine: {', '.join(packages)}", flush=True)
    if not (shutil.which("apt-get") and os.geteuid() == 0):
        print(
            "They can be installed here only by Debian's apt-get as root. Install the programs by hand, then try again:"
        )
        for package in packages:
            programs = (NEEDED | SOAK_ONLY)[package]
            print(f"  {package}: any of {', '.join(filter(None, programs))}")
        return 1
    print("Installing them with apt-get …", flush=True)
    install(packages)
    still = missing(goal)
    if still:
        print(f"apt-get finished, yet these are still missing: {', '.join(still)}")
        return 1
    return _node_will_do()


def _node_will_do() -> int:
    old = node_is_old()
    if old:
        print(
            f"Node.js here is {old}; the tests of the hosting need {OLDEST_NODE} or newer. Install it, then try again."
        )
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
