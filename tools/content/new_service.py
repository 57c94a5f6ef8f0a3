"""Set the project up for another service: ask for its details and write them to mkdocs.yml, the one place for them.

    make new-service
    python -m tools.content.new_service --answers answers.yml    # the same answers from a file, without questions

Run it again to change answers: each question then shows the current answer. A file of answers has the names of the
questions in `service_questions` as keys, and may set any other setting by its dotted name, such as `look.light.paper`.
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
from tools.content.main_colour import both_schemes, colour_problem
from tools.content.service_questions import (
    ABOUT,
    BY_NAME,
    FIGURE,
    LIMITS,
    QUESTIONS,
    SERVICE,
    WORDING,
    Question,
)
from tools.content.yaml_edit import NoSuchValue, Value, set_values

Answers = Mapping[str, Any]
NONE = ("none", "-", "")


def problem(question: Question, answer: Any, light: Mapping[str, str]) -> str | None:
    """Return what is wrong with an answer, in words, or None."""
    if question.required and answer in ("", None):
        return "Please give an answer."
    if question.name == "colour":
        return colour_problem(str(answer), light)
    if question.name == "happy_value":
        return None if str(answer) in (*NONE, *map(str, range(11))) else "Write a number from 0 to 10, or none."
    if question.name == "helplines_checked":
        return fields.problem(f"{SERVICE}review.date", answer)
    if question.name == "happy_year":
        return fields.problem(f"{SERVICE}{FIGURE}.year", answer)
    return fields.problem(question.place, answer)


def changes(answers: Answers, service: Service) -> dict[str, Value]:
    """Return every setting that the answers change, under its dotted name. Raises ProfileError for a wrong one."""
    answers = {name: _value(name, answer) for name, answer in answers.items()}
    wrong = [
        f"{name}: {words}"
        for name, answer in answers.items()
        if name in BY_NAME and (words := problem(BY_NAME[name], answer, service["look"]["light"]))
    ]
    is_another = "name" in answers and answers["name"] != service["name"]
    if is_another:
        later = {question.name: _later(question) for question in QUESTIONS if question.own and question.required}
        answers = later | {"privacy.controller": answers["name"]} | answers
    if wrong:
        raise ProfileError("\n".join(wrong))
    found = {name: answer for name, answer in answers.items() if not name.startswith(("happy_", "helplines_"))}
    if is_another:
        found = _emptied() | found
    found |= _figure(answers, service, is_another)
    if "helplines_checked" in answers:
        found |= {f"helplines.{name}.checked": answers["helplines_checked"] for name in service["helplines"]}
    if "colour" in answers:
        found = both_schemes(str(found.pop("colour")), service["look"]) | found
    return _top(found, answers)


def _value(name: str, answer: Any) -> Value:
    if isinstance(answer, str):
        answer = answer.strip()
    if name == "privacy.keep_days" and str(answer).isdigit():
        return int(answer)
    if name in BY_NAME and BY_NAME[name].is_list and isinstance(answer, str):
        return [line.strip() for line in answer.split(";") if line.strip()]
    return answer if isinstance(answer, int | list | dict) else str(answer)


def _later(question: Question) -> Value:
    """Return the sample that replaces a missing answer; a production build refuses it."""
    special = {"happy_value": "none", "helplines_checked": SAMPLE_DAY}
    return special.get(question.name, question.sample)


def _emptied() -> dict[str, Value]:
    """Return empty values for everything specific to the previous service."""
    found: dict[str, Value] = {"privacy.processors": [], "accessibility.easy_read_tested": False}
    found |= {"logo.picture": "", "logo.alt": "", "social_links": [], "funders": []}
    for question in (*QUESTIONS, *ABOUT):
        if question.own and not question.required and not question.name.startswith("happy_"):
            found[question.name] = [] if question.is_list else ""
    return found


def _figure(answers: Answers, service: Service, is_another: bool) -> dict[str, Value]:
    """Return the changes to the service's own figure; an empty block when it has none."""
    if not {"happy_value", "happy_year"} & set(answers):
        return {}
    current = service["statistics"].get("happy")
    if str(answers.get("happy_value", "kept")) in NONE or not (current or "happy_value" in answers):
        return {FIGURE: {}}
    block = {"wording": WORDING, "limits": LIMITS, "source": answers.get("name", service["name"]), "of": 10, "year": ""}
    block |= {} if is_another or not current else current
    block |= {"value": int(answers["happy_value"])} if "happy_value" in answers else {}
    block |= {"year": str(answers["happy_year"])} if "happy_year" in answers else {}
    if not current:
        return {FIGURE: {name: block[name] for name in ("value", "of", "wording", "limits", "source", "year")}}
    return {f"{FIGURE}.{name}": value for name, value in block.items() if name != "picture"}


def _top(found: Mapping[str, Value], answers: Answers) -> dict[str, Value]:
    """Return the changes under their full names, including MkDocs' own settings."""
    top: dict[str, Value] = {"site_url": answers["site_url"]} if "site_url" in answers else {}
    if "name" in answers:
        top["site_name"] = answers["name"]
    if "area" in answers:
        top["site_description"] = (
            f"Restorative justice in {answers['area']}: what it is, how it works, and how to ask for it."
        )
    return top | {f"{SERVICE}{name}": value for name, value in found.items() if name != "site_url"}


def write(answers: Answers, file: Path = MKDOCS_YML) -> None:
    """Write the answers into `file`, unless the result would be invalid.

    Raises ProfileError with one problem a line.
    """
    old = file.read_bytes()
    service = load(file)
    wanted = {name: value for name, value in changes(answers, service).items() if _differs(name, value, file)}
    try:
        new = text_files.encode(set_values(text_files.decode(old, file.name).text, wanted), old)
    except NoSuchValue as error:
        raise ProfileError(f"{error.args[0]} is not a setting of {file.name}") from error
    draft = file.with_name(f".{file.name}.new")
    try:
        draft.write_bytes(new)
        try:
            load(draft)
        except ProfileError as error:
            raise ProfileError(str(error).replace(draft.name, file.name)) from error
        draft.chmod(file.stat().st_mode & 0o777)  # the form's account reads it, whatever the umask
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _differs(name: str, value: Value, file: Path) -> bool:
    """Return whether the file has another value; a setting that it leaves out equals an empty value."""
    found: Any = read_yaml(file)
    for key in name.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    return bool(found or value) and found != value if not isinstance(value, bool) else bool(found) is not value


def read(file: Path) -> dict[str, Any]:
    """Return the answers in a file. Raises ProfileError."""
    try:
        found = read_yaml(file)
    except UnreadableConfig as error:
        raise ProfileError(str(error)) from error
    if not found:
        raise ProfileError(f'{file.name} must contain lines such as  phone: "01632 960000"')
    if wrong := [str(name) for name, answer in found.items() if not isinstance(answer, str | int | list)]:
        raise ProfileError(f"{file.name}: give one value only for {', '.join(wrong)}")
    return {str(name): answer for name, answer in found.items()}


def ask(service: Service) -> dict[str, Any]:
    """Ask the questions on the terminal; Enter keeps the current answer, and - clears it."""
    print("Each question shows the current answer in [brackets]. Press Enter to keep it, or type - to make it empty.")
    print("If you do not know an answer yet, leave it empty. Some answers are needed before the site can go live.")
    print("Write a list on one line, with ; between its entries.")
    answers: dict[str, Any] = {}
    for question in QUESTIONS:
        if question.name == "happy_year" and str(answers.get("happy_value")) in NONE:
            continue
        if question.name == "second_phone.number" and not answers["second_phone.label"]:
            answers[question.name] = ""
            continue
        answers[question.name] = _answer(question, service, answers)
    answers["privacy.processors"] = _processors(service, answers)
    print(f"\nThere are {len(ABOUT)} short questions about the service: who runs it, what it costs.")
    print("You can leave any of them empty.")
    if input("  Answer them now? [y/N]: ").strip().lower() == "y":
        answers |= {question.name: _answer(question, service, answers) for question in ABOUT}
    return answers


def _answer(question: Question, service: Service, answers: Answers) -> Any:
    is_another = answers.get("name", service["name"]) != service["name"]
    current = "" if is_another and question.own else _current_value(question, service)
    if question.name == "privacy.controller" and is_another:
        current = answers["name"]
    print(f"\n{question.label}. {question.explanation}")
    while True:
        typed = input(f"  [{current}]: ").strip()
        answer = _value(question.name, "" if typed == "-" else typed or current)
        if not typed and not current and question.required and question.name != "name":
            answer = _later(question)
        words = problem(question, answer, service["look"]["light"])
        if words is None:
            return answer
        print(f"    {words}")


def _current_value(question: Question, service: Service) -> str:
    """Return the current value in mkdocs.yml, as it would be typed."""
    if question.name == "helplines_checked":
        return min(str(line["checked"]) for line in service["helplines"].values())
    if question.name == "happy_value" and "happy" not in service["statistics"]:
        return "none"
    found: Any = service.site_url if question.name == "site_url" else service.values
    for key in () if question.name == "site_url" else question.place.removeprefix(SERVICE).split("."):
        found = found.get(key, "") if isinstance(found, Mapping) else ""
    return "; ".join(found) if isinstance(found, list) else str(found).strip()


def _processors(service: Service, answers: Answers) -> list[dict[str, str]]:
    print("\nWho handles the data for you: who hosts the site, runs the form's machine and provides the team's email.")
    current = service["privacy"]["processors"] if answers["name"] == service["name"] else []
    if current:
        print("  Now: " + "; ".join(f"{each['name']} ({each['does']})" for each in current))
        if input("  Press Enter to keep them, or type n to name them again: ").strip().lower() != "n":
            return list(current)
    found = []
    while name := input("  Name of an organisation, or press Enter if there are no more: ").strip():
        found.append({"name": name, "does": input("  What it does, in a few words: ").strip()})
    return found


def remaining_tasks(file: Path) -> list[str]:
    """Return what a production build would still refuse, one problem each."""
    try:
        load(file, production=True)
    except ProfileError as error:
        return str(error).splitlines()
    return []


def main(arguments: list[str] | None = None) -> int:
    """Write the answers into mkdocs.yml. Return 0 on success, 1 otherwise."""
    parser = argparse.ArgumentParser(description="Make this the service of another area.")
    parser.add_argument("--answers", type=Path, help="a YAML file with the answers, instead of questions")
    parser.add_argument("--file", type=Path, default=MKDOCS_YML, help="the mkdocs.yml to change")
    options = parser.parse_args(arguments)
    try:
        service = load(options.file)
        write(read(options.answers) if options.answers else ask(service), options.file)
    except (KeyboardInterrupt, EOFError):
        print("\nStopped. Nothing was changed.")
        return 1
    except (ProfileError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"\n{options.file.name} is written. See the site with `make serve`; change answers with `make new-service`.")
    print("Add a logo, funders and social networks with `make edit`, under Settings.")
    left = remaining_tasks(options.file)
    if left:
        print("Before the service can go live, these need a real answer:", *left, sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
