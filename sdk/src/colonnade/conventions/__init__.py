"""The conventions of the API, as rules that are run over a composed schema.

Many authors write one schema; these rules keep a client from telling where one plugin ends and the next begins.
`check` gives one sentence for each breach; an empty list means that the schema keeps them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from colonnade.conventions.documentation import described, removal_dates
from colonnade.conventions.naming import named_by_kind, named_mutations
from colonnade.conventions.operations import idempotent_creation, lossless_resumption, typed_refusals
from colonnade.conventions.shape import decimals_only, nullable_edges, paginated_connections
from colonnade.conventions.view import SchemaView

Rule = Callable[[SchemaView], Iterator[str]]

RULES: Final[Mapping[str, Rule]] = {
    "descriptions": described,
    "removal dates": removal_dates,
    "names": named_by_kind,
    "names of mutations": named_mutations,
    "nullability": nullable_edges,
    "pagination": paginated_connections,
    "no floats": decimals_only,
    "typed refusals": typed_refusals,
    "idempotency keys": idempotent_creation,
    "resumption": lossless_resumption,
}


def check(view: SchemaView) -> list[str]:
    """Every breach of every rule, in the order of the rules."""
    return [f"{name}: {breach}" for name, rule in RULES.items() for breach in rule(view)]


__all__ = ["RULES", "Rule", "SchemaView", "check"]
