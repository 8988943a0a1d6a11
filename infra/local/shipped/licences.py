"""Which licences may ship: those that ask for no more than to be named, or to hand on what is theirs unchanged."""

import re
from email.message import Message
from typing import Final

ALLOWED: Final = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BlueOak-1.0.0",
        "BSD",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "PSF-2.0",
        "Public Domain",
        "Python-2.0",
        "Unlicense",
        "Zlib",
    }
)
"""SPDX's names; `BSD` and `Public Domain` are what some say of themselves without being more exact. The MPL asks that
who changes its files publishes them: what ships here is as it was published.
"""

# How those spell it who name no SPDX expression.
_SPELLINGS: Final = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
_CLASSIFIER: Final = re.compile(r"License :: (?:OSI Approved :: )?(.+)")
_PARENTHESES: Final = re.compile(r"\(([^()]*)\)")
_SHIPS: Final = "what may ship"
UNKNOWN: Final = "unknown"


def is_allowed(expression: str) -> bool:
    """Whether one may choose, among what an SPDX expression leaves to choose from, licences that may ship.

    No exceptions (`WITH`), and nothing that is not an expression: these are for a person to look at.
    """
    innermost = _PARENTHESES.search(expression)
    if innermost:
        one = _SHIPS if is_allowed(innermost[1]) else UNKNOWN
        return is_allowed(expression[: innermost.start()] + one + expression[innermost.end() :])
    alternatives = expression.split(" OR ")
    return any(
        all(name.strip() in ALLOWED | {_SHIPS} for name in each.split(" AND ")) for each in alternatives
    )


def licence_of(metadata: Message) -> str:
    """What the metadata of a Python distribution says of its licence, in SPDX's names where they are known.

    Several classifiers hold together, whatever was meant: each has to be allowed.
    """
    if expression := metadata.get("License-Expression"):
        return str(expression)
    matches = map(_CLASSIFIER.fullmatch, metadata.get_all("Classifier") or [])
    named = [_SPELLINGS.get(match[1], match[1]) for match in matches if match]
    field = str(metadata.get("License") or "")
    if not named and field and "\n" not in field:
        named = [_SPELLINGS.get(field, field)]
    return " AND ".join(sorted(set(named))) or UNKNOWN
