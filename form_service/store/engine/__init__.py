"""How the store talks to SQLite and PostgreSQL: connections, transactions, time limits and migrations.

Nothing here knows of referrals or email; the tables are in `store.schema`.
"""
