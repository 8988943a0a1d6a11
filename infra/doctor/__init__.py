"""Whether what a deployment's settings name is there and answers: what `colonnade doctor` asks of the world."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from colonnade.diagnosis import Finding
from infra.doctor.endpoints import examine_chains
from infra.doctor.gateway import examine_gateway
from infra.doctor.operator_key import examine_operator_key
from infra.doctor.queues import examine_queues
from infra.doctor.table import examine_table
from infra.settings import DeploymentSettings

Examination = Callable[[DeploymentSettings], Iterator[Finding]]

EXAMINATIONS: Sequence[Examination] = (
    examine_table,
    examine_queues,
    examine_chains,
    examine_gateway,
    examine_operator_key,
)


def examine_surroundings(settings: DeploymentSettings) -> Sequence[Finding]:
    """Everything that was found, in a few seconds; nothing is changed by asking."""

    def listed(examine: Examination) -> list[Finding]:
        return list(examine(settings))

    with ThreadPoolExecutor(len(EXAMINATIONS), thread_name_prefix="doctor") as threads:
        return [finding for findings in threads.map(listed, EXAMINATIONS) for finding in findings]
