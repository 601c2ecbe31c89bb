"""Words that are written with a capital although they name no organisation, person, place or product."""

from typing import Final

_OPENINGS: Final = """
a an the this that these those there here it its he his him she her hers they their them we our us i my me you your
one two three four five six seven eight nine ten first second third next then finally later earlier once now today and
or but nor so yet if because since while when where who what which why how as at by for from in into of off on onto
out over per than to under until up upon with within without about above across after against along among around
before behind below beneath between beyond despite during except inside like near outside past through throughout
toward towards not no yes any all both each either every few many more most much neither none other others another
several some such same own too very just also even only still already again ever never always often sometimes rather
quite instead however therefore thus hence meanwhile moreover furthermore additionally overall together otherwise
although though whereas whether via plus is are was were be been being has have had do does did can could may might
must shall should will would let lets
"""
_CALENDAR: Final = """
january february march april may june july august september october november december jan feb mar apr jun jul aug sep
sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thurs fri sat sun
christmas easter thanksgiving q1 q2 q3 q4 h1 h2 fy am pm
"""
_PEOPLES: Final = """
african american argentine argentinian asian australian austrian belgian brazilian british canadian chilean chinese
colombian croatian czech danish dutch egyptian english estonian european filipino finnish french german greek
hungarian icelandic indian indonesian iranian iraqi irish israeli italian japanese kenyan korean latin latvian
lithuanian malay malaysian mexican moroccan nigerian nordic norwegian pakistani peruvian polish portuguese romanian
russian scandinavian scottish serbian singaporean slovak slovenian spanish swedish swiss thai turkish ukrainian
vietnamese welsh western eastern northern southern north south east west central global international national
regional local
"""
_BUSINESS: Final = """
ceo cto cio cfo coo ciso cpo vp svp evp md kpi kpis roi it hr r&d b2b b2c faq ok star usd eur gbp chf jpy ai ml ui ux
qa api apis sla slas pmo poc mvp saas engineer engineering engineered manager management managing director lead leader
leadership senior junior principal staff head chief officer architect architecture consultant consulting analyst
analytics developer development executive vice president associate partner owner specialist administrator coordinator
advisor programmer scientist designer design product project program programme portfolio delivery transformation
modernization modernisation operation operations payment payments finance financial legal marketing sales security
risk compliance data cloud technology technical digital platform software system infrastructure enterprise business
strategy strategic process quality customer client agile lean result results outcome outcomes impact approach scope
situation task action achievement achievements summary key challenge challenges role domain industry context
background focus aim goal goals objective objectives purpose performance metric metrics highlight highlights takeaway
takeaways lesson lessons conclusion answer source sources story stories question example examples experience
responsibility responsibilities skill skills team teams note overview evidence work worked career relevant part parts
step steps solution solutions improvement improvements innovation collaboration communication stakeholder stakeholders
training mentoring coaching hiring budget cost costs time timeline year years month months phase phases stage stages
internet web
"""
_ORGANISATIONS: Final = """
bank bancorp group holding holdings capital university college institute school academy corporation corp company
partners technologies labs laboratory laboratories industries insurance insurers assurance foundation hospital
hospitals clinic airline airlines airways motors energy networks systems media ventures associates services health
healthcare pharma pharmaceutical pharmaceuticals stores retail foods logistics telecom trust mutual credit union
council ministry department agency authority society association commission unlimited brothers sons
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LEGAL_FORMS: Final = _words("inc llc llp ltd limited plc gmbh ag sa nv bv co corp corporation incorporated company pty")
CALENDAR_WORDS: Final = _words(_CALENDAR)
ORDINARY_WORDS: Final = _words(_OPENINGS) | CALENDAR_WORDS | _words(_PEOPLES) | _words(_BUSINESS)
ORGANISATION_WORDS: Final = _words(_ORGANISATIONS)
ABBREVIATIONS: Final = _words(
    "e.g i.e dr mr mrs ms st vs inc ltd co corp no prof jr sr u.s u.k ph.d m.sc b.sc dept mt ft"
)
SYNONYMS: Final = {
    "usa": "us", "unitedstates": "us", "america": "us", "unitedkingdom": "uk", "britain": "uk", "bachelors": "bachelor",
    "masters": "master", "javascript": "js", "kubernetes": "k8s", "postgres": "postgresql",
}  # fmt: skip
DEGREES: Final = (
    (r"\bbachelor(?:'?s)?\b|\bb\.?\s?(?:sc?|a|eng|tech)\.?(?!\w)", "bachelor's degree"),
    (r"\bmaster(?:'s|s)?(?:\sdegree|\sof\s(?:science|arts|engineering|business))\b|\bm\.?\s?(?:sc|eng|tech)\.?(?!\w)",
     "master's degree"),
    (r"\bm\.?\s?b\.?\s?a\b", "MBA"),
    (r"\bph\.?\s?d\b|\bdoctorates?\b|\bdoctoral\b", "doctorate"),
    (r"\bcertifi(?:ed|cates?|cations?)\b", "certificate"),
    (r"\bdiplomas?\b", "diploma"),
    (r"\bpatent(?:s|ed)?\b", "patent"),
    (r"\bawards?\b|\baward-winning\b", "award"),
)  # fmt: skip
