"""Connections, transactions, time limits and migrations on SQLite and PostgreSQL.

Code that depends on the kind of database, or on the disk below it, belongs here. Nothing here knows of referrals or
email: tables are in `store.schema`, queries in the modules of `store`.
"""
