"""What fetch() refuses without a request, and how it says so."""

from __future__ import annotations

import math
import os
import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sm_token
from servers.started import Misbehaving, Real

Program = Callable[..., "subprocess.CompletedProcess[str]"]

fetch: Callable[..., sm_token.Token] = sm_token.fetch

SECRET = "secret-77a1"


def refused(*arguments: Any, **keywords: Any) -> sm_token.ConfigError:
    with pytest.raises(sm_token.ConfigError) as raised:
        fetch(*arguments, **keywords)
    assert SECRET not in f"{raised.value!r} {raised.value} {vars(raised.value)}"
    return raised.value


# contract: half-credentials
@pytest.mark.parametrize(
    ("arguments", "missing"), [(("id",), "client_secret"), ((None, SECRET), "client_id")]
)
def test_one_credential_without_the_other_is_refused(arguments: tuple[str, ...], missing: str) -> None:
    assert str(refused(*arguments)).startswith(f"{missing} is missing, though")


def test_no_credentials_anywhere_is_told_with_the_variables() -> None:
    error = refused()
    assert (error.code, error.status) == ("NO_CREDENTIALS", 11)
    assert "SMX_CLIENT_ID" in str(error)


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMX_CLIENT_ID", "id")
    monkeypatch.setenv("SMX_CLIENT_SECRET", "")
    assert refused().code == "NO_CREDENTIALS"


# contract: option-reason number-range
@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"base_url": "ftp://h"}, "base_url is not a URL"),
        ({"base_url": f"https://me:{SECRET}@h"}, "base_url holds credentials"),
        ({"scope": 'a"b'}, "scope holds a character"),
        ({"user_agent": "a\r\nX: y"}, "user_agent is not"),
        ({"proxy": f"ftp://me:{SECRET}@h"}, "proxy has a scheme"),
        ({"ca_file": ""}, "ca_file is empty"),
        ({"ca_file": b""}, "ca_file is empty"),
        ({"ca_file": "a\0b"}, "ca_file is empty or holds a NUL"),
        ({"ca_file": "/no/such/\ud800.pem"}, "ca_file has a path that can't be encoded"),
        ({"client_id_file": "", "client_secret_file": "s"}, "client_id_file is empty"),
        (
            {"client_id_file": "i", "client_secret_file": b"a\0b"},
            "client_secret_file is empty or holds a NUL",
        ),
        ({"client_id_file": "i"}, "client_secret_file is missing, though client_id_file is given"),
        ({"client_secret_file": "s"}, "client_id_file is missing, though client_secret_file is given"),
        ({"trust": "everyone"}, 'trust is neither "system" nor "bundled"'),
        ({"timeout": 0}, "timeout is not between"),
        ({"timeout": -1.0}, "timeout is not between"),
        ({"timeout": math.nan}, "timeout is not between"),
        ({"timeout": math.inf}, "timeout is not between"),
        ({"timeout": 10**400}, "timeout is not between"),
        ({"timeout": timedelta(days=50)}, "timeout is not between"),
        ({"timeout": timedelta(seconds=-1)}, "timeout is not between"),
        ({"connect_timeout": 0.0001}, "connect_timeout is not between"),
        ({"connect_timeout": timedelta(0)}, "connect_timeout is not between"),
        ({"max_retries": -1}, "max_retries is not between"),
        ({"max_retries": 101}, "max_retries is not between 0 and 100"),
        ({"max_retries": 2**32}, "max_retries is not between"),
        ({"base_url": "https://h\ud800"}, "base_url holds a lone surrogate"),
        ({"scope": "\ud800"}, "scope holds a lone surrogate"),
    ],
)
def test_a_value_that_can_not_be_used_is_refused_by_name(keywords: dict[str, Any], message: str) -> None:
    error = refused("id", SECRET, **keywords)
    assert str(error).startswith(message)
    assert error.status == 10


# contract: not-text
@pytest.mark.parametrize(
    ("client_id", "client_secret", "message"),
    [
        ("id", f"{SECRET}\n", "client_secret ends with a line break"),
        ("id", f"{SECRET}\0", "client_secret holds a control character"),
        ("id", "", "client_secret is empty"),
        ("", SECRET, "client_id is empty"),
        ("id", f"{SECRET}\ud800", "client_secret holds a lone surrogate"),
    ],
)
def test_a_credential_that_can_not_be_sent_is_refused_by_name(
    client_id: str, client_secret: str, message: str
) -> None:
    assert str(refused(client_id, client_secret)).startswith(message)


@pytest.mark.parametrize("value", [7, bytearray(b"ca.pem"), object()])
def test_a_ca_file_that_is_no_path_is_refused_by_name(value: object) -> None:
    with pytest.raises(TypeError, match=r"^ca_file is neither str, bytes nor os\.PathLike$"):
        fetch("id", SECRET, ca_file=value)


@pytest.mark.parametrize("name", ["client_id_file", "client_secret_file"])
def test_a_credential_file_that_is_no_path_is_refused_by_name(name: str) -> None:
    with pytest.raises(TypeError, match=f"^{name} is neither str, bytes nor os"):
        fetch(**{"client_id_file": "i", "client_secret_file": "s", name: 7})


class BytesPath:
    def __init__(self, path: bytes) -> None:
        self._path = path

    def __fspath__(self) -> bytes:
        return self._path


@pytest.mark.parametrize(
    "give",
    [os.fsdecode, bytes, BytesPath, lambda path: Path(os.fsdecode(path))],
    ids=["str", "bytes", "a path-like of bytes", "Path"],
)
@pytest.mark.parametrize(
    "name",
    [b"ca.pem", "ca-\xfc-\u9375-\U0001f511.pem".encode(), b"ca-\xff.pem"],
    ids=["ASCII", "UTF-8", "other bytes"],
)
def test_a_ca_file_is_what_open_takes(
    give: Callable[[bytes], Any], name: bytes, real: Real, tmp_path: Path
) -> None:
    path = os.fsencode(tmp_path) + b"/" + name
    Path(os.fsdecode(path)).write_bytes(Path(real.ca_file).read_bytes())
    credentials = real.description["client_id"], real.description["client_secret"]
    assert fetch(*credentials, base_url=real.base_url, ca_file=give(path)).token_type == "Bearer"


def test_no_message_names_a_function_of_c(misbehaving: Misbehaving, program: Program, tmp_path: Path) -> None:
    url = misbehaving.description["certificates"]["self_signed"]
    source = f"import sm_token; sm_token.fetch('id', 'secret', base_url={url!r})"
    not_trusted = program("-c", source, env={"SSL_CERT_FILE": misbehaving.ca_file})
    nothing = {"SSL_CERT_DIR": str(tmp_path), "SSL_CERT_FILE": "/dev/null"}
    nothing_to_trust = program("-c", source, env=nothing)
    for done in (not_trusted, nothing_to_trust):
        told = done.stderr.splitlines()[-1]
        assert told.startswith("sm_token.TLSError: ")
        assert "ca_file" in told or "SSL_CERT_FILE" in told
        assert not re.search("sm_options|SM_", told)


@pytest.mark.parametrize(
    ("arguments", "keywords"),
    [
        (("id", SECRET.encode()), {}),
        ((1, SECRET), {}),
        (("id", SECRET), {"timeout": "10"}),
        (("id", SECRET), {"connect_timeout": [1]}),
        (("id", SECRET), {"max_retries": 1.5}),
        (("id", SECRET), {"trust": 1}),
        (("id", SECRET), {"ca_file": 7}),
        (("id", SECRET), {"ca_file": bytearray(b"ca.pem")}),
        (("id", SECRET), {"no_such_keyword": 1}),
        (("id", SECRET, "https://h"), {}),
    ],
)
def test_a_value_of_the_wrong_type_is_a_type_error(arguments: tuple[Any, ...], keywords: Any) -> None:
    with pytest.raises(TypeError) as raised:
        fetch(*arguments, **keywords)
    notes = getattr(raised.value, "__notes__", [])
    assert SECRET not in f"{raised.value!r} {notes}"


@pytest.mark.parametrize(
    "keyword",
    ["base_url", "scope", "user_agent", "proxy", "ca_file", "trust", "timeout", "connect_timeout",
     "max_retries", "client_id_file", "client_secret_file"],
)  # fmt: skip
def test_none_is_the_default_of_every_keyword(keyword: str) -> None:
    # Far enough that the next thing to be missing are the credentials.
    assert refused(**{keyword: None}).code == "NO_CREDENTIALS"
