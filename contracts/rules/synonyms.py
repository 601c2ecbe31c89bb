"""Synonyms: a question may use one word of a group, and a story another.

Search adds the synonyms of a query's words, with less weight than the words themselves. The gate knows a word if
stories have one of its synonyms.
"""

from typing import Final

from contracts.rules.questions.generic_words import is_topical, stem, words

_GROUPS: Final = """
    offshore nearshore onshore outsourced overseas abroad zones remote distributed timezones
    multicultural multinational international global countries worldwide
    courier driver carrier shipper haulier
    specimen sample swab
    cancer oncology tumor tumour
    clinic hospital ward site
    doctor physician clinician nurse
    child pediatric toddler infant
    enroll enrol recruit enrolment enrollment
    buy purchase procure sourcing procurement acquire
    rival competitor comparator
    cheap price cost saving discount
    software system application app
    choose pick select selection
    break fail failure fault
    fee budget charge payment
    negotiate agree contract signature talks
    reveal expose disclose unblind
    print label printed
    drug medicine medication therapy
    lawyer legal counsel
    boss manager supervisor director
    employee staff worker
    layoff redundancy displaced
    quit resign resignation attrition turnover
    hire recruit hiring recruitment
    train teach coach mentor academy
    apprentice junior trainee graduate intern
    meeting workshop session
    contract agreement
    law regulation regulator compliance
    audit auditor inspection examiner
    security cybersecurity infosec
    hacker attacker intrusion attack
    password login credential
    fraud scam theft stolen
    bug defect error
    outage downtime incident
    speed latency faster slow
    warehouse depot stockroom
    shop store retail
    supermarket grocer grocery
    truck lorry trailer reefer
    delivery shipment shipping
    cold frozen freezer temperature
    phone mobile smartphone handset
    website site portal
    chatbot assistant copilot
    invoice bill billing
    refund compensation reimbursement
    loan credit lending mortgage
    pension retirement
    insurance insurer claims
    utility grid electricity
    telecom telco operator
    elderly seniors older
    blind disabled disability accessibility
    poll survey questionnaire
    forecast predict prediction
    dashboard report reporting
    executives leadership board csuite sponsors
    merger acquisition diligence buyout
    layoffs closures
    microservice service
    legacy outdated aging
    qa testing tester
    backlog queue
    budgeting finance cfo
    rural countryside remote village
    volunteer charity nonprofit
"""


def _grouped() -> dict[str, tuple[str, ...]]:
    groups = [line.split() for line in _GROUPS.splitlines() if line.strip()]
    found: dict[str, list[str]] = {}
    for group in groups:
        for word in group:
            found.setdefault(stem(word), []).extend(other for other in group if stem(other) != stem(word))
    return {word: tuple(dict.fromkeys(others)) for word, others in found.items()}


_SYNONYMS: Final = _grouped()


def synonyms(word: str) -> tuple[str, ...]:
    """The synonyms of a word in lower case, in any of its forms."""
    return _SYNONYMS.get(stem(word), ())


def synonyms_of_query(query: str) -> str:
    """The synonyms of a query's words that the query does not have itself, as a query; "" if there are none."""
    asked = [word for word in words(query) if is_topical(word)]
    held = {stem(word) for word in asked}
    return " ".join(dict.fromkeys(other for word in asked for other in synonyms(word) if stem(other) not in held))
