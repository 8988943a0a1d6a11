"""What the process of a packaged function holds once it has answered a plain query, and made its client of DynamoDB."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.packaging import Unpacked
from tests.packaging.starting import answer

SCRIPT = """
import json, sys
from handlers import http, runtime
answer = http.handler(json.loads(sys.argv[1]), None)
runtime.application().adapters.store.client
print(json.dumps({"body": json.loads(answer["body"]), "modules": sorted(sys.modules)}))
"""
EVENT = {
    "version": "2.0",
    "rawPath": "/graphql",
    "rawQueryString": "",
    "headers": {"content-type": "application/json"},
    "requestContext": {"http": {"method": "POST", "path": "/graphql"}, "requestId": "plain"},
    "body": json.dumps({"query": "{ platform { version plugins { name status version } } }"}),
    "isBase64Encoded": False,
}
NEVER = {
    "aiohttp",
    "anyio",
    "boto3",
    "botocore.docs.bcdoc",
    "botocore.docs.service",
    "botocore.resource",
    "dateutil.parser._parser",
    "difflib",
    "eth_abi",
    "eth_account",
    "eth_utils",
    "html.parser",
    "httpx",
    "importlib.metadata",
    "jwt",
    "mangum",
    "packaging",
    "pkg_resources",
    "pydantic",
    "requests",
    "s3transfer",
    "starlette",
    "web3",
    "zipfile",
}
"""Heavy, or on the way to what no query needs: the metadata of distributions, what describes a client to a reader."""


@pytest.fixture(scope="module")
def asked(host_package: Unpacked) -> Any:
    nowhere = "http://127.0.0.1:9"
    return answer(
        host_package,
        SCRIPT,
        json.dumps(EVENT),
        COLONNADE_DYNAMODB_ENDPOINT=nowhere,
        COLONNADE_LOG_LEVEL="ERROR",
    )


def test_nothing_heavy_is_imported(asked: Any) -> None:
    held = set(asked["modules"])
    assert {"strawberry", "botocore.client", "urllib3"} <= held, "what a query does need"
    assert held & NEVER == set()


def test_it_knows_its_plugins_all_the_same(asked: Any) -> None:
    platform = asked["body"]["data"]["platform"]
    assert [plugin["name"] for plugin in platform["plugins"]] == [
        "actions",
        "work",
        "webhooks",
        "privacy",
        "identity",
        "trading",
    ]
    assert {plugin["status"] for plugin in platform["plugins"]} == {"ACTIVE"}
