"""Who has spent a bucket is refused before anything runs, and nobody is asked for that."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import strawberry

from colonnade.authentication import Authenticator
from colonnade.cost import cost
from colonnade.errors import Unauthenticated
from colonnade.http import Request, Response
from colonnade.limits import Limits
from colonnade.permissions import Principal
from colonnade.rates import Rates
from colonnade.rates.bucket import Quota
from colonnade.server import Server
from colonnade.server.persisted import PersistedDocuments
from colonnade.testing import FrozenClock, MemoryStore
from tests.rates.counting import CountingStore
from tests.server.sample import body_of, codes_of, cost_of, post

RAN: list[str] = []


@strawberry.type
class Query:
    @strawberry.field
    def free(self) -> str:
        RAN.append("free")
        return "free"

    @strawberry.field(extensions=[cost(400)])
    def dear(self) -> str:
        RAN.append("dear")
        return "dear"


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self) -> str:
        RAN.append("change")
        return "changed"


SCHEMA = strawberry.Schema(Query, Mutation)
DEAR = {"query": "{ dear }"}


@dataclass
class Asking:
    """What an operation gets as its context."""

    principal: Principal | None = None


async def by_name(context: Any, credentials: str) -> Principal | None:
    if credentials.startswith("stolen"):
        raise Unauthenticated("these credentials were revoked")
    return Principal(credentials)


@dataclass
class Served:
    """One server with a bucket of 1,000, and the store behind it."""

    clock: FrozenClock = field(default_factory=FrozenClock)
    only_trusted: bool = False

    def __post_init__(self) -> None:
        RAN.clear()
        self.store = CountingStore(MemoryStore(self.clock))
        self.server = Server(
            SCHEMA,
            lambda request: Asking(),
            Limits(cost=900, bucket=1_000, restore_rate=100),
            [Authenticator("by-name", by_name)],
            PersistedDocuments(self.store, self.clock, only_trusted=self.only_trusted),
            rates=Rates(self.store, self.clock, Quota(1_000, 100)),
        )

    def ask(self, body: object, ip: str = "192.0.2.1", headers: Mapping[str, str] | None = None) -> Response:
        return self.send(post(body, headers=headers), ip)

    def send(self, request: Request, ip: str = "192.0.2.1") -> Response:
        return asyncio.run(self.server.execute(replace(request, source_ip=ip)))

    def empty(self, ip: str = "192.0.2.1", headers: Mapping[str, str] | None = None) -> None:
        for _ in range(2):
            assert self.ask(DEAR, ip, headers).status == 200
        while self.ask({"query": "{ free }"}, ip, headers).status == 200:
            pass
        self.store.asked.clear()
        RAN.clear()


@pytest.fixture
def served() -> Served:
    return Served()


def test_every_answer_says_what_it_took_and_what_is_left(served: Served) -> None:
    assert cost_of(served.ask(DEAR)) == {"requested": 400, "available": 600, "restoreRate": 100}
    assert cost_of(served.ask({"query": "{ free }"})) == {
        "requested": 1,
        "available": 599,
        "restoreRate": 100,
    }


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
def test_who_has_spent_the_bucket_is_told_when_to_come_again_and_nothing_runs(
    served: Served, accept: str
) -> None:
    served.ask(DEAR)
    served.ask(DEAR)
    RAN.clear()
    response = served.ask(DEAR, headers={"accept": accept})
    assert response.status == 429
    assert response.headers["retry-after"] == "2"
    [error] = body_of(response)["errors"]
    assert error["extensions"]["code"] == "RATE_LIMITED"
    assert error["extensions"]["retryable"] is True
    assert error["extensions"]["retryAfterMs"] == 2_000
    assert cost_of(response) == {"requested": 400, "available": 200, "restoreRate": 100}
    assert RAN == []
    served.clock.advance(2)
    assert served.ask(DEAR).status == 200


def test_a_refusal_reads_nothing_and_writes_nothing(served: Served) -> None:
    served.empty()
    for body in (DEAR, {"query": "{ nope }"}, {"query": "{"}, [DEAR] * 10, b"not json"):
        response = served.ask(body)
        assert response.status == 429
    assert not served.store.asked
    assert RAN == []


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{ nope }"},
        {"query": "{"},
        {"query": "{ free " + "a: free " * 40 + "}"},
        {"query": "{ a: dear b: dear c: dear }"},
        b"not json",
        {},
        [{}] * 11,
    ],
)
def test_what_is_refused_for_what_it_is_asks_nobody(served: Served, body: object) -> None:
    for _ in range(20):
        assert codes_of(served.ask(body)) != ["RATE_LIMITED"]
    assert not served.store.asked
    assert RAN == []


def test_whoever_sends_nothing_but_nonsense_spends_a_bucket_too(served: Served) -> None:
    for _ in range(1_000):
        assert served.ask({"query": "{ nope }"}).status == 400
    assert served.ask({"query": "{ nope }"}).status == 429
    assert not served.store.asked


def test_a_long_document_costs_its_reading(served: Served) -> None:
    long = {"query": "{ free }" + " " * 5_000}
    assert cost_of(served.ask(long))["requested"] == 11


def test_addresses_spend_apart_and_accounts_apart_from_their_address(served: Served) -> None:
    served.empty("192.0.2.1")
    assert served.ask(DEAR, "192.0.2.2").status == 200
    ann = {"authorization": "Bearer ann"}
    assert served.ask(DEAR, "192.0.2.1", ann).status == 200
    served.empty("192.0.2.3", {"authorization": "Bearer bob"})
    assert served.ask(DEAR, "192.0.2.4", {"authorization": "Bearer bob"}).status == 429
    assert served.ask(DEAR, "192.0.2.4", ann).status == 200


def test_no_header_gives_a_client_another_address(served: Served) -> None:
    served.empty("192.0.2.1")
    forged = {"x-forwarded-for": "203.0.113.5", "forwarded": "for=203.0.113.5", "x-real-ip": "203.0.113.5"}
    assert served.ask(DEAR, "192.0.2.1", forged).status == 429


def test_a_network_of_ipv6_is_one_client(served: Served) -> None:
    served.empty("2001:db8::1")
    assert served.ask(DEAR, "2001:db8::ffff:2").status == 429
    assert served.ask(DEAR, "2001:db8:0:1::1").status == 200


def test_bad_credentials_are_refused_before_they_are_looked_at_once_there_were_too_many(
    served: Served,
) -> None:
    stolen = {"authorization": "Bearer stolen"}
    for _ in range(50):
        assert served.ask(DEAR, headers=stolen).status == 401
    assert served.ask(DEAR, headers=stolen).status == 429
    assert served.ask(DEAR).status == 200, "whoever shows none at that address is not refused"
    assert served.ask(DEAR, "192.0.2.9", {"authorization": "Bearer ann"}).status == 200


def test_operations_of_a_batch_are_paid_one_by_one(served: Served) -> None:
    answers = json.loads(served.ask([DEAR, DEAR, DEAR, {"query": "{ free }"}]).body)
    codes = [[e["extensions"]["code"] for e in a.get("errors", ())] for a in answers]
    assert codes == [[], [], ["RATE_LIMITED"], []]
    assert RAN == ["dear", "dear", "free"]


def test_a_mutation_that_is_refused_has_not_run(served: Served) -> None:
    served.empty()
    assert served.ask({"query": "mutation { change }"}).status == 429
    assert RAN == []


def by_hash(text: str, *, with_text: bool) -> dict[str, object]:
    named = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(text.encode()).hexdigest()}}
    return {"extensions": named, **({"query": text} if with_text else {})}


def test_to_keep_a_document_costs_as_a_mutation_does_and_a_flood_of_them_ends(served: Served) -> None:
    first = served.ask(by_hash("{ free } # 0", with_text=True))
    assert cost_of(first)["requested"] == 11
    kept = 1
    while served.ask(by_hash(f"{{ free }} # {kept}", with_text=True)).status == 200:
        kept += 1
    assert kept == 1_000 // 11
    assert cost_of(served.ask(by_hash("{ free } # 0", with_text=False), "192.0.2.2"))["requested"] == 1


def test_a_flood_of_unknown_hashes_ends_without_another_read(served: Served) -> None:
    for number in range(1_000):
        assert served.ask(by_hash(f"unknown {number}", with_text=False)).status == 400
    served.store.asked.clear()
    assert served.ask(by_hash("unknown", with_text=False)).status == 429
    assert not served.store.asked


def test_untrusted_documents_are_refused_without_a_read() -> None:
    served = Served(only_trusted=True)
    assert codes_of(served.ask(DEAR)) == ["UNTRUSTED_DOCUMENT"]
    assert not served.store.asked
    assert RAN == []


def test_a_bucket_that_the_dearest_operation_never_fits_in_is_no_setting() -> None:
    with pytest.raises(ValueError, match="bucket"):
        Limits(cost=2_000, bucket=1_999)
