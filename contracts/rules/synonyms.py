"""Synonyms: a question may use one word of a group, and a story another.

Search adds the related words of a query's words, with less weight than the words themselves. The gate knows a word if
stories have a related one. An answer counts the stories that have a synonym where none has the word itself.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from contracts.rules.abbreviations import other_forms
from contracts.rules.questions.generic_words import is_topical, stem, words

_GROUPS: Final = """
    offshore nearshore onshore outsourced | overseas abroad | zones timezones | remote distributed
    multicultural multinational | international global worldwide | countries
    courier driver | carrier shipper haulier
    specimen sample swab
    cancer oncology tumor tumour
    clinic hospital ward | site
    doctor physician clinician | nurse
    child pediatric toddler infant
    enroll enrol enrolment enrollment | recruit
    buy purchase procure procurement acquire | sourcing
    rival competitor | comparator
    cheap | price cost saving discount
    software application app | system
    choose pick select selection
    break | fail failure | fault
    fee charge | budget payment
    negotiate negotiation talks | agree contract signature
    reveal expose disclose | unblind
    print printed | label
    drug medicine medication | therapy
    lawyer counsel | legal
    boss manager supervisor | director
    employee staff worker
    layoff redundancy | displaced closures
    quit resign resignation | attrition turnover
    hire recruit hiring recruitment
    train teach coach | mentor academy
    apprentice trainee intern | junior graduate
    meeting | workshop session
    contract agreement
    law regulation | regulator compliance
    audit auditor | inspection examiner
    security cybersecurity infosec
    hacker attacker | intrusion attack
    password login credential
    fraud scam | theft stolen
    bug defect | error
    outage downtime | incident
    speed latency | faster slow
    warehouse depot | stockroom
    shop store | retail
    supermarket grocer grocery
    truck lorry | trailer reefer
    shipment shipping | delivery
    frozen freezer | cold temperature
    phone smartphone handset | mobile
    website | site portal
    chatbot | assistant copilot
    invoice bill | billing
    refund reimbursement | compensation
    loan lending | credit mortgage
    pension | retirement
    insurance insurer | claims
    utility | grid electricity
    telecom telco | operator
    elderly seniors | older
    disabled disability | blind accessibility
    poll survey questionnaire
    forecast predict prediction
    dashboard | report reporting
    executives | leadership board csuite sponsors
    merger acquisition | diligence buyout
    microservice | service
    legacy outdated | aging
    qa testing tester
    backlog | queue
    finance | budgeting cfo
    rural countryside | remote village
    volunteer | charity nonprofit
"""


def _grouped() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """By the stem of each word its synonyms, and all related words of its lines."""
    same: dict[str, list[str]] = {}
    near: dict[str, list[str]] = {}
    for line in filter(str.strip, _GROUPS.splitlines()):
        groups = [group.split() for group in line.split("|")]
        for group in groups:
            for word in group:
                same.setdefault(stem(word), []).extend(_others(word, group))
                near.setdefault(stem(word), []).extend(_others(word, [other for one in groups for other in one]))
    return _distinct(same), _distinct(near)


def _others(word: str, group: Iterable[str]) -> Iterator[str]:
    return (other for other in group if stem(other) != stem(word))


def _distinct(found: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {word: tuple(dict.fromkeys(others)) for word, others in found.items()}


_SYNONYMS, _RELATED = _grouped()


def synonyms(word: str) -> tuple[str, ...]:
    """The words that say the same as a word in lower case, in any of its forms."""
    return _SYNONYMS.get(stem(word), ())


def related_words(word: str) -> tuple[str, ...]:
    """The synonyms of a word in lower case, in any of its forms, and words for what is near to it."""
    return _RELATED.get(stem(word), ())


def related_query(query: str) -> str:
    """Related words of a query's words, and other forms of its abbreviations, that it does not have itself, as a query.

    It is "" if there are none.
    """
    topical = [word for word in words(query) if is_topical(word)]
    own = {stem(word) for word in topical}
    others = [other for word in topical for other in related_words(word)]
    others += [word for _, form in other_forms(query) for word in words(form) if is_topical(word)]
    return " ".join(dict.fromkeys(other for other in others if stem(other) not in own))
