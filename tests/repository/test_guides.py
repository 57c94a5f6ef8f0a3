"""Tests that what the guides mention exists, and that their times and sizes are those of the code."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from form_service.config.settings import Settings
from form_service.crypto.sealer import WITHDRAWAL_LINK_SECONDS
from form_service.mail.smtp_errors import EXPLANATIONS
from form_service.operations import alert_texts
from form_service.operations.alerts import CERTIFICATE_WARNING_DAYS
from form_service.operations.backups import BACKUP_KEEP_DAYS
from form_service.operations.readiness import MAX_HEARTBEAT_AGE_SECONDS, Readiness
from form_service.operations.self_check import MIN_CERTIFICATE_DAYS
from form_service.store.engine.disk import LOW_FREE_BYTES, RECOVERED_FREE_BYTES, RESERVED_BYTES
from form_service.store.outbox import NEUTRAL_COPY_MAX_AGE_SECONDS
from form_service.web.session import CONFIRMATION_LIFETIME, DRAFT_LIFETIME
from tests.support import guide
from tests.support.project_copy import unignored_files

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "guides").glob("*.md"))
OTHER_GUIDES = [*(ROOT / "guides/decisions").glob("*.md"), *ROOT.glob("[A-Z]*.md"), ROOT / "leaflet/README.md"]
OPERATING_GUIDE = (ROOT / "guides/operating.md").read_text(encoding="utf-8")
DATA_PROTECTION_GUIDE = (ROOT / "guides/data-protection.md").read_text(encoding="utf-8")
RETENTION_GUIDE = (ROOT / "guides/what-is-kept.md").read_text(encoding="utf-8")
FORM_SERVICE_CODE = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "form_service").rglob("*.py"))
)
SETTINGS_CODE = (ROOT / "form_service/config/settings.py").read_text(encoding="utf-8")
TRACKED_FOLDERS = sorted({path.parts[0] for path in unignored_files(ROOT) if len(path.parts) > 1})
SETTING_NAME_PATTERN = r"\b(?:FORM_[A-Z_]+|SERVICE_ENV)\b"
DAY_SECONDS, MB_BYTES = 86_400, 1024 * 1024


def rows_of(text: str) -> list[list[str]]:
    """Return the cells of every table row in the Markdown `text`."""
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]


@pytest.mark.parametrize("guide", [*GUIDES, *OTHER_GUIDES], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_a_guide_names_exists(guide: Path) -> None:
    text = guide.read_text(encoding="utf-8")
    paths = re.findall(rf"`((?:{'|'.join(TRACKED_FOLDERS)})/[\w./-]*)`", text)
    operator_files = {
        *("deploy/form.env", "deploy/front-door.conf", "deploy/database_password"),
        *("deploy/team/", "deploy/backups"),
    }
    assert [path for path in paths if path not in operator_files and not (ROOT / path).exists()] == []
    test_files = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert [name for name in re.findall(r"`(test_\w+\.py)`", text) if name not in test_files] == []


def test_the_operating_guide_has_the_commands_that_the_deployment_tests_run() -> None:
    """Without this test, a missing command would show only in a test that takes an hour."""
    command_readers = [
        guide.machine_update_commands,
        guide.restore_drill_commands,
        guide.container_setup_commands,
        guide.container_update_commands,
        guide.container_restore_commands,
    ]
    assert all(read_commands(ROOT) for read_commands in command_readers)
    assert len(guide.machine_setup_commands(ROOT)) == len(guide.certificate_command_and_setting(ROOT)) == 2
    assert guide.container_backup_command(ROOT) and guide.container_command(ROOT, "check").endswith(" check")


def test_every_function_that_the_architecture_guide_names_exists() -> None:
    text = (ROOT / "guides/architecture.md").read_text(encoding="utf-8")
    named_files_and_functions = re.findall(r"`([\w/]+\.py)(?:: ([\w.]+))?`", text)
    assert len(named_files_and_functions) > 30 and len([name for _, name in named_files_and_functions if name]) >= 6
    for path, name in named_files_and_functions:
        file = next((folder / path for folder in (ROOT, ROOT / "form_service") if (folder / path).is_file()), None)
        assert file, f"{path} is not there"
        defined_names = {
            node.name
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
        }
        assert {*filter(None, name.split("."))} <= defined_names, f"{path} has no {name}"


def error_classes() -> set[str]:
    """Return the error classes that `outbox list` can show, but without their numbers: "rcpt" for "rcpt-550"."""
    worker_code = (ROOT / "form_service/worker.py").read_text(encoding="utf-8")
    connection_code = (ROOT / "form_service/mail/smtp_connection.py").read_text(encoding="utf-8")
    smtp_stages = re.findall(r'(?:_expect|ReplyError)\("([a-z]+)"', connection_code)
    # A delivery with the error class "no-sender" is dropped at once, so the list never shows it.
    return {*EXPLANATIONS, *smtp_stages, *re.findall(r'DeliveryResult\(False, "([a-z-]+)"', worker_code)} - {
        "no-sender"
    }


def test_the_operating_guide_explains_every_error_class() -> None:
    rows = [row[0] for row in rows_of(OPERATING_GUIDE) if "error class" in row[0]]
    explained_error_classes = {name for row in rows for name in re.findall(r"`([a-z-]+?)(?:-\d{3})?`", row)}
    assert {"rcpt", "tls", "lost-after-data"} <= explained_error_classes
    assert explained_error_classes == error_classes()


def test_the_operating_guide_explains_every_alert_and_every_readiness_check() -> None:
    alert_subjects = [re.split(r"[.:{]", texts.begin_text)[0].strip() for texts in alert_texts.INCIDENT_TEXTS.values()]
    alert_subjects.append(alert_texts.STORE_FAILURE_TEXT)
    assert len(alert_subjects) == 12
    explained_alerts = " ".join(row[0] for row in rows_of(OPERATING_GUIDE))
    assert [text for text in alert_subjects if f'mail "{text}' not in explained_alerts] == []
    check_names: Any = Readiness({}, 0, 0).as_dict()["checks"]
    assert [name for name in check_names if f"names `{name}`" not in explained_alerts] == []
    for subject in (alert_texts.BEGIN_SUBJECT, alert_texts.END_SUBJECT):
        assert f'"{subject}"' in OPERATING_GUIDE


def test_times_and_sizes_in_the_guides_match_the_code() -> None:
    guides_by_wording = {
        f"{DRAFT_LIFETIME.total_seconds() / 3600:.0f} hours after the last answer": DATA_PROTECTION_GUIDE,
        f"{DRAFT_LIFETIME.total_seconds() / 3600:.0f} hours from the last answer": RETENTION_GUIDE,
        f"{CONFIRMATION_LIFETIME.total_seconds() / 60:.0f} minutes, so that": DATA_PROTECTION_GUIDE,
        f"{CONFIRMATION_LIFETIME.total_seconds() / 60:.0f} minutes, or until": RETENTION_GUIDE,
        f"has not accepted it for {NEUTRAL_COPY_MAX_AGE_SECONDS / DAY_SECONDS:.0f} days": DATA_PROTECTION_GUIDE,
        f"given up after {NEUTRAL_COPY_MAX_AGE_SECONDS / DAY_SECONDS:.0f} days": RETENTION_GUIDE,
        f"The link works for {WITHDRAWAL_LINK_SECONDS / DAY_SECONDS:.0f} days": DATA_PROTECTION_GUIDE,
        f"the link ends after {WITHDRAWAL_LINK_SECONDS / DAY_SECONDS:.0f} days": RETENTION_GUIDE,
        f"withdrawal links work for {WITHDRAWAL_LINK_SECONDS / DAY_SECONDS:.0f} days": OPERATING_GUIDE,
        f"up to {BACKUP_KEEP_DAYS} days on the machine": DATA_PROTECTION_GUIDE,
        f"says: up to {BACKUP_KEEP_DAYS} days": RETENTION_GUIDE,
        f"keeps each for up to {BACKUP_KEEP_DAYS} days": OPERATING_GUIDE,
        "{}, {} and {} days before".format(*CERTIFICATE_WARNING_DAYS): OPERATING_GUIDE,
        f"from {MIN_CERTIFICATE_DAYS} days before": OPERATING_GUIDE,
        f"for {MAX_HEARTBEAT_AGE_SECONDS:.0f} seconds": OPERATING_GUIDE,
        f"less than {LOW_FREE_BYTES // MB_BYTES} MB": OPERATING_GUIDE,
        f"ends at {RECOVERED_FREE_BYTES // MB_BYTES} MB": OPERATING_GUIDE,
        f"{RESERVED_BYTES // MB_BYTES} MB more": OPERATING_GUIDE,
    }
    assert [words for words, guide in guides_by_wording.items() if words not in guide] == []


def test_every_message_in_the_editing_guide_is_in_the_editors_code() -> None:
    checks = ("check_pages", "finished_text", "typed_facts")
    names = (*(f"content/{name}.py" for name in checks), "editor/preview_worker.py")
    tools_code = "".join((ROOT / "tools" / name).read_text(encoding="utf-8") for name in names)
    code = re.sub(r"\{+[^{}]*\}+", "", tools_code + (ROOT / "service_profile/facts.py").read_text(encoding="utf-8"))
    table = (
        (ROOT / "guides/editing.md")
        .read_text(encoding="utf-8")
        .partition("| it says | what to do |")[2]
        .partition("\n\n")[0]
    )
    messages = [part.strip(" “”?.") for row in rows_of(table) for part in row[0].split("…") if "---" not in part]
    assert len(messages) > 6
    assert [part for part in messages if part not in code] == []


def test_every_setting_is_explained_and_is_in_the_example_settings_file() -> None:
    settings = set(re.findall(rf'"({SETTING_NAME_PATTERN})"', SETTINGS_CODE))
    rows = {
        row[0].strip("`"): row for row in rows_of(OPERATING_GUIDE) if re.fullmatch(f"`{SETTING_NAME_PATTERN}`", row[0])
    }
    example_text = (ROOT / "deploy/form.env.example").read_text(encoding="utf-8")
    assert len(settings) > 15
    assert set(rows) == settings
    assert set(re.findall(r"^([A-Z_]+)=", example_text, re.MULTILINE)) == settings
    defaults = re.findall(r'reader\.number\("(\w+)", (\d+)', SETTINGS_CODE)
    assert len(defaults) == 2
    assert [name for name, number in defaults if rows[name][2] != f"`{number}`"] == []


def test_the_operating_guide_has_a_valid_url_for_tls_to_a_mail_server_on_the_same_machine() -> None:
    url = "smtp://127.0.0.1:587?tls=starttls"
    assert Settings.from_environment(
        {"FORM_SECRET_KEYS": "a key for this test: " + url, "FORM_SMTP_URL": url}
    ).mail_server.requires_starttls
    assert f"`{url}`" in OPERATING_GUIDE


def test_the_code_reads_every_setting_that_a_guide_names() -> None:
    names = {name for guide in GUIDES for name in re.findall(SETTING_NAME_PATTERN, guide.read_text(encoding="utf-8"))}
    netlify_and_tools_code = (ROOT / "netlify.toml").read_text() + "".join(
        path.read_text() for path in (ROOT / "tools").rglob("*.py")
    )
    assert [
        name for name in sorted(names) if f'"{name}"' not in FORM_SERVICE_CODE and name not in netlify_and_tools_code
    ] == []
