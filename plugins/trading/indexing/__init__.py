"""Swaps as the chain recorded them: from logs of pools to whose swap it was."""
