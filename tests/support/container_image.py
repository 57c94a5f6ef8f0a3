"""The container image, built with buildah in chroot isolation on a base made from Debian's packages."""

import os
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support import project_copy
from tests.support.needs import needs_root_and

DEBIAN = "python3,python3-venv,ca-certificates"


def authorities() -> Path:
    """Return the certificate authorities that this machine believes.

    A registry may be reached through a proxy with an authority that this machine knows and a bare Debian does not.
    """
    return Path(os.environ.get("SSL_CERT_FILE") or ssl.get_default_verify_paths().openssl_cafile)


class Builder:
    """buildah with a storage of its own, gone after the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.options = ["--root", str(folder / "root"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]

    def command(self, name: str, *arguments: str) -> list[str]:
        return ["buildah", *self.options, name, *arguments]

    def do(self, name: str, *arguments: str) -> str:
        done = subprocess.run(self.command(name, *arguments), capture_output=True, text=True, timeout=900)
        assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
        return done.stdout.strip()


@contextmanager
def form_image(folder: Path, root: Path) -> Iterator[Builder]:
    """Yield the image of a service that production takes, as `front-door`, and a container of it called `form`."""
    needs_root_and(buildah="buildah", mmdebstrap="mmdebstrap")
    builder = Builder(folder)
    subprocess.run(
        ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={DEBIAN}", "bookworm", str(folder / "base.tar")],
        check=True,
        timeout=900,
    )
    builder.do("from", "--name", "base", "scratch")
    builder.do("add", "base", str(folder / "base.tar"), "/")
    known = authorities()
    if known.is_file():
        builder.do("copy", "base", str(known), "/etc/ssl/certs/ca-certificates.crt")
        builder.do("config", "--env", "PIP_CERT=/etc/ssl/certs/ca-certificates.crt", "base")
    live = project_copy.service(root, folder / "live", project_copy.LIVE)
    recipe = live / "deploy" / "Containerfile"
    # The base goes by the name of the one that would come from a registry, which the tests do not ask.
    builder.do("commit", "base", f"docker.io/library/{recipe.read_text().split('FROM ')[1].split()[0]}")
    options = ("--isolation", "chroot", "--format", "docker", "--pull-never")
    builder.do("bud", *options, "-f", str(recipe), "-t", "front-door", str(live))
    builder.do("from", "--name", "form", "localhost/front-door")
    yield builder
    for name in ("form", "base"):
        subprocess.run(builder.command("rm", name), capture_output=True, timeout=60)
