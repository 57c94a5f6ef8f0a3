"""What `check` looks at: settings, keys, certificates, store, mail server and the sender's DNS."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from form_service.config.settings import Settings
from form_service.config.smtp_url import LOOPBACK
from form_service.crypto import Seal
from form_service.mail.smtp_client import MailRoute
from form_service.operations.backup_folder import LATE_SECONDS, times
from form_service.operations.readiness import WORKER_DEAD_SECONDS, low_disk
from form_service.store import Store, StoreUnavailable
from service_profile import Service

WARN_DAYS = 60
_DNS_SECONDS = 3.0
# What a neutral copy must not show to somebody who glances at a mailbox.
_TELLING = re.compile(r"restorativ|victim|crim|offend|harm|justice|police|abuse|mediat", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """One line of `check`: `level` is ok, warning or wrong; only wrong makes it fail."""

    level: str
    text: str


def look(settings: Settings, seal: Seal, store: Store, service: Service) -> Iterator[Finding]:
    """All findings, one after the other, as some take seconds."""
    yield Finding("ok", f"Settings: {settings.environment}.")
    yield from _keys(settings, seal)
    yield from _store(settings, seal, store)
    yield from _mail_servers(settings)
    yield from _dns(settings)
    yield from _alerts(settings)
    yield from _backups(settings.backup_folder)
    yield from _neutral_copy(settings, service)
    yield from _privacy_page(settings, service)


def _backups(folder: Path) -> Iterator[Finding]:
    """Backups that stopped are noticed here; nothing is said where there is no folder for them."""
    made = times(folder)
    if made is None:
        return
    age = time.time() - max(made, default=0.0)
    if not made:
        yield Finding("warning", f"Backups: there is none in {folder}.")
    elif age > LATE_SECONDS:
        words = "see: systemctl status front-door-backup"
        yield Finding("warning", f"Backups: the newest in {folder} is {age / 3600:.0f} hours old; {words}.")
    else:
        yield Finding("ok", f"Backups: the newest in {folder} is {age / 60:.0f} minutes old.")


def _keys(settings: Settings, seal: Seal) -> Iterator[Finding]:
    problem = seal.problem()
    if problem is not None:
        yield Finding("wrong", f"Keys: nothing can be sealed to the team, so the form is closed: {problem}.")
    if not settings.team_certificates:
        yield Finding("ok", "Keys: mails to the team are sealed with FORM_SECRET_KEYS; no certificate is set.")
    now = datetime.now(UTC)
    for state in seal.certificate_states(now):
        words = f"Certificate {state.fingerprint}: ends {state.ends:%d %B %Y}"
        if state.problem is not None:
            yield Finding("wrong", f"{words}; not used, so its holder cannot read what comes: {state.problem}.")
        else:
            yield Finding("ok" if state.days_left(now) > WARN_DAYS else "warning", f"{words}.")


def _store(settings: Settings, seal: Seal, store: Store) -> Iterator[Finding]:
    try:
        store.migrate()
        state, keys, test = store.reports.state(), store.keys_in_use(), store.reports.last_test()
        problem = store.problem()
    except StoreUnavailable as error:
        yield Finding("wrong", f"Store: it cannot be read ({error.explanation}).")
        return
    try:
        store.facts.set("written")
    except StoreUnavailable as error:
        yield Finding("wrong", f"Store: it cannot be written ({error.explanation}).")
    if problem is not None:
        yield Finding("wrong", f"Store: the form is closed ({StoreUnavailable(problem).explanation}).")
    yield Finding("ok", f"Store: {state.waiting} deliveries wait, {state.refused} of them refused.")
    unknown = [key_id for key_id in keys if not seal.knows(key_id)]
    if unknown:
        yield Finding("wrong", f"Keys: stored mails need a key that FORM_SECRET_KEYS lacks ({', '.join(unknown)}).")
    if low_disk(store):
        yield Finding("wrong", "Disk: nearly full.")
    if store.folder is not None:
        yield from _file_modes(store.folder)
    if state.heartbeat_age is None or state.heartbeat_age > WORKER_DEAD_SECONDS:
        yield Finding("warning", "Worker: no sign of life; see: systemctl status front-door-worker.")
    if settings.production and test is None:
        yield Finding(
            "warning",
            "Test: no test mail has reached the team yet; run `front-door send-test`, have the team confirm it.",
        )


def _file_modes(folder: Path) -> Iterator[Finding]:
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.stat().st_mode & 0o077:
            yield Finding("warning", f"Files: others may read {path.name}; run chmod 600 on it.")


def _mail_servers(settings: Settings) -> Iterator[Finding]:
    servers = {"Mail server": settings.smtp}
    if settings.alert_smtp is not None:
        servers["Alert mail server"] = settings.alert_smtp
    for name, server in servers.items():
        route = MailRoute(server, settings.smtp_ca_file, settings.mail_from)
        problem, place = route.probe(), f"{server.host}:{server.port}"
        tls = "verified TLS" if server.implicit_tls or server.starttls else "plain, on this machine"
        if problem is None:
            yield Finding("ok", f"{name}: {place} answers ({tls}{', logged in' if server.user else ''}).")
        else:
            yield Finding("wrong", f"{name}: {place}: {problem}.")
        if server is servers["Mail server"] and settings.neutral_from and problem is None:
            refusal = route.probe(settings.neutral_from)
            if refusal is not None:
                yield Finding(
                    "wrong",
                    f"{name}: {place}: {refusal} for FORM_NEUTRAL_FROM ({settings.neutral_from}); no copy leaves.",
                )


def _dns(settings: Settings) -> Iterator[Finding]:
    if LOOPBACK.fullmatch(settings.smtp.host):
        return
    import dns.exception
    import dns.resolver

    domain = settings.mail_from.rpartition("@")[2]
    for name, kind, marker in ((domain, "SPF", "v=spf1"), (f"_dmarc.{domain}", "DMARC", "v=DMARC1")):
        try:
            records = [str(record) for record in dns.resolver.resolve(name, "TXT", lifetime=_DNS_SECONDS)]
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            records = []
        except dns.exception.DNSException:
            yield Finding("warning", f"DNS: could not ask for the {kind} record of {domain}.")
            continue
        if any(marker in record for record in records):
            yield Finding("ok", f"DNS: {domain} has a {kind} record.")
        else:
            yield Finding("warning", f"DNS: {domain} has no {kind} record; the team's server may refuse the mails.")


def _alerts(settings: Settings) -> Iterator[Finding]:
    if not settings.alert_email:
        yield Finding("warning", "Alerts: FORM_ALERT_EMAIL is not set, so nobody is told; watch /readyz from outside.")
    elif settings.alert_smtp is None:
        yield Finding(
            "warning",
            "Alerts: FORM_ALERT_SMTP_URL is not set; a mail server that fails takes the alert with it: "
            "watch /readyz from outside.",
        )
    else:
        yield Finding("ok", f"Alerts: to {settings.alert_email} by a route of their own.")


def _neutral_copy(settings: Settings, service: Service) -> Iterator[Finding]:
    if not settings.neutral_from:
        return
    form = str(service["form_address"])
    host = urlsplit(form if form.startswith("https://") else service.site_url).hostname or ""
    shown = {"its sender (FORM_NEUTRAL_FROM)": settings.neutral_from, "the link in it (the form's host)": host}
    for what, address in shown.items():
        if _TELLING.search(address):
            yield Finding(
                "warning",
                f"Neutral copy: {what} is {address}, which tells what it is about to whoever sees it. Use another "
                "address, or unset FORM_NEUTRAL_FROM so that no copy is offered.",
            )


def _privacy_page(settings: Settings, service: Service) -> Iterator[Finding]:
    promised = int(service["privacy"]["keep_days"])
    if promised != settings.keep_days:
        yield Finding(
            "wrong" if settings.keep_days > promised else "warning",
            f"Privacy page: it says that a sealed copy is kept for {promised} days (extra.service.privacy.keep_days in "
            f"mkdocs.yml), and FORM_KEEP_DAYS is {settings.keep_days}.",
        )
