"""What is freed is gone, and what lives is there once: real core dumps are searched for secrets."""

from __future__ import annotations

import base64
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from harness.c_program import SOURCES, checked, compile_c, need, release_directory
from servers import credentials
from servers.authority import Authority
from servers.started import Misbehaving, Playing, Real

CORE_PATTERN = Path("/proc/sys/kernel/core_pattern")


CLIENT_ID, CLIENT_SECRET = credentials.ODD_CLIENT_ID, credentials.ODD_CLIENT_SECRET


def form_urlencoded(text: str) -> str:
    return quote_plus(text, safe="*").replace("~", "%7E")


# The shapes that the credentials take on their way to the server (RFC 6749 section 2.3.1).
PAIR = f"{form_urlencoded(CLIENT_ID)}:{form_urlencoded(CLIENT_SECRET)}"
DERIVED = {
    "the form-urlencoded secret": form_urlencoded(CLIENT_SECRET),
    "the Basic credentials": base64.b64encode(PAIR.encode()).decode(),
}


def dump(program: Path, directory: Path, lines: list[str]) -> tuple[bytes, str]:
    """Runs the program to its end; gives its memory at that moment, and the token that it got."""
    directory.mkdir()
    question, answer = directory / "question", directory / "answer"
    question.write_text("".join(f"{line}\n" for line in lines))
    if set(CORE_PATTERN.read_text()) & set("|/%"):
        # The kernel hands the core to somebody else: a debugger writes it instead.
        steps = (f"run < {question} > {answer}", "generate-core-file core")
        arguments = [part for step in steps for part in ("-ex", step)]
        checked([need("gdb"), "-nx", "-batch", *arguments, program], cwd=directory)
    else:
        with question.open() as given, answer.open("w") as taken:
            done = subprocess.run([program], check=False, stdin=given, stdout=taken, cwd=directory, env={})
        assert done.returncode == -6, f"the program ends with {done.returncode}, not by SIGABRT"
    (core,) = directory.glob("core*")
    memory = core.read_bytes()
    core.unlink()
    return memory, answer.read_text()


def found(memory: bytes, secrets: dict[str, str]) -> list[str]:
    """Which secrets are there. Half of one is enough: an allocator may have written over the rest."""
    hits = []
    for name, secret in secrets.items():
        raw = secret.encode()
        assert len(raw) >= 16, f"{name} is too short to be told from chance"
        middle = len(raw) // 2
        if raw[:middle] in memory or raw[middle:] in memory:
            hits.append(name)
    return hits


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    binary = tmp_path_factory.mktemp("wiped_memory") / "wiped_memory"
    return compile_c(SOURCES / "wiped_memory.c", binary, release_directory())


# promise: wiped
def test_nothing_is_left_after_everything_is_freed(program: Path, real: Real, tmp_path: Path) -> None:
    lines = ["wipe", real.base_url, real.ca_file, CLIENT_ID, CLIENT_SECRET]
    memory, token = dump(program, tmp_path / "dump", lines)
    secrets = {"the secret": CLIENT_SECRET, **DERIVED, "the access token": token}
    assert found(memory, secrets) == []


# promise: dump-search
def test_the_search_finds_what_is_kept(program: Path, real: Real, tmp_path: Path) -> None:
    lines = ["keep", real.base_url, real.ca_file, CLIENT_ID, CLIENT_SECRET]
    memory, token = dump(program, tmp_path / "dump", [*lines, *DERIVED.values()])
    secrets = {"the secret": CLIENT_SECRET, **DERIVED, "the access token": token}
    assert found(memory, secrets) == list(secrets)


def test_a_living_client_holds_each_secret_once_and_no_header(
    program: Path, real: Real, tmp_path: Path
) -> None:
    lines = ["client", real.base_url, real.ca_file, CLIENT_ID, CLIENT_SECRET]
    memory, token = dump(program, tmp_path / "dump", lines)
    kept = {"the id": CLIENT_ID, "the secret": CLIENT_SECRET, "the access token": token}
    assert {name: memory.count(text.encode()) for name, text in kept.items()} == dict.fromkeys(kept, 1)
    assert found(memory, DERIVED) == []


def test_a_pair_that_was_read_or_replaced_is_gone_and_the_one_in_use_is_there_once(
    program: Path, real: Real, tmp_path: Path
) -> None:
    second = ("second-of-the-files-71c0", "90ab12-read-from-its-file")
    third = ("pushed-by-the-program-3e", "34cd56-handed-over-by-call")
    files = [str(tmp_path / name) for name in ("client-id", "client-secret")]
    for pair in (second, third):
        real.add_application(*pair)
    try:
        lines = ["rotate", real.base_url, real.ca_file, CLIENT_ID, CLIENT_SECRET, *second, *third, *files]
        memory, token = dump(program, tmp_path / "dump", lines)
        assert token in real.issued(third[0])
        assert real.issued(second[0])
    finally:
        for client_id, _ in (second, third):
            real.delete_application(client_id)
    gone = {
        "the first secret": CLIENT_SECRET,
        **DERIVED,
        "the second id": second[0],
        "the second secret": second[1],
    }
    assert found(memory, gone) == []
    kept = {"the third id": third[0], "the third secret": third[1], "the access token": token}
    assert {name: memory.count(text.encode()) for name, text in kept.items()} == dict.fromkeys(kept, 1)


# How a fetch can fail, the later the more of the secret has been about; and the status that it ends with.
ECHO = {
    "error": "invalid_client",
    "error_description": f"{CLIENT_SECRET} or {DERIVED['the Basic credentials']}",
}
FAILURES = {
    "refused_with_an_echo": (40, {"status": 401, "body": ECHO}),
    "a_server_that_fails_with_an_echo": (44, {"status": 500, "body": ECHO}),
    "a_page_with_an_echo": (50, {"status": 200, "body": f"<p>{CLIENT_SECRET}</p>"}),
    "a_broken_connection": (24, ["reset"]),
    "a_timeout": (22, ["hang"]),
    "half_an_answer_until_the_timeout": (
        22,
        [{"send": "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"}, "hang"],
    ),
}


@pytest.mark.parametrize("failure", FAILURES)
# promise: wiped
def test_nothing_is_left_after_a_failure(
    failure: str, program: Path, misbehaving: Misbehaving, tmp_path: Path
) -> None:
    status, step = FAILURES[failure]
    playing = misbehaving.play(step)
    expect_nothing_left(program, tmp_path, playing.base_url, misbehaving.ca_file, status)
    (received,) = playing.received()
    assert received.headers is not None
    assert received.headers["authorization"] == f"Basic {DERIVED['the Basic credentials']}"


def test_nothing_is_left_after_a_handshake_that_fails(
    program: Path, misbehaving: Misbehaving, tmp_path: Path
) -> None:
    plain: Playing = misbehaving.play_on_a_port(["client_hello", {"send": "who is there?\r\n"}, "cut"])
    expect_nothing_left(program, tmp_path, plain.base_url, misbehaving.ca_file, 30)


def test_nothing_is_left_after_a_certificate_that_is_not_trusted(
    program: Path, misbehaving: Misbehaving, tmp_path: Path
) -> None:
    others = tmp_path / "others"
    others.mkdir()
    ca_file = Authority.create(others).ca_file
    expect_nothing_left(program, tmp_path, misbehaving.base_url, str(ca_file), 31)


def expect_nothing_left(program: Path, tmp_path: Path, base_url: str, ca_file: str, status: int) -> None:
    lines = ["fail", base_url, ca_file, CLIENT_ID, CLIENT_SECRET]
    memory, told = dump(program, tmp_path / "dump", lines)
    assert told == str(status)
    assert found(memory, {"the secret": CLIENT_SECRET, **DERIVED}) == []


def test_the_search_looks_for_what_is_sent(program: Path, tmp_path: Path) -> None:
    seen: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            seen.append(self.headers["Authorization"])
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"access_token": "t0ken", "expires_in": 60, "token_type": "Bearer"}')

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        base_url = f"http://127.0.0.1:{server.server_port}"
        dump(program, tmp_path / "dump", ["wipe", base_url, "none", CLIENT_ID, CLIENT_SECRET])
    assert seen == [f"Basic {DERIVED['the Basic credentials']}"]
