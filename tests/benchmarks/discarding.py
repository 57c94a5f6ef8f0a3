"""Run the form without storage: it validates each submission and then discards it.

    python -m tests.benchmarks.discarding

Benchmarks compare it with the real form. Like `flask serve`, it prints its port.
"""

from collections.abc import Callable
from datetime import timedelta

from form_service import logs
from form_service.app import create_app
from form_service.store.referrals import AcceptResult, NewReferral
from form_service.web.server import serve


def main() -> None:
    """Serve the form on a free port without storing anything, until the process is stopped."""
    app = create_app()
    context = app.extensions["form_service"]
    store = context.store

    def change_draft(
        draft_id: str, change_content: Callable[[bytes | None], bytes | None], lifetime: timedelta
    ) -> None:
        change_content(store.drafts.read(draft_id))

    def accept(referral: NewReferral, sent_draft: object = None) -> AcceptResult:
        return AcceptResult(referral.reference, is_new=True)

    store.drafts.change = change_draft
    store.referrals.accept = accept
    # A view without content, to measure.
    app.add_url_rule("/empty", "empty", lambda: "")
    logs.configure()
    serve(app, "127.0.0.1", 0, lambda: None)


if __name__ == "__main__":
    main()
