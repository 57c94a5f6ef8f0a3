"""The files that the form serves besides its pages: the quick exit's script, the icon, fonts and pictures.

The form does not load them from the site, because it may run on another host.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

from flask import Flask, Response, abort, request

from service_profile import Service, pictures, style_sheet
from service_profile.icon import icon_svg
from service_profile.style_sheet import OVERRIDES_FOLDER

SVG_MEDIA_TYPE = "image/svg+xml; charset=utf-8"
IMMUTABLE_CACHE_CONTROL = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Asset:
    """A file that the form serves. `version_query` is appended to its URL and changes with its content."""

    media_type: str
    data: bytes

    @property
    def version_query(self) -> str:
        """Return the query that makes the file's URL change whenever its content changes."""
        return style_sheet.version_query(self.data)


def install(app: Flask, service: Service) -> None:
    """Serve the form's script, icon, fonts and pictures below /referral/assets/.

    Set the template variable `version_queries`, which maps each file's name without extension to the query of its
    URL, such as "?a1b2c3".
    """
    assets = {
        "exit.js": Asset("text/javascript; charset=utf-8", (OVERRIDES_FOLDER / "assets" / "exit.js").read_bytes()),
        "icon.svg": Asset(SVG_MEDIA_TYPE, icon_svg(service).encode()),
    }
    for font in style_sheet.FONT_FILES:
        assets[f"fonts/{font}"] = Asset("font/woff2", (OVERRIDES_FOLDER / "assets" / "fonts" / font).read_bytes())
    for name in pictures.names():
        drawing = pictures.site_svg(pictures.read(name), service["look"])
        assets[f"pictures/{name}.svg"] = Asset(SVG_MEDIA_TYPE, drawing.encode())
    app.jinja_env.globals["version_queries"] = {
        PurePosixPath(name).stem: asset.version_query for name, asset in assets.items()
    }

    @app.get("/referral/assets/<path:name>")
    def serve_asset(name: str) -> Response:
        asset = assets.get(name) or abort(404)
        response = Response(asset.data, content_type=asset.media_type)
        # A different query comes from a page of another release: serve the file, but do not let it be cached.
        is_current = f"?{request.query_string.decode(errors='replace')}" == asset.version_query
        response.headers["Cache-Control"] = IMMUTABLE_CACHE_CONTROL if is_current else "no-cache"
        response.set_etag(asset.version_query[1:])
        response.make_conditional(request)
        return response
