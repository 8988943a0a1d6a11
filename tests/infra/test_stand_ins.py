"""A stand-in becomes its module as soon as anybody needs it, and nobody can tell."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from operator import methodcaller
from pathlib import Path
from typing import Any

import pytest

from infra import stand_ins

ROOT = Path(__file__).resolve().parents[2]


def in_a_new_process(program: str) -> Any:
    """What `program` puts into `said`, with stand-ins."""
    text = f"import json, sys\nfrom infra import stand_ins\nstand_ins.use()\nstand_ins.use()\n{program}\nprint(json.dumps(said))"
    ran = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


CLIENT = """
from botocore.session import get_session
client = get_session().create_client("dynamodb", region_name="us-east-1")
client.get_paginator("query"), client.get_waiter("table_exists")
"""


def test_a_client_is_made_without_what_stands_in() -> None:
    said = in_a_new_process(f"{CLIENT}\nsaid = sorted(sys.modules)")
    assert {*stand_ins.STAND_INS} <= {*said}
    assert {"html.parser", "botocore.docs.service", "dateutil.parser._parser"} & {*said} == set()


def test_times_are_read_by_whoever_bound_the_function_before() -> None:
    said = in_a_new_process(
        "from strawberry.schema.types.base_scalars import DateTimeDefinition\n"
        "from dateutil.parser import parse\n"
        "first = str(DateTimeDefinition.parse_value('2026-11-24T01:02:03Z')), str(parse('24 Nov 2026'))\n"
        "import dateutil.parser\n"
        "said = [*first, str(dateutil.parser.parse('24 Nov 2026')), dateutil.parser.parse is not parse,"
        " type(dateutil.parser).__name__, type(dateutil.parser.ParserError).__name__]"
    )
    day = "2026-11-24 00:00:00"
    assert said == ["2026-11-24 01:02:03+00:00", day, day, True, "module", "type"]


def test_a_name_that_is_no_function_of_it_runs_the_module() -> None:
    said = in_a_new_process(
        "import sys, botocore.docs\n"
        "from botocore.docs.utils import AppendParamDocumentation\n"
        "before = 'botocore.docs.service' in sys.modules\n"
        "from botocore.docs import DEPRECATED_SERVICE_NAMES, generate_docs\n"
        "from botocore.docs.docstring import LazyLoadedDocstring, ClientMethodDocstring\n"
        "said = [before, callable(generate_docs), issubclass(ClientMethodDocstring, LazyLoadedDocstring),"
        " sys.modules['botocore.docs'] is botocore.docs, hasattr(botocore.docs, 'nothing')]"
    )
    assert said == [False, True, True, True, False]


@pytest.fixture
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The source of a module with a stand-in."""
    file = tmp_path / "made_up_here.py"
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(stand_ins, "STAND_INS", {file.stem: ("asked",)})
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path])
    stand_ins.use()
    yield file
    sys.modules.pop(file.stem, None)


def test_threads_that_ask_at_once_run_it_once(made_up: Path) -> None:
    made_up.write_text("import time\ntime.sleep(0.2)\ndef asked(): return RUN\nRUN = time.perf_counter()\n")
    module = import_module(made_up.stem)
    bound = module.asked
    found: list[object] = []
    ways = [bound, partial(methodcaller("asked"), module), lambda: module.RUN] * 4
    threads = [threading.Thread(target=lambda way=way: found.append(way())) for way in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(ways)
    assert len(set(found)) == 1


def test_a_module_that_fails_stands_in_again(made_up: Path) -> None:
    made_up.write_text(
        "import sys\nif not hasattr(sys, 'made_up'): raise RuntimeError('not yet')\ndef asked(): return 1\n"
    )
    module = import_module(made_up.stem)
    for _ in range(2):
        with pytest.raises(RuntimeError, match="not yet"):
            module.asked()
    setattr(sys, "made_up", True)  # noqa: B010 - of this test
    try:
        assert module.asked() == 1
    finally:
        del sys.made_up  # type: ignore[attr-defined]


def test_a_module_that_imports_itself_by_another_runs_once(made_up: Path) -> None:
    made_up.with_name("made_up_other.py").write_text("from made_up_here import asked\n")
    made_up.write_text(
        "ONE = 1\ntry:\n    import made_up_other\nexcept ImportError:\n    ONE = 2\ndef asked(): return ONE\n"
    )
    assert import_module(made_up.stem).ONE == 2


def test_what_is_not_there_is_not_found(made_up: Path) -> None:
    with pytest.raises(ModuleNotFoundError):
        import_module(made_up.stem)
