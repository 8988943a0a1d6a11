"""Migrations at work: `running` walks the rows of an entity and changes each once, `pending` says what is left to do.

`colonnade.migrations` is what plugins declare.
"""
