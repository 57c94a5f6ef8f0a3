"""A client with many IP addresses can neither fill the store nor keep others from using the form."""

import ipaddress

import pytest
from flask import Flask

from form_service.store import drafts
from form_service.web import rate_limits
from tests.support.form_client import SAME_ORIGIN_HEADERS, FormClient

NETWORK = ipaddress.ip_network("2001:db8:0:1::/64")


def post_and_return_status(app: Flask, client_ip: str, size: int = 0) -> int:
    """Press Start, or post an answer of `size` characters if `size` is given. Return the HTTP status."""
    client, environ = app.test_client(), {"REMOTE_ADDR": client_ip}
    if not size:
        return client.post("/referral/", headers=SAME_ORIGIN_HEADERS, environ_base=environ).status_code
    fields = {"must_not": "x" * size}
    return client.post("/referral/times", data=fields, headers=SAME_ORIGIN_HEADERS, environ_base=environ).status_code


def test_all_ip_addresses_of_one_network_count_as_one_client(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 5)
    assert [post_and_return_status(app, str(NETWORK[number])) for number in range(1, 8)] == [303] * 5 + [429] * 2
    for other_ip in ("2001:db8:0:2::1", "198.51.100.7", "::ffff:198.51.100.8"):
        assert post_and_return_status(app, other_ip) == 303


@pytest.mark.parametrize(
    ("client_ip", "network", "wider_network"),
    [
        ("198.51.100.7", "198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("", "", ""),
        ("unknown", "unknown", "unknown"),
    ],
)
def test_an_ip_address_belongs_to_a_network_and_a_wider_network(
    client_ip: str, network: str, wider_network: str
) -> None:
    assert (rate_limits.network_of(client_ip), rate_limits.network_of(client_ip, 48)) == (network, wider_network)


@pytest.mark.long
def test_an_office_can_still_send_while_another_network_fills_the_store(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "SIZE_CACHE_SECONDS", 0)
    monkeypatch.setattr(rate_limits, "MAX_BYTES_OF_ALL_DRAFTS", 100_000)
    flooding_client = FormClient(app)
    flooding_client.fill_in("harmed", until="times")
    flooding_client.answer("times", {"must_not": "x" * 150_000})
    statuses = [post_and_return_status(app, f"2001:db8:0:{number:x}::1", 100_000) for number in range(2, 22)]
    assert statuses.count(429) >= 14, "a client that uses one /64 network after another is refused"
    office_client = FormClient(app)
    office_client.flask_client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    for _ in range(5):
        office_client.fill_in("professional").send()
        assert office_client.path == "/referral/done", "an office can still send"


def test_many_forms_started_from_one_network_do_not_keep_others_out(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 50)
    monkeypatch.setattr(rate_limits, "MAX_BYTES_OF_ALL_DRAFTS", 0)
    monkeypatch.setattr(drafts, "SIZE_CACHE_SECONDS", 0)
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_NETWORK", 20)
    statuses = [post_and_return_status(app, f"2001:db8:0:{number:x}::1") for number in range(60)]
    assert statuses == [303] * 21 + [429] * 39, "the first finds the store empty"
    assert post_and_return_status(app, "198.51.100.7") == 303


def test_a_rate_limited_page_about_a_sent_referral_says_to_wait_ten_minutes_and_that_nothing_changed(
    app: Flask, form_client: FormClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    form_client.fill_in("harmed")
    form_client.send()
    sealer = app.extensions["form_service"].sealer
    private_page_path = f"/referral/withdraw/{sealer.new_withdrawal_token(form_client.reference)}"
    receipt_page_path = f"/referral/received/{sealer.new_receipt_token(form_client.reference)}"
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 0)
    for path in (private_page_path, receipt_page_path):
        form_client.post(path, {})
        assert form_client.response.status_code == 429 and "tel:01632960123" in form_client.text
        assert "Please try again in 10 minutes. Nothing has changed yet." in form_client.text
        assert "our fault" not in form_client.text and "in a moment" not in form_client.text
        assert form_client.response.headers["Retry-After"] == "600"
