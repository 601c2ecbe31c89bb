"""Renders Markdown for assertions."""

from markdown_it import MarkdownIt

ONLY_WORDS = {"link_open", "image", "html_block", "html_inline", "code_block", "fence", "code_inline", "table_open"}


def kinds(markdown: str) -> set[str]:
    """The kinds of all tokens of a rendering with CommonMark, tables and struck-out text."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(markdown)
    return {token.type for block in tokens for token in (block, *(block.children or ()))}


def html_of(markdown: str) -> str:
    return str(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(markdown))
