"""`ChainHistory` as two endpoints say it alike: what no single endpoint can make wrong.

Every answer is asked of two endpoints at once, and of further ones where these do not agree; it counts once two gave the
same. The head is the second highest that any has. One endpoint that lies, leaves logs out, is on another fork or behind
decides nothing, and is named in the log when it contradicts; two that lie alike are believed. Where only one answers there
is no answer: what follows from it would stay.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from colonnade.chains import BlockRef, ChainHistory, ChainId, Finality, Log, LogFilter, Receipt, Transaction
from colonnade.errors import BlockVanished, ChainUnavailable, EndpointsDisagree, LogRangeTooWide
from colonnade.evm import Address
from infra.rpc.doubts import Doubts

T = TypeVar("T")

ALIKE: Final = 2
"""How many endpoints have to say the same."""

_HEADS: Final = (Finality.CONFIRMED, Finality.SAFE, Finality.FINALIZED)


class WitnessedHistory:
    """What a chain has recorded. `endpoints`: the history that each tells, by its name; two or more."""

    def __init__(
        self,
        chain_id: ChainId,
        endpoints: Sequence[tuple[str, ChainHistory]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if len(endpoints) < ALIKE:
            raise ValueError(f"{ALIKE} endpoints bear witness for one another, not {len(endpoints)}")
        self._chain_id: Final = chain_id
        self._endpoints: Final = tuple(endpoints)
        self._doubts: Final = Doubts(chain_id, clock)

    @property
    def chain_id(self) -> ChainId:
        return self._chain_id

    async def head(self, finality: Finality = Finality.CONFIRMED) -> BlockRef:
        """See `ChainHistory.head`."""
        if finality in _HEADS:
            return (await self.heads())[_HEADS.index(finality)]
        return await self._alike("the head", lambda history: history.head(finality), _same_block)

    async def heads(self) -> tuple[BlockRef, BlockRef, BlockRef]:
        """See `ChainHistory.heads`."""
        told, failures = await _gathered([history.heads() for _, history in self._endpoints])
        if len(told) < ALIKE:
            raise _without_witness(failures)
        # In each place the second highest: two endpoints have that block, whatever one of them makes up.
        numbers = [sorted((heads[place].number for heads in told), reverse=True)[1] for place in range(3)]
        confirmed, safe, finalized = (
            None if block is None else replace(block, finality=finality)
            for block, finality in zip(await self.blocks(numbers), _HEADS, strict=True)
        )
        if confirmed is None or safe is None or finalized is None:
            raise BlockVanished(f"chain {self._chain_id}: the heads that were told are not there: look again")
        return confirmed, safe, finalized

    async def blocks(self, numbers: Sequence[int]) -> Sequence[BlockRef | None]:
        """See `ChainHistory.blocks`."""
        if not numbers:
            return ()
        what = f"blocks {min(numbers)} to {max(numbers)}"
        return await self._alike(what, lambda history: history.blocks(numbers), _same_blocks)

    async def transactions(self, hashes: Sequence[bytes]) -> Sequence[Transaction | None]:
        """See `ChainHistory.transactions`."""
        return await self._alike("transactions", lambda history: history.transactions(hashes), _parts)

    async def receipts(self, hashes: Sequence[bytes]) -> Sequence[Receipt | None]:
        """See `ChainHistory.receipts`."""
        return await self._alike("receipts", lambda history: history.receipts(hashes), _parts)

    async def block_receipts(self, block_hash: bytes) -> Sequence[Receipt] | None:
        """See `ChainHistory.block_receipts`."""
        what = f"the receipts of block 0x{block_hash.hex()}"
        return await self._alike(what, lambda history: history.block_receipts(block_hash), _whole)

    async def logs(self, wanted: LogFilter, first: int, last: int) -> Sequence[Log]:
        """See `ChainHistory.logs`."""
        what = f"the logs of blocks {first} to {last}"
        return await self._alike(
            what, lambda history: history.logs(wanted, first, last), lambda logs: [tuple(logs)]
        )

    async def transaction_count(self, account: Address, finality: Finality = Finality.CONFIRMED) -> int:
        """See `ChainHistory.transaction_count`."""
        return await self._alike(
            "a nonce", lambda history: history.transaction_count(account, finality), lambda count: [count]
        )

    async def _alike(
        self,
        what: str,
        ask: Callable[[ChainHistory], Awaitable[T]],
        parts: Callable[[T], Sequence[object]],
    ) -> T:
        """What two endpoints say alike. `parts`: what is compared of an answer, None where it says that there is nothing.

        Raises `EndpointsDisagree` where no two do, `BlockVanished` where they differ only in what some do not have (yet),
        and what they raise where too few answer.
        """
        answers: list[tuple[str, T, Sequence[object]]] = []
        failures: list[ChainUnavailable] = []
        for start, stop in [(0, ALIKE), *((at, at + 1) for at in range(ALIKE, len(self._endpoints)))]:
            asked = self._endpoints[start:stop]
            results = await asyncio.gather(*(ask(history) for _, history in asked), return_exceptions=True)
            for (name, _), result in zip(asked, results, strict=True):
                if isinstance(result, ChainUnavailable):
                    failures.append(result)
                elif isinstance(result, BaseException):
                    raise result
                else:
                    answers.append((name, result, parts(result)))
            for name, answer, compared in answers:
                if sum(other == compared for _, _, other in answers) >= ALIKE:
                    self._tell(what, compared, answers, agreed=name)
                    return answer
        if len(answers) < ALIKE:
            raise _without_witness(failures)
        if self._tell(what, answers[0][2], answers, agreed=None):
            names = ", ".join(name for name, _, _ in answers)
            raise EndpointsDisagree(f"chain {self._chain_id}: {names} do not say the same of {what}")
        raise BlockVanished(f"chain {self._chain_id}: not every endpoint has {what} yet: look again")

    def _tell(
        self,
        what: str,
        held: Sequence[object],
        answers: Sequence[tuple[str, T, Sequence[object]]],
        agreed: str | None,
    ) -> bool:
        """Whether any answer contradicts what is held to be so, which is noted."""
        against = [name for name, _, said in answers if _contradict(held, said)]
        if against:
            self._doubts.contradicted(what, against if agreed is not None else [n for n, _, _ in answers])
        elif agreed is not None:
            self._doubts.confirmed([name for name, _, _ in answers])
        return bool(against)


def _contradict(held: Sequence[object], said: Sequence[object]) -> bool:
    """Whether both say something, and not the same; who has nothing (yet) is only behind."""
    return any(
        one != other for one, other in zip(held, said, strict=True) if one is not None and other is not None
    )


def _same_block(block: BlockRef) -> Sequence[object]:
    return [(block.number, block.hash, block.parent_hash, block.timestamp)]


def _same_blocks(blocks: Sequence[BlockRef | None]) -> Sequence[object]:
    """How final a block is need not be known to both at once."""
    return [block and _same_block(block)[0] for block in blocks]


def _parts(answers: Sequence[object]) -> Sequence[object]:
    return list(answers)


def _whole(answer: Sequence[object] | None) -> Sequence[object]:
    return [None if answer is None else list(answer)]


async def _gathered(asked: Sequence[Awaitable[T]]) -> tuple[list[T], list[ChainUnavailable]]:
    """What was answered, and how those failed that did not."""
    answers: list[T] = []
    failures: list[ChainUnavailable] = []
    for result in await asyncio.gather(*asked, return_exceptions=True):
        if isinstance(result, ChainUnavailable):
            failures.append(result)
        elif isinstance(result, BaseException):
            raise result
        else:
            answers.append(result)
    return answers, failures


def _without_witness(failures: Sequence[ChainUnavailable]) -> ChainUnavailable:
    """Why too few answered, as one of our errors: the one that says how to ask again, if any does."""
    for kind in (LogRangeTooWide, BlockVanished):
        for failure in failures:
            if isinstance(failure, kind):
                return failure
    said = "; ".join(map(str, failures))
    kinds = {type(failure) for failure in failures}
    kind_of_all = kinds.pop() if len(kinds) == 1 else ChainUnavailable
    return kind_of_all(f"fewer than {ALIKE} endpoints answer, and one alone is not believed: {said}")
