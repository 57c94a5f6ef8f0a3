"""The questions on their pages, in the order in which they are asked."""

from form_service.questions import table as t
from form_service.questions.kinds import N_, Page, Question, Words

PAGES: tuple[Page, ...] = (
    Page("who", N_("who this is for"), (t.WHO,)),
    Page("before", N_("before you go on"), (t.THEY_AGREE,)),
    Page("them", N_("about them"), (t.THEIR_SIDE,)),
    Page("about", N_("a name to use"), (t.NAME, t.AGE, t.ADULT), Words(N_("About you"), N_("About them"))),
    Page("view", N_("one question"), (t.ACCEPTS,)),
    Page("reach", N_("how to reach you"), (t.REACH, *t.REACH_DETAILS)),
    Page("times", N_("good times"), (t.SAFE_TIMES, t.MUST_NOT), Words(N_("Times, and anything to avoid"))),
    Page("support", N_("what would help"), (t.SUPPORT, *t.SUPPORT_DETAILS)),
    Page(
        "background",
        N_("a little background"),
        (t.KIND_OF_HARM, t.POLICE_KNOW, t.CRIME_REFERENCE, t.STAGE, t.WORRY, *t.WORRY_DETAILS),
        Words(N_("A little about what happened")),
        Words(N_("We do not need the story. Leave blank what you would rather not say.")),
    ),
    Page("you", N_("about you"), t.WRITER, Words(N_("About you"))),
    Page("check", N_("check and send"), (t.AGREEMENT,), Words(N_("Check your answers"))),
)

QUESTIONS: tuple[Question, ...] = tuple(question for page in PAGES for question in page.questions)
BY_NAME: dict[str, Question] = {question.name: question for question in QUESTIONS}
BY_SLUG: dict[str, Page] = {page.slug: page for page in PAGES}
