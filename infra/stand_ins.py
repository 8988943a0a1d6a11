"""Stand-ins for modules that libraries import at each start and that a request hardly ever needs.

A stand-in is the module itself before its code has run. Its functions are there and run the code when they are called;
any other name that somebody asks it for has it run at once. What comes of it then is the module as ever, in its place.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from threading import RLock
from types import ModuleType
from typing import Any, Final

_SHOWN: Final = "docstring"

STAND_INS: Final[Mapping[str, Sequence[str]]] = {
    "botocore.docs": (),
    f"botocore.docs.{_SHOWN}": ("ClientMethodDocstring", "PaginatorDocstring", "WaiterDocstring"),
    "dateutil.parser": ("isoparse", "parse"),
    "urllib3.http2": ("extract_from_urllib3", "inject_into_urllib3"),
}
"""The functions of each. What describes a client's methods is for `help()`: it says nothing and runs nothing."""

_lock: Final = RLock()


def use() -> None:
    """From now on these modules are stand-ins where they are imported for the first time."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder:
    """Finds what has a stand-in, and nothing else."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in STAND_INS:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            found: Any = spec
            found.loader = _Loader(spec.loader)
        return spec


class _Loader:
    """Puts a stand-in where `real` would put the module."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.runs = False

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _StandIn(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        for name in STAND_INS[module.__name__]:
            shown = module.__name__.endswith(_SHOWN)
            vars(module)[name] = _Undescribed if shown else _forwarding(module, name)

    def __getattr__(self, name: str) -> Any:  # of a loader: resources, sources
        return getattr(self.real, name)


class _StandIn(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        spec = self.__spec__
        if spec is not None and spec.submodule_search_locations is not None and _is_module(spec, name):
            raise AttributeError(name)  # the import system imports it then
        _run(self)
        if isinstance(self, _StandIn):  # whose code runs, and asks for what is not there yet
            raise AttributeError(name)
        return getattr(self, name)


class _Undescribed:
    def __init__(self, **_: object) -> None:
        pass


def _is_module(spec: ModuleSpec, name: str) -> bool:
    return PathFinder.find_spec(f"{spec.name}.{name}", spec.submodule_search_locations) is not None


def _forwarding(module: ModuleType, name: str) -> Callable[..., Any]:
    def forward(*given: Any, **named: Any) -> Any:
        _run(module)
        return getattr(module, name)(*given, **named)

    return forward


def _run(module: ModuleType) -> None:
    """Runs the code of a stand-in's module, once."""
    with _lock:
        loader = module.__loader__
        if not isinstance(module, _StandIn) or not isinstance(loader, _Loader) or loader.runs:
            return
        loader.runs = True
        try:
            for name in STAND_INS[module.__name__]:
                del vars(module)[name]
            loader.real.exec_module(module)
            module.__class__ = ModuleType  # type: ignore[assignment]
        except BaseException:
            loader.exec_module(module)
            raise
        finally:
            loader.runs = False
