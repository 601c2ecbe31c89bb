"""A conversation as Markdown, for the download."""

from collections.abc import Sequence

from contracts.ask import Source
from contracts.conversations import Turn
from streamlit_app.shared.answer_markdown import written
from streamlit_app.shared.markdown_escape import escape_file_markdown
from streamlit_app.shared.wording import match_in_words, refusal_in_words, story_title


def talk_markdown(turns: Sequence[Turn], name: str) -> str:
    """Format questions, answers and sources, oldest first."""
    blocks = [f"# Questions about the work of {escape_file_markdown(name)}"]
    for turn in turns:
        blocks.append(f"## {escape_file_markdown(turn.question)}")
        if turn.refused:
            blocks.append(escape_file_markdown(turn.answer) or refusal_in_words(turn.refused))
        elif turn.answer:
            blocks.append(written(turn.answer))
        if turn.sources:
            blocks.append("\n".join(_source(source) for source in turn.sources))
    return "\n\n".join(blocks) + "\n"


def _source(source: Source) -> str:
    named = ", ".join(escape_file_markdown(part) for part in (story_title(source.title), source.client) if part)
    return f"{source.number}. {named} ({match_in_words(source.match)[0].lower()})"
