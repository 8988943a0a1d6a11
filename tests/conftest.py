from hypothesis import HealthCheck, settings

# Machines are shared: how long one example takes says nothing of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

pytest_plugins = [
    "tests.fixtures.browser",
    "tests.fixtures.dynamodb",
    "tests.fixtures.local_chain",
    "tests.fixtures.local_stack",
]
