"""The operator's settings, read once from the environment's `FORM_…` variables.

What the public sees of the service (name, phone number, helplines) does not belong here: it comes from
`service_profile`.
"""
