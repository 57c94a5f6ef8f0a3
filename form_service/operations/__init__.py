"""What keeps the service running: readiness, metrics, alerts, the operator's check and backups.

These modules observe the store, the mail server and the certificates. They never read a referral.
"""
