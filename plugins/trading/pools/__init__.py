"""Exact pool arithmetic: integers in, integers out, no I/O.

Every function gives the atomic unit that the contract on chain would give, and refuses what it refuses.
"""
