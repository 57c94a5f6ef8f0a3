"""The referral form as a WSGI application."""

from babel import UnknownLocaleError
from click import ClickException
from flask import Flask, abort, request
from jinja2 import ChoiceLoader, FileSystemLoader
from werkzeug.middleware.proxy_fix import ProxyFix

from form_service import cli
from form_service.config.settings import Settings, SettingsError
from form_service.crypto import Sealer
from form_service.operations import health_views
from form_service.operations.reminder_sender import closed_days
from form_service.operations.visitor_notice import VisitorNoticeCheck
from form_service.referral.i18n import load_language
from form_service.store import Store
from form_service.web import rate_limits, response_headers, signed_proxy, templating
from form_service.web.session import FormServiceContext
from form_service.web.views import (
    assets,
    error_pages,
    question_pages,
    quick_exit,
    received,
    start,
    submission,
    withdrawal,
)
from service_profile import ProfileError, load, style_sheet
from service_profile.style_sheet import OVERRIDES_FOLDER

URLENCODED = "application/x-www-form-urlencoded"
FORM_CONTENT_TYPES = frozenset({URLENCODED, "multipart/form-data"})


class UnusableProfile(ClickException, ProfileError):
    """Raised if mkdocs.yml is invalid.

    As a ClickException, it ends any command with the list of problems and exit status 1.
    """


def create_app(settings: Settings | None = None) -> Flask:
    """Create the application with `settings`, by default those of the environment.

    Raises SettingsError if a setting is invalid, and UnusableProfile if mkdocs.yml is invalid.
    """
    settings = settings or Settings.from_environment()
    try:
        service = load(production=settings.is_production)
    except ProfileError as error:
        raise UnusableProfile(str(error)) from error
    check_languages(settings.languages)
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # werkzeug would redirect to the host in the Host header
    max_body_bytes = rate_limits.MAX_BODY_BYTES
    app.config.update(
        MAX_CONTENT_LENGTH=max_body_bytes, MAX_FORM_MEMORY_SIZE=max_body_bytes, MAX_FORM_PARTS=rate_limits.MAX_FIELDS
    )
    app.extensions["form_service"] = FormServiceContext(
        settings, service, Sealer.from_settings(settings), Store.open(settings)
    )
    app.jinja_loader = ChoiceLoader([FileSystemLoader(OVERRIDES_FOLDER)])
    style_text = style_sheet.form_style(service)
    templating.install(app, style_text)
    response_headers.install(app, style_text, settings.is_production)
    error_pages.install(app)
    signed_proxy.install(app, settings.proxy_secret)
    app.before_request(check_form_body)
    for module in (quick_exit, start, submission, withdrawal, received, question_pages):
        app.register_blueprint(module.blueprint)
    assets.install(app, service)
    cli.register(app)
    health_views.register(app)
    if settings.receipt:
        app.extensions["visitor_notice"] = VisitorNoticeCheck(
            app.extensions["form_service"].store, closed_days(service)
        )
    if settings.trusted_proxies:
        proxy_count = settings.trusted_proxies
        # Each proxy adds the client's IP address to X-Forwarded-For; only the nearest proxy's X-Forwarded-Proto counts.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxy_count, x_proto=1, x_host=0)  # type: ignore[method-assign]
    return app


def check_languages(language_codes: tuple[str, ...]) -> None:
    """Raise SettingsError if one of the languages has no translations."""
    for language_code in language_codes:
        try:
            load_language(language_code, {})
        except (FileNotFoundError, UnknownLocaleError) as error:
            raise SettingsError(f"FORM_LANGUAGES names {language_code}, which has no catalogue") from error


def check_form_body() -> None:
    """Reject a POST with a content type that the form's pages do not send (415) or with too many fields (413).

    The quick exit is exempt, so that a person can always leave.
    """
    is_empty = not request.mimetype and not request.content_length
    if request.method != "POST" or request.path == "/referral/exit" or is_empty:
        return
    if request.mimetype not in FORM_CONTENT_TYPES:
        abort(415)
    # MAX_FORM_PARTS applies to multipart forms only.
    if request.mimetype == URLENCODED and request.get_data().count(b"&") >= rate_limits.MAX_FIELDS:
        abort(413)
