"""For plugin authors: in-memory adapters, and a harness that composes exactly the named plugins."""
