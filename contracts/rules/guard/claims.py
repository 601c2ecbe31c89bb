"""Claims that a question makes of the owner: "did he invent the internet?", "Swift UI developer?"."""

import re
from typing import Final

from contracts.profile import ProfileFacts
from contracts.rules.guard.person import pattern, read_question
from contracts.rules.questions.technologies import is_language

_WELL_KNOWN: Final = frozenset(
    """
    internet web www html http email e-mail wifi wi-fi bluetooth gps electricity gravity fire wheel telephone phone
    television radio computer computers smartphone iphone transistor microchip printing penicillin vaccine vaccines
    dynamite bitcoin ethereum blockchain cryptocurrency ai gpt chatgpt siri alexa google facebook amazon apple
    microsoft twitter netflix tesla uber linux unix windows git github kafka kubernetes docker spark hadoop redis
    postgres postgresql mysql mongodb oracle aws azure salesforce sap excel word powerpoint photoshop jira scrum agile
    kanban lean devops rest json xml graphql react angular swift rfid ethernet fortran banking money america earth
    world universe moon microservices mainframe mainframes robots algebra calculus
    """.split()  # noqa: SIM905 - a list of words
)
_THING: Final = r"(?:the\s+)?(?:idea\s+of\s+)?(?P<{}>[\w+#.-]+)(?:\s+_KIND)?END".replace(
    "_KIND", r"(?:language|protocol|framework|database|network|press|standard|itself)"
)
_CREATED: Final = pattern(
    r"\b(?:invent(?:ed|s|or)?|discover(?:ed|s|er)?|creat(?:ed?|or)|(?:co-?)?found(?:ed|er)?|author|father|inventor)"
    rf"\s+(?:of\s+)?{_THING.format('created')}",
    r"\bDOES\s+HE\s+(?:\w+\s+)?(?:build|built|make|made|design(?:ed)?|start(?:ed)?|develop(?:ed)?|write|written)"
    r"\s+the\s+(?P<built>[\w+#.-]+)(?:\s+(?:language|itself))?END",
)
_VERB: Final = pattern(
    r"^(?:and\s+|so\s+)?DOES\s+HE\s+(?:(?:ever|also|really|actually|personally)\s+)?(?P<verb>[a-z]+)\b"
)
_AGENT: Final = re.compile(
    r"(?<=[\w+#])\s+(?:developer|programmer|coder|dev|engineer|expert|guru|specialist|admin(?:istrator)?|ninja|pro)"
    r"(?=\s*(?:[?!.,;]|$))",
    re.IGNORECASE,
)


def claimed_creation(question: str, facts: ProfileFacts) -> str:
    """The well-known thing that a question says the owner created; "" if it names none."""
    found = _CREATED.search(read_question(question, facts.name))
    if found is None:
        return ""
    thing = found["created"] or found["built"]
    is_known = thing in _WELL_KNOWN or (found["created"] is not None and is_language(thing))
    return thing if is_known else ""


def claimed_verb(question: str, facts: ProfileFacts) -> str:
    """What a yes-or-no question says the owner did, as "invent" in "did he invent the internet?"; "" for others."""
    found = _VERB.search(read_question(question, facts.name))
    return found["verb"] if found else ""


def without_agent(question: str) -> str:
    """The question without the noun that makes a skill a person: "Swift UI" of "Swift UI developer?"."""
    return _AGENT.sub("", question)
