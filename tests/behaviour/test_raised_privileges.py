"""A process with raised privileges takes no word of its environment, which somebody with fewer rights wrote.

Each variable is given to an ordinary program too, where it has its effect: so these tests can fail.
"""

from __future__ import annotations

import os
import shutil
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.c_program import SOURCES, compile_c, library_directory, need
from harness.probe import TRUST_BUNDLED, Outcome, Probe
from servers.credentials import CLIENT_ID, CLIENT_SECRET
from servers.started import Misbehaving, Real

NOBODY = 65534
ANOTHER_USER = 1

# capabilities(7), struct vfs_cap_data: revision 2, in effect from the start, CAP_NET_BIND_SERVICE permitted.
A_CAPABILITY = struct.pack("<IIIII", 0x0200_0001, 1 << 10, 0, 0, 0)


def nothing(_: Path) -> None:
    """The program runs with the rights of the user who starts it."""


def set_user_id(program: Path) -> None:
    os.chown(program, ANOTHER_USER, ANOTHER_USER)
    program.chmod(0o4755)


def file_capability(program: Path) -> None:
    os.setxattr(program, "security.capability", A_CAPABILITY)


Raise = Callable[[Path], None]


@pytest.fixture(scope="module")
def open_directory() -> Iterator[Path]:
    """Where everybody may run programs: what pytest makes is for its own user alone."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        directory.chmod(0o755)
        yield directory


@pytest.fixture(scope="module", params=[nothing, set_user_id, file_capability], ids=lambda by: by.__name__)
def raised_by(request: pytest.FixtureRequest) -> Raise:
    raised_by: Raise = request.param
    return raised_by


@pytest.fixture(scope="module")
def is_raised(raised_by: Raise) -> bool:
    return raised_by is not nothing


def asked(directory: Path) -> Path:
    """Where the program of this directory notes the environment variables that are asked for."""
    return directory / "asked"


@pytest.fixture(scope="module")
def program(raised_by: Raise, open_directory: Path) -> Path:
    """Starts the probe as nobody, who owns neither the program nor a right beyond it."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("raising a program's privileges takes root, on Linux")
    if os.statvfs(open_directory).f_flag & os.ST_NOSUID:
        pytest.skip(f"the file system of {open_directory} raises no privileges")
    directory = open_directory / raised_by.__name__
    directory.mkdir()
    shutil.copy(library_directory() / "libsm_token.so", directory)
    noted = asked(directory)
    noted.touch()
    noted.chmod(0o666)
    notes = (str(SOURCES / "asked_environment.c"), f'-DASKED="{noted}"', "-rdynamic", "-ldl")
    probe = compile_c(SOURCES / "probe.c", directory / "probe", directory, *notes)
    raised_by(probe)
    as_nobody = directory / "as-nobody"
    setpriv = f"{need('setpriv')} --reuid {NOBODY} --regid {NOBODY} --clear-groups"
    as_nobody.write_text(f'#!/bin/sh\nexec {setpriv} {probe} "$@"\n')
    as_nobody.chmod(0o755)
    return as_nobody


@pytest.fixture
def fetch(program: Path, tmp_path: Path) -> Iterator[Callable[..., Outcome]]:
    probe = Probe(program, tmp_path)
    yield probe.fetch
    assert [leak for outcome in probe.outcomes for leak in outcome.leaks()] == []


@pytest.fixture
def ca_file(real: Real, open_directory: Path) -> Path:
    """The CA file, where everybody may read it."""
    return Path(shutil.copy(real.ca_file, open_directory / "ca.pem"))


Fetch = Callable[..., Outcome]


# promise: raised-privileges
def test_the_base_url_is_heeded_unless_privileges_are_raised(
    fetch: Fetch, is_raised: bool, misbehaving: Misbehaving
) -> None:
    """A proxy that is given as an option sees which server is meant, and refuses."""
    proxy = misbehaving.play_on_a_port({"status": 403, "body": ""}, tls=False)
    environment = {"SMX_BASE_URL": "https://elsewhere.test"}
    fetch(proxy=proxy.base_url, environment=environment, max_retries=0)
    asked_for = [request.path for request in proxy.received(at_least=1)]
    assert asked_for == ["api.standardmetrics.io:443" if is_raised else "elsewhere.test:443"]


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
# promise: raised-privileges
def test_the_proxy_is_heeded_unless_privileges_are_raised(
    variable: str, fetch: Fetch, is_raised: bool, misbehaving: Misbehaving
) -> None:
    """0.0.0.0 leads to this machine, but is no loopback address, which would never be proxied."""
    server = misbehaving.play_on_a_port(["cut"])
    proxy = misbehaving.play_on_a_port({"status": 403, "body": ""}, tls=False)
    outcome = fetch(
        f"https://0.0.0.0:{server.port}",
        environment={variable: proxy.base_url},
        trust=TRUST_BUNDLED,
        max_retries=0,
    )
    assert outcome.status == ("IO" if is_raised else "PROXY"), outcome.message
    assert len(proxy.received()) == (0 if is_raised else 1)


def test_a_malformed_proxy_is_an_error_unless_privileges_are_raised(
    fetch: Fetch, is_raised: bool, misbehaving: Misbehaving
) -> None:
    server = misbehaving.play_on_a_port(["cut"])
    outcome = fetch(
        f"https://0.0.0.0:{server.port}",
        environment={"HTTPS_PROXY": "no proxy at all"},
        trust=TRUST_BUNDLED,
        max_retries=0,
    )
    assert outcome.status == ("IO" if is_raised else "INVALID_ARGUMENT"), outcome.message


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
# promise: raised-privileges
def test_the_trust_roots_are_heeded_unless_privileges_are_raised(
    variable: str, fetch: Fetch, is_raised: bool, real: Real, ca_file: Path
) -> None:
    value = ca_file if variable == "SSL_CERT_FILE" else hashed_directory(ca_file)
    outcome = fetch(
        real.base_url,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        environment={variable: str(value)},
        max_retries=0,
    )
    refused = {"CERTIFICATE", "NO_TRUST_ROOTS"}
    assert outcome.status in (refused if is_raised else {"OK"}), outcome.message


# What README.md says is read.
OF_PROXIES = {"HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"}
VARIABLES = {
    "SMX_BASE_URL",
    *(f"SMX_CLIENT_{half}{file}" for half in ("ID", "SECRET") for file in ("", "_FILE")),
    *OF_PROXIES,
    *("SSL_CERT_FILE", "SSL_CERT_DIR"),
}
# What the HTTP library looks at when it is made ready, and what is dropped.
DROPPED = {*OF_PROXIES, "HTTP_PROXY", "http_proxy"}


@pytest.fixture(scope="module")
def asked_for(program: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The variables that two fetches ask for, on the thread of the program and on those of the library."""
    noted = asked(program.parent)
    noted.write_text("")
    probe = Probe(program, tmp_path_factory.mktemp("asked"))
    probe.fetch("https://nowhere.invalid", client_id=None, client_secret=None, max_retries=0)
    probe.fetch("https://nowhere.invalid", max_retries=0)
    lines = [line.split() for line in noted.read_text().splitlines()]
    return {
        thread: {name for by, name in lines if by == thread and not name.startswith("PROBE_")}
        for thread in ("program", "library")
    }


# promise: raised-privileges
def test_no_variable_is_asked_for_but_those_that_are_told_and_none_where_privileges_are_raised(
    asked_for: dict[str, set[str]], is_raised: bool
) -> None:
    """Neither by the library nor by what it is made of. The C library itself passes over its own then."""
    names = asked_for["program"] | asked_for["library"]
    assert names - DROPPED <= (set() if is_raised else VARIABLES)
    assert is_raised or {"SMX_CLIENT_ID", "HTTPS_PROXY", "SSL_CERT_FILE"} <= names


def test_a_request_asks_for_no_variable_on_its_own_thread(asked_for: dict[str, set[str]]) -> None:
    """The program may change its environment while a client refreshes its token. The system's store is looked
    for where it is read, when a client is made and when a fetch begins."""
    assert asked_for["library"] <= {"SSL_CERT_FILE", "SSL_CERT_DIR"}


@pytest.mark.parametrize("size", ["1", "1000000000000"], ids=["tiny", "huge"])
# promise: raised-privileges
def test_the_stack_of_a_thread_is_not_taken_from_the_environment(
    size: str, fetch: Fetch, real: Real, ca_file: Path
) -> None:
    """Rust's standard library reads this variable, with raised privileges too."""
    outcome = fetch(
        real.base_url,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        environment={"RUST_MIN_STACK": size},
        ca_file=ca_file,
        max_retries=0,
    )
    assert outcome.status == "OK", outcome.message


# promise: raised-privileges
def test_the_credentials_are_heeded_unless_privileges_are_raised(
    fetch: Fetch, is_raised: bool, real: Real, ca_file: Path
) -> None:
    outcome = fetch(
        real.base_url,
        client_id=None,
        client_secret=None,
        environment={"SMX_CLIENT_ID": CLIENT_ID, "SMX_CLIENT_SECRET": CLIENT_SECRET},
        ca_file=ca_file,
        max_retries=0,
    )
    assert outcome.status == ("NO_CREDENTIALS" if is_raised else "OK"), outcome.message


def test_the_credential_files_are_heeded_unless_privileges_are_raised(
    fetch: Fetch, is_raised: bool, real: Real, ca_file: Path
) -> None:
    client_id, secret = ca_file.with_name("client-id"), ca_file.with_name("client-secret")
    client_id.write_text(CLIENT_ID)
    secret.write_text(CLIENT_SECRET)
    outcome = fetch(
        real.base_url,
        client_id=None,
        client_secret=None,
        environment={"SMX_CLIENT_ID_FILE": str(client_id), "SMX_CLIENT_SECRET_FILE": str(secret)},
        ca_file=ca_file,
        max_retries=0,
    )
    assert outcome.status == ("NO_CREDENTIALS" if is_raised else "OK"), outcome.message


def test_what_the_program_itself_says_is_heeded_always(fetch: Fetch, real: Real, ca_file: Path) -> None:
    outcome = fetch(
        real.base_url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, ca_file=ca_file, max_retries=0
    )
    assert outcome.status == "OK", outcome.message


def hashed_directory(ca_file: Path) -> Path:
    """A directory of certificates, as OpenSSL names the files in it."""
    directory = ca_file.parent / "certificates"
    directory.mkdir(exist_ok=True)
    shutil.copy(ca_file, directory / "00000000.0")
    return directory
