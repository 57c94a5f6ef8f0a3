"""The mails: the referral to the team, the neutral copy to its sender, and the word that a referral was withdrawn."""

from form_service.mail.notices import compose_neutral, compose_withdrawn
from form_service.mail.team_referral import compose_team
from form_service.mail.trial import compose_test

__all__ = ["compose_neutral", "compose_team", "compose_test", "compose_withdrawn"]
