"""For plugin authors: a harness that composes exactly the named plugins, and the in-memory adapters it stands on."""

from colonnade.testing.clock import FrozenClock
from colonnade.testing.harness import Harness
from colonnade.testing.ids import SequentialIds
from colonnade.testing.known_tokens import KnownTokens
from colonnade.testing.memory_store import MemoryStore
from colonnade.testing.results import Failure, OperationFailed, Result
from colonnade.testing.scripted_chain import Emitted, ScriptedChain, ScriptedChains
from colonnade.testing.scripted_http import ScriptedHttp
from colonnade.testing.stand_ins import stand_in
from colonnade.testing.surroundings import Surroundings

__all__ = [
    "Emitted",
    "Failure",
    "FrozenClock",
    "Harness",
    "KnownTokens",
    "MemoryStore",
    "OperationFailed",
    "Result",
    "ScriptedChain",
    "ScriptedChains",
    "ScriptedHttp",
    "SequentialIds",
    "Surroundings",
    "stand_in",
]
