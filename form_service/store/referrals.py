"""The referrals: storing a referral with its emails, withdrawing it, and queueing notices about it to the team."""

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
class NewEmail:
    """An encrypted email to store.

    `recipients` holds the team's addresses or, for a neutral copy to the person who sent the form, only "". That
    person's address is inside the encrypted email.
    """

    kind: str
    message_id: str
    key_id: str
    sealed: bytes
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class NewReferral:
    """A referral to store. It is not stored if the store already has a referral with the same `submission_id`."""

    submission_id: str
    reference: str
    route: str
    language: str
    emails: tuple[NewEmail, ...]


@dataclass(frozen=True)
class AcceptResult:
    """The reference of a stored referral. `is_new` is False if the referral had been stored before."""

    reference: str
    is_new: bool


class WithdrawalResult(Enum):
    """The result of a request to withdraw a referral. A repeated request gets the same result."""

    WITHDRAWN = "withdrawn"  # no email had been sent, and the sealed copy is wiped
    TEAM_NOTIFIED = "team told"  # the email may have been sent, so a notice follows it
    ALREADY_WITHDRAWN = "already"  # never returned by `withdraw`: pages about a withdrawn referral show it
    UNKNOWN = "unknown"  # the store has no referral with this reference


class NoticeResult(Enum):
    """The result of queueing a notice to the team about a referral."""

    QUEUED = "queued"
    CANCELLED = "cancelled"  # not queued, because the referral was withdrawn
    TOO_MANY = "too many"  # not queued: see MAX_NOTICES
    UNKNOWN = "unknown"  # not queued, because the store has no referral with this reference


# The most emails of one kind that can be sent to the team through the link of one referral.
MAX_NOTICES = 10


class Referrals(Queries):
    """The queries that store a referral, withdraw it or queue a notice about it."""

    def accept(self, new_referral: NewReferral, sent_draft: SentDraft | None = None) -> AcceptResult:
        """Store a referral with its emails, and replace the draft from which it was composed.

        If a referral with this submission id is stored already, change nothing and return the reference of that
        referral. A deleted draft stays deleted. Raises ReferenceTaken if another referral has the reference, and
        DraftChanged if the draft has changed since the referral was composed.
        """
        result = self._accept(new_referral, sent_draft)
        self._transactions.note_accepted(result.reference)
        failpoints.reach("committed")
        return result

    @retry_on_lost_connection
    def _accept(self, new_referral: NewReferral, sent_draft: SentDraft | None) -> AcceptResult:
        with self._transactions.accepting() as (connection, now):
            draft = None
            if sent_draft is not None:
                drafts.lock_draft(connection, sent_draft.draft_id)
                draft = drafts.read_unexpired_draft(connection, sent_draft.draft_id, now)
            is_changed = sent_draft is not None and draft not in (None, sent_draft.original)
            if is_changed or not insert_referral(connection, new_referral, now):
                query = select(referral.c.reference).where(referral.c.submission_id == new_referral.submission_id)
                stored_reference = connection.execute(query).scalar_one_or_none()
                if stored_reference is None:
                    raise DraftChanged if is_changed else ReferenceTaken
                return AcceptResult(stored_reference, is_new=False)
            if sent_draft is not None and draft is not None:
                drafts.write_draft(
                    connection, sent_draft.draft_id, sent_draft.replacement, now + sent_draft.lifetime.total_seconds()
                )
            failpoints.reach("accepted")
            return AcceptResult(new_referral.reference, is_new=True)

    @retry_on_lost_connection
    def withdraw(self, reference: str, notice: NewEmail) -> WithdrawalResult:
        """Withdraw a referral; return the result.

        If the team may have received an email about the referral already, queue `notice` to the team.
        """
        with self._transactions.writing() as (connection, now):
            return withdraw(connection, reference, notice, now)

    @retry_on_lost_connection
    def notify(self, reference: str, notice: NewEmail) -> NoticeResult:
        """Queue a notice to the team about a referral, but only once for each Message-ID; return the result."""
        with self._transactions.writing() as (connection, now):
            query = select(referral.c.withdrawn_at).where(referral.c.reference == reference).with_for_update()
            row = connection.execute(query).first()
            if row is None:
                return NoticeResult.UNKNOWN
            if row.withdrawn_at is not None:
                return NoticeResult.CANCELLED
            same_kind_query = select(mail.c.message_id).where(mail.c.reference == reference, mail.c.kind == notice.kind)
            message_ids = connection.execute(same_kind_query).scalars().all()
            if notice.message_id in message_ids:
                return NoticeResult.QUEUED
            if len(message_ids) >= MAX_NOTICES:
                return NoticeResult.TOO_MANY
            add_emails(connection, reference, (notice,), now)
            return NoticeResult.QUEUED

    def last_stop_request_at(self, reference: str) -> float | None:
        """Return when the team was last asked to stop contacting the person, in seconds since 1970.

        Return None if the team was never asked.
        """
        statement = select(func.max(mail.c.made_at)).where(mail.c.reference == reference, mail.c.kind == "stopped")
        with self._transactions.reading() as (connection, _):
            return connection.execute(statement).scalar()


def insert_referral(connection: Connection, new_referral: NewReferral, now: float) -> bool:
    """Insert a referral and its emails; return True.

    If a referral with its reference or its submission id exists already, insert nothing and return False.
    """
    row = {
        "reference": new_referral.reference,
        "submission_id": new_referral.submission_id,
        "route": new_referral.route,
        "language": new_referral.language,
        "accepted_at": now,
    }
    if not insert_if_absent(connection, referral, row):
        return False
    add_emails(connection, new_referral.reference, new_referral.emails, now)
    return True


def add_emails(connection: Connection, reference: str, emails: tuple[NewEmail, ...], now: float) -> None:
    """Store emails about a referral, and queue a delivery of each email to each of its recipients."""
    email_rows: list[dict[str, Any]] = []
    delivery_rows: list[dict[str, Any]] = []
    for new_email in emails:
        mail_id = new_id()
        row = {"id": mail_id, "reference": reference, "kind": new_email.kind, "message_id": new_email.message_id}
        email_rows.append(row | {"key_id": new_email.key_id, "sealed": new_email.sealed, "made_at": now})
        for recipient in new_email.recipients:
            row = {"id": new_id(), "mail_id": mail_id, "recipient": recipient, "state": "waiting"}
            initial_values = {"waiting_since": now, "next_try": now, "tries": 0, "refused": 0, "maybe_sent": 0}
            delivery_rows.append(row | initial_values)
    connection.execute(mail.insert(), email_rows)
    connection.execute(delivery.insert(), delivery_rows)


def withdraw(connection: Connection, reference: str, notice: NewEmail, now: float) -> WithdrawalResult:
    """Withdraw a referral in the caller's transaction; return the result.

    If the team may have received an email about the referral already, queue `notice` to the team.
    """
    row = connection.execute(
        select(referral.c.withdrawn_at).where(referral.c.reference == reference).with_for_update()
    ).first()
    if row is None:
        return WithdrawalResult.UNKNOWN
    if row.withdrawn_at is not None:
        notice_query = select(mail.c.id).where(mail.c.reference == reference, mail.c.kind == notice.kind)
        return (
            WithdrawalResult.WITHDRAWN
            if connection.execute(notice_query).first() is None
            else WithdrawalResult.TEAM_NOTIFIED
        )
    connection.execute(update(referral).where(referral.c.reference == reference).values(withdrawn_at=now))
    mail_ids = select(mail.c.id).where(mail.c.reference == reference)
    rows = connection.execute(
        select(delivery.c.state, delivery.c.lease, delivery.c.maybe_sent, mail.c.kind)
        .join(mail, mail.c.id == delivery.c.mail_id)
        .where(mail.c.reference == reference)
        .with_for_update(of=delivery)
    ).all()
    connection.execute(
        update(delivery)
        .where(delivery.c.mail_id.in_(mail_ids), delivery.c.state == "waiting", delivery.c.lease.is_(None))
        .values(state="withdrawn", settled_at=now)
    )
    settle_emails(connection, reference, now)
    if any(row.kind != "neutral" and _may_have_been_sent(row) for row in rows):
        add_emails(connection, reference, (notice,), now)
        return WithdrawalResult.TEAM_NOTIFIED
    return WithdrawalResult.WITHDRAWN


def _may_have_been_sent(row: Any) -> bool:
    """Return whether the email of a delivery may have reached the mail server.

    It may have if the delivery has a lease, even an expired one.
    """
    return row.state == "delivered" or row.lease is not None or row.maybe_sent == 1


def settle_emails(connection: Connection, reference: str, now: float) -> None:
    """Mark as settled each of the referral's emails that has no waiting delivery.

    Wipe the settled emails that are no longer needed. The purge wipes the others later.
    """
    # Lock the emails. Otherwise two transactions that each finish a delivery of the same email would each see the
    # other's delivery as still waiting.
    connection.execute(select(mail.c.id).where(mail.c.reference == reference).order_by(mail.c.id).with_for_update())
    connection.execute(_SETTLE_STATEMENT.where(mail.c.reference == reference), {"now": now})


def overlooked_references(connection: Connection) -> list[str]:
    """Return the references of referrals with an email that has no waiting delivery but is not marked as settled."""
    return list(connection.execute(_OVERLOOKED_REFERENCES_QUERY).scalars())


def _has_delivery(state: str) -> ColumnElement[bool]:
    return exists().where(delivery.c.mail_id == mail.c.id, delivery.c.state == state).correlate(mail)


_CAN_BE_SETTLED = mail.c.settled_at.is_(None) & ~_has_delivery("waiting")
_CAN_BE_WIPED_AT_ONCE = or_(mail.c.kind == "neutral", ~_has_delivery("delivered"))
_SETTLE_STATEMENT = (
    update(mail)
    .where(_CAN_BE_SETTLED)
    .values(settled_at=bindparam("now"), sealed=case((_CAN_BE_WIPED_AT_ONCE, null()), else_=mail.c.sealed))
)
_OVERLOOKED_REFERENCES_QUERY = (
    select(mail.c.reference).where(_CAN_BE_SETTLED, mail.c.sealed.is_not(None)).distinct().order_by(mail.c.reference)
)
