from pathlib import Path

import pytest

from backend_clients.profile_file import ProfileError, facts_of, read_profile
from backend_clients.settings import Settings
from contracts.profile import NO_FACTS
from contracts.story_file import read_stories

_LEAST = "name: Ada\nheadline: Engineer\nline: Builds things.\n"
_FULL = f"""{_LEAST}
about: One paragraph.
place: Lisbon
availability: From May
email: ada@example.com
phone: "+1 555 0100"
links: [{{label: Mail, url: 'mailto:ada@example.com'}}, {{label: Call, url: 'tel:+15550100'}}]
cv: https://example.com/cv.pdf
photo: ada.jpg
education: [BSc Physics]
certificates: PMP
aliases: {{Amex: American Express}}
featured_questions: ["What did she build?"]
featured_stories: ['a|acme']
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "profile.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_optional_key_is_read(tmp_path: Path) -> None:
    (tmp_path / "ada.jpg").touch()
    profile = read_profile(written(tmp_path, _FULL))

    assert (profile.place, profile.availability, profile.email, profile.phone) == (
        "Lisbon",
        "From May",
        "ada@example.com",
        "+1 555 0100",
    )
    assert [link.url.scheme for link in profile.links] == ["mailto", "tel"]
    assert profile.cv == "https://example.com/cv.pdf"
    assert (profile.education, profile.certificates) == (("BSc Physics",), ("PMP",))
    assert profile.aliases == {"Amex": "American Express"}
    assert (profile.photo, profile.featured_questions, profile.featured_stories) == (
        "ada.jpg",
        ("What did she build?",),
        ("a|acme",),
    )
    assert not profile.sample


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("headline: x\nline: y\n", "`name`"),
        ("name: x\nheadline: x\nline: ''\n", "`line`"),
        (f"{_LEAST}links: [{{label: a, url: 'javascript:x'}}]\n", "`links.0.url`"),
        (f"{_LEAST}cv: mailto:ada@example.com\n", "`cv`"),
        (f"{_LEAST}cv: ../cv.pdf\n", "`cv`: must be a web address, or the name of a file next to the profile"),
        (f"{_LEAST}cv: cv.pdf\n", "`cv`: there is no file cv.pdf next to the profile"),
        (f"{_LEAST}photo: http://example.com/a.jpg\n", "`photo`: must be an https address"),
        (f"{_LEAST}photo: C:\\ada.jpg\n", "`photo`"),
        (f"{_LEAST}email: ada at example\n", "`email`: must be an e-mail address"),
        (f"{_LEAST}phone: 15550100\n", "`phone`: must stand in quotes"),
        (f"{_LEAST}phone: call me\n", "`phone`: must be a phone number"),
        (f"{_LEAST}education: [1]\n", "`education.0`"),
        (f"{_LEAST}aliases: [Amex]\n", "`aliases`"),
        (f"{_LEAST}aliases: {{Amex: ''}}\n", "`aliases.Amex`"),
        (f"{_LEAST}shoe: 9\n", "`shoe`"),
        ("name: [", "line 1"),
        ("- a\n", "`name`"),
        ("", "`name`"),
    ],
)
def test_a_wrong_profile_is_rejected_by_field(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ProfileError, match=r"profile\.yaml") as refusal:
        read_profile(written(tmp_path, text))
    assert said in str(refusal.value)


def test_a_missing_profile_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="cannot read"):
        read_profile(tmp_path / "none.yaml")


def test_the_shipped_profile_is_a_sample_whose_aliases_name_what_the_stories_name() -> None:
    profile = read_profile(Settings().profile_file)
    clients = {story.client for story in read_stories(Settings().stories_file).stories}

    assert profile.sample
    assert profile.name == "Matt"
    assert profile.aliases
    assert set(profile.aliases.values()) <= clients
    assert profile.email.endswith("@example.com")


def test_the_samples_facts_travel_with_the_samples_stories_alone(tmp_path: Path) -> None:
    sample = read_profile(Settings().profile_file)
    own = read_profile(written(tmp_path, _FULL.replace("photo: ada.jpg", "")))

    assert facts_of(sample, Settings().stories_file).email == sample.email
    assert facts_of(sample, tmp_path / "stories.jsonl") == NO_FACTS
    assert facts_of(own, tmp_path / "stories.jsonl").model_dump() == own.facts.model_dump()
    assert facts_of(own, tmp_path / "stories.jsonl").place == "Lisbon"
