"""How fast is each step? `make bench`, or `python -m tests.benchmarks --articles 1000`."""
