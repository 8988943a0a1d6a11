"""What makes the start of a function cheaper; a laptop needs none of it.

Hardly anything that is made while the process starts becomes garbage, so the collector would look through all of it
again and again and find nothing: it waits until the application is built, and never looks at it afterwards.
"""

from __future__ import annotations

import gc

from infra import compiled_patterns, generated_code, lighter_types, packed_modules, stand_ins


def begin() -> None:
    """To be called before anything of weight is imported, with the collector disabled already."""
    packed_modules.use()
    stand_ins.use()
    if patterns := compiled_patterns.kept():
        compiled_patterns.use(patterns)
    if known := generated_code.kept():
        generated_code.use(known)
        lighter_types.use()


def end() -> None:
    """To be called when the application is built, or failed to be; does nothing while the collector runs."""
    if not gc.isenabled():
        generated_code.forget()
        lighter_types.forget()
        compiled_patterns.forget()
        gc.freeze()
        gc.enable()
