"""A client with very many addresses can neither fill the store nor keep others from using the form."""

import ipaddress

import pytest
from flask import Flask

from form_service.store import drafts
from form_service.web import rate_limits
from tests.support.person import AS_OUR_PAGE, Person

NETWORK = ipaddress.ip_network("2001:db8:0:1::/64")


def code(app: Flask, address: str, size: int = 0) -> int:
    """Return the HTTP status of pressing Start, or of sending a page of about `size` bytes."""
    client, peer = app.test_client(), {"REMOTE_ADDR": address}
    if not size:
        return client.post("/referral/", headers=AS_OUR_PAGE, environ_base=peer).status_code
    typed = {"must_not": "x" * size}
    return client.post("/referral/times", data=typed, headers=AS_OUR_PAGE, environ_base=peer).status_code


def test_all_addresses_of_one_network_are_one_client(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 5)
    assert [code(app, str(NETWORK[number])) for number in range(1, 8)] == [303] * 5 + [429] * 2
    for honest in ("2001:db8:0:2::1", "198.51.100.7", "::ffff:198.51.100.8"):
        assert code(app, honest) == 303


@pytest.mark.parametrize(
    ("address", "client", "site"),
    [
        ("198.51.100.7", "198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48"),
        ("fe80::1%eth0", "fe80::/64", "fe80::/48"),
        ("", "", ""),
        ("unknown", "unknown", "unknown"),
    ],
)
def test_which_mailbox_an_address_belongs_to(address: str, client: str, site: str) -> None:
    assert (rate_limits.network_of(address), rate_limits.network_of(address, 48)) == (client, site)


def test_while_one_client_fills_the_store_only_that_client_is_refused(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts, "SIZE_CACHE_SECONDS", 0)
    monkeypatch.setattr(rate_limits, "MAX_BYTES_OF_ALL_DRAFTS", 100_000)
    bold = Person(app)
    bold.walk("harmed", until="times")
    bold.answer("times", {"must_not": "x" * 150_000})
    codes = [code(app, f"2001:db8:0:{number:x}::1", 100_000) for number in range(2, 22)]
    assert codes.count(429) >= 14, "a site that goes on from one network after the other"
    office = Person(app)
    office.client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    for _ in range(5):
        office.walk("professional").send()
        assert office.at == "/referral/done", "an office goes on"


def test_no_number_of_starts_by_others_keeps_a_person_out(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_CLIENT", 50)
    monkeypatch.setattr(rate_limits, "MAX_BYTES_OF_ALL_DRAFTS", 0)
    monkeypatch.setattr(drafts, "SIZE_CACHE_SECONDS", 0)
    monkeypatch.setattr(rate_limits, "MAX_PAGES_PER_SITE", 20)
    codes = [code(app, f"2001:db8:0:{number:x}::1") for number in range(60)]
    assert codes == [303] * 21 + [429] * 39, "the first finds the store empty"
    assert code(app, "198.51.100.7") == 303
