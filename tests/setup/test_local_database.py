from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest

from infra.local import database, dynamodb_local, ports, toolchain
from infra.local.database import UnknownEngine, local_database
from infra.local.dynamodb_local import DynamoDBLocal
from infra.local.toolchain import ToolMissing
from tests.fixtures.dynamodb import pytest_runtest_setup

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def connect(endpoint: str, access_key: str = "worker1") -> "DynamoDBClient":
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=access_key,
        aws_secret_access_key="local",
    )


def create_table(client: "DynamoDBClient", name: str) -> None:
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )


def port_of(endpoint: str) -> int:
    return int(endpoint.rpartition(":")[2])


def add(client: "DynamoDBClient", amount: int) -> None:
    client.update_item(
        TableName="lock",
        Key={"pk": {"S": "counter"}},
        UpdateExpression="ADD n :amount",
        ExpressionAttributeValues={":amount": {"N": str(amount)}},
    )


def move_one(client: "DynamoDBClient", source: str, target: str) -> None:
    client.transact_write_items(
        TransactItems=[
            {
                "Update": {
                    "TableName": "lock",
                    "Key": {"pk": {"S": account}},
                    "UpdateExpression": "ADD n :amount",
                    "ExpressionAttributeValues": {":amount": {"N": str(amount)}},
                }
            }
            for account, amount in ((source, -1), (target, 1))
        ]
    )


@pytest.fixture(scope="module")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with ExitStack() as running:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("DYNAMODB", "moto")
            endpoint = running.enter_context(local_database(None, logs=tmp_path_factory.mktemp("logs")))
        create_table(connect(endpoint), "lock")
        yield endpoint


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNAMODB", "local")


def test_no_addition_is_lost_among_sixteen_threads_on_moto(moto: str) -> None:
    client = connect(moto)
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(lambda _: add(client, 3), range(96)))
    assert client.get_item(TableName="lock", Key={"pk": {"S": "counter"}})["Item"]["n"] == {"N": "288"}


def test_concurrent_transfers_keep_their_sum_on_moto(moto: str) -> None:
    client = connect(moto)
    accounts = ["a", "b", "c", "d"]
    for account in accounts:
        client.put_item(TableName="lock", Item={"pk": {"S": account}, "n": {"N": "10"}})
    with ThreadPoolExecutor(16) as threads:
        list(
            threads.map(lambda n: move_one(client, accounts[n % 4], accounts[(n + 1 + n % 3) % 4]), range(32))
        )
    rows = [client.get_item(TableName="lock", Key={"pk": {"S": account}})["Item"] for account in accounts]
    assert sum(int(row["n"]["N"]) for row in rows) == 40


@pytest.mark.dynamodb_local
def test_each_access_key_has_a_database_of_its_own_in_memory(local: None, tmp_path: Path) -> None:
    with local_database(None, logs=tmp_path) as endpoint:
        create_table(connect(endpoint, "worker1"), "rows")
        assert connect(endpoint, "worker2").list_tables()["TableNames"] == []
    assert not ports.answers(port_of(endpoint))


@pytest.mark.dynamodb_local
def test_what_is_on_disk_is_there_after_a_crash_and_for_every_access_key(local: None, tmp_path: Path) -> None:
    with DynamoDBLocal.start(tmp_path / "data", shared=True, logs=tmp_path) as first:
        client = connect(first.endpoint, "worker1")
        create_table(client, "rows")
        client.put_item(TableName="rows", Item={"pk": {"S": "kept"}})
        first.process.kill()
    with local_database(tmp_path / "data", logs=tmp_path) as endpoint:
        row = connect(endpoint, "worker2").get_item(TableName="rows", Key={"pk": {"S": "kept"}})
    assert row["Item"] == {"pk": {"S": "kept"}}


def test_the_licence_is_mentioned_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dynamodb_local, "_NOTICE_SHOWN", tmp_path / "state" / "shown")
    dynamodb_local._show_licence_notice()
    dynamodb_local._show_licence_notice()
    assert capsys.readouterr().err.count("AWS account") == 1


def test_moto_stands_in_with_a_notice_where_java_is_missing(
    local: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_java() -> Path:
        raise ToolMissing("Java")

    monkeypatch.setattr(toolchain, "java", no_java)
    assert database.engine_here() == "moto"
    with local_database(None, logs=tmp_path) as endpoint:
        assert connect(endpoint).list_tables()["TableNames"] is not None
    notice = capsys.readouterr().err
    assert "Java is missing. Run `make setup`." in notice
    assert "moto stands in" in notice


@pytest.mark.parametrize(
    ("asked", "outcome"), [("moto", pytest.skip.Exception), ("local", pytest.fail.Exception)]
)
def test_what_only_dynamodb_local_shows_is_left_out_where_moto_was_asked_for_and_never_unasked(
    asked: str, outcome: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_java() -> Path:
        raise ToolMissing("Java")

    monkeypatch.setenv("DYNAMODB", asked)
    monkeypatch.setattr(toolchain, "java", no_java)
    with pytest.raises(outcome):
        pytest_runtest_setup(cast(Any, SimpleNamespace(get_closest_marker=lambda _: True)))
    pytest_runtest_setup(cast(Any, SimpleNamespace(get_closest_marker=lambda _: None)))


def test_an_engine_we_do_not_know_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DYNAMODB", "oracle")
    with pytest.raises(UnknownEngine, match="DYNAMODB is 'oracle'; it may be 'local' or 'moto'"):
        database.engine()


@pytest.mark.parametrize("unset", [None, ""])
def test_dynamodb_local_is_the_default(monkeypatch: pytest.MonkeyPatch, unset: str | None) -> None:
    monkeypatch.delenv("DYNAMODB", raising=False)
    if unset is not None:
        monkeypatch.setenv("DYNAMODB", unset)
    assert database.engine() == "local"
