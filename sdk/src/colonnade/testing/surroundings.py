"""What a plugin is tried out with while the rest of an application is not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from colonnade.chains import Chains
from colonnade.relay import Node
from colonnade.testing.scripted_chain import ScriptedChains


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Stand-ins for types, services and chains, for `colonnade dev` in a plugin's folder.

    A function that returns them is named in the plugin's pyproject.toml: `[tool.colonnade]`,
    `surroundings = "module:function"`.
    """

    stand_ins: Sequence[Node] = ()
    services: Mapping[Callable[..., object], object] = field(
        default_factory=dict[Callable[..., object], object]
    )
    chains: Chains = field(default_factory=ScriptedChains)
