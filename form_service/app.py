"""The application."""

from dataclasses import dataclass

from flask import Flask

from form_service import cli
from form_service.seal import Seal
from form_service.settings import Settings
from form_service.store import Store
from identity import Service, load


@dataclass(frozen=True)
class FrontDoor:
    """What every view needs."""

    settings: Settings
    service: Service
    seal: Seal
    store: Store


def create_app(settings: Settings | None = None) -> Flask:
    """The referral form as a WSGI application."""
    settings = settings or Settings.from_environment()
    app = Flask(__name__)
    app.extensions["front_door"] = FrontDoor(
        settings,
        load(production=settings.production),
        Seal.from_settings(settings),
        Store.open(settings),
    )
    cli.register(app)
    return app
