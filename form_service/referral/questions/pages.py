"""The pages of the form and their questions, in the order in which they are asked."""

from form_service.referral.questions import background, contact, person, referrer
from form_service.referral.questions.model import N_, OnNewPerson, Page, Question, Words

PAGES: tuple[Page, ...] = (
    Page("who", N_("who this is for"), OnNewPerson.KEEP, (person.WHO,)),
    Page("consent", N_("before you go on"), OnNewPerson.FORGET, (person.CONSENT,)),
    Page("them", N_("about them"), OnNewPerson.FORGET, (person.THEIR_SIDE,)),
    Page(
        "about",
        N_("a name to use"),
        OnNewPerson.FORGET,
        (person.NAME, person.AGE, person.ADULT, person.ADULT_CONTACT),
        Words("About you", "About them"),
    ),
    Page("view", N_("one question"), OnNewPerson.KEEP, (person.RESPONSIBILITY,)),
    Page("reach", N_("getting in touch"), OnNewPerson.FORGET, (contact.REACH, *contact.REACH_DETAILS)),
    Page(
        "times",
        N_("times to get in touch"),
        OnNewPerson.FORGET,
        (contact.SAFE_TIMES, contact.CODE_WORD, contact.PROHIBITIONS),
        Words("When to contact you, and anything to avoid", "When to contact them, and anything to avoid"),
    ),
    Page("support", N_("what would help"), OnNewPerson.FORGET, (background.SUPPORT, *background.SUPPORT_DETAILS)),
    Page(
        "background",
        N_("a little background"),
        OnNewPerson.ASK_AGAIN,
        (
            background.KIND_OF_HARM,
            background.KNOWN_TO_POLICE,
            background.POLICE_FORCE,
            background.CRIME_REFERENCE,
            background.STAGE,
            background.WORRY,
            *background.WORRY_DETAILS,
        ),
        Words("A little background"),
        Words(
            "You do not have to tell us what happened. You can leave any of these blank.",
            "You do not have to tell us what happened. Choose the closest answer, or leave a question blank if it "
            "says “optional”.",
        ),
    ),
    Page("you", N_("about you"), OnNewPerson.KEEP, referrer.REFERRER_DETAILS, Words("About you")),
    Page(
        "check",
        N_("check and send"),
        OnNewPerson.KEEP,
        (referrer.AGREEMENT, referrer.AGREEMENT_TO_WAIT),
        Words("Check your answers"),
    ),
)

QUESTIONS: tuple[Question, ...] = tuple(question for page in PAGES for question in page.questions)
QUESTIONS_BY_NAME: dict[str, Question] = {question.name: question for question in QUESTIONS}
PAGES_BY_SLUG: dict[str, Page] = {page.slug: page for page in PAGES}
