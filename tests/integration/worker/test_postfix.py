"""A real Postfix: forced TLS with a certificate of our own authority, one of two recipients unknown, real mailboxes."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from email import message_from_bytes
from pathlib import Path

import pytest

from form_service.mail.smtp_client import MailRoute
from form_service.worker import Worker
from tests.support import authority
from tests.support.service_parts import house_of, settings_of
from tests.support.waiting import until
from tools.dev.ports import free_port

pytestmark = pytest.mark.system

MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
"""
MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.team.example
mydestination =
local_recipient_maps =
alias_maps =
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = team.example
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{one@team.example=one/}}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
smtpd_tls_security_level = encrypt
smtpd_tls_received_header = yes
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtputf8_enable = no
"""


class Postfix:
    """A private instance: its own configuration, queue and mailboxes."""

    def __init__(self, ca: authority.Pair) -> None:
        assert os.getuid() == 0, "Postfix needs root to start"
        self.folder = Path(tempfile.mkdtemp(prefix="postfix-"))
        self.folder.chmod(0o755)
        pair = authority.make(self.folder / "tls", "127.0.0.1", issuer=ca)
        user = pwd.getpwnam("postfix")
        for name in ("queue", "data", "mail", "config"):
            (self.folder / name).mkdir()
        for name in ("data", "mail"):
            os.chown(self.folder / name, user.pw_uid, user.pw_gid)
        self.port = free_port()
        values = {"folder": self.folder, "port": self.port, "uid": user.pw_uid, "gid": user.pw_gid}
        main = MAIN.format(**values, certificate=pair.certificate, key=pair.key)
        (self.folder / "config" / "main.cf").write_text(main)
        (self.folder / "config" / "master.cf").write_text(MASTER.format(**values))
        try:
            self._run("start")
        except subprocess.CalledProcessError:
            raise AssertionError((self.folder / "log").read_text()) from None

    def _run(self, command: str) -> None:
        subprocess.run(
            ["postfix", "-c", str(self.folder / "config"), command],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def mails(self) -> list[bytes]:
        """What lies in the one mailbox."""
        return [path.read_bytes() for path in (self.folder / "mail" / "one" / "new").glob("*")]

    def stop(self) -> None:
        self._run("stop")
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> authority.Pair:
    return authority.make(tmp_path_factory.mktemp("ca"), "Test authority", key=authority.rsa_key(1))


@pytest.fixture(scope="module")
def postfix(ca: authority.Pair) -> Iterator[Postfix]:
    server = Postfix(ca)
    yield server
    server.stop()


def test_a_real_mail_server_gets_each_mail_once_over_verified_tls(
    tmp_path: Path, ca: authority.Pair, postfix: Postfix
) -> None:
    settings = settings_of(
        tmp_path,
        FORM_SMTP_URL=f"smtp://127.0.0.1:{postfix.port}?tls=starttls",
        FORM_SMTP_CA_FILE=str(ca.certificate),
        FORM_TEAM_EMAIL="one@team.example, nobody@team.example",
    )
    house = house_of(settings)
    names = {house.accept() for _ in range(5)}
    Worker(settings, house.sealer, house.store).run(once=True)
    until(lambda: len(postfix.mails()) >= 5, "the mails are in the mailbox")
    subjects = [str(message_from_bytes(mail)["Subject"]) for mail in postfix.mails()]
    assert sorted(subjects) == sorted(f"Referral {name}" for name in names)
    assert all(b"using TLSv1" in mail for mail in postfix.mails())
    refused = house.store.reports.waiting()
    assert {(row.state, row.error) for row in refused} == {("refused", "rcpt-550")}
    assert {row.reference for row in refused} == names
    house.store.close()


def test_without_our_authority_nothing_is_sent(tmp_path: Path, postfix: Postfix) -> None:
    settings = settings_of(tmp_path, FORM_SMTP_URL=f"smtp://127.0.0.1:{postfix.port}?tls=starttls")
    before = len(postfix.mails())
    house = house_of(settings)
    house.accept()
    Worker(settings, house.sealer, house.store).run(once=True)
    assert [row.error for row in house.store.reports.waiting()] == ["tls-certificate"]
    assert len(postfix.mails()) == before
    assert MailRoute(settings.smtp, "", settings.mail_from).probe() == "tls-certificate"
    house.store.close()
