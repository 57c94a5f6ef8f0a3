"""The texts of the reminder emails. They contain the references and times of referrals, but no personal data."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from email.message import EmailMessage

from form_service.config.local_time import day_text, local_time, moment_text
from form_service.mail.document import Block, Bullets, Document, Paragraph, Section
from form_service.mail.message import document_email
from form_service.operations.reminders import Reminder, WeeklySummary, wipe_time
from form_service.store.receipts import LedgerEntry

REMINDER_SUBJECT = "Referrals to confirm"
SUMMARY_SUBJECT = "Referrals last week"


def compose_reminder(reminder: Reminder, now: float, is_operator: bool, sender: str, recipient: str) -> EmailMessage:
    """Return the reminder email for one recipient.

    If referrals are overdue, it tells the team where to look for them, and the operator which commands to run.
    """
    needs_action = bool(reminder.overdue_referrals or reminder.expiring_referrals)
    subject = REMINDER_SUBJECT if needs_action else SUMMARY_SUBJECT
    sections = []
    if reminder.overdue_referrals:
        blocks = _overdue_blocks(reminder.overdue_referrals, is_operator)
        sections.append(Section("NOT CONFIRMED YET", tuple(blocks), is_urgent=True))
    if reminder.expiring_referrals:
        sections.append(
            Section("THE FORM’S COPY WILL BE DELETED SOON", tuple(_expiring_blocks(reminder.expiring_referrals, now)))
        )
    if reminder.weekly_summary is not None:
        sections.append(Section("LAST WEEK", tuple(_weekly_summary_blocks(reminder.weekly_summary))))
    return document_email(Document(subject, (), tuple(sections)), subject, sender, recipient)


def _overdue_blocks(entries: Iterable[LedgerEntry], is_operator: bool) -> Iterator[Block]:
    yield Paragraph("Nobody has confirmed these referrals yet:")
    yield Bullets(tuple(f"{entry.reference}, sent on {moment_text(entry.accepted_at)}" for entry in entries))
    if is_operator:
        yield Paragraph(
            "Please ask the team if they have them. “front-door outbox resend REFERENCE” sends one again; “front-door "
            "outbox received REFERENCE” records that the team has it."
        )
        return
    yield Paragraph(
        "Please look for each of them in the mailbox, in junk and in quarantine too. Then open the link at the end of "
        "each referral email and press the button. If you cannot find one of the referrals, tell the person who runs "
        "the form: that referral can be sent again."
    )


def _expiring_blocks(entries: Iterable[LedgerEntry], now: float) -> Iterator[Block]:
    yield Paragraph(
        "The form will delete its copies of these referrals on the dates below. After that, it cannot send them again."
    )
    wipe_times = ((entry.reference, wipe_time(entry, now)) for entry in entries)
    yield Bullets(
        tuple(
            f"{reference}: {day_text(local_time(timestamp).date())}"
            for reference, timestamp in wipe_times
            if timestamp is not None
        )
    )


def _weekly_summary_blocks(weekly_summary: WeeklySummary) -> Iterator[Block]:
    entries = weekly_summary.referrals
    sunday = weekly_summary.monday + timedelta(days=6)
    count_text = {0: "no referrals", 1: "1 referral"}.get(len(entries), f"{len(entries)} referrals")
    yield Paragraph(f"{day_text(weekly_summary.monday)} to {day_text(sunday)}: {count_text}.")
    groups = {
        "Received by the team": [entry.reference for entry in entries if entry.received_at and not entry.withdrawn_at],
        "Not confirmed yet": [entry.reference for entry in entries if entry.awaits_confirmation],
        "Cancelled": [entry.reference for entry in entries if entry.withdrawn_at],
    }
    lines = tuple(f"{label}: {', '.join(references)}" for label, references in groups.items() if references)
    if lines:
        yield Bullets(lines)
