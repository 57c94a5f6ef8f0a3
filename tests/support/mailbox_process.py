"""A mail server process that accepts every email, and records each Message-ID before the reply 250.

    python -m tests.support.mailbox_process FILE [SECONDS]

The process prints its port. It appends a line to FILE for each email. SECONDS is the delay before it accepts an email.
"""

import asyncio
import os
import sys
from email.parser import BytesHeaderParser
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class MailRecorder:
    """A handler that accepts each email after `delay_seconds`, and appends a line about it to `file`."""

    def __init__(self, file: str, delay_seconds: float) -> None:
        self._file_descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._delay_seconds = delay_seconds

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's)
        """Record the email's reference, Message-ID and recipient, then accept it."""
        if self._delay_seconds:
            await asyncio.sleep(self._delay_seconds)
        headers = BytesHeaderParser().parsebytes(envelope.original_content or b"")
        line = f"{headers['Subject'].split()[-1]} {headers['Message-ID']} {envelope.rcpt_tos[0]}\n"
        os.write(self._file_descriptor, line.encode())
        return "250 accepted"


async def serve(recorder: MailRecorder) -> None:
    """Listen on a free port, print its number, and accept emails until this process is killed."""

    def make_protocol() -> Any:
        return SMTP(recorder, hostname="test", enable_SMTPUTF8=False)

    server = await asyncio.get_running_loop().create_server(make_protocol, "127.0.0.1", 0, backlog=100)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(MailRecorder(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 0.0)))
