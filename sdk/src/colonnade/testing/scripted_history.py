"""`ChainHistory` over the blocks that a test mined."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from colonnade.chains import BlockRef, ChainId, Finality, Log, LogFilter, Receipt, Transaction
from colonnade.errors import BlockVanished, ChainUnavailable, LogRangeTooWide
from colonnade.evm import Address, parse_address
from colonnade.testing.scripted_ledger import ScriptedLedger


class ScriptedHistory:
    """What a scripted chain has recorded.

    `ask` is called for each round trip, and raises an outage; `behind`: how many blocks the head of a finality is
    behind the newest; `widest`: the most blocks that `logs` answers for.
    """

    def __init__(
        self,
        ledger: ScriptedLedger,
        ask: Callable[[], object],
        behind: Callable[[], Mapping[Finality, int]],
        widest: Callable[[], int],
    ) -> None:
        self._ledger = ledger
        self._ask = ask
        self._behind = behind
        self._widest = widest

    @property
    def chain_id(self) -> ChainId:
        return self._ledger.chain_id

    async def head(self, finality: Finality = Finality.CONFIRMED) -> BlockRef:
        """See `ChainHistory.head`."""
        self._ask()
        return self._head(finality)

    async def heads(self) -> tuple[BlockRef, BlockRef, BlockRef]:
        """See `ChainHistory.heads`."""
        self._ask()
        return self._head(Finality.CONFIRMED), self._head(Finality.SAFE), self._head(Finality.FINALIZED)

    async def blocks(self, numbers: Sequence[int]) -> Sequence[BlockRef | None]:
        """See `ChainHistory.blocks`."""
        self._ask_about(numbers)
        return [self._weighed(number) for number in numbers]

    async def transactions(self, hashes: Sequence[bytes]) -> Sequence[Transaction | None]:
        """See `ChainHistory.transactions`."""
        self._ask_about(hashes)
        known = {transaction.hash: transaction for transaction in self._ledger.transactions()}
        return [known.get(hash_) for hash_ in hashes]

    async def receipts(self, hashes: Sequence[bytes]) -> Sequence[Receipt | None]:
        """See `ChainHistory.receipts`."""
        self._ask_about(hashes)
        known = {receipt.transaction_hash: receipt for receipt in self._receipts()}
        return [known.get(hash_) for hash_ in hashes]

    async def block_receipts(self, block_hash: bytes) -> Sequence[Receipt] | None:
        """See `ChainHistory.block_receipts`."""
        self._ask()
        return next((m.receipts for m in self._ledger.mined if m.block.hash == block_hash), None)

    async def logs(self, wanted: LogFilter, first: int, last: int) -> Sequence[Log]:
        """See `ChainHistory.logs`."""
        if first > last:
            return ()
        self._ask()
        if last - first + 1 > self._widest():
            raise LogRangeTooWide(f"this chain answers for {self._widest()} blocks at once; ask for fewer")
        if self._ledger.at(last) is None:
            raise BlockVanished(f"block {last} is not mined yet: run the operation again")
        addresses = {parse_address(address) for address in wanted.addresses}
        return [
            log
            for receipt in self._receipts()
            if first <= receipt.block_number <= last
            for log in receipt.logs
            if (not addresses or log.address in addresses)
            and (not wanted.topics or set(log.topics[:1]) & set(wanted.topics))
            and (not wanted.second_topics or set(log.topics[1:2]) & set(wanted.second_topics))
        ]

    async def transaction_count(self, account: Address, finality: Finality = Finality.CONFIRMED) -> int:
        """See `ChainHistory.transaction_count`."""
        self._ask()
        sender = parse_address(account)
        if finality is Finality.PRECONFIRMED:
            return sum(transaction.sender == sender for transaction in self._ledger.transactions())
        return self._ledger.transaction_count(sender, self._head(finality).number)

    def _ask_about(self, asked: Sequence[object]) -> None:
        if asked:
            self._ask()

    def _head(self, finality: Finality) -> BlockRef:
        number = self._ledger.latest.number - self._behind().get(finality, 0)
        mined = self._ledger.at(number)
        if mined is None:
            raise ChainUnavailable(f"this chain has no {finality.value} block yet: mine more")
        return replace(mined.block, finality=finality)

    def _weighed(self, number: int) -> BlockRef | None:
        mined = self._ledger.at(number)
        if mined is None:
            return None
        behind, depth = self._behind(), self._ledger.latest.number - number
        for finality in (Finality.FINALIZED, Finality.SAFE):
            if depth >= behind[finality]:
                return replace(mined.block, finality=finality)
        return replace(mined.block, finality=Finality.CONFIRMED)

    def _receipts(self) -> Sequence[Receipt]:
        return [receipt for mined in self._ledger.mined for receipt in mined.receipts]
