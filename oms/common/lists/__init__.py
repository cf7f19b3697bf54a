"""Lists of things as every room shows them: one search box with operators, views, columns, pages by key, CSV.

A room declares a `List` once and answers with `LIST.respond(request, page)`; README.md shows how.
"""

from oms.common.lists.columns import Column, word_of
from oms.common.lists.definition import REGISTRY, Action, Empty, List, View
from oms.common.lists.operators import Choice, Date, Is, Number, Operator, Text

__all__ = [
    "REGISTRY",
    "Action",
    "Choice",
    "Column",
    "Date",
    "Empty",
    "Is",
    "List",
    "Number",
    "Operator",
    "Text",
    "View",
    "word_of",
]
