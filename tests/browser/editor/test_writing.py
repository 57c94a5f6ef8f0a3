"""Tests of writing in the editor: typing, pasting, previewing and saving a page."""

import difflib
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support import clipboard
from tests.support.editor_page import TIMEOUT_MS, EditorPage

pytestmark = [pytest.mark.system, pytest.mark.browser]

# The largest scroll, in pixels, between two frames while keys are pressed.
RECORD_LARGEST_SCROLL_SCRIPT = """() => {
  const scroller = document.querySelector(".cm-scroller");
  window.moved = 0;
  let last = scroller.scrollTop;
  const measure = () => {
    window.moved = Math.max(window.moved, Math.abs(scroller.scrollTop - last));
    last = scroller.scrollTop;
    requestAnimationFrame(measure);
  };
  measure();
}"""
WORD_DOCUMENT = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><!--StartFragment-->
<h1>Our&nbsp;day<o:p></o:p></h1>
<p class=MsoNormal>A <b>bold</b>&#8203; word and a <span style='font-weight:bold'>heavy</span> one.<o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='margin-left:36pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span>&nbsp;&nbsp;</span></span></span>
<![endif]>First<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='margin-left:36pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span>&nbsp;&nbsp;</span></span></span>
<![endif]>Second<o:p></o:p></p>
<p class=MsoNormal>Then:</p>
<p class=MsoListParagraphCxSpFirst style='mso-list:l1 level1 lfo2'>
<span style='mso-list:Ignore'>1.<span>&nbsp;</span></span>One</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l1 level1 lfo2'>
<span style='mso-list:Ignore'>2.<span>&nbsp;</span></span>Two</p>
<table class=MsoTableGrid border=1><tr><td><p class=MsoNormal>Day</p></td><td><p class=MsoNormal>Hours</p></td></tr>
<tr><td><p class=MsoNormal>Monday</p></td><td><p class=MsoNormal>9am to 5pm</p></td></tr></table>
<!--EndFragment--></body></html>"""
WORD_DOCUMENT_AS_MARKDOWN = """## Our day

A **bold** word and a **heavy** one.

- First
- Second

Then:

1. One
2. Two

| Day | Hours |
| --- | --- |
| Monday | 9am to 5pm |"""


def changed_lines(original_text: str, changed_text: str) -> list[str]:
    return [line for line in difflib.ndiff(original_text.splitlines(), changed_text.splitlines()) if line[0] in "+-"]


def test_saving_one_sentence_changes_nothing_else_in_the_project(editor: EditorPage) -> None:
    original_files = {
        path: path.read_bytes() for path in editor.folder.rglob("*") if path.is_file() and ".git" not in path.parts
    }
    file = editor.folder / "docs" / "contact.md"
    editor.open("docs/contact.md")
    lines = editor.text().split("\n")
    line_index = next(number for number, line in enumerate(lines) if line[:1].isalpha())
    lines[line_index] += " Take your time."
    editor.replace_text("\n".join(lines))
    expect(editor.preview).to_contain_text("Take your time.", timeout=TIMEOUT_MS)
    assert file.read_bytes() == original_files[file], "the preview must not touch the file"
    editor.save()
    page_changes = changed_lines(original_files[file].decode(), editor.file_text("docs/contact.md"))
    assert len(page_changes) == 2 and "Take your time." in page_changes[1]
    saved_files = {
        path: path.read_bytes() for path in editor.folder.rglob("*") if path.is_file() and ".git" not in path.parts
    }
    assert {path for path in saved_files if saved_files[path] != original_files.get(path)} == {file}


def test_the_text_does_not_jump_while_somebody_types(editor: EditorPage) -> None:
    docs = editor.folder / "docs"
    longest_page = max(docs.glob("*.md"), key=lambda path: len(path.read_text(encoding="utf-8")))
    editor.open(f"docs/{longest_page.name}")
    lines = editor.text().split("\n")
    middle_line_index = next(number for number in range(len(lines) // 2, len(lines)) if lines[number][:1].isalpha())
    editor.page.get_by_role("button", name="Undo").wait_for()
    editor.text_area.evaluate(
        """(element, at) => {
          const view = element.cmTile.root.view;
          view.dispatch({ selection: { anchor: view.state.doc.line(at + 1).to } });
          view.scrollDOM.scrollTop = view.lineBlockAt(view.state.doc.line(at + 1).from).top - 150;
          view.focus();
        }""",
        middle_line_index,
    )
    editor.page.wait_for_function("document.querySelector('.cm-scroller').scrollTop > 0")
    editor.page.evaluate(RECORD_LARGEST_SCROLL_SCRIPT)
    # Ten thousand characters into one growing line: some key by key, the rest a word at a time, as phone keyboards do.
    editor.page.keyboard.type("We are here to help you. " * 20)
    for _ in range(380):
        editor.page.keyboard.insert_text("We are here to help you. ")
    scrolled_pixels = editor.page.evaluate("window.moved")
    line_height = editor.page.evaluate("document.querySelector('.cm-scroller').querySelector('.cm-line').clientHeight")
    assert len(editor.text()) >= 10_000
    assert scrolled_pixels <= 3 * max(line_height, 25), "the view may follow the cursor down by a line, never jump"
    cursor_top = editor.page.locator(".cm-content").evaluate(
        "element => element.cmTile.root.view.coordsAtPos(element.cmTile.root.view.state.selection.main.head).top"
    )
    assert 0 < cursor_top < 800, "the cursor stays in view"


def test_undo_reverts_typing_and_toolbar_changes(editor: EditorPage) -> None:
    editor.open("docs/support.md")
    original_text = editor.text()
    editor.append("\n\nA line.")
    editor.button("List").click()
    editor.button("Bold").click()
    assert editor.text() != original_text
    for _ in range(3):
        editor.button("Undo").click()
    assert editor.text() == original_text
    editor.button("Redo").click()
    assert editor.text().endswith("A line.")


@pytest.mark.parametrize(
    ("button", "markdown", "selector"),
    [
        ("List", "Before\n\n- One\n- Two", "main ul li:has-text('Two')"),
        ("1. List", "Before\n\n1. One\n2. Two", "main ol li:has-text('Two')"),
        ("Heading", "Before\nOne\n\n## Two", "main h2:has-text('Two')"),
    ],
)
def test_the_list_and_heading_buttons_change_the_selected_lines(
    editor: EditorPage, button: str, markdown: str, selector: str
) -> None:
    editor.open("docs/support.md")
    editor.replace_text("# The support you get\n\nBefore\nOne\nTwo")
    if button != "Heading":
        editor.page.keyboard.press("Shift+ArrowUp")
    editor.button(button).click()
    assert editor.text() == f"# The support you get\n\n{markdown}"
    expect(editor.preview.locator(selector)).to_be_visible(timeout=TIMEOUT_MS)


def test_a_link_to_a_page_chosen_from_a_list_is_inserted(editor: EditorPage) -> None:
    editor.open("docs/support.md")
    editor.append("\n\nSee ")
    editor.button("Link").click()
    editor.page.get_by_label("Find a page").fill("complai")
    editor.page.get_by_role("button", name=re.compile("complaints.md")).click()
    assert editor.text().endswith("(complaints.md)")
    expect(editor.preview.locator("main a[href='../complaints/']").last).to_be_visible(timeout=TIMEOUT_MS)


def test_a_fact_chosen_from_a_list_is_inserted(editor: EditorPage) -> None:
    editor.open("docs/support.md")
    editor.append("\n\nCall ")
    editor.button("Fact").click()
    editor.page.get_by_label("Find a fact").fill("phone")
    editor.page.locator(".chooser button").filter(
        has=editor.page.locator("small", has_text=re.compile("^Phone number$"))
    ).click()
    assert editor.text().endswith("Call {{ phone }}")
    expect(editor.preview).not_to_contain_text("{{", timeout=TIMEOUT_MS)


def test_mistakes_are_reported_with_their_line_and_prevent_saving(editor: EditorPage) -> None:
    original_text = editor.file_text("docs/support.md")
    editor.open("docs/support.md")
    editor.append("\n\nSee [the team](contcat.md). Call {{ fone }}.")
    expect(editor.problems).to_contain_text("Did you mean contact.md?", timeout=TIMEOUT_MS)
    expect(editor.problems).to_contain_text("Did you mean {{ phone }}?")
    line = original_text.rstrip("\n").count("\n") + 3
    expect(editor.problems).to_contain_text(re.compile(rf"Line ({line}|{line + 1}): "))
    button = editor.page.get_by_role("button", name="Cannot save yet: 2 things to fix")
    button.click(force=True)
    assert editor.file_text("docs/support.md") == original_text
    editor.replace_text(editor.text().replace("contcat", "contact").replace("fone", "phone"))
    expect(editor.problems).to_contain_text("Nothing to fix", timeout=TIMEOUT_MS)
    editor.save()
    assert "[the team](contact.md)" in editor.file_text("docs/support.md")


def test_text_pasted_from_word_becomes_markdown(editor: EditorPage) -> None:
    editor.open("docs/support.md")
    editor.replace_text("# The support you get\n\n")
    editor.paste({"text/html": WORD_DOCUMENT, "text/plain": "Our day"})
    assert editor.text().strip() == f"# The support you get\n\n{WORD_DOCUMENT_AS_MARKDOWN}"
    expect(editor.preview.locator("main ul li", has_text="Second")).to_be_visible(timeout=TIMEOUT_MS)


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        pytest.param(clipboard.WORD_NESTED_LIST, clipboard.NESTED_LIST_AS_MARKDOWN, id="nested lists of Word"),
        pytest.param(clipboard.OUTLOOK_EMAIL, clipboard.OUTLOOK_AS_MARKDOWN, id="Outlook"),
        pytest.param(
            clipboard.OUTLOOK_ON_THE_WEB_EMAIL, clipboard.OUTLOOK_ON_THE_WEB_AS_MARKDOWN, id="Outlook on the web"
        ),
    ],
)
def test_lists_pasted_from_word_and_outlook_stay_lists(editor: EditorPage, html: str, markdown: str) -> None:
    editor.open("docs/support.md")
    editor.replace_text("")
    editor.paste({"text/html": html, "text/plain": "its plain text"})
    assert editor.text().strip() == markdown
    expect(editor.preview.locator("li li").first).to_be_visible(timeout=TIMEOUT_MS)


def test_pasted_plain_text_loses_hard_spaces_and_bullet_characters(editor: EditorPage) -> None:
    editor.open("docs/support.md")
    editor.replace_text("")
    editor.paste({"text/plain": "• One\u00a0thing\u200b\r\n•\tTwo\r\n1) Three"})
    assert editor.text() == "- One thing\n- Two\n1. Three"


def test_the_edited_line_stays_in_view_in_the_preview(editor: EditorPage) -> None:
    editor.open("docs/what-happens.md")
    editor.text_area.click()
    editor.page.keyboard.press("ControlOrMeta+End")
    edited_element = editor.preview.locator("[data-edited]")
    expect(edited_element).to_be_in_viewport(timeout=TIMEOUT_MS)
    words = edited_element.inner_text()
    assert words.split()[0] in editor.text()[-400:]
    editor.page.keyboard.type(" Extra.")
    expect(editor.preview).to_contain_text("Extra.", timeout=TIMEOUT_MS)
    expect(editor.preview.locator("[data-edited]")).to_be_in_viewport()


def test_the_preview_has_the_fonts_of_the_site(editor: EditorPage) -> None:
    editor.open("docs/support.md")
    load_font_script = "body => body.ownerDocument.fonts.load('1rem Hyperlegible').then(fonts => fonts.length, () => 0)"
    assert editor.preview.evaluate(load_font_script) == 1


def test_a_page_is_edited_and_saved_on_a_phone(phone_editor: EditorPage) -> None:
    phone_editor.go_to("")
    phone_editor.page.get_by_role("link", name="Complaints").click()
    expect(phone_editor.problems).to_contain_text("Nothing to fix", timeout=TIMEOUT_MS)
    phone_editor.append("\n\nOn the way home.")
    phone_editor.page.get_by_role("button", name="Page", exact=True).click()
    expect(phone_editor.preview.get_by_text("On the way home.")).to_be_in_viewport(timeout=TIMEOUT_MS)
    expect(phone_editor.problems).to_be_in_viewport()
    assert phone_editor.page.evaluate("document.documentElement.scrollWidth") <= 390
    phone_editor.save()
    assert "On the way home." in phone_editor.file_text("docs/complaints.md")


def test_a_leaflet_is_edited_previewed_and_saved(phone_editor: EditorPage) -> None:
    editor, sentence = phone_editor, "One more sentence"
    editor.open("leaflet/easy-read.md")
    editor.show_pane("Page")
    expect(editor.page.get_by_alt_text("Page 1 of the leaflet")).to_be_visible(timeout=TIMEOUT_MS)
    editor.show_pane("Words")
    original_text = editor.file_text("leaflet/easy-read.md")
    editor.replace_text(editor.text().replace("{{ phone }}", "{{ phome }}", 1))
    expect(editor.problems).to_contain_text("phome", timeout=TIMEOUT_MS)
    editor.replace_text(f"{original_text}\nSee [[picture: danger]] there.\n")
    editor.problems.get_by_role("button", name=re.compile("^Line .* double square brackets")).click(timeout=TIMEOUT_MS)
    expect(editor.page.locator(".cm-line", has_text="See [[picture")).to_be_in_viewport()
    editor.replace_text(original_text + f"\n{sentence}.\n")
    expect(editor.problems).to_contain_text("Nothing to fix", timeout=TIMEOUT_MS)
    editor.save()
    assert changed_lines(original_text, editor.file_text("leaflet/easy-read.md"))[-1] == f"+ {sentence}."


def test_two_people_editing_at_once_each_see_their_own_preview(open_editor: Callable[..., EditorPage]) -> None:
    first_editor, second_editor = open_editor(), open_editor()
    first_editor.open("docs/complaints.md")
    second_editor.open("docs/cookies.md")
    first_editor.append("\n\nThe first person’s line.")
    second_editor.append("\n\nThe second person’s line.")
    expect(first_editor.preview).to_contain_text("The first person’s line.", timeout=TIMEOUT_MS)
    expect(second_editor.preview).to_contain_text("The second person’s line.", timeout=TIMEOUT_MS)
