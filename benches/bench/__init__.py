"""Measures the library beside its peers and writes docs/benchmarks.md."""
