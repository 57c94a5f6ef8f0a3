"""Phone numbers, dates and sizes stay on one line, and a browser does not translate phone numbers."""

import pytest

from service_profile.line_ends import prevent_line_breaks

PROTECTED_NUMBER_TEMPLATE = '<span class="whole" dir="ltr" translate="no">{}</span>'


@pytest.mark.parametrize(
    "number", ["01632 960123", "116 123", "0808 168 9111", "(01632) 960 123", "+44 1632 960 123", "0808 2000 247"]
)
def test_a_telephone_number_is_neither_broken_nor_translated_nor_reordered(number: str) -> None:
    assert (
        prevent_line_breaks(f"<p>Ring {number} now.</p>")
        == f"<p>Ring {PROTECTED_NUMBER_TEMPLATE.format(number)} now.</p>"
    )
    for scheme in ("tel", "sms"):
        link = f'<a href="{scheme}:1">Call {{}} now</a>'
        assert prevent_line_breaks(link.format(number)) == link.format(
            f'<span dir="ltr" translate="no">{number}</span>'
        )


def test_an_email_address_in_a_link_is_not_translated() -> None:
    link = '<a class="x" href="mailto:rj.team@example.org.uk">{}</a>'
    marked_email = '<span dir="ltr" translate="no">rj.team@<wbr>example.org.uk</span>'
    assert prevent_line_breaks(link.format("rj.team@example.org.uk")) == link.format(marked_email)
    assert prevent_line_breaks(link.format("Email us")) == link.format("Email us")


@pytest.mark.parametrize(
    "words",
    [
        "26 November 2026",
        "7 in 10",
        "9am to 5pm",
        "Stoke-on-Trent",
        "ex-partner",
        "ST1 1AA",
        "3 pages",
        "45 KB",
        "18-point",
    ],
)
def test_short_phrases_that_belong_together_stay_on_one_line_and_may_be_translated(words: str) -> None:
    assert prevent_line_breaks(f"<p>On {words} it is.</p>") == f'<p>On <span class="whole">{words}</span> it is.</p>'


@pytest.mark.parametrize("number", ["3 pages", '<a href="tel:1"><b>999</b></a>'])
def test_punctuation_stays_on_the_same_line_as_the_number_before_it(number: str) -> None:
    unbroken_html = prevent_line_breaks(number)
    assert (
        prevent_line_breaks(f"<p>See {number}), then.</p>")
        == f'<p>See <span class="whole">{unbroken_html}),</span> then.</p>'
    )
    assert prevent_line_breaks(f"<p>See {number}<br>.</p>") == f"<p>See {unbroken_html}<br>.</p>"


@pytest.mark.parametrize(
    "html",
    [
        "<title>Ring 01632 960123</title>",
        "<textarea>\n01632 960123</textarea>",
        '<bdi translate="no">Never-on-any-Monday 01632 960123</bdi>',
        '<input value="01632 960123">',
        '<a href="/x/" aria-label="01632 960123">7 days</a>',
        "<p>Call 999 or 55.</p>",
    ],
)
def test_titles_and_attributes_and_typed_texts_and_short_numbers_are_unchanged(html: str) -> None:
    assert prevent_line_breaks(html) == html


def test_a_web_address_can_be_broken_after_its_host() -> None:
    assert prevent_line_breaks("<b>example.org.uk/referral</b>") == "<b>example.org.uk/<wbr>referral</b>"
