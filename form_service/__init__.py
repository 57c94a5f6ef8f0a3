"""The referral form, its outbox and the worker that delivers it."""
