"""Reading a chain through one endpoint, at one block."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias, TypeVar

from colonnade.batched_reader import Outcome, Read, code_of
from colonnade.chains import BlockRef, Finality
from colonnade.errors import BlockVanished, ChainUnavailable, LensUnsupported
from colonnade.evm import AbiError
from infra.rpc.aggregate import Aggregate, doubtful
from infra.rpc.deadline import Deadline
from infra.rpc.endpoint import Endpoint
from infra.rpc.faults import Fault, classify
from infra.rpc.jsonrpc import RpcAnswer, RpcError, RpcRequest
from infra.rpc.plan import plan, waves
from infra.rpc.requests import (
    AnotherBlock,
    BlockName,
    CodeIgnored,
    NodeFailed,
    ParameterRefused,
    Request,
    Starved,
    one_by_one,
)
from infra.rpc.settings import ChainSettings
from infra.rpc.wire import MalformedValue, header

T = TypeVar("T")

Outcomes: TypeAlias = dict[Read, Outcome]

TAGS: Final = {
    Finality.PRECONFIRMED: "pending",
    Finality.CONFIRMED: "latest",
    Finality.SAFE: "safe",
    Finality.FINALIZED: "finalized",
}


class Session:
    """Reads through one endpoint, all within one deadline. What it raises names the endpoint."""

    def __init__(self, settings: ChainSettings, endpoint: Endpoint, deadline: Deadline) -> None:
        self.settings: Final = settings
        self._endpoint = endpoint
        self._deadline = deadline

    async def ask(self, requests: Sequence[RpcRequest]) -> list[RpcAnswer]:
        """The answers to `requests`, in order: one HTTP request for each `calls_per_request` of them."""
        most = self.settings.calls_per_request
        answers: list[RpcAnswer] = []
        for start in range(0, len(requests), most):
            answers += await self._endpoint.send(requests[start : start + most], self._deadline)
        return answers

    def value(self, answer: RpcAnswer) -> object:
        """What was answered. Raises `ChainUnavailable` for an error."""
        if isinstance(answer, RpcError):
            raise self.unavailable(answer)
        return answer.value

    def parsed(self, parse: Callable[[], T]) -> T:
        """What `parse` returns. Raises `ChainProtocolError` where it raises `MalformedValue`."""
        try:
            return parse()
        except MalformedValue as problem:
            failure = self.malformed(problem)
        raise failure

    def unavailable(self, said: object) -> ChainUnavailable:
        """What the node said instead of an answer, as one of our errors."""
        return self._endpoint.unavailable(said)

    def malformed(self, problem: object) -> ChainUnavailable:
        """What is wrong with an answer, as one of our errors."""
        return self._endpoint.malformed(problem)

    def vanished(self, what: str) -> BlockVanished:
        """Says that the endpoint does not have `what`."""
        return BlockVanished(f"{self._endpoint.name} does not have {what}: run the operation again")

    async def pin(self, reads: Sequence[Read]) -> tuple[BlockRef, Outcomes]:
        """The newest block of the wanted finality, and the outcomes of distinct `reads` at it.

        One HTTP request, unless a block arrives in the middle of it or the reads are too many for one.
        Raises `ChainUnavailable` and its subclasses.
        """
        first, *later = plan(reads, self.settings) or [[]]
        along = [request for request in first if request.tells_block]
        apart = [request for request in first if not request.tells_block]
        tag = TAGS[self.settings.finality]
        answers = await self._send(along, tag, with_header=True)
        block = self._block(answers.pop(), absent=f"it has no {tag} block")
        try:
            outcomes = await self._settle(along, answers, block)
        except AnotherBlock:
            outcomes = await self._read_wave(along, block)
        except ParameterRefused:
            raise self._refusal(along) from None
        for wave in (apart, *later):
            outcomes |= await self._read_wave(wave, block)
        return block, outcomes

    async def read(self, reads: Sequence[Read], block: BlockRef) -> Outcomes:
        """The outcomes of distinct `reads` at `block`.

        Raises `BlockVanished` if the endpoint does not have it, else as `pin` does.
        """
        outcomes: Outcomes = {}
        for wave in plan(reads, self.settings):
            outcomes |= await self._read_wave(wave, block)
        return outcomes

    async def _read_wave(self, requests: Sequence[Request], block: BlockRef) -> Outcomes:
        if not requests:
            return {}
        try:
            return await self._read_at(requests, block)
        except AnotherBlock:
            raise self.vanished(f"block {block.number} (any more)") from None
        except ParameterRefused:
            raise self._refusal(requests) from None

    async def _read_at(self, requests: Sequence[Request], block: BlockRef) -> Outcomes:
        if block.finality is Finality.PRECONFIRMED:
            try:
                return await self._read_as("pending", requests, block)
            except AnotherBlock:
                pass  # It has been sealed, and goes by its number now.
        elif not self._endpoint.refuses_block_hashes:
            by_hash = {"blockHash": "0x" + block.hash.hex(), "requireCanonical": True}
            try:
                return await self._read_as(by_hash, requests, block)
            except ParameterRefused:
                outcomes = await self._read_as(hex(block.number), requests, block)
                # Only now is it certain that the hash was what the node objected to.
                self._endpoint.refuses_block_hashes = True
                return outcomes
        return await self._read_as(hex(block.number), requests, block)

    async def _read_as(self, name: BlockName, requests: Sequence[Request], block: BlockRef) -> Outcomes:
        """The outcomes at `block`, called `name`; unless that is its hash, its header is read along and compared."""
        could_be_another = isinstance(name, str)
        answers = await self._send(requests, name, with_header=could_be_another)
        if could_be_another:
            there = self._block(answers.pop(), absent=None)
            # A pending block goes on growing under the same parent.
            pending = block.finality is Finality.PRECONFIRMED
            if (there.number, there.parent_hash) != (block.number, block.parent_hash) or (
                there.hash != block.hash and not pending
            ):
                raise AnotherBlock
        return await self._settle(requests, answers, block)

    async def _send(
        self, requests: Sequence[Request], block: BlockName, *, with_header: bool
    ) -> list[RpcAnswer]:
        calls = [request.at(block, self.settings.gas) for request in requests]
        if with_header:
            calls.append(RpcRequest("eth_getBlockByNumber", (block, False)))
        return await self._endpoint.send(calls, self._deadline)

    async def _settle(
        self, requests: Sequence[Request], answers: Sequence[RpcAnswer], block: BlockRef
    ) -> Outcomes:
        outcomes: Outcomes = {}
        again: list[Read] = []
        failure: ChainUnavailable | None = None
        try:
            for request, answer in zip(requests, answers, strict=True):
                try:
                    told = request.outcomes(answer, block)
                except Starved:
                    again += request.reads
                    continue
                outcomes |= zip(request.reads, told, strict=True)
                if isinstance(request, Aggregate):
                    again += doubtful(request.reads, told)
        except CodeIgnored:
            failure = LensUnsupported(f"{self._endpoint.name} ignores code that comes with a call")
        except NodeFailed as said:
            failure = self._endpoint.unavailable(said)
        except (MalformedValue, AbiError) as problem:
            failure = self._endpoint.malformed(problem)
        if failure is not None:
            raise failure  # Not in the handlers: it is not to drag along what the node said.
        for wave in waves(one_by_one(again, self.settings.gas), self.settings):
            outcomes |= await self._read_wave(wave, block)
        return outcomes

    def _block(self, answer: RpcAnswer, absent: str | None) -> BlockRef:
        """The block in `answer`; where the node knows of none, `AnotherBlock`, or unavailable for want of it."""
        if isinstance(answer, RpcError):
            if absent is None and classify(answer) is Fault.UNKNOWN_BLOCK:
                raise AnotherBlock
            raise self._endpoint.unavailable(answer)
        if answer.value is None:
            raise AnotherBlock if absent is None else self._endpoint.unavailable(absent)
        try:
            return header(answer.value, self.settings.chain_id, self.settings.finality)
        except MalformedValue as problem:
            raise self._endpoint.malformed(problem) from None

    def _refusal(self, requests: Sequence[Request]) -> ChainUnavailable:
        if any(code_of(read) is not None for request in requests for read in request.reads):
            return LensUnsupported(f"{self._endpoint.name} refuses code that comes with a call")
        return self._endpoint.malformed("it refuses the parameters of a call")
