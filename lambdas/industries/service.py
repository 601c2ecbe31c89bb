"""Service layer of the industries domain: reads precomputed answers and stamps them."""

import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Final

from contracts.industries import IndustriesRequest, IndustryRequest
from lambdas.common.http.problems import DependencyDown, NotFound
from lambdas.industries.answer_items import categories_name, detail_name
from lambdas.industries.settings import industries_settings
from lambdas.industries.store import AnswerStore, ItemMissing, PublishedVersion, answer_store

MAX_NOT_FOUND: Final = 2000


class IndustryService:
    """Precomputed answers, which carry their corpus version; adds the code version."""

    def __init__(self, store: AnswerStore, code_version: str) -> None:
        self._store = store
        self._stamp = f'{{"code_version":{json.dumps(code_version)},'

    def list_industries(self, _request: IndustriesRequest) -> str:
        """An `IndustryList` as JSON."""
        return self._stamped(self._store.edition().list_json)

    def industry(self, request: IndustryRequest) -> str:
        """An `IndustryDetail` as JSON.

        Raises
        ------
        NotFound
            No industry has this slug.
        """
        return self._stamped(self._about(request.industry, detail_name))

    def categories(self, request: IndustryRequest) -> str:
        """`IndustryCategories` as JSON.

        Raises
        ------
        NotFound
            No industry has this slug.
        """
        return self._stamped(self._about(request.industry, categories_name))

    def _about(self, slug: str, name: Callable[[str], str]) -> str:
        for find_edition in (self._store.edition, self._store.refreshed):
            edition = find_edition()
            if slug not in edition.slugs:
                raise NotFound(_unknown(edition), corpus_version=edition.corpus_version)
            with suppress(ItemMissing):  # deleted since this version was loaded: read the version served now
                return self._store.answer(edition, name(slug))
        raise DependencyDown

    def _stamped(self, answer: str) -> str:
        return self._stamp + answer[1:]


@cache
def industry_service() -> IndustryService:
    """The service of this process."""
    return IndustryService(answer_store(), industries_settings().code_version)


def _unknown(edition: PublishedVersion) -> str:
    known = ", ".join(sorted(edition.slugs))
    return f"there is no industry with this slug; known ones: {known}"[:MAX_NOT_FOUND]
