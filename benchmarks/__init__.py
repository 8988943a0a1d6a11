"""What we claim of speed, measured: `make bench`. Each module of cases says what its figures compare."""
