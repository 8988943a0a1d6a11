"""Figures: which requests to the database one mutation makes, counted where botocore sends them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from colonnade.clock import SystemClock
from colonnade.ids import UlidIds
from colonnade.testing import FrozenClock, Harness
from infra.dynamodb import DynamoDBSettings, DynamoDBStore

WHAT_WENT_WRONG: Final = ("Failed", "Refused", "Conflict", "Rejected", "Unavailable", "NotFound", "Error")


class Ledger:
    """`store`: whose requests are counted; `figures`: what each mutation cost, as docs/operations-count.md has it."""

    def __init__(self, settings: DynamoDBSettings, clock: FrozenClock | None = None) -> None:
        self.clock = clock or FrozenClock()
        self.store: Final = DynamoDBStore(settings, self.clock)
        self.figures: dict[str, str] = {}
        self._sent: list[str] = []
        self.store.client.meta.events.register("before-send.dynamodb", self._note)

    def ready(self, api: Harness) -> Harness:
        """A harness on this store, with ids that no other test has."""
        api.ids = UlidIds(SystemClock())  # type: ignore[misc] # tests share a table
        return api

    async def count(self, api: Harness, mutation: str, given: Mapping[str, Any]) -> None:
        """Run a mutation that succeeds, asking for nothing of its result, and enter what it cost."""
        input_type = f"{mutation[0].upper()}{mutation[1:]}Input"
        document = f"mutation($input: {input_type}!) {{ {mutation}(input: $input) {{ __typename }} }}"
        self._sent.clear()
        answer = (await api.data(document, {"input": given}))[mutation]
        assert not answer["__typename"].endswith(WHAT_WENT_WRONG), answer
        self.figures[mutation] = listed(Counter(self._sent))

    def _note(self, event_name: str, **_: Any) -> None:
        self._sent.append(event_name.rpartition(".")[2])


def listed(counts: Counter[str]) -> str:
    """Requests by their kind, as in `GetItem ×2, PutItem`; `-` where there are none."""
    parts = (kind if count == 1 else f"{kind} ×{count}" for kind, count in sorted(counts.items()))
    return ", ".join(parts) or "-"


def table(text: str, heading: str) -> dict[str, str]:
    """The figures that a page shows below a heading: the first two columns of its table."""
    _, _, below = text.partition(f"## {heading}\n")
    rows = [line for line in below.partition("\n## ")[0].splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]
    return {name.strip("`"): figure for name, figure, *_ in cells}


ROOT: Final = Path(__file__).parents[2]
DOCUMENTED: Final = table((ROOT / "docs" / "operations-count.md").read_text(), "Mutations")

Make = Callable[[FrozenClock], Ledger]
"""Makes a ledger at a moment."""


def documented(ledger: Ledger) -> dict[str, str]:
    """What the page says of each mutation that the ledger has counted."""
    return {mutation: DOCUMENTED.get(mutation, "nothing") for mutation in ledger.figures}
