"""What every page of the form gets: the service, the language, the words of the shared partials."""

from typing import Any

from flask import Flask, render_template, request

from form_service.referral.i18n import Language, language
from form_service.web.session import app_context, current_language

EXIT = "/referral/exit"


def words(read: Language) -> dict[str, str]:
    """The few texts of the shared partials."""
    _ = read.say
    return {
        "skip": _("Skip to the main content"),
        "help": _("Get help now"),
        "leave": _("Leave this page"),
        "bar": _("Leave this page quickly"),
        "leave_counts": "|".join(
            (
                _("Shift pressed. Press it 2 more times to leave this page."),
                _("Press Shift 1 more time to leave this page."),
            )
        ),
        "call": _("Call"),
        "text": _("Text"),
        "email": _("Email"),
    }


def page(template: str, title: str, **values: Any) -> str:
    """The page `template` of overrides/form, under a title that gives nothing away."""
    context = app_context()
    read = current_language()
    site = "" if str(context.service["form_address"]).startswith("/") else context.service.site_url.rstrip("/")
    others = [language(code, context.service.facts) for code in context.settings.languages if code != read.code]
    return render_template(
        f"form/{template}",
        title=title,
        service={**context.service.values, "opening_hours": read.say(str(context.service["opening_hours"]))},
        words=words(read),
        say=read.say,
        language=read,
        other_languages=others,
        site=site,
        leave_by=EXIT,
        wipe=EXIT,
        here=request.path,
        **values,
    )


def install(app: Flask, style: str) -> None:
    """Give every page its style, and leave no empty lines where a template's own lines stood."""
    app.jinja_env.globals["style"] = style
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
