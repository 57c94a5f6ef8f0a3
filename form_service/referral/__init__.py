"""The rules of a referral: its questions, the journey through them, its reference and its languages.

Nothing in this package depends on Flask, a database, encryption or email.
"""
