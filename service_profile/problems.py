"""Turn validation errors into sentences that name the setting and say what to write."""

import difflib
import typing
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from service_profile.setting_types import shorten
from service_profile.wording import list_in_words

SettingPath = Sequence[int | str]


def error_sentences(error: ValidationError, root: type[BaseModel]) -> list[str]:
    """Return one sentence for each error, without duplicates; each begins with the setting's name."""
    return list(dict.fromkeys(_sentence(details, root) for details in error.errors(include_url=False)))


def _sentence(details: ErrorDetails, root: type[BaseModel]) -> str:
    path = [part for part in details["loc"] if part != "[key]"]
    return " ".join(f"{setting_name(path)} {problem_text(details, path, root)}".split())


def setting_name(path: SettingPath) -> str:
    """Return the setting's name for a message, such as "extra.service.privacy.processors, entry 2, name"."""
    names = [f", entry {part + 1}, " if isinstance(part, int) else f".{shorten(part)}" for part in path]
    name = "".join(names).replace(", .", ", ").strip("., ")
    return name if name == "site_url" else f"extra.{name}"


def problem_text(details: ErrorDetails, path: SettingPath, root: type[BaseModel]) -> str:
    """Return what is wrong with a setting and what to write, in words that follow the setting's name."""
    kind = details["type"]
    if kind == "message":
        return str(details["ctx"]["message"])
    if kind == "extra_forbidden":
        return _unknown_setting_text(path, root)
    structure_advice, example = _structure_advice(type_at(path, root)), _example(path, root)
    if kind == "missing":
        return (
            f"is missing: add it; it {structure_advice}"
            if structure_advice
            else f'is missing: add the line {path[-1]}: "{example}"'
        )
    if structure_advice:
        return structure_advice
    return {
        "empty": f"is empty: write it like “{example}”",
        "quotes": f'must be in quotes, like "{example}"',
        "one_text": f"must be one piece of text, like “{example}”",
    }.get(kind, f"cannot be used: write it like “{example}”")


def _structure_advice(setting_type: Any) -> str:
    """Return advice on how to write a setting that is a list or a block, or "" for any other setting."""
    if typing.get_origin(setting_type) is list:
        return "must be a list: begin each line below it with “- ”, or write [] for none"
    if typing.get_origin(setting_type) is dict:
        return "must be a block: on the lines below, give each entry its own name, and its details below the name"
    return f"must be a block with {list_in_words(list(setting_type.model_fields))}" if _is_block(setting_type) else ""


def _unknown_setting_text(path: SettingPath, root: type[BaseModel]) -> str:
    block = type_at(path[:-1], root)
    setting_names = list(block.model_fields) if _is_block(block) else []
    matches = difflib.get_close_matches(str(path[-1]), setting_names, n=1, cutoff=0.5)
    return "is not a setting. " + (
        f"Did you mean {matches[0]}?" if matches else f"Choose one of these: {', '.join(setting_names)}."
    )


def _example(path: SettingPath, root: type[BaseModel]) -> str:
    """Return the setting's example, or "" if it has none. For an entry of a list, return the first example entry."""
    is_list_entry = isinstance(path[-1], int)
    path = path[:-1] if is_list_entry else path
    block = type_at(path[:-1], root)
    field = block.model_fields.get(str(path[-1])) if _is_block(block) else None
    example = field.examples[0] if field and field.examples else ""
    return str(example[0] if is_list_entry and example else example)


def type_at(path: SettingPath, root: type[BaseModel]) -> Any:
    """Return the type of the setting at `path`, or None for an unknown setting."""
    setting_type: Any = root
    for part in path:
        if _is_block(setting_type):
            field = setting_type.model_fields.get(str(part))
            setting_type = field.annotation if field else None
        else:
            setting_type = (
                typing.get_args(setting_type)[-1] if typing.get_origin(setting_type) in (list, dict) else None
            )
        while typing.get_origin(setting_type) is typing.Annotated:
            setting_type = typing.get_args(setting_type)[0]
    return setting_type


def _is_block(setting_type: Any) -> bool:
    return isinstance(setting_type, type) and issubclass(setting_type, BaseModel)
