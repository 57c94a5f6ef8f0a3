"""What a soak test needs of the machine: it fails with one line that says so, and is never skipped silently."""

import os
import shutil


def needs_root_and(**programs: str) -> None:
    """Fail unless this is root on a machine with these programs, each given with its Debian package; _ stands for -."""
    assert os.geteuid() == 0, "This test needs root, on Debian."
    for name, package in programs.items():
        program = name.replace("_", "-")
        found = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        assert found, f"This test needs {program}: Debian's package {package}."
