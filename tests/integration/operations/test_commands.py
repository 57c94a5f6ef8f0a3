"""The operator's commands print the right output and end with the right exit code."""

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from form_service.store.outbox import DeliveryResult
from tests.support.mail_server import MailServer
from tests.support.receipts import HOUR_SECONDS, uk_time
from tests.support.service_parts import ROOT, Clock, parts_of_app

StartMailServer = Callable[..., MailServer]


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    for module in ("processes", "store"):  # it would protect the memory of the test process
        monkeypatch.setattr(f"form_service.cli.{module}.protect_memory", lambda: None)
    runner = FlaskCliRunner(app)

    def invoke(*arguments: str) -> Any:
        with app.app_context():
            return runner.invoke(args=list(arguments))

    return invoke


def test_the_outbox_list_retry_and_purge_commands_report_their_results(app: Flask, run: Callable[..., Any]) -> None:
    parts = parts_of_app(app)
    assert run("outbox", "list").output == "No email is kept.\n"
    reference = parts.accept(copy_to="sam@example.org")
    claim = parts.store.outbox.claim()
    assert claim is not None
    parts.store.outbox.finish(claim, DeliveryResult(False, "rcpt-450"))
    rows = json.loads(run("outbox", "list", "--json").output)
    assert {row["reference"] for row in rows} == {reference}
    assert {row["kind"]: (row["state"], row["tries"], row["error"]) for row in rows}["team"] == (
        "waiting",
        1,
        "rcpt-450",
    )
    assert "sam@" not in run("outbox", "list").output and "team.example" not in run("outbox", "list").output
    assert run("outbox", "retry").exit_code == 2
    assert run("outbox", "retry", "not-one").exit_code == 2
    assert run("outbox", "retry", reference.lower().replace("-", " ")).output == "Deliveries due now: 2.\n"
    assert run("outbox", "retry", reference).output == "Deliveries due now: 2.\n", (
        "deliveries that were due already are counted"
    )
    result = run("outbox", "retry", reference, "0000-0000")
    assert (result.exit_code, result.output) == (1, "Error: Nothing is waiting under 0000-0000; nothing was changed.\n")
    assert run("outbox", "retry", "--all").exit_code == 0
    assert run("outbox", "purge", "--dry-run").output.startswith("Would wipe: emails 0,")
    assert run("outbox", "purge").output.startswith("Wiped: emails 0,")


def test_the_report_counts_referrals_by_route_and_outcome(app: Flask, run: Callable[..., Any]) -> None:
    parts = parts_of_app(app)
    for _ in range(3):
        parts.accept()
    claim = parts.store.outbox.claim()
    assert claim is not None
    parts.store.outbox.finish(claim, DeliveryResult(True))
    run("send-test")
    output = run("report", "--month", datetime.now(UTC).strftime("%Y-%m")).output
    assert re.search(r": 3\n", output) and re.search(r"harmed +delivered +1\n", output), output
    assert run("report", "--month", "2020-12").output == "Referrals in 2020-12: 0\n"
    for month in ("2020-13", "0000-01", "9999-12", "2026"):
        result = run("report", "--month", month)
        assert result.exit_code == 2 and "--month looks like 2026-11" in result.output
    assert parts.store.reports.counts_by_outcome() == {"delivered": 1, "waiting": 2, "withdrawn": 0}, (
        "tests are left out"
    )


def test_the_report_says_how_long_the_team_took_to_confirm(
    app: Flask, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    parts, clock = parts_of_app(app), Clock(uk_time("2026-11-02 10:00"))
    monkeypatch.setattr(parts.store.database, "clock", clock)
    references = [parts.accept() for _ in range(5)]
    for reference, hours in zip(references, (1, 2, 30), strict=False):
        clock.now = uk_time("2026-11-02 10:00") + hours * HOUR_SECONDS
        assert run("outbox", "received", reference.lower()).output == f"Recorded that the team has {reference}.\n"
    parts.store.referrals.withdraw(references[3], parts.withdrawal_notice(references[3]))
    output = run("report", "--month", "2026-11").output
    assert "Until the team had it: median 2 h, longest 1 d.\nNot received by the team: 1\n" in output
    context = app.extensions["form_service"]
    app.extensions["form_service"] = replace(context, settings=replace(context.settings, receipt=False))
    assert "team" not in run("report", "--month", "2026-11").output


@pytest.mark.parametrize(
    ("utc_time", "month"),
    [("2026-06-30 23:30", "2026-07"), ("2026-06-30 22:30", "2026-06"), ("2026-12-31 23:30", "2026-12")],
)
def test_a_month_of_the_report_begins_at_local_midnight(
    app: Flask, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, utc_time: str, month: str
) -> None:
    accepted_at = datetime.fromisoformat(utc_time).replace(tzinfo=UTC).timestamp()
    parts = parts_of_app(app)
    monkeypatch.setattr(parts.store.database, "clock", Clock(accepted_at))
    parts.accept()
    assert run("report", "--month", month).output.startswith(f"Referrals in {month}: 1\n")


def test_the_outbox_received_and_resend_commands_report_their_results(app: Flask, run: Callable[..., Any]) -> None:
    parts = parts_of_app(app)
    reference = parts.accept()
    result = run("outbox", "received", reference, "0000-0000")
    assert result.exit_code == 1 and "nothing was changed" in result.output
    entry = parts.store.receipts.entry(reference)
    assert entry is not None and entry.awaits_confirmation
    assert "it is already waiting to be sent" in run("outbox", "resend", reference).output
    first_claim = parts.store.outbox.claim()
    assert first_claim is not None
    parts.store.outbox.finish(first_claim, DeliveryResult(True))
    assert run("outbox", "resend", reference).output == f"{reference} will be sent to the team again. Recipients: 1.\n"
    resent_claim = parts.store.outbox.claim()
    assert resent_claim is not None and (resent_claim.message_id, resent_claim.sealed) == (
        first_claim.message_id,
        first_claim.sealed,
    )
    assert json.loads(run("schema").output)["type"] == "object"


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({}, "WARNING"),
        ({"mail_read_by": "the office"}, "OK"),
        ({"mail_from": "team@x.example", "team_email": ("team@x.example",)}, "OK"),
    ],
)
def test_the_check_command_warns_only_if_nobody_reads_the_senders_mailbox(
    app: Flask, run: Callable[..., Any], changes: dict[str, Any], level: str
) -> None:
    context = app.extensions["form_service"]
    app.extensions["form_service"] = replace(context, settings=replace(context.settings, **changes))
    assert re.findall(r"(\w+) +Bounces: ", run("check").output) == [level]


def test_the_command_send_test_sends_an_email_through_the_outbox_like_a_referral(
    app: Flask, run: Callable[..., Any]
) -> None:
    output = run("send-test").output
    match = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", output)
    assert match is not None
    parts = parts_of_app(app)
    claim = parts.store.outbox.claim()
    assert claim is not None and claim.reference == match[0]
    plaintext = parts.sealer.open(claim.key_id, claim.sealed)
    assert b"THIS IS A TEST" in plaintext and f"Subject: Referral {match[0]}".encode() in plaintext
    assert parts.store.reports.last_test_delivered_at() is None
    parts.store.outbox.finish(claim, DeliveryResult(True))
    assert parts.store.reports.last_test_delivered_at() is not None


def test_the_check_command_says_what_is_wrong_and_fails(app: Flask, run: Callable[..., Any]) -> None:
    context = app.extensions["form_service"]
    app.extensions["form_service"] = replace(context, settings=replace(context.settings, smtp_url="smtp://127.0.0.1:1"))
    result = run("check")
    assert result.exit_code == 1
    assert re.search(r"WRONG +Mail server: 127.0.0.1:1: connection-refused", result.output)
    assert re.search(r"WARNING +Worker: no sign of life", result.output)
    assert re.search(r"WARNING +Alerts: .*watch /readyz from outside", result.output)


def test_the_check_command_passes_when_all_is_well(
    app: Flask, run: Callable[..., Any], start_mail_server: StartMailServer
) -> None:
    context = app.extensions["form_service"]
    settings = replace(context.settings, smtp_url=start_mail_server().url)
    app.extensions["form_service"] = replace(context, settings=settings)
    result = run("check")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("sender", "site_url", "warnings"),
    [
        ("copy@post.example", "https://contact.example/", []),
        ("copy@victim-gateway.example", "https://contact.example/", ["its sender"]),
        ("copy@post.example", "https://restorative.example/", ["the link in it"]),
        ("", "https://restorative.example/", []),
    ],
)
def test_the_check_command_warns_only_if_the_persons_copy_discloses_its_subject(
    app: Flask, run: Callable[..., Any], sender: str, site_url: str, warnings: list[str]
) -> None:
    context = app.extensions["form_service"]
    app.extensions["form_service"] = replace(
        context,
        settings=replace(context.settings, neutral_from=sender),
        service=replace(context.service, site_url=site_url),
    )
    assert re.findall(r"WARNING +Neutral copy: (its sender|the link in it)", run("check").output) == warnings


@pytest.mark.parametrize(("days", "level"), [(7, ""), (8, "WRONG"), (6, "WARNING")])
def test_the_check_command_compares_the_retention_time_with_the_privacy_page(
    app: Flask, run: Callable[..., Any], days: int, level: str
) -> None:
    context = app.extensions["form_service"]
    app.extensions["form_service"] = replace(context, settings=replace(context.settings, keep_days=days))
    levels = re.findall(r"(\w+) +Privacy page: .* 7 days .* FORM_KEEP_DAYS is", run("check").output)
    assert levels == ([level] if level else [])


@pytest.mark.parametrize(
    ("profile_uses_receipts", "settings_use_receipts", "level"),
    [(True, False, "WARNING"), (False, True, "WRONG"), (False, False, "")],
)
def test_the_check_command_compares_the_receipt_setting_with_the_privacy_page(
    app: Flask, run: Callable[..., Any], profile_uses_receipts: bool, settings_use_receipts: bool, level: str
) -> None:
    context = app.extensions["form_service"]
    values = {**context.service.values, "privacy": context.service["privacy"] | {"receipt": profile_uses_receipts}}
    service = replace(context.service, values=values)
    app.extensions["form_service"] = replace(
        context, service=service, settings=replace(context.settings, receipt=settings_use_receipts)
    )
    levels = re.findall(r"(\w+) +Privacy page: .* FORM_RECEIPT is", run("check").output)
    assert levels == ([level] if level else [])


def test_the_backup_restore_reseal_and_migrate_commands_report_their_results(
    app: Flask, run: Callable[..., Any], tmp_path: Path
) -> None:
    parts_of_app(app).accept()
    assert run("migrate").exit_code == 0
    assert run("reseal").output.startswith("Emails encrypted again: 0.")
    assert run("backup", str(tmp_path / "b.db")).output.startswith(f"Referrals written to {tmp_path / 'b.db'}: 1.")
    restore_result = run("restore", str(tmp_path / "b.db"))
    assert restore_result.exit_code == 0 and restore_result.output.startswith("Referrals restored: 0.")
    (tmp_path / "junk").write_bytes(b"no database at all" * 100)
    junk_restore_result = run("restore", str(tmp_path / "junk"))
    assert junk_restore_result.exit_code == 1 and "Traceback" not in junk_restore_result.output
    backup_result = run("backup", str(tmp_path / "no-folder" / "b.db"))
    assert backup_result.exit_code == 1
    assert backup_result.output == f"Error: {tmp_path}/no-folder/b.db cannot be written: No such file or directory.\n"


@pytest.mark.parametrize("port", ["-1", "65536", "99999", "http"])
def test_an_impossible_port_is_refused(run: Callable[..., Any], port: str) -> None:
    result = run("serve", "--port", port)
    assert result.exit_code == 2 and "--port" in result.output


@pytest.mark.long
def test_a_port_in_use_and_an_unknown_host_are_reported_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flask", "--app", "form_service", "serve"]
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        for host, reason in (
            ("127.0.0.1", "Address already in use"),
            ("no.such.host.invalid", "the host name does not resolve"),
        ):
            full_command = [*command, "--host", host, "--port", port]
            process = subprocess.run(full_command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=30)
            assert process.returncode == 1
            assert process.stderr == f"Error: It cannot listen on {host}, port {port}: {reason}.\n"
