"""Blocks by tag and by number, each with the finality that it has now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from colonnade.chains import BlockRef, Finality
from infra.rpc.faults import Fault, classify
from infra.rpc.jsonrpc import RpcAnswer, RpcError, RpcRequest
from infra.rpc.requests import AnotherBlock, BlockName
from infra.rpc.session import TAGS, Session
from infra.rpc.wire import MalformedValue, header

# The strongest first: between two answers of a batch the chain only ever goes on.
_HEADS: Final = (Finality.FINALIZED, Finality.SAFE, Finality.CONFIRMED)


async def head(session: Session, finality: Finality) -> BlockRef:
    """See `ChainHistory.head`."""
    (answer,) = await session.ask([header_request(TAGS[finality])])
    return _present(session, answer, finality)


async def heads(session: Session) -> tuple[BlockRef, BlockRef, BlockRef]:
    """See `ChainHistory.heads`."""
    answers = await session.ask([header_request(TAGS[finality]) for finality in _HEADS])
    finalized, safe, confirmed = (
        _present(session, answer, finality) for answer, finality in zip(answers, _HEADS, strict=True)
    )
    if not finalized.number <= safe.number <= confirmed.number:
        raise session.malformed("its heads contradict one another")
    return confirmed, safe, finalized


async def blocks(session: Session, numbers: Sequence[int]) -> list[BlockRef | None]:
    """See `ChainHistory.blocks`."""
    certain = _HEADS[:2]
    answers = await session.ask(
        [*(header_request(TAGS[f]) for f in certain), *(header_request(hex(n)) for n in numbers)]
    )
    # A chain that has just begun has no safe block: none is more than confirmed then.
    marks = [
        found
        for answer, finality in zip(answers, certain, strict=False)
        if (found := optional(session, answer, finality)) is not None
    ]
    found_blocks: list[BlockRef | None] = []
    for number, answer in zip(numbers, answers[len(certain) :], strict=True):
        block = optional(session, answer, Finality.CONFIRMED)
        if block is not None and block.number != number:
            raise session.malformed("a block has another number than was asked for")
        found_blocks.append(None if block is None else _weighed(block, marks))
    return found_blocks


def header_request(block: BlockName) -> RpcRequest:
    """A question for a block's header."""
    return RpcRequest("eth_getBlockByNumber", (block, False))


def optional(session: Session, answer: RpcAnswer, finality: Finality) -> BlockRef | None:
    """The block in `answer`; None where the node knows of none."""
    if isinstance(answer, RpcError):
        if classify(answer) is Fault.UNKNOWN_BLOCK:
            return None
        raise session.unavailable(answer)
    if answer.value is None:
        return None
    try:
        return header(answer.value, session.settings.chain_id, finality)
    except MalformedValue as problem:
        failure = session.malformed(problem)
    raise failure


def _present(session: Session, answer: RpcAnswer, finality: Finality) -> BlockRef:
    found = optional(session, answer, finality)
    if found is None:
        raise session.unavailable(f"it has no {TAGS[finality]} block")
    return found


def _weighed(block: BlockRef, marks: Sequence[BlockRef]) -> BlockRef:
    for mark in marks:
        if block.number == mark.number and block.hash != mark.hash:
            raise AnotherBlock
        if block.number <= mark.number:
            return replace(block, finality=mark.finality)
    return block
