"""Following a chain: its head, and the logs that plugins keep something of."""
