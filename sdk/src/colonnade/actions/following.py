"""Following what was sent, block by block, until no reorganisation can take it back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from colonnade.actions.changes import AlreadyClaimed, Change, Outdated, commit
from colonnade.actions.records import Action, Failure
from colonnade.actions.sightings import Sightings, look
from colonnade.actions.storage import ACTION, SHARDS, action_of, current_step
from colonnade.actions.tracing import traced
from colonnade.actions.transitions import failed
from colonnade.chains import ChainId
from colonnade.context import Context
from colonnade.core_events import ChainHeadMoved
from colonnade.events import Published
from colonnade.store import Item, SortRange, Writes

PAGE: Final = 100
"""Actions of each shard that one new block has looked at; where there are more, each block looks at others."""

RECHECKED_EVERY: Final = 32
"""Blocks after which a confirmed action is looked at even if no reorganisation was told of."""

_SPREAD: Final = 0x10000
_GOLDEN: Final = 40_503
_COMMITS_AT_ONCE: Final = 8

_log = logging.getLogger(__name__)


async def follow(context: Context, event: ChainHeadMoved, published: Published) -> Writes:
    """Look at what is in flight on a chain that has a new head.

    Each action is written on its own, on condition that nobody changed it meanwhile: what this leaves undone, the next
    block does.
    """
    chain_id = ChainId(event.chain_id)
    shards = await asyncio.gather(*(_page(context, event, shard) for shard in range(SHARDS)))
    actions = [action_of(item.attributes) for items in shards for item in items]
    due = [action for action in actions if _is_due(action, event)]
    for start in range(0, len(due), PAGE):
        page = due[start : start + PAGE]
        sightings = await look(context, chain_id, page, event.number)
        for first in range(0, len(page), _COMMITS_AT_ONCE):
            few = page[first : first + _COMMITS_AT_ONCE]
            await asyncio.gather(*(_one(context, action, sightings) for action in few))
    return Writes()


async def _page(context: Context, event: ChainHeadMoved, shard: int) -> Sequence[Item]:
    chain = event.chain_id
    page = await context.store.query(ACTION.query("followed", limit=PAGE, followed_on=chain, shard=shard))
    if page.next is None:
        return page.items
    # More than one block can look at: each begins at another place and goes round, so that all are reached in turn.
    anywhere = SortRange(low=f"{event.number * _GOLDEN % _SPREAD:04x}")
    rest = await context.store.query(
        ACTION.query("followed", sort=anywhere, limit=PAGE, followed_on=chain, shard=shard)
    )
    return [*rest.items, *page.items[: PAGE - len(rest.items)]]


def _is_due(action: Action, event: ChainHeadMoved) -> bool:
    """Whether this head may have changed `action`."""
    sent = action.progress[current_step(action)].sent
    if sent is None or sent.block_number is None:
        return True
    taken_back = event.reorganised_from is not None and event.reorganised_from <= sent.block_number
    rechecked = event.number % RECHECKED_EVERY == sent.block_number % RECHECKED_EVERY
    return taken_back or rechecked or sent.block_number <= event.finalized


async def _one(context: Context, action: Action, sightings: Sightings) -> None:
    try:
        change = await traced(context, action, sightings)
        if change is not None:
            await _commit(context, action, change)
    except Outdated:
        return  # its owner was faster; the next block looks again
    except Exception:
        _log.exception(
            "An action could not be followed; the next block tries again",
            extra={"fields": {"actionId": action.id, "actionKind": action.kind}},
        )


async def _commit(context: Context, action: Action, change: Change) -> None:
    try:
        await commit(context, change)
    except AlreadyClaimed:
        index = current_step(action)
        sent = change.action.progress[index].sent
        assert sent is not None, "only what was sent claims anything"
        failure = Failure("PROOF_ALREADY_USED", "what was sent already proves another step or action", True)
        await commit(context, Change(failed(action, index, sent, failure), index))
