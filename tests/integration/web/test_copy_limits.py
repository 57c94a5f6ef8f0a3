"""Nobody can flood a mailbox with the copies that the form offers, and no limit on copies stops a referral."""

import re
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from form_service.app import create_app
from form_service.web import rate_limits
from form_service.web.rate_limits import MAX_COPIES_PER_MAILBOX_A_DAY as COPIES_A_DAY
from form_service.web.rate_limits import canonical_mailbox, may_send_copy
from tests.support.form_client import FormClient, claim_emails
from tests.support.service_parts import TEAM_EMAILS, Clock, ServiceParts, parts_of, raise_unavailable, settings_of

CLIENT_IP = "198.51.100.7"
IsCopyAllowed = Callable[..., bool]


@pytest.fixture
def is_copy_allowed(parts: ServiceParts) -> IsCopyAllowed:
    def is_allowed(email: str = "sam@post.example", client_ip: str = CLIENT_IP, submission_id: str = "") -> bool:
        return may_send_copy(parts.store, parts.sealer, email, client_ip, submission_id or uuid.uuid4().hex)

    return is_allowed


@pytest.mark.long
def test_one_mailbox_gets_three_copies_a_day_and_every_referral_is_accepted(tmp_path: Path) -> None:
    app = create_app(settings_of(tmp_path))
    for number in range(COPIES_A_DAY + 2):
        form_client = FormClient(app).fill_in("harmed")
        form_client.send(copy_to=f"Sam+{number}@post.example" if number % 2 else "sam@post.example")
        assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", form_client.reference)
    recipients = [str(mail["To"]) for mail in claim_emails(app)]
    assert recipients.count(TEAM_EMAILS[0]) == COPIES_A_DAY + 2
    assert sum(recipient.lower().endswith("@post.example") for recipient in recipients) == COPIES_A_DAY


@pytest.mark.parametrize(
    ("email", "mailbox"),
    [
        ("victim+7@post.example", "victim@post.example"),
        ("Victim+a+b@POST.example", "victim@post.example"),
        ("victim@post.example.", "victim@post.example"),
        ('"victim"@post.example', "victim@post.example"),
        ("v.i.c.tim+x@googlemail.com", "victim@gmail.com"),
        ("V-i.c_tim+x@pm.me", "victim@proton.me"),
        ("victim@protonmail.com", "victim@proton.me"),
        ("victim@mac.com", "victim@icloud.com"),
        ("first.last@icloud.com", "first.last@icloud.com"),
        ("first.last@post.example", "first.last@post.example"),
    ],
)
def test_different_spellings_of_one_mailbox_count_as_one(email: str, mailbox: str) -> None:
    assert canonical_mailbox(email) == mailbox


def test_addresses_that_differ_by_a_dot_are_counted_separately(is_copy_allowed: IsCopyAllowed) -> None:
    for _ in range(COPIES_A_DAY + 1):
        is_copy_allowed("firstlast@post.example")
    assert is_copy_allowed("first.last@post.example")


def test_tagged_addresses_of_one_mailbox_get_three_copies_in_total(is_copy_allowed: IsCopyAllowed) -> None:
    copy_results = [is_copy_allowed(f"victim+{number}@post.example", f"198.51.100.{number}") for number in range(112)]
    assert sum(copy_results) == COPIES_A_DAY


def test_one_client_can_send_copies_to_only_a_limited_number_of_mailboxes(is_copy_allowed: IsCopyAllowed) -> None:
    copy_results = [is_copy_allowed(f"victim{number}@post.example") for number in range(60)]
    assert sum(copy_results) == rate_limits.MAX_COPIES_PER_CLIENT_A_DAY
    assert is_copy_allowed("someone@else.example", "203.0.113.9"), "another client is not refused"


@pytest.mark.parametrize(
    "client_ips",
    [
        [f"2001:db8:0:1::{number:x}" for number in range(60)],  # one machine can use a whole /64
        [f"2002:c633:6407:{number:x}::1" for number in range(60)],  # 6to4: the /48 of one IPv4 address
        [f"{CLIENT_IP}" if number % 2 else f"::ffff:{CLIENT_IP}" for number in range(60)],
        [f"fe80::1%{number}" for number in range(60)],
    ],
    ids=["a /64", "6to4", "mapped", "zones"],
)
def test_a_client_with_many_ip_addresses_is_counted_as_one(
    is_copy_allowed: IsCopyAllowed, client_ips: list[str]
) -> None:
    copy_results = [
        is_copy_allowed(f"victim{number}@post.example", client_ip) for number, client_ip in enumerate(client_ips)
    ]
    assert sum(copy_results) == rate_limits.MAX_COPIES_PER_CLIENT_A_DAY


@pytest.mark.parametrize(
    "addresses",
    [
        [f"person{number}@victim.example" for number in range(120)],
        [f"person@mail{number}.victim.example" for number in range(120)],
        [f"person@mail{number}.victim.org.uk" for number in range(120)],
        [f"person{number}@VICTIM.example." for number in range(120)],
    ],
    ids=["a mailbox for every address", "for every host", "for every host under org.uk", "in capitals"],
)
def test_addresses_invented_at_one_domain_are_limited_together(
    is_copy_allowed: IsCopyAllowed, addresses: list[str]
) -> None:
    copy_results = [is_copy_allowed(address, f"198.51.100.{number}") for number, address in enumerate(addresses)]
    assert sum(copy_results) == rate_limits.MAX_COPIES_PER_DOMAIN_A_DAY
    assert is_copy_allowed("someone@else.example") and is_copy_allowed("someone@else.org.uk")


@pytest.mark.parametrize("domain", ["gmail.com", "googlemail.com", "hotmail.co.uk", "Outlook.com", "btinternet.com"])
def test_mailboxes_at_a_large_email_provider_are_limited_separately(
    is_copy_allowed: IsCopyAllowed, domain: str
) -> None:
    assert all(is_copy_allowed(f"person{number}@{domain}", f"198.51.100.{number}") for number in range(120))


def test_clients_behind_nat64_are_counted_separately(is_copy_allowed: IsCopyAllowed) -> None:
    assert all(is_copy_allowed(f"person{number}@post.example", f"64:ff9b::c633:64{number:02x}") for number in range(40))


@pytest.mark.parametrize("trusted_proxies", ["0", "1"])
def test_a_client_cannot_escape_the_limit_with_forged_headers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted_proxies: str
) -> None:
    monkeypatch.setattr(rate_limits, "MAX_COPIES_PER_CLIENT_A_DAY", 1)
    app = create_app(settings_of(tmp_path, FORM_TRUSTED_PROXIES=trusted_proxies))
    for number in range(3):
        form_client = FormClient(app)
        # The first address is forged by the client; the last one, if any, is added by the proxy.
        form_client.flask_client.environ_base["HTTP_X_FORWARDED_FOR"] = f"192.0.2.{number}" + ", 198.51.100.7" * int(
            trusted_proxies
        )
        form_client.flask_client.environ_base["HTTP_FORWARDED"] = f"for=192.0.2.{number}"
        form_client.flask_client.environ_base["HTTP_X_REAL_IP"] = f"192.0.2.{number}"
        form_client.fill_in("harmed").send(copy_to=f"sam{number}@post.example")
    assert sum(str(mail["To"]).endswith("@post.example") for mail in claim_emails(app)) == 1


def test_all_clients_together_get_a_limited_number_of_copies_an_hour(
    is_copy_allowed: IsCopyAllowed, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "MAX_COPIES_AN_HOUR", 20)
    copy_results = [is_copy_allowed(f"victim{number}@post.example", f"203.0.113.{number}") for number in range(40)]
    assert sum(copy_results) == 20
    clock.advance(3600)
    assert is_copy_allowed("later@post.example")


def test_copies_refused_for_one_mailbox_do_not_count_for_others(
    is_copy_allowed: IsCopyAllowed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "MAX_COPIES_AN_HOUR", COPIES_A_DAY + 1)
    for _ in range(50):
        is_copy_allowed("victim@post.example")
    assert is_copy_allowed("someone@post.example")


def test_the_count_of_copies_restarts_after_a_day_and_a_repeated_click_counts_once(
    is_copy_allowed: IsCopyAllowed, clock: Clock
) -> None:
    assert [is_copy_allowed(submission_id="one") for _ in range(5)] == [True] * 5
    assert [is_copy_allowed() for _ in range(4)] == [True] * (COPIES_A_DAY - 1) + [False] * 2
    clock.advance(86_400)
    assert is_copy_allowed()


def test_the_counts_of_copies_survive_a_restart(
    parts: ServiceParts, is_copy_allowed: IsCopyAllowed, clock: Clock
) -> None:
    for _ in range(COPIES_A_DAY):
        assert is_copy_allowed()
    parts.store.close()
    restarted_parts = parts_of(parts.settings, clock)
    assert not may_send_copy(
        restarted_parts.store, restarted_parts.sealer, "sam@post.example", CLIENT_IP, uuid.uuid4().hex
    )
    restarted_parts.store.close()


def test_no_copy_is_refused_while_the_store_is_unavailable(
    parts: ServiceParts, is_copy_allowed: IsCopyAllowed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts.store.counters, "count", raise_unavailable)
    assert all(is_copy_allowed() for _ in range(5))


def test_invisible_characters_in_the_copy_address_do_not_count_as_a_change(tmp_path: Path) -> None:
    app = create_app(settings_of(tmp_path))
    form_client = FormClient(app)
    form_client.fill_in("harmed")
    fields = form_client.fields_to_send(copy_to=" \u2068sam@example.org\u200b\u2069")
    for _ in range(2):
        form_client.post("/referral/check", fields)
        assert form_client.path == "/referral/done" and "Your change was not added" not in form_client.text
    assert [mail["To"] for mail in claim_emails(app)].count("sam@example.org") == 1
