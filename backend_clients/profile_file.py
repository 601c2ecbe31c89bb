"""Reads the owner's profile file, and keeps the sample's profile to the sample's stories."""

from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError

from backend_clients.settings import REPOSITORY
from contracts.profile import NO_FACTS, UNNAMED, Profile, ProfileFacts, is_address

SAMPLE_STORIES: Final = REPOSITORY / "streamlit_app" / "data" / "stories.jsonl"
NAMES_NOBODY: Final = (
    "the profile is the sample's and the stories are not: the site names no owner; give your own profile with "
    "--profile or PROFILE_FILE, without `sample: true`"
)


class ProfileError(ValueError):
    """The profile file cannot be used; the message names the file and the field."""


def read_profile(path: Path) -> Profile:
    """Load the profile.

    Raises
    ------
    ProfileError
        The file is missing, is not YAML, a field is missing or wrong, or a file that it names is missing.
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
        profile = Profile.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        named = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        raise ProfileError(f"{path.name}: field `{named}`: {message}") from error
    for field, name in (("photo", profile.photo), ("cv", profile.cv)):
        if name and not is_address(name) and not (path.parent / name).is_file():
            raise ProfileError(f"{path.name}: field `{field}`: there is no file {name} next to the profile")
    return profile


def facts_of(profile: Profile, stories_file: Path) -> ProfileFacts:
    """The profile's facts for a story file; the sample profile's facts apply to the sample's stories only."""
    shown = profile_over(profile, stories_file)
    return NO_FACTS if shown is UNNAMED else shown.facts


def profile_over(profile: Profile, stories_file: Path) -> Profile:
    """The profile that the site shows with a story file; instead of the sample's with other stories, one of nobody."""
    return UNNAMED if profile.sample and not is_sample_stories(stories_file) else profile


def is_sample_stories(stories_file: Path) -> bool:
    """Whether a story file is the one that ships with the project."""
    return stories_file.resolve() == SAMPLE_STORIES.resolve()


def _position(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 1})" if mark else ""
