"""No answer about one person is sent as an answer about another."""

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from form_service.referral.journey.answers import answers_to_send
from form_service.referral.journey.draft import Draft, merge
from form_service.referral.journey.steps import CHECK_SLUG, next_slug, steps
from form_service.referral.questions import PAGES, PAGES_BY_SLUG, Page, Route
from form_service.referral.questions.model import REFERRERS
from tests.support.form_client import ANSWERS_BY_ROUTE, FormClient, claim_emails
from tests.support.generated_answers import answers_to_page
from tests.support.team_email import body_of

pytestmark = pytest.mark.long


Answers = dict[str, list[str]]
# Pages whose answers are about one person only. Answers about what happened (`background`) may apply to both people.
PAGES_ABOUT_ONE_PERSON = {"consent", "them", "about", "reach", "times", "support"}
PAGES_ASKED_AGAIN = PAGES_ABOUT_ONE_PERSON | {"background"}
TYPED_TEXTS_BY_ROUTE = {
    "harmed": ("Sam", "07700 900111", "sam@example.org", "Never ring after 5pm."),
    "responsible": ("Kim", "1 High Street", "Polski"),
    "family": ("Ali", "07700 900222"),
    "professional": ("Lee", "Aunt May", "01632 960333"),
}
ROUTE_CHANGES = [
    (old_route, new_route)
    for old_route in Route
    for new_route in Route
    if (old_route in REFERRERS) != (new_route in REFERRERS)
]


@pytest.mark.parametrize(("old_route", "new_route"), ROUTE_CHANGES)
def test_after_a_change_of_person_every_question_about_them_is_asked_again(
    form_client: FormClient, app: Flask, old_route: Route, new_route: Route
) -> None:
    form_client.fill_in(old_route)
    form_client.answer("who", {"who": new_route})
    for slug, fields in ANSWERS_BY_ROUTE[new_route][1:]:
        if slug in PAGES_ASKED_AGAIN:
            assert form_client.path == f"/referral/{slug}"
            assert slug == "background" or " checked>" not in form_client.text
        for typed_text in TYPED_TEXTS_BY_ROUTE[old_route]:
            assert typed_text not in form_client.text
        if form_client.path == f"/referral/{slug}":
            form_client.answer(slug, fields)
    assert form_client.path == "/referral/check"
    assert not [typed_text for typed_text in TYPED_TEXTS_BY_ROUTE[old_route] if typed_text in form_client.text]
    form_client.send()
    assert form_client.path == "/referral/done"
    body = body_of(claim_emails(app)[0])
    assert not [typed_text for typed_text in TYPED_TEXTS_BY_ROUTE[old_route] if typed_text in body]
    assert all(typed_text in body for typed_text in TYPED_TEXTS_BY_ROUTE[new_route])


@pytest.mark.parametrize(("old_route", "new_route"), [("harmed", "responsible"), ("family", "professional")])
def test_a_change_of_route_for_the_same_person_keeps_their_answers(
    form_client: FormClient, old_route: str, new_route: str
) -> None:
    form_client.fill_in(old_route)
    form_client.answer("who", {"who": new_route})
    assert form_client.path == f"/referral/{'view' if new_route == 'responsible' else 'background'}"
    form_client.get("/referral/about")
    assert f'value="{TYPED_TEXTS_BY_ROUTE[old_route][0]}"' in form_client.text


def test_errors_of_the_previous_person_are_not_shown_to_the_next(form_client: FormClient) -> None:
    form_client.fill_in("family")
    form_client.answer("about", {"name": "", "age": "adult"})
    assert "Enter the name they would like us to use" in form_client.text
    form_client.answer("who", {"who": "harmed"})
    assert form_client.path == "/referral/about"
    assert "There is a problem" not in form_client.text


def test_consent_is_asked_for_again_after_the_person_is_changed_and_changed_back(form_client: FormClient) -> None:
    form_client.fill_in("professional")
    form_client.answer("who", {"who": "harmed"})
    form_client.answer("who", {"who": "professional"})
    assert form_client.path == "/referral/consent"
    assert " checked>" not in form_client.text


def page_with_answers() -> st.SearchStrategy[tuple[Page, Answers]]:
    """Return a Hypothesis strategy that picks a page and answers to it."""
    # The first page is likelier, because it says whom the form is about. The last page has no such answers.
    pages = st.sampled_from([*PAGES[:1] * 3, *PAGES[:-1]])
    return pages.flatmap(lambda page: st.tuples(st.just(page), answers_to_page(page)))


@settings(deadline=None)
@given(st.lists(page_with_answers(), min_size=5, max_size=40))
def test_no_answer_about_one_person_is_sent_as_an_answer_about_another(
    posted_pages: list[tuple[Page, Answers]],
) -> None:
    draft, answers_about_person, was_about_another = Draft(), dict[str, Answers](), False
    for page, fields in posted_pages:
        merge(draft, page, fields)
        answers_about_person[page.slug] = fields
        is_about_another = bool(set(draft.answers.get("who", ())) & REFERRERS)
        if is_about_another != was_about_another:
            answers_about_person = {
                slug: fields for slug, fields in answers_about_person.items() if slug not in PAGES_ASKED_AGAIN
            }
        was_about_another = is_about_another
        sendable_answers = answers_to_send(draft.answers)
        for slug in PAGES_ABOUT_ONE_PERSON - answers_about_person.keys():
            blank_answers = {
                question.name: [question.blank_means] if question.blank_means else []
                for question in PAGES_BY_SLUG[slug].questions
            }
            assert all(
                sendable_answers[name] == blank_answers[name] for name in blank_answers.keys() & sendable_answers.keys()
            )
        if next_slug(draft.answers, draft.posted) == CHECK_SLUG:
            assert {step.slug for step in steps(draft.answers)} - {CHECK_SLUG} <= answers_about_person.keys()


def test_a_page_left_open_while_the_form_changes_to_another_person_is_shown_again(form_client: FormClient) -> None:
    form_client.fill_in("family", until="about")
    stale_fields = {"token": form_client.hidden_value("token"), "voice": form_client.hidden_value("voice")}
    form_client.answer("who", {"who": "harmed"})
    form_client.post("/referral/about", stale_fields | {"name": "Ali", "age": "adult"})
    assert form_client.path == "/referral/about"
    assert "What should we call you?" in form_client.text
    assert 'value="Ali"' in form_client.text
    form_client.get("/referral/check")
    assert form_client.path == "/referral/about"
    form_client.post(
        "/referral/about",
        {
            "token": form_client.hidden_value("token"),
            "voice": form_client.hidden_value("voice"),
            "name": "Sam",
            "age": "adult",
        },
    )
    assert form_client.path == "/referral/reach"
