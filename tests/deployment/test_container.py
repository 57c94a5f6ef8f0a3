"""Tests of the container image, which buildah builds from the project's Containerfile on a Debian base."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from form_service.config.settings import Settings, SettingsError
from tests.support.container_image import Buildah
from tests.support.deployment import (
    form_environment,
    get,
    mailbox_command,
    running_program,
    wait_for_port,
)
from tests.support.visitor import Visitor
from tests.support.waiting import wait_until
from tools.dev.ports import free_port
from tools.publish import nginx

pytestmark = pytest.mark.long


SECRET_FILES = [
    "deploy/form.env",
    "deploy/database_password",
    "deploy/certificate/privkey.pem",
    "deploy/team/team.pem",
    "deploy/backups/20261125T120000Z.db",
]


@pytest.mark.soak
@pytest.mark.system
def test_the_image_runs_without_privileges_and_has_a_health_check(image_builder: Buildah) -> None:
    image = json.loads(image_builder.run("inspect", "--type", "image", "localhost/front-door"))
    config = image["Docker"]["config"]
    assert config["User"] == "10001:10001"
    assert "/healthz" in " ".join(config["Healthcheck"]["Test"])
    assert config["Entrypoint"] == ["flask", "--app", "form_service"]
    assert not any("SECRET" in item or "PASSWORD" in item for item in config["Env"])


@pytest.mark.soak
@pytest.mark.system
def test_the_form_can_write_only_to_its_own_folder_and_the_image_has_no_installer(image_builder: Buildah) -> None:
    script = (
        "import os, shutil, importlib.util as u;"
        "w = lambda p: os.access(p, os.W_OK);"
        "print([p for p in ('/srv/front-door', '/opt/front-door', '/etc', '/usr') if w(p)],"
        " w('/var/lib/front-door/instance'), u.find_spec('pip'), os.getuid(), os.path.exists('/srv/front-door/tests'))"
    )
    output = image_builder.run(
        "run", "--isolation", "chroot", "form", "--", "/opt/front-door/bin/python3", "-c", script
    )
    assert output == "[] True None 10001 False"


@pytest.mark.soak
@pytest.mark.system
def test_the_container_serves_the_form_and_delivers_a_test_email(
    image_builder: Buildah, tmp_path: Path, root: Path
) -> None:
    port, smtp_port = free_port(), free_port()
    settings = form_environment(
        root,
        SERVICE_ENV="production",
        FORM_SMTP_URL=f"smtp://127.0.0.1:{smtp_port}",
        FORM_MAIL_FROM="form@marlshire.internal",
        FORM_TEAM_EMAIL="team@marlshire.internal",
    )
    environment_options = [
        f"--env={name}={value}" for name, value in settings.items() if name.startswith(("FORM_", "SERVICE_"))
    ]

    def container_command(*arguments: str) -> tuple[str, ...]:
        return (
            *image_builder.buildah_command("run", "--isolation", "chroot", *environment_options, "form", "--"),
            "flask",
            "--app",
            "form_service",
            *arguments,
        )

    with (
        running_program(*mailbox_command(tmp_path / "emails", smtp_port), cwd=tmp_path),
        running_program(*container_command("serve", "--host", "127.0.0.1", "--port", str(port)), cwd=tmp_path),
        running_program(*container_command("deliver"), cwd=tmp_path),
    ):
        wait_for_port(port, "the form", seconds=60)
        assert get(f"http://127.0.0.1:{port}/healthz")[0] == 200
        # Over plain HTTP only the start page can be tested: the form's cookie is marked Secure.
        visitor = Visitor(f"http://127.0.0.1:{port}")
        assert "Marlshire" in visitor.open("/referral/") and visitor.status == 200
        completed = subprocess.run(container_command("send-test"), capture_output=True, text=True, timeout=120)
        assert completed.returncode == 0, completed.stdout + completed.stderr
        wait_until(lambda: any((tmp_path / "emails" / "new").iterdir()), "the test email", seconds=60)


def test_the_compose_file_gives_the_services_no_privileges(root: Path) -> None:
    compose = yaml.safe_load((root / "deploy" / "compose.yaml").read_text())
    for name in ("web", "worker", "backup"):
        service = compose["services"][name]
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"] and "ports" not in service, name
    assert "ports" not in compose["services"]["database"]
    assert compose["services"]["worker"]["command"] == ["deliver"]


def test_the_form_reads_every_setting_of_the_example_settings_file(root: Path) -> None:
    lines = (root / "deploy" / "form.env.example").read_text().splitlines()
    names = {line.split("=")[0] for line in lines if line and not line.startswith("#")}
    code = (root / "form_service" / "config" / "settings.py").read_text()
    assert names and [name for name in names if f'"{name}"' not in code] == []


def test_compose_mounts_every_path_in_the_nginx_configuration_for_containers(root: Path, site: Path) -> None:
    text = nginx.configuration(nginx.container_machine(site), root)
    nginx_service = yaml.safe_load((root / "deploy" / "compose.yaml").read_text())["services"]["front"]
    folders = [volume.split(":")[1] for volume in nginx_service["volumes"]]
    paths = re.findall(r"^ *(?:root|ssl_certificate|ssl_certificate_key) (\S+);$", text, re.MULTILINE)
    assert len(paths) == 3 and all(any(name.startswith(folder) for folder in folders) for name in paths)
    assert "server web:8001 " in text and not re.search(r"^ *brotli", text, re.MULTILINE)


def test_no_secret_of_the_containers_can_be_committed(root: Path) -> None:
    completed = subprocess.run(
        ["git", "check-ignore", *SECRET_FILES], cwd=root, capture_output=True, text=True, timeout=30
    )
    assert completed.stdout.split() == SECRET_FILES


@pytest.mark.soak
@pytest.mark.system
def test_no_secret_certificate_or_backup_enters_the_build_context(image_builder: Buildah, tmp_path: Path) -> None:
    project = image_builder.folder / "live"
    for name in SECRET_FILES:
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("of nobody's business")
    containerfile = tmp_path / "Containerfile"
    containerfile.write_text("FROM scratch\nCOPY . /\n")
    try:
        image_builder.run("bud", "--isolation", "chroot", "-f", str(containerfile), "-t", "context", str(project))
        image_builder.run("from", "--name", "context", "localhost/context")
        context_folder = Path(image_builder.run("mount", "context"))
        assert {path.name for path in context_folder.iterdir()} == {
            *("requirements", "mkdocs.yml", "service_profile", "form_service", "overrides")
        }
    finally:
        subprocess.run(image_builder.buildah_command("rm", "context"), capture_output=True, timeout=60)
        for name in SECRET_FILES:
            (project / name).unlink()


def test_the_example_settings_file_says_correctly_what_production_refuses(root: Path) -> None:
    text = (root / "deploy" / "form.env.example").read_text()
    assert "Production refuses each example.org and an empty\n# FORM_SECRET_KEYS; it accepts the two numbers" in text
    values = dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))
    sample_setting_names = {name for name, value in values.items() if "example.org" in value}
    refused_setting_names = set()
    while True:
        try:
            settings = Settings.from_environment(values)
            break
        except SettingsError as error:
            name = error.message.split()[0]
            assert name not in refused_setting_names, error.message
            refused_setting_names.add(name)
            values[name] = values[name].replace("example.org", "marlshire.internal") or "0123456789abcdef" * 4
    assert settings.is_production and refused_setting_names == sample_setting_names | {"FORM_SECRET_KEYS"}
    assert {name for name, value in values.items() if value.isdecimal()} == {"FORM_KEEP_DAYS", "FORM_TRUSTED_PROXIES"}
