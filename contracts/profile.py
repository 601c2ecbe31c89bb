"""The owner's profile: who the stories are about, and which of its facts answers need."""

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, AnyUrl, BeforeValidator, Field, StringConstraints, TypeAdapter, UrlConstraints

from contracts.base import Contract

_EMAIL: Final = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;.]+")
_PHONE: Final = re.compile(r"\+?[0-9(][0-9 ()./-]{3,28}[0-9]")
_FILE_NAME: Final = re.compile(r"\w[\w .()+-]{0,119}")


def _email(text: str) -> str:
    if text and not _EMAIL.fullmatch(text):
        raise ValueError("must be an e-mail address such as name@example.com")
    return text


def _quoted(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError("must stand in quotes: YAML reads it as a number")
    return value


def _phone(text: str) -> str:
    if text and not _PHONE.fullmatch(text):
        raise ValueError("must be a phone number such as '+1 555 0100'")
    return text


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _secure_address(text: str) -> str:
    if is_address(text) and not text.lower().startswith("https://"):
        raise ValueError("must be an https address, or the name of a file next to the profile")
    return text


def _address_or_file(text: str) -> str:
    if is_address(text):
        return str(_WEB_URL.validate_python(text))
    if text and not _FILE_NAME.fullmatch(text):
        raise ValueError("must be a web address, or the name of a file next to the profile")
    return text


def is_address(text: str) -> bool:
    """Whether an owner's document has an address; otherwise it is the name of a file next to the profile."""
    return ":" in text


Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
OptionalText = Annotated[str, StringConstraints(strip_whitespace=True)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed)]
Email = Annotated[OptionalText, AfterValidator(_email)]
Phone = Annotated[OptionalText, BeforeValidator(_quoted), AfterValidator(_phone)]
LinkUrl = Annotated[AnyUrl, UrlConstraints(allowed_schemes=["https", "http", "mailto", "tel"], max_length=2000)]
Document = Annotated[OptionalText, AfterValidator(_address_or_file)]
Picture = Annotated[Document, AfterValidator(_secure_address)]

_WEB_URL: Final[TypeAdapter[AnyUrl]] = TypeAdapter(
    Annotated[AnyUrl, UrlConstraints(allowed_schemes=["https", "http"], max_length=2000)]
)


class Link(Contract):
    """A labelled address: of a web page, of a mailbox (`mailto:`) or a phone (`tel:`)."""

    label: Text
    url: LinkUrl


class OwnerFacts(Contract):
    """Facts that an answer may state of the owner. They go out with every list of stories: no address is among them.

    `aliases` maps a name that visitors use to the name as the stories spell it ("Amex": "American Express").
    """

    name: OptionalText = ""
    place: OptionalText = ""
    education: Texts = ()
    certificates: Texts = ()
    languages: Texts = ()
    aliases: dict[Text, Text] = Field(default_factory=dict)

    def texts(self) -> tuple[str, ...]:
        """The facts in words, without the aliases."""
        said = (self.name, self.place, *self.education, *self.certificates, *self.languages)
        return tuple(text for text in said if text)


class ProfileFacts(OwnerFacts):
    """What answers need of the profile. It travels with the corpus at ingest and is part of the corpus version.

    `cv` is a web address, or the name of a file next to the profile, which the site hands out.
    """

    availability: OptionalText = ""
    email: Email = ""
    phone: Phone = ""
    links: tuple[Link, ...] = ()
    cv: Document = ""

    @property
    def owner(self) -> OwnerFacts:
        return OwnerFacts.model_construct(**{name: getattr(self, name) for name in OwnerFacts.model_fields})


class Profile(ProfileFacts):
    """What the owner's profile file says. `sample` marks the profile that ships with the project.

    `photo` is an https address or the name of a file next to the profile; `featured_stories` are ids of stories.
    """

    sample: bool = False
    name: Text
    headline: Text
    line: Text
    about: Texts = ()
    photo: Picture = ""
    featured_questions: Texts = ()
    featured_stories: Texts = ()

    @property
    def person(self) -> str:
        """Who the stories are about, for a sentence."""
        return "the owner" if self == UNNAMED else self.name

    @property
    def facts(self) -> ProfileFacts:
        return ProfileFacts.model_construct(**{name: getattr(self, name) for name in ProfileFacts.model_fields})


NOBODY: Final = OwnerFacts()
NO_FACTS: Final = ProfileFacts()
UNNAMED: Final = Profile(
    name="Portfolio",
    headline="Project stories with their clients, years and results",
    line="Search the stories, filter them, or ask a question about them.",
)
