"""The mails: the referral to the team, the neutral copy to its sender, and the word that a referral was withdrawn."""

from form_service.letter.others import compose_neutral, compose_withdrawn
from form_service.letter.team import compose_team

__all__ = ["compose_neutral", "compose_team", "compose_withdrawn"]
