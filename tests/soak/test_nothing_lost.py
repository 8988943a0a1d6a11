"""Nothing is lost, whoever is killed, whatever the gateway answers, and however often a batch comes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from infra.dynamodb import ensure_table
from infra.dynamodb.client import connect
from infra.local import ports
from infra.local.moto_server import MotoServer
from tests.soak.plan import FULL, LARGE, ROLES, SMALL, Plan, seed_of_this_run
from tests.soak.roles import table_of
from tests.soak.shared_queues import create_queues
from tests.soak.soaking import Outcome, soak
from tests.soak.table import write_table
from tests.soak.writing import WRITERS

pytestmark = [pytest.mark.dynamodb_local, pytest.mark.soak]


@pytest.fixture
def plan(dynamodb_endpoint: str, tmp_path: Path) -> Iterator[Plan]:
    """A soak with a table of its own; its seed is printed."""
    seed = seed_of_this_run()
    sys.stdout.write(f"SOAK_SEED={seed}\n")
    size = LARGE if FULL else SMALL
    made = Plan(seed, size, dynamodb_endpoint, f"colonnade-{uuid4().hex}", tmp_path, ports.free_port())
    client = connect(table_of(made))
    ensure_table(client, made.table)
    yield made
    client.delete_table(TableName=made.table)
    client.close()


def nothing_is_lost(outcome: Outcome) -> None:
    """Each committed event is in its log once, and each subscriber was shown its log, in order."""
    for book, planned in outcome.planned.items():
        log = outcome.logs[book]
        assert sorted(log) == sorted(outcome.notes[book]) == sorted(planned)
        for writer in range(WRITERS):
            own = [text for text in log if text.startswith(f"{writer}-")]
            assert own == sorted(own), "what one writer committed keeps its order"
    for stream in outcome.streams:
        assert stream.wrong == []
        assert stream.texts == outcome.logs[stream.book]


def test_each_subscribers_stream_equals_the_log(plan: Plan) -> None:
    outcome = soak(plan)
    write_table("files", plan, outcome)
    nothing_is_lost(outcome)
    assert outcome.kills == {role: plan.size.kills[role] for role in ROLES}


def test_each_subscribers_stream_equals_the_log_with_sqs_between(plan: Plan) -> None:
    with MotoServer.start() as moto:
        create_queues(moto.endpoint, plan.table)
        smaller = Plan(
            plan.seed, SMALL, plan.database, plan.table, plan.state, plan.port, queues=moto.endpoint
        )
        outcome = soak(smaller)
    nothing_is_lost(outcome)
