"""Reads the owner's profile file."""

from pathlib import Path

import yaml
from pydantic import ValidationError

from backend_clients.settings import REPOSITORY
from contracts.profile import NO_FACTS, Profile, ProfileFacts

SAMPLE_STORIES = REPOSITORY / "streamlit_app" / "data" / "stories.jsonl"


class ProfileError(ValueError):
    """The profile file cannot be used; the message names the file and the field."""


def read_profile(path: Path) -> Profile:
    """Load the profile.

    Raises
    ------
    ProfileError
        The file is missing, is not YAML, or a field is missing or wrong.
    """
    try:
        fields = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"{path.name}: cannot read the profile file") from error
    except yaml.YAMLError as error:
        raise ProfileError(f"{path.name}: not YAML{_position(error)}") from error
    if not isinstance(fields, dict):
        raise ProfileError(f"{path.name}: must hold fields such as `name` and `headline`")
    try:
        return Profile.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        named = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        raise ProfileError(f"{path.name}: field `{named}`: {message}") from error


def facts_of(profile: Profile, stories_file: Path) -> ProfileFacts:
    """The profile's facts for a story file; the sample profile's facts apply to the sample's stories only."""
    if profile.sample and stories_file.resolve() != SAMPLE_STORIES.resolve():
        return NO_FACTS
    return profile.facts


def _position(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 1})" if mark else ""
