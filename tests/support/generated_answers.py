"""Hypothesis strategies for a page of the form, filled in with anything that a person may type or tick."""

from hypothesis import strategies as st

from form_service.referral.questions import Kind, Page, Question

Answers = dict[str, list[str]]
LINE = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp", "Co"]), max_size=30)
LINES = st.lists(LINE, min_size=1, max_size=3).map("\n".join)
INVALID_TEXT = st.sampled_from(["", " ", "\u200b", "x" * 600, "\x07", "no address"])
VALID_EMAIL = st.sampled_from(["sam@example.org", "ö@ü.example", "a.b+c@d.example"])


def answers_to(question: Question) -> st.SearchStrategy[list[str]]:
    """Return a Hypothesis strategy for the answers to one question: none, valid or invalid."""
    values = [str(choice.value) for choice in question.choices]
    if question.kind is Kind.RADIOS:
        return st.sampled_from([[], *([value] for value in values)] if question.when else [[value] for value in values])
    if question.kind is Kind.CHECKBOXES:
        return st.lists(st.sampled_from(values), unique=True).map(
            lambda chosen_values: [value for value in values if value in chosen_values]
        )
    if question.kind is Kind.AGREE:
        return st.sampled_from([[], ["yes"]])
    valid_text = VALID_EMAIL if question.kind is Kind.EMAIL else LINES if question.kind is Kind.TEXTAREA else LINE
    return st.one_of(valid_text, valid_text, valid_text, INVALID_TEXT).map(lambda text: [text])


def answers_to_page(page: Page) -> st.SearchStrategy[Answers]:
    """Return a Hypothesis strategy for a page's answers, as a dict from each question's name to the answers."""
    return st.fixed_dictionaries({question.name: answers_to(question) for question in page.questions})
