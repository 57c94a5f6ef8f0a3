"""Make this the service of another area: asks for its details and writes them into mkdocs.yml, the one place for them.

    make new-service
    python -m tools.content.new_service --answers answers.yml    # the same answers from a file, without questions

An answer file holds the names of the questions below, and may hold any other value under its dotted name, such as
`look.light.paper` or `privacy.contact`.
"""

import argparse
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from service_profile import ProfileError, load
from service_profile.contrast import TEXT, contrast, parts_of, problems, written
from service_profile.fields import problem
from service_profile.profile import MKDOCS_YML
from service_profile.setting_types import EMAIL
from tools.content.yaml_edit import NoSuchValue, set_values

Check = Callable[[str], str | None]


def _needed(answer: str) -> str | None:
    return None if answer else "This is needed."


def _like(pattern: re.Pattern[str], sentence: str, empty: bool = False) -> Check:
    return lambda answer: None if (empty and not answer) or pattern.fullmatch(answer) else sentence


ADDRESS = re.compile(r"https://[^\s/]+(/\S*)?")


@dataclass(frozen=True)
class Ask:
    """One question: the value's dotted name under extra.service, what is asked, and what an answer must be."""

    name: str
    question: str
    check: Check


QUESTIONS = [
    Ask("name", "The service's full name", _needed),
    Ask("short_name", "A shorter name, for page titles", _needed),
    Ask("area", "The area it covers, as in “restorative justice in …”", _needed),
    Ask("police_area", "The police force of that area", _needed),
    Ask("phone", "Phone number", lambda answer: problem("extra.service.phone", answer)),
    Ask(
        "text_number",
        "Number for texts (leave empty if there is none)",
        lambda answer: problem("extra.service.text_number", answer),
    ),
    Ask("email", "Email address", _like(EMAIL, "An email address looks like team@example.org.uk.")),
    Ask(
        "secure_email",
        "Secure (CJSM) email address for professionals, or empty",
        _like(EMAIL, "Not an address.", empty=True),
    ),
    Ask("opening_hours", "Opening hours", _needed),
    Ask(
        "response_promise",
        "When the team answers, such as “within 2 working days” (empty promises nothing)",
        lambda _: None,
    ),
    Ask("site_url", "The site's address, starting with https://", _like(ADDRESS, "It starts with https://.")),
    Ask("exit_address", "Where “Leave this page” goes, a neutral site", _like(ADDRESS, "It starts with https://.")),
    Ask(
        "happy_value",
        "How many people in ten are happy with the outcome",
        _like(re.compile("[0-9]|10"), "A number from 0 to 10."),
    ),
    Ask(
        "happy_year",
        "The reporting year of that figure, such as 2025 to 2026 (needed before going live)",
        lambda _: None,
    ),
    Ask("colour", "Main colour, such as #0f5156", lambda answer: colour_problem(answer)),
]
# Where an answer goes, when its name is not its place under extra.service.
PLACES = {
    "happy_value": "statistics.happy.value",
    "happy_year": "statistics.happy.year",
    "colour": "look.light.accent",
}
# Values that repeat the service's name until the service says otherwise.
SAME_AS_NAME = ("privacy.controller", "statistics.happy.source")


def colour_problem(colour: str, file: Path = MKDOCS_YML) -> str | None:
    """Why `colour` cannot be the main colour, or None."""
    light = load(file)["look"]["light"]
    try:
        ratios = {name: contrast(colour, light[name]) for name in ("paper", "panel")}
    except ValueError as error:
        return f"{error}."
    low = {name: ratio for name, ratio in ratios.items() if ratio < TEXT}
    if not low:
        return None
    name, ratio = min(low.items(), key=lambda item: item[1])
    return f"{colour} is too light: its contrast with the {name} is {ratio:.1f} and must be {TEXT} or more."


def _mix(colour: str, other: str, share: float) -> str:
    pairs = zip(parts_of(colour), parts_of(other), strict=True)
    return written(round(a + (b - a) * share) for a, b in pairs)


def both_schemes(colour: str, look: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The main colour for light and for dark screens, with the colour of the words on it."""
    dark = next(
        mixed
        for step in range(21)
        if contrast(mixed := _mix(colour, "#ffffff", step / 20), look["dark"]["panel"]) >= 7 or step == 20
    )
    return {
        "look.light.accent": colour,
        "look.light.on_accent": max(("#ffffff", look["light"]["ink"]), key=lambda ink: contrast(ink, colour)),
        "look.dark.accent": dark,
        "look.dark.on_accent": max(("#ffffff", look["dark"]["paper"]), key=lambda ink: contrast(ink, dark)),
    }


def changes(answers: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, str | int | bool]:
    """Every value of mkdocs.yml that the answers change, under its dotted name. Raises ProfileError for a bad one."""
    wrong = [
        f"{ask.name}: {said}"
        for ask in QUESTIONS
        if ask.name in answers and (said := ask.check(str(answers[ask.name]).strip()))
    ]
    if wrong:
        raise ProfileError("\n".join(wrong))
    found: dict[str, str | int | bool] = {}
    for name, answer in answers.items():
        value = answer if isinstance(answer, int) else str(answer).strip()
        found[PLACES.get(name, name)] = int(value) if name == "happy_value" else value
    if "name" in answers:
        # What only the service before could say of itself is not true of this one.
        said_before = [f"about.{name}" for name, text in (current.get("about") or {}).items() if text]
        found = {**dict.fromkeys(SAME_AS_NAME, found["name"]), **dict.fromkeys(said_before, ""), **found}
        found["site_name"] = found["name"]
    if "area" in answers:
        found["site_description"] = (
            f"Restorative justice in {found['area']}: what it is, how it works, and how to ask for it."
        )
    if "colour" in answers:
        found = {**both_schemes(str(found["look.light.accent"]), current["look"]), **found}
    top = {"site_name", "site_description", "site_url"}
    return {name if name in top else f"extra.service.{name}": value for name, value in found.items()}


def write(answers: Mapping[str, Any], file: Path = MKDOCS_YML) -> None:
    """Put the answers into `file`; nothing is written unless the result can be used.

    Raises ProfileError with one problem a line.
    """
    text = file.read_text(encoding="utf-8")
    try:
        new = set_values(text, changes(answers, load(file).values))
    except NoSuchValue as error:
        raise ProfileError(f"{file.name} holds no value called {error.args[0]}") from error
    draft = file.with_name(f".{file.name}.new")
    try:
        draft.write_text(new, encoding="utf-8")
        bad_colours = list(problems(load(draft)["look"]))
        if bad_colours:
            raise ProfileError("\n".join(bad_colours))
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def ask(current: Mapping[str, Any]) -> dict[str, str]:
    """Ask the questions on the terminal; Enter keeps what stands there."""
    print("Each question shows what stands there now in [brackets]. Press Enter to keep it, or type - to empty it.\n")
    answers = {}
    for item in QUESTIONS:
        standing = str(current[PLACES.get(item.name, item.name)])
        while True:
            typed = input(f"{item.question} [{standing}]: ").strip()
            answer = "" if typed == "-" else typed or standing
            said = item.check(answer)
            if not said:
                break
            print(f"  {said}")
        if answer != standing:
            answers[item.name] = answer
    return answers


def read(file: Path) -> dict[str, Any]:
    """The answers in a YAML file. Raises ProfileError for one that cannot be read as such."""
    try:
        found = yaml.safe_load(file.read_text("utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ProfileError(f"{file} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise ProfileError(f'{file} must hold lines such as  phone: "01632 960000"')
    if wrong := [str(name) for name, answer in found.items() if not isinstance(answer, str | int)]:
        raise ProfileError(f"{file}: one value is wanted for {', '.join(wrong)}")
    return found


def before_going_live(file: Path) -> list[str]:
    """What a production build would still refuse, one problem each."""
    try:
        load(file, production=True)
    except ProfileError as error:
        return str(error).splitlines()
    return []


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 when mkdocs.yml holds the answers."""
    parser = argparse.ArgumentParser(description="Make this the service of another area.")
    parser.add_argument("--answers", type=Path, help="a YAML file with the answers, instead of questions")
    parser.add_argument("--file", type=Path, default=MKDOCS_YML, help="the mkdocs.yml to change")
    options = parser.parse_args(arguments)
    try:
        service = load(options.file)
        write(read(options.answers) if options.answers else ask(service.facts), options.file)
    except (KeyboardInterrupt, EOFError):
        print("\nStopped; nothing was changed.")
        return 1
    except (ProfileError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"\n{options.file.name} is written. `make serve` shows the service.")
    left = before_going_live(options.file)
    if left:
        print("Before the service can go live, these need a real value:", *left, sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
