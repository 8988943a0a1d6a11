"""Everything a laptop needs to stand in for AWS and Base: set-up, processes, database and chain."""
