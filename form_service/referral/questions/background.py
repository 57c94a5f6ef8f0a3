"""Questions about support and background. None of them asks what happened."""

from form_service.referral.questions.model import ONLY_PROFESSIONAL, Choice, Condition, Kind, Question, Words

SUPPORT = Question(
    "8",
    "support",
    Kind.CHECKBOXES,
    Words("What would help you take part?", "What would help them take part?"),
    "What would help",
    short_label=Words("What would help you take part", "What would help them take part"),
    hint=Words(
        "You do not need to tell us why. We will tell you what we can arrange.",
        "You do not need to tell us why. We will tell them what we can arrange.",
    ),
    choices=(
        Choice("interpreter", Words("An interpreter")),
        Choice("bsl", Words("British Sign Language (BSL)")),
        Choice("easy_read", Words("Easy Read: easy words and pictures")),
        Choice("large_print", Words("Large print")),
        Choice("other", Words("Something else")),
    ),
)

SUPPORT_DETAILS = (
    Question(
        "8",
        "interpreter_language",
        Kind.TEXT,
        Words("Which language?"),
        "Interpreter for",
        short_label=Words("Interpreter’s language"),
        when=Condition("support", "interpreter"),
        autocapitalize="words",
        max_length=60,
        subject=Words("The name of the language"),
    ),
    Question(
        "8",
        "support_other",
        Kind.TEXT,
        Words("What would help?"),
        "Something else that would help",
        short_label=Words("Something else that would help"),
        when=Condition("support", "other"),
    ),
)

KIND_OF_HARM = Question(
    "9",
    "harm",
    Kind.RADIOS,
    Words("What kind of harm was it?"),
    "Kind of harm",
    short_label=Words("Kind of harm"),
    required_of=ONLY_PROFESSIONAL,
    error=Words("Choose the kind of harm, or “Prefer not to say”"),
    choices=(
        Choice("violence", Words("Violence or threats")),
        Choice("home", Words("Domestic abuse by a partner, ex-partner or relative")),
        Choice("home_sexual", Words("Rape or sexual abuse by a partner, ex-partner or relative")),
        Choice("sexual", Words("Rape or sexual abuse by someone else")),
        Choice("stalking", Words("Stalking or harassment")),
        Choice("burglary", Words("Burglary, theft or robbery")),
        Choice("damage", Words("Criminal damage or arson")),
        Choice("antisocial", Words("Antisocial behaviour or a neighbour dispute")),
        Choice("hate", Words("Hate crime")),
        Choice("road", Words("A road crime or collision")),
        Choice("death", Words("Someone died")),
        Choice("fraud", Words("Fraud")),
        Choice("other", Words("Something else")),
        Choice("not_say", Words("Prefer not to say")),
    ),
)

KNOWN_TO_POLICE = Question(
    "10",
    "police",
    Kind.RADIOS,
    Words("Do the police know?"),
    "Known to the police",
    short_label=Words("Whether the police know"),
    hint=Words("We can help either way."),
    choices=(
        Choice("yes", Words("Yes")),
        Choice("no", Words("No")),
        Choice("unknown", Words("I don’t know")),
    ),
)

POLICE_FORCE = Question(
    "10",
    "police_force",
    Kind.TEXT,
    Words("Which police force?"),
    "Police force",
    short_label=Words("Police force"),
    hint=Words("Leave this blank if you are not sure."),
    when=Condition("police", "yes"),
    autocapitalize="words",
    max_length=100,
    subject=Words("The name of the police force"),
)

CRIME_REFERENCE = Question(
    "10",
    "crime_reference",
    Kind.TEXT,
    Words("Crime reference number"),
    "Crime reference",
    hint=Words("Leave this blank if you do not have it."),
    when=Condition("police", "yes"),
    autocapitalize="characters",
    max_length=60,
    subject=Words("The crime reference number"),
)

STAGE = Question(
    "11",
    "stage",
    Kind.RADIOS,
    Words("What stage has the case reached?"),
    "Stage of the case",
    short_label=Words("What stage the case has reached"),
    required_of=ONLY_PROFESSIONAL,
    error=Words("Choose what stage the case has reached"),
    choices=(
        Choice("not_reported", Words("Not reported to the police")),
        Choice("investigated", Words("Being investigated")),
        Choice(
            "court",
            Words("Going through court"),
            note=Words(
                "You can talk to us now. Until the case is over, we will not contact the other person or pass "
                "anything between you.",
                "They can talk to us now. Until the case is over, we will not contact the other person or pass "
                "anything between them.",
            ),
        ),
        Choice("out_of_court", Words("A caution, or dealt with out of court")),
        Choice(
            "no_further_action",
            Words("The police or prosecutors closed the case (“no further action”)"),
            team_label="Closed by the police or prosecutors (no further action)",
        ),
        Choice("sentenced", Words("Sentenced, or the case has ended")),
        Choice("unknown", Words("I don’t know")),
    ),
)

WORRY = Question(
    "13",
    "worry",
    Kind.RADIOS,
    Words(
        "Is there a court order, or anything that worries you about contact between you and the other person?",
        "Is there a court order, or anything that worries you about contact between them and the other person?",
    ),
    "Court order, or worry about contact with the other person",
    short_label=Words("A court order, or a worry about contact with the other person"),
    required_of=ONLY_PROFESSIONAL,
    error=Words("Choose whether there is a court order, or a worry about contact with the other person"),
    choices=(
        Choice("yes", Words("Yes")),
        Choice("no", Words("No")),
        Choice("unsure", Words("Not sure")),
    ),
)

WORRY_DETAILS = tuple(
    Question(
        "13",
        f"worry_{answer}",
        Kind.TEXTAREA,
        Words("What should we know, in a few words?"),
        "What you should know about it",
        short_label=Words("What we should know about it"),
        hint=Words("For example: “There is a restraining order.” You do not need to name anyone."),
        when=Condition("worry", answer),
        max_length=500,
    )
    for answer in ("yes", "unsure")
)
