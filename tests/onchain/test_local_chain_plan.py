"""A set of contracts that makes no sense is refused whole, with every reason and every plugin named."""

from dataclasses import replace

import pytest

from colonnade.errors import ConflictError
from colonnade.evm import Address
from colonnade.local_contracts import Account, LocalContract, Ref, Transaction
from infra.local.chain.planning import plan

ROUTER = Address("0x4752ba5DBc23f44D87826276BF6Fd6b1C372aD24")
BANK = LocalContract("Bank", "bank/Bank.json")
VAULT = LocalContract("Vault", "vault/Vault.json", arguments=(Ref("Bank"),))


def problems(*brought: tuple[str, LocalContract]) -> tuple[str, ...]:
    with pytest.raises(ConflictError) as refused:
        plan(brought)
    return refused.value.problems


def test_what_a_constructor_refers_to_is_placed_first() -> None:
    planned = plan([("defi", VAULT), ("payments", BANK)])
    assert [contract.name for _, contract in planned.contracts] == ["Bank", "Vault"]


def test_references_inside_tuples_and_libraries_count() -> None:
    nested = LocalContract("Nested", "n.json", arguments=(1, (2, (Ref("Vault"),))))
    linked = LocalContract("Linked", "l.json", libraries={"Arithmetic": "Nested"})
    planned = plan([("a", linked), ("a", nested), ("a", VAULT), ("a", BANK)])
    assert [contract.name for _, contract in planned.contracts] == ["Bank", "Vault", "Nested", "Linked"]


def test_otherwise_contracts_are_placed_as_declared() -> None:
    names = ["C", "A", "B"]
    planned = plan([("x", LocalContract(name, "any.json")) for name in names])
    assert [contract.name for _, contract in planned.contracts] == names


def test_seeds_may_refer_to_contracts_that_are_placed_later() -> None:
    early = LocalContract("Early", "e.json", seeds=(Transaction(Ref("Bank"), "function open()"),))
    planned = plan([("a", early), ("a", BANK)])
    assert [contract.name for _, contract in planned.contracts] == ["Early", "Bank"]


def test_a_contract_may_refer_to_itself() -> None:
    factory = LocalContract("Factory", "f.json", address=ROUTER, arguments=(Ref("Factory"),))
    assert plan([("a", factory)]).addresses == {"Factory": ROUTER}


def test_an_address_that_is_not_given_depends_on_the_name_alone() -> None:
    alone = plan([("payments", BANK)]).addresses["Bank"]
    among_others = plan([("defi", VAULT), ("payments", replace(BANK, artifact="other.json"))]).addresses
    assert among_others["Bank"] == alone
    assert among_others["Vault"] != alone


def test_two_plugins_may_bring_the_same_contract() -> None:
    planned = plan([("defi", BANK), ("payments", replace(BANK))])
    assert planned.contracts == [("defi", BANK)]


def test_one_name_for_different_contracts_names_both_plugins() -> None:
    assert problems(("defi", BANK), ("payments", replace(BANK, artifact="other.json"))) == (
        "'defi' and 'payments' bring different contracts named Bank; "
        "rename one, or describe both alike if they are the same",
    )


def test_one_address_for_two_contracts_names_both_plugins() -> None:
    mine, theirs = replace(BANK, address=ROUTER), LocalContract("Till", "t.json", address=ROUTER)
    assert problems(("defi", mine), ("payments", theirs)) == (
        f"'defi' and 'payments' place Bank and Till at one address, {ROUTER}; "
        "drop one, or give both the same name and description",
    )


def test_a_reference_to_nothing_names_the_plugin() -> None:
    assert problems(("defi", VAULT)) == (
        "'defi': Vault refers to Bank, which no plugin brings; check the name, or add the plugin",
    )


@pytest.mark.parametrize(
    "contract",
    [
        replace(BANK, libraries={"Arithmetic": "Sums"}),
        replace(BANK, arguments=(1, ((Ref("Sums"),),))),
        replace(BANK, seeds=(Transaction(Ref("Sums"), "function add()"),)),
        replace(BANK, seeds=(Transaction(Ref("Bank"), "function add(address a)", (Ref("Sums"),)),)),
    ],
    ids=["library", "argument", "target of a seed", "argument of a seed"],
)
def test_references_are_checked_wherever_they_may_stand(contract: LocalContract) -> None:
    assert problems(("defi", contract)) == (
        "'defi': Bank refers to Sums, which no plugin brings; check the name, or add the plugin",
    )


def test_an_account_that_does_not_exist_names_the_plugin() -> None:
    seed = Transaction(Ref("Bank"), "function open(address)", (Account(-1),), sender=Account(10))
    assert set(problems(("defi", replace(BANK, seeds=(seed,))))) == {
        "'defi': Bank uses account 10; the local chain has 0 to 9",
        "'defi': Bank uses account -1; the local chain has 0 to 9",
    }


def test_an_address_with_a_wrong_checksum_is_refused() -> None:
    (problem,) = problems(("defi", replace(BANK, address=Address(ROUTER.replace("a", "A")))))
    assert problem.startswith("'defi': Bank has an impossible address: the checksum of ")


def test_contracts_that_need_one_another_first_are_named_with_their_plugins() -> None:
    bank = replace(BANK, arguments=(Ref("Vault"),))
    assert problems(("payments", bank), ("defi", VAULT)) == (
        "contracts need one another to be constructed first: Bank ('payments'), Vault ('defi'); "
        "set one by a seed instead",
    )


def test_every_problem_is_reported_at_once() -> None:
    found = problems(
        ("defi", replace(BANK, address=ROUTER, arguments=(Ref("Vault"),))),
        ("defi", VAULT),
        ("payments", replace(BANK, artifact="other.json")),
        (
            "miniapps",
            LocalContract("Till", "t.json", address=ROUTER, arguments=(Ref("Nothing"), Account(12))),
        ),
    )
    assert [
        next(p for p in ("different", "one address", "no plugin", "uses account", "constructed") if p in f)
        for f in found
    ] == [
        "different",
        "one address",
        "no plugin",
        "uses account",
        "constructed",
    ]
