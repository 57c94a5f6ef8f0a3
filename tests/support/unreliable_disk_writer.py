"""Accept referrals and record deliveries as fast as possible. Log each in LOG after the store has committed it.

python -m tests.support.unreliable_disk_writer FOLDER LOG
"""

import os
import sys
import threading
from pathlib import Path

from form_service.store.drafts import SentDraft
from form_service.store.outbox import DeliveryResult
from tests.support.service_parts import HOUR, parts_of, settings_of


def main(folder: str, log_path: str) -> None:
    """Write to the store below `folder` in four threads until this process is killed."""
    parts = parts_of(settings_of(Path(folder)))
    log = os.open(log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def accept_referrals() -> None:
        while True:
            referral = parts.referral()
            draft = SentDraft(referral.submission_id[:32], b"draft" * 100, b"sent" * 100, HOUR)
            parts.store.drafts.change(draft.draft_id, lambda _, draft=draft: draft.original, HOUR)  # type: ignore[misc]
            result = parts.store.referrals.accept(referral, draft)
            os.write(log, f"accepted {result.reference}\n".encode())

    def record_deliveries() -> None:
        while True:
            claimed_delivery = parts.store.outbox.claim()
            if claimed_delivery is None:
                continue
            parts.store.outbox.finish(claimed_delivery, DeliveryResult(True))
            os.write(log, f"delivered {claimed_delivery.reference}\n".encode())

    threads = [
        threading.Thread(target=function)
        for function in (accept_referrals, accept_referrals, accept_referrals, record_deliveries)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
