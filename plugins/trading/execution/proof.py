"""Whether a transaction made the swap that was prepared: by what the route's own pools wrote, and nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from colonnade.actions import Action, ActionKind, Evidence, Moved, SendCalls, StepDraft, Unproved, Waiting
from colonnade.chains import Log
from colonnade.evm import Address
from plugins.trading.asset_changes import WITHDRAWAL, asset_changes, transfer_of
from plugins.trading.execution.permits import MalformedSignature, signed_swap
from plugins.trading.execution.terms import Hop, SwapTerms
from plugins.trading.swap_logs import PoolSwap, pool_swap

if TYPE_CHECKING:
    from colonnade.context import Context

SWAP: Final = "SWAP"
"""The kind's name."""


async def verify_swap(context: Context, action: Action, evidence: Evidence) -> Sequence[Moved]:
    """What the swap paid. Raises `Unproved` where the operation's logs do not show the swap within its bounds.

    `evidence.logs` are of the account's own operation, so swaps of strangers in the same transaction are not there.
    """
    terms = _terms(action)
    return [Moved(terms.token_in, proved_input(terms, evidence.logs))]


def proved_input(terms: SwapTerms, logs: Sequence[Log]) -> int:
    """What the route's first pool was paid, atomic units. Raises `Unproved`."""
    swaps = [_swap_at(hop, logs) for hop in terms.hops]
    paid = swaps[0].amount_in
    if paid > terms.maximum_in:
        raise Unproved("PAID_TOO_MUCH", f"the swap took {paid} atomic units, more than {terms.maximum_in}")
    received = _received(terms, logs)
    if received < terms.minimum_out:
        raise Unproved(
            "RECEIVED_TOO_LITTLE",
            f"{terms.recipient} received {received} atomic units of {terms.token_out}, less than {terms.minimum_out}",
        )
    return paid


def _swap_at(hop: Hop, logs: Iterable[Log]) -> PoolSwap:
    """The one swap that a pool of the route made in this operation, the right way round."""
    zero_for_one = int(hop.token_in, 16) < int(hop.token_out, 16)
    found = [
        swap
        for log in logs
        if log.address == hop.pool and (swap := pool_swap(log)) is not None and swap.protocol is hop.protocol
    ]
    if len(found) != 1 or found[0].zero_for_one is not zero_for_one:
        raise Unproved(
            "OTHER_SWAP",
            f"the pool {hop.pool} of the prepared route did not make this swap in the operation, once and this way round",
        )
    return found[0]


def _received(terms: SwapTerms, logs: Sequence[Log]) -> int:
    wrapped = terms.network.wrapped_native
    if terms.native_out:
        return _unwrapped(terms, logs)
    return asset_changes(logs, wrapped).get((terms.recipient, terms.token_out), 0)


def _unwrapped(terms: SwapTerms, logs: Sequence[Log]) -> int:
    """What the routers unwrapped: the coin itself leaves no log, and they unwrap only to hand it on."""
    wrapped, network = terms.network.wrapped_native, terms.network
    routers: set[Address] = {network.swap_router, network.universal_router}
    return sum(
        moved[2]
        for log in logs
        if log.address == wrapped
        and log.topics[:1] == (WITHDRAWAL.topic,)
        and (moved := transfer_of(log, wrapped)) is not None
        and moved[0] in routers
    )


async def advance_swap(context: Context, action: Action, step: int, signature: bytes) -> Sequence[StepDraft]:
    """The swap that brings the permit of `step` along. The signature is verified; one that no router can take, since
    it is not a key's, raises `Unproved`."""
    (waiting,) = (later for later in action.steps[step + 1 :] if isinstance(later, Waiting))
    permit = cast(Mapping[str, Any], action.details["permit"])
    try:
        return [SendCalls(waiting.title, (signed_swap(_terms(action), permit, signature),))]
    except MalformedSignature as malformed:
        raise Unproved("SIGNATURE_UNUSABLE", str(malformed)) from malformed


def _terms(action: Action) -> SwapTerms:
    return SwapTerms.of(cast(Mapping[str, Any], action.details["terms"]))


SWAP_KIND: Final = ActionKind(SWAP, "A swap of one token for another.", verify_swap, advance_swap)
