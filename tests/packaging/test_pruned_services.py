"""That botocore, with most of its descriptions left out, still makes every client that functions use."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra.local.moto_server import MotoServer
from infra.local.on_demand import python_environment
from infra.packaging import Unpacked
from infra.packaging.pruning import SERVICES

# `infra.aws` makes the clients, as it does in a function.
SCRIPT = """
import importlib.metadata, json, sys
from dataclasses import dataclass
from botocore.exceptions import UnknownServiceError
from infra import aws

@dataclass
class Settings:
    region: str
    endpoint_url: str | None
    access_key: str = "local"
    secret_key: str = "local"
    connect_timeout: float = 1.0
    read_timeout: float = 20.0

asked = json.loads(sys.argv[1])
resolved = {
    region: {name: aws.client(name, Settings(region, None)).meta.endpoint_url for name in asked["services"]}
    for region in asked["regions"]
}
answers = {
    name: getattr(aws.client(name, Settings("us-east-1", asked["moto"])), operation)()["ResponseMetadata"]["HTTPStatusCode"]
    for name, operation in asked["operations"].items()
}
try:
    aws.client("ec2", Settings("us-east-1", None))
    unknown = False
except UnknownServiceError:
    unknown = True
held = sorted(one.name for one in importlib.metadata.distributions())
print(json.dumps({"resolved": resolved, "answers": answers, "unknown": unknown, "held": held}))
"""
OPERATIONS = {
    "dynamodb": "list_tables",
    "kms": "list_keys",
    "sqs": "list_queues",
    "ssm": "describe_parameters",
}
Found = Mapping[str, Any]
REGIONS = ("us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1")


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """AWS on this machine."""
    with MotoServer.start() as server:
        yield server.endpoint


@pytest.fixture(scope="module")
def found(host_package: Unpacked, moto: str) -> Found:
    """What a process with nothing but the package and Lambda's runtime finds."""
    asked = {"services": sorted(SERVICES), "regions": REGIONS, "operations": OPERATIONS, "moto": moto}
    ran = subprocess.run(
        [python_environment("lambda"), "-c", SCRIPT, json.dumps(asked)],
        env={"PATH": os.defpath, "PYTHONPATH": str(host_package.layer / "python")},
        cwd=host_package.task,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found: Found = json.loads(ran.stdout)
    return found


def test_each_client_finds_its_endpoint_in_every_partition(
    found: Found,
) -> None:
    assert found["resolved"]["us-east-1"]["dynamodb"] == "https://dynamodb.us-east-1.amazonaws.com"
    assert found["resolved"]["cn-north-1"]["sqs"].endswith(".cn-north-1.amazonaws.com.cn")
    for region in REGIONS:
        assert found["resolved"][region].keys() == SERVICES
        assert all(region in url for url in found["resolved"][region].values())


def test_each_client_gets_an_answer(found: Found) -> None:
    assert found["answers"] == dict.fromkeys(OPERATIONS, 200)
    assert {*OPERATIONS, "apigatewaymanagementapi"} == SERVICES, "a socket's messages go through the last one"


def test_other_services_are_not_described(found: Found) -> None:
    assert found["unknown"]


def test_beside_the_package_there_is_lambdas_runtime_alone(
    found: Found,
) -> None:
    runtime = {"awslambdaric", "simplejson", "snapshot-restore-py"}
    assert runtime <= set(found["held"])
    assert not {"pytest", "moto", "uv", "pip", "colonnade-app"} & set(found["held"])
