"""The trusted documents of a package, parsed and found valid when it was made."""

from __future__ import annotations

import marshal
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from colonnade.composer import Composition
from colonnade.registry import PluginStatus
from colonnade.server.known_documents import NOTHING_KNOWN, KnownDocuments, pickled
from colonnade.server.persisted import trusted_documents

TRUSTED: Final = Path("schema/documents.json")
"""Where a checkout has trusted documents, and a package."""

FILE: Final = Path(__file__).with_name("known_documents.bin")
"""Where a package has what was made of them. It is trusted as its code is."""


def kept(statuses: Sequence[PluginStatus]) -> KnownDocuments:
    """What the package holds, if these plugins are those that it was made with; nothing where there is no package.

    The file is read with the first document.
    """
    if not FILE.is_file():
        return NOTHING_KNOWN
    plugins = _plugins(statuses)

    @cache
    def held() -> Mapping[str, bytes]:
        content: Any = marshal.loads(FILE.read_bytes())  # noqa: S302 - our own
        return content["documents"] if content["plugins"] == plugins else {}

    return KnownDocuments(held)


def keep(composition: Composition, trusted: Path, file: Path) -> None:
    """Writes for `kept` what `trusted` holds, if there is such a file: the same bytes for the same documents."""
    if trusted.is_file():
        texts = list(trusted_documents(trusted).values())
        documents = pickled(texts, composition.schema._schema)  # pyright: ignore[reportPrivateUsage] - it has no other name
        content = {"plugins": _plugins(composition.statuses), "documents": dict(documents)}
        file.write_bytes(marshal.dumps(content, 2))


def _plugins(statuses: Sequence[PluginStatus]) -> list[list[str]]:
    return [[status.name, status.version, status.state.value] for status in statuses]
