from hypothesis import settings

# Machines are shared: how long one example takes says nothing of the code.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

pytest_plugins = ["tests.fixtures.browser", "tests.fixtures.dynamodb", "tests.fixtures.local_chain"]
