"""Compiled contracts are read from what compilers and packages write, and a missing one says what to do."""

import json
from pathlib import Path

import pytest

from colonnade.evm import Address
from infra.local.chain.artifacts import ArtifactMissing, ArtifactUnusable, load
from infra.local.chain.core import CORE_CONTRACTS
from infra.local.chain.wallet_contracts import WALLET_CONTRACTS
from infra.local.toolchain import ROOT
from plugins.trading.local_contracts import CONTRACTS

LIBRARY = Address("0x4752ba5DBc23f44D87826276BF6Fd6b1C372aD24")


def written(root: Path, content: object) -> str:
    (root / "package").mkdir(exist_ok=True)
    (root / "package" / "Thing.json").write_text(json.dumps(content))
    return "package/Thing.json"


@pytest.mark.parametrize(
    ("path", "package"),
    [
        ("@uniswap/v9-core/build/Pool.json", "@uniswap/v9-core"),
        ("solady/out/Pool.json", "solady"),
        ("viem-of-old/contracts.js#code", "viem-of-old"),
    ],
)
def test_a_missing_artefact_names_its_package_and_what_to_run(
    tmp_path: Path, path: str, package: str
) -> None:
    with pytest.raises(
        ArtifactMissing, match=f"the npm package {package} is not installed.*Run `make setup`"
    ):
        load(path, tmp_path)


def test_a_missing_artefact_of_a_plugins_own_is_the_plugins_fault(tmp_path: Path) -> None:
    with pytest.raises(ArtifactMissing, match="the plugin that brings it should ship it"):
        load(str(tmp_path / "Own.json"))


def test_an_absolute_path_is_read_where_it_is(tmp_path: Path) -> None:
    path = written(tmp_path, {"abi": [], "bytecode": "0x6001"})
    assert load(str(tmp_path / path)).linked({}) == b"\x60\x01"


@pytest.mark.parametrize(
    "compiled",
    [
        {"abi": [], "bytecode": "0x6001"},
        {"abi": [], "bytecode": "6001"},
        {"abi": [], "bytecode": {"object": "0x6001"}},
        {"abi": [], "bytecode": {"object": "6001", "linkReferences": {}}},
    ],
    ids=["hardhat", "truffle", "forge", "solc"],
)
def test_creation_code_is_found_in_the_output_of_every_compiler(tmp_path: Path, compiled: object) -> None:
    assert load(written(tmp_path, compiled), tmp_path).linked({}) == b"\x60\x01"


def test_a_constructors_types_are_spelled_out_of_its_structs(tmp_path: Path) -> None:
    parts = [{"type": "address"}, {"type": "tuple", "components": [{"type": "bytes32"}]}]
    inputs = [{"type": "uint256"}, {"type": "tuple[2][]", "components": parts}]
    abi = [{"type": "function", "inputs": [{"type": "bool"}]}, {"type": "constructor", "inputs": inputs}]
    artifact = load(written(tmp_path, {"abi": abi, "bytecode": "0x00"}), tmp_path)
    assert artifact.constructor == ("uint256", "(address,(bytes32))[2][]")


@pytest.mark.parametrize("nested", [False, True], ids=["hardhat", "solc"])
def test_a_library_is_linked_wherever_the_code_calls_it(tmp_path: Path, nested: bool) -> None:
    hole = "__$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa$__"
    code, links = f"60{hole}73{hole}", {"a/Sums.sol": {"Sums": [{"start": 1}, {"start": 22}]}}
    compiled = (
        {"abi": [], "bytecode": {"object": code, "linkReferences": links}}
        if nested
        else {"abi": [], "bytecode": code, "linkReferences": links}
    )
    artifact = load(written(tmp_path, compiled), tmp_path)
    place = LIBRARY[2:].lower()
    assert artifact.linked({"Sums": LIBRARY}).hex() == f"60{place}73{place}"
    with pytest.raises(ArtifactUnusable, match="linked with Sums, and no contract is named for it"):
        artifact.linked({})


@pytest.mark.parametrize("declaration", ["export const", "const", "var"])
def test_creation_code_is_found_in_javascript(tmp_path: Path, declaration: str) -> None:
    script = (
        f"export const others = '0x5b';\n{declaration} other = \"0x6001\";\n//# sourceMappingURL=x.js.map"
    )
    (tmp_path / "contracts.js").write_text(script)
    assert load("contracts.js#other", tmp_path).linked({}) == b"\x60\x01"
    with pytest.raises(ArtifactUnusable, match=r"assigns no hexadecimal code to othe$"):
        load("contracts.js#othe", tmp_path)


@pytest.mark.parametrize("code", ["", "0x", "0x6", "0xzz"])
def test_code_that_is_none_is_refused(tmp_path: Path, code: str) -> None:
    artifact = load(written(tmp_path, {"abi": [], "bytecode": code}), tmp_path)
    with pytest.raises(ArtifactUnusable, match="holds no creation code"):
        artifact.linked({})


@pytest.mark.parametrize(
    "content", [[], {"bytecode": "0x00"}, {"abi": [], "bytecode": None}, {"abi": 1, "bytecode": ""}]
)
def test_other_json_is_refused(tmp_path: Path, content: object) -> None:
    with pytest.raises(ArtifactUnusable, match="not a compiler's output"):
        load(written(tmp_path, content), tmp_path)


def test_runtime_code_is_found_in_solidity_and_made_creation_code_that_returns_it(tmp_path: Path) -> None:
    (tmp_path / "Etch.sol").write_text('bytes memory runtime =\n    hex"6001600255";\nvm.etch(AT, runtime);')
    assert load("Etch.sol#runtime", tmp_path).linked({}).hex() == "61000580600a5f395ff3" + "6001600255"
    with pytest.raises(ArtifactUnusable, match=r"assigns no hexadecimal literal to time$"):
        load("Etch.sol#time", tmp_path)
    with pytest.raises(ArtifactUnusable, match="assigns no hexadecimal literal to anything named"):
        load("Etch.sol", tmp_path)


def test_every_contract_of_the_local_chain_comes_with_set_up() -> None:
    """Not with what only tests install, nor by chance with another package."""
    declared = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    artifacts = [contract.artifact for contract in (*CORE_CONTRACTS, *WALLET_CONTRACTS, *CONTRACTS)]
    packages = {
        "/".join(path.split("/")[: 2 if path.startswith("@") else 1]) for path in artifacts if path[0] != "/"
    }
    assert "viem" in packages
    assert packages <= declared.keys()
