"""The `Operator` port: one account that signs, a book that decides, a chain that is told."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import Final, Protocol

from colonnade.chains import ChainHistory, ChainId, Finality
from colonnade.errors import OperatorRefused, StoreConflict
from colonnade.evm import parse_address
from colonnade.evm.transactions import FeeTransaction
from colonnade.operator import Operation, OperatorStatus, Sent
from infra.operator.book import Book, over_cap
from infra.operator.entries import Entry
from infra.operator.fees import offered, outbidding
from infra.operator.settings import OperatorSettings
from infra.operator.signers import Signer
from infra.rpc.refusals import NotTaken
from infra.rpc.sending import JsonRpcSender, Outlook

log = logging.getLogger(__name__)

_NONCES_TRIED: Final = 50
_LARGEST_DATA: Final = 96 * 1024
_LONGEST_KEY: Final = 256


class SendingChains(Protocol):
    """Chains that take signed transactions."""

    def history(self, chain_id: ChainId) -> ChainHistory: ...

    def sender(self, chain_id: ChainId) -> JsonRpcSender: ...


class AccountOperator:
    """Passes the contract test of `Operator`; safe to use from several threads, event loops and processes."""

    def __init__(self, settings: OperatorSettings, signer: Signer, book: Book, chains: SendingChains) -> None:
        self._settings = settings
        self._signer = signer
        self._book = book
        self._chains = chains

    async def send(self, operation: Operation) -> Sent:
        """See `Operator.send`."""
        if not 0 < len(operation.key) <= _LONGEST_KEY:
            raise OperatorRefused(f"an operation has a key of 1 to {_LONGEST_KEY} characters")
        wanted = replace(operation, to=parse_address(operation.to))
        found = await self._book.find(wanted.chain_id, wanted.key)
        if found is not None:
            _check_same(found, wanted)
            return await self._look(found)
        cap = self._allowed(wanted)
        entry = await self._enter(wanted, cap)
        _check_same(entry, wanted)
        await self._broadcast(entry, entry.raw)
        return entry.sent(OperatorStatus.PENDING)

    async def follow(self, chain_id: ChainId, key: str) -> Sent:
        """See `Operator.follow`."""
        found = await self._book.find(chain_id, key)
        if found is None:
            raise OperatorRefused(
                f"nothing was sent on chain {chain_id} under the key {key!r}: send it first"
            )
        return await self._look(found)

    def _allowed(self, operation: Operation) -> int:
        """What may be spent on the operation's chain in a day."""
        cap = self._settings.daily_caps.get(operation.chain_id)
        if cap is None:
            raise OperatorRefused(
                f"the operator does not send to chain {operation.chain_id}: name it in COLONNADE_OPERATOR_DAILY_CAPS"
            )
        if operation.to not in self._settings.recipients:
            raise OperatorRefused(
                f"the operator may not call {operation.to}: add it to COLONNADE_OPERATOR_RECIPIENTS"
            )
        if len(operation.data) > _LARGEST_DATA:
            raise OperatorRefused(
                f"operation {operation.key!r} has more than {_LARGEST_DATA:,} bytes of data"
            )
        if operation.value < 0:
            raise OperatorRefused(f"operation {operation.key!r} has a negative value")
        return cap

    async def _enter(self, operation: Operation, cap: int) -> Entry:
        sender = await self._signer.address()
        outlook, spent = await asyncio.gather(
            self._chains.sender(operation.chain_id).outlook(
                sender, operation.to, operation.data, operation.value
            ),
            self._book.spent(operation.chain_id, sender),
        )
        for _ in range(_NONCES_TRIED):
            given = await self._book.next_nonce(operation.chain_id, sender)
            transaction = self._transaction(operation, outlook, max(given, outlook.nonce))
            if spent + transaction.most > cap:
                raise over_cap(operation.key, operation.chain_id)
            raw = await self._signed(transaction)
            entry = Entry.first(operation.key, sender, transaction, raw, self._book.now())
            # Signed bytes that are not kept have been seen by nobody: only what is kept is ever sent.
            kept = await self._book.enter(entry, cap)
            if kept is not None:
                return kept
        raise StoreConflict(
            f"{_NONCES_TRIED} nonces in a row were taken by others: send {operation.key!r} again"
        )

    def _transaction(self, operation: Operation, outlook: Outlook, nonce: int) -> FeeTransaction:
        max_fee, max_tip = offered(outlook.fees)
        return FeeTransaction(
            chain_id=operation.chain_id,
            nonce=nonce,
            to=operation.to,
            data=operation.data,
            value=operation.value,
            gas=outlook.gas + outlook.gas * self._settings.gas_margin // 100,
            max_fee=max_fee,
            max_tip=max_tip,
        )

    async def _signed(self, transaction: FeeTransaction) -> bytes:
        return transaction.signed(await self._signer.sign(transaction.digest))

    async def _look(self, entry: Entry) -> Sent:
        if entry.outcome is not None:
            return entry.sent(entry.outcome)
        history = self._chains.history(ChainId(entry.transaction.chain_id))
        receipts = await history.receipts(entry.hashes)
        receipt = next((receipt for receipt in receipts if receipt is not None), None)
        if receipt is None:
            return await self._push(entry, history)
        (block,) = await history.blocks([receipt.block_number])
        if block is None or block.hash != receipt.block_hash or block.finality is not Finality.FINALIZED:
            return entry.sent(OperatorStatus.MINED)
        outcome = OperatorStatus.FINALIZED if receipt.succeeded else OperatorStatus.REVERTED
        await self._book.settle(entry, outcome)
        return entry.sent(outcome)

    async def _push(self, entry: Entry, history: ChainHistory) -> Sent:
        """Send what waits again, with whatever it waits for, and replace what has waited too long."""
        nonce = entry.transaction.nonce
        used = await history.transaction_count(entry.sender)
        if used > nonce:
            await self._require_not_lost(entry, history)
            return entry.sent(OperatorStatus.PENDING)
        earlier = await self._book.earlier(entry, used) if used < nonce else ()
        waiting = [await self._replaced_if_late(one) for one in (*earlier, entry)]
        await self._broadcast(waiting[-1], *(one.raw for one in waiting))
        return waiting[-1].sent(OperatorStatus.PENDING)

    async def _require_not_lost(self, entry: Entry, history: ChainHistory) -> None:
        """Raises `OperatorRefused` where a transaction that is none of the operation's used its nonce for good."""
        nonce, chain_id = entry.transaction.nonce, entry.transaction.chain_id
        if await history.transaction_count(entry.sender, Finality.FINALIZED) <= nonce:
            return
        # Another process may have replaced it since it was read, and a receipt may have come since it was asked for.
        newest = await self._book.find(chain_id, entry.key) or entry
        if not any(await history.receipts(newest.hashes)):
            raise OperatorRefused(
                f"operation {entry.key!r} can never be mined: its nonce {nonce} was used by a transaction that "
                "the operator did not send. Keep its key from everybody else, and use another key for this operation"
            )

    async def _replaced_if_late(self, entry: Entry) -> Entry:
        waited = (self._book.now() - entry.signed_at).total_seconds()
        late = waited >= self._settings.replace_after_seconds
        if not late or len(entry.hashes) >= self._settings.most_transactions:
            return entry
        if entry.sender != await self._signer.address():
            return entry  # The key was changed since: what it signed can be sent, but not signed anew.
        chain_id = ChainId(entry.transaction.chain_id)
        cap = self._settings.daily_caps.get(chain_id, 0)
        transaction = outbidding(entry.transaction, await self._chains.sender(chain_id).fees())
        extra = transaction.most - entry.transaction.most
        try:
            if await self._book.spent(chain_id, entry.sender) + extra > cap:
                raise over_cap(entry.key, chain_id)
            newer = entry.replaced(transaction, await self._signed(transaction), self._book.now())
            return await self._book.replace(newer, extra, cap)
        except OperatorRefused as refusal:
            log.warning("not replaced: %s", refusal)  # It stays in the race for what it offers.
            return entry

    async def _broadcast(self, entry: Entry, *signed: bytes) -> None:
        try:
            await self._chains.sender(ChainId(entry.transaction.chain_id)).broadcast(*signed)
        except NotTaken as refusal:
            # It is kept, and sent again whenever it is followed; higher fees may help it then.
            log.warning("operation %r waits: %s", entry.key, refusal)


def _check_same(entry: Entry, operation: Operation) -> None:
    if not entry.carries(operation):
        raise OperatorRefused(
            f"the key {operation.key!r} stands for another operation: give each operation a key of its own"
        )
