"""Taking a referral in, and taking it back: one transaction each."""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, case, exists, null, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from form_service.store import drafts
from form_service.store.drafts import SentDraft
from form_service.store.engine.prepared import Prepared
from form_service.store.errors import DraftChanged, ReferenceTaken
from form_service.store.schema import delivery, mail, new_id, referral


@dataclass(frozen=True)
class NewMail:
    """A sealed mail. `recipients` are addresses of the configuration; "" stands for the one inside the sealed mail."""

    kind: str
    message_id: str
    key_id: str
    sealed: bytes
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class NewReferral:
    """A referral as it is handed in. The submission id was minted with the form and makes a repeat harmless."""

    submission_id: str
    reference: str
    route: str
    language: str
    mails: tuple[NewMail, ...]


@dataclass(frozen=True)
class Accepted:
    """The reference under which the referral is stored, and whether this call stored it."""

    reference: str
    is_new: bool


class Withdrawal(Enum):
    """What became of a request to withdraw."""

    # The first two are said however often it is asked: a press of the button that got no answer is repeated.
    WITHDRAWN = "withdrawn"  # nothing had been sent, and the sealed copy is wiped
    TEAM_TOLD = "team told"  # it was sent, or being sent: a notice follows it
    ALREADY = "already"  # on the confirmation of something that was taken back
    UNKNOWN = "unknown"


def _first_referral(insert: Any) -> Any:
    return insert(referral).on_conflict_do_nothing().returning(referral.c.reference)


_REFERRAL = Prepared(
    _first_referral(sqlite.insert),
    _first_referral(postgresql.insert),
    ("reference", "submission_id", "route", "language", "accepted_at"),
)
_MAIL = Prepared(mail.insert(), mail.insert(), ("id", "reference", "kind", "message_id", "key_id", "sealed", "made_at"))
_DELIVERY = Prepared(
    delivery.insert(),
    delivery.insert(),
    ("id", "mail_id", "recipient", "state", "waiting_since", "next_try", "tries", "refused", "maybe_sent"),
)
_FIRST_REFERENCE = select(referral.c.reference)


def accept(
    connection: Connection,
    new: NewReferral,
    sent: SentDraft | None,
    now: float,
) -> Accepted:
    """Insert the referral, its mails and their deliveries, and mark the draft as sent.

    A submission id that is known answers with its first reference and changes nothing. A draft that was wiped
    meanwhile stays wiped: its person sent the form and left. Raises ReferenceTaken and DraftChanged.
    """
    kept: bytes | None = None
    if sent is not None:
        drafts.lock(connection, sent.draft_id)
        kept = drafts.live(connection, sent.draft_id, now)
        if kept is not None and kept != sent.before:
            if (first := _first_of(connection, new.submission_id)) is None:
                raise DraftChanged
            return Accepted(first, is_new=False)
    row = {
        "reference": new.reference,
        "submission_id": new.submission_id,
        "route": new.route,
        "language": new.language,
        "accepted_at": now,
    }
    if _REFERRAL.run(connection, row).first is None:
        first = _first_of(connection, new.submission_id)
        if first is None:
            raise ReferenceTaken(new.reference)
        return Accepted(first, is_new=False)
    add_mails(connection, new.reference, new.mails, now)
    if sent is not None and kept is not None:
        drafts.put(connection, sent.draft_id, sent.after, now + sent.lives.total_seconds())
    return Accepted(new.reference, is_new=True)


def _first_of(connection: Connection, submission_id: str) -> str | None:
    found = connection.execute(_FIRST_REFERENCE.where(referral.c.submission_id == submission_id))
    return found.scalar_one_or_none()


def add_mails(connection: Connection, reference: str, mails: tuple[NewMail, ...], now: float) -> None:
    """Queue mails of a referral."""
    for one in mails:
        mail_id = new_id()
        row: dict[str, Any] = {
            "id": mail_id,
            "reference": reference,
            "kind": one.kind,
            "message_id": one.message_id,
            "key_id": one.key_id,
            "sealed": one.sealed,
            "made_at": now,
        }
        _MAIL.run(connection, row)
        for recipient in one.recipients:
            row = {
                "id": new_id(),
                "mail_id": mail_id,
                "recipient": recipient,
                "state": "waiting",
                "waiting_since": now,
                "next_try": now,
                "tries": 0,
                "refused": 0,
                "maybe_sent": 0,
            }
            _DELIVERY.run(connection, row)


def withdraw(connection: Connection, reference: str, notice: NewMail, now: float) -> Withdrawal:
    """Take a referral back as far as it can be: see Withdrawal."""
    found = connection.execute(
        select(referral.c.withdrawn_at).where(referral.c.reference == reference).with_for_update()
    ).first()
    if found is None:
        return Withdrawal.UNKNOWN
    if found.withdrawn_at is not None:
        told = select(mail.c.id).where(mail.c.reference == reference, mail.c.kind == notice.kind)
        return Withdrawal.WITHDRAWN if connection.execute(told).first() is None else Withdrawal.TEAM_TOLD
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
        .where(
            delivery.c.mail_id.in_(mails),
            delivery.c.state == "waiting",
            delivery.c.lease.is_(None),
        )
        .values(state="withdrawn", settled_at=now)
    )
    settle_mails(connection, reference, now)
    if any(row.kind == "team" and _may_have_left(row) for row in rows):
        add_mails(connection, reference, (notice,), now)
        return Withdrawal.TEAM_TOLD
    return Withdrawal.WITHDRAWN


def is_withdrawn(connection: Connection, reference: str) -> bool:
    """Whether the ledger says that this referral was taken back."""
    at = select(referral.c.withdrawn_at).where(referral.c.reference == reference)
    return connection.execute(at).scalar() is not None


def _may_have_left(row: Any) -> bool:
    """Under a lease, even one that has ended, a mail may have reached the server without our knowing."""
    return row.state == "delivered" or row.lease is not None or row.maybe_sent == 1


def settle_mails(connection: Connection, reference: str, now: float) -> None:
    """Settle the mails of a referral that have nothing left to send, and wipe those that need not be kept.

    Neutral copies and mails of which nothing was sent are wiped at once; the rest waits for the hold time.
    """
    # Two that finish two recipients of one mail at once must not each see the other's still waiting.
    _LOCK_MAILS.run(connection, {"its_reference": reference})
    _SETTLE.run(connection, {"its_reference": reference, "now": now})


def forgotten(connection: Connection) -> list[str]:
    """References of mails that have nothing left to send and were not settled when that came to be."""
    return list(connection.execute(_FORGOTTEN).scalars())


def _has_delivery(state: str) -> ColumnElement[bool]:
    return exists().where(delivery.c.mail_id == mail.c.id, delivery.c.state == state).correlate(mail)


_LOCK_MAILS = Prepared(
    select(mail.c.id).where(mail.c.reference == bindparam("its_reference")).order_by(mail.c.id).with_for_update()
)
_SETTLE = Prepared(
    update(mail)
    .where(mail.c.reference == bindparam("its_reference"), mail.c.settled_at.is_(None), ~_has_delivery("waiting"))
    .values(
        settled_at=bindparam("now"),
        sealed=case((or_(mail.c.kind == "neutral", ~_has_delivery("delivered")), null()), else_=mail.c.sealed),
    )
)
_FORGOTTEN = (
    select(mail.c.reference)
    .where(mail.c.settled_at.is_(None), mail.c.sealed.is_not(None), ~_has_delivery("waiting"))
    .distinct()
    .order_by(mail.c.reference)
)
