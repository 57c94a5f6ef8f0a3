"""The form's container image, built with buildah on a base of Debian packages."""

import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import project_copy
from tests.support.needs import require_root_and

DEBIAN_PACKAGES = "python3,python3-venv,ca-certificates"


def trusted_authorities_file() -> Path:
    """Return the file of certificate authorities that this machine trusts."""
    # A package registry may be behind a proxy whose authority this machine trusts and a bare Debian does not.
    return Path(os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().openssl_cafile)


class Buildah:
    """A client of buildah, with private storage below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.options = ["--root", str(folder / "root"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]

    def buildah_command(self, name: str, *arguments: str) -> list[str]:
        return ["buildah", *self.options, name, *arguments]

    def run(self, name: str, *arguments: str) -> str:
        completed = subprocess.run(self.buildah_command(name, *arguments), capture_output=True, text=True, timeout=900)
        assert completed.returncode == 0, (completed.stdout + completed.stderr)[-3000:]
        return completed.stdout.strip()


@contextmanager
def form_image(folder: Path, root: Path) -> Iterator[Buildah]:
    """Build the image `front-door` and a container `form` of it; yield the buildah client that built them.

    The service in the image has details that production accepts. At the end of the block, the container is removed.
    """
    require_root_and(buildah="buildah", mmdebstrap="mmdebstrap")
    builder = Buildah(folder)
    subprocess.run(
        [
            "mmdebstrap",
            "--quiet",
            "--variant=minbase",
            f"--include={DEBIAN_PACKAGES}",
            "bookworm",
            str(folder / "base.tar"),
        ],
        check=True,
        timeout=900,
    )
    builder.run("from", "--name", "base", "scratch")
    builder.run("add", "base", str(folder / "base.tar"), "/")
    authorities_file = trusted_authorities_file()
    if authorities_file.is_file():
        builder.run("copy", "base", str(authorities_file), "/etc/ssl/certs/ca-certificates.crt")
        builder.run("config", "--env", "PIP_CERT=/etc/ssl/certs/ca-certificates.crt", "base")
    live_project = project_copy.copy_with_service(root, folder / "live", project_copy.LIVE_SERVICE)
    containerfile = live_project / "deploy" / "Containerfile"
    # Give the base the name of the registry's image, so that the tests need no registry.
    builder.run("commit", "base", f"docker.io/library/{containerfile.read_text().split('FROM ')[1].split()[0]}")
    options = ("--isolation", "chroot", "--format", "docker", "--pull-never")
    builder.run("bud", *options, "-f", str(containerfile), "-t", "front-door", str(live_project))
    builder.run("from", "--name", "form", "localhost/front-door")
    yield builder
    for name in ("form", "base"):
        subprocess.run(builder.buildah_command("rm", name), capture_output=True, timeout=60)
