"""The questions, as data. Pages, check answers, the team's email and the paper form are all made from this table.

Source of the set and of who is asked what: the service's domain rules (the smallest set that lets a team act safely).
The story of what happened, date of birth, home address, gender, ethnicity, medical detail, the other person's name
and files are never asked for.
"""

from form_service.questions.kinds import (
    EVERYONE,
    FAMILY,
    FOR_ANOTHER,
    N_,
    PROFESSIONAL,
    RESPONSIBLE,
    Choice,
    Condition,
    Kind,
    Question,
    Route,
    Words,
)


def _words(you: str, they: str | None = None) -> Words:
    return Words(you, they)


WHO = Question(
    "1",
    "who",
    Kind.RADIOS,
    _words(N_("Who is this about?")),
    "Who is this about",
    required_of=EVERYONE,
    error=_words(N_("Choose who this is about")),
    choices=(
        Choice(Route.HARMED, _words(N_("Me: I was harmed")), in_mail="The writer, who was harmed"),
        Choice(Route.RESPONSIBLE, _words(N_("Me: I caused harm")), in_mail="The writer, who is responsible"),
        Choice(
            Route.FAMILY, _words(N_("A family member or friend")), in_mail="A family member or friend of the writer"
        ),
        Choice(Route.PROFESSIONAL, _words(N_("Someone I work with")), in_mail="Someone the writer works with"),
    ),
)

THEIR_SIDE = Question(
    "2",
    "side",
    Kind.RADIOS,
    _words(N_("Were they harmed, or are they responsible?")),
    "Harmed or responsible",
    asked_of=FOR_ANOTHER,
    required_of=FOR_ANOTHER,
    error=_words(N_("Choose whether they were harmed or are responsible")),
    choices=(
        Choice("harmed", _words(N_("They were harmed"))),
        Choice("responsible", _words(N_("They are responsible for harm"))),
        Choice("unsure", _words(N_("Not sure, or both"))),
    ),
)

THEY_AGREE = Question(
    "3",
    "agreed",
    Kind.RADIOS,
    _words(N_("Do they know about this, and do they agree?")),
    "They know and agree",
    asked_of=FOR_ANOTHER,
    required_of=FOR_ANOTHER,
    error=_words(N_("Choose whether they know and agree")),
    hint=_words(N_("We only contact people who want to hear from us.")),
    choices=(
        Choice("yes", _words(N_("Yes, they know and agree"))),
        Choice("not_yet", _words(N_("Not yet"))),
    ),
)

AGE = Question(
    "4",
    "age",
    Kind.RADIOS,
    _words(N_("Are you 18 or over?"), N_("Are they 18 or over?")),
    "18 or over",
    required_of=EVERYONE,
    error=_words(N_("Choose whether you are 18 or over"), N_("Choose whether they are 18 or over")),
    choices=(
        Choice("adult", _words(N_("Yes, 18 or over"))),
        Choice("under_18", _words(N_("No, under 18"))),
        Choice("unsure", _words(N_("Not sure"))),
    ),
)

ADULT = Question(
    "4",
    "adult",
    Kind.RADIOS,
    _words(N_("Is there an adult you want involved?"), N_("Is there an adult they want involved?")),
    "An adult they want involved",
    hint=_words(N_("It is fine to say no. We will talk with you about it.")),
    choices=(
        Choice("yes", _words(N_("Yes, there is an adult I trust"), N_("Yes, there is an adult they trust"))),
        Choice("none", _words(N_("There is no adult I want involved"), N_("There is no adult they want involved"))),
        Choice("unsure", _words(N_("Not sure"))),
    ),
    when=Condition("age", "under_18"),
)

ACCEPTS = Question(
    "12",
    "accepts",
    Kind.RADIOS,
    _words(N_("Do you accept some responsibility for what happened?")),
    "Accepts some responsibility",
    asked_of=RESPONSIBLE,
    required_of=RESPONSIBLE,
    error=_words(N_("Choose whether you accept some responsibility")),
    hint=_words(N_("You do not have to agree with everything that was said.")),
    choices=(
        Choice("yes", _words(N_("Yes"))),
        Choice("talk_first", _words(N_("I’d like to talk first"))),
        Choice("no", _words(N_("No"))),
    ),
)

NAME = Question(
    "5",
    "name",
    Kind.TEXT,
    _words(N_("What name should we use for you?"), N_("What name should we use for them?")),
    "Name to use",
    required_of=EVERYONE,
    error=_words(N_("Enter the name we should use"), N_("Enter the name we should use for them")),
    hint=_words(N_("Your first name is enough."), N_("The name they like to be called.")),
    longest=100,
    autocomplete="name",
)

REACH = Question(
    "6",
    "reach",
    Kind.CHECKBOXES,
    _words(N_("How can we safely reach you?"), N_("How can we safely reach them?")),
    "Safe ways to contact",
    required_of=EVERYONE,
    error=_words(N_("Choose at least one safe way to reach you"), N_("Choose at least one safe way to reach them")),
    hint=_words(
        N_("Choose only ways that nobody else sees or hears."),
        N_("Choose only ways that nobody else sees or hears. Ask them if you are not sure."),
    ),
    choices=(
        Choice("phone", _words(N_("Phone call"))),
        Choice("text", _words(N_("Text message"))),
        Choice("email", _words(N_("Email"))),
        Choice("post", _words(N_("Letter"))),
        Choice("trusted", _words(N_("Through someone trusted"))),
    ),
)


def _may_say(channel: str, you: str, they: str, in_mail: str) -> Question:
    """Question 6c for one channel: what the message may say. Blank is nothing."""
    return Question(
        "6c",
        f"{channel}_may_say",
        Kind.RADIOS,
        _words(you, they),
        in_mail,
        choices=(
            Choice("nothing", _words(N_("Nothing about who we are"))),
            Choice("who_we_are", _words(N_("It can say who we are"))),
        ),
        when=Condition("reach", channel),
        blank_means="nothing",
    )


REACH_DETAILS = (
    Question(
        "6",
        "phone_number",
        Kind.TEL,
        _words(N_("Phone number")),
        "Phone",
        required_of=EVERYONE,
        error=_words(N_("Enter a phone number")),
        when=Condition("reach", "phone"),
        longest=60,
        autocomplete="tel",
    ),
    Question(
        "6a",
        "voicemail",
        Kind.RADIOS,
        _words(N_("May we leave a voicemail?")),
        "Voicemail",
        choices=(
            Choice("no", _words(N_("No: do not leave a voicemail"))),
            Choice("yes", _words(N_("Yes, you can leave a voicemail"))),
        ),
        when=Condition("reach", "phone"),
        blank_means="no",
    ),
    Question(
        "6b",
        "say_who",
        Kind.RADIOS,
        _words(N_("If someone else answers, may we say who we are?")),
        "If someone else answers",
        choices=(
            Choice("no", _words(N_("No: say nothing about who you are"))),
            Choice("yes", _words(N_("Yes, you can say who you are"))),
        ),
        when=Condition("reach", "phone"),
        blank_means="no",
    ),
    Question(
        "6",
        "text_number",
        Kind.TEL,
        _words(N_("Mobile number for texts")),
        "Text",
        required_of=EVERYONE,
        error=_words(N_("Enter a mobile number for texts")),
        when=Condition("reach", "text"),
        longest=60,
        autocomplete="tel",
    ),
    _may_say(
        "text", N_("What may a text tell whoever reads it?"), N_("What may a text tell whoever reads it?"), "A text"
    ),
    Question(
        "6",
        "email_address",
        Kind.EMAIL,
        _words(N_("Email address")),
        "Email",
        required_of=EVERYONE,
        error=_words(N_("Enter an email address, like name@example.org")),
        when=Condition("reach", "email"),
        longest=254,
        autocomplete="email",
    ),
    _may_say(
        "email",
        N_("What may an email tell whoever reads it?"),
        N_("What may an email tell whoever reads it?"),
        "An email",
    ),
    Question(
        "6",
        "post_address",
        Kind.TEXTAREA,
        _words(N_("Address for letters")),
        "Post",
        required_of=EVERYONE,
        error=_words(N_("Enter the address for letters")),
        when=Condition("reach", "post"),
        longest=500,
        autocomplete="street-address",
    ),
    _may_say(
        "post",
        N_("What may a letter tell whoever opens it?"),
        N_("What may a letter tell whoever opens it?"),
        "A letter",
    ),
    Question(
        "6",
        "trusted_contact",
        Kind.TEXTAREA,
        _words(N_("Their name, and how to reach them"), N_("The trusted person’s name, and how to reach them")),
        "Trusted person",
        required_of=EVERYONE,
        error=_words(N_("Enter the trusted person’s name and how to reach them")),
        when=Condition("reach", "trusted"),
        longest=500,
    ),
    _may_say(
        "trusted",
        N_("What may we tell the person you trust?"),
        N_("What may we tell the trusted person?"),
        "The trusted person",
    ),
)

SAFE_TIMES = Question(
    "7",
    "times",
    Kind.CHECKBOXES,
    _words(N_("When is it safe to reach you?"), N_("When is it safe to reach them?")),
    "Safe times",
    choices=(
        Choice("morning", _words(N_("Weekday mornings"))),
        Choice("afternoon", _words(N_("Weekday afternoons"))),
        Choice("evening", _words(N_("Weekday evenings"))),
        Choice("any", _words(N_("Any time"))),
    ),
)

MUST_NOT = Question(
    "7",
    "must_not",
    Kind.TEXTAREA,
    _words(N_("Is there anything we must not do?"), N_("Is there anything we must not do?")),
    "Must not do",
    hint=_words(N_("For example: “Never ring after 5pm, he is home then.”")),
    longest=500,
)

SUPPORT = Question(
    "8",
    "support",
    Kind.CHECKBOXES,
    _words(N_("What would help you take part?"), N_("What would help them take part?")),
    "What would help",
    hint=_words(N_("Tell us what helps. You do not need to tell us why.")),
    choices=(
        Choice("interpreter", _words(N_("An interpreter"))),
        Choice("bsl", _words(N_("British Sign Language (BSL)"))),
        Choice("easy_read", _words(N_("Easy Read: short words and pictures"))),
        Choice("large_print", _words(N_("Large print"))),
        Choice("other", _words(N_("Something else"))),
    ),
)

SUPPORT_DETAILS = (
    Question(
        "8",
        "interpreter_language",
        Kind.TEXT,
        _words(N_("Which language?")),
        "Interpreter for",
        when=Condition("support", "interpreter"),
        longest=60,
    ),
    Question(
        "8",
        "support_other",
        Kind.TEXT,
        _words(N_("What would help?")),
        "Something else that would help",
        when=Condition("support", "other"),
    ),
)

KIND_OF_HARM = Question(
    "9",
    "harm",
    Kind.RADIOS,
    _words(N_("What kind of harm was it?")),
    "Kind of harm",
    required_of=PROFESSIONAL,
    error=_words(N_("Choose the kind of harm, or “Prefer not to say”")),
    hint=_words(N_("Choose the nearest. You do not need to tell us the story.")),
    choices=(
        Choice("violence", _words(N_("Violence or threats"))),
        Choice("home", _words(N_("Harm by a partner, ex-partner or family member"))),
        Choice("sexual", _words(N_("Sexual harm"))),
        Choice("burglary", _words(N_("Burglary, theft or robbery"))),
        Choice("damage", _words(N_("Damage to property, or fire"))),
        Choice("antisocial", _words(N_("Antisocial behaviour or a neighbour dispute"))),
        Choice("hate", _words(N_("Hate: because of who someone is"))),
        Choice("road", _words(N_("On the road"))),
        Choice("death", _words(N_("A death"))),
        Choice("fraud", _words(N_("Fraud"))),
        Choice("other", _words(N_("Something else"))),
        Choice("not_say", _words(N_("Prefer not to say"))),
    ),
)

POLICE_KNOW = Question(
    "10",
    "police",
    Kind.RADIOS,
    _words(N_("Do the police know?")),
    "Do the police know",
    hint=_words(N_("You can ask for help whether or not they know.")),
    choices=(
        Choice("yes", _words(N_("Yes"))),
        Choice("no", _words(N_("No"))),
        Choice("unknown", _words(N_("I don’t know"))),
    ),
)

CRIME_REFERENCE = Question(
    "10",
    "crime_reference",
    Kind.TEXT,
    _words(N_("Crime reference number")),
    "Crime reference",
    hint=_words(N_("Leave this blank if you do not have it.")),
    when=Condition("police", "yes"),
    longest=60,
)

STAGE = Question(
    "11",
    "stage",
    Kind.RADIOS,
    _words(N_("Where are things now?")),
    "Where things are now",
    required_of=PROFESSIONAL,
    error=_words(N_("Choose where things are now")),
    hint=_words(N_("If a court case is running we can talk now; a meeting waits until it has ended.")),
    choices=(
        Choice("not_reported", _words(N_("Not reported"))),
        Choice("investigated", _words(N_("Being investigated"))),
        Choice("court", _words(N_("Going through court"))),
        Choice("sentenced", _words(N_("Sentenced, or finished"))),
        Choice("unknown", _words(N_("I don’t know"))),
    ),
)

WORRY = Question(
    "13",
    "worry",
    Kind.RADIOS,
    _words(N_("Is there a court order, or a worry about contact?")),
    "Court order or worry about contact",
    required_of=PROFESSIONAL,
    error=_words(N_("Choose whether there is a court order or a worry about contact")),
    choices=(
        Choice("yes", _words(N_("Yes"))),
        Choice("no", _words(N_("No"))),
        Choice("unsure", _words(N_("Not sure"))),
    ),
)

WORRY_DETAILS = tuple(
    Question(
        "13",
        f"worry_{answer}",
        Kind.TEXTAREA,
        _words(N_("What should we know, in a few words?")),
        "What we should know",
        when=Condition("worry", answer),
        longest=500,
    )
    for answer in ("yes", "unsure")
)

WRITER = (
    Question(
        "14",
        "writer_name",
        Kind.TEXT,
        _words(N_("Your name")),
        "Referred by",
        asked_of=FOR_ANOTHER,
        required_of=FOR_ANOTHER,
        error=_words(N_("Enter your name")),
        longest=100,
        autocomplete="name",
    ),
    Question(
        "14",
        "organisation",
        Kind.TEXT,
        _words(N_("Your organisation")),
        "Organisation",
        asked_of=PROFESSIONAL,
        required_of=PROFESSIONAL,
        error=_words(N_("Enter your organisation")),
        longest=120,
        autocomplete="organization",
    ),
    Question(
        "14",
        "role",
        Kind.TEXT,
        _words(N_("Your role")),
        "Role",
        asked_of=PROFESSIONAL,
        required_of=PROFESSIONAL,
        error=_words(N_("Enter your role")),
        longest=120,
        autocomplete="organization-title",
    ),
    Question(
        "14",
        "work_contact",
        Kind.TEXT,
        _words(N_("Your work phone or email")),
        "Work contact",
        asked_of=PROFESSIONAL,
        required_of=PROFESSIONAL,
        error=_words(N_("Enter your work phone or email")),
        longest=254,
    ),
    Question(
        "14",
        "secure_email",
        Kind.EMAIL,
        _words(N_("Your secure email")),
        "Secure email",
        asked_of=PROFESSIONAL,
        hint=_words(N_("A CJSM address, or your organisation’s own secure email.")),
        error=_words(N_("Enter an email address, like name@example.org")),
        longest=254,
        autocomplete="email",
    ),
    Question(
        "14",
        "writer_contact",
        Kind.TEXT,
        _words(N_("A safe phone number or email for you")),
        "Contact of the writer",
        asked_of=FAMILY,
        required_of=FAMILY,
        error=_words(N_("Enter a safe phone number or email for you")),
        longest=254,
    ),
)

AGREEMENT = Question(
    "15",
    "agreement",
    Kind.AGREE,
    _words(
        N_("I am happy for the team to contact me in this way"),
        N_("They have said: I am happy for the team to contact me in this way"),
    ),
    "Agreement to be contacted",
    required_of=EVERYONE,
    error=_words(
        N_("Tick the box if you are happy for the team to contact you in this way"),
        N_("Tick the box if they are happy for the team to contact them in this way"),
    ),
)
