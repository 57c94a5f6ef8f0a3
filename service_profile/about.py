"""Optional texts that only the service can write. If a text is empty, pages leave out its paragraph."""

from service_profile import setting_types as types
from service_profile.blocks import Block, setting


class About(Block):
    """Optional texts about the service. If a text is empty, pages leave out its paragraph."""

    who: types.OptionalProse = setting(
        "Who runs the service",
        "Which organisation it is, and who is in the team.",
        "We are part of Victim Care.",
        default="",
    )
    victim_service: types.OptionalProse = setting(
        "The area’s victim service",
        "What it is called, and how to contact it.",
        "Victim Care supports anyone harmed.",
        default="",
    )
    funder: types.OptionalProse = setting(
        "Who pays for it", "Name the funder.", "We are paid for by the county council.", default=""
    )
    training: types.OptionalProse = setting(
        "Training", "How facilitators are trained.", "Our facilitators train for a year.", default=""
    )
    registration: types.OptionalProse = setting(
        "Registration",
        "Whether facilitators are registered with a professional body, such as the Restorative Justice Council.",
        "All of us are registered.",
        default="",
    )
    cost: types.OptionalProse = setting(
        "What it costs", "Say so if it is free.", "Everything we do is free.", default=""
    )
    area_rule: types.OptionalProse = setting(
        "Which area counts",
        "Is it where someone lives, or where it happened?",
        "It is where you live that counts.",
        default="",
    )
    places: types.OptionalProse = setting(
        "Where meetings take place", "What kinds of places you use.", "We meet in community centres.", default=""
    )
    how_long: types.OptionalProse = setting(
        "How long it takes", "From the first call to the end.", "It often takes some months.", default=""
    )
    prison: types.OptionalProse = setting(
        "When someone is in prison", "What you can arrange.", "We can meet people in prison.", default=""
    )
    nobody_caught: types.OptionalProse = setting(
        "When nobody was caught", "What you can offer in that case.", "You can still talk to us.", default=""
    )
    denial: types.OptionalProse = setting(
        "When the other person denies it", "What you can offer in that case.", "You can still talk to us.", default=""
    )
    no_apology: types.OptionalProse = setting(
        "When there may be no apology",
        "How you prepare people for that.",
        "We talk about it with you first.",
        default="",
    )
    bereaved: types.OptionalProse = setting(
        "Bereaved families",
        "What you offer to families of people who were killed.",
        "We work with families.",
        default="",
    )
    broken_agreement: types.OptionalProse = setting(
        "When an agreement is not kept",
        "What happens in that case.",
        "Tell us, and we will ask what went wrong.",
        default="",
    )
    court_and_parole: types.OptionalProse = setting(
        "Court and parole",
        "Whether anything that people say or write is used there.",
        "Nothing is used in court.",
        default="",
    )
    local_support: types.OptionalProse = setting(
        "Other help near here", "Who else helps people in your area.", "The county has a helpline.", default=""
    )
    complaints_commissioner: types.OptionalProse = setting(
        "Complaints to the commissioner",
        "How to complain to the police and crime commissioner.",
        "Write to them.",
        default="",
    )
    complaints_registration: types.OptionalProse = setting(
        "Complaints to the professional body",
        "How to complain to the body you are registered with.",
        "Ask them.",
        default="",
    )
