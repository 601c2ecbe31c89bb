"""An industry in any case and white space, on both sides: one page, found by its name, too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_clients.errors import NotFound
from backend_clients.industries.legacy import LegacyIndustries
from contracts.industries import IndustryRequest, industry_slug
from contracts.rules.folding import fold_key
from contracts.story import Story
from tests.support.builders.spellings import spellings
from tests.support.builders.stories import corpus, story
from tests.support.sides.lambda_rules import IndustriesSide

INDUSTRIES = ["Retail Banking", "Straße & Schiene", "支付 系统", "Банки и Финансы", "C++ / C#"]


@given(name=st.sampled_from(INDUSTRIES).flatmap(spellings))
def test_an_industry_has_one_page_in_any_spelling_and_by_its_name(name: str) -> None:
    (first,) = (industry for industry in INDUSTRIES if fold_key(industry) == fold_key(name))
    slug = industry_slug(first)
    assert industry_slug(name) == industry_slug(slug) == slug
    of = corpus(story("a", industry=first), story("b", industry=name), story("c", industry="Energy"))
    for side in (LegacyIndustries(of, "test"), IndustriesSide(of)):
        for asked in (name, slug, slug.upper()):
            detail = side.get_industry(IndustryRequest(industry=asked))
            assert (detail.slug, detail.stories) == (slug, 2)
            assert side.list_categories(IndustryRequest(industry=asked)).slug == slug
        with pytest.raises(NotFound):
            side.get_industry(IndustryRequest(industry=f"{name} of the sea"))


def test_two_industries_differing_by_more_than_spelling_have_two_pages() -> None:
    of: list[Story] = [story(str(number), industry=name) for number, name in enumerate(INDUSTRIES)]
    assert len({industry_slug(item.industry) for item in of}) == len(INDUSTRIES)
