"""The purge, which deletes emails, drafts and counters that are no longer needed."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, exists, func, select, update

from form_service.store.engine.base import Database, Transactions
from form_service.store.facts import claim_job, delete_fact
from form_service.store.outbox import settle_overlooked_emails
from form_service.store.schema import counter, draft, mail, referral
from service_profile.retention_periods import UNCONFIRMED_KEEP_DAYS, WARNING_DAYS

DAY_SECONDS = 86_400.0
_ERASURE_JOB = "erase-traces"


@dataclass(frozen=True)
class PurgeResult:
    """How many emails, drafts and counters a purge deleted or, in a dry run, would have deleted."""

    email_count: int
    draft_count: int
    counter_count: int
    traces_erased: bool = True
    """Whether the deleted data is gone from the database's files. If not, a later purge erases it from them."""


def purge(
    transactions: Transactions,
    database: Database,
    keep_days: float,
    dry_run: bool = False,
    thorough: bool = False,
    needs_confirmation: bool = False,
) -> PurgeResult:
    """Delete old sealed emails, expired drafts and old counters, and erase their traces on the disk.

    Emails are kept for `keep_days` after their delivery. With `needs_confirmation`, emails to the team are kept longer
    if nobody has confirmed the referral. `thorough` is explained at `Database.erase_traces`. With `dry_run`, only count
    what would be deleted.
    """
    with transactions.reading() if dry_run else transactions.writing() as (connection, now):
        is_old_mail = may_be_wiped(now, keep_days, needs_confirmation) & mail.c.sealed.is_not(None)
        is_old_draft = draft.c.lives_until <= now
        is_old_counter = counter.c.window_end <= now
        if dry_run:
            tables = ((mail, is_old_mail), (draft, is_old_draft), (counter, is_old_counter))
            count_queries = [select(func.count()).select_from(table).where(is_old) for table, is_old in tables]
            email_count, draft_count, counter_count = (
                int(connection.execute(query).scalar_one()) for query in count_queries
            )
            return PurgeResult(email_count, draft_count, counter_count)
        settle_overlooked_emails(connection, now)
        email_count = connection.execute(update(mail).where(is_old_mail).values(sealed=None)).rowcount
        draft_count = connection.execute(delete(draft).where(is_old_draft)).rowcount
        counter_count = connection.execute(delete(counter).where(is_old_counter)).rowcount
        thorough = thorough or claim_job(connection, _ERASURE_JOB, DAY_SECONDS, now)
    is_erased = database.erase_traces(thorough)
    if thorough and not is_erased:
        with transactions.writing() as (connection, _):
            delete_fact(connection, _ERASURE_JOB)  # the next purge tries again
    return PurgeResult(email_count, draft_count, counter_count, is_erased)


def may_be_wiped(now: float, keep_days: float, needs_confirmation: bool) -> ColumnElement[bool]:
    """Return the SQL condition for settled emails that need not be kept any longer.

    An email is settled when it has no waiting delivery. With `needs_confirmation`, an email to the team is kept longer
    if nobody has confirmed the referral.
    """
    is_past_keep_days = mail.c.settled_at <= now - keep_days * DAY_SECONDS
    if not needs_confirmation:
        return is_past_keep_days
    is_referral_of_mail = referral.c.reference == mail.c.reference
    is_confirmed = exists().where(is_referral_of_mail, referral.c.received_at <= now - keep_days * DAY_SECONDS)
    needs_no_confirmation = exists().where(
        is_referral_of_mail, (referral.c.route == "test") | referral.c.withdrawn_at.is_not(None)
    )
    is_too_old = exists().where(
        is_referral_of_mail,
        referral.c.received_at.is_(None),
        referral.c.warned_at <= now - WARNING_DAYS * DAY_SECONDS,
        func.coalesce(referral.c.delivered_at, now) <= now - UNCONFIRMED_KEEP_DAYS * DAY_SECONDS,
    )
    return (is_past_keep_days & ((mail.c.kind != "team") | is_confirmed | needs_no_confirmation)) | (
        mail.c.settled_at.is_not(None) & is_too_old
    )
