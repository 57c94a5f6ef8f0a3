"""Read and change the settings in mkdocs.yml for the editor's forms."""

import re
from collections.abc import Mapping
from typing import Any

from flask import json

from service_profile import fields
from tools.content import yaml_edit
from tools.content.yaml_edit import Entry
from tools.editor.pages import search, slug_of
from tools.editor.project import CONFIG, Changes, EditError, Project

# The page that shows the settings of a group best.
PAGES_BY_GROUP = {
    "organisation": "about-us",
    "about": "about-us",
    "contact": "contact",
    "statistics": "does-it-help",
    "helplines": "get-help-now",
    "privacy": "privacy",
    "review": "accessibility",
}
# Settings whose values may also have been typed elsewhere.
REPEATED_SETTINGS = (
    "extra.service.name",
    "extra.service.short_name",
    "extra.service.area",
    "extra.service.police_area",
)


def _split_name(name: str) -> list[str | int]:
    return list(name.split("."))


def groups() -> list[dict[str, str]]:
    """Return the name and title of each settings form in the editor."""
    return [{"name": name, "title": title} for name, title in fields.GROUPS.items()]


def form(project: Project, group: str, version: str = "") -> dict[str, Any]:
    """Return the form for a group of settings, with the saved values or those of an earlier `version`.

    Raises EditError for an unknown group or version.
    """
    if group not in fields.GROUPS:
        raise EditError("There are no such settings.")
    text = project.history.text(CONFIG, version) if version else project.read(CONFIG).text
    if text is None:
        raise EditError("That version is not there any more.")
    group_fields = [field for field in fields.editor_fields() if field["group"] == group]
    for field in group_fields:
        field["value"] = _field_value(text, field)
    return {"group": group, "title": fields.GROUPS[group], "fields": group_fields}


def _field_value(text: str, field: Mapping[str, Any]) -> Any:
    value = yaml_edit.value_at(text, _split_name(field["name"]))
    if field["widget"] == "map":
        value = value if isinstance(value, dict) else {}
        return [{"source": name, "name": name, "value": part} for name, part in value.items()]
    if field["widget"] == "list":
        value = value if isinstance(value, list) else []
        return [{"source": number, "name": "", "value": part} for number, part in enumerate(value)]
    return value


def changes(project: Project, new_values: object) -> Changes:
    """Return the change to mkdocs.yml that saves `new_values`, which are keyed by dotted name.

    Raises EditError for an unknown setting or a value that cannot be saved.
    """
    if not isinstance(new_values, dict):
        raise EditError("The settings could not be read.")
    fields_by_name = {field["name"]: field for field in fields.editor_fields()}
    text = project.read(CONFIG).text
    for name, value in new_values.items():
        if name not in fields_by_name:
            raise EditError(f"There is no setting {name}.")
        text = _set_field(text, fields_by_name[name], value)
    return {CONFIG: text}


def form_titles(values: object) -> str:
    """Return the titles of the forms that contain the settings in `values`, joined by commas for the commit message."""
    names = {field["group"] for field in fields.editor_fields() if isinstance(values, dict) and field["name"] in values}
    return ", ".join(title for group, title in fields.GROUPS.items() if group in names)


def concurrent_changes(project: Project, new_values: object, seen_values: object) -> dict[str, Any]:
    """Return, by name, the saved value of each setting that changed after the browser read `seen_values`.

    Only settings in `new_values` are compared. A setting that has its new value already is left out. Raises EditError
    for malformed values.
    """
    if not isinstance(new_values, dict) or not isinstance(seen_values, dict):
        raise EditError("The settings could not be read.")
    text = project.read(CONFIG).text
    changed_values = {}
    for field in fields.editor_fields():
        name = field["name"]
        # Compare as JSON, like the browser's values: it turns a date into a string.
        saved_value = json.loads(json.dumps(_field_value(text, field))) if name in new_values else None
        if name in new_values and saved_value not in (seen_values.get(name), new_values[name]):
            changed_values[name] = saved_value
    return changed_values


def _set_field(text: str, field: Mapping[str, Any], value: Any) -> str:
    path = _split_name(field["name"])
    if field["widget"] not in ("list", "map"):
        return yaml_edit.set_value(text, path, _require_encodable(_clean_value(value), field))
    _check_entries(value, yaml_edit.value_at(text, path), field)
    is_map = field["widget"] == "map"
    entries: list[Entry] = []
    used_names = {str(entry_data.get("name")) for entry_data in value if entry_data.get("source") is not None}
    for entry_data in value:
        name = str(entry_data.get("name") or "")
        if is_map and entry_data.get("source") is None:
            name = (
                name
                if name in field.get("named", ()) and name not in used_names
                else _new_entry_key(entry_data.get("value"), used_names)
            )
            used_names.add(name)
        is_saved = entry_data.get("source") is not None
        entry = _require_encodable(_clean_entry(entry_data.get("value"), is_saved), field)
        entries.append(Entry(entry_data.get("source"), name, entry))
    return yaml_edit.set_entries(text, path, [entry for entry in entries if entry.value != ""])


def _check_entries(value: Any, saved_value: Any, field: Mapping[str, Any]) -> None:
    """Check that `value` is a list of entries, each new or from `saved_value`. Raises EditError if not.

    The `source` of an entry is its index or key in `saved_value`, or None if the entry is new.
    """
    value_type = dict if field.get("fields") else str
    if not isinstance(value, list) or not all(
        isinstance(entry_data, dict) and isinstance(entry_data.get("value"), value_type | None) for entry_data in value
    ):
        raise EditError(f"{field['label']} could not be read.")
    known_sources = (
        saved_value
        if isinstance(saved_value, dict)
        else range(len(saved_value) if isinstance(saved_value, list) else 0)
    )
    if not all(entry_data.get("source") is None or entry_data["source"] in known_sources for entry_data in value):
        raise EditError(f"{field['label']} has changed since you opened this page. Reload the page.")


def _require_encodable(value: Any, field: Mapping[str, Any]) -> Any:
    """Check that UTF-8 can encode `value`, and return it. Raises EditError with the label of `field` if not."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise EditError(
            f"{field['label']} contains a character that cannot be shown: delete it and type the words again."
        ) from error
    return value


def _clean_entry(value: Any, is_saved: bool) -> Any:
    """Return an entry of a list or mapping with each of its strings on a single line.

    Empty values are left out of an entry that is not saved yet.
    """
    if not isinstance(value, dict):
        return _clean_value(value)
    clean_parts = {str(name): _clean_value(part) for name, part in value.items()}
    return clean_parts if is_saved else {name: part for name, part in clean_parts.items() if part not in ("", None)}


def _new_entry_key(value: Any, used_names: set[str]) -> str:
    """Return an unused key for a new entry, made from the entry's words, such as rape_crisis."""
    words = str(value.get("name") or value.get("wording") or "") if isinstance(value, dict) else ""
    base_name = re.sub(r"\d+", "", slug_of(re.sub(r"\{.*?\}", "", words))).replace("-", "_").strip("_")[:30].strip("_")
    base_name = base_name or "entry"
    number, name = 1, base_name
    while name in used_names:
        number += 1
        name = f"{base_name}_{number}"
    return name


def _clean_value(value: Any) -> Any:
    """Return a string with its white space reduced to single spaces.

    None becomes "", and other values are unchanged.
    """
    return " ".join(value.split()) if isinstance(value, str) else "" if value is None else value


def field_problems(values: Mapping[str, Any]) -> dict[str, str]:
    """Return an error message for each invalid value, by the setting's name. Lists and mappings are not checked."""
    messages = {}
    for field in fields.editor_fields():
        name = field["name"]
        if name in values and field["widget"] not in ("list", "map"):
            problem = fields.problem(name, _clean_value(values[name]))
            if problem:
                messages[name] = f"This {problem}"
    return messages


def preview_path(project: Project, group: str) -> str:
    """Return the URL path of the page to preview for a group of settings.

    The path has no leading slash; "" is the home page.
    """
    page = PAGES_BY_GROUP.get(group, "")
    return f"{page}/" if page and (project.root / "docs" / f"{page}.md").is_file() else ""


def leftover_value_messages(
    project: Project, old_values: Mapping[str, Any], new_values: Mapping[str, Any]
) -> list[str]:
    """Return a message for each replaced value that a setting, page or leaflet still contains.

    Only the old values of REPEATED_SETTINGS are looked for.
    """
    text = project.read(CONFIG).text
    sentences = []
    for name in REPEATED_SETTINGS:
        words = str(old_values.get(name) or "")
        if name not in new_values or not words or words in str(new_values[name]):
            continue
        locations = [
            f"Settings, {fields.GROUPS[field['group']]}, {field['label']}"
            for field in fields.editor_fields()
            if words in str(yaml_edit.value_at(text, _split_name(field["name"])))
        ] + [f"{match['title']}, line {match['line']}" for match in search(project, words)]
        sentences += [f"“{words}” is still in: {'; '.join(locations)}."] if locations else []
    return sentences
