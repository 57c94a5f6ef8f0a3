"""Every fact of the service's own description stands on a page."""

import re

import pytest

from tests.support.page_checks import elements, parse, text_of

# What the service says of itself, and the page and words that carry it.
FACTS: list[tuple[str, str, str]] = [
    ("have you been the victim of a crime", "", "Has a crime harmed you?"),
    ("do you still think about it", "", "Is it still on your mind?"),
    ("do you have unanswered questions", "", "Are there questions nobody has answered?"),
    ("is there more that you need to say", "", "Is there something you still need to say?"),
    ("restorative justice could help you", "", "Restorative justice could help"),
    ("a trained facilitator leads it", "harmed/", "A trained facilitator leads it"),
    (
        "the facilitator supports and prepares both",
        "harmed/",
        "support you and the person responsible, prepare you both",
    ),
    ("explains every step", "harmed/", "explain each step"),
    ("answers questions", "support/", "They answer your questions and explain each step"),
    ("explore what works best", "support/", "help you find what is best for you"),
    ("a facilitator is assigned and guides", "support/", "A facilitator of your own guides you"),
    ("eligibility, suitability and risk assessments", "your-safety/", "eligibility, suitability and risk assessments"),
    ("meets you regularly", "support/", "They meet you regularly"),
    ("the effect: personally, emotionally", "support/", "in yourself, in your feelings"),
    ("the effect: financially, socially", "support/", "to your money and to your life with other people"),
    ("discusses the options", "support/", "They talk through your choices"),
    ("reassurance and support throughout", "support/", "They reassure and support you all the way"),
    ("voluntary, both consent", "your-rights/", "Restorative justice is voluntary. Both people have to agree"),
    ("can stop on the day or in the meeting", "your-safety/", "before a meeting, on the day, or while it is going on"),
    ("face to face can bring the most", "what-happens/", "A meeting face to face often brings the most"),
    ("by phone", "what-happens/", "talk by phone"),
    ("video shuttle", "what-happens/", "video or message shuttle"),
    ("the facilitator decides whether it is safe", "your-safety/", "does not go ahead. The facilitator decides that"),
    ("the facilitator is always there", "support/", "you will not be alone: the facilitator is always there"),
    ("meets the other person, same checks", "support/", "carry out the same checks with them"),
    (
        "a safe place to talk helps to move on",
        "harmed/",
        "talking somewhere safe about what happened helps them to move on",
    ),
    ("hard to imagine meeting", "harmed/", "It can be hard to imagine meeting the person who harmed you"),
    ("called restorative practice", "what-is-restorative-justice/", "You may hear it called restorative practice"),
    (
        "from neighbours to serious crimes",
        "what-is-restorative-justice/",
        "from quarrels between neighbours to the most serious crimes",
    ),
    ("85% satisfied", "does-it-help/", "85% of people harmed who met face to face were satisfied"),
    ("ask by form, phone or email", "take-part/", "Fill in the referral form, call us or email us"),
    ("a member of the team will be in touch", "take-part/", "A member of the team will be in touch"),
    (
        "at your pace, withdraw any time",
        "take-part/",
        "It goes at your pace. You choose whether to go on, and you can step back at any time",
    ),
    ("download the leaflet", "leaflets/", "Leaflet"),
    (
        "meets both before a meeting",
        "your-safety/",
        "A facilitator meets each person, apart, before anything else happens",
    ),
    ("or not go ahead at all", "what-is-restorative-justice/", "Some go no further than the first talk"),
    ("either can ask", "what-happens/", "Either of you can ask: the person harmed or the person responsible"),
    ("waits for court", "what-happens/", "the work has to wait until it has ended"),
    ("otherwise at any time", "what-happens/", "Apart from that it can happen at any time"),
    (
        "told by police, victim services, youth team",
        "what-happens/",
        "by the police, victim services, the youth offending team or someone else",
    ),
    (
        "offered support from the service",
        "what-happens/",
        "support from Staffordshire Victim Gateway and Restorative Justice Service",
    ),
    ("self-referral", "what-happens/", "You can also come to us yourself"),
    (
        "first meeting: impact, thoughts, wishes",
        "what-happens/",
        "what the crime did to you, what you think and feel now, and what you would like to happen",
    ),
    (
        "the other person is asked",
        "what-happens/",
        "gets in touch with the other person too, and asks if they want to take part",
    ),
    ("prepared separately", "what-happens/", "prepares each of you, apart"),
    (
        "what to say and feel, and the impact",
        "what-happens/",
        "what you may want to say, how you feel about it now, and the harm it did",
    ),
    ("until fully prepared", "what-happens/", "as often as you need, until you are ready"),
    (
        "a date when safe and ready",
        "what-happens/",
        "satisfied that it is safe and that you are both ready, they set a date",
    ),
    ("conference", "what-happens/", "It is sometimes called a conference"),
    ("two trained facilitators", "what-happens/", "two trained facilitators"),
    ("supporters", "what-happens/", "a friend who was affected too, or a support worker"),
    (
        "circle, facilitator between",
        "what-happens/",
        "Everyone sits in a circle, with a facilitator between the two of you",
    ),
    ("ground rules", "what-happens/", "nobody interrupts, and anyone can take a break or stop at any time"),
    ("asked: what happened", "what-happens/", "Can you tell me what happened?"),
    ("asked: how did you feel", "what-happens/", "How did you feel at the time?"),
    ("asked: who was affected", "what-happens/", "Who was affected?"),
    ("similar questions to the others", "what-happens/", "They ask you, and the others in the room, much the same"),
    (
        "outcome agreement",
        "what-happens/",
        "outcome agreement: what the person responsible will do to put things right",
    ),
    ("agreed by both", "what-happens/", "Both of you have to agree to all of it"),
    ("follow-up", "what-happens/", "In the next few days the facilitator speaks to each of you"),
    ("letters", "what-happens/", "exchange letters"),
    ("proxy", "what-happens/", "meet someone in place of the other person (a proxy)"),
    ("flexible", "what-happens/", "We fit it to the people taking part"),
    ("7 in 10 happy", "", "7 in 10 people who use our service are happy with the outcome"),
    ("area", "contact/", "Staffordshire and Stoke-on-Trent"),
    *(
        ("six questions", "how-it-differs/", question)
        for question in (
            "Who has been hurt?",
            "What do they need?",
            "Whose job is it to put that right?",
            "What caused it?",
            "Who else has a stake in what happened?",
            "bring these people together, to deal with the causes and put things right?",
        )
    ),
    *(
        ("three questions", "how-it-differs/", question)
        for question in ("Which laws were broken?", "Who broke them?", "What do they deserve?")
    ),
]


@pytest.mark.parametrize(("fact", "page", "words"), FACTS)
def test_fact_is_on_its_page(pages: dict[str, str], fact: str, page: str, words: str) -> None:
    text = text_of(elements(parse(pages[page]), "main")[0])
    assert words.lower() in re.sub(r"\s+", " ", text).lower(), f"{fact}: not on /{page}"
