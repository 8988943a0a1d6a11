pytest_plugins = ["tests.fixtures.dynamodb", "tests.fixtures.local_chain"]
