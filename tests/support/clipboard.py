"""The HTML that Word and Outlook put on the clipboard, and the Markdown that the editor must make of it."""

OFFICE_HTML_START = """<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">
<head><meta name=Generator content="Microsoft Word 15"><style><!-- @list l0 {mso-list-id:1} p.MsoNormal {margin:0cm;
font-size:11.0pt;} --></style></head>
<body lang=EN-GB style='tab-interval:36.0pt;word-wrap:break-word'><!--StartFragment-->
"""
OFFICE_HTML_END = "<!--EndFragment--></body></html>"


def word_item(level: int, marker: str, text: str, list_number: int = 0, font: str = "Calibri") -> str:
    """Return the HTML of one item of a list in Word: a paragraph with a list level, and a bullet or number as text.

    Items with the same `list_number` belong to one list; `font` is the font of the bullet.
    """
    style = (
        f"margin-left:{36 * level}.0pt;mso-add-space:auto;text-indent:-18.0pt;mso-list:l{list_number} level{level} lfo1"
    )
    gap = "<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp;&nbsp; </span>"
    bullet = f"<span style='font-family:{font}'><span style='mso-list:Ignore'>{marker}{gap}</span></span>"
    return (
        f"<p class=MsoListParagraphCxSpMiddle style='{style}'><![if !supportLists]>{bullet}<![endif]>"
        f"<span lang=EN-GB style='mso-ansi-language:EN-GB'>{text}<o:p></o:p></span></p>\n"
    )


WORD_NESTED_LIST = (
    OFFICE_HTML_START
    + "<p class=MsoNormal><span lang=EN-GB>Before you come:<o:p></o:p></span></p>\n"
    + word_item(1, "·", "Bring somebody", font="Symbol")
    + word_item(2, "o", "a friend", font='"Courier New"')
    + word_item(2, "o", "or a worker", font='"Courier New"')
    + word_item(3, "§", "who knows you", font="Wingdings")
    + word_item(1, "·", "Tell us what you need", font="Symbol")
    + "<p class=MsoNormal>On the day:</p>\n"
    + word_item(1, "1.", "Come in", 1)
    + word_item(2, "a.", "by the front door", 1)
    + word_item(2, "b.", "or the side", 1)
    + word_item(1, "2.", "Sit <b style='mso-bidi-font-weight:normal'>where you like</b>", 1)
    + OFFICE_HTML_END
)
NESTED_LIST_AS_MARKDOWN = """Before you come:

- Bring somebody
    - a friend
    - or a worker
        - who knows you
- Tell us what you need

On the day:

1. Come in
    1. by the front door
    2. or the side
2. Sit **where you like**"""

OUTLOOK_EMAIL = (
    OFFICE_HTML_START
    + """<p class=MsoNormal><span style='font-family:"Aptos",sans-serif;mso-fareast-language:EN-US'>Hi Amina,<o:p></o:p>
</span></p>
<p class=MsoNormal><span style='mso-fareast-language:EN-US'><o:p>&nbsp;</o:p></span></p>
<p class=MsoNormal>It is free on <b style='mso-bidi-font-weight:normal'>Monday</b>. See
<a href="https://example.org/room"><span style='color:#0563C1'>the room&#8217;s page</span></a>.<o:p></o:p></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<ul style='margin-top:0cm' type=disc><li class=MsoListParagraph style='margin-left:0cm;mso-list:l0 level1 lfo1'>Tea
<o:p></o:p></li>
<ul style='margin-top:0cm' type=circle><li class=MsoListParagraph style='mso-list:l0 level2 lfo1'>with milk
<o:p></o:p></li></ul>
<li class=MsoListParagraph style='mso-list:l0 level1 lfo1'>Water</li></ul>
"""
    + OFFICE_HTML_END
)
OUTLOOK_AS_MARKDOWN = """Hi Amina,

It is free on **Monday**. See [the room’s page](https://example.org/room).

- Tea
    - with milk
- Water"""

OUTLOOK_ON_THE_WEB_EMAIL = """<html><body><!--StartFragment--><div class="elementToProof" style="font-family: Aptos,
Calibri, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);">Hi Amina,</div><div
class="elementToProof" style="font-size: 12pt;"><br></div>
<div class="elementToProof"><b>Please change:</b></div><ul data-editing-info='{"x":1}' style="margin-block: 0px;"><li
style="font-size:12pt"><div role="presentation" class="elementToProof">the phone number</div></li><li><div
class="elementToProof">the hours</div><ul><li><div>on Mondays</div></li></ul></li></ul>
<div>Thanks</div><!--EndFragment--></body></html>"""
OUTLOOK_ON_THE_WEB_AS_MARKDOWN = """Hi Amina,

**Please change:**

- the phone number
- the hours
    - on Mondays

Thanks"""
