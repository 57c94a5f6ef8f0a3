"""The referral form, its outbox, and the worker that delivers the emails in the outbox."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from form_service.app import create_app

__all__ = ["create_app"]


def __getattr__(name: str) -> Any:
    """Load `create_app` on demand, so that the questions can be read without loading the web framework."""
    if name == "create_app":
        from form_service.app import create_app

        return create_app
    raise AttributeError(name)
