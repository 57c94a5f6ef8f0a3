"""Set the project up for another service: ask for its details and write them to mkdocs.yml.

    make new-service
    python -m tools.content.new_service --answers answers.yml    # the same answers from a file, without questions

Run it again to change answers: each question then shows the current answer. The keys in a file of answers are the names
of the questions in `service_questions`, or the dotted names of other settings, such as `look.light.paper`.
"""

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from service_profile import ProfileError, Service, fields, load
from service_profile.profile import MKDOCS_YML
from service_profile.reader import UnreadableConfig
from service_profile.reader import read as read_yaml
from service_profile.validation import SAMPLE_DAY
from tools.content import text_files
from tools.content.main_colour import colour_problem, scheme_colours
from tools.content.service_questions import (
    ABOUT_QUESTIONS,
    FIGURE_LIMITS,
    FIGURE_SETTING,
    FIGURE_WORDING,
    QUESTIONS,
    QUESTIONS_BY_NAME,
    SERVICE_PREFIX,
    Question,
)
from tools.content.yaml_edit import NoSuchMapping, Value, set_values

Answers = Mapping[str, Any]
NO_FIGURE_ANSWERS = ("none", "-", "")


def answer_problem(question: Question, answer: Any, light_scheme: Mapping[str, str]) -> str | None:
    """Return what is wrong with an answer, or None if it is right.

    The main colour is checked against the colours in `light_scheme`.
    """
    if question.required and answer in ("", None):
        return "Please give an answer."
    if question.name == "colour":
        return colour_problem(str(answer), light_scheme)
    if question.name == "happy_value":
        return (
            None
            if str(answer) in (*NO_FIGURE_ANSWERS, *map(str, range(11)))
            else "Write a number from 0 to 10, or none."
        )
    if question.name == "helplines_checked":
        return fields.problem(f"{SERVICE_PREFIX}review.date", answer)
    if question.name == "happy_year":
        return fields.problem(f"{SERVICE_PREFIX}{FIGURE_SETTING}.year", answer)
    return fields.problem(question.setting_path, answer)


def setting_changes(answers: Answers, service: Service) -> dict[str, Value]:
    """Return the new value of each setting that the answers change, by dotted name.

    For a new service, unanswered settings are emptied, or get a sample if they are required. Raises ProfileError for a
    wrong answer.
    """
    answers = {name: _parse_answer(name, answer) for name, answer in answers.items()}
    problems = [
        f"{name}: {text}"
        for name, answer in answers.items()
        if name in QUESTIONS_BY_NAME
        and (text := answer_problem(QUESTIONS_BY_NAME[name], answer, service["look"]["light"]))
    ]
    is_new_service = "name" in answers and answers["name"] != service["name"]
    if is_new_service:
        samples = {
            question.name: _sample_answer(question)
            for question in QUESTIONS
            if question.is_service_specific and question.required
        }
        answers = samples | {"privacy.controller": answers["name"]} | answers
    if problems:
        raise ProfileError("\n".join(problems))
    settings = {name: answer for name, answer in answers.items() if not name.startswith(("happy_", "helplines_"))}
    if is_new_service:
        settings = _empty_values() | settings
    settings |= _figure_changes(answers, service, is_new_service)
    if "helplines_checked" in answers:
        settings |= {f"helplines.{name}.checked": answers["helplines_checked"] for name in service["helplines"]}
    if "colour" in answers:
        settings = scheme_colours(str(settings.pop("colour")), service["look"]) | settings
    return _changes_by_full_path(settings, answers)


def _parse_answer(name: str, answer: Any) -> Value:
    if isinstance(answer, str):
        answer = answer.strip()
    if name == "privacy.keep_days" and str(answer).isdigit():
        return int(answer)
    if name in QUESTIONS_BY_NAME and QUESTIONS_BY_NAME[name].is_list and isinstance(answer, str):
        return [line.strip() for line in answer.split(";") if line.strip()]
    return answer if isinstance(answer, int | list | dict) else str(answer)


def _sample_answer(question: Question) -> Value:
    """Return the sample answer to a question. The sample for the service's own figure is the word "none"."""
    samples = {"happy_value": "none", "helplines_checked": SAMPLE_DAY}
    return samples.get(question.name, question.sample)


def _empty_values() -> dict[str, Value]:
    """Return an empty value for each optional setting that describes the previous service."""
    values: dict[str, Value] = {"privacy.processors": [], "accessibility.easy_read_tested": False}
    values |= {"logo.picture": "", "logo.alt": "", "social_links": [], "funders": []}
    for question in (*QUESTIONS, *ABOUT_QUESTIONS):
        if question.is_service_specific and not question.required and not question.name.startswith("happy_"):
            values[question.name] = [] if question.is_list else ""
    return values


def _figure_changes(answers: Answers, service: Service, is_new_service: bool) -> dict[str, Value]:
    """Return the new values for the service's own figure, by setting name, or {} if no answer is about it."""
    if not {"happy_value", "happy_year"} & set(answers):
        return {}
    current_figure = service["statistics"].get("happy")
    if str(answers.get("happy_value", "kept")) in NO_FIGURE_ANSWERS or not (current_figure or "happy_value" in answers):
        return {FIGURE_SETTING: {}}
    block = {
        "wording": FIGURE_WORDING,
        "limits": FIGURE_LIMITS,
        "source": answers.get("name", service["name"]),
        "of": 10,
        "year": "",
    }
    block |= {} if is_new_service or not current_figure else current_figure
    block |= {"value": int(answers["happy_value"])} if "happy_value" in answers else {}
    block |= {"year": str(answers["happy_year"])} if "happy_year" in answers else {}
    if not current_figure:
        return {FIGURE_SETTING: {name: block[name] for name in ("value", "of", "wording", "limits", "source", "year")}}
    return {f"{FIGURE_SETTING}.{name}": value for name, value in block.items() if name != "picture"}


def _changes_by_full_path(settings: Mapping[str, Value], answers: Answers) -> dict[str, Value]:
    """Return the new values by full dotted path in mkdocs.yml, including MkDocs' site_name and site_description."""
    changes: dict[str, Value] = {"site_url": answers["site_url"]} if "site_url" in answers else {}
    if "name" in answers:
        changes["site_name"] = answers["name"]
    if "area" in answers:
        changes["site_description"] = (
            f"Restorative justice in {answers['area']}: what it is, how it works, and how to ask for it."
        )
    return changes | {f"{SERVICE_PREFIX}{name}": value for name, value in settings.items() if name != "site_url"}


def write_answers(answers: Answers, file: Path = MKDOCS_YML) -> None:
    """Write the answers into `file`. Raises ProfileError, with a line for each problem, if an answer is invalid."""
    old_bytes = file.read_bytes()
    service = load(file)
    changes = {
        name: value for name, value in setting_changes(answers, service).items() if _is_different(name, value, file)
    }
    try:
        new_bytes = text_files.encode(set_values(text_files.decode(old_bytes, file.name).text, changes), old_bytes)
    except NoSuchMapping as error:
        raise ProfileError(f"{error.args[0]} is not a setting of {file.name}") from error
    temporary_file = file.with_name(f".{file.name}.new")
    try:
        temporary_file.write_bytes(new_bytes)
        try:
            load(temporary_file)
        except ProfileError as error:
            raise ProfileError(str(error).replace(temporary_file.name, file.name)) from error
        temporary_file.chmod(file.stat().st_mode & 0o777)  # the form's account reads it, whatever the umask
        temporary_file.replace(file)
    finally:
        temporary_file.unlink(missing_ok=True)


def _is_different(name: str, value: Value, file: Path) -> bool:
    """Return whether `value` differs from the setting `name` in `file`. A missing setting counts as empty."""
    current_value: Any = read_yaml(file)
    for key in name.split("."):
        current_value = current_value.get(key) if isinstance(current_value, dict) else None
    return (
        bool(current_value or value) and current_value != value
        if not isinstance(value, bool)
        else bool(current_value) is not value
    )


def read_answers(file: Path) -> dict[str, Any]:
    """Return the answers in a YAML file. Raises ProfileError if the file is malformed."""
    try:
        answers = read_yaml(file)
    except UnreadableConfig as error:
        raise ProfileError(str(error)) from error
    if not answers:
        raise ProfileError(f'{file.name} must contain lines such as  phone: "01632 960000"')
    if wrong_names := [str(name) for name, answer in answers.items() if not isinstance(answer, str | int | list)]:
        raise ProfileError(f"{file.name}: give one value only for {', '.join(wrong_names)}")
    return {str(name): answer for name, answer in answers.items()}


def ask_questions(service: Service) -> dict[str, Any]:
    """Ask the questions on the terminal, and return the answers. Enter keeps the current answer, and - clears it."""
    print("Each question shows the current answer in [brackets]. Press Enter to keep it, or type - to make it empty.")
    print("If you do not know an answer yet, leave it empty. Some answers are needed before the site can go live.")
    print("Write a list on one line, with ; between its entries.")
    answers: dict[str, Any] = {}
    for question in QUESTIONS:
        if question.name == "happy_year" and str(answers.get("happy_value")) in NO_FIGURE_ANSWERS:
            continue
        if question.name == "second_phone.number" and not answers["second_phone.label"]:
            answers[question.name] = ""
            continue
        answers[question.name] = _ask_question(question, service, answers)
    answers["privacy.processors"] = _ask_processors(service, answers)
    print(f"\nThere are {len(ABOUT_QUESTIONS)} short questions about the service: who runs it, what it costs.")
    print("You can leave any of them empty.")
    if input("  Answer them now? [y/N]: ").strip().lower() == "y":
        answers |= {question.name: _ask_question(question, service, answers) for question in ABOUT_QUESTIONS}
    return answers


def _ask_question(question: Question, service: Service, answers: Answers) -> Any:
    is_new_service = answers.get("name", service["name"]) != service["name"]
    current_answer = "" if is_new_service and question.is_service_specific else _current_answer(question, service)
    if question.name == "privacy.controller" and is_new_service:
        current_answer = answers["name"]
    print(f"\n{question.label}. {question.explanation}")
    while True:
        typed_text = input(f"  [{current_answer}]: ").strip()
        answer = _parse_answer(question.name, "" if typed_text == "-" else typed_text or current_answer)
        if not typed_text and not current_answer and question.required and question.name != "name":
            answer = _sample_answer(question)
        problem_text = answer_problem(question, answer, service["look"]["light"])
        if problem_text is None:
            return answer
        print(f"    {problem_text}")


def _current_answer(question: Question, service: Service) -> str:
    """Return the current answer to a question, as a person would type it."""
    if question.name == "helplines_checked":
        return min(str(helpline["checked"]) for helpline in service["helplines"].values())
    if question.name == "happy_value" and "happy" not in service["statistics"]:
        return "none"
    value: Any = service.site_url if question.name == "site_url" else service.values
    for key in () if question.name == "site_url" else question.setting_path.removeprefix(SERVICE_PREFIX).split("."):
        value = value.get(key, "") if isinstance(value, Mapping) else ""
    return "; ".join(value) if isinstance(value, list) else str(value).strip()


def _ask_processors(service: Service, answers: Answers) -> list[dict[str, str]]:
    print("\nWho handles the data for you: who hosts the site, runs the form's machine and provides the team's email.")
    current_processors = service["privacy"]["processors"] if answers["name"] == service["name"] else []
    if current_processors:
        print("  Now: " + "; ".join(f"{processor['name']} ({processor['does']})" for processor in current_processors))
        if input("  Press Enter to keep them, or type n to name them again: ").strip().lower() != "n":
            return list(current_processors)
    processors = []
    while name := input("  Name of an organisation, or press Enter if there are no more: ").strip():
        processors.append({"name": name, "does": input("  What it does, in a few words: ").strip()})
    return processors


def production_problems(file: Path) -> list[str]:
    """Return each problem in `file`, a mkdocs.yml, that a production build would report."""
    try:
        load(file, production=True)
    except ProfileError as error:
        return str(error).splitlines()
    return []


def main(arguments: list[str] | None = None) -> int:
    """Write answers from the terminal or a file into mkdocs.yml. Return 0 on success, 1 otherwise."""
    parser = argparse.ArgumentParser(description="Make this the service of another area.")
    parser.add_argument("--answers", type=Path, help="a YAML file with the answers, instead of questions")
    parser.add_argument("--file", type=Path, default=MKDOCS_YML, help="the mkdocs.yml to change")
    options = parser.parse_args(arguments)
    try:
        service = load(options.file)
        write_answers(read_answers(options.answers) if options.answers else ask_questions(service), options.file)
    except (KeyboardInterrupt, EOFError):
        print("\nStopped. Nothing was changed.")
        return 1
    except (ProfileError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"\n{options.file.name} is written. See the site with `make serve`; change answers with `make new-service`.")
    print("Add a logo, funders and social networks with `make edit`, under Settings.")
    problems = production_problems(options.file)
    if problems:
        print("Before the service can go live, these need a real answer:", *problems, sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
