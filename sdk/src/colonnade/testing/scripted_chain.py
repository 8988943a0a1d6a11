"""Chains whose contracts say what a test wrote down, with the block semantics of the real ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from colonnade.batched_reader import BatchedReader, NativeBalance, Outcome, Read
from colonnade.chains import BASE, BlockRef, Call, ChainId, ChainReader, Finality
from colonnade.errors import CallReverted, ChainUnavailable, UnknownChain
from colonnade.evm import Address, Function, encode, parse_address, revert_reason

Script: TypeAlias = "Outcome | Callable[[Call], Outcome]"

BLOCK_TIME: Final = timedelta(seconds=2)


class UnscriptedCall(LookupError):
    """A contract that the test did script was asked something that it did not."""


@dataclass(frozen=True, slots=True)
class _State:
    """What there is to read at one block."""

    block: BlockRef
    scripts: Mapping[tuple[Address, bytes], Script]
    balances: Mapping[Address, int]

    def outcome(self, read: Read) -> Outcome:
        if isinstance(read, NativeBalance):
            return self.balances.get(read.account, 0).to_bytes(32, "big")
        for data in (read.data, read.data[:4], b""):
            script = self.scripts.get((read.to, data))
            if script is not None:
                return script(read) if callable(script) else script
        if any(to == read.to for to, _ in self.scripts):
            raise UnscriptedCall(
                f"{read.to} is scripted, but not for 0x{read.data[:4].hex()} (calldata 0x{read.data.hex()})"
            )
        return b""


class ScriptedChain:
    """One chain: an address nothing was scripted for has no code, and answers empty bytes.

    `round_trips` counts the batches that readers asked for; while `outage` is set, they raise it. What is scripted
    holds from the block that is current; a reader that has pinned a block goes on seeing what held when it did.
    """

    def __init__(self, chain_id: ChainId = BASE, *, finality: Finality = Finality.CONFIRMED) -> None:
        self.chain_id: Final = chain_id
        self.round_trips = 0
        self.outage: ChainUnavailable | None = None
        genesis = BlockRef(
            chain_id=chain_id,
            number=0,
            hash=_hash(chain_id, 0, b""),
            parent_hash=bytes(32),
            timestamp=datetime(2026, 1, 1, tzinfo=UTC),
            finality=finality,
            base_fee=1_000_000,
        )
        self._state = _State(genesis, {}, {})
        self.mine()

    @property
    def block(self) -> BlockRef:
        """The current block; the first one is number 1."""
        return self._state.block

    def mine(self, blocks: int = 1) -> BlockRef:
        """Let `blocks` pass, two seconds each; the new current one."""
        for _ in range(blocks):
            parent = self._state.block
            block = replace(
                parent,
                number=parent.number + 1,
                hash=_hash(self.chain_id, parent.number + 1, parent.hash),
                parent_hash=parent.hash,
                timestamp=parent.timestamp + BLOCK_TIME,
            )
            self._state = replace(self._state, block=block)
        return self._state.block

    def answer(self, to: Address, data: bytes, outcome: Script) -> None:
        """Have calls of `to` answered with `outcome`, or with what it makes of the call.

        `data`: their whole calldata, or their selector, or nothing for any call; what says most wins.
        """
        self._state = replace(
            self._state, scripts={**self._state.scripts, (parse_address(to), data): outcome}
        )

    def returns(
        self, to: Address, function: str, *values: object, arguments: Sequence[object] | None = None
    ) -> None:
        """Have `function`, a Solidity declaration, return `values`; for these `arguments` only, if given."""
        parsed = Function.parse(function)
        returned = encode([str(output.type) for output in parsed.outputs], values)
        self.answer(to, _addressed(parsed, arguments), returned)

    def reverts(
        self, to: Address, function: str, data: bytes = b"", *, arguments: Sequence[object] | None = None
    ) -> None:
        """Have `function`, a Solidity declaration, revert with `data`; for these `arguments` only, if given."""
        self.answer(
            to, _addressed(Function.parse(function), arguments), CallReverted(data, revert_reason(data))
        )

    def set_balance(self, account: Address, wei: int) -> None:
        """Give `account` this native balance."""
        self._state = replace(self._state, balances={**self._state.balances, parse_address(account): wei})

    def reader(self) -> ChainReader:
        """A reader for one operation."""
        return BatchedReader(self.chain_id, _Source(self._ask))

    def _ask(self) -> _State:
        self.round_trips += 1
        if self.outage is not None:
            raise self.outage
        return self._state


class ScriptedChains:
    """A `Chains` of scripted ones."""

    def __init__(self, *chains: ScriptedChain) -> None:
        self._chains = {chain.chain_id: chain for chain in chains}

    def __getitem__(self, chain_id: ChainId) -> ScriptedChain:
        return self._chains[chain_id]

    def reader(self, chain_id: ChainId) -> ChainReader:
        """A reader for one operation. Raises `UnknownChain`."""
        chain = self._chains.get(chain_id)
        if chain is None:
            raise UnknownChain(f"chain {chain_id} is not scripted in this test")
        return chain.reader()


class _Source:
    """One operation's view: the state as it was when the block was pinned."""

    def __init__(self, ask: Callable[[], _State]) -> None:
        self._ask = ask
        self._pinned: _State | None = None

    async def pin(self, reads: Sequence[Read]) -> tuple[BlockRef, Mapping[Read, Outcome]]:
        state = self._pinned = self._ask()
        return state.block, {read: state.outcome(read) for read in reads}

    async def read(self, reads: Sequence[Read], block: BlockRef) -> Mapping[Read, Outcome]:
        self._ask()
        assert self._pinned is not None, f"block {block.number} was pinned by another reader"
        return {read: self._pinned.outcome(read) for read in reads}


def _addressed(function: Function, arguments: Sequence[object] | None) -> bytes:
    return function.selector if arguments is None else function.encode(*arguments)


def _hash(chain_id: ChainId, number: int, parent: bytes) -> bytes:
    return hashlib.sha256(b"%d:%d:%b" % (chain_id, number, parent)).digest()
