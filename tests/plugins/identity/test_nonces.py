"""Nobody guesses a nonce: 128 bits of the system's randomness, in the letters that EIP-4361 allows."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from itertools import combinations

import pytest

from colonnade.evm import Address
from plugins.identity.challenges import Place, Purpose, make_challenge
from tests.plugins.identity.signing import ALICE, DOMAIN, URI, harness

DRAWS = 512
DIGITS = 32
"""Of hexadecimal, four bits each."""


async def drawn() -> Sequence[str]:
    """The nonces of many messages, made at one moment for one address by a process that has just begun."""
    random.seed(2026)  # which must not matter
    context = harness(challenges_per_address=DRAWS).context()
    purposes = [list(Purpose)[n % len(Purpose)] for n in range(DRAWS)]
    place = Place(DOMAIN, URI, 8453)
    made = [await make_challenge(context, p, Address(ALICE.address), place, "usr_1") for p in purposes]
    return [challenge.message.nonce for challenge in made]


@pytest.fixture(autouse=True)
def unseeded_afterwards() -> Iterator[None]:
    state = random.getstate()
    yield
    random.setstate(state)


@pytest.fixture
async def nonces() -> Sequence[str]:
    return await drawn()


async def test_a_nonce_is_thirty_two_hexadecimal_digits(nonces: Sequence[str]) -> None:
    assert all(re.fullmatch(f"[0-9a-f]{{{DIGITS}}}", nonce) for nonce in nonces)


async def test_no_nonce_comes_twice_in_another_process_either(nonces: Sequence[str]) -> None:
    assert len({*nonces, *await drawn()}) == 2 * DRAWS


async def test_every_digit_of_a_nonce_may_be_any(nonces: Sequence[str]) -> None:
    """By chance one would be missing once in 10^11 runs."""
    assert [len(set(column)) for column in zip(*nonces, strict=True)] == [16] * DIGITS


async def test_no_digit_of_a_nonce_follows_from_another(nonces: Sequence[str]) -> None:
    """Two agree in one nonce of sixteen; by chance in one of four less than once in 10^30 runs."""
    columns = list(zip(*nonces, strict=True))
    agreements = [sum(a == b for a, b in zip(*pair, strict=True)) for pair in combinations(columns, 2)]
    assert max(agreements) < DRAWS / 4
