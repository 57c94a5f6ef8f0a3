"""Tests of the compose file on a real container engine, with the operating guide's commands."""

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.support import authority, guide, project_copy
from tests.support.container_engine import BRIDGE_IP, ContainerEngine, running_engine
from tests.support.container_image import Buildah
from tests.support.mail_server import Behaviour, MailServer
from tests.support.network import threads_in_namespace
from tests.support.production_settings import set_in_file
from tests.support.smime import decrypt_with_openssl
from tests.support.visitor import Visitor, home_page, inline_style_is_allowed
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.soak, pytest.mark.system]

T = TypeVar("T")
COMPOSE_SERVICES = ("web", "worker", "backup", "front", "database")
COMPOSE_COMMAND = "docker-compose -p front-door -f deploy/compose.yaml"


class Platform:
    """A container engine that runs the compose file of a project, and a mail server for the team."""

    def __init__(self, engine: ContainerEngine, project: Path, mail_server: MailServer) -> None:
        self.engine, self.project, self.mail_server = engine, project, mail_server
        self.team_key_pair = authority.make_certificate(engine.folder, "team.marlshire.internal")

    def run(self, line: str) -> str:
        """Run a shell command in the project's folder; return its output."""
        return self.engine.run(line, self.project)

    def run_guide_command(self, line: str) -> str:
        """Run a command of the operating guide; return its output.

        The command uses the Python that runs the tests, because the copy of the project has none of its own.
        """
        return self.run(re.sub(r"\.venv/bin/python|make build", lambda match: COMMAND_REPLACEMENTS[match[0]], line))

    def call_inside(self, function: Callable[[], T]) -> T:
        """Call `function` in the engine's network namespace; return its result."""
        with threads_in_namespace(self.engine.pid, 1) as thread:
            return thread.submit(function).result(120)

    def send_referral(self) -> str:
        """Wait until the form answers through nginx, send a self-referral, and return its reference."""
        visitor = Visitor("https://127.0.0.1", "marlshire.internal")
        wait_until(
            lambda: self.call_inside(lambda: visitor.open("/healthz")) and visitor.status == 200, "the form answers", 60
        )
        reference = self.call_inside(visitor.send_referral)
        assert reference, (visitor.status, visitor.text[:2000], self.run(f"{COMPOSE_COMMAND} logs --tail=20"))
        return reference

    def count_emails(self, reference: str) -> int:
        """Return how many emails with this reference the mail server has accepted."""
        return sum(reference.encode() in email.data for email in self.mail_server.received_emails)

    def container_ids(self, service: str) -> list[str]:
        """Return the IDs of a service's containers."""
        return self.run(f"{COMPOSE_COMMAND} ps -q {service}").split()

    def inspect(self, service: str) -> list[dict[str, dict[str, object]]]:
        """Return the output of `docker inspect` for a service's containers."""
        containers: list[dict[str, dict[str, object]]]
        containers = json.loads(self.run(f"docker inspect {' '.join(self.container_ids(service))}"))
        return containers

    def is_healthy(self, service: str) -> bool:
        """Return whether all containers of the service pass its health check."""
        health_statuses = [container["State"]["Health"]["Status"] for container in self.inspect(service)]  # type: ignore[index]
        return set(health_statuses) == {"healthy"}


def load_form_image(engine: ContainerEngine, builder: Buildah, ca_file: Path) -> None:
    """Make the form's image trust only the certificates in `ca_file`, and load the image into the engine."""
    builder.run("copy", "form", str(ca_file), "/etc/ssl/certs/ca-certificates.crt")
    builder.run("commit", "--format", "docker", "form", "localhost/trusting")
    archive = engine.folder / "form.tar"
    builder.run("push", "localhost/trusting", f"docker-archive:{archive}:front-door:latest")
    engine.run(f"docker load --input {archive}")


def set_up(platform: Platform, root: Path, certificate: tuple[Path, Path]) -> None:
    """Set up and start the services with the operating guide's commands for containers.

    The certificates and the settings come from this test, because the guide leaves them to the operator.
    """
    *setup_lines, start_line = guide.container_setup_commands(root)
    for line in setup_lines:
        platform.run_guide_command(line)
    line, setting = guide.certificate_command_and_setting(root)
    shutil.copyfile(platform.team_key_pair.certificate, platform.project / "team.pem")
    platform.run(line.replace("/etc/front-door/team/", "deploy/team/"))
    for file, name in zip(certificate, ("fullchain.pem", "privkey.pem"), strict=True):
        shutil.copyfile(file, platform.project / "deploy/certificate" / name)
    password = (platform.project / "deploy/database_password").read_text().strip()
    set_in_file(
        platform.project / "deploy/form.env",
        FORM_SECRET_KEYS="0123456789abcdef" * 4,
        FORM_DATABASE_URL=f"postgresql+psycopg://front_door:{password}@database/front_door",
        FORM_SMTP_URL=f"smtp://user:password@{BRIDGE_IP}:{platform.mail_server.port}",
        FORM_MAIL_FROM="form@marlshire.internal",
        FORM_TEAM_EMAIL="team@marlshire.internal",
        FORM_TEAM_CERTIFICATES=setting,
    )
    platform.run(start_line)


COMMAND_REPLACEMENTS = {".venv/bin/python": sys.executable, "make build": f"{sys.executable} -m tools.publish.build"}


@pytest.fixture(scope="module")
def platform(
    tmp_path_factory: pytest.TempPathFactory, root: Path, image_builder: Buildah, certificate: tuple[Path, Path]
) -> Iterator[Platform]:
    """Yield a platform on which all services of the compose file are running."""
    folder = tmp_path_factory.mktemp("compose")
    mail_server_key_pair = authority.make_certificate(folder, BRIDGE_IP)
    project = project_copy.copy_with_service(root, folder / "live", project_copy.LIVE_SERVICE)
    (folder / "engine").mkdir()
    with running_engine(folder / "engine") as engine:
        load_form_image(engine, image_builder, mail_server_key_pair.certificate)
        engine.build_server_images()
        with threads_in_namespace(engine.pid, 1) as thread:
            behaviour = Behaviour(tls_context=mail_server_key_pair.server_context())
            mail_server = thread.submit(MailServer, behaviour, "0.0.0.0").result(10)
        platform = Platform(engine, project, mail_server)
        try:
            set_up(platform, root, certificate)
            yield platform
        finally:
            platform.run(f"{COMPOSE_COMMAND} down --volumes --timeout 5")
            mail_server.close()


def test_every_service_is_running_and_healthy(platform: Platform) -> None:
    assert [len(platform.container_ids(name)) for name in COMPOSE_SERVICES] == [3, 2, 1, 1, 1]
    wait_until(lambda: platform.is_healthy("web") and platform.is_healthy("database"), "the health checks", seconds=90)


def test_a_referral_arrives_over_tls(platform: Platform) -> None:
    reference = platform.send_referral()
    wait_until(lambda: platform.count_emails(reference), "the email", seconds=30)
    assert platform.mail_server.received_emails[-1].over_tls and platform.count_emails(reference) == 1


@pytest.mark.parametrize("service", ("web", "worker", "backup"))
def test_a_container_has_no_privileges_and_writes_to_memory_only(platform: Platform, service: str) -> None:
    script = (
        "import os, pathlib;"
        "w = [p for p in ('/', '/etc', '/srv/front-door', '/opt/front-door', '/var/lib/front-door')"
        " if os.statvfs(p).f_flag & os.ST_RDONLY == 0];"
        "f = pathlib.Path('/var/lib/front-door/instance/x'); f.write_text('x');"
        "s = pathlib.Path('/proc/self/status').read_text();"
        "print(os.getuid(), w, *[l.split()[1] for l in s.splitlines() if l[:6] in ('CapBnd', 'CapEff', 'NoNewP')])"
    )
    for container in platform.container_ids(service):
        output = platform.run(f'docker exec {container} python3 -c "{script}"')
        assert output == "10001 [] 0000000000000000 0000000000000000 1"
    for container in platform.inspect(service):
        assert (container["HostConfig"]["Memory"], container["HostConfig"]["PidsLimit"]) == (512 << 20, 64)
        assert not any(container["HostConfig"]["PortBindings"] or {}), "reachable from outside, past nginx"


def test_a_waiting_referral_survives_when_every_process_is_killed(platform: Platform) -> None:
    platform.mail_server.behaviour.faults["greeting"] = "421 later"
    reference = platform.send_referral()
    for service in ("worker", "web", "database"):
        for container in platform.container_ids(service):
            platform.engine.kill(container)
    platform.mail_server.behaviour.faults.clear()
    wait_until(lambda: platform.is_healthy("database"), "the engine started them again", seconds=60)
    wait_until(lambda: platform.count_emails(reference), "the waiting referral", seconds=120)
    new_reference = platform.send_referral()
    wait_until(lambda: platform.count_emails(new_reference), "a new referral", seconds=60)
    assert platform.count_emails(reference) == platform.count_emails(new_reference) == 1


def test_an_update_shows_the_new_colour_and_requests_reach_the_new_web_processes(
    platform: Platform, root: Path
) -> None:
    old_container_ids, mkdocs_yml = platform.container_ids("web"), platform.project / "mkdocs.yml"
    colour = str(project_copy.LIVE_SERVICE["colour"])
    assert colour in mkdocs_yml.read_text()
    mkdocs_yml.write_text(mkdocs_yml.read_text().replace(colour, "#7a1f4b"))
    for line in guide.container_update_commands(root):
        # The image has not changed, so ask for the containers to be recreated, as a new image would cause.
        platform.run_guide_command(line.replace(" up -d ", " up -d --force-recreate "))
    assert not set(old_container_ids) & set(platform.container_ids("web"))
    reference = platform.send_referral()
    page, policy = platform.call_inside(lambda: home_page("marlshire.internal"))
    assert "#7a1f4b" in page and inline_style_is_allowed(page, policy)
    wait_until(lambda: platform.count_emails(reference), "the email", seconds=30)


def test_every_referral_is_encrypted_to_the_teams_certificate(platform: Platform, root: Path) -> None:
    output = platform.run(guide.container_command(root, "check"))
    assert re.search(r"^OK +Certificate .*expires", output, re.MULTILINE), output
    assert re.search(r"^OK +Backups: the newest", output, re.MULTILINE), output
    reference = platform.send_referral()
    wait_until(lambda: platform.count_emails(reference), "the email", seconds=30)
    assert b"application/pkcs7-mime" in platform.mail_server.received_emails[-1].data
    decrypt_with_openssl(platform.mail_server.received_emails[-1].data, platform.team_key_pair, platform.engine.folder)


def test_no_referral_confirmed_before_the_backup_is_lost_with_the_database(platform: Platform, root: Path) -> None:
    platform.mail_server.behaviour.faults["mail"] = (
        "421 later"  # also fails emails on connections that are already open
    )
    references = [platform.send_referral() for _ in range(2)]
    platform.run(guide.container_backup_command(root))
    platform.run(f"{COMPOSE_COMMAND} down --volumes")
    assert not any(platform.count_emails(reference) for reference in references)
    # Set up again; the first backup, of the empty store, must not replace the backup that is needed.
    platform.run_guide_command(guide.container_setup_commands(root)[-1])
    logs_command = f"{COMPOSE_COMMAND} logs backup"
    wait_until(lambda: "latest.db stays" in platform.run(logs_command), "the first backup of the new store", seconds=60)
    platform.mail_server.behaviour.faults.clear()
    for line in guide.container_restore_commands(root):
        platform.run(line)
    wait_until(lambda: all(map(platform.count_emails, references)), "the waiting referral", seconds=120)
    new_reference = platform.send_referral()
    wait_until(lambda: platform.count_emails(new_reference), "a new referral", seconds=60)
    assert {platform.count_emails(reference) for reference in (*references, new_reference)} == {1}
    platform.run(guide.container_backup_command(root))


def test_only_the_forms_account_can_read_backups_and_only_one_container_can_write_them(platform: Platform) -> None:
    backups = sorted((platform.project / "deploy/backups").glob("*Z.db"))
    assert backups and {(file.stat().st_uid, file.stat().st_mode & 0o777) for file in backups} == {(10001, 0o600)}
    for service, can_write in (("web", False), ("worker", False), ("backup", True)):
        (mount,) = [
            container
            for container in platform.inspect(service)[0]["Mounts"]
            if container["Destination"] == "/var/backups/front-door"  # type: ignore[index]
        ] or [{"RW": False}]
        assert mount["RW"] is can_write, service  # type: ignore[index]


def test_no_referral_is_lost_when_the_services_are_taken_down_and_up(platform: Platform, root: Path) -> None:
    platform.mail_server.behaviour.faults["greeting"] = "421 later"
    reference = platform.send_referral()
    platform.run(f"{COMPOSE_COMMAND} down")
    platform.mail_server.behaviour.faults.clear()
    platform.run(guide.container_setup_commands(root)[-1])
    wait_until(lambda: platform.count_emails(reference), "the waiting referral", seconds=120)
    assert platform.count_emails(reference) == 1
