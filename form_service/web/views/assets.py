"""The exit script, the icon, the fonts and the pictures: the form needs them also where it has a host of its own."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from flask import Flask, Response, abort, request

from service_profile import Service, pictures, style_sheet
from service_profile.icon import icon
from service_profile.style_sheet import OVERRIDES

SVG = "image/svg+xml; charset=utf-8"
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """What is sent; `mark` ends its address in our pages and changes with it."""

    kind: str
    data: bytes

    @property
    def mark(self) -> str:
        """A question mark and the start of the content's SHA-256."""
        return style_sheet.version(self.data)


def install(app: Flask, service: Service) -> None:
    """Serve them below /referral/assets/, and let the templates call them as they are now."""
    assets = {
        "exit.js": Asset("text/javascript; charset=utf-8", (OVERRIDES / "assets" / "exit.js").read_bytes()),
        "icon.svg": Asset(SVG, icon(service).encode()),
    }
    for font in style_sheet.FONTS:
        assets[f"fonts/{font}"] = Asset("font/woff2", (OVERRIDES / "assets" / "fonts" / font).read_bytes())
    for name in pictures.names():
        drawing = pictures.for_page(pictures.read(name), service["look"])
        assets[f"pictures/{name}.svg"] = Asset(SVG, drawing.encode())
    app.jinja_env.globals["marks"] = {PurePosixPath(name).stem: asset.mark for name, asset in assets.items()}

    @app.get("/referral/assets/<path:name>")
    def asset(name: str) -> Response:
        found = assets.get(name) or abort(404)
        answer = Response(found.data, content_type=found.kind)
        # Under another mark it was asked for by a page of before or after this version: good for now, not for ever.
        is_current = f"?{request.query_string.decode(errors='replace')}" == found.mark
        answer.headers["Cache-Control"] = FOR_EVER if is_current else "no-cache"
        answer.set_etag(found.mark[1:])
        answer.make_conditional(request)
        return answer
