"""Who the referral is about, and whether they know and agree."""

from form_service.referral.questions.model import (
    EVERYONE,
    FOR_ANOTHER,
    N_,
    RESPONSIBLE,
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
    Words(N_("Who is this about?")),
    "Who is this about",
    short=Words(N_("About")),
    required_of=EVERYONE,
    error=Words(N_("Choose who this is about")),
    choices=(
        Choice(Route.HARMED, Words(N_("Me: I was harmed")), in_email="The writer, who was harmed"),
        Choice(Route.RESPONSIBLE, Words(N_("Me: I caused harm")), in_email="The writer, who is responsible"),
        Choice(
            Route.FAMILY, Words(N_("A family member or friend")), in_email="A family member or friend of the writer"
        ),
        Choice(Route.PROFESSIONAL, Words(N_("Someone I work with")), in_email="Someone the writer works with"),
    ),
)


THEIR_SIDE = Question(
    "2",
    "side",
    Kind.RADIOS,
    Words(N_("Were they harmed, or are they responsible?")),
    "Harmed or responsible",
    short=Words(N_("Harmed or responsible")),
    asked_of=FOR_ANOTHER,
    required_of=FOR_ANOTHER,
    error=Words(N_("Choose whether they were harmed or are responsible")),
    choices=(
        Choice("harmed", Words(N_("They were harmed"))),
        Choice("responsible", Words(N_("They are responsible for harm"))),
        Choice("unsure", Words(N_("Not sure, or both"))),
    ),
)


THEY_AGREE = Question(
    "3",
    "agreed",
    Kind.RADIOS,
    Words(N_("Do they know about this, and do they agree?")),
    "They know and agree",
    short=Words(N_("Know and agree")),
    asked_of=FOR_ANOTHER,
    required_of=FOR_ANOTHER,
    error=Words(N_("Choose whether they know and agree")),
    hint=Words(N_("We only contact people who want to hear from us.")),
    choices=(
        Choice("yes", Words(N_("Yes, they know and agree"))),
        Choice("not_yet", Words(N_("Not yet, or I have not asked"))),
    ),
)


NAME = Question(
    "5",
    "name",
    Kind.TEXT,
    Words(N_("What name should we use for you?"), N_("What name should we use for them?")),
    "Name to use",
    short=Words(N_("Name to use")),
    required_of=EVERYONE,
    error=Words(N_("Enter the name we should use"), N_("Enter the name we should use for them")),
    hint=Words(N_("Your first name is enough."), N_("The name they like to be called.")),
    longest=100,
    subject=Words(N_("The name to use")),
    autocomplete="name",
)


AGE = Question(
    "4",
    "age",
    Kind.RADIOS,
    Words(N_("Are you 18 or over?"), N_("Are they 18 or over?")),
    "18 or over",
    short=Words(N_("18 or over")),
    required_of=EVERYONE,
    error=Words(N_("Choose whether you are 18 or over"), N_("Choose whether they are 18 or over")),
    choices=(
        Choice("adult", Words(N_("Yes, 18 or over"))),
        Choice(
            "under_18",
            Words(N_("No, under 18")),
            note=Words(
                N_("You can still go on and send this. You do not need to ask an adult first."),
                N_("You can still go on and send this."),
            ),
        ),
        Choice("unsure", Words(N_("Not sure"))),
    ),
)


ADULT = Question(
    "4",
    "adult",
    Kind.RADIOS,
    Words(N_("Is there an adult you want involved?"), N_("Is there an adult they want involved?")),
    "An adult they want involved",
    short=Words(N_("An adult you want involved"), N_("An adult they want involved")),
    hint=Words(
        N_("It is fine if there is nobody. We will talk with you about it."),
        N_("It is fine if there is nobody. We will talk with them about it."),
    ),
    choices=(
        Choice(
            "yes",
            Words(N_("Yes, there is an adult I trust"), N_("Yes, there is an adult they trust")),
            in_email="Yes, there is an adult they trust",
        ),
        Choice(
            "none",
            Words(N_("There is no adult I want involved"), N_("There is no adult they want involved")),
            in_email="There is no adult they want involved",
        ),
        Choice("unsure", Words(N_("Not sure"))),
    ),
    when=Condition("age", "under_18"),
)


ACCEPTS = Question(
    "12",
    "accepts",
    Kind.RADIOS,
    Words(N_("Do you accept some responsibility for what happened?")),
    "Accepts some responsibility",
    short=Words(N_("Some responsibility")),
    asked_of=RESPONSIBLE,
    required_of=RESPONSIBLE,
    error=Words(N_("Choose whether you accept some responsibility")),
    hint=Words(N_("You do not have to agree with everything that was said.")),
    choices=(
        Choice("yes", Words(N_("Yes"))),
        Choice("talk_first", Words(N_("I’d like to talk first"))),
        Choice("no", Words(N_("No"))),
    ),
)
