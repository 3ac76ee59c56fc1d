"""The soak: clients used in every way at once, for as long as wanted, against a server that fails at random.

`python -m soak.run --help` says how to start it.
"""
