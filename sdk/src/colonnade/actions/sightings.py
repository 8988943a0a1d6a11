"""What a chain shows of many actions at once, in as few round trips as it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from colonnade.actions.finding import canonical_blocks, find_operations
from colonnade.actions.proving import Mined
from colonnade.actions.records import Action, Sent
from colonnade.actions.storage import current_step
from colonnade.chains import BlockRef, ChainHistory, ChainId, Finality, Receipt, Transaction
from colonnade.context import Context
from colonnade.evm import Address


@dataclass(frozen=True, slots=True)
class Sightings:
    """What a node showed. `blocks`: the canonical ones that hold what was sent, or did. `counts`: next nonces of the
    senders of what has vanished, as of the safe block: what took a nonce in a newer one may be taken back, and nobody
    looks at a replaced action again.
    """

    operations: Mapping[bytes, bytes]
    receipts: Mapping[bytes, Receipt]
    blocks: Mapping[bytes, BlockRef]
    transactions: Mapping[bytes, Transaction]
    counts: Mapping[Address, int]

    def transaction_of(self, sent: Sent) -> bytes | None:
        """The transaction that holds what was sent, as of now."""
        if sent.user_operation is None:
            return sent.transaction
        return self.operations.get(sent.user_operation, sent.transaction)

    def mined(self, sent: Sent) -> Mined | None:
        """What was sent, if a block that counts holds it."""
        hash_ = self.transaction_of(sent)
        receipt = None if hash_ is None else self.receipts.get(hash_)
        block = None if receipt is None else self.blocks.get(receipt.block_hash)
        transaction = None if hash_ is None else self.transactions.get(hash_)
        if receipt is None or block is None or transaction is None:
            return None
        return Mined(transaction, receipt, block)

    def is_between_blocks(self, sent: Sent) -> bool:
        """Whether a receipt was seen of a block that was not, or is no longer, or a transaction of a block without its
        receipt: nothing is to be concluded of that."""
        hash_ = self.transaction_of(sent)
        if hash_ is None or self.mined(sent) is not None:
            return False
        transaction = self.transactions.get(hash_)
        return hash_ in self.receipts or (transaction is not None and transaction.block_hash is not None)


async def look(context: Context, chain_id: ChainId, actions: Sequence[Action], head: int) -> Sightings:
    """What the chain shows of what was last sent for each of `actions`, at most a hundred. Raises `ChainUnavailable`."""
    history = context.chains.history(chain_id)
    sent = {action.id: _sent(action) for action in actions}
    known = [one.transaction for one in sent.values() if one.transaction is not None]
    receipts = await _receipts(history, known)
    lost = [
        action
        for action in actions
        if sent[action.id].user_operation is not None and sent[action.id].transaction not in receipts
    ]
    operations = await _operations(history, lost, head)
    receipts |= await _receipts(history, list(operations.values()))
    hashes = list(dict.fromkeys([*known, *operations.values()]))
    heights = [receipt.block_number for receipt in receipts.values()]
    heights += [one.block_number for one in sent.values() if one.block_number is not None]
    blocks, transactions = await asyncio.gather(
        canonical_blocks(history, heights), history.transactions(hashes)
    )
    shown = {transaction.hash: transaction for transaction in transactions if transaction is not None}
    vanished = {
        one.sender
        for one in sent.values()
        if one.sender is not None
        and one.user_operation is None
        and one.transaction is not None
        and one.transaction not in shown
        and one.transaction not in receipts
    }
    counts = await asyncio.gather(*(history.transaction_count(sender, Finality.SAFE) for sender in vanished))
    return Sightings(operations, receipts, blocks, shown, dict(zip(vanished, counts, strict=True)))


def _sent(action: Action) -> Sent:
    sent = action.progress[current_step(action)].sent
    assert sent is not None, "only what was sent is followed"
    return sent


async def _receipts(history: ChainHistory, hashes: Sequence[bytes]) -> dict[bytes, Receipt]:
    receipts = await history.receipts(hashes)
    return {receipt.transaction_hash: receipt for receipt in receipts if receipt is not None}


async def _operations(history: ChainHistory, actions: Sequence[Action], head: int) -> Mapping[bytes, bytes]:
    hashes = [sent.user_operation for sent in map(_sent, actions) if sent.user_operation is not None]
    if not hashes:
        return {}
    return await find_operations(
        history, hashes, min(action.prepared_at_block or 0 for action in actions), head
    )
