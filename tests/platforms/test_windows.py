"""What is different on Windows: variables, paths, the system's verifier, the proxy of the user's settings."""

from __future__ import annotations

import base64
import json
import os
import struct
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.c_program import ROOT, SOURCES, c_compiler, checked, compile_c, leading_to, library_directory
from harness.probe import NAMES, Outcome, Probe
from servers.authority import PROXIED_NAME
from servers.started import Misbehaving, Proxies, Real

WINE = ROOT / "ci" / ("wine-x86" if c_compiler().endswith("windows-x86-compiler") else "wine")
PREFIX = ROOT / "target" / "platforms" / WINE.name

Known = dict[str, Any]


@pytest.fixture
def known(real: Real) -> Known:
    return {name: real.description[name] for name in ("base_url", "ca_file", "client_id", "client_secret")}


# Variables


def test_a_variable_is_found_whatever_its_case(probe: Probe, known: Known) -> None:
    environment = {
        "smx_client_id": known["client_id"],
        "Smx_Client_Secret": known["client_secret"],
        "smx_base_url": known["base_url"],
    }
    outcome = probe.fetch(
        client_id=None, client_secret=None, environment=environment, ca_file=known["ca_file"]
    )
    assert outcome.status == "OK", outcome.message


def test_a_variable_holds_what_no_code_page_has(probe: Probe, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play({"status": 400, "body": ""})
    environment = {"SMX_CLIENT_ID": "東京é", "SMX_CLIENT_SECRET": "ключ-9f2c71"}
    probe.fetch(
        playing.base_url,
        client_id=None,
        client_secret=None,
        environment=environment,
        ca_file=misbehaving.ca_file,
    )
    [request] = playing.received()
    assert request.headers is not None
    encoded = request.headers["authorization"].removeprefix("Basic ")
    client_id, _, _ = base64.b64decode(encoded).decode().partition(":")
    assert client_id == "%E6%9D%B1%E4%BA%AC%C3%A9"


# Paths


def of_windows(path: Path) -> str:
    """The path of a file of this machine under wine."""
    return "Z:" + str(path).replace("/", "\\")


def without_ca_file(known: Known) -> Known:
    return {name: value for name, value in known.items() if name != "ca_file"}


def with_ca_file(known: Known, path: str) -> Known:
    """Told by a variable: an argument of a C program is in the system's code page."""
    return {**without_ca_file(known), "environment": {"PROBE_CA_FILE": path}}


def put(real: Real, directory: Path) -> Path:
    directory.mkdir(parents=True)
    copy = directory / "ca.pem"
    copy.write_bytes(Path(real.ca_file).read_bytes())
    return copy


def long(directory: Path) -> Path:
    return directory.joinpath(*["a folder with a long name " * 3] * 5)


@pytest.mark.parametrize(
    "form",
    [
        lambda path: of_windows(path),
        lambda path: of_windows(path).replace("\\", "/"),
        lambda path: "\\\\?\\" + of_windows(path),
        lambda path: of_windows(path).lower().replace("z:", "Z:"),
    ],
    ids=["drive", "slashes", "verbatim", "lower case"],
)
@pytest.mark.parametrize("folder", ["plain", "with blanks and 東京 é", "long"])
def test_a_ca_file_is_found_by_its_path(
    form: Callable[[Path], str], folder: str, tmp_path: Path, probe: Probe, known: Known, real: Real
) -> None:
    path = put(real, long(tmp_path) if folder == "long" else tmp_path / folder)
    assert folder != "long" or len(str(path)) > 260
    outcome = probe.fetch(**with_ca_file(known, form(path)))
    assert outcome.status == "OK", outcome.message


def test_a_ca_file_is_found_on_a_share(tmp_path: Path, probe: Probe, known: Known, real: Real) -> None:
    """wine shows as a share what `unc` names."""
    server = PREFIX / "dosdevices" / "unc" / "sm-token-server"
    server.mkdir(parents=True, exist_ok=True)
    share = server / "share"
    share.symlink_to(put(real, tmp_path / "shared folder").parent)
    try:
        outcome = probe.fetch(**with_ca_file(known, "\\\\sm-token-server\\share\\ca.pem"))
    finally:
        share.unlink()
    assert outcome.status == "OK", outcome.message


def test_a_ca_file_that_is_not_there_is_named(probe: Probe, known: Known) -> None:
    path = "Z:\\no such folder\\東京.pem"
    outcome = probe.fetch(**with_ca_file(known, path))
    assert outcome.status == "NO_TRUST_ROOTS"
    assert path in outcome.message


# The system's own verifier


def test_a_refusal_of_the_systems_verifier_is_told_in_words(probe: Probe, known: Known) -> None:
    """wine's refuses every private authority, the number depends on its version."""
    outcome = probe.fetch(**without_ca_file(known))
    assert outcome.status == "CERTIFICATE", outcome.message
    assert "OS Error" not in outcome.message
    words = ("is not trusted: its issuer is not in the system's store", "can't be checked for revocation")
    assert any(said in outcome.message for said in words), outcome.message


# The proxy of the user's settings

DIRECT, MANUAL, SCRIPT, DETECT = 1, 2, 4, 8

Settings = Callable[..., None]


@pytest.fixture
def users_settings() -> Iterator[Settings]:
    """Sets what the control panel sets, for this test."""
    value = (
        "HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\Connections",
        "/v",
        "DefaultConnectionSettings",
        "/f",
    )

    def put(flags: int, proxy: str = "", exceptions: str = "", script: str = "") -> None:
        texts = (text.encode("ascii") for text in (proxy, exceptions, script))
        data = struct.pack("<III", 0x46, 1, flags) + b"".join(
            struct.pack("<I", len(text)) + text for text in texts
        )
        data += bytes(32)
        checked([WINE, "reg", "add", *value, "/t", "REG_BINARY", "/d", data.hex()])

    yield put
    checked([WINE, "reg", "delete", *value])


@pytest.fixture
def fetch(probe: Probe, known: Known) -> Callable[..., Outcome]:
    """From the real server under the name that only the proxies resolve."""
    known["base_url"] = known["base_url"].replace("localhost", PROXIED_NAME)
    return lambda **told: probe.fetch(**{"max_retries": 0, "timeout_ms": 20_000, **known, **told})


@pytest.fixture
def running(proxies: Proxies) -> Callable[[str], str]:
    """`HOST:PORT` of a proxy that others wrote."""

    def running(name: str) -> str:
        if (why := proxies.missing(name)) is not None:
            pytest.skip(why)
        proxies.forget(name)
        return proxies.url(name).rpartition("//")[2]

    return running


@pytest.mark.parametrize("setting", ["{}", "http=other.test:1;https={}", "https=http://{}"])
def test_a_token_comes_through_the_users_proxy(
    setting: str,
    fetch: Callable[..., Outcome],
    running: Callable[[str], str],
    proxies: Proxies,
    users_settings: Settings,
) -> None:
    users_settings(DIRECT | MANUAL, setting.format(running("tinyproxy")))
    outcome = fetch()
    assert outcome.status == "OK", outcome.message
    assert proxies.carried("tinyproxy", at_least=1) == 1


def test_a_token_comes_through_the_users_socks_proxy(
    fetch: Callable[..., Outcome],
    running: Callable[[str], str],
    proxies: Proxies,
    users_settings: Settings,
) -> None:
    users_settings(MANUAL, f"http=other.test:1;socks={running('microsocks')}", "<local>;*.corp.example")
    outcome = fetch()
    assert outcome.status == "OK", outcome.message
    assert proxies.carried("microsocks", at_least=1) == 1


@pytest.mark.parametrize("how", ["an exception", "the option", "NO_PROXY", "switched off"])
def test_the_users_proxy_is_gone_past(
    how: str, fetch: Callable[..., Outcome], misbehaving: Misbehaving, users_settings: Settings
) -> None:
    refusing = misbehaving.play_on_a_port({"status": 403, "body": ""}, tls=False)
    exceptions = "other.example;*.test" if how == "an exception" else ""
    users_settings(DIRECT if how == "switched off" else MANUAL, f"localhost:{refusing.port}", exceptions)
    told: dict[str, Any] = {"the option": {"proxy": ""}, "NO_PROXY": {"environment": {"NO_PROXY": "test"}}}
    outcome = fetch(**told.get(how, {}))
    # Nobody but the proxies knows the name.
    assert outcome.status in ("DNS", "TIMEOUT"), outcome.message
    assert refusing.received() == []


def test_the_environment_goes_before_the_users_proxy(
    fetch: Callable[..., Outcome], misbehaving: Misbehaving, users_settings: Settings
) -> None:
    refusing, other = (misbehaving.play_on_a_port({"status": 403, "body": ""}, tls=False) for _ in range(2))
    users_settings(MANUAL, f"localhost:{other.port}")
    outcome = fetch(environment={"HTTPS_PROXY": f"http://localhost:{refusing.port}"})
    assert outcome.status == "PROXY", outcome.message
    assert (len(refusing.received()), len(other.received())) == (1, 0)


def test_a_malformed_proxy_of_the_user_is_an_error(
    fetch: Callable[..., Outcome], users_settings: Settings
) -> None:
    users_settings(MANUAL, "https=proxy:port")
    outcome = fetch()
    assert outcome.status == "INVALID_ARGUMENT"
    assert "user's settings" in outcome.message


@pytest.mark.parametrize(
    ("flags", "says"), [(SCRIPT, "a script that finds a proxy (PAC)"), (DETECT, "a proxy detected (WPAD)")]
)
def test_a_script_and_a_detection_are_named_where_no_connection_comes(
    flags: int, says: str, fetch: Callable[..., Outcome], users_settings: Settings
) -> None:
    users_settings(DIRECT | flags, script="http://pac.corp.example/proxy.pac" if flags == SCRIPT else "")
    outcome = fetch()
    assert outcome.status in ("DNS", "TIMEOUT"), outcome.message
    assert says in outcome.message
    assert "HTTPS_PROXY" in outcome.message


def test_a_check_says_where_the_proxy_comes_from(
    tmp_path: Path,
    real: Real,
    running: Callable[[str], str],
    users_settings: Settings,
) -> None:
    program = compile_c(SOURCES / "steps.c", tmp_path / "steps", library_directory())
    environment = leading_to(real)
    environment["SMX_BASE_URL"] = environment["SMX_BASE_URL"].replace("localhost", PROXIED_NAME)
    proxy = running("tinyproxy")
    users_settings(MANUAL, proxy)
    done = subprocess.run(
        [program, "--ca-file", real.ca_file],
        check=True,
        capture_output=True,
        env={**os.environ, **environment},
        timeout=120,
    )
    told = json.loads(done.stdout)
    assert NAMES[told["status"]] == "OK", told
    [step] = [step for step in told["steps"] if step["name"] == "proxy"]
    assert step["text"] == f"http://{proxy} (the user's settings of Windows)"
