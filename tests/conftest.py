import signal
import threading

from hypothesis import HealthCheck, settings

from tests.soak.cases import IN_A_SOAK
from tests.soak.plan import FULL

# Machines are shared: how long one example takes says nothing of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", settings.get_profile("patient"), max_examples=IN_A_SOAK)
settings.load_profile("soak" if FULL else "patient")

# A shell has what it runs in the background ignore Ctrl-C, and so would every process that a test starts.
if (
    threading.current_thread() is threading.main_thread()
    and signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):
    signal.signal(signal.SIGINT, signal.default_int_handler)

pytest_plugins = [
    "tests.fixtures.browser",
    "tests.fixtures.dynamodb",
    "tests.fixtures.local_chain",
    "tests.fixtures.local_stack",
    "tests.fixtures.npm",
    "tests.fixtures.order",
    "tests.fixtures.package",
]
