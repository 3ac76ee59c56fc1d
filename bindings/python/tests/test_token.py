"""What a Token is as a Python object."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable

import pytest
import sm_token
from servers.started import Misbehaving

Fetch = Callable[..., sm_token.Token]


def token_of(misbehaving: Misbehaving, fetch_from: Fetch, text: str) -> sm_token.Token:
    body = {"access_token": text, "expires_in": 3600, "token_type": "Bearer", "scope": "read"}
    return fetch_from(misbehaving.play({"body": body}).base_url)


@pytest.fixture
def token(misbehaving: Misbehaving, fetch_from: Fetch) -> sm_token.Token:
    return token_of(misbehaving, fetch_from, "abc.def")


def test_its_repr_tells_all_but_the_token(token: sm_token.Token) -> None:
    shown = repr(token)
    assert "abc.def" not in shown
    assert "scope 'read'" in shown
    assert str(token.expires_at) in shown


def test_it_can_not_be_changed(token: sm_token.Token) -> None:
    with pytest.raises(AttributeError):
        token.scope = "all"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        token.more = 1  # type: ignore[attr-defined]


def test_it_is_made_by_no_one_else() -> None:
    with pytest.raises(TypeError):
        sm_token.Token()


def test_it_refuses_to_be_pickled_and_says_what_to_do(token: sm_token.Token) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match=r"let the other process fetch one of its own"):
            pickle.dumps(token, protocol)


def test_copies_are_the_token_itself(token: sm_token.Token) -> None:
    assert copy.copy(token) is token
    assert copy.deepcopy({"kept": token})["kept"] is token


def test_two_of_the_same_text_are_equal(misbehaving: Misbehaving, fetch_from: Fetch) -> None:
    body = {"access_token": "abc.def", "expires_in": 315360000, "token_type": "Bearer"}
    playing = misbehaving.play({"body": body})
    one, other = fetch_from(playing.base_url), fetch_from(playing.base_url)
    assert one is not other
    assert one == other


def test_two_of_different_text_are_not_equal(
    token: sm_token.Token, misbehaving: Misbehaving, fetch_from: Fetch
) -> None:
    assert token != token_of(misbehaving, fetch_from, "abc.deg")
    assert token != token_of(misbehaving, fetch_from, "abc.defg")
    assert token != "abc.def"


def test_it_can_be_kept_in_a_set(token: sm_token.Token) -> None:
    assert token in {token}


def test_the_scope_is_empty_where_the_server_does_not_say(
    misbehaving: Misbehaving, fetch_from: Fetch
) -> None:
    body = {"access_token": "abc.def", "expires_in": 60, "token_type": "bearer"}
    token = fetch_from(misbehaving.play({"body": body}).base_url)
    assert (token.scope, token.token_type) == ("", "bearer")
