"""Every statement in the service's own description of its work appears on the site.

The patterns match only a few key words of a statement, so that sentences can be reworded and moved.
"""

import re

import pytest

from tests.support.page_checks import elements, parse, text_of

# Statement in the service's description → patterns, each of which must match a sentence of the site.
PATTERNS_BY_STATEMENT: dict[str, tuple[str, ...]] = {
    # The opening
    "a question to people harmed by a crime": (r"harmed by a crime\?",),
    "do you still think about it": (r"still (think|on your mind)",),
    "unanswered questions": (r"questions .*nobody has answered",),
    "more that you need to say": (r"(something|more) you still (need|want) to say|say how .*affected you",),
    "restorative justice could help you": (r"restorative justice could help you",),
    # How it can help someone who was harmed
    "led by a trained facilitator": (r"trained facilitator.* leads",),
    "supports and prepares both": (r"support .*(both|each|you and).*prepare|prepare.*(both|each)",),
    "talks the process through, answers questions": (r"answer your questions",),
    "explains every step of the way": (r"explain .*every step",),
    "explore what works best for you": (r"find what .*best for you",),
    # What support is available
    "a facilitator assigned to you guides you": (r"(own|your) facilitator guides you",),
    "eligibility, suitability and risk assessments": (r"eligibility, suitability and risk assessments",),
    "meets you regularly": (r"meet you regularly",),
    "understands what happened and its effect": (r"understand what happened",),
    "the effect personally, emotionally, financially, socially": (r"personal.*emotional.*financial.*social",),
    "discusses the options": (r"(talk|discuss).* (the|your) options",),
    "reassurance and support throughout": (r"reassure and support you",),
    "entirely voluntary": (r"restorative justice is voluntary",),
    "only with both people's consent": (r"both .*(have to|must|need to) agree",),
    "can pull out at any time": (r"stop at any time",),
    "even on the day": (r"on the day",),
    "even while the meeting is going on": (r"while it is going on|(even )?during a meeting",),
    "face to face can bring the greatest benefits": (r"face.to.face .*(often|can) (help|bring).* most",),
    "by phone instead": (r"talk by phone",),
    "by video shuttle instead": (r"video shuttle",),
    "the facilitator decides whether it is safe to meet": (r"facilitator decides|decide whether it is safe",),
    "if it is not safe there is no meeting": (r"not safe.* does not go ahead",),
    "you need not bring anyone: the facilitator is there": (r"facilitator is always there",),
    "the facilitator also meets the person responsible": (r"they also meet the person responsible",),
    "the other person's agreement is established": (r"find out whether .*agrees to take part",),
    "the same assessments for the other person": (r"(carry out|do) the same .*(checks )?with (them|the other)",),
    "differs from criminal justice in its questions": (r"different questions",),
    "question 1: who has been hurt": (r"who has been hurt\?",),
    "question 2: what are their needs": (r"what do they need\?|what are their needs\?",),
    "question 3: whose obligations": (r"who is responsible for putting that right\?|whose obligation",),
    "question 4: the causes": (r"what (were|are) the causes\?|what caused it\?",),
    "question 5: who has a stake": (r"who else has been affected\?",),
    "question 6: the right process": (r"right way to bring people together.*causes.*put things right",),
    "the court's question 1: what laws": (r"(which|what) laws were broken\?",),
    "the court's question 2: who did it": (r"who (broke them|did it)\?",),
    "the court's question 3: what do they deserve": (r"what does that person deserve\?",),
    "hard to imagine meeting": (r"hard to imagine meeting",),
    "talking in a safe place helps many to move forward": (r"many people.* safe .*move forward",),
    "also called restorative practice": (r"restorative practice",),
    "from neighbour disputes to serious crimes": (r"(dispute between neighbours|neighbour dispute).*serious",),
    "85% of people harmed were satisfied": (r"85% of people who were harmed.*satisfied",),
    # How to take part
    "by the online form": (r"fill in the (referral )?form",),
    "by phone": (r"call us",),
    "by email": (r"email us",),
    "a member of the team makes contact": (r"a member of the team will (be in touch|contact you)",),
    "at your pace": (r"at your (own )?pace",),
    "withdraw at any time": (r"withdraw at any time",),
    "a leaflet to download": (r"\bleaflets?\b",),
    "a facilitator meets both before a meeting": (r"meets each person separately",),
    "or not to go ahead at all": (r"not to go any further",),
    # 1. Deciding
    "either person can ask": (r"either of you can ask|you can ask .*just as the person harmed can",),
    "waits for the court": (r"until the case is over",),
    "otherwise at any time": (r"if there is no court case, or it is over, .*at any time",),
    "told by the police, victim services or the youth offending team": (
        r"tell you .*police, victim services, the youth justice team.*offending team.* or someone else",
    ),
    "offered support from the service": (r"offer to put you in touch with .* for support",),
    "or ask yourself": (r"come to us yourself",),
    # 2. First steps
    "the first meeting: impact, thoughts, feelings, wishes": (
        r"how the crime affected you, what you think and feel now, and what you would like to happen",
    ),
    "the facilitator asks the other person": (r"facilitator will also get in touch with the other person",),
    # 3. Preparation
    "prepared separately": (r"prepares each of you separately",),
    "what to say, feelings now, the impact": (r"what you might want to say, how you feel now about what happened",),
    "meetings until fully prepared": (r"until you are ready",),
    "a date when safe and ready": (r"satisfied that it is safe and that you are both ready",),
    # 4. The meeting
    "called a conference": (r"called a conference|word for the meeting",),
    "two trained facilitators": (r"two trained facilitators",),
    "supporters: a friend also affected, or a support worker": (r"friend who was also affected, or a support worker",),
    "a circle with the facilitator between": (r"circle, with a facilitator between",),
    "ground rules: no interrupting, breaks, stopping": (r"ground rules.*interrupts.*break.*stop at any time",),
    "asked what happened": (r"can you tell me what happened\?",),
    "asked how they felt": (r"how did you feel at the time\?",),
    "asked who was affected": (r"who was affected",),
    "similar questions to everyone": (r"similar questions",),
    "a dialogue about the incident and its impact": (r"helps everyone to talk about what happened",),
    "the facilitator helps with an outcome agreement": (r"facilitator helps you to write an outcome agreement",),
    "steps to put things right": (r"what the person responsible (could|agrees to) do to put things right",),
    "agreed by both": (r"both of you have to agree to all of it",),
    # 5. Follow-up
    "a talk with both in the days after": (r"in the days after the meeting.* speaks to each of you",),
    "did they get what they wanted": (r"gave you what you hoped for",),
    # 6. Other ways
    "letters": (r"letters",),
    "a proxy": (r"proxy",),
    "a proxy if one does not want to take part": (r"takes the other person’s place, if they do not want",),
    "flexible": (r"we can be flexible",),
    # The figure
    "7 in 10 of the restorative justice service": (
        r"7 in 10 people who use our restorative justice service are happy with the outcome",
    ),
    "the service's name and area": (
        r"staffordshire victim gateway and restorative justice service",
        r"staffordshire and stoke-on-trent",
    ),
}


@pytest.fixture(scope="module")
def passages(pages: dict[str, str]) -> list[str]:
    """Return, in lower case, each paragraph, list entry, bold phrase and h2 heading in the main part of the pages."""
    texts = []
    for html in pages.values():
        main = elements(parse(html), "main")[0]
        for tag in ("p", "li", "dd", "dt", "b", "h2"):
            texts += [re.sub(r"\s+", " ", text_of(element)).lower() for element in elements(main, tag)]
    return texts


@pytest.mark.parametrize("statement", PATTERNS_BY_STATEMENT)
def test_every_statement_of_the_services_own_description_is_on_the_site(passages: list[str], statement: str) -> None:
    for pattern in PATTERNS_BY_STATEMENT[statement]:
        assert any(re.search(pattern, passage) for passage in passages), f"{statement}: nothing matches {pattern}"
