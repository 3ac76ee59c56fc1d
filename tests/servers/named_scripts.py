"""The scripts and ports that the misbehaving server has from the start, so that a test in any language
needs no more than a base URL: `base_url + "/hang-in-body"`.

`/NAME~TAG` plays the script NAME from its first step and keeps a record of its own: give each test its TAG
where tests run side by side.
"""

from __future__ import annotations

from typing import Any

ACCESS_TOKEN = "token-of-the-misbehaving-server"

TOKEN: dict[str, Any] = {
    "status": 200,
    "body": {
        "access_token": ACCESS_TOKEN,
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": "all read write",
    },
}

HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

BY_PATH: dict[str, list[Any]] = {
    "token": [TOKEN],
    "default": [TOKEN],
    "short-lived-token": [{"body": {**TOKEN["body"], "expires_in": 2}}],
    # silence
    "hang-before-headers": [["hang"]],
    "hang-in-headers": [[{"send": HEAD}, "hang"]],
    "hang-in-body": [[{"send": HEAD + 'Content-Length: 100\r\n\r\n{"access_token":'}, "hang"]],
    "slow-token": [[{"sleep_ms": 300}, {"respond": TOKEN}]],
    # broken connections
    "close-before-headers": [["close"]],
    "reset-before-headers": [["reset"]],
    "reset-in-headers": [[{"send": HEAD}, "reset"]],
    "reset-in-body": [[{"send": HEAD + "Content-Length: 100\r\n\r\n{"}, "reset"]],
    "truncated-body": [[{"send": HEAD + "Content-Length: 100\r\n\r\n{"}, "close"]],
    "reset-then-token": [["reset"], TOKEN],
    # without end
    "dripping-headers": [[{"endless_headers": {"text": "X", "every_ms": 20}}]],
    "dripping-body": [[{"endless_body": {"every_ms": 20}}]],
    "endless-headers": [["endless_headers"]],
    "endless-body": [["endless_body"]],
    # refusals
    "invalid-client": [{"status": 401, "body": {"error": "invalid_client"}}],
    "invalid-scope": [{"status": 400, "body": {"error": "invalid_scope"}}],
    "invalid-request": [
        {"status": 400, "body": {"error": "invalid_request", "error_description": "something is missing"}}
    ],
    "forbidden": [{"status": 403, "headers": {"Content-Type": "text/html"}, "body": "<h1>no</h1>"}],
    "rate-limited": [{"status": 429, "headers": {"Retry-After": "60"}, "body": ""}],
    "rate-limited-then-token": [{"status": 429, "headers": {"Retry-After": "0"}}, TOKEN],
    "busy": [{"status": 503, "body": ""}],
    "busy-then-token": [{"status": 503, "body": ""}, TOKEN],
    "busy-twice-then-token": [{"status": 503, "body": ""}, {"status": 502, "body": ""}, TOKEN],
    "token-then-busy": [TOKEN, {"status": 503, "body": ""}],
    "token-then-invalid-client": [TOKEN, {"status": 401, "body": {"error": "invalid_client"}}],
    "redirect": [{"status": 302, "headers": {"Location": "https://elsewhere.test/o/token/"}, "body": ""}],
    # answers that are none
    "not-http": [[{"send": "SSH-2.0-OpenSSH_9.2\r\n"}, "close"]],
    "not-json": [{"body": "<html>"}],
    "no-token": [{"body": {"expires_in": 3600, "token_type": "Bearer"}}],
    "header-injection": [{"body": {**TOKEN["body"], "access_token": "a\r\nX-Injected: yes"}}],
    "body-too-large": [{"body": " " * 65 * 1024}],
}

# Where the fault comes before any path is read, the script has a port: name -> script and how the port is.
BY_PORT: dict[str, tuple[list[Any], dict[str, Any]]] = {
    "silent": ([["hang"]], {}),
    "hangs-after-client-hello": ([["client_hello", "hang"]], {}),
    "hangs-in-handshake": ([[{"begin_handshake": 200}, "hang"]], {}),
    "hangs-after-handshake": ([["handshake", "hang"]], {}),
    "closes-at-accept": ([["cut"]], {}),
    "resets-at-accept": ([["reset"]], {}),
    "resets-after-client-hello": ([["client_hello", "reset"]], {}),
    "resets-in-handshake": ([[{"begin_handshake": 200}, "reset"]], {}),
    "resets-after-handshake": ([["handshake", "reset"]], {}),
    "closes-after-handshake": ([["handshake", "close"]], {}),
    # a fatal handshake_failure alert, TLS 1.2 record: 21, 3.3, two bytes, fatal (2), handshake_failure (40)
    "alerts": ([["client_hello", {"send_b64": "FQMDAAICKA=="}, "cut"]], {}),
    "garbage": ([["client_hello", {"send": "this is no TLS at all, whoever you are\r\n"}, "cut"]], {}),
    "plain-http-on-a-tls-port": (
        [["client_hello", {"respond": {"status": 400, "body": "speak HTTP"}}, "cut"]],
        {"tls": False, "scheme": "https"},
    ),
    "tls-1.1": ([TOKEN], {"version": "1.1"}),
    "tls-1.2": ([TOKEN], {"version": "1.2"}),
    "tls-1.3": ([TOKEN], {"version": "1.3"}),
}
