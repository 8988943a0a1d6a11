"""What is known against the versions that the locks name, as far as an advisory service says."""
