"""Questions about how and when the person can safely be reached, and what the team must not do."""

from form_service.referral.questions.model import EVERYONE, Choice, Condition, Kind, Question, Words

# The answer to `reach` of a person who will contact the team themselves.
NONE_SAFE = "none_safe"

REACH = Question(
    "6",
    "reach",
    Kind.CHECKBOXES,
    Words("How can we safely reach you?", "How can we safely reach them?"),
    "Safe ways to contact them",
    short_label=Words("Safe ways to reach you", "Safe ways to reach them"),
    exclusive_error=Words("Choose the ways that are safe, or choose “None of these is safe”. You cannot choose both"),
    required_of=EVERYONE,
    error=Words(
        "Choose how we can safely reach you, or choose “None of these is safe”",
        "Choose how we can safely reach them, or choose “None of these is safe”",
    ),
    hint=Words(
        "Choose only ways that are private, so that nobody else sees your messages, hears your calls or opens your "
        "post.",
        "Choose only ways that are private, so that nobody else sees their messages, hears their calls or opens their "
        "post. If you are not sure, ask them. They can choose you as the person they trust.",
    ),
    choices=(
        Choice("phone", Words("Phone call")),
        Choice("text", Words("Text message")),
        Choice("email", Words("Email")),
        Choice("post", Words("Letter")),
        Choice(
            "trusted",
            Words("Through someone I trust", "Through someone they trust"),
            team_label="Through someone they trust",
        ),
        Choice(
            NONE_SAFE,
            Words("None of these is safe: I will contact you", "None of these is safe: they will contact you"),
            team_label="None of these is safe: they will contact you",
            note=Words(
                "We will not contact you. After you send this, we will show you how to reach us.",
                "We will not contact them. After you send this, we will show you how they can reach us.",
            ),
            is_exclusive=True,
        ),
    ),
)

HINT_BLANK_MEANS_NO = Words("If you leave this blank, we will not.")
HINT_BLANK_MEANS_ANONYMOUS = Words("If you leave this blank, we will not say who we are.")
# The team's email gives the same example.
NEUTRAL_MESSAGE = "Hello, please get in touch when you can."
HINT_BLANK_MEANS_NEUTRAL_MESSAGE = Words(
    "If you leave this blank, we will not say who we are. We will only write something like: “Hello, please get in "
    "touch when you can.”"
)


def _may_say_question(channel: str, label: Words, short_label: Words, *extra_choices: Choice) -> Question:
    """Return the question about what the team may say when it contacts the person through `channel`.

    `channel` is the value of a choice of the question `REACH`, such as "post".
    """
    is_trusted_person = channel == "trusted"
    return Question(
        "6c",
        f"{channel}_may_say",
        Kind.RADIOS,
        label,
        "What you can tell the trusted person" if is_trusted_person else short_label.you,
        short_label=short_label,
        hint=HINT_BLANK_MEANS_ANONYMOUS if is_trusted_person else HINT_BLANK_MEANS_NEUTRAL_MESSAGE,
        choices=(
            Choice(
                "nothing",
                Words("Nothing about who is getting in touch")
                if is_trusted_person
                else Words("Nothing about who it is from"),
                team_label="Do not say who you are",
            ),
            *extra_choices,
            Choice(
                "who_we_are",
                Words("That you are from {{ name }}") if is_trusted_person else Words("That it is from {{ name }}"),
                team_label="You may say who you are",
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
        Words("Phone number"),
        "Phone",
        required_of=EVERYONE,
        error=Words("Enter a phone number"),
        when=Condition("reach", "phone"),
        max_length=60,
        subject=Words("The phone number"),
        autocomplete="tel",
    ),
    Question(
        "6a",
        "voicemail",
        Kind.RADIOS,
        Words("May we leave a voicemail?"),
        "Voicemail",
        short_label=Words("Whether we may leave a voicemail"),
        hint=HINT_BLANK_MEANS_NO,
        choices=(
            Choice("no", Words("No"), team_label="No: do not leave a voicemail"),
            Choice("yes", Words("Yes"), team_label="Yes, you may leave a voicemail"),
        ),
        when=Condition("reach", "phone"),
        blank_means="no",
    ),
    Question(
        "6b",
        "say_who",
        Kind.RADIOS,
        Words("If someone else answers, may we say that it is {{ name }} calling?"),
        "If someone else answers",
        short_label=Words("Whether we may say who is calling if someone else answers"),
        hint=HINT_BLANK_MEANS_NO,
        choices=(
            Choice(
                "no",
                Words(
                    "No: ask for me by name, and say nothing else",
                    "No: ask for them by name, and say nothing else",
                ),
                team_label="No: ask for them by name, and say nothing else",
            ),
            Choice("yes", Words("Yes"), team_label="Yes, you may say who you are"),
        ),
        when=Condition("reach", "phone"),
        blank_means="no",
    ),
    Question(
        "6",
        "text_number",
        Kind.TEL,
        Words("Mobile number for texts"),
        "Text",
        short_label=Words("Number for texts"),
        required_of=EVERYONE,
        error=Words("Enter a mobile number for texts"),
        when=Condition("reach", "text"),
        max_length=60,
        subject=Words("The mobile number"),
        autocomplete="tel",
    ),
    _may_say_question("text", Words("What can we say in a text?"), Words("What a text can say")),
    Question(
        "6",
        "email_address",
        Kind.EMAIL,
        Words("Email address"),
        "Email",
        required_of=EVERYONE,
        error=Words("Enter an email address, like name@example.org"),
        when=Condition("reach", "email"),
        max_length=254,
        subject=Words("The email address"),
        autocomplete="email",
    ),
    _may_say_question("email", Words("What can we say in an email?"), Words("What an email can say")),
    Question(
        "6",
        "post_address",
        Kind.TEXTAREA,
        Words("Address for letters"),
        "Post",
        required_of=EVERYONE,
        error=Words("Enter the address for letters"),
        when=Condition("reach", "post"),
        is_copied_by_team=True,
        max_length=500,
        subject=Words("The address for letters"),
        autocomplete="street-address",
    ),
    _may_say_question("post", Words("What can we say in a letter?"), Words("What a letter can say")),
    Question(
        "6",
        "trusted_contact",
        Kind.TEXTAREA,
        Words(
            "The name of the person you trust, and how to reach them",
            "The name of the person they trust, and how to reach them",
        ),
        "Trusted person",
        short_label=Words("The person you trust", "The person they trust"),
        required_of=EVERYONE,
        error=Words(
            "Enter the name of the person you trust, and how to reach them",
            "Enter the name of the person they trust, and how to reach them",
        ),
        when=Condition("reach", "trusted"),
        is_copied_by_team=True,
        max_length=500,
    ),
    _may_say_question(
        "trusted",
        Words("What can we tell the person you trust?", "What can we tell the person they trust?"),
        Words("What we can tell the trusted person"),
        Choice(
            "asked_us",
            Words("Only that I asked you to get in touch", "Only that they asked you to get in touch"),
            team_label="Only that they asked you to get in touch",
        ),
    ),
)

SAFE_TIMES = Question(
    "7",
    "times",
    Kind.CHECKBOXES,
    Words("When is it safe to reach you?", "When is it safe to reach them?"),
    "Safe times",
    short_label=Words("Safe times to reach you", "Safe times to reach them"),
    hint=Words(
        "We are usually open {{ opening_hours }}. If you leave this blank, we will only try then. If you need "
        "another time, choose it and we will do our best."
    ),
    unless=Condition("reach", NONE_SAFE),
    choices=(
        Choice("morning", Words("Weekday mornings")),
        Choice("afternoon", Words("Weekday afternoons")),
        Choice("evening", Words("Weekday evenings")),
        Choice("weekend", Words("Weekends")),
        Choice("any", Words("Any time")),
    ),
)

CODE_WORD = Question(
    "6d",
    "first_word",
    Kind.TEXT,
    Words(
        "Is there a word we should use, so that you know it is us?",
        "Is there a word we should use, so that they know it is us?",
    ),
    "A word to use",
    short_label=Words("A word we should use"),
    hint=Words(
        "For example, the name of a place. Choose a word that nobody else would guess. If we call, we will ask for "
        "you by name before we say it.",
        "For example, the name of a place. Agree a word with them, one that nobody else would guess. If we call, "
        "we will ask for them by name before we say it.",
    ),
    unless=Condition("reach", NONE_SAFE),
    autocapitalize="none",
    max_length=60,
    subject=Words("The word"),
)

PROHIBITIONS = Question(
    "7",
    "must_not",
    Kind.TEXTAREA,
    Words("Is there anything we must not do?"),
    "Must not do",
    short_label=Words("What we must not do"),
    hint=Words("For example: “Do not call on Fridays.”"),
    unless=Condition("reach", NONE_SAFE),
    max_length=500,
)
