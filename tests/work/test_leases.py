"""A lease is its holder's until it ends, and nobody else's to renew or to give back."""

from __future__ import annotations

from colonnade.leases import Leases
from colonnade.testing import FrozenClock, MemoryStore


async def test_its_holder_renews_it_and_nobody_else() -> None:
    clock = FrozenClock()
    leases = Leases(MemoryStore(clock), clock, 30)
    assert await leases.take("job:alone", "ada")
    clock.advance(29)
    assert await leases.take("job:alone", "ada")
    assert not await leases.take("job:alone", "bob")
    clock.advance(29)
    assert not await leases.take("job:alone", "bob")
    clock.advance(1)
    assert await leases.take("job:alone", "bob")


async def test_who_was_asleep_gives_back_nothing_that_another_has_by_then() -> None:
    clock = FrozenClock()
    leases = Leases(MemoryStore(clock), clock, 30)
    await leases.take("job:alone", "ada")
    clock.advance(30)
    await leases.take("job:alone", "bob")

    await leases.give_back("job:alone", "ada")
    assert not await leases.take("job:alone", "carol")
    await leases.give_back("job:alone", "bob")
    assert await leases.take("job:alone", "carol")
