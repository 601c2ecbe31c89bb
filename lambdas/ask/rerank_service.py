"""Answers the question which of some candidates come first."""

from functools import cache

from contracts.ask import Reranked, RerankRequest
from contracts.problem import FieldError
from lambdas.ask.retrieval.reranker import rank
from lambdas.ask.retrieval.stories_client import StoriesApi, stories_api
from lambdas.ask.settings import stories_api_settings
from lambdas.common.http.problems import InvalidRequest
from lambdas.common.http.service_client import CallContext


class RerankService:
    def __init__(self, stories: StoriesApi, code_version: str) -> None:
        self._stories = stories
        self._code_version = code_version

    def rerank(self, request: RerankRequest, caller: CallContext) -> Reranked:
        """The candidates in the order in which a prompt would hold them.

        Raises
        ------
        InvalidRequest
            A candidate is no story.
        DependencyDown
        """
        version = self._stories.listing(caller).corpus_version
        ids = [candidate.id for candidate in request.candidates]
        known = self._stories.stories(ids, version, caller)
        if unknown := [place for place, story_id in enumerate(ids) if story_id not in known]:
            places = ", ".join(map(str, unknown))
            problem = FieldError(path="candidates", message=f"No story has the id at: {places}")
            raise InvalidRequest([problem], corpus_version=version)
        ranked = rank(request.question, [(story_id, known[story_id].words) for story_id in ids])
        return Reranked(corpus_version=version, code_version=self._code_version, ranked=ranked)


@cache
def rerank_service() -> RerankService:
    """The service of this process."""
    return RerankService(stories_api(), stories_api_settings().code_version)
