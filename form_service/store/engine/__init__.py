"""Connections, transactions, time limits and migrations on SQLite and PostgreSQL.

Whatever depends on which database it is, or on the disk below it, belongs here. Nothing here knows of referrals or
email: tables are in `store.schema`, queries in the modules of `store`.
"""
