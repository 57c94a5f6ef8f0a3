"""Describe the settings for the editor, `make new-service` and error messages."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from service_profile.problems import problem_text, type_at
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
NAMED_ENTRIES = {"extra.service.statistics": STATISTICS, "extra.service.helplines": NAMED_HELPLINES}


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `Settings`.

    Each setting has its label as "title", its hint as "description", and a "widget" such as "line" or "date".
    """
    return Settings.model_json_schema()


def editor_fields() -> list[dict[str, Any]]:
    """Return the editor's fields, one for each setting, in the order of the schema.

    The "name" of a field is the setting's dotted path in mkdocs.yml. If the setting is a list or a map, its "fields"
    are the editor's fields for one entry of it.
    """
    return list(_fields(json_schema(), json_schema()["$defs"], "", ""))


def problem(name: str, value: object) -> str | None:
    """Return an error message for `value` in the setting with this dotted name, or None if the value is valid.

    The dotted name may contain a key, as in extra.service.helplines.police.contact. Raises KeyError for an unknown
    setting.
    """
    path = name.removeprefix("extra.").split(".")
    block = type_at(path[:-1], Settings)
    fields = getattr(block, "model_fields", {})
    try:
        TypeAdapter(fields[path[-1]].rebuild_annotation()).validate_python(value)
    except ValidationError as error:
        details = error.errors(include_url=False)[0]
        return problem_text(details, [*path, *details["loc"]], Settings)
    return None


def _fields(schema: Schema, definitions: Schema, prefix: str, group: str) -> Iterator[dict[str, Any]]:
    """Yield the editor's fields for one block of settings, and for the blocks inside it.

    `definitions` holds the schemas of all blocks, `prefix` is the block's dotted name, and `group` is the default
    group.
    """
    for name, property_schema in schema["properties"].items():
        dotted_name = f"{prefix}.{name}" if prefix else (name if name == "site_url" else f"extra.{name}")
        field_group = property_schema.get("group", group)
        block = _referenced_block(property_schema, definitions)
        if block is not None:
            yield from _fields(block, definitions, dotted_name, field_group)
            continue
        yield {
            "name": dotted_name,
            "group": field_group,
            "label": property_schema.get("title", ""),
            "hint": property_schema.get("description", ""),
            "example": (property_schema.get("examples") or [""])[0],
            "required": name in schema.get("required", ()),
            **_widget(property_schema, definitions, field_group),
            **({"named": NAMED_ENTRIES[dotted_name]} if dotted_name in NAMED_ENTRIES else {}),
        }


def _widget(property_schema: Schema, definitions: Schema, group: str) -> dict[str, Any]:
    if property_schema.get("type") == "array":
        block = _referenced_block(property_schema["items"], definitions)
        return {"widget": "list"} | ({"fields": list(_entry_fields(block, definitions, group))} if block else {})
    if property_schema.get("type") == "object":
        entry_block = _referenced_block(property_schema["additionalProperties"], definitions)
        return {"widget": "map", "fields": list(_entry_fields(entry_block or {}, definitions, group))}
    keywords = ("widget", "maxLength", "minimum", "maximum", "pattern", "options", "default")
    return {name: property_schema[name] for name in keywords if name in property_schema}


def _entry_fields(block: Schema, definitions: Schema, group: str) -> Iterator[dict[str, Any]]:
    """Yield the editor's fields for one entry of a list or map. Their names are relative to the entry."""
    for field in _fields(block, definitions, "entry", group):
        yield {**field, "name": field["name"].removeprefix("entry.")}


def _referenced_block(property_schema: Schema, definitions: Schema) -> Schema | None:
    """Return the schema of the block that `property_schema` refers to, or None if it refers to no block."""
    reference = property_schema.get("$ref") or next(
        (alternative["$ref"] for alternative in property_schema.get("allOf", ()) if "$ref" in alternative), None
    )
    block: Schema | None = definitions[reference.rpartition("/")[2]] if reference else None
    return block
