"""After random actions on the form, each referral arrives once, with exactly the answers that apply."""

import tempfile
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from form_service import create_app
from form_service.config.settings import Settings
from form_service.crypto import draft_keys
from form_service.referral.journey.draft import Draft
from form_service.referral.journey.text import make_copyable
from form_service.referral.questions import PAGES, QUESTIONS, QUESTIONS_BY_NAME, Question, Route
from form_service.referral.questions.model import REFERRERS
from form_service.web import rate_limits
from tests.support.form_client import SAME_ORIGIN_HEADERS, FormClient, claim_emails
from tests.support.generated_answers import Answers, answers_to_page
from tests.support.team_email import answers_in

pytestmark = pytest.mark.long

# A step is one page sent or opened. `make soak` takes 200,000 steps.
TEST_STEPS, SOAK_ROUND_STEPS = 2_000, 20_000

FILLED_IN_PAGES = st.sampled_from(PAGES[:-1]).flatmap(lambda page: st.tuples(st.just(page.slug), answers_to_page(page)))
# Valid answers, with which a walk gets past every page.
VALID_ANSWERS = {question.name: ["Something sensible"] for question in QUESTIONS if not question.choices} | {
    "email_address": ["sam@example.org"],
    "secure_email": [],
    "reach": ["phone"],
    "agreed": ["yes"],
    "agreement": [],
}

AGREEMENTS = ("agreement", "agreement_to_wait")  # the second is shown if no way of contact is safe
# Pages and questions whose answers are about one person only.
PERSONAL_PAGES = [page for page in PAGES if page.slug in ("consent", "them", "about", "reach", "times", "support")]
PERSONAL_QUESTIONS = {question.name for page in PERSONAL_PAGES for question in page.questions}


def is_about_another(answers: Answers) -> bool:
    """Return whether the answers are about a person other than the writer."""
    return bool(set(answers.get("who", ())) & REFERRERS)


def is_on_route(question: Question, answers: Answers) -> bool:
    """Return whether the person's route has the question (each has `who`) and no other answer rules it out."""
    who, exclusion = answers.get("who", []), question.unless
    if exclusion and exclusion.value in answers.get(exclusion.question_name, []):
        return False
    return question.name == "who" or bool(who and Route(who[0]) in question.asked_of)


def applies(question: Question, answers: Answers) -> bool:
    """Return whether the form asks this question of a person with these answers."""
    if (condition := question.when) is None:
        return is_on_route(question, answers)
    name = condition.question_name
    is_chosen = condition.value in answers.get(name, []) and applies(QUESTIONS_BY_NAME[name], answers)
    return is_on_route(question, answers) and is_chosen


def agreement_name(answers: Answers) -> str:
    """Return the name of the agreement on the check page, or the first name if neither applies."""
    return next((name for name in AGREEMENTS if applies(QUESTIONS_BY_NAME[name], answers)), AGREEMENTS[0])


def is_invisible(text: str) -> bool:
    """Return whether the text is empty or has only spaces, control characters and invisible characters."""
    return all(unicodedata.category(character)[0] in "ZC" for character in text)


def expected_answers(answers: Answers) -> Answers:
    """Return the answers that the team should receive, by question name."""
    expected = {}
    for question in QUESTIONS:
        if applies(question, answers):
            values = [text for text in answers.get(question.name, []) if not is_invisible(text)]
            expected[question.name] = values or ([question.blank_means] if question.blank_means else [])
    return expected


class RandomWalk(RuleBasedStateMachine):
    """Random actions of one person in one browser."""

    app: ClassVar[Flask]
    counts: ClassVar[Counter[str]] = Counter()

    @initialize()
    def begin(self) -> None:
        self.form_client = FormClient(self.app)
        self.client = self.form_client.flask_client
        self.client.post("/referral/", headers=SAME_ORIGIN_HEADERS)
        self.answers: Answers = {}
        self.sent_answers: Answers | None = None
        self.reference = ""
        self.posted_pages: list[tuple[str, dict[str, Any]]] = []
        self.draft()

    def draft(self) -> Draft | None:
        """Return the stored draft, decrypted with the browser's cookie. Return None without a cookie or a draft."""
        cookie = self.client.get_cookie("draft", path="/referral/")
        context = self.app.extensions["form_service"]
        if cookie is None:
            return None
        sealed_draft = context.store.drafts.read(draft_keys.draft_id(cookie.value))
        return Draft.from_bytes(draft_keys.open_draft(cookie.value, sealed_draft)) if sealed_draft else None

    @property
    def token(self) -> str:
        cookie = self.client.get_cookie("draft", path="/referral/")
        return str(self.app.extensions["form_service"].sealer.form_token(cookie.value if cookie else "x"))

    def post(self, slug: str, fields: dict[str, Any]) -> str:
        fields = fields | {"token": self.token}
        response = self.client.post(f"/referral/{slug}", data=fields, headers=SAME_ORIGIN_HEADERS)
        assert response.status_code == 303, (slug, response.status_code)
        self.counts["steps"] += 1
        self.counts[f"{slug} -> {response.location}"] += 1
        return str(response.location)

    def open_page(self, path: str) -> str:
        response = self.client.get(path.partition("#")[0], headers={"Accept": "text/html"})
        assert response.status_code in (200, 303), (path, response.status_code)
        self.counts["steps"] += 1
        if response.status_code == 303:
            return self.open_page(str(response.location))
        return str(response.get_data(as_text=True))

    def record_answers(self, slug: str, fields: Answers) -> None:
        """Record in `self.answers` what these fields should change in the draft, if there is an unsent draft."""
        if self.draft() is None or self.sent_answers is not None:
            return
        page = next(page for page in PAGES if page.slug == slug)
        asked_questions = [question for question in page.questions if is_on_route(question, self.answers)]
        was_about_another = is_about_another(self.answers)
        for question in page.questions:
            if fields.get(question.name) or question in asked_questions:
                values = [value.replace("\r\n", "\n") for value in fields.get(question.name, [])]
                if question.is_made_copyable:
                    values = [make_copyable(value, question.kind) for value in values]
                self.answers[question.name] = [value for value in values if value]
        if is_about_another(self.answers) != was_about_another:
            self.answers = {name: values for name, values in self.answers.items() if name not in PERSONAL_QUESTIONS}

    @rule(filled_page=FILLED_IN_PAGES)
    def send_any_page(self, filled_page: tuple[str, Answers]) -> None:
        slug, fields = filled_page
        posted_fields = {name: values for name, values in fields.items() if values}
        self.record_answers(slug, posted_fields)
        self.posted_pages.append((slug, posted_fields))
        self.open_page(self.post(slug, posted_fields))

    @rule(data=st.data(), page_count=st.integers(1, 4))
    def send_next_pages(self, data: st.DataObject, page_count: int) -> None:
        self.send_valid_pages(data, page_count)

    def send_valid_pages(self, data: st.DataObject, page_count: int) -> None:
        """Send valid answers to up to `page_count` pages. Stop at the check page, or if there is no unsent draft."""
        for _ in range(page_count):
            draft = self.draft()
            if draft is None or draft.sent:
                return
            current_slug = self.client.get("/referral/begin").location.rpartition("/")[2]
            if current_slug == "check":
                return
            slug = "consent" if current_slug == "not-yet" else current_slug
            page = next(page for page in PAGES if page.slug == slug)
            fields = data.draw(answers_to_page(page))
            fields = {name: VALID_ANSWERS.get(name, values) for name, values in fields.items()}
            posted_fields = {name: values for name, values in fields.items() if values}
            self.record_answers(slug, posted_fields)
            self.post(slug, posted_fields)
            self.counts["sensible"] += 1

    @rule(data=st.data(), route=st.sampled_from(Route))
    def send_whole_form(self, data: st.DataObject, route: Route) -> None:
        if not self.answers.get("who"):
            self.record_answers("who", {"who": [route]})
            self.post("who", {"who": [route]})
        self.send_valid_pages(data, 12)
        self.send(agrees=True, is_stale=False)

    @rule(data=st.data())
    def send_an_old_page_again(self, data: st.DataObject) -> None:
        if self.posted_pages:
            slug, posted_fields = data.draw(st.sampled_from(self.posted_pages))
            self.record_answers(slug, posted_fields)
            self.open_page(self.post(slug, posted_fields))

    @rule(slug=st.sampled_from([*(page.slug for page in PAGES), "done", "not-yet", "", "begin"]))
    def open_any_page(self, slug: str) -> None:
        self.open_page(f"/referral/{slug}")

    @rule(slug=st.sampled_from([page.slug for page in PAGES]))
    def go_back_and_refresh(self, slug: str) -> None:
        draft = self.draft()
        assert self.open_page(f"/referral/{slug}")
        assert self.open_page(f"/referral/{slug}")
        assert self.draft() == draft

    @rule(agrees=st.booleans(), is_stale=st.booleans())
    def send(self, agrees: bool, is_stale: bool) -> None:
        self.form_client.response = self.client.get("/referral/check", headers={"Accept": "text/html"})
        is_check_page = self.form_client.response.status_code == 200
        shown_digest = "0" * 64 if is_stale else self.form_client.hidden_value("shown")
        fields = {"shown": shown_digest, "opened": self.form_client.hidden_value("opened")} | (
            {agreement_name(self.answers): "yes"} if agrees else {}
        )
        has_draft = self.draft() is not None
        location = self.post("check", fields)
        page = self.open_page(location)
        if not has_draft:
            assert location == "/referral/"
        elif self.sent_answers is not None:
            assert location == "/referral/done"
            assert self.reference in page
        elif is_check_page and agrees and not is_stale:
            assert location == "/referral/done", location
            self.sent_answers = {name: list(values) for name, values in self.answers.items()}
            self.sent_answers[agreement_name(self.answers)] = ["yes"]
            self.receive_and_check_email()
        else:
            assert location != "/referral/done"
            assert claim_emails(self.app) == []
            if agrees and not is_stale:
                self.answers[agreement_name(self.answers)] = ["yes"]

    def receive_and_check_email(self) -> None:
        """Check the answers in the referral's only email, and store the reference from its subject."""
        (mail,) = claim_emails(self.app, mark_delivered=True)
        self.reference = str(mail["Subject"]).removeprefix("Referral ")
        assert self.reference in self.open_page("/referral/done")
        assert self.sent_answers is not None
        assert answers_in(mail) == expected_answers(self.sent_answers)
        self.counts["arrived"] += 1
        self.counts[f"arrived from {self.sent_answers['who'][0]}"] += 1

    @rule(is_sure=st.sampled_from([False, True]))
    def leave(self, is_sure: bool) -> None:
        if not is_sure:
            return
        self.client.get("/referral/exit")
        assert self.draft() is None
        self.client.post("/referral/", headers=SAME_ORIGIN_HEADERS)
        self.answers, self.sent_answers, self.reference = {}, None, ""

    @invariant()
    def typed_answers_are_kept(self) -> None:
        draft = self.draft()
        assert draft is not None
        kept_answers = {name: values for name, values in draft.answers.items() if values and name not in AGREEMENTS}
        answers = {name: [text for text in values if not is_invisible(text)] for name, values in self.answers.items()}
        assert kept_answers == {name: values for name, values in answers.items() if values and name not in AGREEMENTS}

    def teardown(self) -> None:
        assert claim_emails(self.app) == [], "an email was sent although nobody pressed Send"


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[RandomWalk]]:
    """Yield the class `RandomWalk`, whose `app` is a new form service without rate limits."""
    monkeypatch.setattr(rate_limits, "_count_exceeds", lambda *_: False)  # because all walks share one IP address
    with tempfile.TemporaryDirectory() as folder:
        RandomWalk.app = create_app(Settings.from_environment({}, instance=Path(folder)))
        RandomWalk.counts = Counter()
        yield RandomWalk
        RandomWalk.app.extensions["form_service"].store.close()


def run_walks(walk: type[RandomWalk], step_count: int) -> None:
    """Run walks until they have opened or sent `step_count` pages; check that they sent a referral on each route."""
    while walk.counts["steps"] < step_count:
        options = {"database": None, "phases": [Phase.generate], "suppress_health_check": list(HealthCheck)}
        walk_settings = settings(max_examples=15, stateful_step_count=60, deadline=None, **options)
        run_state_machine_as_test(walk, settings=walk_settings)  # type: ignore[no-untyped-call]
    for route in Route:
        assert walk.counts[f"arrived from {route}"], f"no walk sent a referral on the route {route}: {walk.counts}"


def test_each_referral_of_a_random_walk_arrives_once_with_exactly_the_answers_that_apply(
    walk: type[RandomWalk],
) -> None:
    run_walks(walk, TEST_STEPS)


@pytest.mark.soak
@pytest.mark.parametrize("round_number", range(10))
def test_200000_random_steps_send_exactly_the_answers_that_apply(walk: type[RandomWalk], round_number: int) -> None:
    walk.counts.clear()
    run_walks(walk, SOAK_ROUND_STEPS)
    print(f"Round {round_number + 1} of 10: {walk.counts['steps']} random steps")
