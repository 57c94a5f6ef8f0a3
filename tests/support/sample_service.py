"""The sample service that the tests run against, whatever service mkdocs.yml describes.

The details in `sample-service.yml` replace those in mkdocs.yml. Menus, pages and settings that the sample does not
name are kept. A new page or setting therefore needs no change here.
"""

import atexit
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
SAMPLE_FILE = Path(__file__).with_name("sample-service.yml")
SERVICE_BLOCK_PATTERN = re.compile(r"^  service: &service\n(?:(?:    .*|\s*)\n)*", re.MULTILINE)
SITE_URL = "https://restorative.example.org.uk/"


def sample_configuration(config_text: str) -> str:
    """Return the text of mkdocs.yml with the sample service's details."""
    sample_text = SAMPLE_FILE.read_text(encoding="utf-8")
    text = with_service(config_text, sample_text)
    text = re.sub(r"^site_url: .*$", f"site_url: {SITE_URL}", text, flags=re.MULTILINE)
    return re.sub(r"^site_name: .*$", f"site_name: {yaml.safe_load(sample_text)['name']}", text, flags=re.MULTILINE)


def install() -> None:
    """Make this process and its children read the sample service instead of mkdocs.yml.

    Call this before any code reads mkdocs.yml.
    """
    if "MKDOCS_CONFIG" in os.environ:  # inherited, in a worker of pytest-xdist
        return
    text = sample_configuration((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    for setting, folder in (("docs_dir", "docs"), ("custom_dir", "overrides")):
        text = re.sub(rf"^(\s*{setting}): {folder}$", rf"\1: {ROOT / folder}", text, flags=re.MULTILINE)
    text = re.sub(r"^watch:\n(?:  - .*\n)*", "", text, flags=re.MULTILINE)  # its paths would be wrong here
    folder = Path(tempfile.mkdtemp(prefix="sample-service-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    (folder / "mkdocs.yml").write_text(text, encoding="utf-8")
    os.environ["MKDOCS_CONFIG"] = str(folder / "mkdocs.yml")


def with_service(config_text: str, sample_text: str) -> str:
    """Return the text of mkdocs.yml with the service's details replaced by those in the YAML text `sample_text`.

    A setting that the sample does not name is kept.
    """
    block = SERVICE_BLOCK_PATTERN.search(config_text)
    assert block, "mkdocs.yml has no block `service: &service` under `extra:`"
    current_settings = yaml.safe_load(block[0].replace("&service", "", 1))["service"]
    completed_sample = _with_missing_settings(sample_text, current_settings)
    lines = "".join(f"    {line}\n" if line else "\n" for line in completed_sample.splitlines())
    return f"{config_text[: block.start()]}  service: &service\n{lines}\n{config_text[block.end() :]}"


def _with_missing_settings(sample_text: str, current_settings: Mapping[str, Any]) -> str:
    """Return the YAML text `sample_text` with every setting added that only `current_settings` has.

    No statistic or helpline is added to those of the sample.
    """
    sample_settings = yaml.safe_load(sample_text)
    for name, value in current_settings.items():
        if name not in sample_settings:
            sample_text += _to_yaml({name: value})
        elif isinstance(value, dict) and name not in ("statistics", "helplines"):
            missing_settings = {
                key: setting for key, setting in value.items() if key not in (sample_settings[name] or {})
            }
            if missing_settings:
                lines = "".join(f"  {line}\n" for line in _to_yaml(missing_settings).splitlines())
                sample_text = re.sub(
                    rf"^{name}:.*\n", lambda match, lines=lines: match[0] + lines, sample_text, flags=re.MULTILINE
                )
    return sample_text


def _to_yaml(values: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(values), allow_unicode=True, sort_keys=False, width=1000)
