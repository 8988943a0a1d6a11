"""Loading plugins: each on its own, so that one that fails says why and takes along only what requires it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal

import pluggy

from colonnade import hookspecs, installed
from colonnade.errors import PluginError, message_of
from colonnade.offers import ELEMENTS, checked
from colonnade.plugin import PROJECT, Plugin, sdk_version

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

HOOKS: Final = tuple(ELEMENTS)

FAILURES: Final = (Exception, SystemExit)
"""What a plugin's code can raise without ending the process."""


class PluginState(Enum):
    """What became of a plugin."""

    ACTIVE = "ACTIVE"
    SKIPPED = "SKIPPED"


@dataclass(frozen=True, slots=True)
class PluginStatus:
    """A row of the result table.

    `source`: where it came from; `distribution`: which one, if it was installed; `milliseconds`: spent loading and
    collecting it.
    """

    name: str
    version: str
    source: str
    state: PluginState
    reason: str | None = None
    milliseconds: float = 0.0
    distribution: str | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one active plugin gave, by hook."""

    plugin: Plugin
    given: Mapping[str, Sequence[Any]]


class Registry:
    """The plugins of one schema.

    `on_failure`: `"abort"` raises one `PluginError` with every failure once all plugins have been looked at;
    `"skip"` goes on without them. Neither mode composes plugins that contradict one another, since nobody can tell
    which of them is wrong.
    """

    def __init__(self, on_failure: Literal["abort", "skip"] = "abort") -> None:
        self.on_failure = on_failure
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._plugins: dict[str, Plugin] = {}
        self._statuses: dict[str, PluginStatus] = {}
        self._duplicates: list[PluginStatus] = []

    @property
    def statuses(self) -> Sequence[PluginStatus]:
        """What became of every plugin that was added, in that order."""
        return (*self._statuses.values(), *self._duplicates)

    @property
    def manifests(self) -> Sequence[Plugin]:
        """What the plugins that have not failed say of themselves."""
        return tuple(self._plugins.values())

    def add(
        self,
        name: str,
        load: Callable[[], Any],
        source: str,
        *,
        version: str | None = None,
        distribution: str | None = None,
    ) -> None:
        """Load one plugin; whatever goes wrong is kept as the reason of its status."""
        started = time.perf_counter()
        status = PluginStatus(name, version or "0", source, PluginState.ACTIVE, distribution=distribution)
        if name in self._statuses:
            taken = self._statuses[name].source
            reason = f"the name {name!r} is already taken by the plugin from {taken}; rename one of them"
            self._duplicates.append(replace(status, state=PluginState.SKIPPED, reason=reason))
            return
        try:
            plugin = self._register(name, load)
        except PluginError as error:
            self._statuses[name] = replace(status, state=PluginState.SKIPPED, reason=str(error))
        else:
            self._plugins[name] = plugin
            self._statuses[name] = replace(status, version=version or plugin.version)
        self._spend(name, started)

    def add_modules(self, modules: Iterable[str]) -> None:
        """Load plugins by the dotted names of their modules.

        A plugin's name is the last part; of a module called `plugin`, it is the name of its package.
        """
        for module in modules:
            name = module.removesuffix(".plugin").rpartition(".")[2]
            self.add(name, partial(import_module, module), f"module {module}")

    def add_entry_points(self) -> None:
        """Load what installed distributions offer under the entry point group `colonnade.plugins`."""
        for offer in installed.offers():
            self._add_offer(offer)

    def add_entry_point(self, point: EntryPoint) -> None:
        """Load what one installed distribution offers."""
        self._add_offer(installed.Offer.of(point))

    def _add_offer(self, offer: installed.Offer) -> None:
        self.add(offer.name, offer.load, offer.source, version=offer.version, distribution=offer.distribution)

    def collect(self) -> Sequence[Contribution]:
        """Every active plugin's whole contribution, requirements before those that require them.

        Raises `PluginError` in `"abort"` mode if any plugin is not active.
        """
        self._settle()
        given: dict[str, Mapping[str, Sequence[Any]]] = {}
        for name in list(self._plugins):
            started = time.perf_counter()
            try:
                given[name] = self._call_hooks(name)
            except PluginError as error:
                self._fail(name, str(error))
            self._spend(name, started)
        self._settle()
        failed = [s for s in self.statuses if s.state is PluginState.SKIPPED]
        if failed and self.on_failure == "abort":
            raise PluginError(
                "Plugins failed to load:\n"
                + "\n".join(f"  - {s.name} ({s.source}): {s.reason}" for s in failed)
            )
        return [Contribution(self._plugins[name], given[name]) for name in self._in_order()]

    def _register(self, name: str, load: Callable[[], Any]) -> Plugin:
        try:
            module = load()
            plugin = getattr(module, "plugin", None)
        except FAILURES as error:
            raise PluginError(f"import failed: {_told(error)}") from error
        if not isinstance(plugin, Plugin):
            raise PluginError('its module declares no `plugin = Plugin("name", sdk=">=1.0,<2")`')
        if plugin.name != name:
            raise PluginError(f"its manifest calls it {plugin.name!r}; the names must agree")
        self._check_range(plugin)
        try:
            self._manager.register(module, name)
        except FAILURES as error:
            self._unregister(name)
            known = isinstance(error, pluggy.PluginValidationError | ValueError)
            raise PluginError(" ".join(message_of(error).split()) if known else _told(error)) from error
        self._check_hooks(name, module)
        return plugin

    @staticmethod
    def _check_range(plugin: Plugin) -> None:
        if installed.is_known_to_fit(plugin.name, plugin.sdk):
            return
        from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 - nine modules
        from packaging.version import Version  # noqa: PLC0415

        try:
            wanted = SpecifierSet(plugin.sdk)
        except InvalidSpecifier as error:
            raise PluginError(f"sdk={plugin.sdk!r} is not a version range (PEP 440)") from error
        if not wanted.contains(Version(sdk_version()), prereleases=True):
            raise PluginError(f"needs colonnade {plugin.sdk}, and this is {sdk_version()}")

    def _check_hooks(self, name: str, module: object) -> None:
        unknown = [c.name for c in self._manager.get_hookcallers(module) or () if not c.has_spec()]
        if unknown:
            self._unregister(name)
            import difflib  # noqa: PLC0415 - for whoever made a mistake

            hints = [difflib.get_close_matches(hook, HOOKS, 1) for hook in unknown]
            named = (
                f"{hook}{f' (did you mean {hint[0]}?)' if hint else ''}"
                for hook, hint in zip(unknown, hints, strict=True)
            )
            raise PluginError(f"implements hooks that do not exist: {', '.join(named)}")

    def _call_hooks(self, name: str) -> Mapping[str, Sequence[Any]]:
        given: dict[str, Sequence[Any]] = {}
        for hook in HOOKS:
            for implementation in getattr(self._manager.hook, hook).get_hookimpls():
                if implementation.plugin_name != name:
                    continue
                try:
                    given[hook] = checked(hook, implementation.function())
                except PluginError:
                    raise
                except FAILURES as error:
                    raise PluginError(f"hook {hook} raised {_told(error)}") from error
        return given

    def _settle(self) -> None:
        """Fail what requires something that is not active, until nothing changes; then what requires itself."""
        changed = True
        while changed:
            changed = False
            for name, plugin in list(self._plugins.items()):
                missing = [r for r in plugin.requires if r not in self._plugins]
                if missing:
                    self._fail(name, f"requires {', '.join(missing)}, which is not active")
                    changed = True
        circular = sorted(set(self._plugins) - set(self._in_order()))
        for name in circular:
            self._fail(name, f"requirements form a circle among {', '.join(circular)}, or lead into it")

    def _in_order(self) -> list[str]:
        ordered: list[str] = []
        waiting = dict(self._plugins)
        while ready := [n for n, p in waiting.items() if all(r in ordered for r in p.requires)]:
            ordered.extend(ready)
            for name in ready:
                del waiting[name]
        return ordered

    def _fail(self, name: str, reason: str) -> None:
        del self._plugins[name]
        self._unregister(name)
        self._statuses[name] = replace(self._statuses[name], state=PluginState.SKIPPED, reason=reason)

    def _unregister(self, name: str) -> None:
        if self._manager.has_plugin(name):
            self._manager.unregister(name=name)

    def _spend(self, name: str, started: float) -> None:
        status = self._statuses[name]
        spent = status.milliseconds + (time.perf_counter() - started) * 1_000
        self._statuses[name] = replace(status, milliseconds=round(spent, 3))


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {message_of(error)}"
