"""The emails: what they say, how they are rendered, and how they are handed to a mail server.

Words that the team or a person reads by email belong here. What is stored of an email, and when it is sent, belongs in
`store` and `worker`.
"""

from form_service.mail.message import to_bytes
from form_service.mail.notices import compose_neutral, compose_new_ways, compose_stopped, compose_withdrawn
from form_service.mail.team_referral import TeamReferral, compose_team
from form_service.mail.trial import compose_test

__all__ = [
    "TeamReferral",
    "compose_neutral",
    "compose_new_ways",
    "compose_stopped",
    "compose_team",
    "compose_test",
    "compose_withdrawn",
    "to_bytes",
]
