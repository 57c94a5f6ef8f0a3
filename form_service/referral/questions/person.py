"""Questions about the person referred, and whether they agree to the referral."""

from form_service.referral.questions.model import (
    EVERYONE,
    ONLY_RESPONSIBLE,
    REFERRERS,
    Choice,
    Condition,
    Kind,
    Question,
    Route,
    Words,
)

WHO = Question(
    "1",
    "who",
    Kind.RADIOS,
    Words("Who are you asking for?"),
    "Who this is about",
    short_label=Words("Who you are asking for"),
    required_of=EVERYONE,
    error=Words("Choose who you are asking for"),
    choices=(
        Choice(Route.HARMED, Words("Me: I was harmed"), team_label="The person filling in the form, who was harmed"),
        Choice(
            Route.RESPONSIBLE,
            Words("Me: I caused harm"),
            team_label="The person filling in the form, who is responsible",
        ),
        Choice(
            Route.FAMILY,
            Words("A family member or friend"),
            team_label="A family member or friend of the person filling in the form",
        ),
        Choice(
            Route.PROFESSIONAL,
            Words("Someone I support in my job"),
            team_label="Someone supported by the professional who filled in the form",
        ),
    ),
)

THEIR_SIDE = Question(
    "2",
    "side",
    Kind.RADIOS,
    Words("Were they harmed, or did they cause harm?"),
    "Harmed or responsible",
    short_label=Words("Whether they were harmed or caused harm"),
    asked_of=REFERRERS,
    required_of=REFERRERS,
    error=Words("Choose whether they were harmed or caused harm"),
    choices=(
        Choice("harmed", Words("They were harmed")),
        Choice("responsible", Words("They caused harm"), team_label="They are responsible for harm"),
        Choice("unsure", Words("Not sure, or both")),
    ),
)

CONSENT = Question(
    "3",
    "agreed",
    Kind.RADIOS,
    Words("Do they know you are contacting us, and do they agree?"),
    "They know and agree",
    short_label=Words("Whether they know and agree"),
    asked_of=REFERRERS,
    required_of=REFERRERS,
    error=Words("Choose whether they know and agree"),
    hint=Words(
        "We only contact the person you are asking for if they know and agree. A parent or carer can ask on "
        "behalf of a young child. First tell the child what we do, in words they understand, and ask if they want to "
        "talk to us."
    ),
    choices=(
        Choice("yes", Words("Yes, they know and agree")),
        Choice("not_yet", Words("Not yet, or I have not asked")),
    ),
)

NAME = Question(
    "5",
    "name",
    Kind.TEXT,
    Words("What should we call you?", "What should we call them?"),
    "Name to use",
    short_label=Words("What we should call you", "What we should call them"),
    required_of=EVERYONE,
    error=Words("Enter the name you would like us to use", "Enter the name they would like us to use"),
    hint=Words("Your first name is enough.", "The name they like to be called. A first name is enough."),
    autocapitalize="words",
    max_length=100,
    subject=Words("The name"),
    autocomplete="name",
)

AGE = Question(
    "4",
    "age",
    Kind.RADIOS,
    Words("Are you 18 or over?", "Are they 18 or over?"),
    "18 or over",
    short_label=Words("Whether you are 18 or over", "Whether they are 18 or over"),
    required_of=EVERYONE,
    error=Words("Choose whether you are 18 or over", "Choose whether they are 18 or over"),
    choices=(
        Choice("adult", Words("Yes, 18 or over")),
        Choice(
            "under_18",
            Words("No, under 18"),
            note=Words(
                "You can still send this, without asking an adult first. We will talk to you about who can help.",
                "You can still send this. We will talk to them about who can help.",
            ),
        ),
        Choice("unsure", Words("Not sure")),
    ),
)

ADULT = Question(
    "4",
    "adult",
    Kind.RADIOS,
    Words("Is there an adult you want involved?", "Is there an adult they want involved?"),
    "An adult they want involved",
    short_label=Words("An adult you want involved", "An adult they want involved"),
    hint=Words(
        "It is fine to say there is nobody. We will talk to you before we contact any adult, unless you ask us to "
        "contact them first, or someone could be badly hurt.",
        "It is fine to say there is nobody. We will talk to them before we contact any other adult, unless they "
        "ask us to contact the adult first, or someone could be badly hurt.",
    ),
    choices=(
        Choice(
            "yes",
            Words("Yes, there is an adult I trust", "Yes, there is an adult they trust"),
            team_label="Yes, there is an adult they trust",
        ),
        Choice(
            "none",
            Words("There is no adult I want involved", "There is no adult they want involved"),
            team_label="There is no adult they want involved",
        ),
        Choice("unsure", Words("Not sure")),
    ),
    when=Condition("age", "under_18"),
)

ADULT_CONTACT = Question(
    "4",
    "adult_contact",
    Kind.TEXTAREA,
    Words("Who is the adult, and how could we reach them?"),
    "The adult, and how to reach them",
    short_label=Words("The adult, and how to reach them"),
    hint=Words(
        "You can leave this blank and tell us later. If you want us to contact them before we talk to you, say so.",
        "You can leave this blank. If they want us to contact the adult first, say so.",
    ),
    when=Condition("adult", "yes"),
    max_length=500,
    is_copied_by_team=True,
)

RESPONSIBILITY = Question(
    "12",
    "accepts",
    Kind.RADIOS,
    Words("Do you accept some responsibility for what happened?"),
    "Accepts some responsibility",
    short_label=Words("Whether you accept some responsibility"),
    asked_of=ONLY_RESPONSIBLE,
    required_of=ONLY_RESPONSIBLE,
    error=Words("Choose whether you accept some responsibility"),
    hint=Words(
        "You do not have to agree with everything that has been said about it. Your answer goes to our team. We "
        "keep it private in the same way as your other answers, with the same exceptions. If there is a court "
        "case, you may want to ask your solicitor first."
    ),
    choices=(
        Choice("yes", Words("Yes")),
        Choice("talk_first", Words("I’d like to talk first")),
        Choice(
            "no",
            Words("No"),
            note=Words(
                "You can still send this and talk to us. A meeting or messages can only go ahead if you accept "
                "some responsibility."
            ),
        ),
    ),
)
