"""Questions about the referrer, the agreement to be contacted, and the email address for the reference."""

from form_service.referral.questions.contact import NONE_SAFE
from form_service.referral.questions.model import (
    EVERYONE,
    ONLY_FAMILY,
    ONLY_PROFESSIONAL,
    REFERRERS,
    Condition,
    Kind,
    Question,
    Words,
)

REFERRER_DETAILS = (
    Question(
        "14",
        "writer_name",
        Kind.TEXT,
        Words("Your name"),
        "Referred by",
        asked_of=REFERRERS,
        required_of=REFERRERS,
        error=Words("Enter your name"),
        is_about_writer=True,
        autocapitalize="words",
        max_length=100,
        subject=Words("Your name"),
        autocomplete="name",
    ),
    Question(
        "14",
        "organisation",
        Kind.TEXT,
        Words("Your organisation"),
        "Organisation",
        asked_of=ONLY_PROFESSIONAL,
        required_of=ONLY_PROFESSIONAL,
        error=Words("Enter your organisation"),
        is_about_writer=True,
        autocapitalize="words",
        max_length=120,
        subject=Words("The name of your organisation"),
        autocomplete="organization",
    ),
    Question(
        "14",
        "role",
        Kind.TEXT,
        Words("Your role"),
        "Role",
        asked_of=ONLY_PROFESSIONAL,
        required_of=ONLY_PROFESSIONAL,
        error=Words("Enter your role"),
        is_about_writer=True,
        max_length=120,
        subject=Words("Your role"),
        autocomplete="organization-title",
    ),
    Question(
        "14",
        "work_contact",
        Kind.TEXT,
        Words("Your work phone or email"),
        "Work contact",
        asked_of=ONLY_PROFESSIONAL,
        required_of=ONLY_PROFESSIONAL,
        error=Words("Enter your work phone or email"),
        is_about_writer=True,
        autocapitalize="none",
        max_length=254,
        subject=Words("Your work phone number or email"),
    ),
    Question(
        "14",
        "secure_email",
        Kind.EMAIL,
        Words("Your secure email"),
        "Secure email",
        asked_of=ONLY_PROFESSIONAL,
        hint=Words("A CJSM address, or your organisation’s own secure email."),
        error=Words("Enter an email address, like name@example.org"),
        is_about_writer=True,
        max_length=254,
        subject=Words("The email address"),
        autocomplete="email",
    ),
    Question(
        "14",
        "writer_contact",
        Kind.TEXT,
        Words("A safe phone number or email for you"),
        "Referrer's contact details",
        asked_of=ONLY_FAMILY,
        required_of=ONLY_FAMILY,
        error=Words("Enter a safe phone number or email for you"),
        is_about_writer=True,
        autocapitalize="none",
        max_length=254,
        subject=Words("Your phone number or email"),
    ),
)

AGREEMENT = Question(
    "15",
    "agreement",
    Kind.AGREE,
    Words(
        "I am happy for the team to contact me in the ways I have chosen",
        "They have told me: “I am happy for the team to contact me in these ways”",
    ),
    "Agreement to be contacted",
    required_of=EVERYONE,
    unless=Condition("reach", NONE_SAFE),
    hint=Words(
        "This is only about being contacted. You can decide about taking part later.",
        "This is only about being contacted. They can decide about taking part later.",
    ),
    error=Words(
        "Tick the box if you are happy for the team to contact you in the ways you have chosen",
        "Tick the box if they are happy for the team to contact them in these ways",
    ),
)

# Replaces the agreement for a person for whom no way of contact is safe.
AGREEMENT_TO_WAIT = Question(
    "15",
    "agreement_to_wait",
    Kind.AGREE,
    Words(
        "I am happy for the team to keep my answers so that I can contact them when it is safe",
        "They have told me: “I am happy for the team to keep these answers so that I can contact them”",
    ),
    "Agreement for the team to keep these answers",
    required_of=EVERYONE,
    when=Condition("reach", NONE_SAFE),
    hint=Words(
        "We will not contact you. You can decide about taking part later. {{ privacy.retention }}",
        "We will not contact them. They can decide about taking part later. {{ privacy.retention }}",
    ),
    error=Words(
        "Tick the box if you are happy for us to keep your answers, so that you can contact us when it is safe",
        "Tick the box if they are happy for us to keep these answers, so that they can contact us",
    ),
)

# Asked beside the agreement, and only where the service has set a neutral sender. It is about this form and not about
# the referral: the team does not see it and the paper form does not have it.
COPY_TO = Question(
    "",
    "copy_to",
    Kind.EMAIL,
    Words("Email me the reference (optional)"),
    "Copy of the reference",
    hint=Words(
        "The email has a link to this site, where you can cancel. Only use an email account that nobody else can open."
    ),
    error=Words("Enter an email address, like name@example.org"),
    is_about_writer=True,
    max_length=254,
    subject=Words("The email address"),
    autocomplete="email",
)
