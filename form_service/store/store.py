"""The `Store`, through which a process uses the database."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from form_service.config.settings import Settings
from form_service.store import backup, production_guard
from form_service.store.counters import Counters
from form_service.store.drafts import Drafts
from form_service.store.engine import disk
from form_service.store.engine.base import Database, Transaction, Transactions
from form_service.store.engine.bulkhead import Bulkhead
from form_service.store.engine.migrate import migrate
from form_service.store.engine.sqlite import SQLite
from form_service.store.errors import StoreUnavailable
from form_service.store.facts import Facts
from form_service.store.identity import IdentityCheck
from form_service.store.outbox import Outbox
from form_service.store.purge import PurgeResult, purge
from form_service.store.receipts import Receipts
from form_service.store.referrals import Referrals
from form_service.store.reports import Reports

# A failed migration is not retried within this time: threads that were waiting for it fail with the same error.
_MIGRATION_PAUSE_SECONDS = 0.25


class Store(Transactions):
    """The store of drafts, referrals, emails to deliver, counters and facts.

    Every method raises StoreUnavailable when the database fails.
    """

    def __init__(self, database: Database, is_production: bool = False, backup_folder: Path | None = None) -> None:
        """Set the database and the folder that contains the latest backup.

        While any referral in the latest backup is missing from the store, the store accepts no drafts or referrals.
        """
        self._identity = IdentityCheck(database, backup_folder)
        self.database = database
        self._is_production = is_production
        self._is_migrated = False
        self._migration_lock = threading.Lock()
        self._failed_migration = (-1.0, "")  # when it failed (monotonic time), and the failure's kind
        self._bulkhead: Bulkhead | None = None
        self.drafts = Drafts(self)
        self.referrals = Referrals(self)
        self.outbox = Outbox(self)
        self.counters = Counters(self)
        self.facts = Facts(self)
        self.reports = Reports(self)
        self.receipts = Receipts(self)

    @classmethod
    def open(cls, settings: Settings, clock: Callable[[], float] | None = None) -> "Store":
        """Open the store at `settings.database_url`. The first use migrates the database.

        `clock` replaces the clock in tests. Raises SettingsError if the database file cannot be used, or if development
        settings name a production store.
        """
        url = settings.database_url
        database: Database
        if url.startswith("sqlite:"):
            database = SQLite(url, clock or time.time)
        else:
            from form_service.store.engine.postgres import PostgreSQL  # loading it takes a seventh of the start-up time

            database = PostgreSQL(url, clock)
        if database.path is not None:
            disk.prepare_file(database.path)
        if not settings.is_production:
            production_guard.refuse_production_store_at_start(database)
        return cls(database, settings.is_production, settings.backup_folder)

    @property
    def folder(self) -> Path | None:
        """Return the folder of the SQLite file; None on PostgreSQL."""
        return self.database.path.resolve().parent if self.database.path else None

    @property
    def reserved_space(self) -> disk.ReservedSpace | None:
        """Return the file that reserves space on the disk of the SQLite database; None on PostgreSQL."""
        return disk.ReservedSpace(self.folder) if self.folder else None

    def close(self) -> None:
        """Close all connections."""
        self.database.close()

    def use_web_timeouts(self, max_threads: int) -> None:
        """Limit how long requests wait for the store, and let at most `max_threads` threads use it at once.

        Call this before the first query.
        """
        self._bulkhead = Bulkhead(max_threads)
        self.database.use_web_timeouts()

    @property
    def is_stalled(self) -> bool:
        """Return whether the store has stopped answering, and the limit on threads that use it at once is reached."""
        return self._bulkhead is not None and self._bulkhead.is_stalled

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        with self._bulkhead or nullcontext():
            self.migrate()
            with self._with_identity_check(self.database.reading()) as transaction:
                yield transaction

    @contextmanager
    def writing(self, best_effort: bool = False, in_background: bool = False) -> Iterator[Transaction]:
        with nullcontext() if in_background or self._bulkhead is None else self._bulkhead:
            self.migrate()
            with self._with_identity_check(self.database.writing(best_effort)) as transaction:
                yield transaction

    @contextmanager
    def accepting(self) -> Iterator[Transaction]:
        with self.writing() as transaction:
            problem = self._identity.problem(transaction.connection)
            if problem is not None:
                raise StoreUnavailable(problem)
            yield transaction

    def problem(self) -> str | None:
        """Return None if the store accepts drafts and referrals, and otherwise the reason why it refuses them.

        The reason is "replaced" if another database has taken the place of the store, or "incomplete" if any referral
        in the latest backup is missing from the store. Raises StoreUnavailable if the database fails.
        """
        with self.reading() as transaction:
            return self._identity.problem(transaction.connection, is_routine=True)

    def note_accepted(self, reference: str) -> None:
        self._identity.note_accepted(reference)

    @contextmanager
    def _with_identity_check(self, transaction_context: AbstractContextManager[Transaction]) -> Iterator[Transaction]:
        """Open the transaction, and check that the database is still the same store. Raises StoreUnavailable."""
        try:
            with transaction_context as transaction:
                self._identity.check_connection(transaction.connection)
                yield transaction
        except StoreUnavailable as error:
            if error.kind == "replaced":
                self._identity.mark_replaced()
                self._is_migrated = False
            raise

    def migrate(self) -> None:
        """Migrate the database, and read or create the store's id. Do nothing if this has been done already.

        Raises StoreUnavailable. Raises SettingsError if development settings name a production store.
        """
        if self._is_migrated:
            return
        started_at = time.monotonic()
        with self._migration_lock:
            if self._is_migrated:
                return
            if started_at < self._failed_migration[0] + _MIGRATION_PAUSE_SECONDS:
                raise StoreUnavailable(self._failed_migration[1])
            try:
                migrate(self.database)
                if self._is_production:
                    production_guard.mark_as_production(self.database)
                else:
                    production_guard.refuse_production_store(self.database)
                self._identity.read_or_create_id(self._is_production)
            except StoreUnavailable as error:
                self._failed_migration = (time.monotonic(), error.kind)
                raise
            self._is_migrated = True

    def purge(
        self, keep_days: float, dry_run: bool = False, thorough: bool = False, needs_confirmation: bool = False
    ) -> PurgeResult:
        """Delete the emails, drafts and counters that are no longer needed, or only count them with `dry_run`.

        The other parameters are explained at `purge.purge`.
        """
        return purge(self, self.database, keep_days, dry_run, thorough, needs_confirmation)

    def backup(self, file: Path) -> int:
        """Write a backup to `file`, which must not exist yet; return the number of referrals.

        Test referrals are written but not counted. Raises BackupError if `file` exists or cannot be written.
        """
        self.migrate()
        return backup.backup(self.database, file)

    def restore(self, source: Path) -> int:
        """Add each referral that is in the backup `source` but not in the store; return the number of added referrals.

        Test referrals are added but not counted. Raises BackupError if the backup cannot be restored.
        """
        self.migrate()
        count = backup.restore(self.database, source)
        self._identity.write_id_file()
        return count
