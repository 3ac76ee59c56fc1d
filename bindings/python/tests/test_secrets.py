"""No place where people read shows a secret or a token."""

from __future__ import annotations

import logging
import pickle
import traceback
from collections.abc import Callable, Iterator

import pytest
import sm_token
from harness.probe import spellings
from servers.started import Misbehaving, Playing

CLIENT_ID = "client-5d"
SECRET = "s3cret+of/the=test 81%"
TOKEN = "token-that-nobody-is-to-see"
PROXY_PASSWORD = "pr0xy-passw0rd"

HIDDEN = {*spellings(CLIENT_ID, SECRET), TOKEN, PROXY_PASSWORD}


def echo(status: int) -> dict[str, object]:
    """A server that says the secret back in everything it says."""
    told = {"error": f"no {SECRET}", "error_description": f"{CLIENT_ID}:{SECRET}"}
    return {
        "status": status,
        "headers": {"X-Echo": "none", "Location": f"https://h/?s={SECRET}"},
        "body": told,
    }


WITH_TOKEN = {"access_token": TOKEN, "token_type": "Bearer", "scope": "read"}

ANSWERS: dict[str, object] = {
    "a refusal that says the secret back": echo(400),
    "a 401 that says the secret back": echo(401),
    "a 503 that says the secret back": echo(503),
    "a redirect that says the secret back": echo(302),
    "a token without expiry": {"body": WITH_TOKEN},
    "a token of an unknown type": {"body": {**WITH_TOKEN, "expires_in": 60, "token_type": TOKEN}},
    "a token in an error": {"status": 403, "body": {**WITH_TOKEN, "error": "access_denied"}},
    "a token beside broken JSON": {"body": f'{{"access_token": "{TOKEN}", '},
    "a token": {"body": {**WITH_TOKEN, "expires_in": 3600}},
}


@pytest.fixture
def log() -> Iterator[list[str]]:
    heard: list[str] = []

    class Hears(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(f"{record.getMessage()} {vars(record)}")

    logger, handler = logging.getLogger("sm_token"), Hears()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield heard
    logger.setLevel(logging.NOTSET)
    logger.removeHandler(handler)


def shown_by(fetch: Callable[[], sm_token.Token]) -> list[str]:
    """All that a program, a debugger or a log could print of the outcome."""
    try:
        token = fetch()
    except Exception as error:
        told = traceback.TracebackException.from_exception(error)
        return [
            str(error),
            repr(error),
            repr(vars(error)),
            "".join(told.format()),
            str(pickle.dumps(error)),
        ]
    with pytest.raises(TypeError) as refused:
        pickle.dumps(token)
    return [str(token), repr(token), f"{token}", repr([token]), str(refused.value)]


def leaks(shown: list[str]) -> list[str]:
    return [text for text in shown if any(hidden in text for hidden in HIDDEN)]


def fetch(playing: Playing, misbehaving: Misbehaving) -> sm_token.Token:
    given = (CLIENT_ID, SECRET)
    return sm_token.fetch(*given, base_url=playing.base_url, ca_file=misbehaving.ca_file, max_retries=1)


# contract: no-secret log-no-secret
@pytest.mark.parametrize("answer", ANSWERS)
# promise: no-secret
def test_what_came_of_a_request_shows_no_secret(
    answer: str, misbehaving: Misbehaving, log: list[str]
) -> None:
    playing = misbehaving.play(ANSWERS[answer])
    shown = shown_by(lambda: fetch(playing, misbehaving)) + log
    assert not leaks(shown)
    assert len(log) >= 2


def test_what_is_refused_without_a_request_shows_no_secret(log: list[str]) -> None:
    url = f"https://me:{PROXY_PASSWORD}@proxy.example"
    shown = [
        *shown_by(lambda: sm_token.fetch(CLIENT_ID, SECRET + "\n")),
        *shown_by(lambda: sm_token.fetch(CLIENT_ID, SECRET + "\ud800")),
        *shown_by(lambda: sm_token.fetch(CLIENT_ID, SECRET.encode())),  # type: ignore[arg-type]
        *shown_by(lambda: sm_token.fetch(CLIENT_ID, SECRET, base_url=url)),
        *shown_by(lambda: sm_token.fetch(CLIENT_ID, SECRET, proxy=f"{url}:port")),
        *shown_by(lambda: sm_token.fetch(CLIENT_ID, SECRET, proxy=f"{url}\ud800")),
        *log,
    ]
    assert not leaks(shown)


def test_a_proxy_that_is_not_there_is_told_without_its_password(
    log: list[str], misbehaving: Misbehaving
) -> None:
    port = misbehaving.description["ports"]["refused"].rpartition(":")[2]
    shown = shown_by(
        lambda: sm_token.fetch(
            CLIENT_ID,
            SECRET,
            base_url="https://api.example",
            proxy=f"http://me:{PROXY_PASSWORD}@127.0.0.1:{port}",
            max_retries=0,
        )
    )
    assert any(f"127.0.0.1:{port}" in text for text in shown)
    assert not leaks(shown + log)


def test_the_search_finds_what_it_looks_for() -> None:
    assert leaks([f"a message with {SECRET}"])
    assert leaks([f"a header with {TOKEN}"])
