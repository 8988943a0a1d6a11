"""Wallets of every kind sign what verifies, before and after they stand, and move tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import pytest

from colonnade.actions import PreparedCall
from colonnade.chains import BASE
from colonnade.evm import Address, Function, hash_message, typed_data_hash
from colonnade.signatures import signing_kind, verify_signature
from colonnade.wallets import WalletKind
from infra.local.chain import Node
from infra.rpc import ChainSettings, JsonRpcChains
from tests.fixtures.local_chain import OnChain
from tests.wallets.eoa import EoaWallet
from tests.wallets.kinds import KINDS
from tests.wallets.wallet import Wallet, has_code

pytestmark = [pytest.mark.onchain, pytest.mark.usefixtures("chain_snapshot")]

TRANSFER: Final = Function.parse("function transfer(address to, uint256 amount)")
BALANCE_OF: Final = "function balanceOf(address owner) view returns (uint256)"
TEXT: Final = "app.colonnade.invalid wants you to sign in"
PERMIT: Final = {
    "types": {"Permit": [{"name": "owner", "type": "address"}, {"name": "value", "type": "uint256"}]},
    "primaryType": "Permit",
    "domain": {"name": "USD Coin", "version": "2", "chainId": 8453},
    "message": {"owner": "0x" + "11" * 20, "value": "5"},
}
PERMIT_DIGEST: Final = typed_data_hash(
    {"name": "USD Coin", "version": "2", "chainId": 8453},
    {"Permit": [{"name": "owner", "type": "address"}, {"name": "value", "type": "uint256"}]},
    "Permit",
    {"owner": "0x" + "11" * 20, "value": 5},
)

Make = Callable[[Node], Wallet]
every_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)


@pytest.fixture
def node(local_chain: OnChain) -> Node:
    return local_chain.chain.node


@pytest.fixture
def chains(local_chain: OnChain) -> Iterator[JsonRpcChains]:
    connected = JsonRpcChains([ChainSettings(BASE, (local_chain.url,))])
    yield connected
    connected.close()


def usdc_of(chain: OnChain, owner: Address) -> int:
    amount: int = chain.call(chain["USDC"], BALANCE_OF, owner)[0]
    return amount


def give_usdc(chain: OnChain, wallet: Wallet, amount: int) -> None:
    chain.send(
        chain.accounts[0],
        chain["USDC"],
        "function transfer(address to, uint256 amount)",
        wallet.address,
        amount,
    )


@every_kind
async def test_messages_verify_before_the_first_calls_and_after(
    local_chain: OnChain, chains: JsonRpcChains, node: Node, make: Make
) -> None:
    wallet = make(node)
    before = wallet.sign_message(TEXT)
    assert await verify_signature(chains.reader(BASE), wallet.address, hash_message(TEXT), before)
    assert wallet.send_calls([PreparedCall(local_chain.accounts[9], b"", 1)]).succeeded
    after = wallet.sign_message(TEXT)
    reader = chains.reader(BASE)
    for signature in (before, after):
        assert await verify_signature(reader, wallet.address, hash_message(TEXT), signature)
        assert not await verify_signature(reader, wallet.address, hash_message(TEXT + "!"), signature)


@every_kind
async def test_typed_data_verifies_and_the_kind_of_wallet_is_told(
    chains: JsonRpcChains, node: Node, make: Make
) -> None:
    wallet = make(node)
    signature = wallet.sign_typed_data(PERMIT)
    expected = WalletKind.EOA if isinstance(wallet, EoaWallet) else WalletKind.CONTRACT
    assert await signing_kind(chains.reader(BASE), wallet.address, PERMIT_DIGEST, signature) is expected


@every_kind
async def test_nobody_signs_for_another_wallet_of_the_same_kind(
    chains: JsonRpcChains, node: Node, make: Make
) -> None:
    wallet, other = make(node), make(node)
    signature = wallet.sign_message(TEXT)
    assert not await verify_signature(chains.reader(BASE), other.address, hash_message(TEXT), signature)


@every_kind
def test_calls_move_tokens_and_the_wallet_stands_afterwards(
    local_chain: OnChain, node: Node, make: Make
) -> None:
    wallet, friend, other = make(node), local_chain.accounts[8], local_chain.accounts[9]
    give_usdc(local_chain, wallet, 1_000)
    usdc = local_chain["USDC"]
    held = [usdc_of(local_chain, each) for each in (friend, other)]
    sent = wallet.send_calls(
        [PreparedCall(usdc, TRANSFER.encode(friend, 300)), PreparedCall(usdc, TRANSFER.encode(other, 200))]
    )
    assert sent.succeeded
    assert node.receipt(sent.tx_hash)["status"] == "0x1"
    assert [usdc_of(local_chain, each) for each in (friend, other)] == [held[0] + 300, held[1] + 200]
    assert usdc_of(local_chain, wallet.address) == 500
    assert has_code(node, wallet.address) == (not isinstance(wallet, EoaWallet))
    again = wallet.send_calls([PreparedCall(usdc, TRANSFER.encode(friend, 500))])
    assert again.succeeded
    assert usdc_of(local_chain, wallet.address) == 0


@every_kind
def test_calls_that_revert_are_mined_and_told(local_chain: OnChain, node: Node, make: Make) -> None:
    wallet = make(node)
    sent = wallet.send_calls([PreparedCall(local_chain["USDC"], TRANSFER.encode(local_chain.accounts[8], 1))])
    assert not sent.succeeded
    node.receipt(sent.tx_hash)
