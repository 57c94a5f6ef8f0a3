"""A phone number is either shown as the service wrote it and dialled correctly, or refused with a clear message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_profile import phone


@pytest.mark.parametrize(
    ("written_number", "dialled_number"),
    [
        ("(01785) 232232", "01785232232"),
        ("01785–232232", "01785232232"),
        ("01785\u00a0232232", "01785232232"),
        ("1785 232232", "01785232232"),
        ("+44 (0)1785 232232", "+441785232232"),
        ("0044 1785 232232", "+441785232232"),
        ("+353 1 234 5678", "+35312345678"),
        ("+39 06 1234 5678", "+390612345678"),
        ("0808 2000 247 (24 hours)", "08082000247"),
        ("01785 232232 (text only)", "01785232232"),
        ("01785 232232 ext. 5", "01785232232;ext=5"),
        ("101 ext 4321", "101;ext=4321"),
        ("0800 1111", "08001111"),
        ("0845 46 47", "08454647"),
        ("116 123", "116123"),
        ("999", "999"),
        ("101", "101"),
        ("85258", "85258"),
        ("18001 01785 232232", "1800101785232232"),
        ("01632 960123", "01632960123"),
        ("07700 900123", "07700900123"),
    ],
)
def test_a_tap_dials_the_number_however_it_is_written(written_number: str, dialled_number: str) -> None:
    assert phone.dial_string(written_number) == dialled_number
    assert phone.link(written_number, "sms") == f"sms:{dialled_number}"


@pytest.mark.parametrize("code", ["55", "18001", "18002"])
def test_codes_that_only_work_during_a_call_are_not_links(code: str) -> None:
    assert phone.dial_string(code) == phone.link(code) == ""


@pytest.mark.parametrize(
    "written_number",
    [
        *("call us", "01785 23223", "01785 232232 or 01785 232233", "999 or 101", "0000 000000", "+999", "*#06#"),
        *("9" * 30, "01785 232232 24 hours", "", " ", "١٢٣", "01785 232232\u200b1"),
    ],
)
def test_a_number_that_cannot_be_dialled_is_refused_with_an_example(written_number: str) -> None:
    with pytest.raises(phone.NotDiallable, match=phone.EXAMPLE):
        phone.dial_string(written_number)


@pytest.mark.parametrize(
    ("written_number", "is_fictional"),
    [
        *((number, True) for number in ("01632 960123", "+44 (0)7700 900123", "01632960123", "020 7946 0018")),
        *((number, False) for number in ("01785 232232", "01632 961123", "999", "call us", "")),
    ],
)
def test_only_fictional_numbers_are_recognised_as_samples(written_number: str, is_fictional: bool) -> None:
    assert phone.is_fictional(written_number) is is_fictional


@given(st.text(max_size=40))
def test_any_text_is_dialled_or_refused_with_a_clear_message(text: str) -> None:
    try:
        dial_string = phone.dial_string(text)
    except phone.NotDiallable as error:
        assert str(error)
    else:
        assert dial_string == "" or all(character in "+0123456789;ext=" for character in dial_string)
