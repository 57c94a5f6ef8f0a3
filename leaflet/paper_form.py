"""The referral form on paper, made from the questions of the web form.

Notes such as "If you ticked …" replace the branches of the web form.
"""

from collections.abc import Iterator, Mapping

from form_service.referral.questions import PAGES, Choice, Kind, Page, Question, Route, Words
from leaflet.markdown import Block
from service_profile import fill

SELF_REFERRAL_ROUTES = (Route.HARMED, Route.RESPONSIBLE)
REFERRER_ROUTES = (Route.FAMILY, Route.PROFESSIONAL)

# Notes for answers after which the web form would branch: by question and answer.
BRANCH_NOTES = {
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
# The note above questions that stay blank if no way of contact is safe.
CONTACT_QUESTIONS_NOTE = Words(
    "If you ticked any way of reaching you in question {{ number }}:",
    "If you ticked any way of reaching them in question {{ number }}:",
)
WRITING_LINES_BY_KIND = {Kind.TEXTAREA: 3}  # lines to write on; other kinds of text field have one


class PaperForm:
    """The paper form for some kinds of sender (`routes`), such as family and professionals."""

    def __init__(self, routes: tuple[Route, ...], facts: Mapping[str, str]) -> None:
        self.routes = routes
        self.questions_by_name = {
            question.name: question for page in PAGES for question in page.questions if question.asked_of & set(routes)
        }
        self.numbers_by_name = {
            name: number
            for number, name in enumerate(
                (question.name for question in self.questions_by_name.values() if question.when is None), 1
            )
        }
        skipped_numbers = [
            number for name, number in self.numbers_by_name.items() if self.questions_by_name[name].unless is not None
        ]
        self.facts = {
            **facts,
            "skipped": _format_ranges(skipped_numbers),
            "number": str(self.numbers_by_name.get("reach", "")),
        }

    def blocks(self) -> Iterator[Block]:
        """Yield the headings and groups of questions of this form, in the order of the web form."""
        for page in PAGES:
            questions = [question for question in page.questions if question.name in self.questions_by_name]
            if questions:
                yield from self._page_blocks(page, questions)

    def _page_blocks(self, page: Page, questions: list[Question]) -> Iterator[Block]:
        level = 2
        if page.heading and sum(question.when is None for question in questions) > 1:
            level = 3
            yield {"kind": "band", "text": self._reader_text(page.heading), "intro": self._reader_text(page.intro)}
        group: Block = {}
        for block in (self._question_block(variants, level) for variants in _group_variants(questions)):
            is_follow_up = not block["number"]
            if not block["only"] or (is_follow_up, block["only"]) != (group.get("follows"), group.get("only")):
                group = {"kind": "group", "only": block["only"], "follows": is_follow_up, "questions": [block]}
                yield group
            else:
                group["questions"].append(block)

    def _question_block(self, variants: list[Question], level: int) -> Block:
        question = variants[0]
        is_agreement = question.kind is Kind.AGREE
        return {
            "kind": "question",
            "name": question.name,
            "number": self.numbers_by_name.get(question.name, 0),
            "level": level,
            "label": question.team_label if is_agreement else self._reader_text(question.label),
            "optional": not (question.required_of & set(self.routes) or question.blank_means),
            "only": self._condition_note(variants),
            "hint": self._reader_text(question.hint),
            "how": f"{self._reader_text(question.error)}." if is_agreement else _tick_instruction(question),
            "choices": [self._choice_block(question, choice) for choice in self._printed_choices(question)],
            "rows": 0 if question.choices or is_agreement else WRITING_LINES_BY_KIND.get(question.kind, 1),
            "blank": self._blank_note(question),
        }

    def _printed_choices(self, question: Question) -> list[Choice]:
        """Return the choices to print. If the choices are kinds of sender (routes), only those of this form are kept.

        A question of kind AGREE has one choice, with the question's label.
        """
        if question.kind is Kind.AGREE:
            return [Choice("yes", question.label)]
        routes = {str(route) for route in Route}
        if question.choices and all(choice.value in routes for choice in question.choices):
            return [choice for choice in question.choices if choice.value in self.routes]
        return list(question.choices)

    def _choice_block(self, question: Question, choice: Choice) -> Block:
        note = BRANCH_NOTES.get((question.name, choice.value), choice.note)
        return {"label": self._reader_text(choice.label), "note": self._reader_text(note)}

    def _condition_note(self, variants: list[Question]) -> str:
        """Return the note that says who answers a question, such as "If you ticked …".

        Return "" if everyone does. `variants` comes from `_group_variants`.
        """
        question = variants[0]
        if question.when is not None:
            deciding_question = self.questions_by_name[question.when.question_name]
            values = [candidate.when.value for candidate in variants if candidate.when]
            return f"If you ticked {self._labels_text(deciding_question, values)}:"
        if question.unless is not None:
            return self._reader_text(CONTACT_QUESTIONS_NOTE)
        if not set(self.routes) <= question.asked_of:
            deciding_question = next(
                candidate
                for candidate in self.questions_by_name.values()
                if len(self._printed_choices(candidate)) < len(candidate.choices)
            )
            labels_text = self._labels_text(deciding_question, [str(route) for route in question.asked_of])
            return f"Only if you ticked {labels_text} in question 1:"
        return ""

    def _labels_text(self, question: Question, values: list[str]) -> str:
        labels = [
            f"“{self._reader_text(choice.label)}”"
            for choice in self._printed_choices(question)
            if choice.value in values
        ]
        return " or ".join(labels)

    def _blank_note(self, question: Question) -> str:
        if not question.blank_means or question.hint:  # the hint of such a question says so already
            return ""
        return f"If you leave this blank, we will take it as {self._labels_text(question, [question.blank_means])}."

    def _reader_text(self, words: Words | None) -> str:
        """Return the version of `words` for this form's reader, with its placeholders filled in. Return "" for None."""
        return fill(words.for_route(self.routes[0]), self.facts) if words else ""


def _format_ranges(numbers: list[int]) -> str:
    """Return ascending numbers as text, such as "6 to 8 and 14"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return " and ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _tick_instruction(question: Question) -> str:
    if question.kind is Kind.RADIOS:
        return "Tick one."
    return "Tick all that apply." if question.kind is Kind.CHECKBOXES else ""


def _group_variants(questions: list[Question]) -> list[list[Question]]:
    """Return the questions in groups.

    Neighbouring questions that ask the same thing after different answers are in one group.
    """
    groups: list[list[Question]] = []
    for question in questions:
        previous_question = groups[-1][0] if groups else None
        is_variant = (
            previous_question is not None
            and previous_question.when is not None
            and question.when is not None
            and (previous_question.when.question_name, previous_question.label, previous_question.kind)
            == (question.when.question_name, question.label, question.kind)
        )
        if is_variant:
            groups[-1].append(question)
        else:
            groups.append([question])
    return groups
