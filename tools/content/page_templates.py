"""The templates of new pages, and the placeholder text in them."""

# Name → its label in the editor, and the text below the page's heading and first sentence.
TEMPLATES = {
    "information": (
        "Information: an introduction, two parts, what to do next",
        "## What it is\n\nWrite the first thing here.\n\n## What you can do\n\n- The first step\n- The second step\n\n"
        "Read next: [contact us](contact.md).\n",
    ),
    "questions": (
        "Questions and answers",
        "## The first question?\n\nIts answer, in two or three sentences.\n\n"
        "## The second question?\n\nIts answer.\n\nAnother question? [Contact us](contact.md).\n",
    ),
    "empty": ("Empty", "Write here.\n"),
}
# Lines that no page may be published with.
PLACEHOLDERS = frozenset(
    (
        "Write the first thing here.",
        "- The first step",
        "- The second step",
        "## The first question?",
        "Its answer, in two or three sentences.",
        "## The second question?",
        "Its answer.",
        "Write here.",
    )
)
