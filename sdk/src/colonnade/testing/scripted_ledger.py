"""The blocks of a scripted chain and the transactions in them, which a test mines and takes back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from colonnade.chains import BlockRef, ChainId, Finality, Log, Receipt, Transaction
from colonnade.evm import Address, parse_address

BLOCK_TIME: Final = timedelta(seconds=2)
BASE_FEE: Final = 1_000_000
_GAS: Final = 21_000


@dataclass(frozen=True, slots=True)
class Emitted:
    """A log that a scripted transaction leaves behind. `topics`: 32 bytes each."""

    address: Address
    topics: tuple[bytes, ...] = ()
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Intended:
    """A transaction, and what it does once it is mined."""

    transaction: Transaction
    emitted: tuple[Emitted, ...]
    succeeded: bool


@dataclass(frozen=True, slots=True)
class Mined:
    """A block, with what is in it."""

    block: BlockRef
    transactions: tuple[Transaction, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    intended: tuple[Intended, ...] = ()


class ScriptedLedger:
    """The canonical blocks, from number 0, and the transactions that wait."""

    def __init__(self, chain_id: ChainId, finality: Finality) -> None:
        self.chain_id: Final = chain_id
        genesis = BlockRef(
            chain_id=chain_id,
            number=0,
            hash=_hash(chain_id, 0, b""),
            parent_hash=bytes(32),
            timestamp=datetime(2026, 1, 1, tzinfo=UTC),
            finality=finality,
            base_fee=BASE_FEE,
        )
        self.mined: list[Mined] = [Mined(genesis)]
        self.waiting: dict[bytes, Intended] = {}
        self._forks = 0
        self._submitted = 0

    @property
    def latest(self) -> BlockRef:
        return self.mined[-1].block

    def at(self, number: int) -> Mined | None:
        """The canonical block of this height."""
        return self.mined[number] if 0 <= number < len(self.mined) else None

    def is_canonical(self, block: BlockRef) -> bool:
        """Whether a block is still part of the chain."""
        there = self.at(block.number)
        return there is not None and there.block.hash == block.hash

    def submit(
        self,
        sender: Address,
        to: Address | None,
        data: bytes,
        value: int,
        emitted: Sequence[Emitted],
        succeeded: bool,
        nonce: int | None,
    ) -> bytes:
        """Have a transaction wait; its hash. It replaces the one of the same nonce that waits."""
        self._submitted += 1
        sender = parse_address(sender)
        waiting = sum(intended.transaction.sender == sender for intended in self.waiting.values())
        number = self.transaction_count(sender) + waiting if nonce is None else nonce
        transaction = Transaction(
            hash=_hash(self.chain_id, self._submitted, sender.encode()),
            sender=sender,
            to=None if to is None else parse_address(to),
            nonce=number,
            value=value,
            data=data,
            chain_id=self.chain_id,
            block_number=None,
            block_hash=None,
        )
        self._forget(sender, number)
        self.waiting[transaction.hash] = Intended(transaction, tuple(emitted) if succeeded else (), succeeded)
        return transaction.hash

    def mine(self, including: Iterable[bytes] | None = None) -> BlockRef:
        """One block more, with these waiting transactions, or all of them."""
        wanted = list(self.waiting) if including is None else list(including)
        intended = [self.waiting.pop(hash_) for hash_ in wanted]
        parent = self.latest
        salt = b"%d" % self._forks if self._forks else b""
        salt += b"".join(one.transaction.hash for one in intended)
        block = replace(
            parent,
            number=parent.number + 1,
            hash=_hash(self.chain_id, parent.number + 1, parent.hash + salt),
            parent_hash=parent.hash,
            timestamp=parent.timestamp + BLOCK_TIME,
        )
        for one in intended:
            self._forget(one.transaction.sender, one.transaction.nonce)
        self.mined.append(
            Mined(
                block,
                tuple(
                    replace(one.transaction, block_number=block.number, block_hash=block.hash)
                    for one in intended
                ),
                tuple(_receipts(intended, block)),
                tuple(intended),
            )
        )
        return block

    def take_back(self, depth: int) -> None:
        """Remove the newest blocks; what was in them waits again, and what is mined next hashes differently."""
        if not 1 <= depth < len(self.mined):
            raise ValueError(f"{len(self.mined) - 1} blocks can be taken back, not {depth}")
        taken = self.mined[-depth:]
        del self.mined[-depth:]
        self._forks += 1
        again = {one.transaction.hash: one for block in taken for one in block.intended}
        self.waiting = {**again, **self.waiting}

    def transaction_count(self, sender: Address, until: int | None = None) -> int:
        """How many transactions of `sender` the blocks up to number `until` hold."""
        blocks = self.mined if until is None else self.mined[: until + 1]
        return sum(t.sender == sender for block in blocks for t in block.transactions)

    def transactions(self) -> Iterator[Transaction]:
        """Every transaction that is mined or waits."""
        for block in self.mined:
            yield from block.transactions
        for intended in self.waiting.values():
            yield intended.transaction

    def _forget(self, sender: Address, nonce: int) -> None:
        self.waiting = {
            hash_: one
            for hash_, one in self.waiting.items()
            if (one.transaction.sender, one.transaction.nonce) != (sender, nonce)
        }


def _receipts(intended: Sequence[Intended], block: BlockRef) -> Iterator[Receipt]:
    log_index = 0
    for index, one in enumerate(intended):
        logs = tuple(
            Log(
                address=parse_address(emitted.address),
                topics=emitted.topics,
                data=emitted.data,
                index=log_index + position,
                block_number=block.number,
                block_hash=block.hash,
                transaction_hash=one.transaction.hash,
            )
            for position, emitted in enumerate(one.emitted)
        )
        log_index += len(logs)
        yield Receipt(
            transaction_hash=one.transaction.hash,
            block_number=block.number,
            block_hash=block.hash,
            transaction_index=index,
            sender=one.transaction.sender,
            to=one.transaction.to,
            succeeded=one.succeeded,
            gas_used=_GAS,
            gas_price=block.base_fee,
            logs=logs,
        )


def _hash(chain_id: ChainId, number: int, parent: bytes) -> bytes:
    return hashlib.sha256(b"%d:%d:%b" % (chain_id, number, parent)).digest()
