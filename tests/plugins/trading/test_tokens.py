"""Tokens and balances: what clients get, and how seldom the chain is asked."""

from __future__ import annotations

import pytest

from colonnade.chains import BASE, ChainId
from colonnade.errors import ChainTimeout
from colonnade.evm import checksum
from colonnade.testing.harness import Harness
from colonnade.testing.scripted_chain import ScriptedChain, ScriptedChains
from colonnade.tokens import Tokens, token_id
from plugins.trading.networks import NATIVE, NETWORKS
from plugins.trading.tokens import KEPT_SECONDS, TokenDirectory
from tests.plugins.trading.scripted_market import CBBTC, NETWORK, TOKEN, USDC, WETH, script_token

ACCOUNT = checksum(b"\x01" * 20)
OTHERS = [checksum(bytes([i]) * 20) for i in range(0x20, 0x30)]
BALANCE_OF = "function balanceOf(address owner) view returns (uint256)"


@pytest.fixture
def chain() -> ScriptedChain:
    scripted = ScriptedChain()
    script_token(scripted, TOKEN, symbol="NEW", name="New token", decimals=9)
    scripted.returns(TOKEN, BALANCE_OF, 1_500_000_000)
    return scripted


@pytest.fixture
def harness(chain: ScriptedChain) -> Harness:
    return Harness("plugins.trading", chains=ScriptedChains(chain))


class Clock:
    """Seconds that a test sets."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


TOKEN_QUERY = (
    "query($address: Address!) { token(address: $address) { id address symbol name decimals chainId } }"
)


async def test_a_token_describes_itself(harness: Harness) -> None:
    assert await harness.data(TOKEN_QUERY, {"address": TOKEN}) == {
        "token": {
            "id": f"tok_8453_{TOKEN}",
            "address": TOKEN,
            "symbol": "NEW",
            "name": "New token",
            "decimals": 9,
            "chainId": 8453,
        }
    }


async def test_an_address_without_a_token_is_null(harness: Harness) -> None:
    assert await harness.data(TOKEN_QUERY, {"address": OTHERS[0]}) == {"token": None}


async def test_a_chain_that_does_not_answer_is_an_error_and_never_a_missing_token(
    harness: Harness, chain: ScriptedChain
) -> None:
    chain.outage = ChainTimeout("nobody answers")
    result = await harness.execute(TOKEN_QUERY, {"address": TOKEN})
    assert [failure.code for failure in result.errors] == ["CHAIN_UNAVAILABLE"]


async def test_well_known_tokens_and_the_chains_own_coin_are_never_read(
    harness: Harness, chain: ScriptedChain
) -> None:
    for address, symbol in ((USDC, "USDC"), (NATIVE, "ETH")):
        data = await harness.data(TOKEN_QUERY, {"address": address})
        assert data["token"]["symbol"] == symbol
    assert chain.round_trips == 0


async def test_a_token_that_was_read_is_remembered_for_an_hour(chain: ScriptedChain) -> None:
    clock = Clock()
    directory = TokenDirectory(clock)
    for seconds, round_trips in ((0.0, 1), (KEPT_SECONDS, 1), (KEPT_SECONDS + 1, 2)):
        clock.seconds = seconds
        assert (await directory.metadata(chain.reader(), [TOKEN]))[TOKEN].symbol == "NEW"
        assert chain.round_trips == round_trips


async def test_what_is_no_token_is_asked_again_for_it_may_become_one(chain: ScriptedChain) -> None:
    directory = TokenDirectory()
    assert await directory.metadata(chain.reader(), [OTHERS[0]]) == {}
    script_token(chain, OTHERS[0])
    assert OTHERS[0] in await directory.metadata(chain.reader(), [OTHERS[0]])


async def test_the_memory_is_bounded_and_drops_the_oldest(
    chain: ScriptedChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("plugins.trading.tokens.KEPT_TOKENS", 2)
    directory = TokenDirectory()
    tokens = OTHERS[:3]
    for token in tokens:
        script_token(chain, token)
        await directory.metadata(chain.reader(), [token])
    await directory.metadata(chain.reader(), tokens[1:])
    assert chain.round_trips == 3
    await directory.metadata(chain.reader(), tokens[:1])
    assert chain.round_trips == 4


async def test_tokens_of_two_chains_are_told_apart() -> None:
    base, other = ScriptedChain(), ScriptedChain(ChainId(10))
    script_token(base, TOKEN, symbol="ONE")
    script_token(other, TOKEN, symbol="TWO")
    directory = TokenDirectory()
    for chain, symbol in ((base, "ONE"), (other, "TWO")):
        found = (await directory.metadata(chain.reader(), [TOKEN]))[TOKEN]
        assert (found.symbol, found.chain_id) == (symbol, chain.chain_id)


async def test_the_well_known_tokens_come_in_pages(harness: Harness, chain: ScriptedChain) -> None:
    query = """query($after: String) { tokens(first: 15, after: $after) {
      edges { node { symbol } } pageInfo { hasNextPage endCursor } } }"""
    symbols: list[str] = []
    after = None
    for _ in range(3):
        page = (await harness.data(query, {"after": after}))["tokens"]
        symbols += [edge["node"]["symbol"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert not page["pageInfo"]["hasNextPage"]
    assert symbols == [token.symbol for token in NETWORK.well_known.values()]
    assert symbols[:3] == ["ETH", "WETH", "USDC"]
    assert chain.round_trips == 0


async def test_tokens_at_given_addresses_take_one_round_trip_and_leave_out_what_is_none(
    harness: Harness, chain: ScriptedChain
) -> None:
    query = "query($addresses: [Address!]) { tokens(addresses: $addresses) { edges { node { symbol } } } }"
    data = await harness.data(query, {"addresses": [TOKEN, OTHERS[0], USDC, TOKEN]})
    assert [edge["node"]["symbol"] for edge in data["tokens"]["edges"]] == ["NEW", "USDC"]
    assert chain.round_trips == 1


BALANCES_QUERY = """query($account: Address!, $tokens: [Address!]) { balances(account: $account, tokens: $tokens) {
  account amounts { raw amount token { symbol } } unknown block { number } } }"""


async def test_balances_of_any_tokens_and_ether_take_one_round_trip(
    harness: Harness, chain: ScriptedChain
) -> None:
    chain.set_balance(ACCOUNT, 3 * 10**18)
    chain.returns(USDC, BALANCE_OF, 0)
    data = await harness.data(
        BALANCES_QUERY, {"account": ACCOUNT, "tokens": [USDC, NATIVE, OTHERS[0], TOKEN, USDC]}
    )
    assert data["balances"] == {
        "account": ACCOUNT,
        "amounts": [
            {"raw": "0", "amount": "0.000000", "token": {"symbol": "USDC"}},
            {"raw": str(3 * 10**18), "amount": "3.000000000000000000", "token": {"symbol": "ETH"}},
            {"raw": "1500000000", "amount": "1.500000000", "token": {"symbol": "NEW"}},
        ],
        "unknown": [OTHERS[0]],
        "block": {"number": "1"},
    }
    assert chain.round_trips == 1


async def test_balances_are_of_the_well_known_tokens_that_are_there_unless_others_are_named(
    harness: Harness, chain: ScriptedChain
) -> None:
    chain.returns(WETH, BALANCE_OF, 5)
    chain.returns(CBBTC, BALANCE_OF, 6)
    balances = (await harness.data(BALANCES_QUERY, {"account": ACCOUNT}))["balances"]
    assert [(each["token"]["symbol"], each["raw"]) for each in balances["amounts"]] == [
        ("ETH", "0"),
        ("WETH", "5"),
        ("cbBTC", "6"),
    ]
    assert balances["unknown"] == []
    assert chain.round_trips == 1


async def test_more_than_a_hundred_tokens_are_refused(harness: Harness, chain: ScriptedChain) -> None:
    many = [checksum(i.to_bytes(20, "big")) for i in range(101)]
    for query, variables in (
        (BALANCES_QUERY, {"account": ACCOUNT, "tokens": many}),
        ("query($tokens: [Address!]) { tokens(addresses: $tokens) { edges { cursor } } }", {"tokens": many}),
    ):
        result = await harness.execute(query, variables)
        assert [failure.code for failure in result.errors] == ["BAD_REQUEST"]
    assert chain.round_trips == 0


async def test_a_token_is_found_again_by_its_id(harness: Harness, chain: ScriptedChain) -> None:
    query = "query($id: ID!) { node(id: $id) { id ... on Token { symbol } } }"
    node_id = token_id(BASE, TOKEN)
    assert await harness.data(query, {"id": node_id}) == {"node": {"id": node_id, "symbol": "NEW"}}
    assert chain.round_trips == 1


@pytest.mark.parametrize(
    "node_id",
    [
        f"tok_8453_{OTHERS[0]}",
        f"tok_8453_{TOKEN.lower()}",
        f"tok_08453_{TOKEN}",
        f"tok_{TOKEN}",
        f"tok_8453_{TOKEN}_1",
        "tok_8453_0x12",
        "tok_x_y",
        "tok_",
    ],
)
async def test_an_id_that_names_no_token_finds_nothing(harness: Harness, node_id: str) -> None:
    data = await harness.data("query($id: ID!) { node(id: $id) { id } }", {"id": node_id})
    assert data == {"node": None}


async def test_other_plugins_find_the_same_tokens(harness: Harness, chain: ScriptedChain) -> None:
    tokens = harness.composition.services.get(Tokens)
    found = await tokens.metadata(chain.reader(), [TOKEN, OTHERS[0]])
    assert [token.symbol for token in found.values()] == ["NEW"]
    assert await tokens.balances(chain.reader(), ACCOUNT, [TOKEN, OTHERS[0]]) == {TOKEN: 1_500_000_000}


def test_the_list_of_well_known_tokens_has_no_address_or_symbol_twice() -> None:
    for network in NETWORKS.values():
        tokens = [network.native, *network.tokens]
        assert (
            len({token.address for token in tokens}) == len({token.symbol for token in tokens}) == len(tokens)
        )
        assert {*network.hubs, network.wrapped_native} <= set(network.well_known)
        assert all(checksum(bytes.fromhex(token.address[2:])) == token.address for token in tokens)
