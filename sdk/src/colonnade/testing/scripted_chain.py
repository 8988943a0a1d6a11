"""Chains whose contracts say what a test wrote down, with the block semantics of the real ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from colonnade.batched_reader import BatchedReader, Outcome, Read
from colonnade.chains import (
    BASE,
    BlockRef,
    ChainHistory,
    ChainId,
    ChainReader,
    Finality,
    SimulatedCall,
    SimulatedResult,
)
from colonnade.errors import (
    BlockVanished,
    CallReverted,
    ChainUnavailable,
    SimulationUnsupported,
    UnknownChain,
)
from colonnade.evm import Address, Function, encode, parse_address, revert_reason
from colonnade.testing.scripted_answers import Script, ScriptedState, SimulationScript, UnscriptedCall
from colonnade.testing.scripted_history import ScriptedHistory
from colonnade.testing.scripted_ledger import BLOCK_TIME, Emitted, ScriptedLedger

__all__ = ["BLOCK_TIME", "Emitted", "ScriptedChain", "ScriptedChains", "UnscriptedCall"]


class ScriptedChain:
    """One chain: an address nothing was scripted for has no code, and answers empty bytes.

    `round_trips` counts the batches that readers and histories asked for; while `outage` is set, they raise it. What
    is scripted holds from the block that is current; a reader that has pinned a block goes on seeing what held when
    it did. `safe_after` and `final_after`: how many blocks the safe and the finalized heads are behind;
    `widest_logs`: the most blocks that a question for logs may span; `simulates`: whether it simulates at all.
    """

    def __init__(self, chain_id: ChainId = BASE, *, finality: Finality = Finality.CONFIRMED) -> None:
        self.chain_id: Final = chain_id
        self.round_trips = 0
        self.outage: ChainUnavailable | None = None
        self.safe_after = 1
        self.final_after = 2
        self.widest_logs = 10_000
        self.simulates = True
        self._ledger = ScriptedLedger(chain_id, finality)
        self._state = ScriptedState(self._ledger.latest)
        self.mine()

    @property
    def block(self) -> BlockRef:
        """The current block; the first one is number 1."""
        return self._state.block

    def mine(self, blocks: int = 1) -> BlockRef:
        """Let `blocks` pass, two seconds each, the first with every transaction that waits; the new current one."""
        for _ in range(blocks):
            self._state = replace(self._state, block=self._ledger.mine())
        return self._state.block

    def submit(
        self,
        sender: Address,
        to: Address | None,
        data: bytes = b"",
        *,
        value: int = 0,
        logs: Sequence[Emitted] = (),
        succeeded: bool = True,
        nonce: int | None = None,
    ) -> bytes:
        """Have a transaction wait for the next block, where it leaves `logs`, unless it fails; its hash.

        `nonce`: that of one that waits replaces it. Balances do not move and contracts do not change: script that.
        """
        return self._ledger.submit(sender, to, data, value, logs, succeeded, nonce)

    def drop(self, transaction: bytes) -> None:
        """Forget a transaction that waits."""
        del self._ledger.waiting[transaction]

    def reorganise(
        self, depth: int = 1, *, including: Iterable[bytes] = (), blocks: int | None = None
    ) -> BlockRef:
        """Take back the last `depth` blocks and mine `blocks` others, as many unless said; the new current one.

        The transactions in them wait again, but those in `including` (or others that wait) are in the first of the
        new blocks. Readers that pinned a block which is gone raise `BlockVanished`; what was scripted stays.
        """
        self._ledger.take_back(depth)
        self._ledger.mine(including)
        for _ in range((depth if blocks is None else blocks) - 1):
            self._ledger.mine(())
        self._state = replace(self._state, block=self._ledger.latest)
        return self._state.block

    def when_simulated(self, to: Address, data: bytes, result: SimulationScript) -> None:
        """Have simulated transactions to `to` give `result`, or what it makes of the call; addressed as `answer` is.

        Without it they give what a read of the contract gives. A `Transfer` of the chain's own coin is put before
        the logs of a call that carries a value.
        """
        self._state = replace(
            self._state, simulations={**self._state.simulations, (parse_address(to), data): result}
        )

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
        return BatchedReader(self.chain_id, _Source(self._ask, self._ask_again, self._may_simulate))

    def history(self) -> ChainHistory:
        """What the chain has recorded."""
        return ScriptedHistory(self._ledger, self._ask, self._behind, lambda: self.widest_logs)

    def _behind(self) -> Mapping[Finality, int]:
        return {Finality.SAFE: self.safe_after, Finality.FINALIZED: self.final_after}

    def _ask(self) -> ScriptedState:
        self.round_trips += 1
        if self.outage is not None:
            raise self.outage
        return self._state

    def _ask_again(self, block: BlockRef) -> None:
        self._ask()
        if not self._ledger.is_canonical(block):
            raise BlockVanished(f"block {block.number} was taken back: run the operation again")

    def _may_simulate(self) -> None:
        if not self.simulates:
            raise SimulationUnsupported("this chain does not simulate transactions")


class ScriptedChains:
    """A `Chains` of scripted ones."""

    def __init__(self, *chains: ScriptedChain) -> None:
        self._chains = {chain.chain_id: chain for chain in chains}

    def __getitem__(self, chain_id: ChainId) -> ScriptedChain:
        return self._chains[chain_id]

    def reader(self, chain_id: ChainId) -> ChainReader:
        """A reader for one operation. Raises `UnknownChain`."""
        return self._chain(chain_id).reader()

    def history(self, chain_id: ChainId) -> ChainHistory:
        """What the chain has recorded. Raises `UnknownChain`."""
        return self._chain(chain_id).history()

    def witnessed(self, chain_id: ChainId) -> ChainHistory:
        """The same: a scripted chain contradicts nobody. Raises `UnknownChain`."""
        return self.history(chain_id)

    def _chain(self, chain_id: ChainId) -> ScriptedChain:
        chain = self._chains.get(chain_id)
        if chain is None:
            raise UnknownChain(
                f"chain {chain_id} is not scripted: pass chains=ScriptedChains(ScriptedChain({chain_id})) to the harness, "
                "or for `colonnade dev` to the Surroundings"
            )
        return chain


class _Source:
    """One operation's view: the state as it was when the block was pinned."""

    def __init__(
        self,
        ask: Callable[[], ScriptedState],
        ask_again: Callable[[BlockRef], None],
        may_simulate: Callable[[], None],
    ) -> None:
        self._ask = ask
        self._ask_again = ask_again
        self._may_simulate = may_simulate
        self._pinned: ScriptedState | None = None

    async def pin(self, reads: Sequence[Read]) -> tuple[BlockRef, Mapping[Read, Outcome]]:
        state = self._pinned = self._ask()
        return state.block, {read: state.outcome(read) for read in reads}

    async def read(self, reads: Sequence[Read], block: BlockRef) -> Mapping[Read, Outcome]:
        state = self._state_at(block)
        return {read: state.outcome(read) for read in reads}

    async def simulate(self, calls: Sequence[SimulatedCall], block: BlockRef) -> Sequence[SimulatedResult]:
        state = self._state_at(block)
        self._may_simulate()
        return state.simulate(calls)

    def _state_at(self, block: BlockRef) -> ScriptedState:
        self._ask_again(block)
        assert self._pinned is not None, f"block {block.number} was pinned by another reader"
        return self._pinned


def _addressed(function: Function, arguments: Sequence[object] | None) -> bytes:
    return function.selector if arguments is None else function.encode(*arguments)
