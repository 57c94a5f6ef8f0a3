"""The form as a web application: the server, sessions, forms, templates and the checks on each request.

The pages themselves are in `views`. What a referral means belongs in `referral`; what is stored, in `store`.
"""
