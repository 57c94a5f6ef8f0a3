"""Write the service's emails and hand them to a mail server.

`store` keeps the emails, and `worker` decides when to send them.
"""
