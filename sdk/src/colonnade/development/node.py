"""The development node: calls sent as signed transactions of development accounts."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from colonnade.development.accounts import DevelopmentAccount
from colonnade.development.faults import NotLocal, WalletFault
from colonnade.development.loopback import Loopback
from colonnade.evm import Address, revert_reason
from colonnade.evm.transactions import FeeTransaction

_KIND: Final = "anvil/"
_TIP: Final = 10**6
_PATIENCE: Final = 30.0
_LOOK_AGAIN: Final = 0.05


class DevelopmentNode:
    """anvil on this machine, at `endpoint`, found to be one when this is made. `chain_id`: of the chain it stands for.

    Raises `NotLocal` for any other node, `Unreachable` where there is none.
    """

    def __init__(self, endpoint: Loopback) -> None:
        self._endpoint: Final = endpoint
        version = self.rpc("web3_clientVersion")
        if not str(version).startswith(_KIND):
            raise NotLocal(
                f"{endpoint.origin} is {str(version)[:60]!r}, not a development node (anvil): nothing is signed for it"
            )
        self.chain_id: Final = int(self.rpc("eth_chainId"), 16)

    def rpc(self, method: str, *params: object) -> Any:
        """The result of a JSON-RPC call. Raises `WalletFault` with what the node says."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        _, answer = self._endpoint.post(body)
        if not isinstance(answer, dict) or ("result" not in answer and "error" not in answer):
            raise WalletFault(f"{self._endpoint.origin} does not answer {method} as JSON-RPC does")
        told = cast("Mapping[str, Any]", answer)
        if "error" in told:
            raise WalletFault(f"the development node refuses {method}: {_reason(told['error'])}")
        return told["result"]

    def send(self, account: DevelopmentAccount, to: Address, data: bytes, value: int) -> str:
        """The hash of a transaction that is mined, whether it reverted or not. `value`: wei.

        Raises `WalletFault` for one that would revert, before it is signed, and for one that is never mined.
        """
        call = {"from": account.address, "to": to, "data": "0x" + data.hex(), "value": hex(value)}
        gas = int(self.rpc("eth_estimateGas", call), 16)
        base_fee = int(self.rpc("eth_getBlockByNumber", "latest", False)["baseFeePerGas"], 16)
        transaction = FeeTransaction(
            chain_id=self.chain_id,
            nonce=int(self.rpc("eth_getTransactionCount", account.address, "pending"), 16),
            to=to,
            data=data,
            value=value,
            gas=gas + gas // 4,
            max_fee=2 * base_fee + _TIP,
            max_tip=_TIP,
        )
        signed = transaction.signed(account.sign(transaction.digest))
        return self._mined(str(self.rpc("eth_sendRawTransaction", "0x" + signed.hex())))

    def succeeded(self, tx_hash: str) -> bool:
        """Whether a mined transaction did what it should, rather than revert."""
        return bool(self.rpc("eth_getTransactionReceipt", tx_hash)["status"] == "0x1")

    def _mined(self, tx_hash: str) -> str:
        end = time.monotonic() + _PATIENCE
        while self.rpc("eth_getTransactionReceipt", tx_hash) is None:
            if time.monotonic() > end:
                raise WalletFault(f"transaction {tx_hash} was not mined in {_PATIENCE:g} s")
            time.sleep(_LOOK_AGAIN)
        return tx_hash


def _reason(error: Any) -> str:
    given: Mapping[str, Any] = cast("Mapping[str, Any]", error) if isinstance(error, dict) else {}
    data = given.get("data")
    if isinstance(data, str) and data.startswith("0x") and len(data) > 2:
        return f"it reverts: {revert_reason(bytes.fromhex(data[2:]))}"
    return str(given.get("message", error))


def calls_of(step: Mapping[str, Any]) -> Sequence[tuple[Address, bytes, int]]:
    """What a `SendCallsStep` asks for: each call's target, data and wei."""
    return [
        (Address(call["to"]), bytes.fromhex(call["data"][2:]), int(call["value"])) for call in step["calls"]
    ]
