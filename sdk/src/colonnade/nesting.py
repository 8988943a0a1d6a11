"""How deeply a JSON text nests, told before it is parsed.

The standard parser recurses, and only the interpreter's recursion limit keeps it from the end of the stack. Libraries
raise that limit (py_ecc, which comes with web3, to 100,000), and then a text of brackets ends the process.
"""

from __future__ import annotations

import re
from typing import Final

_STRING: Final = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_BRACKET: Final = re.compile(r"[\[\]{}]")


def nests_deeper(text: str, levels: int) -> bool:
    """Whether arrays and objects in `text` stand within one another more than `levels` deep; takes linear time."""
    if text.count("[") + text.count("{") <= levels:
        return False
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > levels:
            return True
    return False
