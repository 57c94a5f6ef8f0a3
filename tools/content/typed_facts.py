"""Find telephone numbers and email addresses that are typed into a page.

Pages should name the setting in mkdocs.yml instead, as in {{ phone }}, so that they stay correct.
"""

import re
from collections.abc import Iterator

from service_profile import Service, phone

_PHONE_NUMBER = re.compile(r"(?<![\w.])[+(]?\d[\d ()\u00a0–-]{3,}\d(?!\w)")
_EMAIL_ADDRESS = re.compile(r"[A-Za-z0-9._+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_LINK_NAMES_BY_FACT = {"phone": "link.phone", "text_number": "link.text_number", "email": "link.email"}
_LINK_NAMES_BY_FACT["second_phone.number"] = "link.second_phone"


class Contacts:
    """The service's telephone numbers and email addresses, each with the name of its setting in mkdocs.yml."""

    def __init__(self, service: Service, use_links: bool = True) -> None:
        """Collect the service's contacts.

        With `use_links`, advice on a typed contact suggests a name that becomes a link, such as link.phone. Leaflets
        have no links.
        """
        contacts = {"phone": service["phone"], "text_number": service["text_number"]}
        contacts["second_phone.number"] = service["second_phone"]["number"]
        contacts |= {
            f"helplines.{name}.contact": helpline["contact"] for name, helpline in service["helplines"].items()
        }
        self.fact_names_by_number = {
            _dial_string(number): fact_name for fact_name, number in reversed(contacts.items()) if _dial_string(number)
        }
        emails = {"complaints_contact": service["complaints_contact"], "privacy.contact": service["privacy"]["contact"]}
        emails |= {"secure_email": service["secure_email"], "email": service["email"]}
        self.fact_names_by_email = {email.lower(): fact_name for fact_name, email in emails.items() if email}
        self.use_links = use_links

    def find_typed_contacts(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield (line, advice) for each of the service's contacts that is typed into `text`."""
        for number, line in enumerate(text.split("\n"), start=1):
            for match in _PHONE_NUMBER.finditer(line):
                if fact_name := self.fact_names_by_number.get(_dial_string(match[0])):
                    yield number, self._advice(match[0], fact_name)
            for match in _EMAIL_ADDRESS.finditer(line):
                if fact_name := self.fact_names_by_email.get(match[0].lower()):
                    yield number, self._advice(match[0], fact_name)

    def _advice(self, contact: str, fact_name: str) -> str:
        name = _LINK_NAMES_BY_FACT.get(fact_name, fact_name) if self.use_links else fact_name
        return f"{contact} is typed by hand. Write {{{{ {name} }}}}, so that it changes everywhere at once."


def _dial_string(text: str) -> str:
    """Return the digits that a phone in Britain dials for `text`, or "" if it is not a number."""
    try:
        return phone.dial_string(text).replace("+44", "0", 1)
    except phone.NotDiallable:
        return ""
