"""Experiments: claims about behaviour, run on the real servers in `upstream/`, recorded in `annotations/observations/`.

An experiment is a function that is handed a `Lab` and returns what it saw. `python -m tests.experiments` runs and
records; `test_experiments.py` runs them all again and compares.
"""
