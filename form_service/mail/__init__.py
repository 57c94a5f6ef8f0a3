"""The emails: what they say, how they are rendered, and how they are handed to a mail server.

Words that the team or a person reads by email belong here. What is stored of an email, and when it is sent, belongs in
`store` and `worker`.
"""
