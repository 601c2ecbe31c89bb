"""How well a hit matches a search: in words, with the scores behind it on demand."""

import streamlit as st

from contracts.rules.closeness import percent_of
from contracts.search import SearchHit
from streamlit_app.shared.markdown_escape import caption_text, escape_markdown
from streamlit_app.shared.wording import match_in_words, years


def draw_match(hit: SearchHit) -> None:
    match = percent_of(hit.evidence)
    words, icon, _ = match_in_words(match)
    with st.popover(f"{words} · {match}%", icon=icon, type="tertiary"):
        st.markdown(explain_score(hit))
        when = escape_markdown(years(hit.card.start_date, hit.card.end_date))
        st.markdown(caption_text(" · ".join(filter(None, (escape_markdown(hit.card.domain), when)))))


def explain_score(hit: SearchHit) -> str:
    """What a hit's match is made of, as Markdown."""
    lines = [f"**{percent_of(hit.evidence)}%** overall: how well the story fits your search by itself."]
    if hit.named:
        lines.append("Your search names its client, employer or division.")
    if hit.semantic is not None:
        lines.append(f"**{percent_of(hit.semantic)}%** by meaning: how close the story's content is to your search.")
    if hit.keyword is not None:
        lines.append(f"**{percent_of(hit.keyword)}%** by words: how many of yours it contains; rare ones count more.")
    return "\n\n".join(lines)
