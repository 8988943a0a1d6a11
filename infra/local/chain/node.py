"""A development node over plain JSON-RPC: quick to import, one connection, no retries."""

from __future__ import annotations

import http.client
import json
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self, cast

from colonnade.errors import CallReverted, ChainError
from colonnade.evm import Address, Function, parse_address, revert_reason
from infra.local.ports import LOOPBACK

GAS: Final = 29_000_000
"""Of every call and transaction. Fixed: an estimate falls short where a contract catches errors or reads the clock."""

_TIMEOUT: Final = 60.0
_PATIENCE: Final = 2.0
_POLL: Final = 0.002


class NodeRefused(ChainError):
    """The development node answered a request with an error that is not a revert."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A transaction that succeeded. `logs`: as JSON-RPC gives them."""

    transaction_hash: str
    block_number: int
    gas_used: int
    logs: tuple[dict[str, Any], ...]


class Node:
    """The node at `port` of this machine; for one thread."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_TIMEOUT)

    def rpc(self, method: str, *params: object) -> Any:
        """The result of a JSON-RPC call. Raises `CallReverted`, `NodeRefused`, and `OSError` when nobody listens."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        try:
            self._connection.request("POST", "/", body, {"Content-Type": "application/json"})
            answer = json.loads(self._connection.getresponse().read())
        except BaseException:
            self._connection.close()  # the next request opens a fresh one
            raise
        if "error" in answer:
            raise _refusal(method, answer["error"])
        return answer["result"]

    def call(
        self, to: Address, function: str, *arguments: object, sender: Address | None = None
    ) -> tuple[Any, ...]:
        """What a contract answers at the latest block. `function`: its Solidity declaration. Raises `CallReverted`."""
        parsed = Function.parse(function)
        request = {"to": to, "data": "0x" + parsed.encode(*arguments).hex(), "gas": hex(GAS)}
        if sender is not None:
            request["from"] = sender
        return parsed.decode(bytes.fromhex(self.rpc("eth_call", request, "latest")[2:]))

    def send(
        self, sender: Address, to: Address, function: str, *arguments: object, value: int = 0
    ) -> Receipt:
        """Sends a call as a transaction that is mined at once. `value`: wei. Raises `CallReverted`."""
        return self.transact(sender, to, Function.parse(function).encode(*arguments), value=value)

    def transact(self, sender: Address, to: Address, data: bytes = b"", *, value: int = 0) -> Receipt:
        """Sends a transaction that is mined at once. `sender`: unlocked in the node. Raises `CallReverted`."""
        request = {
            "from": sender,
            "to": to,
            "data": "0x" + data.hex(),
            "value": hex(value),
            "gas": hex(GAS),
        }
        receipt = self.receipt(self.rpc("eth_sendTransaction", request))
        if receipt["status"] != "0x1":
            self.rpc("eth_call", request, "latest")  # a receipt has no reason; the call raises it
            raise CallReverted(b"", f"transaction {receipt['transactionHash']} failed")
        return Receipt(
            transaction_hash=receipt["transactionHash"],
            block_number=int(receipt["blockNumber"], 16),
            gas_used=int(receipt["gasUsed"], 16),
            logs=tuple(receipt["logs"]),
        )

    def receipt(self, transaction_hash: str) -> dict[str, Any]:
        """The receipt, once it is mined. anvil sometimes overlooks a transaction that arrives while it mines."""
        started = time.monotonic()
        nudged = started
        while (receipt := self.rpc("eth_getTransactionReceipt", transaction_hash)) is None:
            now = time.monotonic()
            if now - started > _TIMEOUT:
                raise NodeRefused(f"transaction {transaction_hash} was not mined in {_TIMEOUT:g} s")
            if now - nudged > _PATIENCE:
                self.rpc("evm_mine")
                nudged = now
            time.sleep(_POLL)
        return cast(dict[str, Any], receipt)

    def accounts(self) -> tuple[Address, ...]:
        """The accounts whose keys the node holds, in order."""
        return tuple(parse_address(account) for account in self.rpc("eth_accounts"))

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _refusal(method: str, error: dict[str, Any]) -> ChainError:
    data = error.get("data")
    if error.get("code") == 3 and (data is None or isinstance(data, str)):
        raw = bytes.fromhex((data or "0x")[2:])
        return CallReverted(raw, revert_reason(raw))
    return NodeRefused(f"{method}: {error.get('message')} (code {error.get('code')})")
