"""Drafts, referrals, their outbox, counters and facts, on SQLite or PostgreSQL.

All SQL of the service belongs here, and nothing that reads a request, composes an email or opens what is sealed.
`Store` opens transactions; a module each holds the queries of one subject.
"""

from form_service.store.claims import ClaimedDelivery
from form_service.store.drafts import SentDraft
from form_service.store.errors import UNSURE, DraftChanged, ReferenceTaken, StoreUnavailable
from form_service.store.outbox import DeliveryResult, FailureScope
from form_service.store.receipts import LedgerEntry
from form_service.store.referrals import Accepted, NewMail, NewReferral, Notice, Withdrawal
from form_service.store.store import Store

__all__ = [
    "UNSURE",
    "Accepted",
    "ClaimedDelivery",
    "DeliveryResult",
    "DraftChanged",
    "FailureScope",
    "LedgerEntry",
    "NewMail",
    "NewReferral",
    "Notice",
    "ReferenceTaken",
    "SentDraft",
    "Store",
    "StoreUnavailable",
    "Withdrawal",
]
