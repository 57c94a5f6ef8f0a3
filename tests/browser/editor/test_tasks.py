"""Tests that the tasks of the editing guide can be done in each browser engine and change the built site.

In WebKit only the weekly tasks are tested.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pymupdf
import pytest
from playwright.sync_api import Browser

from tests.support import editor_steps as steps
from tests.support import project_copy
from tests.support.driven_browser import DrivenBrowser
from tests.support.editor_page import running_editor
from tests.support.editor_session import EditorSession
from tests.support.editor_window import ChromiumWindow, DrivenWindow, Window

pytestmark = [pytest.mark.system, pytest.mark.browser, pytest.mark.slowest]
# Console messages that are only advice to developers.
IGNORED_CONSOLE_MESSAGES = ("sandbox", "scroll-linked positioning")


@dataclass(frozen=True)
class BuiltSite:
    """The site that was built from the files saved in the editor."""

    folder: Path

    def html(self, page: str) -> str:
        """Return the HTML of the page with the path `page`, such as "contact"; "" is the home page."""
        return (self.folder / page / "index.html").read_text(encoding="utf-8")

    def text(self, page: str) -> str:
        """Return the text of the page with this path, or of the leaflet with this PDF file name."""
        if page.endswith(".pdf"):
            with pymupdf.open(self.folder / "leaflets" / page) as pdf:
                return " ".join(" ".join(sheet.get_text() for sheet in pdf).split())
        text = re.sub(r"<(style|script)\b.*?</\1>|<[^>]+>", " ", self.html(page), flags=re.DOTALL)
        return " ".join(text.replace("&nbsp;", " ").replace("\u00a0", " ").split())


Check = Callable[[BuiltSite], bool]


@dataclass(frozen=True)
class Task:
    """A task of the editing guide: where to do it in the editor, its steps, and a check of the built site.

    The test opens `view` before the steps and saves afterwards, but if `view` is empty, the steps do both themselves.
    """

    name: str
    view: str
    steps: Callable[[EditorSession], None]
    check: Check


def page_says(page: str, *texts: str) -> Check:
    """Return a check that the text of a built page or leaflet contains all of `texts`."""
    return lambda site: all(text in site.text(page) for text in texts)


def page_does_not_say(page: str, text: str) -> Check:
    """Return a check that the text of a built page does not contain `text`."""
    return lambda site: text not in site.text(page)


def page_has_html(page: str, html: str) -> Check:
    """Return a check that the source of a built page contains this HTML."""
    return lambda site: html in site.html(page)


def page_has_in_order(page: str, *fragments: str) -> Check:
    """Return a check that the HTML of a built page contains `fragments` in this order."""
    return lambda site: bool(re.search(".*?".join(map(re.escape, fragments)), site.html(page), re.DOTALL))


def file_exists(file: str) -> Check:
    """Return a check that the built site has this file."""
    return lambda site: (site.folder / file).is_file()


def path_redirects(line: str) -> Check:
    """Return a check that the site redirects as `line` says, such as "/old/ /new/", and has no page at the old path."""
    old_path = line.split()[0].strip("/")
    return lambda site: (
        f"{line} 301!" in (site.folder / "_redirects").read_text() and not (site.folder / old_path).exists()
    )


def combined_check(first_check: Check, second_check: Check) -> Check:
    """Return a check that passes if both `first_check` and `second_check` pass."""
    return lambda site: first_check(site) and second_check(site)


# Name of the task; view of the editor; steps there; check of the built site.
TASKS = (
    Task(
        "a sentence", "edit/docs/complaints.md", steps.change_a_sentence, page_says("complaints", "please tell us soon")
    ),
    Task(
        "a leaflet’s words",
        "edit/leaflet/poster.md",
        steps.change_a_leaflet,
        page_says("poster.pdf", "Still wondering"),
    ),
    Task(
        "a picture",
        "edit/docs/support.md",
        steps.insert_a_picture,
        combined_check(page_has_html("support", 'alt="A room with two chairs"'), file_exists("pictures/our-room.jpg")),
    ),
    Task(
        "a new page, in the menu",
        "",
        steps.add_a_page_to_the_menu,
        combined_check(page_says("our-facilitators", "They listen."), page_says("what-happens", steps.FACILITATORS)),
    ),
    Task(
        "the order of the menu",
        "",
        steps.reorder_the_menu,
        page_has_in_order("what-happens", "In this section", '="/our-facilitators/"', '="/leaflets/"'),
    ),
    Task(
        "a page’s name and address",
        "",
        steps.rename_a_page,
        combined_check(
            path_redirects("/our-helpers/ /our-facilitators/"), page_says("our-facilitators", steps.FACILITATORS)
        ),
    ),
    Task("a heading", "", steps.reword_a_heading, page_has_html("prison", '="/our-facilitators/#your-choices"')),
    Task("a page is deleted", "", steps.delete_a_page, path_redirects("/for-a-day/ /support/")),
    Task(
        "the phone number",
        "settings/contact",
        steps.change_the_phone_number,
        combined_check(page_says("contact", "01632 960444"), page_says("poster.pdf", "01632 960444")),
    ),
    Task(
        "a second phone",
        "settings/contact",
        steps.add_a_second_phone,
        combined_check(page_says("contact", "01632 960555"), page_says("leaflet-to-fold.pdf", "01632 960555")),
    ),
    Task(
        "an address",
        "settings/contact",
        steps.set_the_postal_address,
        page_says("contact", "1 High Street", "Marlford"),
    ),
    Task("what is offered", "settings/contact", steps.add_an_offer, page_says("support", "an interpreter")),
    Task(
        "caller ID and reply time",
        "settings/contact",
        steps.set_caller_id_and_reply_time,
        page_says("contact", "Our number is withheld.", "We will reply within 2 working days."),
    ),
    Task("the name", "settings/organisation", steps.change_the_name, page_says("about-us", "Tarn Restorative Justice")),
    Task(
        "the area",
        "settings/organisation",
        steps.change_the_area,
        page_says("contact", "Marlshire and the Tarn Valley"),
    ),
    Task(
        "a social network",
        "settings/organisation",
        steps.add_a_social_network,
        page_has_html("privacy", "www.facebook.com/tarn"),
    ),
    Task(
        "the service’s logo",
        "settings/organisation",
        steps.replace_the_logo,
        combined_check(page_has_html("", 'alt="Tarn Justice"'), file_exists("pictures/our-logo.png")),
    ),
    Task("a funder’s logo", "settings/about", steps.add_a_funder, page_has_html("", 'alt="Tarn Council"')),
    Task(
        "who runs it",
        "settings/about",
        steps.set_who_runs_the_service,
        page_says("about-us", "We are part of Tarn Care."),
    ),
    Task("the exit", "settings/form", steps.change_the_exit_url, page_has_html("", 'href="https://www.gov.uk/tarn"')),
    Task(
        "confidentiality",
        "settings/privacy",
        steps.change_confidentiality,
        page_says("your-safety", "We keep it private,"),
    ),
    Task(
        "privacy",
        "settings/privacy",
        steps.change_privacy_details,
        page_says("privacy", "your request for 6 years.", "Tarn Mail"),
    ),
    Task(
        "a figure and its year",
        "settings/statistics",
        steps.change_a_figure_and_its_year,
        page_says("does-it-help", "71%", "2024"),
    ),
    Task(
        "a figure that is removed",
        "settings/statistics",
        steps.remove_a_figure,
        combined_check(
            page_does_not_say("", "happy with the outcome"), page_does_not_say("does-it-help", "happy with the outcome")
        ),
    ),
    Task(
        "a helpline, and the order",
        "settings/helplines",
        steps.add_and_reorder_helplines,
        page_has_in_order("other-support", "<main", "Tarn Listeners", "Respect Phoneline"),
    ),
    Task(
        "a helpline that is removed",
        "settings/helplines",
        steps.remove_a_helpline,
        page_does_not_say("domestic-and-sexual-abuse", "Galop"),
    ),
    Task(
        "the date of a check",
        "settings/helplines",
        steps.set_the_date_of_a_check,
        page_says("get-help-now", "20 November 2026"),
    ),
    Task("an earlier version", "", steps.go_back_to_an_earlier_version, page_does_not_say("cookies", "regret")),
    Task(
        "earlier settings", "", steps.go_back_to_earlier_settings, page_says("contact", "Monday to Friday, 9am to 5pm")
    ),
)
WEEKLY_TASK_NAMES = ("a sentence", "a leaflet’s words", "the phone number", "a figure and its year")


def do_tasks_and_check_site(
    tasks: Sequence[Task], window: Window, root: Path, folder: Path, subtests: pytest.Subtests
) -> None:
    """Do the tasks in the editor, build the site, and run the check of each task."""
    project, log_folder = folder / "project", folder / "log"
    log_folder.mkdir()
    with running_editor(root, project, log_folder) as (_, port):
        editor = EditorSession(window, project, f"http://127.0.0.1:{port}")
        for view, tasks_in_view in ((part, list(group)) for part, group in groupby(tasks, lambda task: task.view)):
            if view:
                with subtests.test("open", part=view):
                    editor.go_to(view)
            for task in tasks_in_view:
                with subtests.test("do", task=task.name):
                    earlier_error_count = len(window.console_errors())
                    task.steps(editor)
                    new_errors = window.console_errors()[earlier_error_count:]
                    assert [
                        line for line in new_errors if not any(message in line for message in IGNORED_CONSOLE_MESSAGES)
                    ] == []
            if view:
                with subtests.test("save", part=view):
                    editor.save()
    completed = project_copy.run_python(project, "-m", "tools.publish.build")
    assert completed.returncode == 0, completed.stderr
    for task in tasks:
        with subtests.test("built", task=task.name):
            assert task.check(BuiltSite(project / "site"))


@contextmanager
def chromium_window(browser: Browser, width: int) -> Iterator[Window]:
    context = browser.new_context(viewport={"width": width, "height": 844})
    yield ChromiumWindow(context.new_page())
    context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_colleague_can_do_every_task_in_chromium(
    width: int, browser: Browser, root: Path, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    with chromium_window(browser, width) as window:
        do_tasks_and_check_site(TASKS, window, root, tmp_path, subtests)


def test_a_colleague_can_do_the_tasks_in_another_browser(
    other_browser: DrivenBrowser, root: Path, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    """Firefox does every task; WebKit does the tasks that come up every week."""
    tasks = (
        TASKS
        if type(other_browser).__name__ == "Firefox"
        else [task for task in TASKS if task.name in WEEKLY_TASK_NAMES]
    )
    do_tasks_and_check_site(tasks, DrivenWindow(other_browser), root, tmp_path, subtests)
