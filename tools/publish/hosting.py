"""Write the files that configure the web host: redirects, the proxy rule for the form, and security.txt.

Netlify reads these files. nginx gets the same redirects from `moved_pages`.
"""

import os
import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from service_profile import Service

FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
PREVIEW_PAGE = "/preview.html"


class HostingError(ValueError):
    """Raised if the site cannot be hosted as it is configured. The message says what to change."""


def is_preview(env: Mapping[str, str] = os.environ) -> bool:
    """Return whether this build is a preview, for review before publication."""
    return bool(env.get("SERVICE_PREVIEW"))


def page_url_path(page: Path, docs: Path) -> str:
    """Return the URL path of a Markdown page, such as /support/ for docs/support/index.md."""
    parts = page.relative_to(docs).with_suffix("").parts
    if parts[-1] == "index":
        parts = parts[:-1]
    return "/" + "".join(f"{part}/" for part in parts)


def moved_pages(docs: Path) -> dict[str, str]:
    """Return {old URL path: new URL path}, from the pages' `moved_from:` lists.

    Raises HostingError for an old path that is malformed, still in use, or listed by two pages.
    """
    new_paths: dict[str, str] = {}
    pages = sorted(docs.rglob("*.md"))
    current_paths = {page_url_path(page, docs) for page in pages}
    for page in pages:
        for old_path in old_url_paths(front_matter(page)):
            if not re.fullmatch(r"/[\w./-]+", old_path):
                raise HostingError(f"{page.name}: moved_from holds {old_path!r}; an old address looks like /leaflets/")
            if old_path in current_paths:
                raise HostingError(f"{page.name}: moved_from holds {old_path}, but a page is still there")
            if old_path in new_paths:
                raise HostingError(f"{page.name}: moved_from holds {old_path}, which {new_paths[old_path]} holds too")
            new_paths[old_path] = page_url_path(page, docs)
    return new_paths


def old_url_paths(metadata: Mapping[str, object]) -> list[str]:
    """Return the URL paths that redirect to a page, from the values of its front matter."""
    moved_from = metadata.get("moved_from") or []
    return [str(old_path) for old_path in (moved_from if isinstance(moved_from, list) else [moved_from])]


def front_matter(page: Path) -> Mapping[str, Any]:
    """Return the values in a page's front matter, or {} if it has none."""
    match = FRONT_MATTER.match(page.read_text(encoding="utf-8"))
    values = yaml.safe_load(match[1]) if match else None
    return values if isinstance(values, dict) else {}


def redirects(service: Service, new_paths: Mapping[str, str], env: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of Netlify's `_redirects`. Raises HostingError if the form's server is not configured.

    `new_paths` maps the old URL path of each moved page to the new one.
    """
    yield "# Written by the build (tools/publish/hosting.py)."
    for old_path, new_path in new_paths.items():
        yield f"{old_path} {new_path} 301!"
    form_address = str(service["form_address"])
    # The leaflets print /referral, and people type it with capitals. Netlify's rules are case-sensitive.
    for letters in product(*zip("referral", "REFERRAL", strict=True)):
        if (spelling := "".join(letters)) != "referral":
            yield f"/{spelling} /referral/ 301!"
    if is_preview(env):
        # This rule is first and forced, so that no other rule or setting of Netlify leads a preview to the live form.
        yield f"/referral/* {PREVIEW_PAGE} 200!"
    elif form_address.startswith("https://"):
        yield f"/referral/* {form_address.rstrip('/')}/:splat 302!"
    elif env.get("NETLIFY") or env.get("FORM_SERVER"):
        yield f"/referral/* {_form_server_url(env)}/referral/:splat 200! signed=FORM_PROXY_SECRET"


def _form_server_url(env: Mapping[str, str]) -> str:
    server = env.get("FORM_SERVER", "").rstrip("/")
    if not re.fullmatch(r"https://[^/\s]+", server):
        raise HostingError(
            "FORM_SERVER must be the form service's https:// address without a path, because "
            "extra.service.form_address is /referral/ and the site passes requests on to it"
        )
    if len(env.get("FORM_PROXY_SECRET", "")) < 32:
        raise HostingError("FORM_PROXY_SECRET must be set, with 32 characters or more: it signs what is passed on")
    return server


def security_txt(service: Service) -> str:
    """Return the content of security.txt (RFC 9116). The file expires a year after the last review of the texts."""
    contact = str(service.values.get("security_contact") or service["email"])
    expiry = date.fromisoformat(str(service["review"]["date"])) + timedelta(days=365)
    return (
        f"Contact: {contact if ':' in contact else 'mailto:' + contact}\n"
        f"Expires: {expiry.isoformat()}T00:00:00Z\n"
        "Preferred-Languages: en\n"
        f"Canonical: {service.site_url}.well-known/security.txt\n"
    )


def write(site: Path, docs: Path, service: Service, env: Mapping[str, str] = os.environ) -> None:
    """Write `_redirects` and security.txt to `site`.

    A preview also gets a noindex header. In any other build, the page that only previews show is removed. Raises
    HostingError if the site cannot be hosted as configured.
    """
    (site / "_redirects").write_text("\n".join(redirects(service, moved_pages(docs), env)) + "\n", encoding="utf-8")
    (site / ".well-known").mkdir(exist_ok=True)
    (site / ".well-known" / "security.txt").write_text(security_txt(service), encoding="utf-8")
    if is_preview(env):
        with (site / "_headers").open("a", encoding="utf-8") as headers:
            headers.write("/*\n  X-Robots-Tag: noindex, nofollow\n")
    else:
        (site / PREVIEW_PAGE.strip("/")).unlink(missing_ok=True)
