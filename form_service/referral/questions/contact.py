"""How, when and how carefully the person can be reached: the heart of the form."""

from form_service.referral.questions.model import EVERYONE, N_, Choice, Condition, Kind, Question, Words

REACH = Question(
    "6",
    "reach",
    Kind.CHECKBOXES,
    Words(N_("How can we safely reach you?"), N_("How can we safely reach them?")),
    "Safe ways to contact",
    short=Words(N_("Safe ways to reach you"), N_("Safe ways to reach them")),
    required_of=EVERYONE,
    error=Words(N_("Choose at least one safe way to reach you"), N_("Choose at least one safe way to reach them")),
    hint=Words(
        N_("Choose only ways that nobody else sees or hears."),
        N_("Choose only ways that nobody else sees or hears. Ask them if you are not sure."),
    ),
    choices=(
        Choice("phone", Words(N_("Phone call"))),
        Choice("text", Words(N_("Text message"))),
        Choice("email", Words(N_("Email"))),
        Choice("post", Words(N_("Letter"))),
        Choice(
            "trusted",
            Words(N_("Through someone I trust"), N_("Through someone they trust")),
            in_email="Through someone they trust",
        ),
    ),
)


LEFT_BLANK_NO = Words(N_("Blank means no."))
LEFT_BLANK_NOTHING = Words(N_("Blank means: nothing about who we are."))


def _may_say(channel: str, you: str, they: str, short: str) -> Question:
    """Question 6c for one channel: what the message may say. Blank is nothing."""
    return Question(
        "6c",
        f"{channel}_may_say",
        Kind.RADIOS,
        Words(you, they),
        short,
        short=Words(short),
        hint=LEFT_BLANK_NOTHING,
        choices=(
            Choice("nothing", Words(N_("Nothing about who we are"))),
            Choice("who_we_are", Words(N_("Who we are")), in_email="May say who we are"),
        ),
        when=Condition("reach", channel),
        blank_means="nothing",
    )


REACH_DETAILS = (
    Question(
        "6",
        "phone_number",
        Kind.TEL,
        Words(N_("Phone number")),
        "Phone",
        required_of=EVERYONE,
        error=Words(N_("Enter a phone number")),
        when=Condition("reach", "phone"),
        longest=60,
        subject=Words(N_("The number")),
        autocomplete="tel",
    ),
    Question(
        "6a",
        "voicemail",
        Kind.RADIOS,
        Words(N_("May we leave a voicemail?")),
        "Voicemail",
        short=Words(N_("Voicemail")),
        hint=LEFT_BLANK_NO,
        choices=(
            Choice("no", Words(N_("No")), in_email="No: do not leave a voicemail"),
            Choice("yes", Words(N_("Yes")), in_email="Yes, we may leave a voicemail"),
        ),
        when=Condition("reach", "phone"),
        blank_means="no",
    ),
    Question(
        "6b",
        "say_who",
        Kind.RADIOS,
        Words(N_("If someone else answers, may we say who we are?")),
        "If someone else answers",
        short=Words(N_("If someone else answers")),
        hint=LEFT_BLANK_NO,
        choices=(
            Choice(
                "no",
                Words(N_("No: say nothing about who you are")),
                in_email="No: say nothing about who we are",
            ),
            Choice("yes", Words(N_("Yes")), in_email="Yes, we may say who we are"),
        ),
        when=Condition("reach", "phone"),
        blank_means="no",
    ),
    Question(
        "6",
        "text_number",
        Kind.TEL,
        Words(N_("Mobile number for texts")),
        "Text",
        short=Words(N_("Number for texts")),
        required_of=EVERYONE,
        error=Words(N_("Enter a mobile number for texts")),
        when=Condition("reach", "text"),
        longest=60,
        subject=Words(N_("The number")),
        autocomplete="tel",
    ),
    _may_say(
        "text",
        N_("What may a text tell whoever reads it?"),
        N_("What may a text tell whoever reads it?"),
        N_("A text may say"),
    ),
    Question(
        "6",
        "email_address",
        Kind.EMAIL,
        Words(N_("Email address")),
        "Email",
        required_of=EVERYONE,
        error=Words(N_("Enter an email address, like name@example.org")),
        when=Condition("reach", "email"),
        longest=254,
        subject=Words(N_("The email address")),
        autocomplete="email",
    ),
    _may_say(
        "email",
        N_("What may an email tell whoever reads it?"),
        N_("What may an email tell whoever reads it?"),
        N_("An email may say"),
    ),
    Question(
        "6",
        "post_address",
        Kind.TEXTAREA,
        Words(N_("Address for letters")),
        "Post",
        required_of=EVERYONE,
        error=Words(N_("Enter the address for letters")),
        when=Condition("reach", "post"),
        copied=True,
        longest=500,
        subject=Words(N_("The address")),
        autocomplete="street-address",
    ),
    _may_say(
        "post",
        N_("What may a letter tell whoever opens it?"),
        N_("What may a letter tell whoever opens it?"),
        N_("A letter may say"),
    ),
    Question(
        "6",
        "trusted_contact",
        Kind.TEXTAREA,
        Words(
            N_("The name of the person you trust, and how to reach them"),
            N_("The name of the person they trust, and how to reach them"),
        ),
        "Trusted person",
        short=Words(N_("The person you trust"), N_("The person they trust")),
        required_of=EVERYONE,
        error=Words(N_("Enter the name of the trusted person and how to reach them")),
        when=Condition("reach", "trusted"),
        copied=True,
        longest=500,
        subject=Words(N_("What you write about the trusted person")),
    ),
    _may_say(
        "trusted",
        N_("What may we tell the person you trust?"),
        N_("What may we tell the person they trust?"),
        N_("The trusted person may be told"),
    ),
)


SAFE_TIMES = Question(
    "7",
    "times",
    Kind.CHECKBOXES,
    Words(N_("When is it safe to reach you?"), N_("When is it safe to reach them?")),
    "Safe times",
    short=Words(N_("Safe times")),
    choices=(
        Choice("morning", Words(N_("Weekday mornings"))),
        Choice("afternoon", Words(N_("Weekday afternoons"))),
        Choice("evening", Words(N_("Weekday evenings"))),
        Choice("any", Words(N_("Any time"))),
    ),
)


MUST_NOT = Question(
    "7",
    "must_not",
    Kind.TEXTAREA,
    Words(N_("Is there anything we must not do?")),
    "Must not do",
    short=Words(N_("What we must not do")),
    hint=Words(N_("For example: “Never ring after 5pm, he is home then.”")),
    longest=500,
    subject=Words(N_("What we must not do")),
)
