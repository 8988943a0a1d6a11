"""A bundler: sends the user operations of several accounts as one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

from colonnade.actions import PreparedCall
from colonnade.evm import Address, Function
from colonnade.evm.bundles import USER_OPERATION_EVENT
from colonnade.evm.user_operations import (
    ENTRY_POINTS,
    EntryPointVersion,
    UserOperation,
    user_operation_hash,
)
from infra.local.chain import Node
from tests.wallets.eoa import EoaWallet
from tests.wallets.wallet import SentCalls

_PACKED: Final = (
    "(address sender, uint256 nonce, bytes initCode, bytes callData, bytes32 accountGasLimits, "
    "uint256 preVerificationGas, bytes32 gasFees, bytes paymasterAndData, bytes signature)[] ops"
)
_UNPACKED: Final = (
    "(address sender, uint256 nonce, bytes initCode, bytes callData, uint256 callGasLimit, "
    "uint256 verificationGasLimit, uint256 preVerificationGas, uint256 maxFeePerGas, uint256 maxPriorityFeePerGas, "
    "bytes paymasterAndData, bytes signature)[] ops"
)


def entry_point_of(version: EntryPointVersion) -> Address:
    """Where the EntryPoint of this version stands."""
    return next(address for address, known in ENTRY_POINTS.items() if known is version)


def bundle_call(
    entry_point: Address, operations: Sequence[UserOperation], beneficiary: Address
) -> PreparedCall:
    """The call that carries out `operations`."""
    version = ENTRY_POINTS[entry_point]
    struct = _UNPACKED if version is EntryPointVersion.V0_6 else _PACKED
    handle_ops = Function.parse(f"function handleOps({struct}, address beneficiary)")
    arguments = [operation.arguments(version) for operation in operations]
    return PreparedCall(entry_point, handle_ops.encode(arguments, beneficiary))


@dataclass(frozen=True)
class Bundler:
    """A key that sends bundles, and is paid by the accounts in them."""

    sender: EoaWallet

    @classmethod
    def create(cls, node: Node) -> Self:
        """A bundler of a new key."""
        return cls(EoaWallet.create(node))

    def submit(self, entry_point: Address, operations: Sequence[UserOperation]) -> list[SentCalls]:
        """Sends `operations` as one transaction, which must not revert: what became of each, in order."""
        node = self.sender.node
        sent = self.sender.send(bundle_call(entry_point, operations, self.sender.address))
        receipt = node.receipt(sent.tx_hash)
        if not sent.succeeded:
            call = bundle_call(entry_point, operations, self.sender.address)
            node.rpc(
                "eth_call",
                {"from": self.sender.address, "to": call.to, "data": "0x" + call.data.hex()},
                hex(int(receipt["blockNumber"], 16) - 1),
            )
            raise AssertionError(f"the bundle {sent.tx_hash} reverted, and does not when it is called")
        told: dict[bytes, bool] = {}
        for log in receipt["logs"]:
            topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
            if int(log["address"], 16) == int(entry_point, 16) and topics[0] == USER_OPERATION_EVENT.topic:
                event = USER_OPERATION_EVENT.decode(topics, bytes.fromhex(log["data"][2:]))
                told[event["userOpHash"]] = event["success"]
        chain_id = int(node.rpc("eth_chainId"), 16)
        hashes = [user_operation_hash(operation, chain_id, entry_point) for operation in operations]
        return [SentCalls(sent.tx_hash, "0x" + each.hex(), told[each]) for each in hashes]
