"""The form as a web application: the server, sessions, templates, and the checks and limits on each request.

The pages are in `views`. The rules of a referral belong in `referral`, and all access to the database in `store`.
"""
