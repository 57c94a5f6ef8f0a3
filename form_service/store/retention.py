"""Deleting what has been kept long enough."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from form_service.store.engine.base import Database, Transactions
from form_service.store.facts import take_turn
from form_service.store.outbox import settle_forgotten
from form_service.store.receipts import DAY, may_be_wiped
from form_service.store.schema import counter, draft, mail


@dataclass(frozen=True)
class Purged:
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
) -> Purged:
    """Wipe sealed emails that were kept long enough, expired drafts and old counters, and their traces on the disk.

    What was not delivered is kept, however old it is. With `needs_receipt` so is what nobody of the team has confirmed:
    see receipts.may_be_wiped. `thoroughly` erases traces as happens once a day otherwise.
    """
    with transactions.reading() if dry_run else transactions.writing() as (connection, now):
        old_mail = may_be_wiped(now, keep_days, needs_receipt) & mail.c.sealed.is_not(None)
        old_draft = draft.c.lives_until <= now
        old_counter = counter.c.window_end <= now
        if dry_run:
            tables = ((mail, old_mail), (draft, old_draft), (counter, old_counter))
            counts = [select(func.count()).select_from(table).where(is_old) for table, is_old in tables]
            mails, drafts, counters = (int(connection.execute(count).scalar_one()) for count in counts)
            return Purged(mails, drafts, counters)
        settle_forgotten(connection, now)
        mails = connection.execute(update(mail).where(old_mail).values(sealed=None)).rowcount
        drafts = connection.execute(delete(draft).where(old_draft)).rowcount
        counters = connection.execute(delete(counter).where(old_counter)).rowcount
        thoroughly = thoroughly or take_turn(connection, "erase-traces", DAY, now)
    return Purged(mails, drafts, counters, database.erase_traces(thoroughly))
