"""The local Base holds what wallets are made of, byte for byte what stands on Base, and Uniswap's way to be paid."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature

from colonnade.evm import Address, create2_address, domain_separator, encode, keccak
from colonnade.local_contracts import LocalContract
from infra.local.chain.artifacts import load
from infra.local.chain.wallet_contracts import WALLET_CONTRACTS
from tests.fixtures.local_chain import OnChain
from tests.wallets.development_keys import development_key
from tests.wallets.eoa import EoaWallet

pytestmark = pytest.mark.onchain

DETERMINISTIC_DEPLOYER = Address("0x4e59b44847b379578588920cA78FbF26c0B4956C")
SAFE_SINGLETON_FACTORY = Address("0x914d7Fec6aaC8cd542e72Bca78B30650d45643d7")
P256_VERIFY = Address("0x0000000000000000000000000000000000000100")
"""RIP-7212: Base has it since Fjord, and passkey accounts rely on it."""

SALTS = {
    "EntryPoint0.6": bytes(32),
    "EntryPoint0.7": bytes.fromhex("90d8084deab30c2a37c45e8d47f49f2f7965183cb6990a98943ef94940681de3"),
    "EntryPoint0.8": bytes.fromhex("0a59dbff790c23c976a548690c27297883cc66b4c67024f9117b0238995e35e9"),
}
SENDER_CREATORS = {
    "EntryPoint0.6": "0x7fc98430eAEdbb6070B35B39D798725049088348",
    "EntryPoint0.7": "0xEFC2c1444eBCC4Db75e7613d20C6a62fF67A167C",
    "EntryPoint0.8": "0x449ED7C3e6Fee6a97311d4b55475DF59C44AdD33",
}


@pytest.mark.parametrize("contract", WALLET_CONTRACTS, ids=lambda contract: contract.name)
def test_every_wallet_contract_stands_where_its_code_is_put_on_any_chain(contract: LocalContract) -> None:
    salt = SALTS.get(contract.name)
    deployer = SAFE_SINGLETON_FACTORY if salt is None else DETERMINISTIC_DEPLOYER
    creation = load(contract.artifact).linked({})
    assert contract.address == create2_address(deployer, salt or bytes(32), keccak(creation))


@pytest.mark.parametrize("name", sorted(SENDER_CREATORS))
def test_entry_points_make_accounts_through_the_contract_they_created_first(
    local_chain: OnChain, name: str
) -> None:
    creator = SENDER_CREATORS[name]
    assert local_chain.rpc("eth_getCode", creator, "latest") != "0x"
    assert creator[2:].lower() in local_chain.rpc("eth_getCode", local_chain[name], "latest")


def test_the_entry_point_signs_for_this_chain_and_its_own_address(local_chain: OnChain) -> None:
    (found,) = local_chain.call(
        local_chain["EntryPoint0.8"], "function getDomainSeparatorV4() view returns (bytes32)"
    )
    assert found == domain_separator(
        {
            "name": "ERC4337",
            "version": "1",
            "chainId": 8453,
            "verifyingContract": local_chain["EntryPoint0.8"],
        }
    )


@pytest.mark.parametrize("name", ["Safe", "SafeL2"])
def test_a_safe_singleton_is_safe_1_4_1_and_can_be_taken_by_nobody(local_chain: OnChain, name: str) -> None:
    safe = local_chain[name]
    assert local_chain.call(safe, "function VERSION() view returns (string)") == ("1.4.1",)
    assert local_chain.call(safe, "function getThreshold() view returns (uint256)") == (1,)


def test_permit2_has_the_domain_that_it_has_on_base(local_chain: OnChain) -> None:
    (found,) = local_chain.call(local_chain["Permit2"], "function DOMAIN_SEPARATOR() view returns (bytes32)")
    assert found == domain_separator(
        {"name": "Permit2", "chainId": 8453, "verifyingContract": local_chain["Permit2"]}
    )
    assert (found[:4].hex(), found[-2:].hex()) == ("3b6f35e4", "6f07")


def test_the_chain_verifies_signatures_on_p256_as_base_does(local_chain: OnChain) -> None:
    key, digest = ec.generate_private_key(ec.SECP256R1()), b"\x05" * 32
    r, s = decode_dss_signature(key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256()))))
    point = key.public_key().public_numbers()

    def verified(*words: int) -> str:
        data = "0x" + b"".join(word.to_bytes(32, "big") for word in words).hex()
        answer: str = local_chain.rpc("eth_call", {"to": P256_VERIFY, "data": data}, "latest")
        return answer

    hashed = int.from_bytes(digest, "big")
    assert verified(hashed, r, s, point.x, point.y) == "0x" + (1).to_bytes(32, "big").hex()
    assert verified(hashed + 1, r, s, point.x, point.y) == "0x"


@pytest.mark.parametrize("index", [0, 9])
def test_the_development_accounts_have_the_keys_that_everybody_knows(
    local_chain: OnChain, index: int
) -> None:
    wallet = EoaWallet.create(local_chain.chain.node, development_key(index))
    assert wallet.address == local_chain.accounts[index]


def test_the_universal_router_sells_ether_for_usdc_in_v3_and_in_v2(
    local_chain: OnChain, chain_snapshot: None
) -> None:
    trader, weth, usdc = local_chain.accounts[7], local_chain["WETH"], local_chain["USDC"]
    balance_of = "function balanceOf(address owner) view returns (uint256)"
    before: int = local_chain.call(usdc, balance_of, trader)[0]
    wrap, v3, v2 = b"\x0b", b"\x00", b"\x08"
    half, router_itself = 5 * 10**17, Address("0x0000000000000000000000000000000000000002")
    path = bytes.fromhex(weth[2:]) + (500).to_bytes(3, "big") + bytes.fromhex(usdc[2:])
    inputs = [
        encode(("address", "uint256"), (router_itself, 2 * half)),
        encode(
            ("address", "uint256", "uint256", "bytes", "bool"), (trader, half, 1_200 * 10**6, path, False)
        ),
        encode(
            ("address", "uint256", "uint256", "address[]", "bool"),
            (trader, half, 1_200 * 10**6, (weth, usdc), False),
        ),
    ]
    local_chain.send(
        trader,
        local_chain["UniversalRouter"],
        "function execute(bytes commands, bytes[] inputs, uint256 deadline) payable",
        wrap + v3 + v2,
        inputs,
        2**40,
        value=2 * half,
    )
    after: int = local_chain.call(usdc, balance_of, trader)[0]
    assert 2_480 * 10**6 < after - before < 2_500 * 10**6
