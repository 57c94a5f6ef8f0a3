"""Tests of `make serve`, from the site and the form to the email in the mailbox."""

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import project_copy
from tests.support.waiting import wait_until
from tools.dev.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.server]

REFERENCE_PATTERN = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


@dataclass
class RunningService:
    """A running `make serve`, with its own ports and data."""

    site_url: str
    mailbox_url: str
    process: subprocess.Popen[str]
    project: Path


@pytest.fixture(scope="module")
def service(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    port, mail_port = free_port(), free_port()
    state_folder = tmp_path_factory.mktemp("state")
    project = project_copy.copy_with_sample_service(root, state_folder / "project")
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment |= {
        "PYTHONPATH": str(project),
        "FORM_DATABASE_URL": f"sqlite:///{state_folder}/referrals.db",
        "FORM_SECRET_KEYS": "only-for-the-tests-" + "x" * 32,
        "PYTHONUNBUFFERED": "1",
    }
    options = [f"--port={port}", f"--mail-port={mail_port}", f"--mail-folder={state_folder}/m"]
    command = [sys.executable, "-m", "tools.dev.serve", *options]
    process = subprocess.Popen(command, cwd=project, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    for line in process.stdout:
        if "Ctrl-C stops" in line:
            break
    mailbox_url = f"http://127.0.0.1:{mail_port}"
    wait_until(lambda: fetch(mailbox_url), "the mailbox answers")
    yield RunningService(f"http://127.0.0.1:{port}", mailbox_url, process, project)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0, "make serve did not stop cleanly"
    process.stdout.close()


def fetch(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as response:
        text: str = response.read().decode()
    return text


def page_of_email(service: RunningService, reference: str) -> str:
    """Wait for the email whose subject contains `reference`; return the HTML of its page in the mailbox.

    Fails unless exactly one such email arrives within 5 seconds.
    """
    link = wait_until(
        lambda: re.search(rf'href="(/mail/[^"]+)">[^<]*{reference}', fetch(service.mailbox_url)),
        f"mail {reference} in the mailbox",
        seconds=5,
    )
    assert fetch(service.mailbox_url).count(reference) == 1
    return fetch(service.mailbox_url + link[1])


def choose(page: Page, label: str) -> None:
    """Click the label of a radio button or checkbox, as most people do."""
    page.locator("label", has_text=label).click()


def send_self_referral(page: Page, site_url: str) -> str:
    """Fill in and send the form as a person harmed; return the reference on the confirmation."""
    page.goto(f"{site_url}/")
    page.locator("main a[href$='/referral/']").first.click()
    page.get_by_role("button", name="Start").click()
    choose(page, "Me: I was harmed")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("What should we call you?").fill("Sam")
    choose(page, "Yes, 18 or over")
    page.get_by_role("button", name="Continue").click()
    choose(page, "Phone call")
    page.get_by_label("Phone number").fill("01632 960777")
    page.get_by_role("button", name="Continue").click()
    for _ in range(3):  # the pages times, support and background, where nothing is required
        page.get_by_role("button", name="Continue").click()
    choose(page, "I am happy for the team to contact me in the ways I have chosen")
    page.get_by_role("button", name=re.compile("send", re.IGNORECASE)).click()
    expect(page.locator("main")).to_contain_text("reference")
    reference = REFERENCE_PATTERN.search(page.locator("main").inner_text())
    assert reference
    return reference[0]


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_a_person_harmed_asks_for_help_and_the_team_reads_it(
    service: RunningService, browser: Browser, javascript: bool
) -> None:
    context = browser.new_context(java_script_enabled=javascript)
    reference = send_self_referral(context.new_page(), service.site_url)
    email_text = " ".join(page_of_email(service, reference).split())
    assert "01632 960777" in email_text and "Sam" in email_text
    assert "DO NOT leave a voicemail" in email_text and "DO NOT say who is calling" in email_text
    assert email_text.index("DO NOT leave a voicemail") < email_text.index("01632 960777")
    context.close()


def test_an_edit_of_a_page_shows_on_reload(service: RunningService) -> None:
    page_file = service.project / "docs" / "contact.md"
    original_text = page_file.read_text(encoding="utf-8")
    try:
        page_file.write_text(original_text + "\nA sentence that a facilitator just added.\n", encoding="utf-8")
        assert "A sentence that a facilitator just added." in fetch(f"{service.site_url}/contact/")
    finally:
        page_file.write_text(original_text, encoding="utf-8")
    assert "just added" not in fetch(f"{service.site_url}/contact/")


def test_a_mistake_in_a_page_is_shown_instead_of_the_page_and_the_form_stays_open(service: RunningService) -> None:
    page_file = service.project / "docs" / "contact.md"
    original_text = page_file.read_text(encoding="utf-8")
    try:
        page_file.write_text(original_text + "\nCall {{ phon }}.\n", encoding="utf-8")
        with pytest.raises(urllib.error.HTTPError) as excinfo:
            fetch(f"{service.site_url}/contact/")
        page_text = excinfo.value.read().decode()
        assert "contact.md" in page_text and "phon" in page_text and "Did you mean" in page_text
        excinfo.value.close()
        assert "Start" in fetch(f"{service.site_url}/referral/")
    finally:
        page_file.write_text(original_text, encoding="utf-8")
    assert "<h1" in fetch(f"{service.site_url}/contact/")


def test_a_page_saved_in_another_encoding_is_reported_on_every_reload(service: RunningService) -> None:
    page_file = service.project / "docs" / "contact.md"
    original_bytes = page_file.read_bytes()
    try:
        page_file.write_bytes(original_bytes + b"\nCaf\xe9.\n")
        for _ in range(2):
            with pytest.raises(urllib.error.HTTPError) as excinfo:
                fetch(f"{service.site_url}/contact/")
            assert "not saved as UTF-8" in excinfo.value.read().decode()
            excinfo.value.close()
    finally:
        page_file.write_bytes(original_bytes)
    assert "<h1" in fetch(f"{service.site_url}/contact/")


@pytest.mark.parametrize("path", ["/%00", "/contact/%00", "/" + "x" * 5000, "/../../etc/passwd"])
def test_an_unknown_path_gets_the_sites_404_page(service: RunningService, path: str) -> None:
    with pytest.raises(urllib.error.HTTPError) as excinfo:
        fetch(f"{service.site_url}{path}")
    assert excinfo.value.code == 404
    assert "01632 960123" in excinfo.value.read().decode()
    excinfo.value.close()


def test_a_mistake_in_the_services_details_is_reported_and_the_form_stays_open(service: RunningService) -> None:
    config_file = service.project / "mkdocs.yml"
    original_config = config_file.read_text(encoding="utf-8")
    try:
        config_file.write_text(original_config.replace("    phone: 01632 960123", '    phone: ""'), encoding="utf-8")
        with pytest.raises(urllib.error.HTTPError) as excinfo:
            fetch(f"{service.site_url}/contact/")
        assert "extra.service.phone is empty" in excinfo.value.read().decode()
        excinfo.value.close()
        assert "Start" in fetch(f"{service.site_url}/referral/")
    finally:
        config_file.write_text(original_config, encoding="utf-8")
    assert "01632 960123" in fetch(f"{service.site_url}/contact/")


def test_no_process_is_left_when_make_serve_is_killed(root: Path, tmp_path: Path) -> None:
    port, mail_port = free_port(), free_port()
    options = [f"--port={port}", f"--mail-port={mail_port}", f"--mail-folder={tmp_path}/m"]
    process = subprocess.Popen(
        [sys.executable, "-m", "tools.dev.serve", *options],
        cwd=root,
        env=os.environ | {"FORM_DATABASE_URL": f"sqlite:///{tmp_path}/referrals.db"},
        stdout=subprocess.DEVNULL,
    )
    wait_until(lambda: fetch(f"http://127.0.0.1:{mail_port}"), "the mailbox answers", 60)
    child_processes = psutil.Process(process.pid).children(recursive=True)
    assert len(child_processes) == 4
    process.kill()
    process.wait()
    wait_until(lambda: not any(map(is_running, child_processes)), "nothing runs any more")


def is_running(process: psutil.Process) -> bool:
    """Return whether the process is running and is not a zombie."""
    # A container may have no process that removes zombies.
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_stopping_make_serve_prints_one_line(root: Path, tmp_path: Path) -> None:
    port, mail_port = free_port(), free_port()
    options = [f"--port={port}", f"--mail-port={mail_port}", f"--mail-folder={tmp_path}/m"]
    log_path = tmp_path / "output"
    with log_path.open("w") as log_file:
        process = subprocess.Popen(
            [sys.executable, "-m", "tools.dev.serve", *options],
            cwd=root,
            env=os.environ | {"FORM_DATABASE_URL": f"sqlite:///{tmp_path}/referrals.db"},
            stdout=log_file,
            stderr=log_file,
        )
        wait_until(lambda: fetch(f"http://127.0.0.1:{mail_port}"), "the mailbox answers", 60)
        process.terminate()
        assert process.wait(30) == 0
    assert log_path.read_text(encoding="utf-8").split("Stopping …")[1].strip() == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["tools.dev.serve", "--port=99999"], "99999 is not a port"),
        (["tools.dev.serve", "--port=18999", "--mail-port=18999"], "PORT and MAIL_PORT are the same"),
        (["tools.editor", "--port=99999"], "99999 is not a port"),
    ],
)
def test_an_impossible_port_is_reported_in_one_line(root: Path, options: list[str], message: str) -> None:
    command = [sys.executable, "-m", *options]
    completed = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60)
    assert completed.returncode != 0
    assert message in completed.stderr and "Traceback" not in completed.stderr


def test_a_wrong_setting_is_named_in_one_line_before_anything_starts(root: Path) -> None:
    completed = subprocess.run(
        [sys.executable, "-m", "tools.dev.serve", f"--port={free_port()}", f"--mail-port={free_port()}"],
        cwd=root,
        env=os.environ | {"FORM_KEEP_DAYS": "a week"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert completed.returncode == 1
    assert len(completed.stderr.strip().splitlines()) == 1
    assert "FORM_KEEP_DAYS" in completed.stderr
    assert "Building" not in completed.stdout, "nobody waits for the build first"
