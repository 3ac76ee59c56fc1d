"""The servers, once for each session, and the probe, whose every word is searched for secrets."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.overheard import Overheard
from harness.probe import Probe
from servers.authority import Authority
from servers.names import NotInstalled, resolving_only
from servers.started import Misbehaving, Proxies, Real

# Where every tool has to be installed, what would be left out for want of one fails.
REQUIRE_ALL = bool(os.environ.get("SM_TOKEN_REQUIRE_ALL"))

OVERHEARD = Overheard()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[Any]) -> Generator[None, pytest.TestReport, Any]:
    report = yield
    left_out = call.excinfo is not None and call.excinfo.errisinstance(pytest.skip.Exception)
    if REQUIRE_ALL and left_out:
        report.outcome = "failed"
        report.longrepr = f"left out, though SM_TOKEN_REQUIRE_ALL is set: {call.excinfo}"
    OVERHEARD.note_report(report)
    return report


@pytest.fixture(scope="session", autouse=True)
def overheard() -> Iterator[Overheard]:
    """After all tests, nothing that they said may hold a secret, or a token in an error or a log."""
    with OVERHEARD.listening():
        yield OVERHEARD
    leaks = OVERHEARD.leaks()
    assert not leaks, "a secret or a token got out:\n" + "\n".join(leaks)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    if described := Real.described():
        return Authority(Path(described["ca_file"]).parent)
    return Authority.create(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def real(authority: Authority, overheard: Overheard) -> Iterator[Real]:
    with Real.at_hand("--authority", str(authority.directory)) as server:
        yield server
        overheard.hide(server.issued())


@pytest.fixture(scope="session")
def misbehaving(authority: Authority) -> Iterator[Misbehaving]:
    with Misbehaving.at_hand("--authority", str(authority.directory)) as server:
        yield server


@pytest.fixture(scope="session")
def proxies(authority: Authority) -> Iterator[Proxies]:
    with Proxies.at_hand("--authority", str(authority.directory)) as server:
        yield server


@pytest.fixture(scope="session")
def probe_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Probe.compiled_into(tmp_path_factory.mktemp("probe"))


@pytest.fixture
def probe(probe_program: Path, tmp_path: Path) -> Iterator[Probe]:
    """After the test, whatever it was about, nothing that the probe said may hold a secret or a token."""
    probe = Probe(probe_program, tmp_path)
    yield probe
    leaks = [leak for outcome in probe.outcomes for leak in outcome.leaks()]
    assert not leaks, "a secret or a token got out:\n" + "\n".join(leaks)


@pytest.fixture
def no_names(tmp_path: Path) -> dict[str, str]:
    """An environment in which no name resolves, and no name server is asked."""
    try:
        return resolving_only({}, tmp_path)
    except NotInstalled as missing:
        pytest.skip(str(missing))
