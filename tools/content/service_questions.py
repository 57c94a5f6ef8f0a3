"""The questions of `make new-service`, in order. Labels, hints and examples come from the schema by default."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from service_profile import fields
from service_profile.validation import SAMPLE_DAY

SERVICE_PREFIX = "extra.service."
# The statistic that the service collects itself; the block is empty if there is none.
FIGURE_SETTING = "statistics.happy"
FIGURE_WORDING = "{value} in {of} people who use our restorative justice service are happy with the outcome"
FIGURE_LIMITS = "This is our own figure, from people who used our restorative justice service and told us how it went."


@dataclass(frozen=True)
class Question:
    """A question about the service.

    `name` is the question's key in a file of answers. `is_service_specific` is false if a new service may keep the
    answer of the previous one. `setting` is the dotted path in `extra.service` of mkdocs.yml, if it differs from
    `name`. `custom_label` and `custom_hint` replace the setting's label and hint.
    """

    name: str
    is_service_specific: bool = True
    required: bool = True
    setting: str = ""
    custom_label: str = ""
    custom_hint: str = ""

    @property
    def setting_path(self) -> str:
        """Return the dotted path of the question's setting in mkdocs.yml."""
        return self.name if self.name == "site_url" else SERVICE_PREFIX + (self.setting or self.name)

    @property
    def label(self) -> str:
        """Return the wording of the question."""
        return self.custom_label or str(_field(self.setting_path)["label"])

    @property
    def explanation(self) -> str:
        """Return the hint that follows the question: the custom hint, or else the setting's hint and any example."""
        if self.custom_hint:
            return self.custom_hint
        field = _field(self.setting_path)
        example = field["example"] if isinstance(field["example"], str | int) else ""
        return f"{field['hint']} For example: {example}" if str(example) else str(field["hint"])

    @property
    def sample(self) -> str:
        """Return a sample answer that a production build refuses, or "" if the question has a custom label."""
        if self.custom_label:
            return ""
        widget, example = _field(self.setting_path)["widget"], str(_field(self.setting_path)["example"])
        if widget == "date":
            return SAMPLE_DAY
        return example if widget in ("phone", "email", "url") else f"{self.label}: still to be given (example.org)"

    @property
    def is_list(self) -> bool:
        """Return whether the answer is a list. With a custom label, it never is."""
        return _field(self.setting_path)["widget"] == "list" if not self.custom_label else False


@cache
def _all_fields() -> Mapping[str, Mapping[str, Any]]:
    return {field["name"]: field for field in fields.editor_fields()}


def _field(setting_path: str) -> Mapping[str, Any]:
    return _all_fields()[setting_path]


def optional_question(name: str) -> Question:
    """Return a question that may be left empty."""
    return Question(name, required=False)


ABOUT_QUESTIONS = tuple(
    optional_question(name.removeprefix(SERVICE_PREFIX))
    for name in _all_fields()
    if name.startswith(f"{SERVICE_PREFIX}about.")
)
QUESTIONS = (
    Question("name"),
    Question("short_name"),
    Question("area"),
    optional_question("police_area"),
    Question("other_areas", is_service_specific=False, required=False),
    Question("phone"),
    optional_question("second_phone.label"),
    optional_question("second_phone.number"),
    optional_question("text_number"),
    Question("email"),
    optional_question("secure_email"),
    optional_question("security_contact"),
    Question("opening_hours"),
    optional_question("response_promise"),
    optional_question("post_address"),
    optional_question("hand_in_address"),
    optional_question("offers"),
    optional_question("call.number_shown"),
    optional_question("call.says"),
    optional_question("call.tries"),
    Question("complaints_contact"),
    Question("site_url"),
    Question("exit_address", is_service_specific=False),
    Question("confidentiality", is_service_specific=False),
    Question(
        "happy_value",
        setting=f"{FIGURE_SETTING}.value",
        custom_label="How many people in ten are happy with the outcome",
        custom_hint="Your own figure, from your own survey: a number from 0 to 10. "
        "Write none if you have no such figure.",
    ),
    Question(
        "happy_year",
        required=False,
        setting=f"{FIGURE_SETTING}.year",
        custom_label="The reporting year of that figure",
        custom_hint="It can stay empty until the site goes live. For example: 2025 to 2026",
    ),
    Question("privacy.controller"),
    Question("privacy.contact"),
    Question("privacy.basis"),
    Question("privacy.retention"),
    Question("privacy.keep_days", is_service_specific=False),
    Question("privacy.complaints", is_service_specific=False),
    optional_question("privacy.transfers"),
    Question("review.date"),
    Question("accessibility.prepared"),
    optional_question("accessibility.tested"),
    optional_question("accessibility.known_problems"),
    Question(
        "helplines_checked",
        setting="helplines",
        custom_label="The day on which you checked every helpline at its source",
        custom_hint="Check each number on the page that mkdocs.yml gives as its source. For example: 2026-11-23",
    ),
    Question(
        "colour",
        is_service_specific=False,
        setting="look.light.accent",
        custom_label="Main colour",
        custom_hint="For buttons and headings. We check that it stands out enough. For example: #0f5156",
    ),
)
QUESTIONS_BY_NAME = {question.name: question for question in (*QUESTIONS, *ABOUT_QUESTIONS)}
