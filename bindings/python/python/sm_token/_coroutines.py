"""The methods of `Client` that are coroutine functions, which native code can't define."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sm_token._core import Client, Token


async def token_async(self: Client) -> Token:
    """As token(), for asyncio and trio: a call that has to wait blocks no event loop and no executor, and
    all tasks of all loops wait for one request, which goes on when one of them is cancelled."""
    # Not above: `import sm_token` costs no asyncio.
    from sm_token import _async

    return await _async.token(self)


async def authorization_async(self: Client) -> str:
    """As authorization(), for asyncio and trio."""
    from sm_token import _async

    return (await _async.token(self)).authorization


for _method in (token_async, authorization_async):
    # As `help` and tracebacks name those of the native half.
    _method.__module__ = "sm_token"
    _method.__qualname__ = f"Client.{_method.__name__}"
