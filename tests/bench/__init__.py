"""Benchmarks: what a build costs, beside Pycco on the same files and beside the lexing that no such tool can avoid."""
