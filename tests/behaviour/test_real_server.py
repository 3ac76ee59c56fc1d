"""The library and the software behind the vendor's token endpoint, over TLS."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from harness.probe import Probe
from servers.started import Misbehaving, Real

# Arguments of `Probe.fetch`.
Known = dict[str, Any]


@pytest.fixture(autouse=True)
def _counted_from_zero(real: Real) -> Iterator[None]:
    real.reset()
    yield
    real.settings(lifetime_s=3600, delay_ms=0, down=False)


@pytest.fixture
def known(real: Real) -> Known:
    """The credentials that the server knows, and where it is."""
    return {name: real.description[name] for name in ("base_url", "ca_file", "client_id", "client_secret")}


def test_the_token_opens_the_protected_resource(probe: Probe, known: Known, real: Real) -> None:
    authorization = probe.fetch(**known).authorization
    assert real.get("/v1/companies/", {"Authorization": authorization})[0] == 200


@pytest.mark.parametrize(
    "wrong", [{"client_secret": "not the secret"}, {"client_id": "nobody"}], ids=["secret", "client"]
)
def test_what_the_server_does_not_know_is_refused(wrong: dict[str, str], probe: Probe, known: Known) -> None:
    outcome = probe.fetch(**{**known, **wrong})
    assert outcome.status == "INVALID_CLIENT"
    assert outcome.http_status == 401
    assert outcome.oauth_code == "invalid_client"
    assert not outcome.retryable


# the environment


def from_environment(known: Known, **changes: str) -> Known:
    """Arguments for a fetch that is told nothing but by the environment."""
    names = {"SMX_CLIENT_ID": "client_id", "SMX_CLIENT_SECRET": "client_secret", "SMX_BASE_URL": "base_url"}
    environment = {name: known[key] for name, key in names.items()} | changes
    return {
        "client_id": None,
        "client_secret": None,
        "environment": environment,
        "ca_file": known["ca_file"],
    }


def test_the_environment_gives_credentials_and_base_url(probe: Probe, known: Known) -> None:
    outcome = probe.fetch(**from_environment(known))
    assert outcome.status == "OK", outcome.message


@pytest.mark.parametrize("name", ["SMX_CLIENT_ID", "SMX_CLIENT_SECRET"])
# promise: empty-is-unset
def test_an_empty_variable_counts_as_unset(name: str, probe: Probe, known: Known) -> None:
    outcome = probe.fetch(**from_environment(known, **{name: ""}))
    assert outcome.status == "NO_CREDENTIALS"
    assert name in outcome.message


def test_an_empty_base_url_counts_as_unset(probe: Probe, known: Known, no_names: dict[str, str]) -> None:
    told = from_environment(known, SMX_BASE_URL="", **no_names)
    outcome = probe.fetch(**told, timeout_ms=2000, max_retries=0)
    assert "api.standardmetrics.io" in outcome.message


def test_without_any_credentials_nothing_is_asked(probe: Probe, known: Known, real: Real) -> None:
    outcome = probe.fetch(known["base_url"], ca_file=known["ca_file"], client_id=None, client_secret=None)
    assert outcome.status == "NO_CREDENTIALS"
    assert real.counts()["token_requests"] == 0


@pytest.mark.parametrize("absent", ["client_id", "client_secret"])
def test_one_half_of_the_credentials_is_an_invalid_argument(
    absent: str, probe: Probe, known: Known, real: Real
) -> None:
    environment = {"SMX_CLIENT_ID": known["client_id"], "SMX_CLIENT_SECRET": known["client_secret"]}
    outcome = probe.fetch(**{**known, absent: None}, environment=environment)
    assert outcome.status == "INVALID_ARGUMENT"
    assert absent in outcome.message
    assert real.counts()["token_requests"] == 0


def test_arguments_win_over_the_environment(probe: Probe, known: Known) -> None:
    environment = {
        "SMX_CLIENT_ID": "nobody",
        "SMX_CLIENT_SECRET": "nothing",
        "SMX_BASE_URL": "https://nowhere.test",
    }
    assert probe.fetch(**known, environment=environment).status == "OK"


# the request itself, as the misbehaving server received it


@pytest.fixture
def asked(probe: Probe, misbehaving: Misbehaving) -> dict[str, str]:
    """The headers of a request with odd credentials, and its `method`, `path` and `body`."""
    playing = misbehaving.play({"status": 400, "body": ""})
    probe.fetch(
        playing.base_url,
        ca_file=misbehaving.ca_file,
        client_id="odd:id+%41 é",
        client_secret="s%&= ŝ",
        user_agent="accounting/2.1",
    )
    [request] = playing.received()
    assert request.headers is not None
    path = str(request.path).replace(playing.key, "KEY")
    return {**request.headers, "method": str(request.method), "path": path, "body": str(request.body)}


def test_the_request_is_a_post_to_the_endpoint_below_the_base_url(asked: dict[str, str]) -> None:
    assert (asked["method"], asked["path"]) == ("POST", "/KEY/o/token/")


def test_both_halves_of_the_credentials_are_form_urlencoded(asked: dict[str, str]) -> None:
    """RFC 6749 section 2.3.1, which the server undoes by percent- and plus-decoding each half."""
    scheme, _, encoded = asked["authorization"].partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(encoded).decode() == "odd%3Aid%2B%2541+%C3%A9:s%25%26%3D+%C5%9D"


def test_the_body_is_the_grant_and_nothing_else(asked: dict[str, str]) -> None:
    assert asked["body"] == "grant_type=client_credentials"
    assert asked["content-type"] == "application/x-www-form-urlencoded"
    assert asked["content-length"] == str(len(asked["body"]))


def test_json_is_asked_for_and_no_compression(asked: dict[str, str]) -> None:
    assert asked["accept"] == "application/json"
    assert asked["accept-encoding"] == "identity"


def test_the_user_agent_is_the_one_that_was_set(asked: dict[str, str]) -> None:
    assert asked["user-agent"] == "accounting/2.1"


def test_the_user_agent_names_the_library_by_default(probe: Probe, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play({"status": 400, "body": ""})
    probe.fetch(playing.base_url, ca_file=misbehaving.ca_file)
    [request] = playing.received()
    assert request.headers is not None
    assert "sm-token/" in request.headers["user-agent"]


def test_the_scope_goes_into_the_body(probe: Probe, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play({"status": 400, "body": ""})
    probe.fetch(playing.base_url, ca_file=misbehaving.ca_file, scope="read write")
    [request] = playing.received()
    assert request.body in (
        "grant_type=client_credentials&scope=read+write",
        "grant_type=client_credentials&scope=read%20write",
    )
