"""Numbers, dates, names and web addresses break between lines only where a reader expects it."""

import pytest

from service_profile.line_ends import keep_whole


@pytest.mark.parametrize(
    "words",
    ["01632 960123", "0808 2000 247", "7 in 10", "23 November 2026", "9am to 5pm", "ST16 2QB", "Stoke-on-Trent"],
)
def test_what_is_read_at_once_is_kept_whole(words: str) -> None:
    assert keep_whole(f"<p>Call {words}, please.</p>") == f'<p>Call <span class="whole">{words}</span>, please.</p>'


@pytest.mark.parametrize(
    "html",
    [
        "<title>7 in 10</title>",
        '<a href="tel:01632960123">01632 960123</a>',
        '<img alt="7 in 10">',
        "<textarea>01632 960123</textarea>",
        "<p>5 minutes, face-to-face, 85%</p>",
    ],
)
def test_everything_else_stays_as_it_is(html: str) -> None:
    assert keep_whole(html) == html


def test_a_web_address_can_be_broken_after_its_host() -> None:
    assert keep_whole("<b>example.org.uk/referral</b>") == "<b>example.org.uk/<wbr>referral</b>"
