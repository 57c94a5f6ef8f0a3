"""Wipe expired sealed copies, drafts and counters; the days are in service_profile.retention_periods."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, exists, func, select, update

from form_service.store.engine.base import Database, Transactions
from form_service.store.facts import delete_fact, take_turn
from form_service.store.outbox import settle_forgotten
from form_service.store.schema import counter, draft, mail, referral
from service_profile.retention_periods import UNRECEIVED_DAYS, WARNING_DAYS

DAY_SECONDS = 86_400.0
_TURN = "erase-traces"


@dataclass(frozen=True)
class PurgeResult:
    """How many rows a purge wiped."""

    mails: int
    drafts: int
    counters: int
    traces_erased: bool = True
    """Whether nothing of them is left in the database's files; otherwise a later purge erases it."""


def purge(
    transactions: Transactions,
    database: Database,
    keep_days: float,
    dry_run: bool = False,
    thoroughly: bool = False,
    needs_receipt: bool = False,
) -> PurgeResult:
    """Wipe sealed emails that were kept long enough, expired drafts and old counters, and their traces on the disk.

    Undelivered emails are kept, however old; with `needs_receipt`, so are unconfirmed ones: see `may_be_wiped`.
    `thoroughly` erases the traces in the way that an ordinary purge does only once a day.
    """
    with transactions.reading() if dry_run else transactions.writing() as (connection, now):
        old_mail = may_be_wiped(now, keep_days, needs_receipt) & mail.c.sealed.is_not(None)
        old_draft = draft.c.lives_until <= now
        old_counter = counter.c.window_end <= now
        if dry_run:
            tables = ((mail, old_mail), (draft, old_draft), (counter, old_counter))
            counts = [select(func.count()).select_from(table).where(is_old) for table, is_old in tables]
            mails, drafts, counters = (int(connection.execute(count).scalar_one()) for count in counts)
            return PurgeResult(mails, drafts, counters)
        settle_forgotten(connection, now)
        mails = connection.execute(update(mail).where(old_mail).values(sealed=None)).rowcount
        drafts = connection.execute(delete(draft).where(old_draft)).rowcount
        counters = connection.execute(delete(counter).where(old_counter)).rowcount
        thoroughly = thoroughly or take_turn(connection, _TURN, DAY_SECONDS, now)
    is_erased = database.erase_traces(thoroughly)
    if thoroughly and not is_erased:
        with transactions.writing() as (connection, _):
            delete_fact(connection, _TURN)  # the next purge tries again
    return PurgeResult(mails, drafts, counters, is_erased)


def may_be_wiped(now: float, keep_days: float, needs_receipt: bool) -> ColumnElement[bool]:
    """Return the condition under which a settled email of the table `mail` may be wiped.

    An email to the team is kept until a person has confirmed the referral and then for `keep_days`; without a
    confirmation for UNRECEIVED_DAYS after delivery, and for WARNING_DAYS after the last warning was sent.
    """
    kept_enough = mail.c.settled_at <= now - keep_days * DAY_SECONDS
    if not needs_receipt:
        return kept_enough
    of_this_mail = referral.c.reference == mail.c.reference
    is_confirmed = exists().where(of_this_mail, referral.c.received_at <= now - keep_days * DAY_SECONDS)
    needs_none = exists().where(of_this_mail, (referral.c.route == "test") | referral.c.withdrawn_at.is_not(None))
    is_too_old = exists().where(
        of_this_mail,
        referral.c.received_at.is_(None),
        referral.c.warned_at <= now - WARNING_DAYS * DAY_SECONDS,
        func.coalesce(referral.c.delivered_at, now) <= now - UNRECEIVED_DAYS * DAY_SECONDS,
    )
    return (kept_enough & ((mail.c.kind != "team") | is_confirmed | needs_none)) | (
        mail.c.settled_at.is_not(None) & is_too_old
    )
