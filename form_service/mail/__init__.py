"""The emails: what they say, how they are rendered, and how they are handed to a mail server.

The text of every email belongs here. How emails are stored, and when they are sent, belongs in `store` and `worker`.
"""
