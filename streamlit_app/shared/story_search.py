"""Searches the stories of a list whose query and filters come from the URL."""

from backend_clients.routed import Routed
from contracts.search import SearchFilters, SearchRequest, SearchResult
from streamlit_app.session.site import Site
from streamlit_app.shared.story_list import StoryListState


def search_stories(
    site: Site, listing: StoryListState, *, limit: int, offset: int, era: str = ""
) -> Routed[SearchResult]:
    """Hits `offset` to `offset + limit`, best first; with `era`, of that era alone."""
    fields = listing.filters.model_dump(exclude={"q", "include_narratives"})
    if era:
        fields["eras"] = (era,)
    request = SearchRequest(
        query=listing.filters.q, filters=SearchFilters.model_validate(fields), limit=limit, offset=offset
    )
    return site.reads.search(request)
