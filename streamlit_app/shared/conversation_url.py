"""The URL of a conversation, and the links between it and the stories it cites."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter, ValidationError

from contracts.ask import MAX_QUESTION, SessionId, Source
from contracts.story import StoryId
from streamlit_app.shared.story_list import Params, last

_SESSION_ID: Final[TypeAdapter[str]] = TypeAdapter(SessionId)
_STORY_ID: Final[TypeAdapter[str]] = TypeAdapter(StoryId)


@dataclass(frozen=True)
class ConversationUrl:
    """The Ask page's URL: the session, the story that answers are locked to, a prefilled question."""

    session: str = ""
    story: str = ""
    question: str = ""

    def params(self) -> Params:
        """The conversation's query parameters, without the prefilled question."""
        return {name: value for name, value in (("session", self.session), ("story", self.story)) if value}


@dataclass(frozen=True)
class SuggestedQuestion:
    """A question that another page suggested, and the id of the conversation that it starts."""

    question: str
    session: str


def new_session() -> str:
    """Make an unguessable id: it grants access to the conversation."""
    return secrets.token_urlsafe(24)


def read_conversation_url(params: Mapping[str, Sequence[str]]) -> ConversationUrl:
    """Parse query parameters; invalid ones are ignored."""
    session, story = last(params, "session"), last(params, "story")
    return ConversationUrl(
        session=session if _fits(_SESSION_ID, session) else "",
        story=story if _fits(_STORY_ID, story) else "",
        question=clean_question(last(params, "q")),
    )


def source_params(source: Source, at: ConversationUrl) -> Params:
    """Query parameters of a cited story's page, which links back to the conversation."""
    params: Params = {"id": source.id, "talk": at.session}
    return {**params, "locked": "1"} if at.story == source.id else params


def read_origin_link(params: Mapping[str, Sequence[str]]) -> ConversationUrl | None:
    """The conversation from which a story was opened, or None."""
    at = read_conversation_url({"session": params.get("talk", ()), "story": params.get("id", ())})
    if not at.session:
        return None
    return at if last(params, "locked") else ConversationUrl(at.session)


def clean_question(text: str) -> str:
    """Normalise typed text for the contract: no control characters except line breaks, not too long."""
    kept = (char for char in text if char in "\n\t" or not (ord(char) < 32 or ord(char) == 127))
    return "".join(kept).encode("utf-8", "ignore").decode()[:MAX_QUESTION].strip()


def _fits(adapter: TypeAdapter[str], value: str) -> bool:
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True
