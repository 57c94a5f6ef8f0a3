"""Restrict access to the editor: to this machine or, if it is hosted, to people who are signed in."""

from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask, abort, g, redirect, render_template, request
from werkzeug.wrappers import Response

from tools.editor.history import Author
from tools.editor.sign_in import LINK_MINUTES, SESSION_HOURS, SignIn

# The __Host- prefix binds the cookie to this host and to TLS: no other host of the domain can set it.
SESSION_COOKIE_NAME = "__Host-editor"
PUBLIC_ENDPOINTS = ("sign_in_form", "send_link", "open_link", "use_link", "style_sheet")
SIGNED_OUT_MESSAGE = "You are signed out. Your words are kept in this browser: reload the page and sign in again."


def require_origin(app: Flask, origins: set[str]) -> None:
    """Refuse requests whose Host or Origin header does not match `origins`.

    The author of an accepted request, `g.author`, has no name yet.
    """
    hosts = {urlsplit(origin).netloc for origin in origins}

    @app.before_request
    def check() -> None:
        origin = request.headers.get("Origin")
        if request.host not in hosts:
            abort(HTTPStatus.FORBIDDEN, "The editor only works at its own address.")
        if (origin and origin not in origins) or (request.method not in ("GET", "HEAD") and not origin):
            abort(HTTPStatus.FORBIDDEN, "Only the editor itself can make this request.")
        g.author = Author()


def require_sign_in(app: Flask, sign_in: SignIn) -> None:
    """Refuse requests from anyone who is not signed in, and add the sign-in pages."""
    _add_sign_in_pages(app, sign_in)

    @app.before_request
    def check_session() -> Response | None:
        person = sign_in.session_owner(request.cookies.get(SESSION_COOKIE_NAME, ""))
        if person is not None:
            g.author = person
        elif request.endpoint == "index":
            return redirect("/sign-in", HTTPStatus.SEE_OTHER)
        elif request.endpoint not in PUBLIC_ENDPOINTS:
            abort(HTTPStatus.UNAUTHORIZED, SIGNED_OUT_MESSAGE)
        return None

    @app.post("/sign-out")
    def sign_out() -> Response:
        sign_in.end_session(request.cookies.get(SESSION_COOKIE_NAME, ""))
        response = redirect("/sign-in", HTTPStatus.SEE_OTHER)
        response.delete_cookie(SESSION_COOKIE_NAME, path="/", secure=True, httponly=True, samesite="Lax")
        return response


def _add_sign_in_pages(app: Flask, sign_in: SignIn) -> None:
    @app.get("/sign-in")
    def sign_in_form() -> str:
        return _sign_in_page("ask")

    @app.post("/sign-in")
    def send_link() -> str:
        sign_in.request_link(request.form.get("email", ""))
        return _sign_in_page("sent")

    # Link scanners open the links in emails: only the button on the page signs in.
    @app.get("/sign-in/<link>")
    def open_link(link: str) -> tuple[str, int]:
        person = sign_in.link_owner(link)
        if person is None:
            return _sign_in_page("ended"), HTTPStatus.NOT_FOUND
        return _sign_in_page("open", person.email), HTTPStatus.OK

    @app.post("/sign-in/<link>")
    def use_link(link: str) -> Response | tuple[str, int]:
        session = sign_in.use_link(link)
        if session is None:
            return _sign_in_page("ended"), HTTPStatus.NOT_FOUND
        response = redirect("/", HTTPStatus.SEE_OTHER)
        seconds = SESSION_HOURS * 3600
        response.set_cookie(
            SESSION_COOKIE_NAME, session, max_age=seconds, path="/", secure=True, httponly=True, samesite="Lax"
        )
        return response


def _sign_in_page(step: str, email: str = "") -> str:
    return render_template("sign-in.html", step=step, email=email, minutes=LINK_MINUTES)
