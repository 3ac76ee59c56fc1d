"""What the misbehaving server does to its connections, as data.

A script is a list of steps. Each connection consumes one; the last repeats. A step is

* an answer: `{"status": 503, "headers": {"Retry-After": "1"}, "body": {"error": "busy"}}` — the body is
  text or JSON (or `body_b64`); Content-Type, Content-Length and `Connection: close` are added unless given,
  `null` leaves one out; a header's value may be `{"http_date_in_s": 2}`; or
* a list of actions, each `"name"` or `{"name": argument}`. The table `ACTIONS` has them all.

The phase at which something goes wrong is the place in the list: before `handshake`, before `read_head`,
between two `send`. A script that is chosen by the request's path begins after `read_request`. What is left
open at the end of a step is closed in order.
"""

from __future__ import annotations

import base64
import http
import json
import time
from collections.abc import Callable
from email.utils import formatdate
from typing import Any

from servers.control import Refused
from servers.wire import Wire

Step = list[tuple[str, Any]]
Script = list[Step]


def parse(steps: Any) -> Script:
    if not isinstance(steps, list) or not steps:
        raise Refused("a script is a list of at least one step")
    return [_parse_step(step) for step in steps]


def _parse_step(step: Any) -> Step:
    if isinstance(step, dict):
        return [("read_request", None), ("respond", step)]
    if not isinstance(step, list):
        raise Refused(f"a step is an answer or a list of actions, not {step!r}")
    return [_parse_action(action) for action in step]


def _parse_action(action: Any) -> tuple[str, Any]:
    if isinstance(action, str):
        action = {action: None}
    if not isinstance(action, dict) or len(action) != 1:
        raise Refused(f"an action is a name, or an object of a name and its argument, not {action!r}")
    [(name, argument)] = action.items()
    if name not in ACTIONS:
        raise Refused(f"no such action: {name}; there are {', '.join(sorted(ACTIONS))}")
    return name, argument


def perform(step: Step, wire: Wire) -> None:
    for name, argument in step:
        ACTIONS[name](wire, argument)
    wire.close()


def response(answer: dict[str, Any]) -> bytes:
    """The bytes of an answer, so that a step can send them in pieces too."""
    status = int(answer.get("status", 200))
    body = answer.get("body")
    content = b"" if body is None else _content(body)
    if "body_b64" in answer:
        content = base64.b64decode(answer["body_b64"])
    defaults = {
        "Content-Type": "application/json",
        "Content-Length": None if status in (204, 304) or status < 200 else str(len(content)),
        "Connection": "close",
    }
    given = answer.get("headers", {})
    pairs = list(given.items()) if isinstance(given, dict) else [tuple(pair) for pair in given]
    names = {name.lower() for name, _ in pairs}
    pairs += [(name, value) for name, value in defaults.items() if name.lower() not in names]
    lines = [f"{name}: {_header_value(value)}" for name, value in pairs if value is not None]
    phrases = {known.value: known.phrase for known in http.HTTPStatus}
    head = "\r\n".join([f"HTTP/1.1 {status} {phrases.get(status, 'Unheard Of')}", *lines, "", ""])
    return head.encode("latin-1") + content


def _content(body: Any) -> bytes:
    return (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()


def _header_value(value: Any) -> str:
    if isinstance(value, dict):
        # Whole seconds are all that an HTTP date can say: round up, so that the time is never short.
        return formatdate(int(time.time()) + 1 + value["http_date_in_s"], usegmt=True)
    return str(value)


def _drip(wire: Wire, what: dict[str, Any]) -> None:
    text, size = what["text"].encode("latin-1"), what.get("size", 1)
    for at in range(0, len(text), size):
        wire.send(text[at : at + size])
        wire.rest(what["every_ms"] / 1000)


def _endless(wire: Wire, what: dict[str, Any]) -> None:
    text = what["text"].encode("latin-1")
    every_s = what.get("every_ms", 0) / 1000
    # Without a pause it is the peer's appetite that is tested, not this loop's speed.
    piece = text if every_s else text * max(1, 16384 // len(text))
    while True:
        wire.send(piece)
        if every_s:
            wire.rest(every_s)


def _endless_headers(wire: Wire, what: dict[str, Any] | None) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\n")
    _endless(wire, {"text": "X-More: and more\r\n", **(what or {})})


def _endless_body(wire: Wire, what: dict[str, Any] | None) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
    _endless(wire, {"text": " ", **(what or {})})


ACTIONS: dict[str, Callable[[Wire, Any], object]] = {
    # phases
    "client_hello": lambda wire, _: wire.client_hello(),
    "begin_handshake": lambda wire, most: wire.begin_handshake(most or 1 << 20),
    "handshake": lambda wire, _: wire.handshake(),
    "read_connect": lambda wire, _: wire.read_connect(),
    "read_head": lambda wire, _: wire.read_head(),
    "read_request": lambda wire, _: wire.read_request(),
    "read_bytes": lambda wire, size: wire.take(size),
    # what is sent
    "respond": lambda wire, answer: wire.send(response(answer)),
    "send": lambda wire, text: wire.send(text.encode("utf-8")),
    "send_b64": lambda wire, text: wire.send(base64.b64decode(text)),
    "drip": _drip,
    "endless": _endless,
    "endless_headers": _endless_headers,
    "endless_body": _endless_body,
    # what is not
    "sleep_ms": lambda wire, ms: wire.rest(ms / 1000),
    "hang": lambda wire, _: wire.hang(),
    # how it ends
    "reset": lambda wire, _: wire.reset(),
    "cut": lambda wire, _: wire.cut(),
    "close": lambda wire, _: wire.close(),
}
