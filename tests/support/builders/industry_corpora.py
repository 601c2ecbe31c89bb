"""Small corpora for the rules of the industries functions, drawn by hypothesis."""

from typing import Any

from hypothesis import strategies as st

from contracts.story import NARRATIVE_THEME, Story

INDUSTRIES = ("", "Banking", "banking", "BANKING!", "Retail & Consumer", "Énergie", "金融")
CLIENTS = ("", "Acme", "acme", "Zeta", "Multiple Clients", "FORTUNE 500 CLIENTS", "Independent Project")
CAPABILITIES = ("", "Payments", "payments", "Org Design")
TAGS = ("Cloud", "cloud", "CLOUD", "Straße", "STRASSE", "ai", "C++", "Audit", "Change", "Lending")
COMPETENCIES = ("", "Payments", "payments", "Mentoring")
LINES = (
    "no figure here",
    "- saved $1.2B and 30 days",
    "  * saved $500,000",
    "• grew 4x, cut 10% of cost",
    "cut 40% of cost",
    "40% less waiting",
    "served 150+ clients",
    "- - doubled: 2x",
)
MONTHS = ("", "1999-12", "2020-01", "2021-11")

_fields = {
    "title": st.sampled_from(("", "First", "Second")),
    "industry": st.sampled_from(INDUSTRIES),
    "client": st.sampled_from(CLIENTS),
    "capability": st.sampled_from(CAPABILITIES),
    "theme": st.sampled_from(("", "Delivery", "Delivery", NARRATIVE_THEME)),
    "start_date": st.sampled_from(MONTHS),
    "end_date": st.sampled_from(MONTHS),
}


@st.composite
def stories(draw: st.DrawFn) -> Story:
    fields: dict[str, Any] = {name: draw(values) for name, values in _fields.items()}
    return Story(
        id=draw(st.text(alphabet="abzAB|/ é😀", min_size=1, max_size=3)),
        tags=tuple({tag.casefold(): tag for tag in draw(st.lists(st.sampled_from(TAGS), max_size=4))}.values()),
        competencies=tuple(draw(st.lists(st.sampled_from(COMPETENCIES), max_size=3))),
        performance=tuple(draw(st.lists(st.sampled_from(LINES), max_size=2))),
        result=tuple(draw(st.lists(st.sampled_from(LINES), max_size=2))),
        **fields,
    )


corpora = st.lists(stories(), max_size=14, unique_by=lambda story: story.id)
