"""Write nginx's configuration for a machine of your own, from deploy/nginx/, mkdocs.yml and the built site.

make build && .venv/bin/python -m tools.publish.nginx --certificate … --key … --to /etc/nginx/conf.d/front-door.conf
make build && .venv/bin/python -m tools.publish.nginx --containers --to deploy/front-door.conf
.venv/bin/python -m tools.publish.nginx --editor edit.… --certificate … --key … --to /etc/nginx/conf.d/editor.conf

The configuration includes site/_nginx/, which contains the headers and redirects of the pages. Every build rewrites
that folder, so after a build it is enough to reload nginx.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from service_profile import ProfileError, load
from service_profile.profile import ROOT
from tools.publish.hosting import HostingError, moved_pages

TEMPLATE_FOLDER = ROOT / "deploy" / "nginx"
INCLUDES_FOLDER = "_nginx"  # a folder of the site that nginx reads and does not serve
GENERATED_COMMENT = "# Written by the build (tools/publish/nginx.py).\n"
BROTLI_MODULE = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")
HTTP2_DIRECTIVE_VERSION = (1, 25, 1)  # the first nginx that has the directive


def has_http2_directive() -> bool:
    """Return whether the installed nginx understands the directive `http2 on;`."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        return False
    output = subprocess.run([program, "-v"], capture_output=True, text=True, timeout=10).stderr
    version = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", output)
    return version is not None and tuple(map(int, version.groups())) >= HTTP2_DIRECTIVE_VERSION


@dataclass(frozen=True)
class Machine:
    """The machine on which nginx runs: its paths, addresses and features.

    `http_address` and `https_address` are written as nginx expects them, such as 443 or 127.0.0.1:8443.
    """

    certificate: Path
    key: Path
    site: Path = ROOT / "site"
    log_folder: Path = Path("/var/log/nginx")
    http_address: str = "80"
    https_address: str = "443"
    form_addresses: tuple[str, ...] = ("127.0.0.1:8001",)
    has_brotli: bool = BROTLI_MODULE.exists()
    supports_http2_directive: bool = field(default_factory=has_http2_directive)
    site_for_nginx: Path | None = None  # the site's path as nginx sees it, if that is not `site`


def container_machine(site: Path) -> Machine:
    """Return the description of the container in which deploy/compose.yaml runs nginx.

    `site` is the path of the built site on this machine.
    """
    certificate_folder = Path("/etc/front-door/certificate")
    return Machine(
        certificate=certificate_folder / "fullchain.pem",
        key=certificate_folder / "privkey.pem",
        site=site,
        form_addresses=("web:8001",),
        has_brotli=False,
        supports_http2_directive=True,
        site_for_nginx=Path("/srv/front-door/site"),
    )


def header_rules(text: str) -> list[tuple[str, str, str]]:
    """Return the rules of a `_headers` file in the file's order, as (path pattern, header, value)."""
    rules, pattern = [], ""
    for line in text.splitlines():
        if line.strip().startswith("#") or not line.strip():
            continue
        if line[0].isspace():
            name, value = line.strip().split(":", 1)
            rules.append((pattern, name.strip(), value.strip()))
        else:
            pattern = line.strip()
    return rules


def _quote(text: str) -> str:
    if "$" in text:
        raise HostingError(f"a header must not hold a dollar sign: {text}")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _path_regex(pattern: str) -> str:
    return "^" + ".*".join(re.escape(part).replace('"', '\\"') for part in pattern.split("*")) + "$"


def header_directives(text: str) -> tuple[str, str]:
    """Return nginx's `map` blocks and add_header lines for the content of a `_headers` file.

    Later rules override earlier ones, and headers from the form service override all rules.
    """
    # The key of each map is the form service's own header, a bar and the path: rules match only without that header.
    # Netlify's default for pages: caches revalidate them on each request.
    rules = [("/*", "Cache-Control", "public, max-age=0, must-revalidate"), *header_rules(text)]
    maps, lines = [], []
    for name in dict.fromkeys(name for _, name, _ in rules):
        variable = "$front_door_" + name.lower().replace("-", "_")
        upstream_header = "$upstream_http_" + name.lower().replace("-", "_")
        maps.append(f'map "{upstream_header}|$uri" {variable} {{\n    volatile;\n    default "";')
        for pattern, rule_name, value in reversed(rules):
            if rule_name == name:
                maps.append(f'    "~^\\|{_path_regex(pattern)[1:]}" {_quote(value)};')
        maps.append("}")
        lines.append(f"    add_header {name} {variable} always;")
    return "\n".join(maps), "\n".join(lines)


def write_includes(site: Path, docs: Path) -> None:
    """Write the header and redirect files that nginx's configuration includes.

    Raises HostingError if a header or a redirect is invalid.
    """
    maps, lines = header_directives((site / "_headers").read_text(encoding="utf-8"))
    redirect_lines = "\n".join(
        f'    "~^{re.escape(old_path.rstrip("/"))}/?$" {new_path};' for old_path, new_path in moved_pages(docs).items()
    )
    folder = site / INCLUDES_FOLDER
    folder.mkdir(exist_ok=True)
    old_urls = f'map $uri $front_door_moved {{\n    default "";\n{redirect_lines}\n}}'
    (folder / "http.conf").write_text(f"{GENERATED_COMMENT}{maps}\n{old_urls}\n", encoding="utf-8")
    (folder / "server.conf").write_text(f"{GENERATED_COMMENT}{lines}\n", encoding="utf-8")


def configuration(machine: Machine, root: Path = ROOT) -> str:
    """Return nginx's configuration for the site and the form.

    Raises ProfileError if mkdocs.yml is invalid, and FileNotFoundError if the site is not built yet.
    """
    service = load(root / "mkdocs.yml")
    (machine.site / INCLUDES_FOLDER / "http.conf").stat()  # written by the build
    is_form_on_same_host = str(service["form_address"]).startswith("/")
    values = {
        "upstreams": "\n".join(f"    server {address} max_fails=0;" for address in machine.form_addresses),
        "host": urlsplit(service.site_url).hostname or "",
        **_server_values(machine),
        "site": str(machine.site_for_nginx or machine.site),
        "brotli": "brotli_static on;"
        if machine.has_brotli
        else "# brotli_static on;  (package libnginx-mod-http-brotli-static)",
        "pass": (TEMPLATE_FOLDER / "pass.conf").read_text(encoding="utf-8").strip().replace("\n", "\n        "),
    }
    if not is_form_on_same_host:
        values["pass"] = f"return 302 {str(service['form_address']).rstrip('/')}/;"
    return _fill_template("front-door.conf", values)


def editor_configuration(machine: Machine, host: str, editor_address: str = "127.0.0.1:8010") -> str:
    """Return nginx's configuration for the hosted editor at `host`.

    The editor's process listens on `editor_address`.
    """
    return _fill_template("editor.conf", {**_server_values(machine), "host": host, "editor": editor_address})


def _server_values(machine: Machine) -> dict[str, str]:
    return {
        "http": machine.http_address,
        "https": machine.https_address,
        "certificate": str(machine.certificate),
        "http2": ";\n    http2 on" if machine.supports_http2_directive else " http2",
        "key": str(machine.key),
        "logs": str(machine.log_folder),
    }


def _fill_template(template: str, values: Mapping[str, str]) -> str:
    text = (TEMPLATE_FOLDER / template).read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], text.replace("{{double braces}}", "double braces"))


def write_atomically(file: Path, text: str) -> None:
    """Replace the content of `file` with `text` in one step. Raises HostingError if that fails."""
    # nginx would accept an empty file, and serve nothing.
    temporary_file = file.resolve().with_name(f"{file.name}.new")
    try:
        temporary_file.write_text(text, encoding="utf-8")
        temporary_file.chmod(0o644)
        temporary_file.replace(file.resolve())
    except OSError as error:
        raise HostingError(f"{file} cannot be written: {error.strerror}") from error


def argument_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Write nginx's configuration to standard output, or to a file.")
    parser.add_argument("--certificate", type=Path, help="the certificate with its chain (PEM)")
    parser.add_argument("--key", type=Path, help="the certificate's private key (PEM)")
    parser.add_argument("--containers", action="store_true", help="for deploy/compose.yaml, which names all the paths")
    parser.add_argument("--editor", metavar="HOST", help="for the editor on an address of its own")
    parser.add_argument("--site", type=Path, help=f"the built site, when it is not {ROOT / 'site'}")
    parser.add_argument("--form", action="append", help="address of a web process; repeat it for several")
    parser.add_argument("--to", type=Path, metavar="FILE", help="write this file")
    return parser


def parse_options(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """Return the command's options. Exit with a message if one is wrong or a required one is missing."""
    options = parser.parse_args(arguments)
    if not options.containers and not (options.certificate and options.key):
        parser.error("name --certificate and --key, or --containers")
    options.site = options.site and options.site.resolve()
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Print nginx's configuration, or write it to a file. Return 0 on success, 1 otherwise."""
    try:
        options = parse_options(argument_parser(), sys.argv[1:] if arguments is None else arguments)
        site = options.site or ROOT / "site"
        form_addresses = tuple(options.form or ("127.0.0.1:8001",))
        machine = Machine(options.certificate, options.key, site, form_addresses=form_addresses)
        if options.editor:
            text = editor_configuration(machine, options.editor)
        else:
            text = configuration(container_machine(site) if options.containers else machine)
        if options.to:
            write_atomically(options.to, text)
        else:
            print(text, end="")
    except FileNotFoundError as error:
        print(f"{error.filename} is not there yet: run make build first", file=sys.stderr)
        return 1
    except (HostingError, ProfileError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
