"""What is told to the logger `sm_token`, and that nothing else is done to logging."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
import sm_token
from servers.started import Misbehaving

Fetch = Callable[..., sm_token.Token]
Program = Callable[..., "subprocess.CompletedProcess[str]"]

BUSY = {"status": 503, "headers": {"Retry-After": "0"}, "body": ""}
TOKEN = {"body": {"access_token": "a-token", "expires_in": 3600, "token_type": "Bearer"}}


class Heard(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def levels(self) -> list[str]:
        return [record.levelname for record in self.records]


@pytest.fixture
def logger() -> Iterator[logging.Logger]:
    logger = logging.getLogger("sm_token")
    yield logger
    logger.setLevel(logging.NOTSET)
    for handler in list(logger.handlers):
        logger.removeHandler(handler)


@pytest.fixture
def heard(logger: logging.Logger) -> Heard:
    heard = Heard()
    logger.addHandler(heard)
    logger.setLevel(logging.DEBUG)
    return heard


@pytest.fixture
def flaky(misbehaving: Misbehaving) -> str:
    """Busy once, then a token: something to tell at every level but ERROR."""
    return misbehaving.play(BUSY, TOKEN).base_url


# contract: log
def test_each_attempt_each_retry_and_the_token_are_told(heard: Heard, flaky: str, fetch_from: Fetch) -> None:
    fetch_from(flaky)
    assert heard.levels == ["DEBUG", "WARNING", "DEBUG", "INFO"]


def test_a_failure_that_is_raised_is_told_as_an_error(
    heard: Heard, misbehaving: Misbehaving, fetch_from: Fetch
) -> None:
    with pytest.raises(sm_token.InvalidClientError) as raised:
        fetch_from(f"{misbehaving.base_url}/invalid-client")
    last = heard.records[-1]
    assert (last.levelname, last.getMessage()) == ("ERROR", str(raised.value))


def test_it_is_told_on_the_thread_that_calls(heard: Heard, flaky: str, fetch_from: Fetch) -> None:
    caller = threading.Thread(target=fetch_from, args=(flaky,), name="the caller")
    caller.start()
    caller.join()
    assert {record.threadName for record in heard.records} == {"the caller"}


def test_a_record_points_at_the_line_that_calls(heard: Heard, flaky: str, fetch_from: Fetch) -> None:
    fetch_from(flaky)
    assert {record.module for record in heard.records} == {"conftest"}


@pytest.mark.parametrize(
    ("level", "levels"),
    [
        (logging.INFO, ["WARNING", "INFO"]),
        (logging.WARNING, ["WARNING"]),
        (logging.ERROR, []),
        (logging.CRITICAL, []),
        (1, ["DEBUG", "WARNING", "DEBUG", "INFO"]),
    ],
)
def test_the_loggers_level_decides(
    level: int,
    levels: list[str],
    logger: logging.Logger,
    heard: Heard,
    flaky: str,
    fetch_from: Fetch,
) -> None:
    logger.setLevel(level)
    fetch_from(flaky)
    assert heard.levels == levels


def test_the_level_of_the_loggers_above_decides_where_it_has_none(
    logger: logging.Logger, heard: Heard, flaky: str, fetch_from: Fetch
) -> None:
    logger.setLevel(logging.NOTSET)
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.INFO)
    try:
        fetch_from(flaky)
    finally:
        root.setLevel(before)
    assert heard.levels == ["WARNING", "INFO"]


ADDED = """
import logging, os
import sm_token
for _ in range(2):
    sm_token.fetch("id", "secret", base_url=os.environ["BASE_URL"], ca_file=os.environ["CA_FILE"])
print([type(handler).__name__ for handler in logging.getLogger("sm_token").handlers])
"""


def test_the_package_adds_a_null_handler_and_no_other(program: Program, misbehaving: Misbehaving) -> None:
    env = {"BASE_URL": f"{misbehaving.base_url}/token", "CA_FILE": misbehaving.ca_file}
    done = program("-c", ADDED, env=env)
    assert (done.stdout, done.stderr) == ("['NullHandler']\n", "")


# contract: log-raises
def test_a_handler_that_fails_costs_no_token(
    heard: Heard,
    flaky: str,
    fetch_from: Fetch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Broken(logging.Filter):
        def filter(self, _: logging.LogRecord) -> bool:
            raise RuntimeError("a filter's own defect")

    told: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: told.append(str(unraisable.exc_value)))
    heard.addFilter(Broken())
    assert fetch_from(flaky).access_token == "a-token"
    assert set(told) == {"a filter's own defect"}


def test_a_handler_may_itself_fetch(
    logger: logging.Logger, flaky: str, misbehaving: Misbehaving, fetch_from: Fetch
) -> None:
    inner: list[str] = []

    class Fetches(logging.Handler):
        def emit(self, _: logging.LogRecord) -> None:
            if not inner:
                inner.append("under way")
                inner.append(fetch_from(f"{misbehaving.base_url}/token").token_type)

    logger.addHandler(Fetches())
    assert fetch_from(flaky).access_token == "a-token"
    assert inner == ["under way", "Bearer"]


QUIET = """
import os, sys
import sm_token
sm_token.fetch("id", "secret", base_url=os.environ["BASE_URL"], ca_file=os.environ["CA_FILE"])
print("logging" in sys.modules)
"""


def test_logging_is_not_imported_by_the_package(
    program: Program, flaky: str, misbehaving: Misbehaving
) -> None:
    done = program("-c", QUIET, env={"BASE_URL": flaky, "CA_FILE": misbehaving.ca_file})
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_without_any_configuration_a_warning_is_not_printed(
    program: Program, flaky: str, misbehaving: Misbehaving
) -> None:
    env = {"BASE_URL": flaky, "CA_FILE": misbehaving.ca_file}
    done = program("-c", f"import logging\n{QUIET}", env=env)
    assert (done.stdout, done.stderr) == ("True\n", "")
