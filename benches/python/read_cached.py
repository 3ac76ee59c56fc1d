"""How long a program waits for the cached token: `read_cached.py PEER CALLS`.

Tells the mean of a call in nanoseconds, without what an empty loop takes.
"""

from __future__ import annotations

import json
import os
import ssl
import sys
import timeit
from collections.abc import Callable

URL = os.environ["SMX_BASE_URL"] + "/o/token/"
CLIENT_ID = os.environ["SMX_CLIENT_ID"]
CLIENT_SECRET = os.environ["SMX_CLIENT_SECRET"]
CA_FILE = os.environ["SM_TOKEN_CA_FILE"]


def sm_token_authorization() -> Callable[[], object]:
    """The header, of a token that is good now."""
    import sm_token

    client = sm_token.Client(ca_file=CA_FILE)
    client.authorization()
    return client.authorization


def authlib_validity() -> Callable[[], object]:
    """Nothing but the question whether the token is good still: a header has to be made yet."""
    from authlib.integrations.requests_client import OAuth2Session

    session = OAuth2Session(CLIENT_ID, CLIENT_SECRET)
    session.fetch_token(URL, grant_type="client_credentials", verify=CA_FILE, timeout=30)
    assert session.token.is_expired() is False
    return session.token.is_expired  # type: ignore[no-any-return]


def authlib_ensure_active() -> Callable[[], object]:
    """What it does before each request: the same question, and a new token where the answer is no."""
    from authlib.integrations.requests_client import OAuth2Session

    session = OAuth2Session(CLIENT_ID, CLIENT_SECRET)
    session.fetch_token(URL, grant_type="client_credentials", verify=CA_FILE, timeout=30)
    assert session.ensure_active_token() is True
    return session.ensure_active_token  # type: ignore[no-any-return]


def httpx_auth_header() -> Callable[[], object]:
    """The header put on a request, with the token from the cache."""
    import httpx
    from httpx_auth import OAuth2ClientCredentials

    request = httpx.Request("GET", "https://localhost/")
    trusted = ssl.create_default_context(cafile=CA_FILE)
    auth = OAuth2ClientCredentials(URL, CLIENT_ID, CLIENT_SECRET, client=httpx.Client(verify=trusted, timeout=30))

    def authorize() -> httpx.Request:
        return next(auth.auth_flow(request))

    assert "Authorization" in authorize().headers
    return authorize


def main(peer: str, calls: int) -> None:
    peers = (sm_token_authorization, authlib_validity, authlib_ensure_active, httpx_auth_header)
    read = next(each for each in peers if each.__name__ == peer)()
    timeit.timeit("read()", globals={"read": read}, number=calls // 10 + 1)
    took_s = timeit.timeit("read()", globals={"read": read}, number=calls)
    print(json.dumps({"ns": (took_s - timeit.timeit("pass", number=calls)) * 1e9 / calls}))


main(sys.argv[1], int(sys.argv[2]))
