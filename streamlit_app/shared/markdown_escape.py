"""Escapes data for Markdown, and highlights the stems of a search in it."""

import re
from typing import Final

import streamlit as st

from contracts.rules.questions.generic_words import stem, topic_words, words

_WORD_JOINER: Final = "\u2060"
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&=\"'^@])")
# Streamlit turns these into icons, emoji, links and arrows after it parsed the Markdown, when escapes are gone; an
# invisible joiner inside prevents it.
_LATE_MARKUP: Final = re.compile(
    r"""
    :(?=[\w+-]+:|material/|streamlit:)   # emoji and icon names
    | :(?=//)                            # http://
    | \bwww(?=\.)                        # www.
    | (?<=[\w.+-])@(?=\w)                # e-mail addresses
    | (?<!\S)[-<>~](?=[-=>])             # --, ->, <=
    """,
    re.VERBOSE,
)
# As the words of `generic_words`, with accents and invisible characters that stand apart within a word.
_WORD: Final = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u00ad\u200b-\u200d\u2060\ufeff]|[.'\u2019](?=[^\W_]))*[+#]*")
_FILE_MARKDOWN: Final = re.compile(r"([\\`*_\[\]<>])|^([#+\-=]|\d+(?=[.)]))")


def escape_markdown(text: str) -> str:
    """Escape one line so that Streamlit's Markdown shows it unchanged: no markup, link, image, icon or formula."""
    return _MARKDOWN.sub(r"\\\1", escape_label(text))


def escape_label(text: str) -> str:
    """Escape one line for a label that supports icons and emoji but no Markdown."""
    return _LATE_MARKUP.sub(lambda found: found.group() + _WORD_JOINER, " ".join(text.split()))


def escape_file_markdown(text: str) -> str:
    """Escape one line for a Markdown file: only characters that would change its meaning."""
    line = " ".join(text.split())
    return _FILE_MARKDOWN.sub(lambda found: "\\" + found.group() if found[1] else _escape_start(found.group()), line)


def shortened(text: str, length: int) -> str:
    """Cut text to `length` characters with an ellipsis."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def caption_text(text: str) -> str:
    """Make a caption of Markdown; escape data with `escape_markdown` first."""
    return f":small[:gray[{text}]]"


def caption(text: str) -> None:
    """Draw a caption; Streamlit's own has too little contrast on a light background."""
    st.markdown(caption_text(text))


def _escape_start(mark: str) -> str:
    return f"\\{mark}" if not mark.isdecimal() else f"{mark}\\"


def searched_stems(query: str, owner: str = "") -> frozenset[str]:
    """The stems to highlight of a query: those of its words less function words, asking words and the owner's name."""
    names = set(words(owner))
    return frozenset(stem(word) for word in topic_words(query) if word not in names)


def highlighted(text: str, stems: frozenset[str], around: str = "") -> str:
    """Escape text as Markdown with the words of some stems highlighted; `around` is the colour of the rest."""
    if not stems:
        return _stretch(text, around)
    line = " ".join(text.split())
    parts: list[str] = []
    end = 0
    for found in _WORD.finditer(line):
        if stems.isdisjoint(map(stem, words(found.group()))):
            continue
        parts += [_stretch(line[end : found.start()], around), f":violet-background[{escape_markdown(found.group())}]"]
        end = found.end()
    return "".join([*parts, _stretch(line[end:], around)])


def _stretch(text: str, color: str) -> str:
    """Escape text and keep the space at its ends."""
    if not text.strip():
        return text
    shown = f":{color}[{escape_markdown(text)}]" if color else escape_markdown(text)
    return f"{' ' if text[0] == ' ' else ''}{shown}{' ' if text[-1] == ' ' else ''}"
