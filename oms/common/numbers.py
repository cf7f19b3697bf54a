"""Whole numbers as people and programs write them."""


def whole(text: str, *, digits: int) -> int | None:
    """The number, when the text is nothing but digits, and at most so many: `int()` breaks on thousands of them."""
    return int(text) if text.isdecimal() and len(text) <= digits else None
