"""The referral form on paper, made from the questions of the web form, with its branching put into words."""

from collections.abc import Iterator, Mapping

from form_service.referral.questions import PAGES, Choice, Kind, Page, Question, Route, Words
from leaflet.markdown import Block
from service_profile import fill

YOURSELF = (Route.HARMED, Route.RESPONSIBLE)
SOMEONE_ELSE = (Route.FAMILY, Route.PROFESSIONAL)

# Notes for answers after which the web form would branch: by question and answer.
NOTES = {
    ("agreed", "not_yet"): Words(
        "Please stop here and do not send this form. Talk to them first, and give them our leaflet if that is safe. "
        "You can contact us for advice without naming them."
    ),
    ("age", "under_18"): Words("You can still send this form."),
    ("reach", "none_safe"): Words(
        "We will not contact you. Get in touch with us when it is safe. Leave questions {{ skipped }} blank.",
        "We will not contact them. They can get in touch with us when it is safe. Leave questions {{ skipped }} blank.",
    ),
}
# Above the questions that a person for whom no way of contact is safe leaves blank.
IF_ANY_WAY = Words(
    "If you ticked any way of reaching you in question {{ number }}:",
    "If you ticked any way of reaching them in question {{ number }}:",
)
WRITING_ROOM = {Kind.TEXTAREA: 3}  # lines to write on; other kinds of text field have one


class PaperForm:
    """The form for some of the routes, worded for all of them."""

    def __init__(self, routes: tuple[Route, ...], facts: Mapping[str, str]) -> None:
        self.routes = routes
        self.questions_by_name = {q.name: q for page in PAGES for q in page.questions if q.asked_of & set(routes)}
        self.numbers = {
            name: n for n, name in enumerate((q.name for q in self.questions_by_name.values() if q.when is None), 1)
        }
        skipped = [number for name, number in self.numbers.items() if self.questions_by_name[name].unless is not None]
        self.facts = {**facts, "skipped": _ranges(skipped), "number": str(self.numbers.get("reach", ""))}

    def blocks(self) -> Iterator[Block]:
        """Yield every question of the routes, in the order of the web form."""
        for page in PAGES:
            questions = [question for question in page.questions if question.name in self.questions_by_name]
            if questions:
                yield from self._page(page, questions)

    def _page(self, page: Page, questions: list[Question]) -> Iterator[Block]:
        level = 2
        if page.heading and sum(question.when is None for question in questions) > 1:
            level = 3
            yield {"kind": "band", "text": self._say(page.heading), "intro": self._say(page.intro)}
        group: Block = {}
        for block in (self._question(same, level) for same in _merged(questions)):
            follows = not block["number"]
            if not block["only"] or (follows, block["only"]) != (group.get("follows"), group.get("only")):
                group = {"kind": "group", "only": block["only"], "follows": follows, "questions": [block]}
                yield group
            else:
                group["questions"].append(block)

    def _question(self, same: list[Question], level: int) -> Block:
        question = same[0]
        agree = question.kind is Kind.AGREE
        return {
            "kind": "question",
            "name": question.name,
            "number": self.numbers.get(question.name, 0),
            "level": level,
            "label": question.team_label if agree else self._say(question.label),
            "optional": not (question.required_of & set(self.routes) or question.blank_means),
            "only": self._only(same),
            "hint": self._say(question.hint),
            "how": f"{self._say(question.error)}." if agree else _how(question),
            "choices": [self._choice(question, choice) for choice in self._choices(question)],
            "rows": 0 if question.choices or agree else WRITING_ROOM.get(question.kind, 1),
            "blank": self._blank(question),
        }

    def _choices(self, question: Question) -> list[Choice]:
        """Return the choices; for the question that decides the route, only the routes of this form."""
        if question.kind is Kind.AGREE:
            return [Choice("yes", question.label)]
        routes = {str(route) for route in Route}
        if question.choices and all(choice.value in routes for choice in question.choices):
            return [choice for choice in question.choices if choice.value in self.routes]
        return list(question.choices)

    def _choice(self, question: Question, choice: Choice) -> Block:
        note = NOTES.get((question.name, choice.value), choice.note)
        return {"label": self._say(choice.label), "note": self._say(note)}

    def _only(self, same: list[Question]) -> str:
        """Return the note that says who answers the question, such as "Only if you ticked …"; "" when everyone does."""
        question = same[0]
        if question.when is not None:
            deciding = self.questions_by_name[question.when.question]
            chosen = [each.when.value for each in same if each.when]
            return f"If you ticked {self._labels(deciding, chosen)}:"
        if question.unless is not None:
            return self._say(IF_ANY_WAY)
        if not set(self.routes) <= question.asked_of:
            deciding = next(
                each for each in self.questions_by_name.values() if len(self._choices(each)) < len(each.choices)
            )
            who = self._labels(deciding, [str(route) for route in question.asked_of])
            return f"Only if you ticked {who} in question 1:"
        return ""

    def _labels(self, question: Question, values: list[str]) -> str:
        labels = [f"“{self._say(choice.label)}”" for choice in self._choices(question) if choice.value in values]
        return " or ".join(labels)

    def _blank(self, question: Question) -> str:
        if not question.blank_means or question.hint:  # the hint of such a question says so already
            return ""
        return f"If you leave this blank, we will take it as {self._labels(question, [question.blank_means])}."

    def _say(self, words: Words | None) -> str:
        """Return the text in the voice for this form's reader, with the service's facts filled in; "" for no text."""
        return fill(words.for_route(self.routes[0]), self.facts) if words else ""


def _ranges(numbers: list[int]) -> str:
    """Return numbers in order as people write them: "6 to 8 and 14"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return " and ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _how(question: Question) -> str:
    if question.kind is Kind.RADIOS:
        return "Tick one."
    return "Tick all that apply." if question.kind is Kind.CHECKBOXES else ""


def _merged(questions: list[Question]) -> list[list[Question]]:
    """Group questions that differ only in the answer they depend on ("yes", "not sure"): paper asks them once."""
    groups: list[list[Question]] = []
    for question in questions:
        previous = groups[-1][0] if groups else None
        alike = (
            previous is not None
            and previous.when is not None
            and question.when is not None
            and (previous.when.question, previous.label, previous.kind)
            == (question.when.question, question.label, question.kind)
        )
        if alike:
            groups[-1].append(question)
        else:
            groups.append([question])
    return groups
