"""The operator's settings, read once from the environment's `FORM_…` variables.

What the public sees, such as the service's phone number, comes from `service_profile` instead.
"""
