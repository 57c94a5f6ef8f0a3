"""A browser never autofills another person's details, and changes no name, email address or reference."""

from xml.etree.ElementTree import Element

import pytest

from tests.support.browser_translation import texts, unprotected_numbers
from tests.support.form_client import ANSWERS_BY_ROUTE, FormClient
from tests.support.page_checks import XHTML, elements, parse, text_of

WRITER_FIELDS = {"writer_name", "writer_contact", "organisation", "role", "work_contact", "secure_email"}
AUTOCOMPLETE_BY_FIELD = {
    "name": "name",
    "phone_number": "tel",
    "text_number": "tel",
    "email_address": "email",
    "post_address": "street-address",
}


def fill_in_and_return_text_fields(form_client: FormClient, route: str) -> dict[str, Element]:
    """Fill in the form for `route`; return the HTML elements of its text boxes and text areas, by field name."""
    fields = {}
    form_client.start()
    for slug, answers in ANSWERS_BY_ROUTE[route]:
        form_client.get(f"/referral/{slug}")
        tree = parse(form_client.text)
        (form,) = [form for form in elements(tree, "form") if form.get("action") == f"/referral/{slug}"]
        assert form.get("autocomplete") == "off", "the form sets the default for its fields"
        for field in (*form.iter(f"{XHTML}input"), *form.iter(f"{XHTML}textarea")):
            if field.get("type") not in ("hidden", "radio", "checkbox"):
                fields[str(field.get("name"))] = field
        form_client.answer(slug, answers)
    return fields


@pytest.mark.parametrize("route", ["family", "professional"])
def test_no_browser_autofills_the_writers_details_for_another_person(form_client: FormClient, route: str) -> None:
    fields = fill_in_and_return_text_fields(form_client, route)
    assert AUTOCOMPLETE_BY_FIELD.keys() <= fields.keys()
    autofilled_names = {name for name, field in fields.items() if field.get("autocomplete", "off") != "off"}
    assert autofilled_names <= WRITER_FIELDS and autofilled_names


@pytest.mark.parametrize("route", ["harmed", "responsible"])
def test_a_browser_may_autofill_a_persons_own_details(form_client: FormClient, route: str) -> None:
    fields = fill_in_and_return_text_fields(form_client, route)
    assert {name: fields[name].get("autocomplete") for name in AUTOCOMPLETE_BY_FIELD} == AUTOCOMPLETE_BY_FIELD


@pytest.mark.parametrize("route", ANSWERS_BY_ROUTE)
def test_no_phone_autocorrects_a_name_an_email_address_or_a_reference(form_client: FormClient, route: str) -> None:
    fields = fill_in_and_return_text_fields(form_client, route)
    for name in {"name", "writer_name", "crime_reference", "police_force", "first_word"} & fields.keys():
        field = fields[name]
        assert (field.get("autocorrect"), field.get("spellcheck")) == ("off", "false"), name
        assert field.get("autocapitalize") in ("words", "characters", "none"), name
    contact_field_names = {"post_address", "trusted_contact", "adult_contact"} & fields.keys()
    assert len(contact_field_names) == 3
    for name in contact_field_names:
        assert (fields[name].get("autocorrect"), fields[name].get("spellcheck")) == ("off", "false"), name
    for name, kind in (("email_address", "email"), ("secure_email", "email"), ("phone_number", "tel")):
        if name in fields:
            assert (fields[name].get("type"), fields[name].get("dir")) == (kind, "ltr"), name


def test_a_browser_translation_does_not_change_the_reference(form_client: FormClient) -> None:
    form_client.fill_in("harmed")
    form_client.send()
    reference = form_client.reference
    untranslated_elements = [
        element
        for element in parse(form_client.text).iter()
        if element.get("translate") == "no" and element.get("dir") == "ltr" and reference in text_of(element)
    ]
    (main,) = elements(parse(form_client.text), "main")
    assert len(untranslated_elements) == text_of(main).count(reference) >= 2


@pytest.mark.parametrize("route", ANSWERS_BY_ROUTE)
def test_a_browser_translation_leaves_numbers_and_typed_answers_unchanged(form_client: FormClient, route: str) -> None:
    form_client.start()
    pages = [form_client.text]
    for slug, answers in ANSWERS_BY_ROUTE[route]:
        form_client.answer(slug, answers)
        pages.append(form_client.text)
    typed_texts = {
        value
        for _, fields in ANSWERS_BY_ROUTE[route]
        for value in fields.values()
        if isinstance(value, str) and " " in value
    }
    shown_texts = [
        (text.strip(), protections)
        for text, protections in texts(parse(form_client.text))
        if text.strip() in typed_texts
    ]
    assert shown_texts and all("untranslated" in protections for _, protections in shown_texts), shown_texts
    form_client.send()
    pages.append(form_client.text)
    pages.append(form_client.get("/referral/no-such-page").get_data(as_text=True))
    assert "01632 960123" in pages[-1]
    assert [number for page in pages for number in unprotected_numbers(parse(page))] == []


@pytest.mark.parametrize("route", ANSWERS_BY_ROUTE)
def test_on_the_private_page_a_browser_autofills_only_the_persons_own_details(
    form_client: FormClient, route: str
) -> None:
    form_client.fill_in(route)
    form_client.send()
    tree = parse(form_client.get(form_client.private_page_path).get_data(as_text=True))
    assert [form.get("autocomplete") for form in elements(tree, "form")] == ["off"] * 3
    autocomplete_by_name = {
        str(field.get("name")): field.get("autocomplete")
        for field in (*elements(tree, "input"), *elements(tree, "textarea"))
        if field.get("autocomplete", "off") != "off"
    }
    is_about_another_person = route in ("family", "professional")
    assert autocomplete_by_name == (
        {}
        if is_about_another_person
        else {name: AUTOCOMPLETE_BY_FIELD[name] for name in AUTOCOMPLETE_BY_FIELD if name != "name"}
    )
