"""Occupations and pastimes that a question ascribes to the owner: "is he a pilot?", "can she cook?".

Stories may mention pilots and cooks without the owner being one. So these are looked up in roles and tags alone. The
list holds what nobody is by the way; a leader, a mentor or a negotiator is known by what the stories say.
"""

from typing import Final

from contracts.profile import ProfileFacts
from contracts.rules.guard.person import pattern, read_question

_OCCUPATION: Final = (
    r"(?:doctor|physician|surgeon|nurse|midwife|paramedic|dentist|vet|veterinarian|pharmacist|therapist|psychologist"
    r"|psychiatrist|lawyer|attorney|solicitor|barrister|judge|notary|paralegal|accountant|auditor|actuary|economist"
    r"|pilot|astronaut|sailor|captain|driver|trucker|mechanic|plumber|electrician|carpenter|bricklayer|farmer"
    r"|gardener|fisherman|baker|butcher|cook|chef|waiter|waitress|bartender|barista|teacher|professor|lecturer|librarian"
    r"|scientist|physicist|chemist|biologist|mathematician|statistician|historian|philosopher|linguist|translator"
    r"|interpreter|journalist|reporter|photographer|musician|singer|guitarist|pianist|drummer|dancer|painter|sculptor"
    r"|actor|actress|comedian|model|poet|novelist|athlete|footballer|swimmer|runner|boxer|soldier|officer|policeman"
    r"|policewoman|cop|detective|spy|firefighter|priest|pastor|rabbi|imam|monk|nun|politician|senator|mayor|diplomat"
    r"|realtor|banker|broker|cashier|hairdresser|barber|tailor|jeweller|florist|cleaner|nanny|magician|wizard"
    r"|genius|legend|hero|superhero|saint|unicorn|robot|bot|ai|chatbot|ninja|rockstar|millionaire|billionaire|celebrity|influencer|gamer|hacker)"
)
_TITLE: Final = (
    r"(?:c[a-z]{1,2}o|chief\s+\w+\s+officer|vp|vice\s+president|scrum\s+master|agile\s+coach|(?:product|project|engineering|account|office|sales|hr"
    r"|marketing|test|release|people)\s+manager|product\s+owner|data\s+(?:scientist|engineer|analyst)|business\s+analyst"
    r"|(?:\w+\s+)?designer|tester|recruiter|founder|co-?founder|entrepreneur|student|intern|salesman|salesperson|marketer"
    r"|secretary|receptionist)"
)
_PASTIME: Final = (
    r"(?:cook|bake|sing|dance|swim|ski|surf|skate|sail|paint|draw|knit|sew|garden|fish|hunt|juggle|whistle|ride|drive"
    r"|fly|climb|hike|jog|box|wrestle|cycle|yodel)"
)
_OBJECT: Final = (
    r"(?:\s+(?:an?\s+|the\s+)?(?:planes?|cars?|trucks?|bus|bikes?|bicycles?|horses?|boats?|songs?|well|fast))*"
)
_ASKED: Final = pattern(
    rf"\b(?:IS\s+HE|HE\s+(?:\w+\s+)?(?:been|become|became|is|was)|HE\s+(?:\w+\s+)?(?:work\w*|trained|employed|qualified|act)\s+as)"
    rf"\s+(?:\w+\s+)?(?:an?|the|as)\s+(?:\w+\s+){{0,3}}?(?P<what>{_OCCUPATION}|{_TITLE})(?:END|\s+by\s+\w+\b)",
)
_DONE: Final = pattern(rf"\b(?:can|could|does|do|did)\s+HE\s+(?:\w+\s+)?(?P<what>{_PASTIME}){_OBJECT}END")


def asked_occupation(question: str, facts: ProfileFacts) -> str:
    """The occupation that a question ascribes to the owner; "" if it ascribes none."""
    found = _ASKED.search(read_question(question, facts.name))
    return found["what"] if found else ""


def asked_pastime(question: str, facts: ProfileFacts) -> str:
    """The pastime that a question ascribes to the owner; "" if it ascribes none."""
    found = _DONE.search(read_question(question, facts.name))
    return found["what"] if found else ""
