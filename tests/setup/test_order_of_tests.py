"""Tests start in an order in which no process waits long for another, and each long one is there."""

import re
from pathlib import Path

from tests.fixtures import order

ROOT = Path(__file__).parents[2]


def in_order(*tests: str) -> list[str]:
    return [tests[place] for place in order.longest_first(tests)]


def test_what_takes_minutes_starts_before_what_takes_seconds() -> None:
    long, short = "tests/e2e/test_restart.py::test_a", "tests/evm/test_hex.py::test_b"
    assert in_order(short, long) == [long, short]


def test_of_files_that_are_alike_the_one_with_most_tests_starts_first() -> None:
    one, *many = (
        "tests/evm/test_one.py::test_a",
        "tests/evm/test_two.py::test_b",
        "tests/evm/test_two.py::test_a",
    )
    assert in_order(one, *many) == [*many, one]


def test_clients_of_the_whole_stack_follow_one_another_whatever_lies_between_them() -> None:
    main, viem = "tests/e2e/test_main_job.py::test_a", "tests/clients/test_viem.py::test_b"
    assert in_order(main, "tests/e2e/test_restart.py::test_c", viem)[:2] == [main, viem]
    assert order.unit_of(main) == order.unit_of(viem) != order.unit_of("tests/e2e/test_restart.py::test_c")


def test_every_file_and_folder_that_takes_long_is_there() -> None:
    assert [
        start for start in order.LONG if start != order.CLIENTS and not list(ROOT.glob(f"{start}*"))
    ] == []


def test_every_client_of_the_whole_stack_is_named() -> None:
    unnamed = [
        str(file.relative_to(ROOT))
        for file in (ROOT / "tests").rglob("test_*.py")
        if re.search(
            r"\b(local_stack: Running|stack_node: Node|trader: (Traders|Callable))", text := file.read_text()
        )
        and "def local_stack(" not in text
        and order.unit_of(f"{file.relative_to(ROOT)}::") == str(file.relative_to(ROOT))
    ]
    assert unnamed == []
