"""Every failure is an exception of the class that says what a program can do about it."""

from __future__ import annotations

import builtins
import copy
import inspect
import pickle
import traceback
from collections.abc import Callable

import pytest
import sm_token
from harness.probe import STATUS
from servers.started import Misbehaving, Real
from sm_token._errors import exception_of

Fetch = Callable[..., sm_token.Token]

# The contract's classes: by the tens of a status, but for those that have one of their own.
CLASS_OF_KIND: dict[int, type[sm_token.Error]] = {
    1: sm_token.ConfigError,
    2: sm_token.TransportError,
    3: sm_token.TLSError,
    4: sm_token.OAuthError,
    5: sm_token.InvalidResponseError,
    9: sm_token.Error,
}
CLASS_OF: dict[str, type[sm_token.Error]] = {
    **{name: CLASS_OF_KIND[number // 10] for name, number in STATUS.items() if number != 0},
    "TIMEOUT": sm_token.TimeoutError,
    "CANCELED": sm_token.CanceledError,
    "INVALID_CLIENT": sm_token.InvalidClientError,
    "RATE_LIMITED": sm_token.RateLimitedError,
    "SERVER": sm_token.ServerError,
}
CLASSES = tuple({*CLASS_OF.values(), sm_token.TransportError, sm_token.OAuthError})

BY_SCRIPT = {
    "invalid-client": "INVALID_CLIENT",
    "invalid-scope": "INVALID_SCOPE",
    "invalid-request": "OAUTH",
    "rate-limited": "RATE_LIMITED",
    "busy": "SERVER",
    "forbidden": "HTTP",
    "redirect": "HTTP",
    "not-json": "INVALID_RESPONSE",
    "not-http": "INVALID_RESPONSE",
    "body-too-large": "RESPONSE_TOO_LARGE",
    "reset-in-body": "IO",
    "hang-in-body": "TIMEOUT",
}
BY_PORT = {
    "refused": "CONNECT",
    "alerts": "TLS",
    "silent": "TIMEOUT",
}


def error_of(fetch: Callable[[], object]) -> sm_token.Error:
    with pytest.raises(sm_token.Error) as raised:
        fetch()
    return raised.value


def check(error: sm_token.Error, code: str) -> None:
    assert (error.code, error.status, type(error)) == (code, STATUS[code], CLASS_OF[code])


@pytest.mark.parametrize("script", BY_SCRIPT)
def test_what_a_server_answers_has_its_class(
    script: str, misbehaving: Misbehaving, fetch_from: Fetch
) -> None:
    url = f"{misbehaving.base_url}/{script}"
    check(error_of(lambda: fetch_from(url, timeout=1, max_retries=0)), BY_SCRIPT[script])


@pytest.mark.parametrize("port", BY_PORT)
def test_what_a_network_does_has_its_class(port: str, misbehaving: Misbehaving, fetch_from: Fetch) -> None:
    url = misbehaving.description["ports"][port]
    check(error_of(lambda: fetch_from(url, timeout=0.5, max_retries=0)), BY_PORT[port])


def test_a_certificate_that_has_expired_has_its_class(misbehaving: Misbehaving, fetch_from: Fetch) -> None:
    url = misbehaving.description["certificates"]["expired"]
    check(error_of(lambda: fetch_from(url)), "CERTIFICATE")


# contract: trust-roots
def test_a_ca_file_that_is_not_there_has_its_class(misbehaving: Misbehaving, fetch_from: Fetch) -> None:
    url = f"{misbehaving.base_url}/token"
    check(error_of(lambda: fetch_from(url, ca_file="/no/such/file.pem")), "NO_TRUST_ROOTS")


def test_a_name_that_does_not_resolve_has_its_class(fetch_from: Fetch) -> None:
    check(error_of(lambda: fetch_from("https://no-such-host.invalid", max_retries=0)), "DNS")


# contract: insecure-url
def test_clear_text_to_another_machine_has_its_class(fetch_from: Fetch) -> None:
    check(error_of(lambda: fetch_from("http://api.example")), "INSECURE_URL")


@pytest.mark.parametrize("code", CLASS_OF)
def test_every_status_has_its_class(code: str) -> None:
    error = exception_of("what happened", STATUS[code], code=code)
    check(error, code)


def test_a_status_of_a_later_version_is_an_error_all_the_same() -> None:
    assert type(exception_of("what happened", 99)) is sm_token.Error


# contract: refused refused-fields
def test_a_refusal_carries_what_the_server_said(real: Real) -> None:
    wrong = error_of(lambda: sm_token.fetch("nobody", "knows", base_url=real.base_url, ca_file=real.ca_file))
    assert (wrong.http_status, wrong.oauth_code, wrong.oauth_description) == (
        401,
        "invalid_client",
        "",
    )
    assert (wrong.retryable, wrong.retry_after) == (False, None)
    assert (wrong.status, "check client_id and client_secret" in str(wrong)) == (40, True)


def test_a_refusals_description_is_carried(misbehaving: Misbehaving, fetch_from: Fetch) -> None:
    error = error_of(lambda: fetch_from(f"{misbehaving.base_url}/invalid-request"))
    assert (error.oauth_code, error.oauth_description) == (
        "invalid_request",
        "something is missing",
    )


def test_the_wait_that_the_server_asks_for_is_carried_in_seconds(
    misbehaving: Misbehaving, fetch_from: Fetch
) -> None:
    error = error_of(lambda: fetch_from(f"{misbehaving.base_url}/rate-limited"))
    assert (error.retry_after, error.retryable, error.http_status) == (60.0, True, 429)


def test_whether_it_may_pass_is_told_of_the_failure_and_not_of_its_class(
    misbehaving: Misbehaving, fetch_from: Fetch
) -> None:
    proxy = misbehaving.play_on_a_port({"status": 407, "body": ""}, tls=False).base_url
    error = error_of(lambda: fetch_from("https://api.example", proxy=proxy))
    check(error, "PROXY")
    assert (error.retryable, type(error).retryable) == (False, True)


@pytest.mark.parametrize(
    ("ours", "builtin"),
    [
        (sm_token.ConfigError, ValueError),
        (sm_token.TransportError, OSError),
        (sm_token.TimeoutError, builtins.TimeoutError),
        (sm_token.TLSError, OSError),
        (sm_token.CanceledError, OSError),
    ],
)
def test_programs_that_know_only_the_builtins_catch_it(
    ours: type[Exception], builtin: type[Exception]
) -> None:
    assert issubclass(ours, builtin)


@pytest.mark.parametrize("ours", CLASSES)
def test_every_class_is_below_error_and_has_the_public_name(ours: type[sm_token.Error]) -> None:
    assert issubclass(ours, sm_token.Error)
    assert getattr(sm_token, ours.__name__) is ours
    assert ours.__module__ == "sm_token"


@pytest.mark.parametrize("ours", CLASSES)
def test_one_that_a_program_makes_itself_has_the_status_of_its_class(
    ours: type[sm_token.Error],
) -> None:
    made = ours("made for a test")
    assert STATUS[made.code] == made.status
    assert isinstance(exception_of("", made.status), ours)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("code", CLASS_OF)
def test_it_is_pickled_with_all_it_carries(code: str, protocol: int) -> None:
    error = exception_of(
        "what happened", STATUS[code], code=code, http_status=503, oauth_code="oauth",
        oauth_description="described", retryable=True, retry_after=2.5,
    )  # fmt: skip
    again = pickle.loads(pickle.dumps(error, protocol))  # noqa: S301
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_it_is_copied_with_all_it_carries() -> None:
    error = exception_of("what happened", 22, code="TIMEOUT", retry_after=2.5)
    again = copy.copy(error)
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))


def test_it_is_raised_without_a_chain_of_others(misbehaving: Misbehaving, fetch_from: Fetch) -> None:
    error = error_of(lambda: fetch_from(misbehaving.description["ports"]["refused"], max_retries=0))
    assert (error.__cause__, error.__context__) == (None, None)


def test_its_traceback_names_it_as_programs_do(misbehaving: Misbehaving, fetch_from: Fetch) -> None:
    error = error_of(lambda: fetch_from(f"{misbehaving.base_url}/invalid-client"))
    assert traceback.format_exception_only(error)[-1].startswith("sm_token.InvalidClientError: localhost:")


def test_a_star_import_leaves_the_builtin_timeout_error_alone() -> None:
    names: dict[str, object] = {}
    exec("from sm_token import *", names)  # noqa: S102
    assert "TimeoutError" not in names
    assert names["TransportError"] is sm_token.TransportError


def test_every_class_says_what_it_is_for() -> None:
    assert all(inspect.getdoc(ours) != inspect.getdoc(Exception) for ours in CLASSES)
