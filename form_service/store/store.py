"""The store: the only way to the database. Every method raises StoreUnavailable for any failure of it."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from form_service import failpoints
from form_service.config.settings import Settings
from form_service.store import backup, drafts, outbox, production_guard, referrals, upkeep
from form_service.store.counters import Counts
from form_service.store.drafts import SentDraft
from form_service.store.engine import disk
from form_service.store.engine.base import Database, SQLite, connect
from form_service.store.engine.bulkhead import Gate
from form_service.store.engine.migrate import migrate
from form_service.store.errors import StoreUnavailable
from form_service.store.outbox import Claim, Outcome
from form_service.store.readdressing import Readdressed, readdress
from form_service.store.referrals import Accepted, NewMail, NewReferral, Withdrawal

T = TypeVar("T")


class Store:
    """Referrals, their outbox, drafts, counters and facts."""

    def __init__(self, database: Database, production: bool = False) -> None:
        self.database = database
        self._production = production
        self._newest = False
        self._migrating = threading.Lock()
        self._migrated_in_vain = (-1.0, "")  # when last, and the class of the failure
        self._gate: Gate | None = None
        self._counts, self._scales = Counts(), drafts.Scales()

    @classmethod
    def open(cls, settings: Settings, clock: Callable[[], float] | None = None) -> "Store":
        """The store of the settings. A database that is away now is migrated when it is back.

        Raises SettingsError for a SQLite file that cannot be made, or on a network file system, whose locks do not
        hold, and for a store of production under development's settings.
        """
        database = connect(settings.database_url, clock)
        if database.path is not None:
            disk.prepare(database.path)
        store = cls(database, settings.production)
        if not settings.production:
            production_guard.refuse_now(database)
        return store

    @property
    def folder(self) -> Path | None:
        """The folder of a database that is a file."""
        return self.database.path.parent if self.database.path else None

    @property
    def ballast(self) -> disk.Ballast | None:
        """The reserve on the disk of a database that is a file."""
        return disk.Ballast(self.folder) if self.folder else None

    def close(self) -> None:
        """Let go of all connections."""
        self.database.close()

    def hurry(self, most: int) -> None:
        """For the web process: at most so many threads wait for the store at once, none for long."""
        self._gate = Gate(most)
        self.database.hurry()

    @property
    def held_up(self) -> bool:
        """Whether as many wait for the store as may."""
        return self._gate is not None and self._gate.held_up

    def migrate(self) -> None:
        """Bring the database to the newest schema; every other method does it when it is still to do."""
        if self._newest:
            return
        came = time.monotonic()
        with self._migrating:
            if self._newest:
                return
            if came < self._migrated_in_vain[0] + 0.25:
                # Whoever waited while this failed shares the failure: one after the other they would wait for ever.
                raise StoreUnavailable(self._migrated_in_vain[1])
            try:
                migrate(self.database)
                production_guard.settle(self.database, self._production)
            except StoreUnavailable as error:
                self._migrated_in_vain = (time.monotonic(), error.kind)
                raise
            self._newest = True

    def _write(self, work: Callable[[Connection, float], T], gate: AbstractContextManager[None] | None = None) -> T:
        with gate or self._gate or nullcontext():
            self.migrate()
            return self.database.write(lambda connection: work(connection, self.database.now(connection)))

    def _read(self, work: Callable[[Connection, float], T]) -> T:
        with self._gate or nullcontext():
            self.migrate()
            with self.database.reading() as connection:
                return work(connection, self.database.now(connection))

    # Drafts

    def read_draft(self, draft_id: str) -> bytes | None:
        """The sealed draft, or None when there is none that lives."""
        return self._read(lambda connection, now: drafts.live(connection, draft_id, now))

    def change_draft(
        self,
        draft_id: str,
        change: Callable[[bytes | None], bytes | None],
        lives: timedelta | Callable[[], timedelta],
    ) -> None:
        """Replace the draft by what `change` makes of it, with nothing in between.

        `change` gets None when no draft lives, and gives None to delete it. It must not use the store, may run again
        after a lost connection, and may run in the thread of another request, so it must not read the request.
        `lives` may be asked after the change, because what the draft became may decide it.
        """

        def work(connection: Connection, now: float) -> None:
            drafts.lock(connection, draft_id)
            after = change(drafts.live(connection, draft_id, now))
            if after is None:
                drafts.wipe(connection, draft_id)
            else:
                lasts = lives if isinstance(lives, timedelta) else lives()
                drafts.put(connection, draft_id, after, now + lasts.total_seconds())

        self._write(work)

    def wipe_draft(self, draft_id: str, behind: bool = False) -> None:
        """Delete the draft; a change that is under way does not bring it back.

        `behind` is said by a thread that nobody waits for: it takes no place from those who do.
        """

        def work(connection: Connection, _now: float) -> None:
            drafts.lock(connection, draft_id)
            drafts.wipe(connection, draft_id)

        self._write(work, nullcontext() if behind else None)

    def draft_bytes(self) -> int:
        """What all drafts weigh, as it was some seconds ago at most."""
        return self._scales.read(lambda: self._read(lambda connection, _now: drafts.weight(connection)))

    # Referrals

    def accept(self, new: NewReferral, sent: SentDraft | None = None) -> Accepted:
        """Store a referral durably: referral, mails, deliveries and, with `sent`, the draft's new content.

        A submission id that is known answers with its first reference and changes nothing. Raises ReferenceTaken, and
        DraftChanged when the draft is no longer what the referral was made of; one that is gone stays gone.
        """

        def work(connection: Connection, now: float) -> Accepted:
            accepted = referrals.accept(connection, new, sent, now)
            failpoints.reach("accepted")
            return accepted

        accepted = self._write(work)
        failpoints.reach("committed")
        return accepted

    def withdraw(self, reference: str, notice: NewMail) -> Withdrawal:
        """Take a referral back; `notice` is queued for the team when the referral may have reached it."""
        return self._write(lambda connection, now: referrals.withdraw(connection, reference, notice, now))

    def is_withdrawn(self, reference: str) -> bool:
        """Whether this referral was taken back."""
        return self._read(lambda connection, _now: referrals.is_withdrawn(connection, reference))

    def count(self, bucket: str, window: int, weight: int = 1) -> int:
        """Count `weight` more in this bucket's window of so many seconds; the count so far.

        On PostgreSQL it holds over all web processes; on SQLite there is one, which counts in memory.
        """
        if isinstance(self.database, SQLite):
            return self._counts.count(bucket, window, self.database.clock(), weight)
        return self._write(lambda connection, now: upkeep.count(connection, bucket, window, now, weight))

    # The worker's side

    def claim(self, copies: bool = True) -> Claim | None:
        """Claim what has been due longest, the team's before neutral copies; it is durable when this returns."""
        if not self._read(lambda connection, now: outbox.is_due(connection, now, copies)):
            return None
        return self._write(lambda connection, now: outbox.claim(connection, now, copies))

    def finish(
        self, done: Claim, outcome: Outcome, claim_next: bool = False, copies: bool = True
    ) -> tuple[bool, Claim | None]:
        """Record an outcome and, in the same transaction, claim the next delivery.

        The first answer is False when the lease had been lost, and then nothing was recorded.
        """

        def work(connection: Connection, now: float) -> tuple[bool, Claim | None]:
            recorded = outbox.finish(connection, done, outcome, now)
            return recorded, outbox.claim(connection, now, copies) if claim_next else None

        return self._write(work)

    def last_test(self) -> float | None:
        """When the last test mail reached the team's mail server."""
        return self._read(lambda connection, _now: upkeep.last_test(connection))

    def make_due(self, references: Sequence[str] | None = None) -> int:
        """Make what waits due now; how many deliveries that changed."""
        return self._write(lambda connection, now: outbox.make_due(connection, now, references))

    def readdress(self, team: Sequence[str], references: Sequence[str] | None = None) -> Readdressed:
        """Give what waits for an address that is not in `team` to one that is and has not got it."""
        return self._write(lambda connection, now: readdress(connection, now, team, references))

    def end_leases(self) -> int:
        """End every lease: only for a worker that knows itself to be the only one."""
        return self._write(outbox.end_leases)

    def mend_clock(self) -> int:
        """Make due what a clock that was set back has left far in the future."""
        return self._write(outbox.mend_clock)

    # Upkeep

    def state(self) -> upkeep.State:
        """The outbox at a glance."""
        return self._read(upkeep.state)

    def totals(self) -> dict[str, int]:
        """How many referrals were delivered, wait, or were withdrawn."""
        return self._read(lambda connection, _now: upkeep.totals(connection))

    def waiting(self) -> Sequence[upkeep.Waiting]:
        """What waits, the oldest first."""
        return self._read(upkeep.waiting_list)

    def facts(self) -> dict[str, tuple[str, float]]:
        """What the service remembers about itself: value and time of each fact."""
        return self._read(lambda connection, _now: upkeep.facts(connection))

    def set_fact(self, name: str, value: str = "") -> None:
        """Remember a fact about the service."""
        self._write(lambda connection, now: upkeep.set_fact(connection, name, value, now))

    def forget_fact(self, name: str) -> None:
        """Remove a fact."""
        self._write(lambda connection, _now: upkeep.forget_fact(connection, name))

    def take_turn(self, name: str, every: float) -> bool:
        """Whether this process is the one to do a job now that is due every so many seconds."""
        return self._write(lambda connection, now: upkeep.take_turn(connection, name, every, now))

    def purge(self, keep_days: float, dry_run: bool = False) -> upkeep.Purged:
        """Wipe sealed copies settled so many days ago, dead drafts and old counters, and their traces on the disk."""
        if dry_run:
            return self._read(lambda connection, now: upkeep.purge(connection, now, keep_days * 86400, dry_run=True))

        def work(connection: Connection, now: float) -> upkeep.Purged:
            outbox.settle_forgotten(connection, now)
            return upkeep.purge(connection, now, keep_days * 86400)

        purged = self._write(work)
        backup.wipe_traces(self.database)
        return purged

    def reseal(self, keep: Callable[[str], bool], again: Callable[[str, bytes], tuple[str, bytes]]) -> int:
        """Seal again what `keep` does not accept the key of; how many mails."""
        total = 0
        while changed := self._write(lambda connection, _now: backup.reseal(connection, keep, again)):
            total += changed
        return total

    def keys_in_use(self) -> set[str]:
        """The keys under which something is still sealed."""
        return self._read(lambda connection, _now: backup.keys_in_use(connection))

    def backup(self, to: Path) -> int:
        """Write ledger and outbox to a new file; how many referrals. Raises CopyError."""
        self.migrate()
        return backup.backup(self.database, to)

    def restore(self, source: Path) -> int:
        """Read a backup into an empty store; how many referrals. Raises CopyError."""
        self.migrate()
        return backup.restore(self.database, source)

    def report(self, start: float, end: float) -> list[tuple[str, str, int]]:
        """Referrals by route and outcome, accepted from `start` until before `end`."""
        return self._read(lambda connection, _now: upkeep.by_route_and_outcome(connection, start, end))
