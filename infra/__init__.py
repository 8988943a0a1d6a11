"""Adapters behind the ports, and what runs them on a laptop."""
