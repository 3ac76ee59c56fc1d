"""What fetch() refuses without a request, and how it says so."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sm_token

fetch: Callable[..., sm_token.Token] = sm_token.fetch

SECRET = "secret-77a1"


def refused(*arguments: Any, **keywords: Any) -> sm_token.ConfigError:
    with pytest.raises(sm_token.ConfigError) as raised:
        fetch(*arguments, **keywords)
    assert SECRET not in f"{raised.value!r} {raised.value} {vars(raised.value)}"
    return raised.value


@pytest.mark.parametrize(
    ("arguments", "missing"), [(("id",), "client_secret"), ((None, SECRET), "client_id")]
)
def test_one_credential_without_the_other_is_refused(arguments: tuple[str, ...], missing: str) -> None:
    assert str(refused(*arguments)).startswith(f"{missing} is None and the other is not")


def test_no_credentials_anywhere_is_told_with_the_variables() -> None:
    error = refused()
    assert (error.code, error.status) == ("NO_CREDENTIALS", 11)
    assert "SMX_CLIENT_ID" in str(error)


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMX_CLIENT_ID", "id")
    monkeypatch.setenv("SMX_CLIENT_SECRET", "")
    assert refused().code == "NO_CREDENTIALS"


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"base_url": "ftp://h"}, "base_url is not a URL"),
        ({"base_url": f"https://me:{SECRET}@h"}, "base_url holds credentials"),
        ({"scope": 'a"b'}, "scope holds a character"),
        ({"user_agent": "a\r\nX: y"}, "user_agent is not"),
        ({"proxy": f"ftp://me:{SECRET}@h"}, "proxy has a scheme"),
        ({"ca_file": ""}, "ca_file is empty"),
        ({"ca_file": "/no/such/\udcff.pem"}, "ca_file has a path that is not UTF-8"),
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
        ({"max_retries": 2**32}, "max_retries is not between"),
        ({"base_url": "https://h\ud800"}, "base_url holds a lone surrogate"),
        ({"scope": "\ud800"}, "scope holds a lone surrogate"),
    ],
)
def test_a_value_that_can_not_be_used_is_refused_by_name(keywords: dict[str, Any], message: str) -> None:
    error = refused("id", SECRET, **keywords)
    assert str(error).startswith(message)
    assert error.status == 10


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
     "max_retries"],
)  # fmt: skip
def test_none_is_the_default_of_every_keyword(keyword: str) -> None:
    # Far enough that the next thing to be missing are the credentials.
    assert refused(**{keyword: None}).code == "NO_CREDENTIALS"
