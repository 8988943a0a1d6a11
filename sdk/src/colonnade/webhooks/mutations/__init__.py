"""What owners of webhook endpoints do: one file for each group of mutations."""
