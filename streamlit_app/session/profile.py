"""The owner's profile: who the stories are about."""

from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, ValidationError

Text = Annotated[str, Field(min_length=1)]


class Link(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    label: Text
    url: HttpUrl


class Profile(BaseModel):
    """What the owner says of themselves. `sample` marks the profile that ships with the project."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sample: bool = False
    name: Text
    headline: Text
    line: Text
    about: tuple[Text, ...] = ()
    links: tuple[Link, ...] = ()


class ProfileError(ValueError):
    """The profile file cannot serve; the message names the file and the field."""


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
        raise ProfileError(f"{path.name}: field `{named}`: {first['msg']}") from error


def _position(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f" (line {mark.line + 1})" if mark else ""
