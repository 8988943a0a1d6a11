"""What the process of a packaged function holds once it has answered a plain query, and made its client of DynamoDB."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from infra.packaging import Unpacked

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
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": f"{host_package.task}:{host_package.layer / 'python'}",
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
        "COLONNADE_CURSOR_KEY": "0123456789abcdef0123456789abcdef",
        "COLONNADE_DYNAMODB_ENDPOINT": "http://127.0.0.1:9",
        "COLONNADE_LOG_LEVEL": "ERROR",
        "IDENTITY_SIGNING_KEYS": "test:private:" + "A" * 43,
    }
    program = [sys.executable, "-B", "-P", "-S", "-s", "-c", SCRIPT, json.dumps(EVENT)]
    ran = subprocess.run(program, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


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
