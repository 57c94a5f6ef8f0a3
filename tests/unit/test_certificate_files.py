"""Every common kind of PEM file with the team's certificates can be read. Unusable files are refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import serialize_certificates
from cryptography.x509.oid import ExtendedKeyUsageOID

from form_service.config.settings import SettingsError
from form_service.crypto import Sealer
from form_service.operations import self_check
from tests.support import authority
from tests.support.service_parts import SAFETY_NOTE, settings_of
from tests.support.smime import decrypt_with_openssl, sealer_for

EMAIL_BYTES = b"From: form@service.example\r\nContent-Type: text/plain\r\n\r\n" + SAFETY_NOTE.encode()


def test_certificate_authorities_in_the_files_do_not_become_recipients(tmp_path: Path) -> None:
    root = authority.make_certificate(tmp_path, "root", key=authority.rsa_key(1), usage=authority.DEFAULT_KEY_USAGE)
    intermediate = authority.make_certificate(
        tmp_path, "between", issuer=root, key=authority.rsa_key(2), is_authority=True
    )
    leaf = authority.make_certificate(tmp_path, "team", issuer=intermediate, key=authority.rsa_key(3))
    sealer = sealer_for(tmp_path, leaf, intermediate, root)
    assert sealer.certificate_problem() is None and len(sealer.certificate_states()) == 1
    assert len(sealer.unused_certificate_descriptions) == 2
    assert decrypt_with_openssl(sealer.seal_for_team(EMAIL_BYTES).sealed, leaf, tmp_path).get_content()
    authority_sealer = sealer_for(tmp_path, intermediate)
    assert (
        authority_sealer.problem()
        == "FORM_TEAM_CERTIFICATES holds certificates of authorities only, and none of the team"
    )


def test_check_warns_of_a_recipient_that_is_marked_as_an_authority(tmp_path: Path) -> None:
    # Without its intermediate, a root certificate looks like a self-signed certificate of the team.
    root = authority.make_certificate(tmp_path, "Old root", key=authority.rsa_key(1), is_authority=True)
    intermediate = authority.make_certificate(
        tmp_path, "between", issuer=root, key=authority.rsa_key(2), is_authority=True
    )
    leaf = authority.make_certificate(tmp_path, "team", issuer=intermediate, key=authority.rsa_key(3))
    settings = settings_of(tmp_path, FORM_TEAM_CERTIFICATES=f"{leaf.certificate},{root.certificate}")
    findings = list(self_check._check_keys(settings, Sealer.from_settings(settings)))
    (warning,) = [finding.text for finding in findings if finding.level == "warning"]
    assert "(Old root): it is marked as an authority's" in warning
    settings_without_root = settings_of(tmp_path, FORM_TEAM_CERTIFICATES=str(leaf.certificate))
    findings_without_root = list(
        self_check._check_keys(settings_without_root, Sealer.from_settings(settings_without_root))
    )
    assert {finding.level for finding in findings_without_root} == {"ok"}


def test_the_same_certificate_listed_twice_is_one_recipient(tmp_path: Path) -> None:
    leaf = authority.make_certificate(tmp_path, "team")
    duplicated_file = tmp_path / "twice.pem"
    duplicated_file.write_text(leaf.certificate.read_text() * 2)
    names = f"{duplicated_file},{leaf.certificate},{duplicated_file}"
    sealer = Sealer.from_settings(settings_of(tmp_path, FORM_TEAM_CERTIFICATES=names))
    assert len(sealer.certificate_states()) == 1
    key_id = sealer.seal_for_team(EMAIL_BYTES).key_id
    assert "+" not in key_id, "one recipient"


@pytest.mark.parametrize("convert", [lambda pem: b"\xef\xbb\xbf" + pem, lambda pem: pem.replace(b"\n", b"\r\n")])
def test_a_certificate_file_saved_on_windows_is_read(tmp_path: Path, convert: Callable[[bytes], bytes]) -> None:
    leaf = authority.make_certificate(tmp_path, "team")
    leaf.certificate.write_bytes(
        b"Bag Attributes\n    friendlyName: The team\n" + convert(leaf.certificate.read_bytes())
    )
    assert len(sealer_for(tmp_path, leaf).certificate_states()) == 1


@pytest.mark.parametrize(
    ("purposes", "problem"),
    [
        ([ExtendedKeyUsageOID.SERVER_AUTH], "the certificate is not meant for email"),
        ([ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.EMAIL_PROTECTION], None),
        ([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE], None),
    ],
)
def test_a_certificate_is_accepted_only_if_it_is_meant_for_email(
    tmp_path: Path, purposes: list[x509.ObjectIdentifier], problem: str | None
) -> None:
    root = authority.make_certificate(tmp_path, "root", key=authority.rsa_key(1))
    pair = authority.make_certificate(tmp_path, "team", issuer=root, key=authority.rsa_key(2), purposes=purposes)
    assert sealer_for(tmp_path, pair).problem() == problem


def test_a_private_key_in_a_certificate_file_is_reported_but_referrals_are_still_sealed(tmp_path: Path) -> None:
    leaf = authority.make_certificate(tmp_path, "team")
    combined_file = tmp_path / "both.pem"
    combined_file.write_text(leaf.key.read_text() + leaf.certificate.read_text())
    settings = settings_of(tmp_path, FORM_TEAM_CERTIFICATES=str(combined_file))
    sealer = Sealer.from_settings(settings)
    assert decrypt_with_openssl(sealer.seal_for_team(EMAIL_BYTES).sealed, leaf, tmp_path).get_content()
    problems = [finding.text for finding in self_check._check_keys(settings, sealer) if finding.level == "wrong"]
    assert len(problems) == 1 and "both.pem: it contains a private key" in problems[0]


def test_an_unusable_certificate_file_is_refused_and_its_problem_is_named(tmp_path: Path) -> None:
    leaf = authority.make_certificate(tmp_path, "team")
    certificate = x509.load_pem_x509_certificate(leaf.certificate.read_bytes())
    content_by_problem = {
        "in DER, not PEM": certificate.public_bytes(Encoding.DER),
        "with a private key": leaf.key.read_bytes(),
        "pkcs7 -print_certs": serialize_certificates([certificate], Encoding.PEM),
        "without a certificate": b"Dear colleague, please find attached",
    }
    for number, (problem, content) in enumerate(content_by_problem.items()):
        file = tmp_path / f"{number}.pem"
        file.write_bytes(content)
        with pytest.raises(SettingsError, match=f"FORM_TEAM_CERTIFICATES names a file .*{problem}") as excinfo:
            settings_of(tmp_path, FORM_TEAM_CERTIFICATES=str(file))
        assert str(file) in str(excinfo.value) and "\n" not in str(excinfo.value)
