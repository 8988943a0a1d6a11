"""The local Base holds the contracts and pools that Base holds, and they do what they do there."""

import re
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest

from colonnade.errors import CallReverted
from colonnade.evm import ZERO_ADDRESS, Address, Function
from plugins.trading.local_contracts import PAIRS, POOLS
from plugins.trading.local_contracts import __doc__ as table
from plugins.trading.local_liquidity import DECIMALS
from tests.fixtures.local_chain import OnChain

pytestmark = pytest.mark.onchain

BALANCE_OF = "function balanceOf(address owner) view returns (uint256)"
GET_PAIR = "function getPair(address one, address other) view returns (address)"
GET_POOL = "function getPool(address one, address other, uint24 fee) view returns (address)"
SLOT0 = "function slot0() view returns (uint160 sqrtPriceX96, int24 tick)"
RESERVES = "function getReserves() view returns (uint112, uint112, uint32)"


def pair(chain: OnChain, one: str, other: str) -> Address:
    found: Address = chain.call(chain["UniswapV2Factory"], GET_PAIR, chain[one], chain[other])[0]
    return found


def pool(chain: OnChain, one: str, other: str, fee: int) -> Address:
    found: Address = chain.call(chain["UniswapV3Factory"], GET_POOL, chain[one], chain[other], fee)[0]
    return found


def balance(chain: OnChain, token: str, owner: Address) -> int:
    amount: int = chain.call(chain[token], BALANCE_OF, owner)[0]
    return amount


@pytest.mark.parametrize(
    ("fee", "address"),
    [
        (100, "0xb4CB800910B228ED3d0834cF79D697127BBB00e5"),
        (500, "0xd0b53D9277642d899DF5C87A3966A349A798F224"),
        (3000, "0x6c561B446416E1A00E8E93E221854d6eA4171372"),
    ],
)
def test_v3_pools_of_weth_and_usdc_stand_where_they_stand_on_base(
    local_chain: OnChain, fee: int, address: str
) -> None:
    assert pool(local_chain, "WETH", "USDC", fee) == address


def test_the_v2_pair_of_weth_and_usdc_stands_where_it_stands_on_base(local_chain: OnChain) -> None:
    assert pair(local_chain, "WETH", "USDC") == "0x88A43bbDF9D098eEC7bCEda4e2494615dfD9bB9C"


@pytest.mark.parametrize(
    ("symbol", "name", "version", "separator"),
    [
        (
            "USDC",
            "USD Coin",
            "2",
            "02fa7265e7c5d81118673727957699e4d68f74cd74b7db77da710fe8a2c7834f",
        ),
        ("EURC", "EURC", "2", None),
    ],
)
def test_circles_tokens_have_their_eip712_domain(
    local_chain: OnChain, symbol: str, name: str, version: str, separator: str | None
) -> None:
    token = local_chain[symbol]
    assert local_chain.call(token, "function name() view returns (string)") == (name,)
    assert local_chain.call(token, "function version() view returns (string)") == (version,)
    (found,) = local_chain.call(token, "function DOMAIN_SEPARATOR() view returns (bytes32)")
    assert separator in (None, found.hex())


@pytest.mark.parametrize("symbol", sorted(DECIMALS))
def test_tokens_say_what_they_say_on_base(local_chain: OnChain, symbol: str) -> None:
    assert local_chain.call(local_chain[symbol], "function symbol() view returns (string)") == (symbol,)
    assert local_chain.call(local_chain[symbol], "function decimals() view returns (uint8)") == (
        DECIMALS[symbol],
    )


def test_multicall3_answers_many_calls_and_survives_one_that_reverts(local_chain: OnChain) -> None:
    aggregate3 = (
        "function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable "
        "returns ((bool success, bytes returnData)[])"
    )
    balance_of = Function.parse(BALANCE_OF)
    holder = local_chain.accounts[1]
    usdc, router = local_chain["USDC"], local_chain["SwapRouter02"]
    calls = [(usdc, True, balance_of.encode(holder)), (router, True, balance_of.encode(holder))]
    (answers,) = local_chain.call(local_chain["Multicall3"], aggregate3, calls)
    assert balance_of.decode(answers[0][1]) == (balance(local_chain, "USDC", holder),)
    assert [success for success, _ in answers] == [True, False]


def test_factories_know_the_creation_code_hash_that_pool_addresses_are_derived_from(
    local_chain: OnChain,
) -> None:
    router = bytes.fromhex(local_chain.rpc("eth_getCode", local_chain["UniswapV2Router02"], "latest")[2:])
    assert bytes.fromhex("96e8ac4277198ff8b6f785478aa9a39f403cb768dd02cbee326c3e7da348845f") in router
    positions = local_chain.rpc("eth_getCode", local_chain["NonfungiblePositionManager"], "latest")
    assert "e34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54" in positions


def rows() -> list[tuple[str, str, str, str, list[int], str]]:
    """The table in the docstring: protocol, token0, token1, price, holdings in whole tokens, address."""
    cells = re.findall(r"^\| (v[23].*) \|$", table or "", re.MULTILINE)
    split = [[cell.strip() for cell in row.split("|")] for row in cells]
    return [
        (
            protocol,
            *tokens.split(" / "),
            price,
            [int(h.replace(",", "")) for h in holds.split(" + ")],
            address,
        )
        for protocol, tokens, price, holds, address in split
    ]


def test_the_table_of_pools_in_the_documentation_is_complete() -> None:
    seeded = [("v2", each.token0, each.token1) for each in PAIRS]
    seeded += [(f"v3 {each.fee}", each.token0, each.token1) for each in POOLS]
    assert [row[:3] for row in rows()] == seeded


@pytest.mark.parametrize("row", rows(), ids=lambda row: " ".join(row[:3]))
def test_every_pool_is_what_the_table_in_the_documentation_says(
    local_chain: OnChain, row: tuple[str, str, str, str, list[int], str]
) -> None:
    protocol, token0, token1, price, holds, address = row
    version, _, fee = protocol.partition(" ")
    found = (
        pair(local_chain, token0, token1) if version == "v2" else pool(local_chain, token0, token1, int(fee))
    )
    assert found == address
    assert local_chain.call(found, "function token0() view returns (address)") == (local_chain[token0],)

    raw = [balance(local_chain, token, found) for token in (token0, token1)]
    whole = [
        Decimal(amount).scaleb(-DECIMALS[token]) for amount, token in zip(raw, (token0, token1), strict=True)
    ]
    assert [round(amount) for amount in whole] == holds
    if version == "v2":
        reserve0, reserve1, _ = local_chain.call(found, RESERVES)
        ratio = Fraction(reserve1, reserve0)
    else:
        sqrt_price_x96, _ = local_chain.call(found, SLOT0)
        ratio = Fraction(sqrt_price_x96**2, 2**192)
    expected = Fraction(price) * 10 ** DECIMALS[token1] / 10 ** DECIMALS[token0]
    assert abs(ratio / expected - 1) < Fraction(1, 10**9)


def test_pairs_said_to_have_no_direct_pool_have_none(local_chain: OnChain) -> None:
    direct = {frozenset((row[1], row[2])) for row in rows()}
    for one, other in combinations(DECIMALS, 2):
        found = {
            pair(local_chain, one, other),
            *(pool(local_chain, one, other, fee) for fee in (100, 500, 3000)),
        }
        assert (found == {ZERO_ADDRESS}) == (frozenset((one, other)) not in direct)


def test_the_op_stack_charges_for_data_as_it_does_since_fjord(local_chain: OnChain) -> None:
    oracle = local_chain["GasPriceOracle"]
    assert local_chain.call(oracle, "function isFjord() view returns (bool)") == (True,)
    fee_of = "function getL1Fee(bytes data) view returns (uint256)"
    (small,) = local_chain.call(oracle, fee_of, bytes(range(200)))
    (large,) = local_chain.call(oracle, fee_of, bytes(range(250)) * 8)
    assert 0 < small < large < 10**12


def test_development_accounts_hold_ether_and_the_first_five_tokens(local_chain: OnChain) -> None:
    assert len(local_chain.accounts) == 10
    assert local_chain.accounts[0] == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    for index, account in enumerate(local_chain.accounts):
        assert int(local_chain.rpc("eth_getBalance", account, "latest"), 16) >= 9_000 * 10**18
        held = [balance(local_chain, token, account) > 0 for token in ("WETH", "USDC")]
        assert held == [index < 5] * 2


def test_the_chain_is_base_and_its_finality_trails_by_a_block_or_two(local_chain: OnChain) -> None:
    assert local_chain.rpc("eth_chainId") == hex(8453)
    latest, safe, finalized = (
        int(local_chain.rpc("eth_getBlockByNumber", tag, False)["number"], 16)
        for tag in ("latest", "safe", "finalized")
    )
    assert (latest - safe, latest - finalized) == (1, 2)


def test_a_snapshot_takes_everything_back(local_chain: OnChain) -> None:
    before = local_chain.mine()
    snapshot = local_chain.rpc("evm_snapshot")
    holder, other = local_chain.accounts[1:3]
    held = balance(local_chain, "USDC", other)
    local_chain.send(holder, local_chain["USDC"], "function transfer(address to, uint256 amount)", other, 5)
    assert balance(local_chain, "USDC", other) == held + 5
    assert local_chain.rpc("evm_revert", snapshot)
    assert balance(local_chain, "USDC", other) == held
    assert int(local_chain.rpc("eth_blockNumber"), 16) == before


def test_a_revert_reaches_the_caller_with_its_reason(local_chain: OnChain) -> None:
    beggar = local_chain.accounts[9]
    with pytest.raises(CallReverted, match="transfer amount exceeds balance"):
        local_chain.send(
            beggar, local_chain["USDC"], "function transfer(address to, uint256 amount)", beggar, 10**18
        )


def test_running_the_local_chain_imports_no_ethereum_library() -> None:
    script = (
        "import sys, infra.local.chain, plugins.trading.local_contracts;"
        "print([m for m in sys.modules if m.split('.')[0] in {'web3', 'eth_abi', 'eth_account', 'pydantic'}])"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
