"""Names of organisations and products in lower case, which a capital does not give away."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from contracts.rules.names.ordinary_words import LEGAL_FORMS, ORDINARY_WORDS, ORGANISATION_WORDS

_KNOWN: Final = """
google amazon microsoft netflix facebook instagram whatsapp linkedin youtube twitter airbnb spotify shopify
paypal klarna revolut monzo adyen worldpay mastercard salesforce servicenow accenture deloitte mckinsey
kpmg pwc bcg capgemini infosys wipro cognizant tcs ibm nvidia amd qualcomm broadcom cisco dell hp lenovo samsung sony
siemens bosch vmware citrix atlassian github gitlab bitbucket databricks palantir splunk datadog cloudflare twilio
dropbox citigroup citi citibank jpmorgan goldman sachs barclays hsbc natwest lloyds santander ubs suisse paribas
deutsche fargo wellsfargo blackrock schwab nasdaq nyse bloomberg reuters walmart costco ikea tesla toyota bmw
volkswagen audi boeing airbus lockheed raytheon northrop nasa spacex pfizer moderna astrazeneca novartis roche merck
gsk unilever nestle pepsico pepsi disney comcast verizon vodafone telefonica ebay etsy alibaba tencent bytedance tiktok
baidu huawei xiaomi uber lyft doordash instacart grubhub expedia tripadvisor openai anthropic deepmind thoughtworks
harvard stanford mit yale princeton oxford cambridge berkeley caltech insead wharton
kubernetes docker terraform ansible jenkins kafka hadoop postgres postgresql mysql mongodb redis cassandra
elasticsearch dynamodb bigquery tableau powerbi pytorch tensorflow django fastapi golang kotlin scala haskell erlang
fortran cobol typescript javascript python java php
"""
_AMBIGUOUS: Final = """
apple meta oracle stripe target visa square block shell ford chase orange sprint gap dove snap slack zoom intel sap
workday snowflake box bain vanguard fidelity progressive dell salesforce humana aetna anthem cigna chevron delta united
southwest hilton marriott hertz hooli booking wise plaid
"""
_AT: Final = """
all any best better both cost dawn day dinner each eight else end ease entry face fault first five floor four full game
gate hand heart high him her home hour how it issue large last launch least left length level library loggerheads long
low lunch lunchtime market maximum mass max medium midday midnight midyear minimum minute month most move night nine
nought noon odds once one order others par pace page parity peak play point present price quarter random rate record
rest retail risk rollout root runtime scale school sea second seven six site size some source speed stake start startup
state table target ten term that their them these this those three time today tomorrow top trial two university us
variance what which whom will wit work worst year yesterday you zero beta alpha group team board unit branch corporate
desk firm clause capture close cutover nose exit node open shutdown commit file side bottom container edge alone
hospital store plant head headquarter bank client company network trade volume go-live checkout enterprise
seed stage series sprint quarter-end month-end year-end depth breadth capacity value
"""
_WITH: Final = """
advice agile aim anyone audit backup behalf business care cash change code confidence core cover credit custom data
debt demand design detail discipline ease effort email energy everybody everyone evidence example faith feedback finance
focus food free fraud front good grace growth hand hardware health help hindsight human impact income input instance
insight intent itself joy law legacy legal less life little local logic many media merit money more music native nobody
open oil output own paper partner people pilot policy pride private proof profit public purpose quality real recall
reform remote rent research respect return reuse review revenue rigor rigour safety sale scope scratch script search
self senior software someone sound staff stock success support talent tax tech test text themselves thought traffic
transit trust use video voice warmth water wealth whoever himself herself yourself zeal tact joint junior patience
"""
_SUFFIX: Final = re.compile(
    r"(?:tion|sion|ment|ness|ity|ing|ed|ly|ance|ence|ancy|ency|ship|age|ism|al|ful|less|able|ible|ive|ous|ty|ry|cy|s)\Z"
)
_WORD: Final = r"[^\W\d_A-Z]{3,}(?:[-'][^\W\d_A-Z]+)*"
_END: Final = rf"""
    (?=\s*(?:[.,;:!?)\[\]\n]|\Z)
      |\s(?:and|or|in|on|as|from|to|since|during|until|before|after|when|where|while|by|for|with|he|she|who|which|
          (?:19|20)\d\d|{"|".join(sorted(LEGAL_FORMS | ORGANISATION_WORDS))})\b)
"""
_PLACED: Final = re.compile(rf"\b(?:at|joined|joining)\s(?P<name>{_WORD}){_END}", re.VERBOSE)
_WORKED: Final = re.compile(
    rf"\b(?:work|consult|contract|intern|freelanc|employ|hir|recruit|promot)[a-z]*\s(?:for|with|by|from|alongside)\s"
    rf"(?P<name>{_WORD}){_END}",
    re.VERBOSE,
)
_LINKED: Final = re.compile(rf"\b(?:at|for|with|by|from|joined|left)\s(?P<name>{_WORD}){_END}", re.VERBOSE)
_LOWER: Final = re.compile(rf"(?<![\w-]){_WORD}(?![\w-])")

_WELL_KNOWN: Final = frozenset(_KNOWN.split())
_DOUBLE: Final = frozenset(_AMBIGUOUS.split())
_PLACES: Final = frozenset(_AT.split()) | ORDINARY_WORDS
_COMPANY: Final = _PLACES | frozenset(_WITH.split())


def lower_case_names(text: str, holds: Callable[[str], bool]) -> list[str]:
    """Names in lower case that a text has and its evidence does not hold, each once.

    They are found by three rules: a name that is known far and wide and means nothing else; one that is a word, too,
    after "at", "for", "with" and the like, where the phrase ends; and any word that stands for an employer ("at X.",
    "worked with X and") and is no ordinary one.
    """
    return [name for name in dict.fromkeys(_candidates(text)) if not holds(name)]


def _candidates(text: str) -> Iterator[str]:
    words = (word.removesuffix("'s") for word in _LOWER.findall(text))
    yield from (name for name in words if name in _WELL_KNOWN)
    yield from (name for name in _named(_LINKED, text) if name in _DOUBLE)
    yield from (name for name in _named(_PLACED, text) if not _is_ordinary(name, _PLACES))
    yield from (name for name in _named(_WORKED, text) if not _is_ordinary(name, _COMPANY))


def _named(pattern: re.Pattern[str], text: str) -> Iterator[str]:
    return (found["name"].removesuffix("'s") for found in pattern.finditer(text))


def _is_ordinary(word: str, words: frozenset[str]) -> bool:
    return "-" in word or word in words or _SUFFIX.search(word) is not None
