"""The client credentials change under a client: in their files, or by the program."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.c_program import SOURCES, STRICT, c_compiler, checked
from harness.client_scene import Act, Scene, figure
from harness.credential_files import Mounted, Pair
from harness.declared import header_constants
from harness.probe import Probe
from servers.authority import Authority
from servers.credentials import CLIENT_ID, CLIENT_SECRET
from servers.started import Misbehaving, Real

FIRST = Pair(CLIENT_ID, CLIENT_SECRET)
SECOND = Pair("rotation-client-2", "rotation-secret-2-5d81e0c9aa")
THIRD = Pair("rotation-client-3", "rotation-secret-3-77f0b2d4ee")

STATUS = header_constants()

LIFETIME_S = 4
# The whole proof, at least.
PROOF_S = 60
# Much longer than a token lives: a machine may be slow.
REFRESHED_WITHIN_S = 60


@pytest.fixture
def server(authority: Authority) -> Iterator[Real]:
    """A server of the test's own, which knows two applications."""
    with Real("--authority", str(authority.directory)) as server:
        server.add_application(*SECOND)
        yield server


@pytest.fixture
def mounted(tmp_path: Path) -> Mounted:
    directory = tmp_path / "mounted"
    directory.mkdir()
    return Mounted(directory, FIRST)


def steps(server: Real, mounted: Mounted | None = None, **settings: object) -> Scene:
    files = mounted.files if mounted else {}
    return Scene("client_rotation", "steps", server.base_url, server, **files, **settings)  # type: ignore[arg-type]


def call(scene: Scene) -> Act:
    scene.say("call")
    return scene.act("call")


def expect_status(act: Act, name: str) -> None:
    assert act["status"] == STATUS[name], act["message"]


def until(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + REFRESHED_WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, f"not within {REFRESHED_WITHIN_S} s: {what}"
        time.sleep(0.05)


# ---- the proof ----


def test_no_call_fails_while_the_credentials_are_swapped_in_each_way(
    authority: Authority, mounted: Mounted
) -> None:
    def swap(change: Callable[[Pair], None], pair: Pair) -> None:
        before = len(server.issued(pair.client_id))
        change(pair)
        until(lambda: len(server.issued(pair.client_id)) >= before + 2, f"two tokens for {pair.client_id}")

    def push(pair: Pair) -> None:
        scene.say(f"push {pair.client_id} {pair.client_secret}")
        scene.act("push")

    arguments = ("--authority", str(authority.directory), "--lifetime-s", str(LIFETIME_S))
    began = time.monotonic()
    with Real(*arguments) as server:
        server.add_application(*SECOND)
        server.add_application(*THIRD)
        with Scene("client_rotation", "crowd", server.base_url, server, **mounted.files) as scene:  # type: ignore[arg-type]
            until(lambda: bool(server.issued(CLIENT_ID)), "the first token")
            swap(mounted.flip, SECOND)
            swap(mounted.rename, FIRST)
            swap(mounted.write_over, SECOND)
            assert server.delete_application(CLIENT_ID) == 1
            until(
                lambda: len(server.issued(SECOND.client_id)) >= 6, "tokens for the second application alone"
            )
            swap(push, THIRD)
            assert server.delete_application(SECOND.client_id) == 1
            until(lambda: time.monotonic() - began >= PROOF_S, "the end of the proof")
            scene.say("stop")
            end = scene.act("end")
        statuses = server.counts()["token_by_status"]
    figure(f"{end['calls']} calls in {time.monotonic() - began:.0f} s, requests by status {statuses}")
    assert end["failures"] == 0, end["failure"]
    assert end["calls"] > 1000


# ---- row by row ----


def test_the_variables_name_files(server: Real, mounted: Mounted) -> None:
    files = {
        "SMX_CLIENT_ID_FILE": str(mounted.client_id),
        "SMX_CLIENT_SECRET_FILE": str(mounted.client_secret),
    }
    with steps(server, client_id="", client_secret="", environment=files) as scene:
        expect_status(call(scene), "SM_OK")


def test_one_half_may_be_a_plain_variable(server: Real, mounted: Mounted) -> None:
    file = {"SMX_CLIENT_SECRET_FILE": str(mounted.client_secret)}
    with steps(server, client_secret="", environment=file) as scene:
        expect_status(call(scene), "SM_OK")
        mounted.write_over(Pair("", "not the secret"))
        scene.say("invalidate")
        expect_status(call(scene), "SM_ERROR_INVALID_CLIENT")


@pytest.mark.parametrize("half", ["SMX_CLIENT_ID", "SMX_CLIENT_SECRET"])
def test_a_variable_and_its_file_are_not_both_set(
    half: str, probe: Probe, real: Real, mounted: Mounted
) -> None:
    environment = {
        "SMX_CLIENT_ID": CLIENT_ID,
        "SMX_CLIENT_SECRET": CLIENT_SECRET,
        f"{half}_FILE": str(mounted.client_secret),
    }
    outcome = probe.fetch(real.base_url, client_id=None, client_secret=None, environment=environment)
    assert outcome.status == "INVALID_ARGUMENT"
    assert outcome.message.startswith(f"{half} and {half}_FILE are both set")


def test_the_options_files_count_before_the_variables(probe: Probe, real: Real, mounted: Mounted) -> None:
    outcome = probe.fetch(
        real.base_url,
        client_id=None,
        client_secret=None,
        environment={"SMX_CLIENT_ID": CLIENT_ID, "SMX_CLIENT_SECRET": "not the secret"},
        credential_files=f"{mounted.client_id},{mounted.client_secret}",
        ca_file=real.ca_file,
    )
    assert outcome.status == "OK", outcome.message


def test_a_calls_arguments_count_before_the_files(probe: Probe, real: Real) -> None:
    outcome = probe.fetch(
        real.base_url,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        credential_files="/no/such/id,/no/such/secret",
        ca_file=real.ca_file,
    )
    assert outcome.status == "OK", outcome.message


def test_a_byte_order_mark_and_a_line_break_are_no_part_of_a_secret(
    probe: Probe, real: Real, tmp_path: Path
) -> None:
    client_id, secret = tmp_path / "id", tmp_path / "secret"
    client_id.write_bytes(f"\ufeff{CLIENT_ID}\r\n".encode())
    secret.write_bytes(f"{CLIENT_SECRET}\n".encode())
    # File modes are not judged: those of Kubernetes let a group read.
    secret.chmod(0o666)
    outcome = probe.fetch(
        real.base_url,
        client_id=None,
        client_secret=None,
        credential_files=f"{client_id},{secret}",
        ca_file=real.ca_file,
    )
    assert outcome.status == "OK", outcome.message


def fifo(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def directory(path: Path) -> None:
    path.mkdir()


def socket(path: Path) -> None:
    import socket

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(path))


def too_large(path: Path) -> None:
    path.write_text("s" * 5000)


def utf_16(path: Path) -> None:
    path.write_text("secret", encoding="utf-16")


def empty(path: Path) -> None:
    path.write_text("\n")


def two_lines(path: Path) -> None:
    path.write_text("secret\nsecret\n")


def nothing(_: Path) -> None:
    pass


NO_SECRETS: dict[Callable[[Path], None], tuple[str, str]] = {
    fifo: ("INVALID_ARGUMENT", "it is not a regular file"),
    device: ("INVALID_ARGUMENT", "it is not a regular file"),
    directory: ("INVALID_ARGUMENT", "it is not a regular file"),
    socket: ("INVALID_ARGUMENT", "it is not a regular file"),
    too_large: ("INVALID_ARGUMENT", "is longer than 4 KiB"),
    utf_16: ("INVALID_ARGUMENT", "is in UTF-16; save it as UTF-8"),
    empty: ("INVALID_ARGUMENT", "is empty"),
    two_lines: ("INVALID_ARGUMENT", "holds a control character"),
    nothing: ("NO_CREDENTIALS", "can't be read: no such file or directory"),
}


@pytest.mark.parametrize("make", NO_SECRETS, ids=lambda make: make.__name__)
def test_what_is_no_secret_is_refused_at_once_with_its_path(
    make: Callable[[Path], None],
    probe: Probe,
    misbehaving: Misbehaving,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "the-secret"
    make(path)
    status, why = NO_SECRETS[make]
    outcome = probe.fetch(
        f"{misbehaving.base_url}/token",
        client_id=None,
        client_secret=None,
        environment={"SMX_CLIENT_ID": "id", "SMX_CLIENT_SECRET_FILE": str(path)},
        ca_file=misbehaving.ca_file,
        timeout_ms=30_000,
    )
    assert (outcome.status, outcome.elapsed_ms < 15_000) == (status, True)
    assert f"SMX_CLIENT_SECRET_FILE {path} " in outcome.message
    assert why in outcome.message


def test_a_later_read_that_fails_leaves_the_last_pair_in_use(server: Real, mounted: Mounted) -> None:
    spoils: list[tuple[Callable[[], None], str]] = [
        (lambda: mounted.write_over(Pair("", "")), "is empty"),
        (mounted.client_id.unlink, "no such file"),
    ]
    with steps(server, mounted) as scene:
        expect_status(call(scene), "SM_OK")
        for spoil, why in spoils:
            spoil()
            scene.say("invalidate")
            act = call(scene)
            expect_status(act, "SM_OK")
            assert [why in warning for warning in act["warnings"]] == [True], act["warnings"]
            assert "the last client credentials stay in use" in act["warnings"][0]


def test_a_change_during_a_refused_request_makes_up_for_it_within_the_call(
    server: Real, mounted: Mounted
) -> None:
    """A pair that is torn, too: a new id and the old secret."""
    mounted.write_over(Pair(SECOND.client_id, CLIENT_SECRET))
    server.settings(delay_ms=2000)
    with steps(server, mounted, timeout_ms=60_000) as scene:
        scene.say("call")
        time.sleep(1)
        mounted.write_over(SECOND)
        act = scene.act("call")
    expect_status(act, "SM_OK")
    assert server.counts()["token_by_status"] == {"401": 1, "200": 1}


def test_a_remembered_refusal_is_forgotten_a_second_after_the_files_changed(
    server: Real, mounted: Mounted
) -> None:
    mounted.write_over(Pair(CLIENT_ID, "not the secret"))
    with steps(server, mounted) as scene:
        for _ in range(3):
            expect_status(call(scene), "SM_ERROR_INVALID_CLIENT")
            time.sleep(1.1)
        assert server.counts()["token_by_status"] == {"401": 1}, "unchanged, it is remembered"
        mounted.write_over(FIRST)
        expect_status(call(scene), "SM_OK")
    assert server.counts()["token_by_status"] == {"401": 1, "200": 1}


def test_a_rotation_drops_no_token(server: Real, mounted: Mounted) -> None:
    with steps(server, mounted) as scene:
        before = call(scene)["authorization"]
        mounted.flip(SECOND)
        assert call(scene)["authorization"] == before
        scene.say("invalidate")
        assert call(scene)["authorization"] != before
    assert len(server.issued(SECOND.client_id)) == 1


def test_credentials_that_are_pushed_take_the_place_of_the_files(server: Real, mounted: Mounted) -> None:
    with steps(server, mounted) as scene:
        before = call(scene)["authorization"]
        scene.say(f"push {SECOND.client_id} {SECOND.client_secret}")
        scene.act("push")
        assert call(scene)["authorization"] == before, "the token stays"
        mounted.write_over(Pair(CLIENT_ID, "not the secret"))
        scene.say("invalidate")
        expect_status(call(scene), "SM_OK")
    assert len(server.issued(SECOND.client_id)) == 1


# ---- a mount that does not respond ----


@pytest.fixture
def hanging(mounted: Mounted, tmp_path: Path) -> tuple[dict[str, str], Path]:
    """The environment in which reads of the secret's file hang while the second of these exists."""
    library, flag = tmp_path / "hanging_read.so", tmp_path / "hangs"
    flags = ("-std=c99", *STRICT, "-shared", "-fPIC")
    checked([c_compiler(), *flags, SOURCES / "hanging_read.c", "-o", library, "-ldl"])
    # What is read is the file at the end of the links.
    environment = {
        "LD_PRELOAD": str(library),
        "HANGING_FILE": str(mounted.client_secret.resolve()),
        "HANGING_WHILE": str(flag),
    }
    return environment, flag


def test_a_fetch_ends_at_its_deadline_where_a_read_hangs(
    hanging: tuple[dict[str, str], Path], mounted: Mounted, probe: Probe, real: Real
) -> None:
    environment, flag = hanging
    flag.touch()
    outcome = probe.fetch(
        real.base_url,
        client_id=None,
        client_secret=None,
        environment=environment,
        credential_files=f"{mounted.client_id},{mounted.client_secret}",
        ca_file=real.ca_file,
        timeout_ms=1000,
    )
    assert outcome.status == "TIMEOUT"
    assert f"client_secret_file {mounted.client_secret}" in outcome.message
    assert 1000 <= outcome.elapsed_ms < 10_000


def test_a_client_goes_on_with_the_last_pair_where_a_read_hangs(
    hanging: tuple[dict[str, str], Path], mounted: Mounted, server: Real
) -> None:
    environment, flag = hanging
    with steps(server, mounted, environment=environment, timeout_ms=20_000) as scene:
        expect_status(call(scene), "SM_OK")
        flag.touch()
        took_us = []
        for _ in range(2):
            scene.say("invalidate")
            act = call(scene)
            expect_status(act, "SM_OK")
            assert f"client_secret_file {mounted.client_secret} within 5 s" in act["warnings"][0]
            took_us.append(act["took_us"])
    assert took_us[0] > 5_000_000 > took_us[1]
