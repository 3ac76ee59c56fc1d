"""`python -m sm_token` and the command `sm-token`, each in a process of its own, as a shell runs it.

Each case is run over both: they have the same options, outputs and exit codes.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
import sm_token
from harness.command import command_program
from harness.interruptible import interrupt
from harness.interruptible import start as interruptible
from harness.probe import spellings
from servers.authority import PROXIED_NAME
from servers.started import Misbehaving, Proxies, Real

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Program = Callable[..., "subprocess.CompletedProcess[str]"]

CLIENT_ID, SECRET = "client", "secret-2b7f60"
HIDDEN = spellings(CLIENT_ID, SECRET)

STEPS = ["credentials", "base URL", "proxy", "name", "connection", "TLS", "certificate", "clock", "answer"]


@pytest.fixture
def program(start: list[str], run: Program) -> Program:
    """Runs the command with nothing of this process's environment but `env`."""
    return lambda *arguments, env=None, stdin=None: run([*start, *arguments], env=env, stdin=stdin)


@pytest.fixture
def command(program: Program, real_environment: dict[str, str]) -> Run:
    """The command against the real server; nothing that it says may hold the secret."""
    hidden = spellings(real_environment["SMX_CLIENT_ID"], real_environment["SMX_CLIENT_SECRET"])
    # The system's store is no file on Windows, and no variable names one.
    trusting = ["--ca-file", real_environment["SSL_CERT_FILE"]] if sys.platform == "win32" else []

    def run(
        *arguments: str, stdin: str | None = None, without: tuple[str, ...] = (), **environment: str
    ) -> subprocess.CompletedProcess[str]:
        env = {**real_environment, **environment}
        done = program(
            *trusting,
            *arguments,
            stdin=stdin,
            env={name: value for name, value in env.items() if name not in without},
        )
        assert not any(each in done.stdout + done.stderr for each in hidden)
        assert "Traceback" not in done.stderr
        return done

    return run


@pytest.fixture
def command_at(program: Program, misbehaving: Misbehaving) -> Run:
    """The command against one of the misbehaving server's base URLs."""

    def run(base_url: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        given = {"SMX_CLIENT_ID": CLIENT_ID, "SMX_CLIENT_SECRET": SECRET, **environment}
        done = program(
            "--base-url",
            base_url,
            "--ca-file",
            misbehaving.ca_file,
            *arguments,
            env=given,
        )
        said = done.stdout + done.stderr
        assert not any(each in said for each in (*HIDDEN, misbehaving.description["access_token"]))
        assert "Traceback" not in said
        return done

    return run


def verdicts(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """The verdict of each step of --check, in the order in which they were printed."""
    lines = re.findall(r"^(\w[\w ]*?) +(ok|WRONG|-) +(?=\S)", done.stdout, re.MULTILINE)
    return dict(lines)


def said(done: subprocess.CompletedProcess[str], step: str) -> str:
    """What --check says of a step, with the advice below it."""
    found = re.search(rf"^{step} +(?:ok|WRONG|-) +(.*(?:\n {{20,}}.*)?)", done.stdout, re.MULTILINE)
    assert found, done.stdout
    return found[1]


def is_a_token(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9]{20,}", text) is not None


def test_it_prints_the_token_and_a_line_break(command: Run) -> None:
    done = command()
    assert (done.returncode, done.stderr) == (0, "")
    assert is_a_token(done.stdout.removesuffix("\n"))


def test_the_header_is_one_that_curl_reads(command: Run, real: Real) -> None:
    name, _, value = command("--header").stdout.strip().partition(": ")
    assert name == "Authorization"
    assert real.get("/v1/companies/", headers={name: value})[0] == 200


def test_the_json_holds_all_there_is_to_know(command: Run) -> None:
    told = json.loads(command("--json").stdout)
    assert is_a_token(told.pop("access_token"))
    assert datetime.fromisoformat(told.pop("expires_at")).utcoffset() == timedelta(0)
    assert 3590 <= told.pop("expires_in") <= 3600
    assert told == {"token_type": "Bearer", "scope": "all read write"}


def test_the_scope_is_asked_for(command: Run) -> None:
    assert json.loads(command("--json", "--scope", "read").stdout)["scope"] == "read"


@pytest.mark.parametrize("line_break", ["", "\n", "\r\n"])
def test_the_secret_is_read_from_standard_input(
    line_break: str, command: Run, real_environment: dict[str, str]
) -> None:
    secret = real_environment["SMX_CLIENT_SECRET"] + line_break
    done = command("--stdin", stdin=secret, without=("SMX_CLIENT_SECRET",))
    assert (done.returncode, is_a_token(done.stdout.strip())) == (0, True)


def test_the_secret_on_standard_input_goes_before_the_environments(command: Run) -> None:
    assert command("--stdin", stdin="another").returncode == 6


@pytest.fixture
def files(tmp_path: Path, real_environment: dict[str, str]) -> tuple[Path, Path]:
    """The files of the client id and of the secret."""
    client_id, secret = tmp_path / "id", tmp_path / "secret"
    client_id.write_text(real_environment["SMX_CLIENT_ID"] + "\n")
    secret.write_text(real_environment["SMX_CLIENT_SECRET"] + "\n")
    return client_id, secret


def test_the_credentials_are_read_from_files(command: Run, files: tuple[Path, Path]) -> None:
    arguments = (f"--client-id-file={files[0]}", f"--client-secret-file={files[1]}")
    done = command(*arguments, SMX_CLIENT_SECRET="another")
    assert (done.returncode, is_a_token(done.stdout.strip())) == (0, True)


def test_check_says_which_file_each_half_came_from(command: Run, files: tuple[Path, Path]) -> None:
    arguments = (f"--client-id-file={files[0]}", f"--client-secret-file={files[1]}")
    done = command("--check", *arguments, without=("SMX_CLIENT_ID", "SMX_CLIENT_SECRET"))
    assert f"client_id_file {files[0]} and client_secret_file {files[1]}, no line break" in said(
        done, "credentials"
    )
    assert done.returncode == 0, done.stdout
    done = command("--check", without=("SMX_CLIENT_SECRET",), SMX_CLIENT_SECRET_FILE=str(files[1]))
    assert f"SMX_CLIENT_ID and SMX_CLIENT_SECRET_FILE {files[1]}, no line break" in said(done, "credentials")


def test_check_finds_a_file_that_is_not_there(command: Run) -> None:
    done = command("--check", without=("SMX_CLIENT_SECRET",), SMX_CLIENT_SECRET_FILE="/no/such/secret")
    assert "SMX_CLIENT_SECRET_FILE /no/such/secret can't be read" in said(done, "credentials")
    assert (verdicts(done)["credentials"], done.returncode) == ("WRONG", 3)


def test_only_one_file_is_exit_code_3(command: Run, files: tuple[Path, Path]) -> None:
    done = command(f"--client-secret-file={files[1]}")
    assert (done.returncode, done.stdout) == (3, "")
    assert "client_id_file is missing" in done.stderr


def test_the_base_url_goes_before_the_environments(command: Run, real_environment: dict[str, str]) -> None:
    url = real_environment["SMX_BASE_URL"]
    assert command("--base-url", url, SMX_BASE_URL="https://localhost:1").returncode == 0


def test_it_tells_its_version(command: Run) -> None:
    done = command("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"sm_token {sm_token.__version__}\n", "")


# What is copied along from a page, a mail or a spreadsheet.
INVISIBLE = {
    " ": "U+0020 SPACE",
    "\xa0": "U+00A0 NO-BREAK SPACE",
    "\xad": "U+00AD SOFT HYPHEN",
    "\u2003": "U+2003 EM SPACE",
    "\u200b": "U+200B ZERO WIDTH SPACE",
    "\u2060": "U+2060 WORD JOINER",
    "\u2800": "U+2800 BRAILLE PATTERN BLANK",
    "\u3164": "U+3164 HANGUL FILLER",
    "\ufe0f": "U+FE0F VARIATION SELECTOR-16",
    "\ufeff": "U+FEFF ZERO WIDTH NO-BREAK SPACE",
    "\U000e0020": "U+E0020 TAG SPACE",
}


@pytest.mark.parametrize(("character", "name"), INVISIBLE.items(), ids=INVISIBLE.values())
def test_a_character_at_an_end_that_nobody_sees_is_named(
    character: str, name: str, command: Run, real_environment: dict[str, str]
) -> None:
    client_id, secret = real_environment["SMX_CLIENT_ID"], real_environment["SMX_CLIENT_SECRET"]
    at_the_start = command("--check", SMX_CLIENT_ID=character + client_id)
    assert verdicts(at_the_start)["credentials"] == "-"
    assert f"the client id begins with {name}" in said(at_the_start, "credentials")
    assert at_the_start.returncode == 6
    at_the_end = command("--check", "--stdin", stdin=secret + character)
    assert f"the client secret ends with {name}" in said(at_the_end, "credentials")
    assert "remove" in said(at_the_end, "credentials")
    assert at_the_end.returncode == 6


def test_characters_that_are_seen_are_not_named(command: Run, real_environment: dict[str, str]) -> None:
    for secret in ("\xe9", "\U0001f511", "\u0915\u093f", real_environment["SMX_CLIENT_SECRET"]):
        assert verdicts(command("--check", "--stdin", stdin=secret))["credentials"] == "ok"


def test_a_ca_file_whose_name_is_not_utf_8_is_shown(
    program: Program, real_environment: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / os.fsdecode(b"ca-\xff.pem")
    path.write_bytes(Path(real_environment.pop("SSL_CERT_FILE")).read_bytes())
    done = program("--check", "--ca-file", str(path), env=real_environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "ca-\ufffd.pem" in said(done, "certificate")


def test_the_timeout_ends_it(misbehaving: Misbehaving, command_at: Run) -> None:
    done = command_at(f"{misbehaving.base_url}/hang-in-body", "--timeout", "0.3")
    assert re.match(r"sm_token: timed out after 0\.30* s", done.stderr)


@pytest.mark.parametrize(
    ("script", "exit_code"),
    [
        ("invalid-client", 6),
        ("invalid-scope", 6),
        ("forbidden", 6),
        ("rate-limited", 6),
        ("not-json", 7),
        ("body-too-large", 7),
    ],
)
def test_a_failure_has_the_exit_code_of_its_kind_and_one_line(
    script: str, exit_code: int, misbehaving: Misbehaving, command_at: Run
) -> None:
    done = command_at(f"{misbehaving.base_url}/{script}")
    assert (done.returncode, done.stdout) == (exit_code, "")
    assert re.fullmatch(r"sm_token: .+\n", done.stderr)


def test_no_connection_is_exit_code_4(misbehaving: Misbehaving, command_at: Run) -> None:
    assert command_at(misbehaving.description["ports"]["refused"]).returncode == 4


def test_a_certificate_that_is_not_trusted_is_exit_code_5(misbehaving: Misbehaving, command_at: Run) -> None:
    assert command_at(misbehaving.description["certificates"]["self_signed"]).returncode == 5


def test_no_credentials_are_exit_code_3(command: Run) -> None:
    done = command(without=("SMX_CLIENT_SECRET",))
    assert done.returncode == 3
    assert "SMX_CLIENT_SECRET is not set" in done.stderr


def test_a_secret_without_an_id_is_exit_code_3(command: Run) -> None:
    done = command("--stdin", stdin="secret", without=("SMX_CLIENT_ID",))
    assert done.returncode == 3
    assert "SMX_CLIENT_ID is not set" in done.stderr


def test_a_retry_is_not_told_beside_the_token(misbehaving: Misbehaving, program: Program) -> None:
    done = program(
        env={
            "SMX_CLIENT_ID": CLIENT_ID,
            "SMX_CLIENT_SECRET": SECRET,
            "SMX_BASE_URL": f"{misbehaving.base_url}/busy-then-token~the-command",
            "SSL_CERT_FILE": misbehaving.ca_file,
        },
    )
    assert (done.stdout, done.stderr) == (misbehaving.description["access_token"] + "\n", "")


@pytest.mark.parametrize(
    "argument", [f"--stdin={SECRET}", f"--check={SECRET}", f"--json={SECRET}'", f"--timeout={SECRET}"]
)
def test_a_value_on_the_command_line_that_is_refused_is_not_repeated(argument: str, command: Run) -> None:
    done = command(argument)
    assert done.returncode == 2
    assert SECRET not in done.stderr
    assert f"argument {argument.partition('=')[0]}: " in done.stderr


@pytest.mark.parametrize("argument", [SECRET, f"--client-secret={SECRET}", f"--secret={SECRET}"])
# promise: no-command-line
def test_a_secret_on_the_command_line_is_refused_and_not_repeated(argument: str, command: Run) -> None:
    done = command(argument)
    assert done.returncode == 2
    assert SECRET not in done.stderr
    assert "not taken from the command line" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [("--json", "--header"), ("--timeout", "soon"), ("--jso",), ("--stdin", "--client-id-file=x")],
)
def test_a_mistake_on_the_command_line_is_exit_code_2(arguments: tuple[str, ...], command: Run) -> None:
    assert command(*arguments).returncode == 2


def test_help_tells_every_exit_code(command: Run) -> None:
    told = command("--help").stdout.partition("exit codes:")[2]
    assert re.findall(r"^  (\d+) ", told, re.MULTILINE) == [
        "0",
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
        "8",
        "130",
    ]


def test_output_that_can_not_be_written_is_exit_code_1(
    start: list[str], real_environment: dict[str, str]
) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device, not a path of ours
        done = subprocess.run(
            start,
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={"PATH": os.environ["PATH"], **real_environment},
        )
    assert (done.returncode, done.stderr) == (
        1,
        "sm_token: the output can't be written: No space left on device\n",
    )


@pytest.mark.parametrize(
    ("redirection", "exit_code", "why"),
    [
        ("--check >&-", 1, "the output can't be written: standard output is closed"),
        (">&-", 1, "the output can't be written: standard output is closed"),
        ("--stdin <&-", 3, "standard input is closed"),
        ("--stdin 0>/dev/null", 3, "standard input can't be read: Bad file descriptor"),
    ],
)
def test_a_stream_that_can_not_be_used_has_its_exit_code_and_one_line(
    redirection: str, exit_code: int, why: str, start: list[str], real_environment: dict[str, str]
) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", *start],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], **real_environment},
    )
    assert (done.returncode, done.stdout, done.stderr) == (exit_code, "", f"sm_token: {why}\n")


def test_what_is_wrong_is_told_to_nobody_where_standard_error_is_closed(
    start: list[str],
    real_environment: dict[str, str],
) -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" --base-url http://127.0.0.1:9 2>&-', "sh", *start],
        check=False,
        capture_output=True,
        env={"PATH": os.environ["PATH"], **real_environment},
    )
    # Standard output is for the token alone.
    assert (done.returncode, done.stdout) == (4, b"")


def test_the_end_of_input_at_the_prompt_is_exit_code_3(
    start: list[str], real_environment: dict[str, str]
) -> None:
    person, terminal = os.openpty()
    process = subprocess.Popen(
        [*start, "--stdin"],
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Without a terminal of its own, the prompt comes on standard error.
        start_new_session=True,
        env={"PATH": os.environ["PATH"], **real_environment},
    )
    assert process.stderr
    prompt = process.stderr.read(len("client secret: "))
    os.write(person, b"\x04")
    rest = process.communicate(timeout=20)[1]
    os.close(person)
    os.close(terminal)
    assert prompt == b"client secret: "
    assert rest == b"\nsm_token: no secret was entered\n"
    assert process.returncode == 3


def test_ctrl_c_is_exit_code_130_without_a_word(start: list[str], misbehaving: Misbehaving) -> None:
    playing = misbehaving.play(["hang"])
    process = interruptible(
        [
            *start,
            "--base-url",
            playing.base_url,
            "--ca-file",
            misbehaving.ca_file,
        ],
        env={"PATH": os.environ["PATH"], "SMX_CLIENT_ID": CLIENT_ID, "SMX_CLIENT_SECRET": SECRET},
    )
    assert playing.received(at_least=1, within_ms=10_000)
    interrupt(process)
    assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 130


# contract: check
def test_check_finds_every_step_right(command: Run, real: Real) -> None:
    done = command("--check", "--ca-file", real.ca_file)
    assert verdicts(done) == dict.fromkeys(STEPS, "ok"), done.stdout
    assert done.returncode == 0


def test_check_prints_no_token(command: Run) -> None:
    assert not re.search(r"\b[A-Za-z0-9]{20,}\b", command("--check").stdout)


def test_check_names_what_it_looked_at(command: Run, real: Real) -> None:
    done = command("--check")
    assert real.base_url in said(done, "base URL")
    assert "127.0.0.1" in said(done, "name")
    assert f"localhost:{real.port}" in said(done, "connection")
    assert "good for 3" in said(done, "answer")


def test_check_ends_at_credentials_that_are_not_there(command: Run) -> None:
    done = command("--check", without=("SMX_CLIENT_ID",))
    assert verdicts(done) == {"credentials": "WRONG", **dict.fromkeys(STEPS[1:], "-")}
    assert "Settings, Developer Settings, Add Application" in said(done, "credentials")
    assert done.returncode == 3


def test_check_finds_a_secret_with_its_line_break(command: Run) -> None:
    done = command("--check", SMX_CLIENT_SECRET=f"{SECRET}\n")
    assert "SMX_CLIENT_SECRET ends with a line break" in said(done, "credentials")


def test_check_finds_a_base_url_in_clear_text(command: Run) -> None:
    done = command("--check", SMX_BASE_URL="http://api.example")
    assert (verdicts(done)["base URL"], done.returncode) == ("WRONG", 3)


def test_check_finds_a_name_that_does_not_resolve(command: Run) -> None:
    done = command("--check", SMX_BASE_URL="https://no-such-host.invalid")
    assert (verdicts(done)["name"], done.returncode) == ("WRONG", 4)


def test_check_finds_a_port_that_refuses(misbehaving: Misbehaving, command_at: Run) -> None:
    done = command_at(misbehaving.description["ports"]["refused"], "--check")
    assert (verdicts(done)["connection"], verdicts(done)["answer"]) == ("WRONG", "-")
    assert done.returncode == 4


@pytest.mark.parametrize("certificate", ["expired", "wrong_host", "unknown_authority"])
def test_check_finds_a_certificate_that_is_not_valid(
    certificate: str, misbehaving: Misbehaving, command_at: Run
) -> None:
    done = command_at(misbehaving.description["certificates"][certificate], "--check")
    assert (verdicts(done)["certificate"], done.returncode) == ("WRONG", 5)


def test_check_finds_credentials_that_are_refused(command: Run) -> None:
    done = command("--check", "--stdin", stdin=SECRET)
    assert verdicts(done) == {**dict.fromkeys(STEPS, "ok"), "answer": "WRONG"}
    assert "Add Application" in said(done, "answer")
    assert done.returncode == 6


@pytest.mark.parametrize(("seconds", "direction"), [(-7200, "ahead of"), (7200, "behind")])
def test_check_finds_a_clock_that_is_wrong(
    seconds: int, direction: str, misbehaving: Misbehaving, command_at: Run
) -> None:
    there = {"headers": {"Date": {"http_date_in_s": seconds}}}
    token = {
        "access_token": misbehaving.description["access_token"],
        "expires_in": 60,
        "token_type": "Bearer",
    }
    playing = misbehaving.play({**there, "body": token})
    done = command_at(playing.base_url, "--check")
    assert verdicts(done) == {**dict.fromkeys(STEPS, "ok"), "clock": "WRONG"}
    assert f"s {direction} the server's" in said(done, "clock")
    assert done.returncode == 8


def test_check_says_where_there_is_no_time_to_compare(misbehaving: Misbehaving, command_at: Run) -> None:
    done = command_at(f"{misbehaving.base_url}/token", "--check")
    assert (verdicts(done)["clock"], done.returncode) == ("-", 0)


def test_check_tells_of_a_server_that_hangs(misbehaving: Misbehaving, command_at: Run) -> None:
    done = command_at(f"{misbehaving.base_url}/hang-in-body", "--check", "--timeout", "0.3")
    assert (verdicts(done)["answer"], verdicts(done)["certificate"]) == ("WRONG", "ok")
    assert done.returncode == 4


def test_check_names_the_proxy_without_its_password(command: Run) -> None:
    done = command(
        "--check",
        SMX_BASE_URL="https://api.example",
        HTTPS_PROXY=f"http://me:{SECRET}@127.0.0.1:1",
    )
    assert "http://127.0.0.1:1" in said(done, "proxy")
    assert SECRET not in done.stdout
    assert verdicts(done)["connection"] == "WRONG"


def test_check_finds_a_proxy_that_can_not_be_used(command: Run) -> None:
    done = command("--check", SMX_BASE_URL="https://api.example", HTTPS_PROXY="ftp://proxy.example")
    assert (verdicts(done)["proxy"], verdicts(done)["name"], done.returncode) == ("WRONG", "-", 3)


@pytest.mark.parametrize("name", ["http", "http-password", "https", "socks5-password"])
def test_check_goes_through_a_proxy(name: str, command: Run, real: Real, proxies: Proxies) -> None:
    # Only the proxies know the server by this name.
    base_url = real.base_url.replace("localhost", PROXIED_NAME)
    done = command("--check", "--base-url", base_url, HTTPS_PROXY=proxies.url(name))
    assert verdicts(done) == dict.fromkeys(STEPS, "ok"), done.stdout
    assert proxies.url(name, password=False) in said(done, "proxy")
    assert (proxies.password(name) or "no password") not in done.stdout


# What a server or a proxy says that is not for a terminal: it moves the cursor, reorders text, and echoes.
HOSTILE = f"\x1b[31mowned\x1b]0;title\x07 \u202e {SECRET} \x9b31m"
BASIC = base64.b64encode(f"{CLIENT_ID}:{SECRET}".encode()).decode()

TOKEN = {
    "access_token": "a-token-of-a-hostile-server",
    "expires_in": 60,
    "token_type": "Bearer",
    "scope": "all",
}


def raw(text: str) -> list[object]:
    return ["read_request", {"send": text}, "close"]


# What a server says of the time beside a token.
DATES = [
    HOSTILE.encode().decode("latin-1"),
    "Sun, 06 Nov 99999 08:49:37 GMT",
    "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
    "Sun, 06 Nov 0000 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 +9999",
    "Sun, 06 Xyz 1994 88:49:37",
]


@pytest.mark.parametrize("date", DATES)
def test_check_survives_what_a_server_says_of_the_time(
    date: str, misbehaving: Misbehaving, command_at: Run
) -> None:
    body = json.dumps(TOKEN)
    answer = raw(f"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: {len(body)}\r\n\r\n{body}")
    playing = misbehaving.play_on_a_port(answer)
    done = command_at(playing.base_url, "--check", "--timeout", "3")
    assert (verdicts(done)["answer"], verdicts(done)["clock"]) in (("ok", "-"), ("WRONG", "-"))
    is_clean(done)


# What is no answer, or does not end.
ANSWERS: dict[str, object] = {
    "a status line": raw(f"HTTP/1.1 {HOSTILE} {BASIC}\r\n\r\n".encode().decode("latin-1")),
    "a reason": raw(f"HTTP/1.1 200 {HOSTILE}\r\n\r\n".encode().decode("latin-1")),
    "no HTTP": raw(f"{HOSTILE} {BASIC.rstrip('=')}\r\n".encode().decode("latin-1")),
    "an endless 100": ["read_request", {"endless": {"text": "HTTP/1.1 100 Continue\r\n\r\n"}}],
    "a slow 100": ["read_request", {"endless": {"text": "HTTP/1.1 100 Continue\r\n\r\n", "every_ms": 20}}],
    "a dripped header": [
        "read_request",
        {"drip": {"text": "HTTP/1.1 200 OK\r\nX: " + 9000 * "a", "every_ms": 20}},
    ],
    "endless headers": ["read_request", {"endless_headers": {"every_ms": 20}}],
    "nothing": ["hang"],
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_check_ends_whatever_a_server_says(answer: str, misbehaving: Misbehaving, command_at: Run) -> None:
    playing = misbehaving.play_on_a_port(ANSWERS[answer])
    began = time.monotonic()
    done = command_at(playing.base_url, "--check", "--timeout", "3")
    assert time.monotonic() - began < 15
    assert "WRONG" in (verdicts(done)["answer"], verdicts(done)["TLS"])
    is_clean(done)


def is_clean(done: subprocess.CompletedProcess[str]) -> None:
    assert done.stderr == ""
    shown = done.stdout.replace("\n", "")
    assert [hex(ord(character)) for character in shown if unicodedata.category(character)[0] == "C"] == []
    for hidden in (SECRET, BASIC.rstrip("="), quote(SECRET, safe="")):
        assert hidden not in done.stdout


def test_check_cleans_the_scope(misbehaving: Misbehaving, command_at: Run) -> None:
    playing = misbehaving.play_on_a_port({"body": {**TOKEN, "scope": f"all {HOSTILE}"}})
    done = command_at(playing.base_url, "--check", "--timeout", "3")
    is_clean(done)


def test_check_cleans_what_a_proxy_says(misbehaving: Misbehaving, command_at: Run) -> None:
    refusal = raw(f"HTTP/1.1 403 {HOSTILE} pr0xy-passw0rd\r\n\r\n".encode().decode("latin-1"))
    proxy = misbehaving.play_on_a_port(refusal, tls=False)
    url = proxy.base_url.replace("http://", "http://me:pr0xy-passw0rd@")
    done = command_at("https://api.example.test", "--check", "--timeout", "3", HTTPS_PROXY=url)
    is_clean(done)
    assert "pr0xy-passw0rd" not in done.stdout


@pytest.mark.parametrize("timeout", ["nan", "inf", "1e300", "5e6", "-1", "0", "0.0000001"])
def test_check_says_that_a_timeout_is_none(timeout: str, misbehaving: Misbehaving, command_at: Run) -> None:
    done = command_at(misbehaving.base_url, "--check", f"--timeout={timeout}")
    assert done.stdout == ""
    assert done.stderr.startswith("sm_token: timeout is not between")
    assert done.returncode == 3


def test_check_takes_the_longest_timeout_of_a_fetch(misbehaving: Misbehaving, command_at: Run) -> None:
    playing = misbehaving.play_on_a_port({"body": TOKEN})
    done = command_at(playing.base_url, "--check", "--timeout=4294967")
    assert done.stderr == ""
    assert verdicts(done)["answer"] == "ok"


SECRET_IN_UTF8 = "schlüssel-2b7f60-ø"
REFUSAL_IN_UTF8 = json.dumps(
    {"error": "invalid_client", "error_description": f"not {SECRET_IN_UTF8}"}, ensure_ascii=False
)


def test_check_redacts_a_secret_that_was_sent_in_utf8(misbehaving: Misbehaving, command_at: Run) -> None:
    playing = misbehaving.play_on_a_port(raw(f"HTTP/1.1 401 x\r\n\r\n{REFUSAL_IN_UTF8}"))
    done = command_at(playing.base_url, "--check", "--timeout", "3", SMX_CLIENT_SECRET=SECRET_IN_UTF8)
    assert "[secret]" in said(done, "answer")
    assert "2b7f60" not in done.stdout


def test_check_redacts_a_proxys_password_that_was_sent_in_utf8(
    misbehaving: Misbehaving, command_at: Run
) -> None:
    refusal = raw(f"HTTP/1.1 403 {SECRET_IN_UTF8}\r\n\r\n")
    proxy = misbehaving.play_on_a_port(refusal, tls=False)
    url = proxy.base_url.replace("http://", f"http://me:{quote(SECRET_IN_UTF8)}@")
    done = command_at("https://api.example.test", "--check", "--timeout", "3", HTTPS_PROXY=url)
    assert verdicts(done)["proxy"] == "WRONG"
    assert "2b7f60" not in done.stdout


# One table: what both say, to the byte, the name of the command apart.

TABLE: dict[str, tuple[list[str], int]] = {
    "help": (["--help"], 0),
    "the short help": (["-h"], 0),
    "the version": (["--version"], 0),
    "the help comes first": (["--help", "--nonsense"], 0),
    "an unknown option": (["--nonsense"], 2),
    "a short unknown option": (["-x"], 2),
    "a bare word": (["word"], 2),
    "two dashes": (["--", "word"], 2),
    "an abbreviation": (["--head"], 2),
    "no value": (["--timeout"], 2),
    "an option for a value": (["--scope", "--json"], 2),
    "no number": (["--timeout", "soon"], 2),
    "a flag with a value": (["--json=1"], 2),
    "two shapes": (["--json", "--header"], 2),
    "two shapes, the other way": (["--header", "--json"], 2),
    "a header of a check": (["--check", "--header"], 2),
    "a check of a header": (["--header", "--check"], 2),
    "a file for a check": (["--check", "--output", "x"], 2),
    "a check for a file": (["--output=x", "--check"], 2),
    "an empty base URL": (["--base-url", ""], 3),
    "an insecure base URL": (["--base-url=http://api.example"], 3),
    "a scope that is none": (["--scope", 'a"b'], 3),
    "a negative timeout": (["--timeout", "-1"], 3),
    "no time": (["--timeout=0"], 3),
    "a time without end": (["--timeout", "inf"], 3),
    "an empty CA file": (["--ca-file="], 3),
    "no credentials": ([], 3),
    "no credentials to check": (["--check"], 3),
    "no credentials to check, as JSON": (["--check", "--json"], 3),
    "no credentials, over standard input": (["--stdin"], 3),
    "a missing CA file": (["--base-url", "https://localhost:1", "--ca-file", "/no/such.pem"], 5),
    "a port that refuses": (["--base-url", "http://127.0.0.1:1", "--timeout", "0.5"], 4),
}

GIVEN = {"SMX_CLIENT_ID": CLIENT_ID, "SMX_CLIENT_SECRET": SECRET}


@pytest.mark.parametrize("case", TABLE)
def test_both_commands_say_the_same_to_the_byte(case: str) -> None:
    arguments, exit_code = TABLE[case]
    environment = {} if "no credentials" in case else GIVEN
    outcomes = []
    for start in ([sys.executable, "-m", "sm_token"], [str(command_program())]):
        done = subprocess.run(
            [*start, *arguments],
            check=False,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            env={"PATH": os.environ["PATH"], **environment},
        )
        # Python's own ends lines as the system does.
        complaints = done.stderr.replace(os.linesep.encode(), b"\n")
        named = (done.stdout, complaints.replace(b"python -m sm_token", b"sm-token"))
        # How long a connection took is another number each time.
        said = [re.sub(rb"after [0-9.]+ s", b"after N s", text) for text in named]
        outcomes.append((done.returncode, said[0].replace(b"python -m sm_token", b"sm-token"), said[1]))
    assert outcomes[0] == outcomes[1]
    assert outcomes[0][0] == exit_code


def test_the_check_as_json_holds_what_its_lines_say(command: Run) -> None:
    told = json.loads(command("--check", "--json").stdout)
    assert (told["status"], told["exit_code"]) == ("OK", 0)
    assert [step["name"] for step in told["steps"]] == STEPS
    assert {step["verdict"] for step in told["steps"]} == {"ok"}
    refused = command("--check", "--json", "--stdin", stdin="another")
    told = json.loads(refused.stdout)
    assert (told["status"], told["exit_code"], refused.returncode) == ("INVALID_CLIENT", 6, 6)
    assert "Add Application" in told["steps"][-1]["advice"]


@pytest.mark.parametrize("shape", [(), ("--header",), ("--json",)])
def test_the_output_goes_to_a_file_that_is_its_owners(
    shape: tuple[str, ...], command: Run, tmp_path: Path
) -> None:
    path = tmp_path / "token"
    path.write_text("an older and longer token\n" * 99)
    path.chmod(0o644)
    before = path.stat().st_ino
    done = command("--output", str(path), *shape)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    text = path.read_text()
    assert path.read_bytes() == text.encode()
    assert text.endswith("\n")
    assert "older" not in text
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o7777 == 0o600
    assert path.stat().st_ino != before
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_file_as_it_was(command: Run, tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("the old one")
    assert command("--output", str(path), "--stdin", stdin="another").returncode == 6
    assert path.read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [path]


# The words are the system's; on Windows Python has some of its own.
NO_PLACE, IS_A_DIRECTORY, NO_READER = (
    (".+", ".+", ".+")
    if sys.platform == "win32"
    else ("No such file or directory", "Is a directory", "Broken pipe")
)


def could_not_write(done: subprocess.CompletedProcess[str], why: str) -> bool:
    words = rf"sm_token: the output can't be written: {why}\n"
    return done.returncode == 1 and not done.stdout and re.fullmatch(words, done.stderr) is not None


def test_a_file_that_can_not_be_written_is_exit_code_1(command: Run, tmp_path: Path) -> None:
    done = command("--output", str(tmp_path / "nowhere" / "token"))
    assert could_not_write(done, NO_PLACE)
    (tmp_path / "directory").mkdir()
    done = command("--output", str(tmp_path / "directory"))
    assert could_not_write(done, IS_A_DIRECTORY)
    assert [path.name for path in tmp_path.iterdir()] == ["directory"]


def test_a_reader_that_has_gone_is_exit_code_1(start: list[str], real_environment: dict[str, str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [*start, "--ca-file", real_environment["SSL_CERT_FILE"]],
        check=False, stdout=writer, stderr=subprocess.PIPE, text=True,
        env={"PATH": os.environ["PATH"], **real_environment},
    )  # fmt: skip
    os.close(writer)
    assert could_not_write(done, NO_READER)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["--check"], ["--check", "--json"]])
def test_a_full_device_is_exit_code_1(
    arguments: list[str], start: list[str], real_environment: dict[str, str]
) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device, not a path of ours
        done = subprocess.run(
            [*start, *arguments], check=False, stdout=full, stderr=subprocess.PIPE, text=True,
            env={"PATH": os.environ["PATH"], **real_environment},
        )  # fmt: skip
    assert done.stderr == "sm_token: the output can't be written: No space left on device\n"
    assert done.returncode == 1


@pytest.mark.parametrize(
    ("environment", "has_colours"),
    [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_a_terminal_alone(
    environment: dict[str, str], has_colours: bool, start: list[str], real_environment: dict[str, str]
) -> None:
    person, terminal = os.openpty()
    process = subprocess.Popen(
        [*start, "--check"], stdout=terminal, stdin=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], **real_environment, **environment},
    )  # fmt: skip
    os.close(terminal)
    shown = b""
    try:
        while piece := os.read(person, 65536):
            shown += piece
    except OSError:
        # How Linux says that no program has the terminal open any more.
        pass
    os.close(person)
    assert process.wait(20) == 0
    assert (b"\x1b[32mok" in shown) == has_colours
    assert (b"\x1b" in shown) == has_colours


def test_what_a_person_types_is_not_shown(start: list[str], real_environment: dict[str, str]) -> None:
    person, terminal = os.openpty()
    process = subprocess.Popen(
        [*start, "--stdin"], stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True, env={"PATH": os.environ["PATH"], **real_environment},
    )  # fmt: skip
    assert process.stderr
    assert process.stderr.read(len("client secret: ")) == b"client secret: "
    os.write(person, real_environment["SMX_CLIENT_SECRET"].encode() + b"\n")
    output, rest = process.communicate(timeout=20)
    assert (process.returncode, rest) == (0, b"\n")
    assert is_a_token(output.decode().strip())
    os.set_blocking(person, False)
    try:
        echoed = os.read(person, 4096)
    except OSError:
        echoed = b""
    os.close(person)
    os.close(terminal)
    assert real_environment["SMX_CLIENT_SECRET"].encode() not in echoed
