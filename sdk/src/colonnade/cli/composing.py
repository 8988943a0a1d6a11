"""The composition a command looks at."""

from __future__ import annotations

from collections.abc import Iterator

from colonnade.cli.project import Checkout, PluginsAtHand, Project, load_target
from colonnade.composer import Composition
from colonnade.errors import ConfigurationError
from colonnade.registry import PluginState
from colonnade.testing.composing import OnFailure, compose_plugins, missing_from, sample_id
from colonnade.testing.stand_ins import stand_in
from colonnade.testing.surroundings import Surroundings


def compose_project(project: Project, on_failure: OnFailure = "abort") -> Composition:
    """The application of a checkout; for plugins on their own, these with a stand-in for each type they miss.

    Raises `PluginError` for plugins that fail (in `"abort"` mode) and `ConflictError` for contradictions.
    """
    if isinstance(project, Checkout):
        composition = load_target(project.root, project.application)(on_plugin_failure=on_failure)
        if not isinstance(composition, Composition):
            raise ConfigurationError(
                f"{project.application} returned {type(composition).__name__}, not a Composition"
            )
        return composition
    around = surroundings_of(project)
    missing = missing_from(project.points, around.stand_ins)
    stand_ins = [*around.stand_ins, *(stand_in(name, id=sample_id(name)) for name in missing)]
    return compose_plugins(
        project.points, stand_ins=stand_ins, services=around.services, on_failure=on_failure
    )


def surroundings_of(project: PluginsAtHand) -> Surroundings:
    """What the plugins at hand are tried out with; nothing where their distribution does not say."""
    if project.surroundings is None:
        return Surroundings()
    around = load_target(project.root, project.surroundings)()
    if not isinstance(around, Surroundings):
        raise ConfigurationError(f"{project.surroundings} returned {type(around).__name__}, not Surroundings")
    return around


def failures(composition: Composition) -> Iterator[str]:
    """A sentence for each plugin that is not active."""
    for status in composition.statuses:
        if status.state is PluginState.SKIPPED:
            yield f"plugin {status.name} ({status.source}): {status.reason}"
