"""Read and check the one place that says who the service is."""

import os
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from service_profile.placeholders import flatten
from service_profile.validation import missing, placeholders

ROOT = Path(__file__).resolve().parent.parent
# The tests name another file, so that they do not depend on the service that this one describes.
MKDOCS_YML = Path(os.environ.get("MKDOCS_CONFIG") or ROOT / "mkdocs.yml")


class ProfileError(ValueError):
    """mkdocs.yml cannot be used; the message says what to change, one problem a line."""


@dataclass(frozen=True)
class Service:
    """The service profile.

    `values` is `extra.service` as templates see it (the same plain mapping in MkDocs and Flask), `facts` the same
    values under flat dotted names, for Markdown and leaflets. `site_url` ends with a slash.
    """

    values: Mapping[str, Any]
    facts: Mapping[str, str]
    site_url: str

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


# libyaml's parser where PyYAML was built with it: ten times as fast, at every start and every page that is previewed.
_Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Reader(_Parser):  # type: ignore[misc, valid-type]
    """mkdocs.yml may hold MkDocs' own tags (!ENV, !!python/name), which are no business of ours.

    A name that stands twice is refused: YAML would quietly take the second, perhaps an old phone number.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """See yaml.SafeLoader; raises ConstructorError for a name that stands twice in one block."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value} stands twice", key.start_mark)
            seen.add(key.value)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping


_Reader.add_multi_constructor("!", lambda _loader, _tag, _node: None)
_Reader.add_multi_constructor("tag:yaml.org,2002:python/", lambda _loader, _tag, _node: None)


def statistic_sentence(statistic: Mapping[str, Any]) -> str:
    """The statistic's wording with its own numbers: "85% of people harmed …"."""
    return str(statistic["wording"]).format(value=statistic["value"], of=statistic["of"])


def load(path: Path = MKDOCS_YML, production: bool = False) -> Service:
    """The identity in `path`.

    Raises ProfileError when something that pages, form or leaflets need is missing or, in production, when a
    sample (01632 960…, 07700 900…, example.org) is still there or a statistic lacks its source or year.
    """
    try:
        config = yaml.load(path.read_text(encoding="utf-8"), Loader=_Reader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ProfileError(f"{path.name} cannot be read: {error}") from error
    values = config
    for block in ("extra", "service"):
        values = values.get(block) if isinstance(values, dict) else None
    if not isinstance(values, dict):
        raise ProfileError(f"{path.name} has no block called extra: service:")
    site_url = str(config.get("site_url") or "")
    problems = missing(values, site_url)
    if production and not problems:
        problems = placeholders(values, site_url)
    if problems:
        raise ProfileError("\n".join(f"{path.name}: {problem}" for problem in problems))
    facts = flatten(values) | {"site_url": site_url}
    for name, statistic in values["statistics"].items():
        facts[f"statistics.{name}.sentence"] = statistic_sentence(statistic)
    return Service(values, facts, site_url.rstrip("/") + "/")
