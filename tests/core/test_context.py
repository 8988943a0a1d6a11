"""What a resolver asks its context for is there, or the answer says how to get it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from colonnade.errors import ConfigurationError
from tests.core.contexts import bare_context


@dataclass(frozen=True, slots=True)
class LampSettings:
    watts: int = 40


def test_declared_settings_are_there_by_their_class() -> None:
    context = replace(bare_context(), settings={LampSettings: LampSettings(60)})
    assert context.setting(LampSettings).watts == 60


def test_settings_that_no_manifest_names_are_missed_with_the_line_that_mends_it() -> None:
    with pytest.raises(ConfigurationError, match=r"Plugin\(…, settings=LampSettings\)"):
        bare_context().setting(LampSettings)
