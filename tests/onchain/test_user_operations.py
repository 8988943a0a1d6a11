"""User operations through the real EntryPoints: their hashes, and each one's logs in a bundle with strangers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import pytest

from colonnade.actions import PreparedCall
from colonnade.chains import BASE, Log
from colonnade.errors import CallReverted
from colonnade.evm import Address, Event, Function, address_bytes, encode, hash_message, parse_address
from colonnade.evm.bundles import USER_OPERATION_EVENT, executed_operation, executed_operations
from colonnade.evm.user_operations import (
    EntryPointVersion,
    UserOperation,
    user_operation_hash,
)
from infra.local.chain import Node
from infra.local.chain.artifacts import load
from infra.rpc import ChainSettings, JsonRpcChains
from tests.fixtures.local_chain import OnChain
from tests.infra.rpc.bytecode import put
from tests.wallets.bundler import Bundler, bundle_call, entry_point_of
from tests.wallets.eoa import EoaWallet
from tests.wallets.passkey_wallet import ENTRY_POINT, PasskeyWallet
from tests.wallets.wallet import fund

pytestmark = [pytest.mark.onchain, pytest.mark.usefixtures("chain_snapshot")]

TRANSFER: Final = Function.parse("function transfer(address to, uint256 amount)")
TRANSFERRED: Final = Event.parse("event Transfer(address indexed from, address indexed to, uint256 value)")
E7: Final = entry_point_of(EntryPointVersion.V0_7)
SHOUT: Final = bytes.fromhex("6060356040356020355f35608036038060805f375fa400")
"""Runtime code that logs its calldata: the first four words are topics, the rest data."""

LOCAL: Final = [version for version in EntryPointVersion if version is not EntryPointVersion.V0_9]


@pytest.fixture
def node(local_chain: OnChain) -> Node:
    return local_chain.chain.node


@pytest.fixture
def chains(local_chain: OnChain) -> Iterator[JsonRpcChains]:
    connected = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))])
    yield connected
    connected.close()


async def logs_of(chains: JsonRpcChains, transaction_hash: str) -> tuple[Log, ...]:
    (receipt,) = await chains.history(BASE).receipts([bytes.fromhex(transaction_hash[2:])])
    assert receipt is not None
    return receipt.logs


def usdc_moved(chain: OnChain, logs: Sequence[Log]) -> list[tuple[Address, Address, int]]:
    told = [TRANSFERRED.decode(log.topics, log.data) for log in logs if log.address == chain["USDC"]]
    return [(each["from"], each["to"], each["value"]) for each in told]


def give(chain: OnChain, to: Address, amount: int) -> None:
    """USDC for `to`."""
    chain.send(chain.accounts[0], chain["USDC"], "function transfer(address to, uint256 amount)", to, amount)


def rich(chain: OnChain, wallet: PasskeyWallet) -> PasskeyWallet:
    """The wallet, with 1,000 atomic units of USDC."""
    give(chain, wallet.address, 1_000)
    return wallet


def pay(chain: OnChain, to: Address, amount: int) -> PreparedCall:
    return PreparedCall(chain["USDC"], TRANSFER.encode(to, amount))


@dataclass(frozen=True)
class SimpleAccount:
    """An account of EntryPoint 0.7, not deployed yet, whose owner is a key."""

    node: Node
    factory: Address
    owner: EoaWallet

    @classmethod
    def create(cls, node: Node) -> SimpleAccount:
        creation = load("entry-point-0.7/artifacts/SimpleAccountFactory.json").linked({})
        data = "0x" + (creation + encode(("address",), (E7,))).hex()
        request = {"from": node.accounts()[0], "data": data, "gas": hex(10_000_000)}
        receipt = node.receipt(node.rpc("eth_sendTransaction", request))
        account = cls(node, parse_address(receipt["contractAddress"]), EoaWallet.create(node))
        fund(node, account.address)
        return account

    @property
    def address(self) -> Address:
        get_address = "function getAddress(address owner, uint256 salt) view returns (address)"
        found: Address = self.node.call(self.factory, get_address, self.owner.address, 0)[0]
        return found

    def operation(self, call: PreparedCall) -> UserOperation:
        """Signed as `SimpleAccount` has it: the hash is a message of the owner."""
        create = Function.parse("function createAccount(address owner, uint256 salt)")
        execute = Function.parse("function execute(address dest, uint256 value, bytes func)")
        operation = UserOperation(
            sender=self.address,
            nonce=0,
            call_data=execute.encode(call.to, call.value, call.data),
            call_gas_limit=500_000,
            verification_gas_limit=1_000_000,
            pre_verification_gas=0,
            max_fee_per_gas=10**10,
            max_priority_fee_per_gas=10**9,
            init_code=address_bytes(self.factory) + create.encode(self.owner.address, 0),
        )
        digest = hash_message(user_operation_hash(operation, 8453, E7))
        return replace(operation, signature=self.owner.sign_digest(digest))


@pytest.mark.parametrize("version", LOCAL, ids=lambda version: version.value)
@pytest.mark.parametrize("paid", [b"", bytes(20) + b"\1" * 40])
def test_the_entry_point_gives_the_same_hash(
    local_chain: OnChain, version: EntryPointVersion, paid: bytes
) -> None:
    entry_point = entry_point_of(version)
    operation = UserOperation(
        local_chain.accounts[1], 2**70, b"call", 3, 4, 5, 6, 7, b"f" * 30, paid, b"signed"
    )
    struct = Function.parse("function getUserOpHash(" + _struct(version) + " op) view returns (bytes32)")
    answer = local_chain.rpc(
        "eth_call",
        {"to": entry_point, "data": "0x" + struct.encode(operation.arguments(version)).hex()},
        "latest",
    )
    assert bytes.fromhex(answer[2:]) == user_operation_hash(operation, 8453, entry_point)


def _struct(version: EntryPointVersion) -> str:
    if version is EntryPointVersion.V0_6:
        return "(address, uint256, bytes, bytes, uint256, uint256, uint256, uint256, uint256, bytes, bytes)"
    return "(address, uint256, bytes, bytes, bytes32, uint256, bytes32, bytes, bytes)"


async def test_each_of_a_bundle_of_strangers_has_its_own_transfers(
    local_chain: OnChain, chains: JsonRpcChains, node: Node
) -> None:
    bundler = Bundler.create(node)
    first, second = (rich(local_chain, PasskeyWallet.create(node, bundler)) for _ in range(2))
    late = rich(local_chain, PasskeyWallet.counterfactual(node, bundler))
    shop = local_chain.accounts[9]
    sent = bundler.submit(
        ENTRY_POINT,
        [
            first.operation([pay(local_chain, shop, 10), pay(local_chain, second.address, 1)]),
            second.operation([pay(local_chain, shop, 2_000)]),
            late.operation([pay(local_chain, shop, 30)]),
        ],
    )
    assert [each.succeeded for each in sent] == [True, False, True]
    assert len({each.tx_hash for each in sent}) == 1
    found = executed_operations(await logs_of(chains, sent[0].tx_hash))
    assert ["0x" + each.hash.hex() for each in found] == [each.user_op_hash for each in sent]
    assert [each.sender for each in found] == [first.address, second.address, late.address]
    assert [each.succeeded for each in found] == [True, False, True]
    assert [usdc_moved(local_chain, each.logs) for each in found] == [
        [(first.address, shop, 10), (first.address, second.address, 1)],
        [],
        [(late.address, shop, 30)],
    ]


async def test_an_account_that_shouts_like_an_entry_point_is_not_believed(
    local_chain: OnChain, chains: JsonRpcChains, node: Node
) -> None:
    bundler = Bundler.create(node)
    honest, liar = (rich(local_chain, PasskeyWallet.create(node, bundler)) for _ in range(2))
    shouting = Address("0x0000000000000000000000000000000000005407")
    put(local_chain, shouting, SHOUT)
    target = honest.operation([pay(local_chain, liar.address, 5)])
    forged = user_operation_hash(target, 8453, ENTRY_POINT)
    topics = [USER_OPERATION_EVENT.topic, forged, address_bytes(honest.address).rjust(32, b"\0"), bytes(32)]
    shout = PreparedCall(
        shouting, b"".join(topics) + encode(("uint256", "bool", "uint256", "uint256"), (0, True, 1, 1))
    )
    (sent,) = bundler.submit(ENTRY_POINT, [liar.operation([shout, pay(local_chain, honest.address, 7)])])
    logs = await logs_of(chains, sent.tx_hash)
    assert [log.topics[0] for log in logs].count(USER_OPERATION_EVENT.topic) == 2
    assert executed_operation(logs, forged) is None
    (found,) = executed_operations(logs)
    assert found.sender == liar.address
    assert usdc_moved(local_chain, found.logs) == [(liar.address, honest.address, 7)]


async def test_an_operation_inside_an_operation_keeps_its_transfers(
    local_chain: OnChain, chains: JsonRpcChains, node: Node
) -> None:
    outer, inner = rich(local_chain, PasskeyWallet.create(node)), SimpleAccount.create(node)
    give(local_chain, inner.address, 50)
    shop = local_chain.accounts[9]
    sent = outer.send_calls(
        [
            pay(local_chain, shop, 1),
            bundle_call(E7, [inner.operation(pay(local_chain, shop, 20))], inner.owner.address),
            pay(local_chain, shop, 2),
        ]
    )
    assert sent.succeeded
    found = executed_operations(await logs_of(chains, sent.tx_hash))
    by_entry_point = {each.entry_point: each for each in found}
    assert list(by_entry_point) == [E7, ENTRY_POINT]
    assert usdc_moved(local_chain, by_entry_point[E7].logs) == [(inner.address, shop, 20)]
    assert usdc_moved(local_chain, by_entry_point[ENTRY_POINT].logs) == [
        (outer.address, shop, 1),
        (outer.address, shop, 2),
    ]


def test_an_operation_signed_by_another_passkey_is_not_bundled(local_chain: OnChain, node: Node) -> None:
    wallet, thief = PasskeyWallet.create(node), PasskeyWallet.create(node)
    operation = wallet.operation([pay(local_chain, thief.address, 0)])
    stolen = replace(thief, address=wallet.address).signed(operation)
    with pytest.raises(CallReverted):
        wallet.bundler.submit(ENTRY_POINT, [stolen])
    assert wallet.bundler.submit(ENTRY_POINT, [operation])[0].succeeded
    with pytest.raises(CallReverted):
        wallet.bundler.submit(ENTRY_POINT, [operation])


def test_only_the_entry_point_may_use_a_passkey_account(local_chain: OnChain, node: Node) -> None:
    wallet = PasskeyWallet.create(node)
    execute = "function execute((address target, uint256 value, bytes data)[] calls)"
    with pytest.raises(CallReverted):
        local_chain.send(local_chain.accounts[0], wallet.address, execute, [(wallet.address, 0, b"")])
