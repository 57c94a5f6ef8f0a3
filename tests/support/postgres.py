"""Run a private PostgreSQL server that listens only on a Unix socket; its data is deleted after the tests."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from sqlalchemy import create_engine, text


def _program_folder() -> Path:
    packaged_programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    program_on_path = shutil.which("postgres")
    assert packaged_programs or program_on_path, "PostgreSQL is not installed; make test installs it on Debian"
    return packaged_programs[-1].parent if packaged_programs else Path(str(program_on_path)).parent


class Postgres:
    """A private PostgreSQL server. If root starts it, it runs as the user postgres."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._user_options: dict[str, str | int] = {}
        if os.getuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
            self._user_options = {"user": user.pw_uid, "group": user.pw_gid}
        self._data_folder = self._folder / "data"
        self._run("initdb", "-D", str(self._data_folder), "-A", "trust", "-U", "test", "--no-sync")
        self._database_count = 0
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(_program_folder() / program), *arguments],
            check=True,
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._user_options,
        )

    def start(self) -> None:
        """Start the server and wait until it accepts connections."""
        options = f"-c listen_addresses='' -k {self._folder} -c max_connections=200"
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._data_folder), "-l", log, "-w", "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop the server; the `mode` "immediate" simulates a crash."""
        self._run("pg_ctl", "-D", str(self._data_folder), "-w", "-m", mode, "stop")

    def checkpoint(self) -> None:
        """Make the server write all changes to the files of its tables."""
        self._run("psql", "-h", str(self._folder), "-U", "test", "-d", "postgres", "-c", "CHECKPOINT")

    def table_files(self) -> list[Path]:
        """Return the files of the tables and indexes of all databases."""
        return [path for path in (self._data_folder / "base").rglob("*") if path.is_file()]

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Suspend every process of the server during the block, so that connections stay open but get no answer."""
        postmaster = psutil.Process(int((self._data_folder / "postmaster.pid").read_text().split()[0]))
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://test@/{database}?host={self._folder}"

    def new_database(self) -> str:
        """Create an empty database; return its SQLAlchemy URL."""
        self._database_count += 1
        name = f"test{self._database_count}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self.url(name)

    def remove(self) -> None:
        """Stop the server and delete its folder."""
        self.stop("immediate")
        shutil.rmtree(self._folder, ignore_errors=True)
