"""The ways in: each translates an event, calls, and translates the answer back."""
