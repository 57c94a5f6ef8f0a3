"""Which pages a person meets and which comes next; no current step is stored, it follows from the answers."""

from collections.abc import Collection

from form_service.referral.journey.answers import Answers, first, problems_on, questions_for, route_of
from form_service.referral.questions import PAGES, Page

CHECK = "check"
# Where somebody is taken who has not asked the person yet: the only answer that ends without sending.
PAUSE = "not-yet"


def steps(answers: Answers) -> tuple[Page, ...]:
    """The pages of this route in their order, the check page last; before question 1 only its page."""
    if route_of(answers) is None:
        return PAGES[:1]
    return tuple(page for page in PAGES if questions_for(page, answers))


def is_complete(page: Page, answers: Answers, posted: Collection[str]) -> bool:
    """A page is done when it was sent with Continue and nothing on it is wrong."""
    return page.slug in posted and not problems_on(page, answers)


def next_slug(answers: Answers, posted: Collection[str]) -> str:
    """The first page that still needs an answer, PAUSE when the person has not agreed yet, else the check page."""
    for page in steps(answers):
        if page.slug == CHECK:
            break
        if not is_complete(page, answers, posted):
            return page.slug
        if page.slug == "consent" and first(answers, "agreed") == "not_yet":
            return PAUSE
    return CHECK if route_of(answers) else PAGES[0].slug


def previous_slug(slug: str, answers: Answers) -> str | None:
    """The page that the Back link leads to; None is the page before the form."""
    slugs = [page.slug for page in steps(answers)]
    if slug not in slugs:
        return None
    at = slugs.index(slug)
    return slugs[at - 1] if at else None
