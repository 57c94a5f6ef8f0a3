"""What keeps the service running: readiness, metrics, alerts, reminders, the operator's check and backups.

These modules never decrypt a referral.
"""
