"""Many reads in one `eth_call`: Multicall3's `aggregate3`, which also tells the block it ran in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from colonnade.batched_reader import NativeBalance, Outcome, Read, code_of
from colonnade.chains import BlockRef
from colonnade.errors import CallReverted
from colonnade.evm import Address, Function
from infra.rpc.faults import Fault, classify, reverted
from infra.rpc.jsonrpc import RpcAnswer, RpcError, RpcRequest
from infra.rpc.requests import (
    AnotherBlock,
    BlockName,
    CodeIgnored,
    NodeFailed,
    Starved,
    call_request,
    refuse,
)
from infra.rpc.wire import MalformedValue, binary

AGGREGATE3: Final = Function.parse(
    "function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable"
    " returns ((bool success, bytes returnData)[] returnData)"
)
GET_ETH_BALANCE: Final = Function.parse("function getEthBalance(address addr) view returns (uint256 balance)")
GET_LAST_BLOCK_HASH: Final = Function.parse("function getLastBlockHash() view returns (bytes32 blockHash)")

_WORD: Final = 32
_ENVELOPE: Final = 2_000
_WORDS_OF_A_CALL: Final = b"".join(
    # The target, that it may fail, where its data begins, how long they are, and the data.
    [bytes(12), b"%b", (1).to_bytes(_WORD, "big"), (3 * _WORD).to_bytes(_WORD, "big"), b"%b%b"]
)
_START: Final = 2 * _WORD  # where the places of results begin, which are counted from there
_ARRAY: Final = _WORD.to_bytes(_WORD, "big")
_RESULTS: Final = {
    success.to_bytes(_WORD, "big") + (2 * _WORD).to_bytes(_WORD, "big"): success for success in (False, True)
}
_FRAME: Final = 5 * _WORD  # what a call takes in the array besides its data


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Reads that share an `eth_call` to `multicall3`, and the code of the lenses among them."""

    multicall3: Address
    reads: Sequence[Read] = ()
    overrides: Mapping[Address, bytes] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return 2 * (sum(map(read_size, self.reads)) + sum(map(len, self.overrides.values()))) + _ENVELOPE

    @property
    def tells_block(self) -> bool:
        return True

    def at(self, block: BlockName, gas: int) -> RpcRequest:
        calls = [*map(self._target_and_data, self.reads)]
        # Which block this is: the child of that one. Last, so that it fails when the gas was used up before.
        calls.append((self.multicall3, GET_LAST_BLOCK_HASH.encode()))
        data = encoded(calls)
        return call_request(self.multicall3, data, block, gas, self.overrides)

    def outcomes(self, answer: RpcAnswer, block: BlockRef) -> Sequence[Outcome]:
        if isinstance(answer, RpcError):
            fault = classify(answer)
            if fault in (Fault.OUT_OF_GAS, Fault.REVERTED):
                # Nothing that fails inside reverts `aggregate3`: what does is running out of gas around it.
                raise Starved
            refuse(answer, fault)
        returned = binary(answer.value, "the result of Multicall3")
        if not returned:
            raise NodeFailed(
                f"no Multicall3 stands at {self.multicall3}; place it, or set multicall3 to none"
            )
        results = decoded(returned)
        if len(results) != len(self.reads) + 1:
            raise MalformedValue("the result of Multicall3 has another length than what was asked")
        *results, (told, parent_hash) = results
        if not told:
            raise Starved
        if parent_hash != block.parent_hash:
            raise AnotherBlock
        return [
            _outcome(read, success, data) for read, (success, data) in zip(self.reads, results, strict=True)
        ]

    def _target_and_data(self, read: Read) -> tuple[Address, bytes]:
        if isinstance(read, NativeBalance):
            return self.multicall3, GET_ETH_BALANCE.encode(read.account)
        return read.to, read.data


def encoded(calls: Sequence[tuple[Address, bytes]]) -> bytes:
    """What `AGGREGATE3.encode` gives for calls that may fail, in a fifteenth of the time."""
    heads: list[bytes] = []
    tails: list[bytes] = []
    place = len(calls) * _WORD
    for target, data in calls:
        length = len(data)
        tail = _WORDS_OF_A_CALL % (bytes.fromhex(target[2:]), length.to_bytes(_WORD, "big"), data)
        tail += bytes(-length % _WORD)
        heads.append(place.to_bytes(_WORD, "big"))
        tails.append(tail)
        place += len(tail)
    start = AGGREGATE3.selector + _WORD.to_bytes(_WORD, "big") + len(calls).to_bytes(_WORD, "big")
    return b"".join([start, *heads, *tails])


def decoded(returned: bytes) -> Sequence[tuple[bool, bytes]]:
    """What `AGGREGATE3.decode` gives, sooner where the results lie as Solidity lays them. Raises `AbiError`."""
    results = _in_order(returned)
    return AGGREGATE3.decode(returned)[0] if results is None else results


def _in_order(returned: bytes) -> Sequence[tuple[bool, bytes]] | None:
    """Results that follow one another without a gap; None for anything else, which may be valid nevertheless."""
    size = len(returned)
    count = int.from_bytes(returned[_WORD:_START], "big")
    at = _START + count * _WORD
    if at > size or returned[:_WORD] != _ARRAY:
        return None
    results: list[tuple[bool, bytes]] = []
    places: list[bytes] = []
    while len(results) < count:
        places.append((at - _START).to_bytes(_WORD, "big"))
        success = _RESULTS.get(returned[at : at + 2 * _WORD])
        data = at + 3 * _WORD
        end = data + int.from_bytes(returned[data - _WORD : data], "big")
        at = end + (data - end) % _WORD
        if success is None or at > size or returned[end:at] != bytes(at - end):
            return None
        results.append((success, returned[data:end]))
    return results if b"".join(places) == returned[_START : _START + count * _WORD] else None


def read_size(read: Read) -> int:
    """Bytes of calldata that a read takes in an aggregate, its code aside."""
    return _FRAME + _WORD + (2 * _WORD if isinstance(read, NativeBalance) else len(read.data))


def doubtful(reads: Sequence[Read], outcomes: Sequence[Outcome]) -> Iterator[Read]:
    """The reads of an aggregate that may have failed for want of gas, which a contract before them burned.

    Such a failure returns nothing, like that of a contract which gives no reason; the first of its kind was first
    to the gas. A lens and a native balance have no business failing so.
    """
    failed_before = False
    for read, outcome in zip(reads, outcomes, strict=True):
        if isinstance(outcome, CallReverted) and not outcome.data:
            if failed_before or code_of(read) is not None or isinstance(read, NativeBalance):
                yield read
            failed_before = True


def _outcome(read: Read, success: bool, data: bytes) -> Outcome:
    if not success:
        return reverted(data)
    if not data and code_of(read) is not None:
        raise CodeIgnored
    if isinstance(read, NativeBalance) and len(data) != _WORD:
        raise MalformedValue("the balance is not one word")
    return data
