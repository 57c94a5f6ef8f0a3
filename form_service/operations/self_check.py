"""The checks that the operator runs with the command `check`: settings, keys, store, mail servers, DNS and backups."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import dns.resolver
from dns.exception import DNSException

from form_service.config.local_time import moment_text
from form_service.config.settings import Settings
from form_service.config.smtp_url import LOOPBACK_PATTERN, MailServer, without_duplicates
from form_service.crypto import Sealer
from form_service.mail.smtp_client import MailRoute
from form_service.mail.smtp_errors import explain
from form_service.operations.backups import MAX_BACKUP_AGE_SECONDS, backup_times
from form_service.operations.readiness import MAX_HEARTBEAT_AGE_SECONDS, is_disk_low
from form_service.store import Store, StoreUnavailable
from form_service.store.backup import is_readable
from form_service.store.key_rotation import key_ids_in_use
from service_profile import Service
from service_profile.setting_types import REVEALING_WORDS

MIN_CERTIFICATE_DAYS = 60
_DNS_SECONDS = 3.0


@dataclass(frozen=True)
class Finding:
    """One line of output of the command `front-door check`.

    `level` is "ok", "warning" or "wrong". The command fails only if a finding is "wrong".
    """

    level: str
    text: str


def run_checks(settings: Settings, sealer: Sealer, store: Store, service: Service) -> Iterator[Finding]:
    """Run all checks, and yield each finding as soon as it is known, because some checks take seconds."""
    yield Finding("ok", f"Settings: {settings.environment}.")
    yield from _check_keys(settings, sealer)
    yield from _check_store(settings, sealer, store)
    yield from _check_mail_servers(settings)
    yield from _check_dns(settings)
    yield from _check_alerts(settings)
    yield from _check_backups(settings.backup_folder)
    yield from _check_bounces(settings)
    yield from _check_neutral_copy(settings, service)
    yield from _check_privacy_page(settings, service)


def _check_backups(folder: Path) -> Iterator[Finding]:
    """If there is a backup folder, check that its newest backup is recent and that latest.db can be read."""
    times = backup_times(folder)
    if times is None:
        return
    age = time.time() - max(times, default=0.0)
    if not times:
        yield Finding("warning", f"Backups: there are none in {folder}.")
    elif age > MAX_BACKUP_AGE_SECONDS:
        advice = "see: systemctl status front-door-backup"
        yield Finding("warning", f"Backups: the newest in {folder} is {age / 3600:.0f} hours old; {advice}.")
    else:
        yield Finding("ok", f"Backups: the newest in {folder} is {age / 60:.0f} minutes old.")
    if times and not is_readable(folder / "latest.db"):
        problem = "leads to no backup that this account can read, so a lost database would not be noticed"
        yield Finding("warning", f"Backups: latest.db in {folder} {problem}; see: systemctl status front-door-backup.")


def _check_keys(settings: Settings, sealer: Sealer) -> Iterator[Finding]:
    problem = sealer.problem()
    if problem is not None:
        yield Finding("wrong", f"Keys: nothing can be encrypted for the team, so the form is closed: {problem}.")
    if not settings.team_certificates:
        yield Finding(
            "ok",
            "Keys: no certificate is set, so the form encrypts emails to the team only while it stores them.",
        )
    for name in sealer.files_with_private_key:
        yield Finding(
            "wrong",
            f"Certificate file {name}: it contains a private key, which can decrypt every referral. Only the team may "
            "have it: delete the file, have a new certificate made, and put only the certificate there.",
        )
    for description in sealer.unused_certificate_descriptions:
        yield Finding("ok", f"Certificate file {description}: not used, and no email is encrypted to it.")
    yield from _check_certificates(sealer)


def _check_certificates(sealer: Sealer) -> Iterator[Finding]:
    now = datetime.now(UTC)
    states = sealer.certificate_states(now)
    for state in states:
        description = f"Certificate {state.fingerprint}: expires {moment_text(state.expires_at.timestamp())}"
        if state.problem is not None:
            yield Finding(
                "wrong",
                f"{description}; not used, so whoever has only its key cannot read new referrals: {state.problem}.",
            )
        else:
            yield Finding("ok" if state.days_left(now) > MIN_CERTIFICATE_DAYS else "warning", f"{description}.")
        if state.is_authority and not all(other.is_authority for other in states):
            yield Finding(
                "warning",
                f"Certificate {state.fingerprint} ({state.name}): it is marked as an authority's. Unless the team made "
                "it for itself, remove it: whoever has its key can read every referral.",
            )


def _check_store(settings: Settings, sealer: Sealer, store: Store) -> Iterator[Finding]:
    try:
        store.migrate()
        state, key_ids = store.reports.outbox_state(), key_ids_in_use(store)
        last_test_delivered_at = store.reports.last_test_delivered_at()
        problem = store.problem()
    except StoreUnavailable as error:
        yield Finding("wrong", f"Store: it cannot be read ({error.explanation}).")
        return
    try:
        store.facts.set("written")
    except StoreUnavailable as error:
        yield Finding("wrong", f"Store: it cannot be written to ({error.explanation}).")
    if problem is not None:
        yield Finding("wrong", f"Store: the form is closed ({StoreUnavailable(problem).explanation}).")
    yield Finding("ok", f"Store: deliveries waiting: {state.waiting_count}; refused so far: {state.refused_count}.")
    if state.held_count:
        advice = "ask the team whether they arrived; if not, run `front-door outbox retry REFERENCE`"
        yield Finding("warning", f"Store: deliveries on hold: {state.held_count}; {advice}.")
    unknown_key_ids = [key_id for key_id in key_ids if not sealer.can_open(key_id)]
    if unknown_key_ids:
        yield Finding(
            "wrong", f"Keys: stored emails need a key that is not in FORM_SECRET_KEYS ({', '.join(unknown_key_ids)})."
        )
    if is_disk_low(store):
        yield Finding("wrong", "Disk: nearly full.")
    if store.folder is not None:
        yield from _check_file_modes(store.folder)
    if state.heartbeat_age is None or state.heartbeat_age > MAX_HEARTBEAT_AGE_SECONDS:
        yield Finding("warning", "Worker: no sign of life; see: systemctl status front-door-worker.")
    if settings.is_production and last_test_delivered_at is None:
        yield Finding(
            "warning",
            "Test: no test email has reached the team yet; run `front-door send-test`, and ask the team if it arrived.",
        )


def _check_file_modes(folder: Path) -> Iterator[Finding]:
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.stat().st_mode & 0o077:
            yield Finding("warning", f"Files: other accounts can read {path.name}; run chmod 600 on it.")


def _check_mail_servers(settings: Settings) -> Iterator[Finding]:
    senders_by_setting = {"FORM_MAIL_FROM": settings.mail_from}
    if settings.neutral_from:
        senders_by_setting["FORM_NEUTRAL_FROM"] = settings.neutral_from
    yield from _check_mail_server(settings, "Mail server", settings.mail_server, senders_by_setting)
    if settings.alert_mail_server is not None:
        yield from _check_mail_server(
            settings, "Alert mail server", settings.alert_mail_server, {"FORM_MAIL_FROM": settings.mail_from}
        )


def _check_mail_server(
    settings: Settings, name: str, server: MailServer, senders_by_setting: dict[str, str]
) -> Iterator[Finding]:
    """Check that the mail server accepts connections, and accepts each sender address."""
    route = MailRoute(server, settings.smtp_ca_file, settings.mail_from)
    host_and_port = f"{server.host}:{server.port}"
    tls_text = "verified TLS" if server.uses_implicit_tls or server.requires_starttls else "plain, on this machine"
    for setting, sender in senders_by_setting.items():
        problem = route.probe(sender)
        sender_note = "" if setting == "FORM_MAIL_FROM" else f" for {setting} ({sender}); no copies are sent"
        if problem is not None:
            yield Finding("wrong", f"{name}: {host_and_port}: {problem}{sender_note}: {explain(problem)}.")
            return
        if not sender_note:
            yield Finding("ok", f"{name}: {host_and_port} answers ({tls_text}{', logged in' if server.user else ''}).")


def _check_dns(settings: Settings) -> Iterator[Finding]:
    if LOOPBACK_PATTERN.fullmatch(settings.mail_server.host):
        return
    senders = filter(None, (settings.mail_from, settings.neutral_from))
    for domain in without_duplicates(sender.rpartition("@")[2] for sender in senders):
        yield from _check_sender_domain(domain)


def _check_sender_domain(domain: str) -> Iterator[Finding]:
    """Check that the domain has an SPF record and is covered by a DMARC record."""
    try:
        has_spf = any(record.startswith("v=spf1") for record in _txt_records(domain))
        dmarc_domain = next((name for name in _dmarc_domains(domain) if _has_dmarc(name)), None)
    except DNSException:
        yield Finding("warning", f"DNS: could not look up the SPF and DMARC records of {domain}.")
        return
    consequence = "the team's server may refuse the emails"
    if has_spf:
        yield Finding("ok", f"DNS: {domain} has an SPF record.")
    else:
        yield Finding("warning", f"DNS: {domain} has no SPF record; {consequence}.")
    if dmarc_domain == domain:
        yield Finding("ok", f"DNS: {domain} has a DMARC record.")
    elif dmarc_domain is not None:
        yield Finding("ok", f"DNS: the DMARC record of {dmarc_domain} applies to {domain}.")
    else:
        yield Finding("warning", f"DNS: {domain} has no DMARC record; {consequence}.")


def _dmarc_domains(domain: str) -> Iterator[str]:
    """Yield the domains whose DMARC record may apply: `domain`, then each of its parents but the top-level domain."""
    labels = domain.lower().split(".")
    for start in range(len(labels) - 1):
        yield ".".join(labels[start:])


def _has_dmarc(domain: str) -> bool:
    return any(record.startswith("v=DMARC1") for record in _txt_records(f"_dmarc.{domain}"))


def _txt_records(name: str) -> list[str]:
    """Return the TXT records of a domain name, or [] if it has none. Raises DNSException if the lookup fails."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=_DNS_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    return [b"".join(record.strings).decode("ascii", "replace") for record in answer]


def _check_alerts(settings: Settings) -> Iterator[Finding]:
    if not settings.alert_email:
        yield Finding(
            "warning",
            "Alerts: FORM_ALERT_EMAIL is not set, so only the team gets any, and not all; watch /readyz from outside.",
        )
    elif settings.alert_mail_server is None:
        yield Finding(
            "warning",
            "Alerts: FORM_ALERT_SMTP_URL is not set, so an alert about the mail server cannot get through while it "
            "fails; watch /readyz from outside.",
        )
    else:
        yield Finding("ok", f"Alerts: sent to {settings.alert_email} by a second mail server.")


def _check_bounces(settings: Settings) -> Iterator[Finding]:
    """Check that somebody reads bounces.

    Once a mail server has accepted an email, a bounce is the only sign that the email was lost.
    """
    if settings.mail_read_by or settings.mail_from in settings.team_email:
        yield Finding("ok", f"Bounces: {settings.mail_read_by or 'the team'} reads {settings.mail_from}.")
    else:
        yield Finding(
            "warning",
            f"Bounces: FORM_MAIL_READ_BY does not say who reads {settings.mail_from} (FORM_MAIL_FROM), where mail "
            "servers report emails that they could not deliver. Set it, or send from the team's mailbox.",
        )


def _check_neutral_copy(settings: Settings, service: Service) -> Iterator[Finding]:
    if not settings.neutral_from:
        return
    form_url = str(service["form_address"])
    host = urlsplit(form_url if form_url.startswith("https://") else service.site_url).hostname or ""
    visible_addresses = {
        "its sender (FORM_NEUTRAL_FROM)": settings.neutral_from,
        "the link in it (the form's host)": host,
    }
    for description, address in visible_addresses.items():
        if REVEALING_WORDS.search(address):
            yield Finding(
                "warning",
                f"Neutral copy: {description} is {address}, which gives away what it is about. Use another "
                "address, or unset FORM_NEUTRAL_FROM so that no copy is offered.",
            )


def _check_privacy_page(settings: Settings, service: Service) -> Iterator[Finding]:
    promised_days = int(service["privacy"]["keep_days"])
    if promised_days != settings.keep_days:
        yield Finding(
            "wrong" if settings.keep_days > promised_days else "warning",
            f"Privacy page: it says that an encrypted copy is kept for {promised_days} days "
            f"(extra.service.privacy.keep_days in mkdocs.yml), and FORM_KEEP_DAYS is {settings.keep_days}.",
        )
    if service["privacy"]["receipt"] != settings.receipt:
        promises_receipt = service["privacy"]["receipt"]
        promise = "waits for the team to confirm" if promises_receipt else "does not wait for anybody to confirm"
        yield Finding(
            "wrong" if settings.receipt else "warning",
            f"Privacy page: it says that the form {promise} a referral (extra.service.privacy.receipt in mkdocs.yml), "
            f"and FORM_RECEIPT is {'on' if settings.receipt else 'off'}.",
        )
