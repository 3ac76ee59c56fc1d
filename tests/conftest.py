"""The fixtures and hooks of all tests, which pytest finds by their names."""

from harness.fixtures import (  # noqa: F401
    authority,
    misbehaving,
    no_names,
    overheard,
    probe,
    probe_program,
    proxies,
    pytest_runtest_makereport,
    real,
)
