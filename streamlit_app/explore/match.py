"""How well a hit matches a search: in words, with what they rest on on demand."""

import streamlit as st

from contracts.ask import closeness_of
from contracts.rules.closeness import percent_of
from contracts.search import SearchHit
from streamlit_app.session.maintainer import is_maintainer
from streamlit_app.shared.markdown_escape import caption_text, escape_markdown
from streamlit_app.shared.wording import match_in_words, years


def draw_match(hit: SearchHit) -> None:
    with_percentages = is_maintainer()
    words, icon, _ = match_in_words(percent_of(hit.evidence), with_percentage=with_percentages)
    with st.popover(words, icon=icon, type="tertiary"):
        st.markdown(explain_score(hit, with_percentages=with_percentages))
        when = escape_markdown(years(hit.card.start_date, hit.card.end_date))
        st.markdown(caption_text(" · ".join(filter(None, (escape_markdown(hit.card.domain), when)))))


def explain_score(hit: SearchHit, *, with_percentages: bool) -> str:
    """What a hit's match is made of, as Markdown: strong, good or related, or percentages."""

    def bold(evidence: float) -> str:
        percent = percent_of(evidence)
        return f"**{percent}%**" if with_percentages else f"**{closeness_of(percent).value.title()}**"

    lines = [f"{bold(hit.evidence)} overall: how well the story fits your search by itself."]
    if hit.named:
        lines.append("Your search names its client, employer or division.")
    if hit.semantic is not None:
        lines.append(f"{bold(hit.semantic)} by meaning: how close the story's content is to your search.")
    if hit.keyword is not None:
        lines.append(f"{bold(hit.keyword)} by words: how many of yours it contains; rare ones count more.")
    return "\n\n".join(lines)
