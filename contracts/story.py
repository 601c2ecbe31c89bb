"""The STAR story: its fields, the owner's key for each, and what identifies a corpus."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final

from pydantic import Field

from contracts.base import Contract, PlainText
from contracts.profile import NO_FACTS, ProfileFacts
from contracts.rules.folding import fold_key

TEXT_KEYS: Final = {
    "title": "Title",
    "client": "Client",
    "employer": "Employer",
    "division": "Division",
    "role": "Role",
    "project": "Project",
    "place": "Place",
    "person": "Person",
    "industry": "Industry",
    "theme": "Theme",
    "era": "Era",
    "category": "Category",
    "sub_category": "Sub-category",
    "capability": "Solution / Offering",
    "scope": "Project Scope / Complexity",
    "purpose": "Purpose",
    "curated_summary": "5PSummary",
    "content": "content",
}
DATE_KEYS: Final = {"start_date": "Start_Date", "end_date": "End_Date"}
LIST_KEYS: Final = {
    "situation": "Situation",
    "task": "Task",
    "action": "Action",
    "result": "Result",
    "process": "Process",
    "performance": "Performance",
    "competencies": "Competencies",
    "use_cases": "Use Case(s)",
    "interview_questions": "Interview Questions",
}
TAGS_KEY: Final = "public_tags"
OWNER_KEYS: Final = frozenset({"id", TAGS_KEY, *TEXT_KEYS.values(), *DATE_KEYS.values(), *LIST_KEYS.values()})
NAME_FIELDS: Final = (
    "client",
    "employer",
    "division",
    "role",
    "industry",
    "theme",
    "era",
    "category",
    "sub_category",
    "capability",
)
NARRATIVE_THEME: Final = "Professional Narrative"

MAX_ID_LENGTH: Final = 1000
StoryId = Annotated[PlainText, Field(min_length=1, max_length=MAX_ID_LENGTH)]


class Story(Contract):
    """One STAR story. A leading "- " or indentation of a list's line marks a nested bullet."""

    id: StoryId
    title: str = ""
    client: str = ""
    employer: str = ""
    division: str = ""
    role: str = ""
    project: str = ""
    place: str = ""
    person: str = ""
    start_date: str = ""
    end_date: str = ""
    industry: str = ""
    theme: str = ""
    era: str = ""
    category: str = ""
    sub_category: str = ""
    capability: str = ""
    scope: str = ""
    purpose: str = ""
    curated_summary: str = ""
    content: str = ""
    situation: tuple[str, ...] = ()
    task: tuple[str, ...] = ()
    action: tuple[str, ...] = ()
    result: tuple[str, ...] = ()
    process: tuple[str, ...] = ()
    performance: tuple[str, ...] = ()
    competencies: tuple[str, ...] = ()
    use_cases: tuple[str, ...] = ()
    interview_questions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    extra: dict[str, Any] = Field(default_factory=dict)

    @property
    def domain(self) -> str:
        """Category and sub-category joined with " / "; the one there is when the other is missing."""
        return " / ".join(part for part in (self.category, self.sub_category) if part)

    @property
    def is_narrative(self) -> bool:
        return fold_key(self.theme) == fold_key(NARRATIVE_THEME)

    def texts(self) -> Iterator[str]:
        """Every text a visitor could search for: all the fields but id, person, dates and unknown keys."""
        for field in TEXT_KEYS:
            if field != "person":
                yield getattr(self, field)
        for field in LIST_KEYS:
            yield from getattr(self, field)
        yield from self.tags

    def embedding_text(self) -> str:
        """What is embedded of a story, one field or line a line."""
        parts = (
            self.title,
            self.theme,
            self.industry,
            self.sub_category,
            self.curated_summary,
            *self.situation,
            *self.task,
            *self.action,
            *self.result,
            *self.process,
            *self.competencies,
            *self.tags,
        )
        return "\n".join(part.strip() for part in parts if part.strip())


def with_one_spelling(stories: Iterable[Story]) -> tuple[Story, ...]:
    """The stories, each client, industry, era and the like spelled as it is first, whatever its case or white space."""
    first: dict[tuple[str, str], str] = {}
    unified: list[Story] = []
    for story in stories:
        spelled = {field: getattr(story, field) for field in NAME_FIELDS}
        shown = {field: first.setdefault((field, fold_key(value)), value) for field, value in spelled.items()}
        unified.append(story if shown == spelled else story.model_copy(update=shown))
    return tuple(unified)


def corpus_version(stories: Iterable[Story], embedder: str, facts: ProfileFacts = NO_FACTS) -> str:
    """Hash of the normalised corpus, whatever its order, the owner's facts, and the embedder's name: 16 hex digits."""
    digest = hashlib.sha256(embedder.encode())
    digest.update(_canonical(facts))
    for story_hash in sorted(content_hash(story) for story in stories):
        digest.update(story_hash.encode())
    return digest.hexdigest()[:16]


def content_hash(story: Story) -> str:
    """SHA-256 over the canonical JSON of one story: 64 hex digits."""
    return hashlib.sha256(_canonical(story)).hexdigest()


def _canonical(model: Contract) -> bytes:
    fields = model.model_dump(mode="json")
    return json.dumps(fields, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
