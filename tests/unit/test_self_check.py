"""The command `check` reports missing SPF and DMARC records and unreadable backups."""

from dataclasses import replace
from pathlib import Path

import pytest
from dns.exception import Timeout

from form_service.operations import self_check
from form_service.operations.backups import make_backup
from tests.support.service_parts import parts_of, settings_of

SPF_RECORD, DMARC_RECORD = "v=spf1 include:mail.example -all", "v=DMARC1; p=reject"


def dns_findings(monkeypatch: pytest.MonkeyPatch, folder: Path, records: dict[str, str]) -> list[tuple[str, str]]:
    monkeypatch.setattr(self_check, "_txt_records", lambda name: [records[name]] if name in records else [])
    settings = settings_of(
        folder,
        FORM_SMTP_URL="smtp://mail.example:587",
        FORM_MAIL_FROM="form@forms.council.example",
        FORM_NEUTRAL_FROM="hello@other.example",
    )
    return [(finding.level, finding.text) for finding in self_check._check_dns(settings)]


def test_every_senders_domain_is_checked_and_a_parent_domains_dmarc_record_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    records = {"forms.council.example": SPF_RECORD, "_dmarc.council.example": DMARC_RECORD, "other.example": SPF_RECORD}
    assert dns_findings(monkeypatch, tmp_path, records) == [
        ("ok", "DNS: forms.council.example has an SPF record."),
        ("ok", "DNS: the DMARC record of council.example applies to forms.council.example."),
        ("ok", "DNS: other.example has an SPF record."),
        ("warning", "DNS: other.example has no DMARC record; the team's server may refuse the emails."),
    ]


@pytest.mark.parametrize("backup_state", ["good", "dangling", "damaged", "missing"])
def test_check_warns_only_if_the_latest_backup_cannot_be_read(tmp_path: Path, backup_state: str) -> None:
    parts = parts_of(settings_of(tmp_path / "instance"))
    parts.accept()
    folder = tmp_path / "backups"
    folder.mkdir()
    backup_file = make_backup(parts.store, folder, 1_800_000_000.0)
    if backup_state == "dangling":
        make_backup(parts.store, folder, 1_800_000_060.0).unlink()
    elif backup_state == "damaged":
        backup_file.write_bytes(b"no backup")
    elif backup_state == "missing":
        (folder / "latest.db").unlink()
    parts.store.close()
    findings = list(self_check._check_backups(folder))
    assert [finding.level for finding in findings] == (["ok"] if backup_state == "good" else ["ok", "warning"])
    assert ["latest.db" in finding.text for finding in findings[1:]] == ([] if backup_state == "good" else [True])


def test_a_domains_own_dmarc_record_takes_precedence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    records = {
        f"_dmarc.{domain}": DMARC_RECORD for domain in ("forms.council.example", "council.example", "other.example")
    }
    texts = [text for _, text in dns_findings(monkeypatch, tmp_path, records)]
    assert "DNS: forms.council.example has a DMARC record." in texts


def test_check_warns_if_the_dns_resolver_does_not_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def raise_timeout(_name: str) -> list[str]:
        raise Timeout

    monkeypatch.setattr(self_check, "_txt_records", raise_timeout)
    settings = replace(settings_of(tmp_path), smtp_url="smtp://mail.example")
    findings = list(self_check._check_dns(settings))
    assert {finding.level for finding in findings} == {"warning"}
    assert {"could not look up" in finding.text for finding in findings} == {True}
