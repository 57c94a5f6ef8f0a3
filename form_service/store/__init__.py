"""Drafts, referrals, their outbox, counters and facts, on SQLite or PostgreSQL.

All SQL of the service belongs here, and nothing that reads a request, composes an email or decrypts. `Store` opens
transactions; each module holds the queries of one subject.
"""

from form_service.store.errors import StoreUnavailable
from form_service.store.store import Store

__all__ = ["Store", "StoreUnavailable"]
