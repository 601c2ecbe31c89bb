"""What the profile says of its owner, and that it does not say where it says nothing."""

from typing import Final

from contracts.profile import Link, ProfileFacts, is_address

_CALLED: Final = {
    "cv": "a CV",
    "education": "education",
    "certificates": "certificates",
    "languages": "languages",
    "references": "references",
    "links": "links",
    "email": "an e-mail address",
    "phone": "a phone number",
    "availability": "availability",
    "place": "a place",
    "contact": "a way to get in touch",
}
_SAYING: Final = {
    "cv": "'s CV:",
    "education": "'s education:",
    "certificates": "'s certificates:",
    "languages": " speaks:",
    "links": " on the web:",
    "email": "'s e-mail address is",
    "phone": "'s phone number is",
    "availability": "'s availability:",
    "place": " is based in",
}


def profile_answer(fact: str, facts: ProfileFacts) -> str:
    """What the profile says; where it says nothing, that, and how to ask."""
    answer = _stated(fact, facts)
    if answer:
        return answer
    owner = facts.name or "the owner"
    text = f"The profile does not name {_CALLED[fact]} for {owner}."
    reach = _stated("contact", facts)
    return f"{text} {reach}" if reach else text


def _stated(fact: str, facts: ProfileFacts) -> str:
    """What the profile says of a fact; nothing if it says nothing."""
    owner = facts.name or "The owner"
    if fact == "contact":
        return _contact(owner, facts)
    if fact == "cv" and facts.cv and not is_address(facts.cv):
        return f"{owner}'s CV can be downloaded from this site."
    value = {
        "email": facts.email,
        "phone": facts.phone,
        "place": facts.place,
        "availability": facts.availability,
        "education": "; ".join(facts.education),
        "certificates": "; ".join(facts.certificates),
        "languages": ", ".join(facts.languages),
        "references": "",  # given in person
        "links": ", ".join(map(_shown, facts.links)),
        "cv": facts.cv,
    }[fact]
    return f"{owner}{_SAYING[fact]} {_ended(value)}" if value else ""


def _contact(owner: str, facts: ProfileFacts) -> str:
    ways = [f"by e-mail at {facts.email}"] if facts.email else []
    ways += [f"by phone at {facts.phone}"] if facts.phone else []
    if not ways and facts.links:
        ways = [f"through {', '.join(map(_shown, facts.links))}"]
    return f"You can reach {owner} {' or '.join(ways)}." if ways else ""


def _shown(link: Link) -> str:
    return f"{link.label} ({link.url})"


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
