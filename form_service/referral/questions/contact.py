"""How and when the person can safely be reached, and what must not be done."""

from form_service.referral.questions.model import EVERYONE, N_, YOUR_ANSWER, Choice, Condition, Kind, Question, Words

# The answer to `reach` of a person who will make contact themselves.
NONE_SAFE = "none_safe"

REACH = Question(
    "6",
    "reach",
    Kind.CHECKBOXES,
    Words(N_("How can we safely reach you?"), N_("How can we safely reach them?")),
    "Safe ways to contact",
    short=Words(N_("Safe ways to reach you"), N_("Safe ways to reach them")),
    only_alone=Words(N_("Choose the ways that are safe, or choose “None of these is safe”. You cannot choose both")),
    required_of=EVERYONE,
    error=Words(
        N_("Choose how we can safely reach you, or choose “None of these is safe”"),
        N_("Choose how we can safely reach them, or choose “None of these is safe”"),
    ),
    hint=Words(
        N_("Choose only ways that nobody else sees or hears."),
        N_(
            "Choose only ways that nobody else sees or hears. If you are not sure, ask them. They can choose you as "
            "the person they trust."
        ),
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
        Choice(
            NONE_SAFE,
            Words(N_("None of these is safe: I will contact you"), N_("None of these is safe: they will contact you")),
            in_email="None of these is safe: they will contact you",
            note=Words(
                N_("We will not contact you. After you send this, we will show you how to reach us."),
                N_("We will not contact them. After you send this, we will show you how they can reach us."),
            ),
            alone=True,
        ),
    ),
)


LEFT_BLANK_NO = Words(N_("If you leave this blank, we will not."))
LEFT_BLANK_NOTHING = Words(N_("If you leave this blank, we will not say who we are."))
# The team's email gives the same example.
BLANK_MESSAGE = "Hello, please get in touch when you can."
LEFT_BLANK_MESSAGE = Words(
    N_(
        "If you leave this blank, we will not say who we are. We will only write something like: “Hello, please get in "
        "touch when you can.”"
    )
)


def _may_say(channel: str, label: Words, short: str, *more: Choice) -> Question:
    """Return question 6c for one channel: what may be said on it. A blank answer means nothing."""
    is_spoken = channel == "trusted"
    return Question(
        "6c",
        f"{channel}_may_say",
        Kind.RADIOS,
        label,
        short,
        short=Words(short),
        hint=LEFT_BLANK_NOTHING if is_spoken else LEFT_BLANK_MESSAGE,
        choices=(
            Choice("nothing", Words(N_("Do not say who you are"))),
            *more,
            Choice(
                "who_we_are",
                Words(N_("That you are from {{ name }}") if is_spoken else N_("That it is from {{ name }}")),
                in_email="May say who you are",
            ),
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
        short=Words(N_("Whether we may leave a voicemail")),
        hint=LEFT_BLANK_NO,
        choices=(
            Choice("no", Words(N_("No")), in_email="No: do not leave a voicemail"),
            Choice("yes", Words(N_("Yes")), in_email="Yes, you may leave a voicemail"),
        ),
        when=Condition("reach", "phone"),
        blank_means="no",
    ),
    Question(
        "6b",
        "say_who",
        Kind.RADIOS,
        Words(N_("If someone else answers, may we say that it is {{ name }} calling?")),
        "If someone else answers",
        short=Words(N_("If someone else answers the phone")),
        hint=LEFT_BLANK_NO,
        choices=(
            Choice(
                "no",
                Words(
                    N_("No: ask for me by name, and say nothing else"),
                    N_("No: ask for them by name, and say nothing else"),
                ),
                in_email="No: ask for them by name, and say nothing else",
            ),
            Choice("yes", Words(N_("Yes")), in_email="Yes, you may say who you are"),
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
    _may_say("text", Words(N_("What can we say in a text?")), N_("What a text can say")),
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
    _may_say("email", Words(N_("What can we say in an email?")), N_("What an email can say")),
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
    _may_say("post", Words(N_("What can we say in a letter?")), N_("What a letter can say")),
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
        error=Words(
            N_("Enter the name of the person you trust, and how to reach them"),
            N_("Enter the name of the person they trust, and how to reach them"),
        ),
        when=Condition("reach", "trusted"),
        copied=True,
        longest=500,
        subject=YOUR_ANSWER,
    ),
    _may_say(
        "trusted",
        Words(N_("What can we tell the person you trust?"), N_("What can we tell the person they trust?")),
        N_("What we can tell the trusted person"),
        Choice(
            "asked_us",
            Words(N_("Only that I asked you to get in touch"), N_("Only that they asked you to get in touch")),
            in_email="Only that they asked you to get in touch",
        ),
    ),
)


SAFE_TIMES = Question(
    "7",
    "times",
    Kind.CHECKBOXES,
    Words(N_("When is it safe to reach you?"), N_("When is it safe to reach them?")),
    "Safe times",
    short=Words(N_("Safe times to reach you"), N_("Safe times to reach them")),
    hint=Words(
        N_(
            "We are usually open {{ opening_hours }}. If you leave this blank, we will only try then. If you need "
            "another time, choose it and we will do our best."
        )
    ),
    unless=Condition("reach", NONE_SAFE),
    choices=(
        Choice("morning", Words(N_("Weekday mornings"))),
        Choice("afternoon", Words(N_("Weekday afternoons"))),
        Choice("evening", Words(N_("Weekday evenings"))),
        Choice("weekend", Words(N_("Weekends"))),
        Choice("any", Words(N_("Any time"))),
    ),
)


FIRST_WORD = Question(
    "6d",
    "first_word",
    Kind.TEXT,
    Words(
        N_("Is there a word we should use, so that you know it is us?"),
        N_("Is there a word we should use, so that they know it is us?"),
    ),
    "A word to use",
    short=Words(N_("A word we should use")),
    hint=Words(
        N_(
            "For example, the name of a place. Choose a word that nobody else would guess. When we call, we will ask "
            "for you by name before we say it."
        ),
        N_(
            "For example, the name of a place. Agree a word with them, one that nobody else would guess. When we call, "
            "we will ask for them by name before we say it."
        ),
    ),
    unless=Condition("reach", NONE_SAFE),
    capitals="none",
    longest=60,
    subject=Words(N_("The word")),
)


MUST_NOT = Question(
    "7",
    "must_not",
    Kind.TEXTAREA,
    Words(N_("Is there anything we must not do?")),
    "Must not do",
    short=Words(N_("What we must not do")),
    hint=Words(N_("For example: “Do not call on Fridays.”")),
    unless=Condition("reach", NONE_SAFE),
    longest=500,
    subject=YOUR_ANSWER,
)
