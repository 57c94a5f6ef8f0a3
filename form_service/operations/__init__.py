"""What keeps the service running: readiness, metrics, alerts, reminders, the operator's check and backups.

These modules observe the store, the mail server and the certificates. They never decrypt a referral.
"""
