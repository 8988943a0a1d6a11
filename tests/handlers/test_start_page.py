"""The start page: how things are, for everybody; and on a laptop what a developer wants to know."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from colonnade.chains import BASE, BlockRef, Finality
from colonnade.evm import parse_address
from colonnade.registry import PluginState, PluginStatus
from handlers.development import Holdings
from handlers.health import BEHIND, ChainHealth, Health, QueueHealth
from handlers.http import HttpHandler
from handlers.start_page import Page, start_page
from tests.handlers.sample import event, sample_application

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
HEAD = BlockRef(BASE, 1_234, b"\1" * 32, b"\2" * 32, NOW - timedelta(seconds=3), Finality.CONFIRMED, 7)
PLUGINS = [
    PluginStatus("weather", "1.2.3", "ours", PluginState.ACTIVE),
    PluginStatus("<b>bad</b>", "6.6.6", "ours", PluginState.SKIPPED, "No module named '/srv/secret'"),
]
ACCOUNT = parse_address("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266")


def chain(**more: Any) -> ChainHealth:
    return ChainHealth(
        **{
            "chain_id": BASE,
            "head": HEAD,
            "safe": 1_233,
            "finalized": 1_232,
            "indexed": 1_234,
            "waiting": 0,
            **more,
        }
    )


def text(html: str) -> str:
    """What a person reads."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def page(*chains: ChainHealth, **more: Any) -> str:
    health = more.pop("health", Health(True, chains))
    return start_page(Page(health, NOW, PLUGINS, **more))


def test_the_current_block_is_shown_with_its_time_and_finality() -> None:
    said = text(page(chain()))
    assert "1,234 Chain Base (8453) Time 2026-01-01 11:59:57 UTC , 3 s ago Finality confirmed" in said
    assert "Safe up to 1,233 Finalized up to 1,232 Indexed up to 1,234" in said


def test_what_works_is_said_to_work() -> None:
    said = text(page(chain()))
    assert "Database answers Working" in said
    assert "Base answers Working" in said
    assert "Index of Base keeps up with the chain Working" in said
    assert "Events of Base are all delivered Working" in said


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"head": None, "safe": None, "finalized": None}, "Base does not answer Down"),
        ({"indexed": 1_234 - BEHIND}, f"Index of Base {BEHIND} blocks behind Behind"),
        ({"indexed": 234}, "Index of Base 1,000 blocks behind Behind"),
        ({"indexed": None}, "Index of Base nothing to tell yet Not known"),
        ({"indexed": 1_235}, "Index of Base keeps up with the chain Working"),
        ({"waiting": 12}, "Events of Base 12 events behind Behind"),
    ],
)
def test_what_does_not_is_named_with_how_far_it_is_behind(more: dict[str, Any], said: str) -> None:
    assert said in text(page(chain(**more)))


def test_a_database_and_queues_that_do_not_work_are_named() -> None:
    health = Health(False, (), [QueueHealth("jobs", 0, 2), QueueHealth("deliveries", 40, 0)])
    said = text(page(health=health))
    assert "Database does not answer Down" in said
    assert "Queue of jobs 2 given up Behind" in said
    assert "Queue of deliveries 40 messages behind Behind" in said
    assert "No chain is configured." in said


def test_a_deployment_shows_neither_accounts_nor_versions_nor_reasons() -> None:
    html = page(chain())
    for hidden in ("1.2.3", "/srv/secret", "0xf39F", "mnemonic", "<b>bad", "127.0.0.1"):
        assert hidden not in html
    assert "weather active" in text(html)
    assert "skipped" in text(html)


def test_a_laptop_shows_accounts_with_what_they_hold_and_why_a_plugin_is_left_out() -> None:
    held = Holdings(ACCOUNT, [("ETH", "9899.999954"), ("USDC", "250000.000000"), ("DAI", "0.000000")])
    html = page(chain(), accounts=[held], rpc="http://127.0.0.1:8545", graphiql=True)
    assert f"{ACCOUNT} 9,899.99 ETH 250,000 USDC Plugins" in text(html)
    assert "http://127.0.0.1:8545" in html
    assert "skipped: No module named" in html.replace("&#x27;", "'")
    assert "&lt;b&gt;bad" in html
    assert 'href="/graphql"' in html
    assert 'href="/schema.graphql"' in html


def test_everything_comes_from_here_and_nothing_is_inline() -> None:
    answer = HttpHandler(sample_application())(event("GET", "/"))
    policy = answer["headers"]["content-security-policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self';")
    assert "<style" not in answer["body"]
    assert " style=" not in answer["body"]
    assert "//" not in re.sub(r"<!doctype html>", "", answer["body"])
    for path in re.findall(r'(?:href|src)="(/[^"]+\.(?:css|js|ico))"', answer["body"]):
        assert HttpHandler(sample_application())(event("GET", path))["statusCode"] == 200


def test_the_schema_is_there_where_graphiql_is() -> None:
    shown = HttpHandler(sample_application({"COLONNADE_GRAPHIQL": "true"}))(event("GET", "/schema.graphql"))
    assert "type Query {" in shown["body"]
    assert HttpHandler(sample_application())(event("GET", "/schema.graphql"))["statusCode"] == 404
