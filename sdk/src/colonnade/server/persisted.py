"""Documents that clients name by their hash instead of sending them.

Automatic persisted queries, as Apollo's clients speak them: a client first sends `extensions.persistedQuery
{ version: 1, sha256Hash }` alone, and after `PERSISTED_QUERY_NOT_FOUND` once more with the query, which is then kept.
Trusted documents are known from the start; a deployment may allow only those.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from graphql import GraphQLError

from colonnade.entities import Entity
from colonnade.errors import ConfigurationError, StoreError
from colonnade.plugin import PROJECT
from colonnade.server.documents import LONGEST_KEPT, RequestError
from colonnade.server.known_documents import NOTHING_KNOWN, KnownDocuments
from colonnade.server.refusal import Refusal, bad_request
from colonnade.store import Store, Writes

if TYPE_CHECKING:
    from colonnade.context import Clock

KEPT: Final = timedelta(days=30)
"""How long a document is known after it was last sent in full."""

PERSISTED_DOCUMENT: Final = Entity(
    PROJECT,
    "PersistedDocument",
    partition="{digest}",
    serves=("the document with this hash",),
    expires=True,
)

_log = logging.getLogger(__name__)

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of its document. `digest`: its sha256 in hex, or None where it names none."""

    text: str | None
    digest: str | None

    @classmethod
    def by(cls, text: str | None, extensions: Mapping[str, Any]) -> Asked:
        """Of a request's query and extensions. Raises `Refusal` for a malformed hash, or one of another document."""
        named = extensions.get("persistedQuery")
        if named is None:
            return cls(text, None)
        entry = cast("Mapping[str, object]", named if isinstance(named, dict) else {})
        digest = entry.get("sha256Hash")
        if entry.get("version") != 1 or not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            raise bad_request(
                "`extensions.persistedQuery` is { version: 1, sha256Hash: 64 lower-case hex digits }"
            )
        if text is not None and digest_of(text) != digest:
            raise Refusal(
                400, "PERSISTED_QUERY_MISMATCH", "`sha256Hash` is not the hash of the query sent with it"
            )
        return cls(text, digest)


def digest_of(text: str) -> str:
    """The name of a document: its sha256 in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def trusted_documents(path: Path) -> Mapping[str, str]:
    """Documents by their hash, from a JSON file: a list of documents, or an object with them as values (as build tools
    write them, whatever they name them by). Raises `ConfigurationError`."""
    try:
        held: object = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"the trusted documents cannot be read from {path}: {error}") from error
    values = cast("dict[str, object]", held).values() if isinstance(held, dict) else held
    texts = list(cast("Iterable[object]", values)) if isinstance(held, dict | list) else [None]
    if not all(isinstance(text, str) for text in texts):
        raise ConfigurationError(
            f"{path} holds neither a list of documents nor an object with documents as values"
        )
    return {digest_of(text): text for text in map(str, texts)}


@dataclass(frozen=True, slots=True)
class PersistedDocuments:
    """The documents that clients may name. `only_trusted`: whether they may send no others; `known`: those that need not
    be parsed and validated here."""

    store: Store
    clock: Clock
    trusted: Mapping[str, str] = field(default_factory=dict[str, str])
    only_trusted: bool = False
    known: KnownDocuments = NOTHING_KNOWN

    async def text(self, asked: Asked) -> str:
        """The document that a request asks for. Raises `Refusal`, and `RequestError` for one that is not known."""
        if self.only_trusted:
            digest = asked.digest or (None if asked.text is None else digest_of(asked.text))
            if digest is None or digest not in self.trusted:
                raise Refusal(
                    403, "UNTRUSTED_DOCUMENT", "this deployment runs only documents it was deployed with"
                )
            return self.trusted[digest]
        if asked.text is not None:
            return asked.text
        if asked.digest is None:
            raise bad_request("`query` is missing: it is a string")
        if asked.digest in self.trusted:
            return self.trusted[asked.digest]
        item = await self.store.get(PERSISTED_DOCUMENT.key(digest=asked.digest))
        if item is None:
            raise RequestError("PERSISTED_QUERY_NOT_FOUND", [GraphQLError("PersistedQueryNotFound")])
        return str(item.attributes["text"])

    def keeps(self, asked: Asked) -> bool:
        """Whether a document is to be remembered if it is valid: it came with its hash, and is no giant."""
        if asked.text is None or asked.digest is None or asked.digest in self.trusted:
            return False
        return len(asked.text) <= LONGEST_KEPT

    async def keep(self, asked: Asked) -> None:
        """Remember a valid document that came with its hash, unless it is a giant (`LONGEST_KEPT`).

        Never fails: its client can send it once more.
        """
        if not self.keeps(asked):
            return
        expires_at = int((self.clock.now() + KEPT).timestamp())
        record = {"digest": asked.digest, "text": asked.text}
        try:
            await self.store.transact(Writes([PERSISTED_DOCUMENT.put(record, expires_at=expires_at)]))
        except StoreError as error:
            _log.warning("A document was not kept: %s", error)
