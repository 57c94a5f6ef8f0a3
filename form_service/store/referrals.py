"""Accepting a referral, and withdrawing it: one transaction each."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, case, exists, func, null, or_, select, update

from form_service import failpoints
from form_service.store import drafts
from form_service.store.drafts import SentDraft
from form_service.store.engine.base import Queries, retry_on_lost_connection
from form_service.store.engine.insert import insert_if_absent
from form_service.store.errors import DraftChanged, ReferenceTaken
from form_service.store.schema import delivery, mail, new_id, referral


@dataclass(frozen=True)
class NewMail:
    """A sealed email. `recipients` come from the settings; "" stands for the recipient inside the sealed email."""

    kind: str
    message_id: str
    key_id: str
    sealed: bytes
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class NewReferral:
    """A referral to store. The submission id was created with the form and makes a repeat harmless."""

    submission_id: str
    reference: str
    route: str
    language: str
    mails: tuple[NewMail, ...]


@dataclass(frozen=True)
class AcceptResult:
    """The reference under which the referral is stored, and whether this call stored it."""

    reference: str
    is_new: bool


class Withdrawal(Enum):
    """The result of a request to withdraw.

    A repeated request gets the same result again (WITHDRAWN or TEAM_NOTIFIED): people click again without a response.
    """

    WITHDRAWN = "withdrawn"  # no email had been sent, and the sealed copy is wiped
    TEAM_NOTIFIED = "team told"  # the email was sent or being sent: a notice follows
    ALREADY = "already"  # for the confirmation page of a referral that was withdrawn
    UNKNOWN = "unknown"


class Notice(Enum):
    """The result of queueing a notice to the team about a referral."""

    QUEUED = "queued"
    CANCELLED = "cancelled"  # the referral was withdrawn, which cannot be undone
    TOO_MANY = "too many"
    UNKNOWN = "unknown"


# The most emails of one kind that can be sent to the team through the link of one referral.
MAX_NOTICES = 10


class Referrals(Queries):
    """The ledger of referrals."""

    def accept(self, new: NewReferral, sent: SentDraft | None = None) -> AcceptResult:
        """Store a referral durably, with its emails and deliveries, and with `sent` mark its draft as sent.

        A known submission id returns its first reference and changes nothing. A draft that was wiped meanwhile stays
        wiped: the person sent the form and left. Raises ReferenceTaken, and DraftChanged when the draft has changed
        since the referral was composed from it.
        """
        accepted = self._accept(new, sent)
        self._transactions.note_accepted(accepted.reference)
        failpoints.reach("committed")
        return accepted

    @retry_on_lost_connection
    def _accept(self, new: NewReferral, sent: SentDraft | None) -> AcceptResult:
        with self._transactions.accepting() as (connection, now):
            draft = None
            if sent is not None:
                drafts.lock(connection, sent.draft_id)
                draft = drafts.read_live(connection, sent.draft_id, now)
            is_changed = sent is not None and draft not in (None, sent.composed_from)
            if is_changed or not insert(connection, new, now):
                known = select(referral.c.reference).where(referral.c.submission_id == new.submission_id)
                first = connection.execute(known).scalar_one_or_none()
                if first is None:
                    raise DraftChanged if is_changed else ReferenceTaken
                return AcceptResult(first, is_new=False)
            if sent is not None and draft is not None:
                drafts.put(connection, sent.draft_id, sent.replacement, now + sent.lives.total_seconds())
            failpoints.reach("accepted")
            return AcceptResult(new.reference, is_new=True)

    @retry_on_lost_connection
    def withdraw(self, reference: str, notice: NewMail) -> Withdrawal:
        """Withdraw a referral; `notice` is queued for the team when the referral may have reached it."""
        with self._transactions.writing() as (connection, now):
            return withdraw(connection, reference, notice, now)

    @retry_on_lost_connection
    def notify(self, reference: str, notice: NewMail) -> Notice:
        """Queue an email about a referral for the team. A known Message-ID changes nothing."""
        with self._transactions.writing() as (connection, now):
            ledger = select(referral.c.withdrawn_at).where(referral.c.reference == reference).with_for_update()
            found = connection.execute(ledger).first()
            if found is None:
                return Notice.UNKNOWN
            if found.withdrawn_at is not None:
                return Notice.CANCELLED
            same_kind = select(mail.c.message_id).where(mail.c.reference == reference, mail.c.kind == notice.kind)
            known = connection.execute(same_kind).scalars().all()
            if notice.message_id in known:
                return Notice.QUEUED
            if len(known) >= MAX_NOTICES:
                return Notice.TOO_MANY
            add_mails(connection, reference, (notice,), now)
            return Notice.QUEUED

    def stopped_at(self, reference: str) -> float | None:
        """Return when the team was last asked to stop contact, in seconds since 1970; None when it never was."""
        stopped = select(func.max(mail.c.made_at)).where(mail.c.reference == reference, mail.c.kind == "stopped")
        with self._transactions.reading() as (connection, _):
            return connection.execute(stopped).scalar()


def insert(connection: Connection, new: NewReferral, now: float) -> bool:
    """Insert a referral and its emails unless its reference or submission id is known; return whether it is new."""
    row = {
        "reference": new.reference,
        "submission_id": new.submission_id,
        "route": new.route,
        "language": new.language,
        "accepted_at": now,
    }
    if not insert_if_absent(connection, referral, row):
        return False
    add_mails(connection, new.reference, new.mails, now)
    return True


def add_mails(connection: Connection, reference: str, mails: tuple[NewMail, ...], now: float) -> None:
    """Queue emails of a referral."""
    new_mails: list[dict[str, Any]] = []
    new_deliveries: list[dict[str, Any]] = []
    for new in mails:
        mail_id = new_id()
        row = {"id": mail_id, "reference": reference, "kind": new.kind, "message_id": new.message_id}
        new_mails.append(row | {"key_id": new.key_id, "sealed": new.sealed, "made_at": now})
        for recipient in new.recipients:
            row = {"id": new_id(), "mail_id": mail_id, "recipient": recipient, "state": "waiting"}
            times = {"waiting_since": now, "next_try": now, "tries": 0, "refused": 0, "maybe_sent": 0}
            new_deliveries.append(row | times)
    connection.execute(mail.insert(), new_mails)
    connection.execute(delivery.insert(), new_deliveries)


def withdraw(connection: Connection, reference: str, notice: NewMail, now: float) -> Withdrawal:
    """Withdraw a referral in the caller's transaction: see Withdrawal."""
    found = connection.execute(
        select(referral.c.withdrawn_at).where(referral.c.reference == reference).with_for_update()
    ).first()
    if found is None:
        return Withdrawal.UNKNOWN
    if found.withdrawn_at is not None:
        notice_query = select(mail.c.id).where(mail.c.reference == reference, mail.c.kind == notice.kind)
        return Withdrawal.WITHDRAWN if connection.execute(notice_query).first() is None else Withdrawal.TEAM_NOTIFIED
    connection.execute(update(referral).where(referral.c.reference == reference).values(withdrawn_at=now))
    mails = select(mail.c.id).where(mail.c.reference == reference)
    rows = connection.execute(
        select(delivery.c.state, delivery.c.lease, delivery.c.maybe_sent, mail.c.kind)
        .join(mail, mail.c.id == delivery.c.mail_id)
        .where(mail.c.reference == reference)
        .with_for_update(of=delivery)
    ).all()
    connection.execute(
        update(delivery)
        .where(delivery.c.mail_id.in_(mails), delivery.c.state == "waiting", delivery.c.lease.is_(None))
        .values(state="withdrawn", settled_at=now)
    )
    settle_mails(connection, reference, now)
    if any(row.kind != "neutral" and _may_have_left(row) for row in rows):
        add_mails(connection, reference, (notice,), now)
        return Withdrawal.TEAM_NOTIFIED
    return Withdrawal.WITHDRAWN


def _may_have_left(row: Any) -> bool:
    """Return whether an email may have reached the mail server; any lease, even an expired one, means that it may."""
    return row.state == "delivered" or row.lease is not None or row.maybe_sent == 1


def settle_mails(connection: Connection, reference: str, now: float) -> None:
    """Settle the emails of a referral that have nothing left to send, and wipe those that need not be kept.

    Neutral copies and emails that were never delivered are wiped at once; the others are kept for some days.
    """
    # Lock the emails: two transactions that finish two recipients of one email would each see the other's as waiting.
    connection.execute(select(mail.c.id).where(mail.c.reference == reference).order_by(mail.c.id).with_for_update())
    connection.execute(_SETTLE.where(mail.c.reference == reference), {"now": now})


def unsettled(connection: Connection) -> list[str]:
    """Return the references of emails that have nothing left to send, but were not settled at the time."""
    return list(connection.execute(_UNSETTLED).scalars())


def _has_delivery(state: str) -> ColumnElement[bool]:
    return exists().where(delivery.c.mail_id == mail.c.id, delivery.c.state == state).correlate(mail)


_IS_DONE = mail.c.settled_at.is_(None) & ~_has_delivery("waiting")
_NEED_NOT_BE_KEPT = or_(mail.c.kind == "neutral", ~_has_delivery("delivered"))
_SETTLE = (
    update(mail)
    .where(_IS_DONE)
    .values(settled_at=bindparam("now"), sealed=case((_NEED_NOT_BE_KEPT, null()), else_=mail.c.sealed))
)
_UNSETTLED = select(mail.c.reference).where(_IS_DONE, mail.c.sealed.is_not(None)).distinct().order_by(mail.c.reference)
