"""The schema as people see it: the editor's fields, the questions of `make new-service`, and error messages."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from service_profile.problems import kind_at, problem_text
from service_profile.schema import NAMED_HELPLINES, STATISTICS, Settings

Schema = Mapping[str, Any]

# The editor's pages, in their order.
GROUPS = {
    "organisation": "Name and area",
    "contact": "Contact details",
    "form": "Form and quick exit",
    "about": "About the service",
    "statistics": "Statistics",
    "helplines": "Helplines",
    "privacy": "Privacy",
    "review": "Dates of checks",
    "look": "Look",
}


# Entries that pages refer to by name, with a description of each: the editor offers the missing ones.
NAMED = {"extra.service.statistics": STATISTICS, "extra.service.helplines": NAMED_HELPLINES}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the settings: {site_url, service}.

    Besides the standard keywords each setting has `title` (its label), `description` (its hint), `examples`, `widget`
    (line, text, number, switch, date, colour, email, phone, url, picture, select) and, at the top level, `group`.
    """
    return Settings.model_json_schema()


def editor_fields() -> list[dict[str, Any]]:
    """Return the editor's fields in the order of the schema, blocks split into their settings.

    Each has name (its dotted path in mkdocs.yml), group, label, hint, example, required, widget, and where they apply
    maxLength, minimum, maximum, pattern, options. A list or a block of names has the widget `list` or `map` and, unless
    its entries are single lines, their `fields`. `named` holds the entries of a map that pages show by name.
    """
    return list(_fields(json_schema(), json_schema()["$defs"], "", ""))


def setting(name: str) -> dict[str, Any]:
    """Return the editor's field with this dotted name. Raises KeyError."""
    for field in editor_fields():
        if field["name"] == name:
            return field
    raise KeyError(name)


def problem(name: str, value: object) -> str | None:
    """Return an error message for `value` in the setting of this dotted name, or None.

    Include the statistic's or helpline's name: extra.service.helplines.police.contact.
    Raises KeyError for an unknown setting.
    """
    path = name.removeprefix("extra.").split(".")
    block = kind_at(path[:-1], Settings)
    fields = getattr(block, "model_fields", {})
    try:
        TypeAdapter(fields[path[-1]].rebuild_annotation()).validate_python(value)
    except ValidationError as error:
        details = error.errors(include_url=False)[0]
        return problem_text(details, [*path, *details["loc"]], Settings)
    return None


def _fields(schema: Schema, blocks: Schema, prefix: str, group: str) -> Iterator[dict[str, Any]]:
    """Yield the fields of one block; `blocks` holds the schema's other blocks."""
    for name, part in schema["properties"].items():
        place = f"{prefix}.{name}" if prefix else (name if name == "site_url" else f"extra.{name}")
        own_group = part.get("group", group)
        block = _block(part, blocks)
        if block is not None:
            yield from _fields(block, blocks, place, own_group)
            continue
        yield {
            "name": place,
            "group": own_group,
            "label": part.get("title", ""),
            "hint": part.get("description", ""),
            "example": (part.get("examples") or [""])[0],
            "required": name in schema.get("required", ()),
            **_widget(part, blocks, own_group),
            **({"named": NAMED[place]} if place in NAMED else {}),
        }


def _widget(part: Schema, blocks: Schema, group: str) -> dict[str, Any]:
    if part.get("type") == "array":
        block = _block(part["items"], blocks)
        return {"widget": "list"} | ({"fields": list(_entry(block, blocks, group))} if block else {})
    if part.get("type") == "object":
        entries = _block(part["additionalProperties"], blocks)
        return {"widget": "map", "fields": list(_entry(entries or {}, blocks, group))}
    names = ("widget", "maxLength", "minimum", "maximum", "pattern", "options", "default")
    return {name: part[name] for name in names if name in part}


def _entry(block: Schema, blocks: Schema, group: str) -> Iterator[dict[str, Any]]:
    """Yield the fields of one entry of a list or block of names; their names are the entry's own."""
    for field in _fields(block, blocks, "entry", group):
        yield {**field, "name": field["name"].removeprefix("entry.")}


def _block(part: Schema, blocks: Schema) -> Schema | None:
    """Return the block that a JSON Schema reference points to, or None for anything else."""
    reference = part.get("$ref") or next((each["$ref"] for each in part.get("allOf", ()) if "$ref" in each), None)
    found: Schema | None = blocks[reference.rpartition("/")[2]] if reference else None
    return found
