"""The re-encryption of stored emails under the current key, so that an old key can be deleted."""

from collections.abc import Callable

from sqlalchemy import Connection, select, update

from form_service.store.engine.base import Transactions
from form_service.store.schema import mail

_CHUNK_SIZE = 500
_IS_SEALED = mail.c.sealed.is_not(None)


def reseal(
    transactions: Transactions, is_current: Callable[[str], bool], reencrypt: Callable[[str, bytes], tuple[str, bytes]]
) -> int:
    """Re-encrypt the stored emails whose key is not current; return their number.

    `is_current` gets the id of a key. `reencrypt` gets the id of the old key and the sealed email, and returns the id
    of the current key and the newly sealed email. An error in `reencrypt` ends the work and is raised.
    """
    resealed_count = 0
    while True:
        with transactions.writing() as (connection, _):
            old_key_ids = [key_id for key_id in _key_ids(connection) if not is_current(key_id)]
            rows = connection.execute(
                select(mail.c.id, mail.c.key_id, mail.c.sealed)
                .where(mail.c.key_id.in_(old_key_ids), _IS_SEALED)
                .limit(_CHUNK_SIZE)
                .with_for_update()
            ).all()
            for row in rows:
                key_id, sealed = reencrypt(row.key_id, bytes(row.sealed))
                connection.execute(update(mail).where(mail.c.id == row.id).values(key_id=key_id, sealed=sealed))
        if not rows:
            return resealed_count
        resealed_count += len(rows)


def key_ids_in_use(transactions: Transactions) -> set[str]:
    """Return the ids of the keys with which the stored emails are sealed."""
    with transactions.reading() as (connection, _):
        return _key_ids(connection)


def _key_ids(connection: Connection) -> set[str]:
    return set(connection.execute(select(mail.c.key_id).where(_IS_SEALED).distinct()).scalars())
