"""What would help, and a little background. The story of what happened is never asked for."""

from form_service.referral.questions.model import (
    N_,
    PROFESSIONAL,
    YOUR_ANSWER,
    Choice,
    Condition,
    Kind,
    Question,
    Words,
)

SUPPORT = Question(
    "8",
    "support",
    Kind.CHECKBOXES,
    Words(N_("What would help you take part?"), N_("What would help them take part?")),
    "What would help",
    short=Words(N_("What would help you take part"), N_("What would help them take part")),
    hint=Words(N_("You do not need to tell us why. We will tell you what we can arrange.")),
    choices=(
        Choice("interpreter", Words(N_("An interpreter"))),
        Choice("bsl", Words(N_("British Sign Language (BSL)"))),
        Choice("easy_read", Words(N_("Easy Read: easy words and pictures"))),
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
        short=Words(N_("Language of the interpreter")),
        when=Condition("support", "interpreter"),
        capitals="words",
        longest=60,
        subject=Words(N_("The language")),
    ),
    Question(
        "8",
        "support_other",
        Kind.TEXT,
        Words(N_("What would help?")),
        "Something else that would help",
        short=Words(N_("Something else that would help")),
        when=Condition("support", "other"),
        subject=YOUR_ANSWER,
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
        Choice("home", Words(N_("Domestic abuse by a partner, ex-partner or relative"))),
        Choice("home_sexual", Words(N_("Rape or sexual abuse by a partner, ex-partner or relative"))),
        Choice("sexual", Words(N_("Rape or sexual abuse by someone else"))),
        Choice("stalking", Words(N_("Stalking or harassment"))),
        Choice("burglary", Words(N_("Burglary, theft or robbery"))),
        Choice("damage", Words(N_("Criminal damage or arson"))),
        Choice("antisocial", Words(N_("Antisocial behaviour or a neighbour dispute"))),
        Choice("hate", Words(N_("Hate crime"))),
        Choice("road", Words(N_("A road crime or collision"))),
        Choice("death", Words(N_("Someone died"))),
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
    short=Words(N_("Whether the police know")),
    hint=Words(N_("You can ask us either way.")),
    choices=(
        Choice("yes", Words(N_("Yes"))),
        Choice("no", Words(N_("No"))),
        Choice("unknown", Words(N_("I don’t know"))),
    ),
)


POLICE_FORCE = Question(
    "10",
    "police_force",
    Kind.TEXT,
    Words(N_("Which police force?")),
    "Police force",
    short=Words(N_("Police force")),
    hint=Words(N_("Leave this blank if you are not sure.")),
    when=Condition("police", "yes"),
    capitals="words",
    longest=100,
    subject=Words(N_("The police force")),
)


CRIME_REFERENCE = Question(
    "10",
    "crime_reference",
    Kind.TEXT,
    Words(N_("Crime reference number")),
    "Crime reference",
    hint=Words(N_("Leave this blank if you do not have it.")),
    when=Condition("police", "yes"),
    capitals="characters",
    longest=60,
    subject=Words(N_("The crime reference number")),
)


STAGE = Question(
    "11",
    "stage",
    Kind.RADIOS,
    Words(N_("What stage has the case reached?")),
    "Stage of the case",
    short=Words(N_("What stage the case has reached")),
    required_of=PROFESSIONAL,
    error=Words(N_("Choose what stage the case has reached")),
    choices=(
        Choice("not_reported", Words(N_("Not reported to the police"))),
        Choice("investigated", Words(N_("Being investigated"))),
        Choice(
            "court",
            Words(N_("Going through court")),
            note=Words(
                N_(
                    "You can talk to us now. Until the case is over, we will not contact the other person or pass "
                    "anything between you."
                ),
                N_(
                    "They can talk to us now. Until the case is over, we will not contact the other person or pass "
                    "anything between them."
                ),
            ),
        ),
        Choice("out_of_court", Words(N_("A caution, or dealt with out of court"))),
        Choice(
            "no_further_action",
            Words(N_("The police or prosecutors closed the case (“no further action”)")),
            in_email="Closed by the police or prosecutors (no further action)",
        ),
        Choice("sentenced", Words(N_("Sentenced, or the case has ended"))),
        Choice("unknown", Words(N_("I don’t know"))),
    ),
)


WORRY = Question(
    "13",
    "worry",
    Kind.RADIOS,
    Words(
        N_("Is there a court order, or anything that worries you about contact between you and the other person?"),
        N_("Is there a court order, or anything that worries you about contact between them and the other person?"),
    ),
    "Court order, or worry about contact with the other person",
    short=Words(N_("A court order, or a worry about contact with the other person")),
    required_of=PROFESSIONAL,
    error=Words(N_("Choose whether there is a court order, or a worry about contact with the other person")),
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
        "What we should know about it",
        short=Words(N_("What we should know about it")),
        hint=Words(N_("For example: “There is a restraining order.” You do not need to name anyone.")),
        when=Condition("worry", answer),
        longest=500,
        subject=YOUR_ANSWER,
    )
    for answer in ("yes", "unsure")
)
