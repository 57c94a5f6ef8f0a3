"""Tests that the form behind `netlify dev` accepts only the requests that Netlify has signed."""

import os
import shutil
from pathlib import Path

import psutil
import pytest

from service_profile import load
from tests.support.deployment import flask_command, form_environment, get, running_program, wait_for_port
from tests.support.npm import install_packages
from tests.support.visitor import Visitor
from tests.support.waiting import wait_until
from tools.dev.ports import free_port
from tools.editor import npm
from tools.publish import hosting

PROXY_SECRET = "the same secret on both sides, and long"
NETLIFY_CLI_VERSION = "23.15.1"  # runs on Node 20


def install_netlify_cli() -> Path:
    """Install Netlify's command-line program, unless it is installed already; return its path."""
    folder = npm.BUILD_FOLDER / f"netlify-cli-{NETLIFY_CLI_VERSION}"
    cli = folder / "node_modules" / "netlify-cli" / "bin" / "run.js"
    if not cli.exists():
        folder.mkdir(parents=True, exist_ok=True)
        install_packages(folder, f"netlify-cli@{NETLIFY_CLI_VERSION}")
    return cli


@pytest.mark.soak
@pytest.mark.system
def test_requests_through_netlify_reach_the_form_with_a_valid_signature(tmp_path: Path, root: Path, site: Path) -> None:
    form_port, front_port = free_port(), free_port()
    shutil.copytree(site, tmp_path / "site")
    shutil.copyfile(root / "netlify.toml", tmp_path / "netlify.toml")
    # A real deploy proxies to HTTPS only; here the form runs on loopback without TLS.
    env = {"NETLIFY": "true", "FORM_SERVER": "https://form.internal", "FORM_PROXY_SECRET": PROXY_SECRET}
    lines = "\n".join(hosting.redirects(load(root / "mkdocs.yml"), {}, env))
    assert "https://form.internal" in lines
    (tmp_path / "site" / "_redirects").write_text(
        lines.replace("https://form.internal", f"http://127.0.0.1:{form_port}")
    )
    (tmp_path / ".env").write_text(f'FORM_PROXY_SECRET="{PROXY_SECRET}"\n')

    settings = form_environment(root, FORM_PROXY_SECRET=PROXY_SECRET, FORM_SMTP_URL="smtp://127.0.0.1:1")
    netlify_environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CI": "1"}
    netlify_environment["NODE_OPTIONS"] = f"--require {Path(__file__).parents[1] / 'support/loopback.cjs'}"
    options = ("dev", "--offline", "--no-open", "--internal-disable-edge-functions", "--port", str(front_port))
    with (
        running_program(*flask_command(), "serve", "--port", str(form_port), cwd=tmp_path, env=settings),
        running_program("node", str(install_netlify_cli()), *options, cwd=tmp_path, env=netlify_environment) as netlify,
    ):
        wait_for_port(form_port, "the form", seconds=60)
        wait_until(lambda: get(f"http://127.0.0.1:{front_port}/")[0] == 200, "netlify dev answers", seconds=90)
        processes = [psutil.Process(netlify.pid), *psutil.Process(netlify.pid).children(recursive=True)]
        connections = [connection for process in processes for connection in process.net_connections("inet")]
        listening_ips = {connection.laddr.ip for connection in connections if connection.status == psutil.CONN_LISTEN}
        assert listening_ips == {"127.0.0.1"}
        assert get(f"http://127.0.0.1:{form_port}/referral/")[0] == 403, "only what is signed is let in"
        assert Visitor(f"http://127.0.0.1:{front_port}").send_referral("responsible")
        assert get(f"http://127.0.0.1:{front_port}/")[1] == (site / "index.html").read_bytes()
