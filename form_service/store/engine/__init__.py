"""Connections, transactions, time limits and migrations on SQLite and PostgreSQL.

Code that depends on the kind of database belongs in this package.
"""
