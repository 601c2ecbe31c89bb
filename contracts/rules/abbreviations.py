"""Abbreviations and their long forms: a question may use one, and the stories the other."""

import re
from collections.abc import Callable, Iterator
from typing import Final

_PAIRS: Final = """
    ai: artificial intelligence
    ml: machine learning
    genai: generative ai
    llm: large language model
    nlp: natural language processing
    rag: retrieval augmented generation
    rpa: robotic process automation
    k8s: kubernetes
    aws: amazon web services
    gcp: google cloud
    iac: infrastructure as code
    sre: site reliability engineering
    ci/cd: continuous integration
    tdd: test driven development
    api: application programming interface
    saas: software as a service
    iot: internet of things
    bi: business intelligence
    etl: extract transform load
    erp: enterprise resource planning
    crm: customer relationship management
    ux: user experience
    ui: user interface
    qa: quality assurance
    uat: user acceptance testing
    mvp: minimum viable product
    kpi: key performance indicator
    okr: objectives and key results
    sla: service level agreement
    p&l: profit and loss
    m&a: mergers and acquisitions
    due diligence: dd
    kyc: know your customer
    aml: anti money laundering
    gcp: good clinical practice
    gmp: good manufacturing practice
    hr: human resources
    js: javascript
    ts: typescript
    postgres: postgresql
    dotnet: .net
    db: database
    ecommerce: e-commerce
    pharma: pharmaceutical
    pharma: life sciences
    biotech: biotechnology
    biotech: life sciences
    medtech: medical devices
    fintech: financial services
    telco: telecom
"""


_WORD: Final = re.compile(r"[^\W_]+")


def _forms() -> list[tuple[str, re.Pattern[str], str]]:
    """The first word of each form, the form as a pattern of whole words, and its other form; a plural passes."""
    pairs = re.findall(r"^\s*(.+?): (.+)$", _PAIRS, re.MULTILINE)
    return [
        (_WORD.findall(form)[0], _pattern(form), other)
        for one, two in pairs
        for form, other in ((one, two), (two, one))
    ]


def _pattern(form: str) -> re.Pattern[str]:
    words = r"[\s-]+".join(map(re.escape, form.split()))
    return re.compile(rf"(?<![\w&/.-]){words}s?(?![\w&/-])", re.IGNORECASE)


_FORMS: Final = _forms()


def other_forms(text: str) -> Iterator[tuple[str, str]]:
    """Abbreviations and long forms in a text as it writes them, each with its other form in lower case."""
    words = _WORD.findall(text.casefold())
    present = {*words, *(word[:-1] for word in words if word.endswith("s"))}
    for first, form, other in _FORMS:
        if first in present and (match := form.search(text)):
            yield match[0], other


def in_known_forms(text: str, is_known: Callable[[str], bool]) -> str:
    """The text with the other form in place of each that is not known, where that one is."""
    for shown, other in other_forms(text):
        if not is_known(shown) and is_known(other):
            text = text.replace(shown, other)
    return text
