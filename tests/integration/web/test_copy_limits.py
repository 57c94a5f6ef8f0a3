"""Limits on neutral copies: they cannot be used to flood a mailbox, and every referral is accepted all the same."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from form_service.app import create_app
from form_service.store import StoreUnavailable
from form_service.web import rate_limits
from form_service.web.rate_limits import MAX_COPIES_PER_MAILBOX_A_DAY as MOST
from form_service.web.rate_limits import canonical_mailbox, may_send_copy
from tests.support.person import Person, mails
from tests.support.service_parts import TEAM, Clock, ServiceParts, parts_of, settings_of

CLIENT = "198.51.100.7"
Allowed = Callable[..., bool]


@pytest.fixture
def allowed(parts: ServiceParts) -> Allowed:
    def ask(email: str = "sam@post.example", client: str = CLIENT, submission: str = "") -> bool:
        return may_send_copy(parts.store, parts.sealer, email, client, submission or uuid.uuid4().hex)

    return ask


def test_one_mailbox_gets_three_copies_a_day_and_every_referral_is_accepted(tmp_path: Path) -> None:
    app = create_app(settings_of(tmp_path))
    for number in range(MOST + 2):
        person = Person(app).walk("harmed")
        person.send(copy_to=f"Sam+{number}@post.example" if number % 2 else "sam@post.example")
        assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", person.reference)
    sent = [str(mail["To"]) for mail in mails(app)]
    assert sent.count(TEAM[0]) == MOST + 2
    assert sum(to.lower().endswith("@post.example") for to in sent) == MOST


@pytest.mark.parametrize(
    ("written", "mailbox"),
    [
        ("victim+7@post.example", "victim@post.example"),
        ("Victim+a+b@POST.example", "victim@post.example"),
        ("victim@post.example.", "victim@post.example"),
        ('"victim"@post.example', "victim@post.example"),
        ("v.i.c.tim+x@googlemail.com", "victim@gmail.com"),
        ("first.last@post.example", "first.last@post.example"),
    ],
)
def test_the_ways_to_write_one_mailbox_count_as_one(written: str, mailbox: str) -> None:
    assert canonical_mailbox(written) == mailbox


def test_two_people_whose_addresses_differ_by_a_dot_are_two(allowed: Allowed) -> None:
    for _ in range(MOST + 1):
        allowed("firstlast@post.example")
    assert allowed("first.last@post.example")


def test_a_flood_of_tagged_addresses_from_many_clients_sends_three(allowed: Allowed) -> None:
    sent = [allowed(f"victim+{number}@post.example", f"198.51.100.{number}") for number in range(112)]
    assert sum(sent) == MOST


def test_one_client_cannot_send_to_ever_more_mailboxes(allowed: Allowed) -> None:
    sent = [allowed(f"victim{number}@post.example") for number in range(60)]
    assert sum(sent) == rate_limits.MAX_COPIES_PER_CLIENT_A_DAY
    assert allowed("someone@else.example", "203.0.113.9"), "another client is not refused for it"


@pytest.mark.parametrize(
    "clients",
    [
        [f"2001:db8:0:1::{number:x}" for number in range(60)],  # one machine can use a whole /64
        [f"2002:c633:6407:{number:x}::1" for number in range(60)],  # 6to4: the /48 of one IPv4 address
        [f"{CLIENT}" if number % 2 else f"::ffff:{CLIENT}" for number in range(60)],
        [f"fe80::1%{number}" for number in range(60)],
    ],
    ids=["a /64", "6to4", "mapped", "zones"],
)
def test_one_client_under_many_addresses_is_one(allowed: Allowed, clients: list[str]) -> None:
    sent = [allowed(f"victim{number}@post.example", client) for number, client in enumerate(clients)]
    assert sum(sent) == rate_limits.MAX_COPIES_PER_CLIENT_A_DAY


def test_clients_behind_a_translator_are_not_one(allowed: Allowed) -> None:
    assert all(allowed(f"person{number}@post.example", f"64:ff9b::c633:64{number:02x}") for number in range(40))


@pytest.mark.parametrize("proxies", ["0", "1"])
def test_a_client_cannot_name_another_address_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxies: str
) -> None:
    monkeypatch.setattr(rate_limits, "MAX_COPIES_PER_CLIENT_A_DAY", 1)
    app = create_app(settings_of(tmp_path, FORM_TRUSTED_PROXIES=proxies))
    for number in range(3):
        person = Person(app)
        # The first address is forged by the client; the last one, if any, is added by the proxy.
        person.client.environ_base["HTTP_X_FORWARDED_FOR"] = f"192.0.2.{number}" + ", 198.51.100.7" * int(proxies)
        person.client.environ_base["HTTP_FORWARDED"] = f"for=192.0.2.{number}"
        person.client.environ_base["HTTP_X_REAL_IP"] = f"192.0.2.{number}"
        person.walk("harmed").send(copy_to=f"sam{number}@post.example")
    assert sum(str(mail["To"]).endswith("@post.example") for mail in mails(app)) == 1


def test_many_clients_together_reach_a_limit_that_ends_with_the_hour(
    allowed: Allowed, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "MAX_COPIES_AN_HOUR", 20)
    sent = [allowed(f"victim{number}@post.example", f"203.0.113.{number}") for number in range(40)]
    assert sum(sent) == 20
    clock.advance(3600)
    assert allowed("later@post.example")


def test_what_is_refused_for_one_mailbox_uses_up_nothing_of_the_others(
    allowed: Allowed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "MAX_COPIES_AN_HOUR", MOST + 1)
    for _ in range(50):
        allowed("victim@post.example")
    assert allowed("someone@post.example")


def test_the_count_ends_with_the_day_and_a_try_that_is_repeated_counts_once(allowed: Allowed, clock: Clock) -> None:
    assert [allowed(submission="one") for _ in range(5)] == [True] * 5
    assert [allowed() for _ in range(4)] == [True] * (MOST - 1) + [False] * 2
    clock.advance(86_400)
    assert allowed()


def test_a_restart_forgets_no_count(parts: ServiceParts, allowed: Allowed, clock: Clock) -> None:
    for _ in range(MOST):
        assert allowed()
    parts.store.close()
    again = parts_of(parts.settings, clock)
    assert not may_send_copy(again.store, again.sealer, "sam@post.example", CLIENT, uuid.uuid4().hex)
    again.store.close()


def test_a_store_that_does_not_answer_refuses_no_copy(
    parts: ServiceParts, allowed: Allowed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> int:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(parts.store.counters, "count", gone)
    assert all(allowed() for _ in range(5))


def test_a_second_click_with_what_nobody_sees_in_the_address_is_no_change(tmp_path: Path) -> None:
    app = create_app(settings_of(tmp_path))
    person = Person(app)
    person.walk("harmed")
    fields = person.sending(copy_to=" \u2068sam@example.org\u200b\u2069")
    for _ in range(2):
        person.post("/referral/check", fields)
        assert person.at == "/referral/done" and "Your change was not added" not in person.text
    assert [mail["To"] for mail in mails(app)].count("sam@example.org") == 1
