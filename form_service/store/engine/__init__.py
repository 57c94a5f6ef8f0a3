"""Connections, transactions, time limits and migrations on SQLite and PostgreSQL.

Code that depends on the kind of database, or on its disk, belongs in this package. The tables of referrals and emails
are in `store.schema`, the queries in the modules of `store`.
"""
