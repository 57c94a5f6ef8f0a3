"""A private container engine for tests: Debian's dockerd in its own network and PID namespaces."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from tests.support.deployment import running_program
from tests.support.needs import require_root_and
from tests.support.waiting import wait_until

BRIDGE_IP = "10.98.0.1"  # the bridge, where containers reach servers that run in the engine's network namespace
DNS_SERVER_IP = "10.0.2.3"  # slirp4netns' DNS server, which forwards to this machine's
# The tests use no registry. Instead of its images they use Debian 13's servers, in the same or similar versions, with
# the settings and folders of the official images.
POSTGRES_START_SCRIPT = """#!/bin/sh -e
bin=$(echo /usr/lib/postgresql/*/bin) data=/var/lib/postgresql/data
as="setpriv --reuid=postgres --regid=postgres --init-groups"
install -d -o postgres /run/postgresql
if [ ! -s $data/PG_VERSION ]; then
  chown postgres $data && chmod 700 $data
  install -o postgres -m 400 "$POSTGRES_PASSWORD_FILE" /tmp/password
  auth="--pwfile=/tmp/password --auth-host=scram-sha-256 --auth-local=trust"
  $as $bin/initdb -D $data -E UTF8 -U "$POSTGRES_USER" $auth
  echo "host all all all scram-sha-256" >> $data/pg_hba.conf
  echo "CREATE DATABASE $POSTGRES_DB" | $as $bin/postgres --single -D $data postgres
fi
exec $as $bin/postgres -D $data -c "listen_addresses=*"
"""
NGINX_START_SCRIPT = """#!/bin/sh -e
[ $# = 0 ] || exec "$@"
exec nginx -g "daemon off;"
"""
SERVER_PACKAGES = "postgresql,nginx-light"
START_SCRIPT_BY_IMAGE = {"postgres:17-alpine": POSTGRES_START_SCRIPT, "nginx:1.28-alpine": NGINX_START_SCRIPT}


class ContainerEngine:
    """A running container engine with its socket in `folder`.

    `pid` is the id of the first process in its namespaces.
    """

    def __init__(self, folder: Path, pid: int) -> None:
        self.folder, self.pid = folder, pid

    def run(self, line: str, cwd: Path | None = None, seconds: int = 600) -> str:
        """Run a shell command with DOCKER_HOST set to this engine; return its output.

        Fails if the exit status is not 0.
        """
        env = {**os.environ, "DOCKER_HOST": f"unix://{self.folder / 'engine.sock'}"}
        env.pop("MKDOCS_CONFIG", None)  # the project in `cwd` has its own mkdocs.yml
        command = ["sh", "-ec", line]
        completed = subprocess.run(
            command, cwd=cwd or self.folder, env=env, capture_output=True, text=True, timeout=seconds
        )
        assert completed.returncode == 0, f"{line}\n{(completed.stdout + completed.stderr)[-4000:]}"
        return completed.stdout.strip()

    def kill(self, container: str) -> None:
        """Send SIGKILL directly to a container's main process; after `docker kill`, the engine would not restart it."""
        pid = self.run(f"docker inspect --format '{{{{.State.Pid}}}}' {container}")
        command = ["nsenter", f"--target={self.pid}", "--pid", "--mount", "kill", "-9", pid]
        subprocess.run(command, check=True, timeout=10)

    def build_server_images(self) -> None:
        """Build images of PostgreSQL and nginx from Debian's packages, with the names that the compose file uses."""
        archive = self.folder / "servers.tar"
        hooks = [
            "rm -rf $1/var/lib/nginx && ln -s /var/cache/nginx $1/var/lib/nginx",
            "rm $1/etc/nginx/sites-enabled/*",
        ]
        for number, script in enumerate(START_SCRIPT_BY_IMAGE.values()):
            start_script = self.folder / f"start-{number}"
            start_script.write_text(script)
            hooks.append(f"install -m 755 {start_script} $1/start-{number}")
        command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={SERVER_PACKAGES}", "trixie", str(archive)]
        subprocess.run([*command, *(f"--customize-hook={hook}" for hook in hooks)], check=True, timeout=900)
        for number, name in enumerate(START_SCRIPT_BY_IMAGE):
            self.run(f"docker import --change 'ENTRYPOINT [\"/start-{number}\"]' {archive} {name}")


@contextmanager
def running_engine(folder: Path, online: bool = False) -> Iterator[ContainerEngine]:
    """Run dockerd with its data below `folder`; kill it and all of its containers when the block ends.

    With `online`, containers can fetch packages; without it, they reach only each other.
    """
    require_root_and(dockerd="docker.io", mmdebstrap="mmdebstrap", **({"slirp4netns": "slirp4netns"} if online else {}))
    namespaces = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
    networks = f"--bip={BRIDGE_IP}/24 --default-address-pool=base=10.99.0.0/16,size=24"
    folder_options = f"--data-root={folder}/data --exec-root={folder}/run --pidfile={folder}/pid"
    dns_option = f"--dns={DNS_SERVER_IP}" if online else ""
    start_command = (
        f"ip link set lo up; exec dockerd --host=unix://{folder}/engine.sock {folder_options} {networks} {dns_option}"
    )
    with running_program(*namespaces, "sh", "-ec", start_command, cwd=folder) as process, ExitStack() as exit_stack:
        wait_until((folder / "engine.sock").exists, "the engine answers", seconds=60)
        init_process = psutil.Process(process.pid).children()[0]
        if online:
            # Give the engine the network of this machine, but not its loopback.
            slirp_command = ("slirp4netns", "--configure", "--disable-host-loopback", str(init_process.pid), "tap0")
            exit_stack.enter_context(running_program(*slirp_command, cwd=folder))
        engine = ContainerEngine(folder, init_process.pid)
        wait_until(lambda: engine.run("docker info"), "the engine is ready", seconds=60)
        try:
            yield engine
        finally:
            init_process.kill()
