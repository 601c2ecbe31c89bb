"""Numbers with their noun."""


def stories_in_words(count: int) -> str:
    return "1 story" if count == 1 else f"{count} stories"
