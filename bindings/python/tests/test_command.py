"""`python -m sm_token`, in a process of its own, as a shell runs it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from integration.probe import spellings
from servers.authority import PROXIED_NAME
from servers.started import Misbehaving, Proxies, Real
from sm_token import _core

Run = Callable[..., "subprocess.CompletedProcess[str]"]
Program = Callable[..., "subprocess.CompletedProcess[str]"]

CLIENT_ID, SECRET = "client", "secret-2b7f60"
HIDDEN = spellings(CLIENT_ID, SECRET)

STEPS = ["credentials", "base URL", "proxy", "name", "connection", "certificate", "clock", "answer"]


@pytest.fixture
def command(program: Program, real_environment: dict[str, str]) -> Run:
    """The command against the real server; nothing that it says may hold the secret."""
    hidden = spellings(real_environment["SMX_CLIENT_ID"], real_environment["SMX_CLIENT_SECRET"])

    def run(
        *arguments: str, stdin: str | None = None, without: tuple[str, ...] = (), **environment: str
    ) -> subprocess.CompletedProcess[str]:
        env = {**real_environment, **environment}
        done = program(
            "-m",
            "sm_token",
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
            "-m",
            "sm_token",
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


def test_the_base_url_goes_before_the_environments(command: Run, real_environment: dict[str, str]) -> None:
    url = real_environment["SMX_BASE_URL"]
    assert command("--base-url", url, SMX_BASE_URL="https://localhost:1").returncode == 0


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
        "-m",
        "sm_token",
        env={
            "SMX_CLIENT_ID": CLIENT_ID,
            "SMX_CLIENT_SECRET": SECRET,
            "SMX_BASE_URL": f"{misbehaving.base_url}/busy-then-token~the-command",
            "SSL_CERT_FILE": misbehaving.ca_file,
        },
    )
    assert (done.stdout, done.stderr) == (misbehaving.description["access_token"] + "\n", "")


@pytest.mark.parametrize("argument", [SECRET, f"--client-secret={SECRET}", f"--secret={SECRET}"])
def test_a_secret_on_the_command_line_is_refused_and_not_repeated(argument: str, command: Run) -> None:
    done = command(argument)
    assert done.returncode == 2
    assert SECRET not in done.stderr
    assert "not taken from the command line" in done.stderr


@pytest.mark.parametrize("arguments", [("--json", "--header"), ("--timeout", "soon"), ("--jso",)])
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


def test_output_that_can_not_be_written_is_exit_code_1(real_environment: dict[str, str]) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device, not a path of ours
        done = subprocess.run(
            [sys.executable, "-m", "sm_token"],
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


def test_ctrl_c_is_exit_code_130_without_a_word(misbehaving: Misbehaving) -> None:
    playing = misbehaving.play(["hang"])
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "sm_token",
            "--base-url",
            playing.base_url,
            "--ca-file",
            misbehaving.ca_file,
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "SMX_CLIENT_ID": CLIENT_ID, "SMX_CLIENT_SECRET": SECRET},
    )
    assert playing.received(at_least=1, within_ms=10_000)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=20) == ("", "")
    assert process.returncode == 130


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
    playing = misbehaving.play_on_a_port(["handshake", "close"], {"body": token}, {**there, "body": ""})
    done = command_at(playing.base_url, "--check")
    assert verdicts(done) == {**dict.fromkeys(STEPS, "ok"), "clock": "WRONG"}
    assert f"s {direction} the server's" in said(done, "clock")
    assert done.returncode == 8


def test_check_says_where_there_is_no_time_to_compare(misbehaving: Misbehaving, command_at: Run) -> None:
    done = command_at(f"{misbehaving.base_url}/token", "--check")
    assert (verdicts(done)["clock"], done.returncode) == ("-", 0)


def test_check_tells_of_a_server_that_hangs(misbehaving: Misbehaving, command_at: Run) -> None:
    done = command_at(f"{misbehaving.base_url}/hang-in-body", "--check", "--timeout", "0.3")
    assert (verdicts(done)["answer"], verdicts(done)["certificate"]) == ("WRONG", "-")
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


def test_what_no_proxy_excepts_is_the_librarys_word(monkeypatch: pytest.MonkeyPatch) -> None:
    # Python's own rules know no networks.
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example")
    monkeypatch.setenv("NO_PROXY", "192.0.2.0/24")
    assert _core.proxy_to("https://192.0.2.1") is None
    assert _core.proxy_to("https://192.0.3.1") == ("http", "proxy.example", 80, None, None)


@pytest.mark.parametrize(
    ("name", "clock"),
    [("http", "ok"), ("http-password", "ok"), ("https", "-"), ("socks5-password", "-")],
)
def test_check_goes_through_a_proxy(
    name: str, clock: str, command: Run, real: Real, proxies: Proxies
) -> None:
    # Only the proxies know the server by this name.
    base_url = real.base_url.replace("localhost", PROXIED_NAME)
    done = command("--check", "--base-url", base_url, HTTPS_PROXY=proxies.url(name))
    assert verdicts(done) == {**dict.fromkeys(STEPS, "ok"), "clock": clock}, done.stdout
    assert said(done, "proxy").rpartition(":")[2] == proxies.url(name).rpartition(":")[2]
    assert (proxies.password(name) or "no password") not in done.stdout
