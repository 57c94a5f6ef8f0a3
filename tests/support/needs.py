"""Check what a test needs: if something is missing, the test fails with one line of explanation and is not skipped."""

import os
import shutil


def require_root_and(**programs: str) -> None:
    """Fail unless run as root with all of `programs` installed.

    Each argument is a program, with _ for each hyphen, and its value is the Debian package that contains it.
    """
    assert os.geteuid() == 0, "This test needs root, on Debian."
    for name, package in programs.items():
        program = name.replace("_", "-")
        path = shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        assert path, f"This test needs {program}: Debian's package {package}."
