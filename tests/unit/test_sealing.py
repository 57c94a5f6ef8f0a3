"""Encryption: only the right key decrypts, and an unusable certificate closes the form before anyone types."""

import re
import subprocess
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as some

from form_service.app import create_app
from form_service.crypto import CannotOpen, CannotSeal, Sealer, draft_keys
from form_service.mail.message import to_bytes
from tests.support import authority
from tests.support.service_parts import SECRET, STORY, settings_of
from tests.support.smime import opened_by_openssl

WORDS = "Ring after 5pm.\n\nNaïve “quotes”, ą, 日本語, 🙂, a line with a dot:\n.\n" + "long " * 400
SEAL = Sealer((SECRET,))
SIGNING_ONLY = x509.KeyUsage(True, False, False, False, False, False, False, False, False)


def letter(text: str = WORDS) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "form@service.example"
    message["To"] = "one@team.example"
    message["Subject"] = "Referral 7KQ4-M2X6"
    message["Date"] = "Mon, 23 Nov 2026 01:00:00 +0000"
    message["Message-ID"] = "<1@service.example>"
    message.set_content(text, cte="quoted-printable")
    return message


def seal_to(folder: Path, *pairs: authority.Pair) -> Sealer:
    names = ",".join(str(pair.certificate) for pair in pairs)
    return Sealer.from_settings(settings_of(folder, FORM_TEAM_CERTIFICATES=names))


def test_the_recipient_opens_it_with_openssl_and_reads_every_character(tmp_path: Path) -> None:
    pairs = [authority.make(tmp_path, f"team{number}", key=authority.rsa_key(number)) for number in (1, 2)]
    sealer = seal_to(tmp_path, *pairs)
    sealed = sealer.seal_for_team(to_bytes(letter()))
    wire = sealer.open(sealed.key_id, sealed.sealed)
    assert b"Ring after" not in wire and b"after 5pm" not in wire
    outer = message_from_bytes(wire, policy=policy.SMTP)
    assert outer["Subject"] == "Referral 7KQ4-M2X6" and outer["Message-ID"] == "<1@service.example>"
    assert outer.get_content_type() == "application/pkcs7-mime"
    assert all(len(line) < 1000 for line in wire.split(b"\r\n")) and wire.isascii()
    for pair in pairs:
        inner = opened_by_openssl(wire, pair, tmp_path)
        assert inner.get_content_type() == "text/plain"
        assert inner.get_content().replace("\r\n", "\n").rstrip("\n") == WORDS.rstrip("\n")
    listing = subprocess.run(
        ["openssl", "cms", "-cmsout", "-print", "-in", str(tmp_path / "mail.eml")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "aes-256-cbc" in listing


def test_only_the_teams_key_opens_the_email(tmp_path: Path) -> None:
    pair, stranger = (authority.make(tmp_path, f"team{n}", key=authority.rsa_key(n)) for n in (1, 3))
    sealed = seal_to(tmp_path, pair).seal_for_team(to_bytes(letter()))
    with pytest.raises(subprocess.CalledProcessError):
        opened_by_openssl(sealed.sealed, stranger, tmp_path)


@pytest.mark.parametrize(
    ("what", "says"),
    [
        ("expired", "expired"),
        ("not yet", "not valid yet"),
        ("elliptic", "RSA"),
        ("signing", "not meant"),
        ("junk", "cannot"),
    ],
)
def test_a_certificate_that_cannot_encrypt_closes_the_form_before_anyone_types(
    tmp_path: Path, what: str, says: str
) -> None:
    if what == "junk":
        file = tmp_path / "junk.pem"
        file.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        pair = authority.Pair(file, file)
    else:
        days = {"expired": (-30.0, -0.1), "not yet": (1.0, 30.0)}.get(what, (-1.0, 30.0))
        key = ec.generate_private_key(ec.SECP256R1()) if what == "elliptic" else None
        pair = authority.make(tmp_path, "team", days=days, key=key, usage=SIGNING_ONLY if what == "signing" else None)
    app = create_app(settings_of(tmp_path, FORM_TEAM_CERTIFICATES=str(pair.certificate)))
    context = app.extensions["form_service"]
    assert says in (context.sealer.problem() or "")
    with pytest.raises(CannotSeal):
        context.sealer.seal_for_team(to_bytes(letter()))
    client = app.test_client()
    closed = client.get("/referral/", headers={"Accept": "text/html"})
    assert closed.status_code == 503
    assert "01632 960123" in closed.text, "the phone number is the way out"
    assert not re.search(r"<form|<input", closed.text), "there is nothing to type into"
    ready = client.get("/readyz")
    assert ready.status_code == 503 and ready.json is not None and says in ready.json["checks"]["keys"]
    context.store.close()


def test_during_a_change_of_certificates_the_valid_one_is_used(tmp_path: Path) -> None:
    old = authority.make(tmp_path, "old", days=(-400, -1), key=authority.rsa_key(1))
    new = authority.make(tmp_path, "new", key=authority.rsa_key(2))
    sealer = seal_to(tmp_path, old, new)
    assert sealer.problem() is None
    assert [state.problem is None for state in sealer.certificate_states()] == [False, True]
    sealed = sealer.seal_for_team(to_bytes(letter()))
    assert opened_by_openssl(sealed.sealed, new, tmp_path).get_content()
    with pytest.raises(subprocess.CalledProcessError):
        opened_by_openssl(sealed.sealed, old, tmp_path)


@pytest.mark.parametrize("leaf_first", [True, False])
def test_a_file_with_the_whole_chain_is_encrypted_to_the_team_alone(tmp_path: Path, leaf_first: bool) -> None:
    root = authority.make(tmp_path, "The root", key=authority.rsa_key(1))
    leaf = authority.make(tmp_path, "team", issuer=root, key=authority.rsa_key(2))
    parts = [leaf.certificate.read_text(), root.certificate.read_text()]
    chain = tmp_path / "chain.pem"
    chain.write_text("".join(parts if leaf_first else reversed(parts)))
    sealer = Sealer.from_settings(settings_of(tmp_path, FORM_TEAM_CERTIFICATES=str(chain)))
    assert sealer.certificate_problem() is None, "readiness stays green"
    assert [state.problem for state in sealer.certificate_states()] == [None]
    assert sealer.unused_certificates == ("chain.pem: The root (an authority)",)
    sealed = sealer.seal_for_team(to_bytes(letter()))
    assert opened_by_openssl(sealed.sealed, leaf, tmp_path).get_content()
    with pytest.raises(subprocess.CalledProcessError):
        opened_by_openssl(sealed.sealed, root, tmp_path)


def test_a_certificate_for_signing_beside_the_one_for_encryption_is_left_out(tmp_path: Path) -> None:
    root = authority.make(tmp_path, "root", key=authority.rsa_key(1))
    signing = authority.make(tmp_path, "team", issuer=root, key=authority.rsa_key(2), usage=SIGNING_ONLY)
    encrypting = authority.make(tmp_path, "team", issuer=root, key=authority.rsa_key(3))
    both = tmp_path / "both.pem"
    both.write_text(signing.certificate.read_text() + encrypting.certificate.read_text())
    sealer = Sealer.from_settings(settings_of(tmp_path, FORM_TEAM_CERTIFICATES=str(both)))
    assert sealer.certificate_problem() is None and sealer.unused_certificates == (
        "both.pem: team (not meant for encryption)",
    )
    assert opened_by_openssl(sealer.seal_for_team(to_bytes(letter())).sealed, encrypting, tmp_path).get_content()


def test_two_self_signed_certificates_in_one_file_are_both_used(tmp_path: Path) -> None:
    pairs = [authority.make(tmp_path, f"team{number}", key=authority.rsa_key(number)) for number in (1, 2)]
    both = tmp_path / "both.pem"
    both.write_text("".join(pair.certificate.read_text() for pair in pairs))
    sealer = Sealer.from_settings(settings_of(tmp_path, FORM_TEAM_CERTIFICATES=str(both)))
    sealed = sealer.seal_for_team(to_bytes(letter()))
    assert all(opened_by_openssl(sealed.sealed, pair, tmp_path).get_content() for pair in pairs)


def test_an_empty_mail_is_never_sealed() -> None:
    with pytest.raises(CannotSeal):
        to_bytes(letter("\n"))


def test_at_rest_only_the_right_key_opens_and_a_flipped_bit_is_noticed() -> None:
    sealed = SEAL.seal_at_rest(b"Subject: x\r\n\r\n" + STORY.encode())
    assert STORY.encode() in SEAL.open(sealed.key_id, sealed.sealed)
    assert STORY[:10].encode() not in sealed.sealed
    with pytest.raises(CannotOpen):
        Sealer(("another-" * 8,)).open(sealed.key_id, sealed.sealed)
    for place in (0, 20, len(sealed.sealed) - 1):
        broken = bytearray(sealed.sealed)
        broken[place] ^= 1
        with pytest.raises(CannotOpen):
            SEAL.open(sealed.key_id, bytes(broken))


def test_nothing_seals_the_same_twice() -> None:
    assert len({SEAL.seal_at_rest(b"Subject: x\r\n\r\nsame").sealed for _ in range(50)}) == 50


@given(some.text(max_size=60))
def test_no_invented_cookie_is_ever_a_draft(cookie: str) -> None:
    if draft_keys.draft_id(cookie) is not None:
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", cookie)
    else:
        assert draft_keys.open_draft(cookie, b"x" * 40) is None


@given(some.binary(max_size=3000))
def test_a_draft_opens_with_its_cookie_only(data: bytes) -> None:
    mine, other = draft_keys.new_cookie(), draft_keys.new_cookie()
    sealed = draft_keys.seal_draft(mine, data)
    assert draft_keys.open_draft(mine, sealed) == data
    assert draft_keys.open_draft(other, sealed) is None
    assert mine not in (draft_keys.draft_id(mine) or "")


def test_form_tokens_hold_for_their_cookie_and_over_a_change_of_keys() -> None:
    cookie = draft_keys.new_cookie()
    token = SEAL.form_token(cookie)
    assert SEAL.is_form_token_valid(cookie, token)
    assert not SEAL.is_form_token_valid(draft_keys.new_cookie(), token)
    for bad in ("", "x", token[:-1], token + "0", "é", "\udcff"):
        assert not SEAL.is_form_token_valid(cookie, bad)
    rotated = Sealer(("a-newer-key-" * 4, SECRET))
    assert rotated.is_form_token_valid(cookie, token)
    assert not Sealer(("a-newer-key-" * 4,)).is_form_token_valid(cookie, token)


def test_withdrawal_links_hold_30_days_and_cannot_be_forged(monkeypatch: pytest.MonkeyPatch) -> None:
    token = SEAL.sign_withdrawal("7KQ4-M2X6")
    assert SEAL.read_withdrawal(token) == "7KQ4-M2X6"
    assert Sealer(("a-newer-key-" * 4, SECRET)).read_withdrawal(token) == "7KQ4-M2X6"
    for bad in ("", "x.y.z", token[:-2], SEAL.sign_time(), "é" * 50):
        assert SEAL.read_withdrawal(bad) is None
    real = __import__("time").time
    monkeypatch.setattr("time.time", lambda: real() + 31 * 86400)
    assert SEAL.read_withdrawal(token) is None


def test_the_age_of_a_page_is_known_and_cannot_be_forged() -> None:
    age = SEAL.token_age(SEAL.sign_time())
    assert age is not None and -1 <= age < 5
    assert SEAL.token_age(SEAL.sign_withdrawal("7KQ4-M2X6")) is None


def test_a_client_address_becomes_an_untraceable_pseudonym() -> None:
    name = SEAL.pseudonym("192.0.2.7")
    assert name == SEAL.pseudonym("192.0.2.7") != SEAL.pseudonym("192.0.2.8")
    assert "192" not in name[:3] or len(name) == 32
    assert name != Sealer(("another-" * 8,)).pseudonym("192.0.2.7")


def test_secrets_do_not_show_when_objects_are_printed(tmp_path: Path) -> None:
    settings = replace(settings_of(tmp_path), smtp_url="smtp://form:hunter2hunter2@mail.team.gov.uk")
    assert SECRET not in repr(settings) and "hunter2" not in repr(settings) and "hunter2" not in repr(settings.smtp)
