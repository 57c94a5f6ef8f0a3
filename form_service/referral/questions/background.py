"""What would help, and the little the team needs to know beforehand. The story is never asked for."""

from form_service.referral.questions.model import N_, PROFESSIONAL, Choice, Condition, Kind, Question, Words

SUPPORT = Question(
    "8",
    "support",
    Kind.CHECKBOXES,
    Words(N_("What would help you take part?"), N_("What would help them take part?")),
    "What would help",
    short=Words(N_("What would help")),
    hint=Words(N_("You do not need to tell us why. We will say what we can arrange.")),
    choices=(
        Choice("interpreter", Words(N_("An interpreter"))),
        Choice("bsl", Words(N_("British Sign Language (BSL)"))),
        Choice("easy_read", Words(N_("Easy Read: short words and pictures"))),
        Choice("large_print", Words(N_("Large print"))),
        Choice("other", Words(N_("Something else"))),
    ),
)


SUPPORT_DETAILS = (
    Question(
        "8",
        "interpreter_language",
        Kind.TEXT,
        Words(N_("Which language?")),
        "Interpreter for",
        short=Words(N_("Language")),
        when=Condition("support", "interpreter"),
        longest=60,
        subject=Words(N_("The language")),
    ),
    Question(
        "8",
        "support_other",
        Kind.TEXT,
        Words(N_("What would help?")),
        "Something else that would help",
        short=Words(N_("Something else")),
        when=Condition("support", "other"),
        subject=Words(N_("What would help")),
    ),
)


KIND_OF_HARM = Question(
    "9",
    "harm",
    Kind.RADIOS,
    Words(N_("What kind of harm was it?")),
    "Kind of harm",
    short=Words(N_("Kind of harm")),
    required_of=PROFESSIONAL,
    error=Words(N_("Choose the kind of harm, or “Prefer not to say”")),
    choices=(
        Choice("violence", Words(N_("Violence or threats"))),
        Choice("home", Words(N_("Harm by a partner, ex-partner or family member"))),
        Choice("sexual", Words(N_("Sexual harm"))),
        Choice("burglary", Words(N_("Burglary, theft or robbery"))),
        Choice("damage", Words(N_("Damage or fire"))),
        Choice("antisocial", Words(N_("Antisocial behaviour or a neighbour dispute"))),
        Choice("hate", Words(N_("Hate: because of who someone is"))),
        Choice("road", Words(N_("On the road"))),
        Choice("death", Words(N_("A death"))),
        Choice("fraud", Words(N_("Fraud"))),
        Choice("other", Words(N_("Something else"))),
        Choice("not_say", Words(N_("Prefer not to say"))),
    ),
)


POLICE_KNOW = Question(
    "10",
    "police",
    Kind.RADIOS,
    Words(N_("Do the police know?")),
    "Do the police know",
    short=Words(N_("The police know")),
    hint=Words(N_("You can ask us either way.")),
    choices=(
        Choice("yes", Words(N_("Yes"))),
        Choice("no", Words(N_("No"))),
        Choice("unknown", Words(N_("I don’t know"))),
    ),
)


CRIME_REFERENCE = Question(
    "10",
    "crime_reference",
    Kind.TEXT,
    Words(N_("Crime reference number")),
    "Crime reference",
    hint=Words(N_("Leave this blank if you do not have it.")),
    when=Condition("police", "yes"),
    copied=True,
    longest=60,
    subject=Words(N_("The crime reference number")),
)


STAGE = Question(
    "11",
    "stage",
    Kind.RADIOS,
    Words(N_("Where are things now?")),
    "Where things are now",
    short=Words(N_("Where things are")),
    required_of=PROFESSIONAL,
    error=Words(N_("Choose where things are now")),
    choices=(
        Choice("not_reported", Words(N_("Not reported"))),
        Choice("investigated", Words(N_("Being investigated"))),
        Choice(
            "court",
            Words(N_("Going through court")),
            note=Words(N_("We can talk now. A meeting waits until the court case has ended.")),
        ),
        Choice("sentenced", Words(N_("Sentenced, or finished"))),
        Choice("unknown", Words(N_("I don’t know"))),
    ),
)


WORRY = Question(
    "13",
    "worry",
    Kind.RADIOS,
    Words(N_("Is there a court order, or a worry about contact?")),
    "Court order or worry about contact",
    short=Words(N_("Court order or worry")),
    required_of=PROFESSIONAL,
    error=Words(N_("Choose whether there is a court order or a worry about contact")),
    choices=(
        Choice("yes", Words(N_("Yes"))),
        Choice("no", Words(N_("No"))),
        Choice("unsure", Words(N_("Not sure"))),
    ),
)


WORRY_DETAILS = tuple(
    Question(
        "13",
        f"worry_{answer}",
        Kind.TEXTAREA,
        Words(N_("What should we know, in a few words?")),
        "What we should know",
        hint=Words(N_("For example: “There is a restraining order.” You do not need to name anybody.")),
        when=Condition("worry", answer),
        longest=500,
        subject=Words(N_("What we should know")),
    )
    for answer in ("yes", "unsure")
)
