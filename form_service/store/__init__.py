"""The store: drafts, referrals and their outbox, on SQLite or PostgreSQL. The only SQL of the service is here."""

from form_service.store.drafts import SentDraft
from form_service.store.errors import UNSURE, DraftChanged, ReferenceTaken, StoreUnavailable
from form_service.store.outbox import Claim, Outcome
from form_service.store.referrals import Accepted, NewMail, NewReferral, Withdrawal
from form_service.store.store import Store

__all__ = [
    "UNSURE",
    "Accepted",
    "Claim",
    "DraftChanged",
    "NewMail",
    "NewReferral",
    "Outcome",
    "ReferenceTaken",
    "SentDraft",
    "Store",
    "StoreUnavailable",
    "Withdrawal",
]
