"""Tasks of the editing guide, one function each, which test_tasks.py runs.

For a task within one part of the editor, such as a form, the test itself opens that part and saves.
"""

import io
from pathlib import Path

from PIL import Image

from tests.support.editor_session import EditorSession

HELPERS_PAGE, FACILITATORS, PAGE_TO_DELETE = "Our helpers", "Our facilitators", "For a day"


def make_picture(project_folder: Path, name: str, image_format: str, size: tuple[int, int]) -> Path:
    """Save a picture of random noise in the folder that contains `project_folder`; return the picture's path."""
    data = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(data, image_format)
    (project_folder.parent / name).write_bytes(data.getvalue())
    return project_folder.parent / name


def change_a_sentence(editor: EditorSession) -> None:
    editor.write("please tell us soon", replaced_text="please tell us")
    editor.expect_in_preview("please tell us soon")


def change_a_leaflet(editor: EditorSession) -> None:
    editor.write("Still wondering why?", replaced_text="Still thinking about what happened?")


def insert_a_picture(editor: EditorSession) -> None:
    editor.write("\n\nHere is our room.\n\n")
    editor.press("Picture")
    editor.attach("From this computer or phone", make_picture(editor.folder, "Our room.JPG", "JPEG", (2000, 1000)))
    editor.press("Add it")
    editor.expect_text("Say what it shows")
    editor.fill_in({"What does it show?": "A room with two chairs"})
    editor.press("Add it")
    editor.expect_text("![A room with two chairs](pictures/our-room.jpg)")


def add_page(editor: EditorSession, name: str, template: str) -> None:
    editor.go_to()
    editor.press("Add a page")
    editor.fill_in({"Name of the page": name, "In search results": "Who they are."})
    editor.choose("Start from", template)
    editor.choose("Where in the menu", "How it works")
    editor.press("Add the page")
    editor.wait_for("return document.querySelector('main h1').textContent === arguments[0]", name, name)


def add_a_page_to_the_menu(editor: EditorSession) -> None:
    add_page(editor, HELPERS_PAGE, "Information: an introduction, two parts, what to do next")
    assert "They" not in editor.file_text("docs/our-helpers.md") and "first thing" not in editor.file_text(
        "docs/our-helpers.md"
    )
    editor.expect_text("comes from the template")
    editor.write("They listen.", replaced_text="Write the first thing here.")
    editor.write("You can ask them.", replaced_text="- The first step\n- The second step")
    editor.expect_in_preview("They listen.")
    editor.save()


def press_in_page_list(editor: EditorSession, button: str) -> None:
    editor.go_to()
    editor.press("Move, rename or delete")
    editor.expect_no_overflow()
    editor.press(button)


def reorder_the_menu(editor: EditorSession) -> None:
    press_in_page_list(editor, f"Move {HELPERS_PAGE} up")
    editor.expect_text("Moved")


def rename_a_page(editor: EditorSession) -> None:
    press_in_page_list(editor, f"Rename {HELPERS_PAGE}")
    editor.fill_in({"Name of the page": FACILITATORS, "Address": "our-facilitators"})
    editor.press("Rename")
    editor.expect_text("Renamed")


def reword_a_heading(editor: EditorSession) -> None:
    editor.go_to("edit/docs/prison.md")
    editor.write("\n\nSee [what to do](our-facilitators.md#what-you-can-do).\n")
    editor.save()
    editor.go_to("edit/docs/our-facilitators.md")
    editor.write("Your choices", replaced_text="What you can do")
    editor.expect_in_preview("Your choices")
    editor.save()


def delete_a_page(editor: EditorSession) -> None:
    add_page(editor, PAGE_TO_DELETE, "Empty")
    editor.go_to("edit/docs/questions.md")
    editor.write("\n\nSee [that page](for-a-day.md).\n")
    editor.save()
    press_in_page_list(editor, f"Delete {PAGE_TO_DELETE}")
    editor.expect_text("See [that page](for-a-day.md).")
    editor.press("I see")
    editor.go_to("edit/docs/questions.md")
    editor.write("There is none", replaced_text="See [that page](for-a-day.md)")
    editor.save()
    press_in_page_list(editor, f"Delete {PAGE_TO_DELETE}")
    editor.choose("People who go to its old address will see", "The support you get")
    editor.press("Delete the page")
    editor.expect_text("The page has been deleted")


def change_the_phone_number(editor: EditorSession) -> None:
    editor.fill(Phone_number="01632 960444")
    editor.expect_in_preview("01632 960444")


def add_a_second_phone(editor: EditorSession) -> None:
    editor.fill_in({"Second phone: number": "01632 960555"})
    editor.expect_text("needs the line label")
    editor.fill_in({"Second phone: what it is for": "Out of hours"})
    editor.expect_in_preview("Out of hours 01632 960555")


def set_the_postal_address(editor: EditorSession) -> None:
    editor.press("Add a line", group="Postal address")
    editor.fill_in({"Postal address, line 1": "1 High Street"})
    editor.window.type("\n")
    editor.window.type("Marlford")


def add_an_offer(editor: EditorSession) -> None:
    editor.press("Add a line", group="What you offer")
    editor.fill_in({"What you offer, line 1": "interpreter"})


def set_caller_id_and_reply_time(editor: EditorSession) -> None:
    editor.fill(What_the_phone_shows="Our number is withheld.", How_soon_you_reply="within 2 working days")


def change_the_name(editor: EditorSession) -> None:
    editor.fill(Name_of_the_service="Tarn Restorative Justice Service", Short_name="Tarn Restorative Justice")


def change_the_area(editor: EditorSession) -> None:
    editor.fill(Area="Marlshire and the Tarn Valley")


def add_a_social_network(editor: EditorSession) -> None:
    editor.press("Add to social networks")
    editor.fill(Words="Facebook", Address="facebook")
    editor.expect_text("Social networks → Facebook → Address is not a web address")
    editor.fill(Address="www.facebook.com/tarn")


def replace_the_logo(editor: EditorSession) -> None:
    svg_file = editor.folder.parent / "logo.svg"
    svg_file.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    editor.attach("Logo", svg_file)
    editor.expect_text("Save it as a PNG or JPEG first")
    editor.attach("Logo", make_picture(editor.folder, "Our logo.png", "PNG", (900, 300)))
    editor.expect_text("Now: our-logo.png")
    editor.fill(What_the_logo_says="Tarn Justice")


def add_a_funder(editor: EditorSession) -> None:
    editor.press("Add to funders")
    editor.fill(Name="Tarn Council", Its_web_page="https://www.gov.uk/")
    editor.attach("Logo", make_picture(editor.folder, "council.png", "PNG", (400, 200)))
    editor.expect_text("Now: council.png")


def set_who_runs_the_service(editor: EditorSession) -> None:
    editor.fill(Who_runs_the_service="We are part of Tarn Care.")


def change_the_exit_url(editor: EditorSession) -> None:
    editor.fill_in({"Where “Leave this page” goes": "https://www.gov.uk/tarn"})


def change_confidentiality(editor: EditorSession) -> None:
    editor.fill(Limits_of_confidentiality="We keep it private, unless someone could be seriously harmed.")


def change_privacy_details(editor: EditorSession) -> None:
    editor.fill(How_long_the_team_keeps_a_referral="The team keeps your request for 6 years.")
    editor.press("Add to who handles the data for you")
    editor.fill(Name="Tarn Mail", What_it_does="carries our email")


def change_a_figure_and_its_year(editor: EditorSession) -> None:
    entry = editor.entry_name("met face to face were satisfied")
    editor.press(entry)
    editor.fill(How_many="71", Year="2024")
    editor.expect_in_preview("71%")


def remove_a_figure(editor: EditorSession) -> None:
    editor.press(f"Remove {editor.entry_name('happy with the outcome')}")


def add_and_reorder_helplines(editor: EditorSession) -> None:
    editor.press("Add to helplines")
    editor.fill(Name="Tarn Listeners", Number="0808 157 0000", What_it_is_for="Someone who listens.")
    editor.fill(Where_this_comes_from="https://www.gov.uk/", Checked_on="2026-11-23")
    for _ in range(4):  # past the regulators, which the page shows elsewhere, and one helpline
        editor.press("Move Tarn Listeners up")


def remove_a_helpline(editor: EditorSession) -> None:
    editor.press("Remove Galop")


def set_the_date_of_a_check(editor: EditorSession) -> None:
    editor.press("Samaritans")
    editor.fill("Samaritans", Checked_on="2026-11-20")


def go_back_to_an_earlier_version(editor: EditorSession) -> None:
    page = "docs/cookies.md"
    original_text = editor.file_text(page)
    editor.go_to(f"edit/{page}")
    editor.write("\n\nA sentence to regret.\n")
    editor.save()
    editor.press("Earlier versions")
    editor.press("The site as it was*")
    editor.expect_text("A sentence to regret.")
    editor.press("Go back to this version")
    assert "regret" not in editor.text() and "regret" in editor.file_text(page), "nothing changes before Save"
    editor.save()
    assert editor.file_text(page) == original_text


def go_back_to_earlier_settings(editor: EditorSession) -> None:
    editor.go_to("settings/contact")
    original_settings = editor.service
    editor.fill(Opening_hours="Every day, 8am to 8pm")
    editor.save()
    editor.go_to("settings/contact")
    editor.press("Earlier versions")
    editor.press("Change the settings: Contact details*")
    editor.expect_text("This form was the same then.")
    editor.press("Change the settings: Helplines*")
    editor.expect_text("Every day, 8am to 8pm")
    editor.press("Go back to this version")
    editor.expect_text("The settings are those of")
    assert editor.service["opening_hours"] == "Every day, 8am to 8pm", "nothing changes before Save"
    editor.save()
    assert editor.service == original_settings
