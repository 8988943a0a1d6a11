"""The operator on a real node, with a key in a file and one in KMS (moto)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from boto3.session import Session
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from eth_account import Account
from moto.kms.utils import ECDSAPrivateKey

from colonnade.chains import BASE
from colonnade.store import Store
from colonnade.testing.clock import FrozenClock
from colonnade.testing.memory_store import MemoryStore
from infra.dynamodb import DynamoDBSettings, DynamoDBStore
from infra.local.anvil import Anvil
from infra.local.chain import Node
from infra.local.moto_server import MotoServer
from infra.operator.file_key import FileSigner
from infra.operator.kms import KmsSettings, KmsSigner
from infra.operator.signers import Signer
from infra.rpc import ChainSettings, JsonRpcChains, RequestStats
from tests.contract.operator.setting import RECIPIENT, REFUSER, Setting
from tests.infra.rpc.bytecode import ECHO, REFUSE


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Anvil, Node]]:
    """A node that mines when a test says so."""
    with ExitStack() as resources:
        anvil = resources.enter_context(Anvil.start(logs=tmp_path_factory.mktemp("anvil")))
        node = Node(anvil.port)
        resources.callback(node.close)
        node.rpc("evm_setAutomine", False)
        for address, code in ((RECIPIENT, ECHO), (REFUSER, REFUSE)):
            node.rpc("anvil_setCode", address, "0x" + code.hex())
        node.rpc("anvil_mine", "0x3")
        yield anvil, node


@pytest.fixture(scope="module")
def kms_endpoint() -> Iterator[str]:
    """KMS by moto, taught to sign digests: its own would hash them once more."""

    def sign(key: ECDSAPrivateKey, message: bytes, signing_algorithm: str) -> bytes:
        assert (len(message), signing_algorithm) == (32, "ECDSA_SHA_256")
        return key.private_key.sign(message, ec.ECDSA(utils.Prehashed(hashes.SHA256())))

    with pytest.MonkeyPatch.context() as patch, MotoServer.start() as server:
        patch.setattr(ECDSAPrivateKey, "sign", sign)
        yield server.endpoint


@pytest.fixture
def new_kms_key(kms_endpoint: str) -> Callable[[str], KmsSettings]:
    """A key of a kind in KMS."""

    def make(key_spec: str) -> KmsSettings:
        client: Any = Session().client(
            "kms",
            region_name="us-east-1",
            endpoint_url=kms_endpoint,
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        key = client.create_key(KeySpec=key_spec, KeyUsage="SIGN_VERIFY")
        client.close()
        key_id: str = key["KeyMetadata"]["KeyId"]
        return KmsSettings(key_id, "us-east-1", kms_endpoint, "local", "local", read_timeout=10.0)

    return make


@pytest.fixture(params=["file", "kms"])
def signer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Signer]:
    """A key of its own for each test."""
    if request.param == "file":
        path = tmp_path / "operator.key"
        path.touch(mode=0o600)
        path.write_text(Account.create().key.hex())
        yield FileSigner(path)
        return
    make: Callable[[str], KmsSettings] = request.getfixturevalue("new_kms_key")
    kms = KmsSigner(make("ECC_SECG_P256K1"))
    yield kms
    kms.close()


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def store(clock: FrozenClock) -> Store:
    return MemoryStore(clock)


@pytest.fixture
def database(dynamodb: DynamoDBSettings, clock: FrozenClock) -> Iterator[Store]:
    """A real database, for races."""
    store = DynamoDBStore(dynamodb, clock)
    yield store
    store.close()


@pytest.fixture
async def setting(node: tuple[Anvil, Node], signer: Signer, store: Store, clock: FrozenClock) -> Any:
    """An operator with ten ether, and what surrounds it."""
    anvil, rpc = node
    requests: list[RequestStats] = []
    chains = JsonRpcChains([ChainSettings(BASE, (anvil.url,), multicall3=None)], on_request=requests.append)
    setting = Setting(rpc, signer, store, clock, chains, requests)
    await setting.enrich()
    yield setting
    setting.forget_what_waits()
    chains.close()
