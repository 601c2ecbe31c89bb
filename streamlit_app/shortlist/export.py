"""The shortlist as one Markdown document: for each story its note, then the whole story."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from contracts.stories import StoryContent
from streamlit_app.session.shortlist import Starred
from streamlit_app.shared.story_document.export import story_markdown

FILE_NAME = "shortlist.md"


def shortlist_markdown(
    starred: Sequence[Starred], stories: Mapping[str, StoryContent], name: str, escape: Callable[[str], str]
) -> str:
    """Format the starred stories that exist, in this order, with all text escaped by `escape`."""
    return "\n\n".join(_blocks(starred, stories, name, escape)) + "\n"


def _blocks(
    starred: Sequence[Starred], stories: Mapping[str, StoryContent], name: str, escape: Callable[[str], str]
) -> Iterator[str]:
    yield f"# A shortlist of the work of {escape(name)}"
    for item in starred:
        if item.story_id not in stories:
            continue
        title, _, rest = story_markdown(stories[item.story_id], escape).partition("\n\n")
        yield title
        if item.note:
            yield f"**Note:** {escape(item.note)}"
        yield rest.strip()
