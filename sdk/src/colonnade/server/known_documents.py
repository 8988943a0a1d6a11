"""Documents that were parsed and found valid before this process started, such as when it was packaged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse, validate

from colonnade.server.documents import RULES


def _nothing() -> Mapping[str, bytes]:
    return {}


@dataclass(frozen=True, slots=True)
class KnownDocuments:
    """`held`: pickled documents by the sha256 of their texts, in hex; asked for with the first document that is new.

    Whoever gives them says that they are valid for the schema at hand; limits are held against them all the same.
    """

    held: Callable[[], Mapping[str, bytes]] = _nothing

    def document(self, text: str) -> DocumentNode | None:
        """The document of a text, which nobody else has; None for one that is not known."""
        pickled = self.held().get(_digest(text))
        return None if pickled is None else _read(pickled)


NOTHING_KNOWN: Final = KnownDocuments()


def pickled(texts: list[str], schema: GraphQLSchema) -> Mapping[str, bytes]:
    """Those of `texts` that are valid for `schema`, for `KnownDocuments` to hold."""
    import pickle  # noqa: PLC0415 - see `_read`

    found: dict[str, bytes] = {}
    for text in texts:
        try:
            document = parse(text)
        except GraphQLError:
            continue
        if not validate(schema, document, RULES):
            found[_digest(text)] = pickle.dumps(document, 5)
    return dict(sorted(found.items()))


def _read(pickled_document: bytes) -> DocumentNode:
    import pickle  # noqa: PLC0415 - for whoever knows documents

    document: Any = pickle.loads(pickled_document)  # noqa: S301 - of the package
    assert isinstance(document, DocumentNode)
    return document


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
