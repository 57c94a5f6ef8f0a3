"""The rendering of the form's templates."""

from typing import Any

from flask import Flask, render_template, request

from form_service.referral.i18n import Language
from form_service.referral.journey.text import replace_unusable_characters
from form_service.web.session import context, current_language
from service_profile.line_ends import prevent_line_breaks

EXIT_PATH = "/referral/exit"


def texts_of_partials(language: Language) -> dict[str, str]:
    """Return the translated texts of the partial templates that the form shares with the site.

    The keys are the names by which the templates use the texts.
    """
    _ = language.say
    return {
        "skip": _("Skip to the main content"),
        "help": _("Get help now"),
        "leave": _("Leave this page"),
        "bar": _("Leave this page quickly"),
        "leave_counts": "|".join(
            (
                _("Press Shift 2 more times to leave this page."),
                _("Press Shift 1 more time to leave this page."),
            )
        ),
        "call": _("Call"),
        "text": _("Text"),
        "email": _("Email"),
    }


def render_page(template: str, title: str, **values: Any) -> str:
    """Return the HTML of a template in overrides/form.

    `title` must give nothing away to someone who glances at the screen.
    """
    language = current_language()
    site_url = "" if str(context.service["form_address"]).startswith("/") else context.service.site_url.rstrip("/")
    other_languages = [candidate for candidate in context.languages.values() if candidate.code != language.code]
    html = render_template(
        f"form/{template}",
        title=title,
        service={**context.service.values, "opening_hours": language.say(str(context.service["opening_hours"]))},
        words=texts_of_partials(language),
        say=language.say,
        language=language,
        other_languages=other_languages,
        site=site_url,
        leave_by=EXIT_PATH,
        wipe=EXIT_PATH,
        here=request.path,
        **values,
    )
    head, end_of_head, body = html.partition("</head>")
    return head + end_of_head + prevent_line_breaks(body)


def install(app: Flask, style_text: str) -> None:
    """Add the style sheet and the filter `showable` to Jinja.

    Also make Jinja drop the line ends and indents around block tags.
    """
    app.jinja_env.globals["style"] = style_text
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters["showable"] = replace_unusable_characters
