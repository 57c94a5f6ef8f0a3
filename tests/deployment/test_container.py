"""The container recipe, built and started with buildah in chroot isolation on a base made from Debian's packages."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from form_service.config.settings import Settings, SettingsError
from tests.support.container_image import Builder
from tests.support.deployment import form_environment, get, is_listening, running_program, wait_for
from tests.support.visitor import Visitor
from tools.dev.ports import free_port
from tools.publish import nginx

pytestmark = pytest.mark.long


SECRET = [
    "deploy/form.env",
    "deploy/database_password",
    "deploy/certificate/privkey.pem",
    "deploy/team/team.pem",
    "deploy/backups/20261125T120000Z.db",
]


@pytest.mark.soak
@pytest.mark.system
def test_the_image_runs_without_rights_and_asks_after_its_own_health(image_builder: Builder) -> None:
    found = json.loads(image_builder.run("inspect", "--type", "image", "localhost/front-door"))
    config = found["Docker"]["config"]
    assert config["User"] == "10001:10001"
    assert "/healthz" in " ".join(config["Healthcheck"]["Test"])
    assert config["Entrypoint"] == ["flask", "--app", "form_service"]
    assert not any("SECRET" in item or "PASSWORD" in item for item in config["Env"])


@pytest.mark.soak
@pytest.mark.system
def test_nothing_but_its_state_can_be_written_and_no_installer_is_left(image_builder: Builder) -> None:
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
def test_the_container_takes_a_referral_and_delivers_it(image_builder: Builder, tmp_path: Path, root: Path) -> None:
    port, smtp, mail = free_port(), free_port(), free_port()
    settings = form_environment(
        root,
        SERVICE_ENV="production",
        FORM_SMTP_URL=f"smtp://127.0.0.1:{smtp}",
        FORM_MAIL_FROM="form@marlshire.internal",
        FORM_TEAM_EMAIL="team@marlshire.internal",
    )
    env = [f"--env={name}={value}" for name, value in settings.items() if name.startswith(("FORM_", "SERVICE_"))]

    def run(*arguments: str) -> tuple[str, ...]:
        return (
            *image_builder.command("run", "--isolation", "chroot", *env, "form", "--"),
            "flask",
            "--app",
            "form_service",
            *arguments,
        )

    mailbox = ("--port", str(mail), "--smtp-port", str(smtp), "--folder", str(tmp_path / "mails"))
    with (
        running_program(sys.executable, "-m", "tools.dev.mailbox", *mailbox, cwd=tmp_path),
        running_program(*run("serve", "--host", "127.0.0.1", "--port", str(port)), cwd=tmp_path),
        running_program(*run("deliver"), cwd=tmp_path),
    ):
        wait_for("the form answers", lambda: is_listening(port), seconds=60)
        assert get(f"http://127.0.0.1:{port}/healthz")[0] == 200
        # Over plain HTTP only the start page can be tested: the form's cookie is marked Secure.
        visitor = Visitor(f"http://127.0.0.1:{port}")
        assert "Marlshire" in visitor.open("/referral/") and visitor.status == 200
        done = subprocess.run(run("send-test"), capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr
        wait_for("the test mail", lambda: any((tmp_path / "mails" / "new").iterdir()), seconds=60)


def test_the_compose_file_gives_nobody_more_than_they_need(root: Path) -> None:
    compose = yaml.safe_load((root / "deploy" / "compose.yaml").read_text())
    for name in ("web", "worker", "backup"):
        service = compose["services"][name]
        assert service["read_only"] is True and service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"] and "ports" not in service, name
    assert "ports" not in compose["services"]["database"]
    assert compose["services"]["worker"]["command"] == ["deliver"]


def test_every_setting_of_the_example_is_one_that_the_form_reads(root: Path) -> None:
    lines = (root / "deploy" / "form.env.example").read_text().splitlines()
    names = {line.split("=")[0] for line in lines if line and not line.startswith("#")}
    code = (root / "form_service" / "config" / "settings.py").read_text()
    assert names and [name for name in names if f'"{name}"' not in code] == []


def test_nginx_in_its_container_is_given_the_paths_that_compose_mounts(root: Path, site: Path) -> None:
    text = nginx.configuration(nginx.containers(site), root)
    front = yaml.safe_load((root / "deploy" / "compose.yaml").read_text())["services"]["front"]
    folders = [volume.split(":")[1] for volume in front["volumes"]]
    named = re.findall(r"^ *(?:root|ssl_certificate|ssl_certificate_key) (\S+);$", text, re.MULTILINE)
    assert len(named) == 3 and all(any(name.startswith(folder) for folder in folders) for name in named)
    assert "server web:8001 " in text and not re.search(r"^ *brotli", text, re.MULTILINE)


def test_no_secret_of_the_containers_can_be_committed(root: Path) -> None:
    done = subprocess.run(["git", "check-ignore", *SECRET], cwd=root, capture_output=True, text=True, timeout=30)
    assert done.stdout.split() == SECRET


@pytest.mark.soak
@pytest.mark.system
def test_no_secret_certificate_or_backup_is_handed_to_the_images_builder(
    image_builder: Builder, tmp_path: Path
) -> None:
    project = image_builder.folder / "live"
    for name in SECRET:
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("of nobody's business")
    recipe = tmp_path / "Containerfile"
    recipe.write_text("FROM scratch\nCOPY . /\n")
    try:
        image_builder.run("bud", "--isolation", "chroot", "-f", str(recipe), "-t", "context", str(project))
        image_builder.run("from", "--name", "context", "localhost/context")
        handed = Path(image_builder.run("mount", "context"))
        assert {path.name for path in handed.iterdir()} == {
            *("requirements", "mkdocs.yml", "service_profile", "form_service", "overrides")
        }
    finally:
        subprocess.run(image_builder.command("rm", "context"), capture_output=True, timeout=60)
        for name in SECRET:
            (project / name).unlink()


def test_what_the_example_says_that_production_refuses_and_takes_is_so(root: Path) -> None:
    text = (root / "deploy" / "form.env.example").read_text()
    assert "Production refuses each example.org and an empty\n# FORM_SECRET_KEYS; it accepts the two numbers" in text
    values = dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))
    samples = {name for name, value in values.items() if "example.org" in value}
    refused = set()
    while True:
        try:
            settings = Settings.from_environment(values)
            break
        except SettingsError as error:
            name = error.message.split()[0]
            assert name not in refused, error.message
            refused.add(name)
            values[name] = values[name].replace("example.org", "marlshire.internal") or "0123456789abcdef" * 4
    assert settings.production and refused == samples | {"FORM_SECRET_KEYS"}
    assert {name for name, value in values.items() if value.isdecimal()} == {"FORM_KEEP_DAYS", "FORM_TRUSTED_PROXIES"}
