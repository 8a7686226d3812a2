"""How fast it is, beside peers that do less: `python -m tests.benchmarks [name …]` prints a table."""
