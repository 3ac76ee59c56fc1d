"""Networks that stand in the way: the call gets past, or ends when it should and names what it met."""

from __future__ import annotations

import errno
import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.client_scene import Act, Scene
from harness.network import network, network_library
from harness.probe import Outcome, Probe
from servers.authority import PROXIED_NAME, Authority
from servers.named_scripts import TOKEN
from servers.started import Misbehaving

BOTH = f"{PROXIED_NAME}=::1,127.0.0.1"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return network_library(tmp_path_factory.mktemp("network"))


Fetch = Callable[..., Outcome]


@pytest.fixture
def fetch(probe: Probe, misbehaving: Misbehaving, library: Path) -> Fetch:
    """From a server under a name that has to be looked up, in a network made by the keywords."""

    def fetch(base_url: str = "", how: dict[str, str] | None = None, **options: object) -> Outcome:
        url = base_url or misbehaving.base_url.replace("localhost", PROXIED_NAME)
        asked = {"timeout_ms": 3000, "max_retries": 0, **options}
        environment = network(library, **(how or {}))
        return probe.fetch(url, ca_file=misbehaving.ca_file, environment=environment, **asked)  # type: ignore[arg-type]

    return fetch


FAILURES = ["EACCES", "EPERM", "EAFNOSUPPORT", "EINVAL", "ECONNRESET", "ECONNABORTED", "EHOSTUNREACH",
            "ENETUNREACH", "ECONNREFUSED", "EADDRNOTAVAIL", "ETIMEDOUT"]  # fmt: skip


@pytest.mark.parametrize("failure", FAILURES)
def test_an_address_that_fails_is_followed_by_the_next_at_once(failure: str, fetch: Fetch) -> None:
    outcome = fetch(how={"names": BOTH, "connect": f"::1={getattr(errno, failure)}"})
    assert outcome.status == "OK", outcome.message
    assert outcome.elapsed_ms < 200


def test_an_address_that_swallows_packets_costs_a_quarter_of_a_second(fetch: Fetch) -> None:
    outcome = fetch(how={"names": BOTH, "connect": "::1=swallow"})
    assert outcome.status == "OK", outcome.message
    assert 240 <= outcome.elapsed_ms < 500


def test_the_families_take_turns(fetch: Fetch) -> None:
    """Three addresses of one family that swallow packets do not stand before the other family."""
    names = f"{PROXIED_NAME}=::2,::3,::4,127.0.0.1"
    outcome = fetch(how={"names": names, "connect": "::2=swallow;::3=swallow;::4=swallow"})
    assert outcome.status == "OK", outcome.message
    assert 240 <= outcome.elapsed_ms < 500


def test_the_failures_of_all_addresses_are_told(fetch: Fetch) -> None:
    how = {"names": BOTH, "connect": f"::1={errno.EACCES};127.0.0.1={errno.ENETUNREACH}"}
    outcome = fetch(how=how, max_retries=1)
    assert outcome.status == "CONNECT"
    assert "[::1]: not permitted, 127.0.0.1: network is unreachable" in outcome.message
    assert outcome.retryable
    assert sum("trying again" in text for _, text in outcome.log) == 1


@pytest.mark.parametrize("timeout_ms", [400, 5500])
def test_addresses_that_swallow_packets_are_told(timeout_ms: int, fetch: Fetch) -> None:
    how = {"names": BOTH, "connect": "::1=swallow;127.0.0.1=swallow"}
    outcome = fetch(how=how, timeout_ms=timeout_ms)
    assert outcome.status == "TIMEOUT"
    assert f"no connection to {PROXIED_NAME}" in outcome.message
    assert "[::1]: no answer, 127.0.0.1: no answer" in outcome.message
    assert timeout_ms <= outcome.elapsed_ms < timeout_ms + 100


def test_a_silent_server_is_told_at_the_deadline_however_late_that_is(
    probe: Probe, misbehaving: Misbehaving
) -> None:
    playing = misbehaving.play(["hang"])
    outcome = probe.fetch(playing.base_url, ca_file=misbehaving.ca_file, timeout_ms=5500)
    assert outcome.status == "TIMEOUT"
    assert "timed out after 5.5 s, retries included: no answer from localhost:" in outcome.message
    assert 5500 <= outcome.elapsed_ms < 5600


def test_a_look_up_that_hangs_is_told_as_one(fetch: Fetch) -> None:
    how = {"names": f"{PROXIED_NAME}=hang"}
    outcome = fetch(how=how, connect_timeout_ms=200, timeout_ms=1500, max_retries=3)
    assert outcome.status == "TIMEOUT"
    assert f"no address of the name of {PROXIED_NAME}" in outcome.message
    assert "name server" in outcome.message
    assert sum("trying again" in text for _, text in outcome.log) >= 2


# promise: look-ups-bounded
def test_retries_wait_for_the_look_up_that_hangs(fetch: Fetch) -> None:
    """One thread for the request and one for the look-up; a third, for a second look-up, would be refused."""
    how = {"names": f"{PROXIED_NAME}=hang", "most_threads": "2"}
    outcome = fetch(how=how, connect_timeout_ms=100, timeout_ms=2000, max_retries=4)
    assert outcome.status == "TIMEOUT", outcome.message
    assert sum("trying again" in text for _, text in outcome.log) >= 3


@pytest.mark.parametrize("host", ["localhost", "sub.localhost", "127.0.0.1"])
# promise: localhost-name
def test_this_machine_is_not_looked_up(host: str, fetch: Fetch, misbehaving: Misbehaving) -> None:
    """With no name known, and no thread for a look-up to be had."""
    base_url = misbehaving.base_url.replace("localhost", host)
    outcome = fetch(base_url, how={"names": "nobody=hang", "most_threads": "1"})
    # No certificate is for the second one; it was reached, and that is what counts.
    assert outcome.status == ("CERTIFICATE" if host == "sub.localhost" else "OK"), outcome.message


# What the machine lacks


@pytest.mark.parametrize("failure", ["EMFILE", "ENFILE", "ENOBUFS", "ENOMEM"])
def test_a_socket_that_can_not_be_had_is_a_want_of_resources(failure: str, fetch: Fetch) -> None:
    how = {"names": BOTH, "socket": str(getattr(errno, failure))}
    outcome = fetch(how=how, max_retries=1)
    assert outcome.status == "RESOURCES", outcome.message
    assert outcome.retryable
    assert sum("trying again" in text for _, text in outcome.log) == 1


def test_a_thread_that_can_not_be_had_is_a_want_of_resources(fetch: Fetch) -> None:
    outcome = fetch(how={"names": BOTH, "threads": str(errno.EAGAIN)})
    assert outcome.status == "RESOURCES", outcome.message
    assert "thread" in outcome.message
    assert outcome.retryable


def test_descriptors_that_are_used_up_are_a_want_of_resources(probe: Probe, misbehaving: Misbehaving) -> None:
    limits = {resource.RLIMIT_NOFILE: 4}
    for options in ({"ca_file": misbehaving.ca_file}, {}):
        outcome = probe.fetch(misbehaving.base_url, limits=limits, max_retries=0, **options)  # type: ignore[arg-type]
        assert outcome.status == "RESOURCES", outcome.message
        assert "descriptor" in outcome.message


def test_a_clock_before_1970_is_told(fetch: Fetch) -> None:
    outcome = fetch(how={"names": BOTH, "clock": "-1000"})
    assert outcome.status == "CERTIFICATE", outcome.message
    assert "clock" in outcome.message


@pytest.mark.parametrize("seconds", ["1000", "4000000000"])
def test_a_clock_far_outside_the_certificates_life_is_told(seconds: str, fetch: Fetch) -> None:
    outcome = fetch(how={"names": BOTH, "clock": seconds})
    assert outcome.status == "CERTIFICATE", outcome.message
    assert "check the clock" in outcome.message


# What a server does


def test_an_answer_before_the_request_was_read_is_taken(probe: Probe, misbehaving: Misbehaving) -> None:
    """It closes with the request unread, which resets the connection."""
    for _ in range(10):
        playing = misbehaving.play_on_a_port(["handshake", {"respond": TOKEN}, {"sleep_ms": 20}, "cut"])
        outcome = probe.fetch(playing.base_url, ca_file=misbehaving.ca_file, max_retries=0)
        assert outcome.status == "OK", outcome.message


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_a_client_certificate_that_is_demanded_is_told(
    version: str, probe: Probe, misbehaving: Misbehaving
) -> None:
    playing = misbehaving.play_on_a_port(TOKEN, version=version, client_certificate=True)
    outcome = probe.fetch(playing.base_url, ca_file=misbehaving.ca_file)
    assert outcome.status == "TLS", outcome.message
    assert "demands a client certificate" in outcome.message
    assert not outcome.retryable


def test_a_flight_ends_as_late_as_its_caller_leaves(probe: Probe, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play(["hang"])
    began = time.monotonic()
    outcome = probe.fetch(playing.base_url, ca_file=misbehaving.ca_file, timeout_ms=300)
    assert outcome.elapsed_ms < 330
    assert time.monotonic() - began < 2


# ---- what hangs on this machine ----

# Longer than any deadline here, and than the machine is late by.
HANGS_MS = 4000


# promise: one-deadline
def test_a_ca_file_that_hangs_is_waited_for_until_the_deadline(
    probe: Probe, misbehaving: Misbehaving, library: Path
) -> None:
    outcome = probe.fetch(
        misbehaving.base_url,
        ca_file=misbehaving.ca_file,
        timeout_ms=500,
        environment=network(library, files=f"{misbehaving.ca_file}={HANGS_MS}"),
    )
    assert outcome.status == "TIMEOUT"
    assert 500 <= outcome.elapsed_ms < HANGS_MS / 2
    assert f"no end of reading the CA file {misbehaving.ca_file}" in outcome.message
    assert outcome.retryable


def test_a_system_store_that_hangs_is_waited_for_until_the_deadline(
    probe: Probe, misbehaving: Misbehaving, library: Path
) -> None:
    store = {"SSL_CERT_FILE": str(misbehaving.ca_file)}
    outcome = probe.fetch(
        misbehaving.base_url,
        timeout_ms=500,
        environment={**network(library, files=f"{misbehaving.ca_file}={HANGS_MS}"), **store},
    )
    assert outcome.status == "TIMEOUT"
    assert 500 <= outcome.elapsed_ms < HANGS_MS / 2
    assert "no end of reading the system's store" in outcome.message


@pytest.fixture
def directory_that_hangs(misbehaving: Misbehaving, library: Path, tmp_path: Path) -> dict[str, str]:
    """A store whose file holds a stranger's authority alone, and whose directory holds the server's."""
    ca_file = tmp_path / "directory" / "0000.0"
    ca_file.parent.mkdir()
    ca_file.write_bytes(Path(misbehaving.ca_file).read_bytes())
    stranger = Authority.create(tmp_path).ca_file
    store = {"SSL_CERT_FILE": str(stranger), "SSL_CERT_DIR": str(ca_file.parent)}
    return {**network(library, files=f"{ca_file}={HANGS_MS * 10}"), **store}


def test_a_directory_of_the_store_that_hangs_in_the_handshake_is_told(
    probe: Probe, misbehaving: Misbehaving, directory_that_hangs: dict[str, str]
) -> None:
    outcome = probe.fetch(misbehaving.base_url, timeout_ms=500, environment=directory_that_hangs)
    assert outcome.status == "TIMEOUT"
    assert 500 <= outcome.elapsed_ms < HANGS_MS / 2
    assert "no end of reading the system's store" in outcome.message


@pytest.mark.parametrize("with_client", [0, 1])
def test_calls_share_the_thread_of_a_directory_that_hangs_in_the_handshake(
    with_client: int, misbehaving: Misbehaving, directory_that_hangs: dict[str, str]
) -> None:
    act = calls(
        misbehaving, directory_that_hangs, ca_file=False, with_client=with_client, calls=20, timeout_ms=200
    )
    assert (act["timeouts"], act["others"]) == (20, 0)
    assert act["longest_us"] < HANGS_MS / 2 * 1000
    assert act["threads_left"] == 1


def calls(server: Misbehaving, environment: dict[str, str], *, ca_file: bool = True, **how: object) -> Act:
    """What comes of calls that can't end in time, each by a fetch or a client of its own. Without the CA file
    they trust the system's store."""
    settings = {"base_urls": server.base_url, **how}
    with Scene(
        "client_deadline",
        "calls",
        server.base_url,
        server if ca_file else None,
        environment=environment,
        **settings,  # type: ignore[arg-type]
    ) as scene:
        return scene.act("timed out")


@pytest.mark.parametrize("with_client", [0, 1])
def test_calls_share_the_thread_of_a_ca_file_that_hangs(
    with_client: int, misbehaving: Misbehaving, library: Path
) -> None:
    act = calls(
        misbehaving,
        network(library, files=f"{misbehaving.ca_file}={HANGS_MS * 10}"),
        with_client=with_client,
        calls=100,
        timeout_ms=10,
    )
    assert (act["timeouts"], act["others"]) == (100, 0)
    assert act["longest_us"] < HANGS_MS / 2 * 1000
    assert act["threads_left"] == 1


@pytest.mark.parametrize("with_client", [0, 1])
def test_a_host_can_let_go_of_a_ca_file_that_hangs(
    with_client: int, misbehaving: Misbehaving, library: Path
) -> None:
    act = calls(
        misbehaving,
        network(library, files=f"{misbehaving.ca_file}={HANGS_MS * 10}"),
        with_client=with_client,
        lets_go=1,
        timeout_ms=HANGS_MS * 10,
    )
    assert act["canceled"] == 1
    assert act["longest_us"] < HANGS_MS / 2 * 1000


# promise: look-ups-bounded
@pytest.mark.parametrize("with_client", [0, 1])
def test_look_ups_that_hang_keep_a_bounded_number_of_threads(
    with_client: int, misbehaving: Misbehaving, library: Path
) -> None:
    names = ";".join(f"name-{number}.test=hang" for number in range(300))
    act = calls(
        misbehaving,
        network(library, names=names),
        base_urls="https://name-#.test",
        with_client=with_client,
        calls=300,
        timeout_ms=10,
    )
    assert act["others"] == 0
    # As many as docs/threads.md says.
    assert act["threads_left"] == 32
