"""Only the right key decrypts an email. Without a usable certificate, the form accepts no answers."""

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
from hypothesis import strategies as st

from form_service.app import create_app
from form_service.crypto import CannotOpen, CannotSeal, Sealer, draft_keys
from form_service.mail.message import to_bytes
from tests.support import authority
from tests.support.service_parts import SAFETY_NOTE, SECRET, settings_of
from tests.support.smime import decrypt_with_openssl, sealer_for

EMAIL_TEXT = "Ring after 5pm.\n\nNaïve “quotes”, ą, 日本語, 🙂, a line with a dot:\n.\n" + "long " * 400
SEALER = Sealer((SECRET,))
SIGNING_ONLY_KEY_USAGE = x509.KeyUsage(True, False, False, False, False, False, False, False, False)


def make_email(text: str = EMAIL_TEXT) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "form@service.example"
    message["To"] = "one@team.example"
    message["Subject"] = "Referral 7KQ4-M2X6"
    message["Date"] = "Mon, 23 Nov 2026 01:00:00 +0000"
    message["Message-ID"] = "<1@service.example>"
    message.set_content(text, cte="quoted-printable")
    return message


def test_every_team_member_can_decrypt_the_email_with_openssl_and_read_it(tmp_path: Path) -> None:
    pairs = [authority.make_certificate(tmp_path, f"team{number}", key=authority.rsa_key(number)) for number in (1, 2)]
    sealer = sealer_for(tmp_path, *pairs)
    sealed_email = sealer.seal_for_team(to_bytes(make_email()))
    email_bytes = sealer.open(sealed_email.key_id, sealed_email.sealed)
    assert b"Ring after" not in email_bytes and b"after 5pm" not in email_bytes
    outer_message = message_from_bytes(email_bytes, policy=policy.SMTP)
    assert outer_message["Subject"] == "Referral 7KQ4-M2X6" and outer_message["Message-ID"] == "<1@service.example>"
    assert outer_message.get_content_type() == "application/pkcs7-mime"
    assert all(len(line) < 1000 for line in email_bytes.split(b"\r\n")) and email_bytes.isascii()
    for pair in pairs:
        inner_message = decrypt_with_openssl(email_bytes, pair, tmp_path)
        assert inner_message.get_content_type() == "text/plain"
        assert inner_message.get_content().replace("\r\n", "\n").rstrip("\n") == EMAIL_TEXT.rstrip("\n")
    openssl_listing = subprocess.run(
        ["openssl", "cms", "-cmsout", "-print", "-in", str(tmp_path / "mail.eml")],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "aes-256-cbc" in openssl_listing


def test_only_the_teams_private_key_decrypts_the_email(tmp_path: Path) -> None:
    pair, other_pair = (
        authority.make_certificate(tmp_path, f"team{number}", key=authority.rsa_key(number)) for number in (1, 3)
    )
    sealed_email = sealer_for(tmp_path, pair).seal_for_team(to_bytes(make_email()))
    with pytest.raises(subprocess.CalledProcessError):
        decrypt_with_openssl(sealed_email.sealed, other_pair, tmp_path)


@pytest.mark.parametrize(
    ("defect", "problem"),
    [
        ("expired", "expired"),
        ("not yet", "not valid yet"),
        ("elliptic", "RSA"),
        ("signing", "not meant"),
        ("junk", "cannot"),
    ],
)
def test_a_certificate_that_cannot_encrypt_closes_the_form_before_anyone_types(
    tmp_path: Path, defect: str, problem: str
) -> None:
    if defect == "junk":
        file = tmp_path / "junk.pem"
        file.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        pair = authority.CertificateFiles(file, file)
    else:
        validity_days = {"expired": (-30.0, -0.1), "not yet": (1.0, 30.0)}.get(defect, (-1.0, 30.0))
        key = ec.generate_private_key(ec.SECP256R1()) if defect == "elliptic" else None
        pair = authority.make_certificate(
            tmp_path,
            "team",
            validity_days=validity_days,
            key=key,
            usage=SIGNING_ONLY_KEY_USAGE if defect == "signing" else None,
        )
    app = create_app(settings_of(tmp_path, FORM_TEAM_CERTIFICATES=str(pair.certificate)))
    context = app.extensions["form_service"]
    assert problem in (context.sealer.problem() or "")
    with pytest.raises(CannotSeal):
        context.sealer.seal_for_team(to_bytes(make_email()))
    client = app.test_client()
    response = client.get("/referral/", headers={"Accept": "text/html"})
    assert response.status_code == 503
    assert "01632 960123" in response.text, "the page gives the phone number"
    assert not re.search(r"<form|<input", response.text), "there is nothing to type into"
    readiness = client.get("/readyz")
    assert readiness.status_code == 503 and readiness.json is not None and problem in readiness.json["checks"]["keys"]
    context.store.close()


def test_during_a_change_of_certificates_only_the_valid_one_is_used(tmp_path: Path) -> None:
    old_pair = authority.make_certificate(tmp_path, "old", validity_days=(-400, -1), key=authority.rsa_key(1))
    new_pair = authority.make_certificate(tmp_path, "new", key=authority.rsa_key(2))
    sealer = sealer_for(tmp_path, old_pair, new_pair)
    assert sealer.problem() is None
    assert [state.problem is None for state in sealer.certificate_states()] == [False, True]
    sealed_email = sealer.seal_for_team(to_bytes(make_email()))
    assert decrypt_with_openssl(sealed_email.sealed, new_pair, tmp_path).get_content()
    with pytest.raises(subprocess.CalledProcessError):
        decrypt_with_openssl(sealed_email.sealed, old_pair, tmp_path)


@pytest.mark.parametrize("is_leaf_first", [True, False])
def test_with_a_whole_certificate_chain_in_the_file_only_the_team_can_decrypt(
    tmp_path: Path, is_leaf_first: bool
) -> None:
    root = authority.make_certificate(tmp_path, "The root", key=authority.rsa_key(1))
    leaf = authority.make_certificate(tmp_path, "team", issuer=root, key=authority.rsa_key(2))
    certificates = [leaf.certificate.read_text(), root.certificate.read_text()]
    chain_file = tmp_path / "chain.pem"
    chain_file.write_text("".join(certificates if is_leaf_first else reversed(certificates)))
    sealer = Sealer.from_settings(settings_of(tmp_path, FORM_TEAM_CERTIFICATES=str(chain_file)))
    assert sealer.certificate_problem() is None, "readiness does not fail"
    assert [state.problem for state in sealer.certificate_states()] == [None]
    assert sealer.unused_certificate_descriptions == ("chain.pem: The root (an authority)",)
    sealed_email = sealer.seal_for_team(to_bytes(make_email()))
    assert decrypt_with_openssl(sealed_email.sealed, leaf, tmp_path).get_content()
    with pytest.raises(subprocess.CalledProcessError):
        decrypt_with_openssl(sealed_email.sealed, root, tmp_path)


def test_a_signing_certificate_beside_the_encryption_certificate_is_left_out(tmp_path: Path) -> None:
    root = authority.make_certificate(tmp_path, "root", key=authority.rsa_key(1))
    signing_pair = authority.make_certificate(
        tmp_path, "team", issuer=root, key=authority.rsa_key(2), usage=SIGNING_ONLY_KEY_USAGE
    )
    encryption_pair = authority.make_certificate(tmp_path, "team", issuer=root, key=authority.rsa_key(3))
    combined_file = tmp_path / "both.pem"
    combined_file.write_text(signing_pair.certificate.read_text() + encryption_pair.certificate.read_text())
    sealer = Sealer.from_settings(settings_of(tmp_path, FORM_TEAM_CERTIFICATES=str(combined_file)))
    assert sealer.certificate_problem() is None and sealer.unused_certificate_descriptions == (
        "both.pem: team (not meant for encryption)",
    )
    assert decrypt_with_openssl(
        sealer.seal_for_team(to_bytes(make_email())).sealed, encryption_pair, tmp_path
    ).get_content()


def test_two_self_signed_certificates_in_one_file_are_both_used(tmp_path: Path) -> None:
    pairs = [authority.make_certificate(tmp_path, f"team{number}", key=authority.rsa_key(number)) for number in (1, 2)]
    combined_file = tmp_path / "both.pem"
    combined_file.write_text("".join(pair.certificate.read_text() for pair in pairs))
    sealer = Sealer.from_settings(settings_of(tmp_path, FORM_TEAM_CERTIFICATES=str(combined_file)))
    sealed_email = sealer.seal_for_team(to_bytes(make_email()))
    assert all(decrypt_with_openssl(sealed_email.sealed, pair, tmp_path).get_content() for pair in pairs)


def test_an_empty_email_is_never_sealed() -> None:
    with pytest.raises(CannotSeal):
        to_bytes(make_email("\n"))


def test_only_the_right_key_opens_a_stored_email_and_tampering_is_detected() -> None:
    sealed_email = SEALER.seal_at_rest(b"Subject: x\r\n\r\n" + SAFETY_NOTE.encode())
    assert SAFETY_NOTE.encode() in SEALER.open(sealed_email.key_id, sealed_email.sealed)
    assert SAFETY_NOTE[:10].encode() not in sealed_email.sealed
    with pytest.raises(CannotOpen):
        Sealer(("another-" * 8,)).open(sealed_email.key_id, sealed_email.sealed)
    for position in (0, 20, len(sealed_email.sealed) - 1):
        tampered_bytes = bytearray(sealed_email.sealed)
        tampered_bytes[position] ^= 1
        with pytest.raises(CannotOpen):
            SEALER.open(sealed_email.key_id, bytes(tampered_bytes))


def test_sealing_the_same_data_twice_gives_different_bytes() -> None:
    assert len({SEALER.seal_at_rest(b"Subject: x\r\n\r\nsame").sealed for _ in range(50)}) == 50


@given(st.text(max_size=60))
def test_a_forged_cookie_opens_no_draft(cookie: str) -> None:
    if draft_keys.draft_id(cookie) is not None:
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", cookie)
    else:
        assert draft_keys.open_draft(cookie, b"x" * 40) is None


@given(st.binary(max_size=3000))
def test_a_draft_opens_only_with_its_own_cookie(data: bytes) -> None:
    cookie, other_cookie = draft_keys.new_cookie(), draft_keys.new_cookie()
    sealed_draft = draft_keys.seal_draft(cookie, data)
    assert draft_keys.open_draft(cookie, sealed_draft) == data
    assert draft_keys.open_draft(other_cookie, sealed_draft) is None
    assert cookie not in (draft_keys.draft_id(cookie) or "")


def test_a_form_token_is_valid_only_for_its_cookie_and_remains_valid_after_key_rotation() -> None:
    cookie = draft_keys.new_cookie()
    token = SEALER.form_token(cookie)
    assert SEALER.is_form_token_valid(cookie, token)
    assert not SEALER.is_form_token_valid(draft_keys.new_cookie(), token)
    for forged_token in ("", "x", token[:-1], token + "0", "é", "\udcff"):
        assert not SEALER.is_form_token_valid(cookie, forged_token)
    rotated_sealer = Sealer(("a-newer-key-" * 4, SECRET))
    assert rotated_sealer.is_form_token_valid(cookie, token)
    assert not Sealer(("a-newer-key-" * 4,)).is_form_token_valid(cookie, token)


def test_withdrawal_links_are_valid_for_30_days_and_cannot_be_forged(monkeypatch: pytest.MonkeyPatch) -> None:
    token = SEALER.new_withdrawal_token("7KQ4-M2X6")
    assert SEALER.read_withdrawal_token(token) == "7KQ4-M2X6"
    assert Sealer(("a-newer-key-" * 4, SECRET)).read_withdrawal_token(token) == "7KQ4-M2X6"
    for forged_token in ("", "x.y.z", token[:-2], SEALER.new_time_token(), "é" * 50):
        assert SEALER.read_withdrawal_token(forged_token) is None
    original_time_function = __import__("time").time
    monkeypatch.setattr("time.time", lambda: original_time_function() + 31 * 86400)
    assert SEALER.read_withdrawal_token(token) is None


def test_only_a_time_token_gives_the_age_of_a_page() -> None:
    age = SEALER.token_age(SEALER.new_time_token())
    assert age is not None and -1 <= age < 5
    assert SEALER.token_age(SEALER.new_withdrawal_token("7KQ4-M2X6")) is None


def test_a_client_address_becomes_an_untraceable_pseudonym() -> None:
    pseudonym = SEALER.pseudonym("192.0.2.7")
    assert pseudonym == SEALER.pseudonym("192.0.2.7") != SEALER.pseudonym("192.0.2.8")
    assert "192" not in pseudonym[:3] or len(pseudonym) == 32
    assert pseudonym != Sealer(("another-" * 8,)).pseudonym("192.0.2.7")


def test_secrets_are_not_shown_when_settings_are_printed(tmp_path: Path) -> None:
    settings = replace(settings_of(tmp_path), smtp_url="smtp://form:hunter2hunter2@mail.team.gov.uk")
    assert (
        SECRET not in repr(settings) and "hunter2" not in repr(settings) and "hunter2" not in repr(settings.mail_server)
    )
