"""Whether a transaction made the swap that was prepared: by what the route's own pools wrote, and nobody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from colonnade.actions import Action, ActionKind, Evidence, Moved, SendCalls, StepDraft, Unproved, Waiting
from colonnade.actions.refusals import SignatureInvalid
from colonnade.chains import Log
from colonnade.evm import Address
from colonnade.results import Refused
from plugins.trading.asset_changes import DEPOSIT, TRANSFER, WITHDRAWAL, transfer_of
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
    Coin leaves no log of who got it: where somebody else was to get it, only the prepared call itself shows that.
    """
    terms = _terms(action)
    if terms.pays_coin_to_another and not evidence.exact_call:
        raise Unproved(
            "RECIPIENT_NOT_SHOWN",
            f"nothing shows that {terms.recipient} received the coin: send the prepared call as it is",
        )
    return [Moved(terms.token_in, proved_input(terms, evidence.logs))]


def proved_input(terms: SwapTerms, logs: Sequence[Log]) -> int:
    """What the route's first pool was paid by the account, atomic units. Raises `Unproved`."""
    swaps = [_swap_at(hop, logs) for hop in terms.hops]
    paid, bought = swaps[0].amount_in, swaps[-1].amount_out
    if paid > terms.maximum_in:
        raise Unproved("PAID_TOO_MUCH", f"the swap took {paid} atomic units, more than {terms.maximum_in}")
    if not _is_payer(terms, logs, paid):
        raise Unproved(
            "PAID_OTHERWISE",
            f"{terms.account} did not pay the pool {terms.hops[0].pool} with {terms.token_in}",
        )
    received = min(bought, _received(terms, logs))
    if received < terms.minimum_out:
        raise Unproved(
            "RECEIVED_TOO_LITTLE",
            f"{terms.recipient} received {received} atomic units of {terms.token_out} for it, less than {terms.minimum_out}",
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


def _is_payer(terms: SwapTerms, logs: Iterable[Log], paid: int) -> bool:
    """Whether the account's own tokens went straight to the first pool, or coin that a router wrapped for it did."""
    token, pool = terms.hops[0].token_in, terms.hops[0].pool
    if not terms.native_in:
        return any(
            source == terms.account and target == pool and amount >= paid
            for source, target, amount in _moves(logs, token, TRANSFER.topic)
        )
    made = sum(
        amount for _, target, amount in _moves(logs, token, DEPOSIT.topic) if target in _routers(terms)
    )
    return made >= paid


def _received(terms: SwapTerms, logs: Iterable[Log]) -> int:
    """What the recipient gained by the token's own transfers. The coin itself leaves no log: what routers unwrapped
    counts, since they unwrap only to hand it on."""
    if terms.native_out:
        unmade = _moves(logs, terms.network.wrapped_native, WITHDRAWAL.topic)
        return sum(amount for source, _, amount in unmade if source in _routers(terms))
    moves = list(_moves(logs, terms.token_out, TRANSFER.topic))
    gained = sum(amount for _, target, amount in moves if target == terms.recipient)
    return gained - sum(amount for source, _, amount in moves if source == terms.recipient)


def _moves(logs: Iterable[Log], token: Address, topic: bytes) -> Iterator[tuple[Address, Address, int]]:
    """What `token` itself says of one kind."""
    for log in logs:
        if log.address == token and log.topics[:1] == (topic,):
            moved = transfer_of(log, token)
            if moved is not None:
                yield moved


def _routers(terms: SwapTerms) -> frozenset[Address]:
    return frozenset((terms.network.swap_router, terms.network.universal_router))


async def advance_swap(context: Context, action: Action, step: int, signature: bytes) -> Sequence[StepDraft]:
    """The swap that brings the permit of `step` along. The signature is verified; `Refused` with `SignatureInvalid` for
    one that no router can take, since it is not a key's."""
    (waiting,) = (later for later in action.steps[step + 1 :] if isinstance(later, Waiting))
    permit = cast(Mapping[str, Any], action.details["permit"])
    try:
        return [SendCalls(waiting.title, (signed_swap(_terms(action), permit, signature),))]
    except MalformedSignature as malformed:
        refusal = SignatureInvalid(message=str(malformed), path=["input", "proof", "signature"])
        raise Refused(refusal) from malformed


def _terms(action: Action) -> SwapTerms:
    return SwapTerms.of(cast(Mapping[str, Any], action.details["terms"]))


SWAP_KIND: Final = ActionKind(SWAP, "A swap of one token for another.", verify_swap, advance_swap)
