"""The order of the form's pages, worked out from the answers."""

from collections.abc import Collection

from form_service.referral.journey.answers import Answers, first_value, questions_for, route_of
from form_service.referral.journey.form import question_form
from form_service.referral.questions import PAGES, Page

CHECK_SLUG = "check"
# The page for a referrer until the person referred has agreed. No other answer stops a journey before sending.
PAUSE_SLUG = "not-yet"


def steps(answers: Answers) -> tuple[Page, ...]:
    """Return the pages that the form shows for these answers, in order.

    Before question 1 is answered, only its page is returned.
    """
    if route_of(answers) is None:
        return PAGES[:1]
    return tuple(page for page in PAGES if questions_for(page, answers))


def has_valid_answers(page: Page, answers: Answers) -> bool:
    """Return whether all answers to the page's questions are valid."""
    return question_form(page.questions, answers).validate()


def next_slug(answers: Answers, posted_slugs: Collection[str]) -> str:
    """Return the slug of the first page that still needs an answer, or CHECK_SLUG if no page does.

    If the person referred has not agreed yet, return PAUSE_SLUG instead of any page after that question.
    """
    for page in steps(answers):
        if page.slug == CHECK_SLUG:
            break
        if page.slug not in posted_slugs or not has_valid_answers(page, answers):
            return page.slug
        if page.slug == "consent" and first_value(answers, "agreed") == "not_yet":
            return PAUSE_SLUG
    return CHECK_SLUG if route_of(answers) else PAGES[0].slug


def previous_slug(slug: str, answers: Answers) -> str | None:
    """Return the slug of the page before `slug`, or None if there is none."""
    slugs = [page.slug for page in steps(answers)]
    if slug not in slugs:
        return None
    index = slugs.index(slug)
    return slugs[index - 1] if index else None
