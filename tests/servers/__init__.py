"""The servers that the tests of every language run against, all on loopback.

`python -m servers --help` says how to start them.
"""
