"""The ways in: each translates an event, calls, and translates the answer back."""

import gc
import os

if "AWS_LAMBDA_RUNTIME_API" in os.environ:
    gc.disable()  # at once; `starting` says why

    from handlers import starting

    starting.begin()
