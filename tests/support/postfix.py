"""Run a private Postfix with its own configuration, queue and mailboxes, which are all deleted after the tests.

It accepts every email for one@team.example. An email that contains "lottery" is then moved into Junk. An email that
contains "giraffe" bounces to its sender.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.support import authority
from tools.dev.ports import free_port

MASTER_CF = """\
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
bouncer unix - n n - - pipe flags=q user=nobody argv=/bin/sh -c {{exit 67}}
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
"""
MAILBOXES = {
    "one@team.example": "one/",
    "junk@team.example": "one/.Junk/",
    "full@team.example": "full/",
    "form@team.example": "form/",
}
BODY_CHECKS = "/lottery/ REDIRECT junk@team.example\n/giraffe/ REDIRECT full@team.example\n"
MAIN_CF = """\
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
virtual_mailbox_maps = inline:{{{mailboxes}}}
transport_maps = inline:{{full@team.example=bouncer:}}
body_checks = regexp:{folder}/config/body_checks
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
    """A private Postfix with its own configuration, queue and mailboxes."""

    def __init__(self, ca: authority.CertificateFiles) -> None:
        assert os.getuid() == 0, "Postfix needs root to start"
        self.folder = Path(tempfile.mkdtemp(prefix="postfix-"))
        self.folder.chmod(0o755)
        certificate_files = authority.make_certificate(self.folder / "tls", "127.0.0.1", issuer=ca)
        user = pwd.getpwnam("postfix")
        for name in ("queue", "data", "mail", "config"):
            (self.folder / name).mkdir()
        for name in ("data", "mail"):
            os.chown(self.folder / name, user.pw_uid, user.pw_gid)
        self.port = free_port()
        values = {"folder": self.folder, "port": self.port, "uid": user.pw_uid, "gid": user.pw_gid}
        mailboxes = ", ".join(f"{email}={path}" for email, path in MAILBOXES.items())
        main_cf = MAIN_CF.format(
            **values, mailboxes=mailboxes, certificate=certificate_files.certificate, key=certificate_files.key
        )
        (self.folder / "config" / "main.cf").write_text(main_cf)
        (self.folder / "config" / "body_checks").write_text(BODY_CHECKS)
        (self.folder / "config" / "master.cf").write_text(MASTER_CF.format(**values))
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

    def emails(self, mailbox: str = "one") -> list[bytes]:
        """Return the emails in a mailbox, oldest first.

        The mailbox is "one" (the inbox of one@team.example), "one/.Junk", or "form" (the inbox of form@team.example,
        from which the form sends).
        """
        paths = (self.folder / "mail" / mailbox / "new").glob("*")
        return [path.read_bytes() for path in sorted(paths, key=lambda path: path.stat().st_mtime_ns)]

    def stop(self) -> None:
        self._run("stop")
        shutil.rmtree(self.folder, ignore_errors=True)
