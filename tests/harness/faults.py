"""What can go wrong between a request and its token, one row each, and what has to come of it.

`test_faults.py` plays every row. A row is named for the situation. Unless it says otherwise, one retry is
allowed, so that the number of connections tells whether the failure counts as one that may pass.
"""

from __future__ import annotations

import base64
import gzip
import json
import zlib
from dataclasses import dataclass, field
from typing import Any

TOKEN = "access-token-of-a-row"
GOOD = {"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer", "scope": "all read write"}
GOOD_JSON = json.dumps(GOOD)
HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CLOSE_DELIMITED = HEAD + "Connection: close\r\n\r\n"
KIB = 1024

Step = Any


@dataclass(frozen=True)
class Fault:
    name: str
    status: str
    """The status that the call has to end with, by its name in the contract; `A|B` where chance decides."""
    steps: tuple[Step, ...] = ()
    """The script of the misbehaving server (`servers/script.py`)."""
    port: dict[str, Any] | None = None
    """The script plays on a port of its own, made like this: for what happens before a path is read."""
    at: str = ""
    """Or no script, but a port that the server has from the start."""
    plain: bool = False
    """Over `http:`, which only loopback may."""
    options: dict[str, Any] = field(default_factory=dict)
    http_status: int = 0
    oauth_code: str = ""
    retryable: bool = False
    retry_after_ms: tuple[int, int] = (-1, -1)
    connections: int | None = None
    """How many the server accepts: by default two where a retry may help, and one where not."""
    connections_at_most: int | None = None
    """Where chance decides: the most; `connections` is then the least."""
    within_ms: tuple[int, int] = (0, 2000)
    says: str = ""
    """A regular expression that the message has to match somewhere."""
    expires_in: int = 3600


def taken(name: str, *steps: Step, **rest: Any) -> Fault:
    return Fault(name, "OK", steps, **rest)


def silent(name: str, *steps: Step, **rest: Any) -> Fault:
    """The server says nothing more: the deadline has to end the call, in whatever phase it is."""
    options = {"timeout_ms": 300, **rest.pop("options", {})}
    return Fault(
        name,
        "TIMEOUT",
        steps,
        options=options,
        retryable=True,
        **{"connections": 1, "within_ms": (300, 650), "says": "timed out", **rest},
    )


def broken(name: str, *steps: Step, **rest: Any) -> Fault:
    return Fault(name, "IO", steps, retryable=True, **{"says": "localhost", **rest})


def too_large(name: str, *steps: Step, **rest: Any) -> Fault:
    """Its status is known unless the head is what is too large."""
    return Fault(
        name, "RESPONSE_TOO_LARGE", steps, **{"http_status": 200, "says": "localhost.*64 KiB", **rest}
    )


def no_token_response(name: str, body: Any = None, *, steps: tuple[Step, ...] = (), **rest: Any) -> Fault:
    """A 200 that brings no token."""
    return Fault(
        name,
        "INVALID_RESPONSE",
        steps or ({"body": body},),
        **{"http_status": 200, "says": "localhost", **rest},
    )


def not_http(name: str, *steps: Step, **rest: Any) -> Fault:
    return Fault(name, "INVALID_RESPONSE", steps, **{"says": "localhost", **rest})


def refused(status: str, code: int, name: str = "", body: Any = "", **rest: Any) -> Fault:
    """The server answers with an HTTP status that brings no token."""
    return Fault(
        name or f"http_{code}",
        status,
        ({"status": code, "body": body, "headers": rest.pop("headers", {})},),
        http_status=code,
        retryable=status in ("SERVER", "RATE_LIMITED"),
        **{"says": "localhost", **rest},
    )


def token(**changes: Any) -> dict[str, Any]:
    """A good token response but for the changes; `...` takes a member out."""
    return {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}


def raw_token(expires_in: str) -> str:
    """A token response with a number as it is written."""
    return f'{{"access_token": "{TOKEN}", "token_type": "Bearer", "expires_in": {expires_in}}}'


def chunked(*chunks: str, head: str = HEAD) -> str:
    return f"{head}Transfer-Encoding: chunked\r\n\r\n" + "".join(
        f"{len(chunk):x}\r\n{chunk}\r\n" for chunk in chunks
    )


def sent(text: str) -> list[Step]:
    """A step that sends exactly this."""
    return [{"send": text}, "close"]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


SILENCE = [
    silent("nobody_accepts", at="full-backlog", says="timed out.*localhost"),
    silent("hangs_before_the_tls_handshake", ["hang"], port={}),
    silent("hangs_after_the_client_hello", ["client_hello", "hang"], port={}),
    silent("hangs_in_the_tls_handshake", [{"begin_handshake": 200}, "hang"], port={}),
    silent("hangs_after_the_tls_handshake", ["handshake", "hang"], port={}),
    silent("hangs_before_the_answer", ["hang"], says="timed out.*localhost"),
    silent("hangs_in_the_status_line", [{"send": "HTTP/1.1 2"}, "hang"]),
    silent("hangs_in_the_headers", [{"send": HEAD}, "hang"]),
    silent("hangs_before_the_body", [{"send": HEAD + "Content-Length: 99\r\n\r\n"}, "hang"]),
    silent("hangs_in_the_body", [{"send": HEAD + 'Content-Length: 99\r\n\r\n{"acc'}, "hang"]),
    silent("hangs_between_chunks", [{"send": chunked('{"access_token":')}, "hang"]),
    silent("hangs_over_plain_http", ["hang"], plain=True),
    silent("drips_a_status_line", [{"endless": {"text": "HTTP/1.1 200 OK", "every_ms": 30}}]),
    silent("drips_headers", [{"endless_headers": {"every_ms": 20}}]),
    silent("drips_a_header", [{"send": HEAD + "X-Long: "}, {"endless": {"text": "x", "every_ms": 10}}]),
    silent("drips_a_body", [{"endless_body": {"every_ms": 10}}]),
    silent("drips_chunks", [{"send": chunked()}, {"endless": {"text": "1\r\n \r\n", "every_ms": 10}}]),
    silent(
        "the_connect_timeout_ends_a_connection_that_nobody_accepts",
        at="full-backlog",
        options={"timeout_ms": 2000, "connect_timeout_ms": 150, "max_retries": 0},
        within_ms=(150, 500),
    ),
    silent(
        "the_connect_timeout_ends_a_tls_handshake",
        ["client_hello", "hang"],
        port={},
        options={"timeout_ms": 2000, "connect_timeout_ms": 150, "max_retries": 0},
        within_ms=(150, 500),
    ),
    silent(
        "a_connection_that_timed_out_is_tried_again",
        ["client_hello", "hang"],
        port={},
        options={"timeout_ms": 2000, "connect_timeout_ms": 150},
        connections=2,
        within_ms=(300, 900),
    ),
    taken(
        "a_second_connection_makes_good_for_one_that_timed_out",
        ["client_hello", "hang"],
        {"body": GOOD},
        port={},
        options={"timeout_ms": 2000, "connect_timeout_ms": 200},
        connections=2,
        within_ms=(200, 900),
    ),
    silent(
        "the_connect_timeout_leaves_the_answer_its_time",
        ["hang"],
        options={"timeout_ms": 500, "connect_timeout_ms": 100},
        within_ms=(500, 850),
    ),
    taken(
        "an_answer_that_drips_but_ends_in_time",
        [{"drip": {"text": f"{CLOSE_DELIMITED}{GOOD_JSON}", "size": 8, "every_ms": 10}}],
        within_ms=(200, 1500),
    ),
    taken("an_answer_after_a_pause", [{"sleep_ms": 200}, {"respond": {"body": GOOD}}], within_ms=(200, 1500)),
]

BROKEN = [
    Fault("nobody_listens", "CONNECT", at="refused", retryable=True, says="localhost.*refused"),
    broken("closes_at_accept", ["cut"], port={}),
    Fault("resets_at_accept", "IO|CONNECT", (["reset"],), {}, retryable=True, says="localhost.*reset"),
    broken("resets_after_the_client_hello", ["client_hello", "reset"], port={}),
    broken("resets_in_the_tls_handshake", [{"begin_handshake": 200}, "reset"], port={}),
    broken("closes_in_the_tls_handshake", [{"begin_handshake": 200}, "cut"], port={}),
    broken("resets_after_the_tls_handshake", ["handshake", "reset"], port={}),
    broken("closes_after_the_tls_handshake", ["handshake", "close"], port={}),
    broken("closes_before_the_answer", ["close"]),
    broken("cuts_before_the_answer", ["cut"]),
    broken("resets_before_the_answer", ["reset"]),
    broken("closes_in_the_headers", sent(HEAD)),
    broken("resets_in_the_headers", [{"send": HEAD}, "reset"]),
    broken("closes_in_a_body_of_known_length", sent(HEAD + "Content-Length: 99\r\n\r\n{")),
    broken("closes_one_byte_early", sent(f"{HEAD}Content-Length: {len(GOOD_JSON) + 1}\r\n\r\n{GOOD_JSON}")),
    broken("resets_in_the_body", [{"send": HEAD + "Content-Length: 99\r\n\r\n{"}, "reset"]),
    broken("closes_between_chunks", sent(chunked('{"access_token":'))),
    broken("closes_before_the_last_chunk", sent(chunked(GOOD_JSON))),
    broken(
        "cut_in_a_body_that_the_close_would_end",
        [{"send": CLOSE_DELIMITED + GOOD_JSON[:20]}, "cut"],
        http_status=200,
    ),
    broken("resets_over_plain_http", ["reset"], plain=True),
    taken("a_second_connection_makes_good_for_a_reset", ["reset"], {"body": GOOD}, connections=2),
    taken("a_second_connection_makes_good_for_a_truncated_body", sent(HEAD), {"body": GOOD}, connections=2),
    taken("a_body_that_the_close_ends", sent(CLOSE_DELIMITED + GOOD_JSON)),
    taken("cut_after_a_whole_body", [{"respond": {"body": GOOD}}, "cut"]),
    # No close_notify, but a JSON object tells its end by itself: nothing was cut off that matters.
    taken("cut_after_a_whole_token_response", [{"send": CLOSE_DELIMITED + GOOD_JSON}, "cut"]),
]

SIZES = [
    taken("a_body_of_64_kib", {"body": GOOD_JSON.ljust(64 * KIB)}),
    taken("a_chunked_body_of_64_kib", sent(chunked(GOOD_JSON.ljust(32 * KIB), " " * 32 * KIB, ""))),
    too_large("a_body_of_64_kib_and_a_byte", {"body": GOOD_JSON.ljust(64 * KIB + 1)}),
    too_large("a_chunked_body_over_64_kib", sent(chunked(GOOD_JSON.ljust(40 * KIB), " " * 40 * KIB, ""))),
    too_large("a_refusal_over_64_kib", {"status": 400, "body": "x" * 65 * KIB}, http_status=400),
    too_large("a_failure_over_64_kib", {"status": 503, "body": "x" * 65 * KIB}, http_status=503),
    too_large("an_endless_body", ["endless_body"]),
    too_large("endless_chunks", [{"send": chunked()}, {"endless": {"text": "400\r\n" + " " * KIB + "\r\n"}}]),
    taken("headers_of_60_kib", {"headers": {f"X-{n}": "x" * KIB for n in range(59)}, "body": GOOD}),
    too_large(
        "headers_over_64_kib",
        {"headers": {f"X-{n}": "x" * KIB for n in range(65)}, "body": GOOD},
        http_status=0,
    ),
    too_large("a_header_over_64_kib", {"headers": {"X-Long": "x" * 65 * KIB}, "body": GOOD}, http_status=0),
    too_large("an_endless_header", [{"send": HEAD + "X-Long: "}, {"endless": {"text": "x"}}], http_status=0),
    too_large(
        "an_endless_status_line", [{"send": "HTTP/1.1 200 "}, {"endless": {"text": "x"}}], http_status=0
    ),
    taken("128_headers", {"headers": {f"X-{n}": n for n in range(125)}, "body": GOOD}),
    not_http("129_headers", {"headers": {f"X-{n}": n for n in range(126)}, "body": GOOD}),
    not_http("endless_headers", ["endless_headers"]),
]

NOT_HTTP = [
    not_http("another_protocol", sent("SSH-2.0-OpenSSH_9.2\r\n")),
    not_http("a_body_without_a_head", sent(GOOD_JSON)),
    not_http("bytes_of_no_meaning", [{"send_b64": b64(bytes(range(256)))}, "close"]),
    not_http("http_2", sent("HTTP/2 200\r\n\r\n")),
    not_http("a_status_that_is_no_number", sent("HTTP/1.1 OK OK\r\n\r\n")),
    not_http("a_header_without_a_colon", sent("HTTP/1.1 200 OK\r\nnothing here\r\n\r\n")),
    not_http("a_nul_in_a_header", sent("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n")),
    not_http("a_length_that_is_no_number", sent(HEAD + "Content-Length: many\r\n\r\n{}")),
    not_http("a_length_below_zero", sent(HEAD + "Content-Length: -1\r\n\r\n{}")),
    not_http(
        "a_chunk_size_that_is_no_number", sent(HEAD + "Transfer-Encoding: chunked\r\n\r\nmany\r\n{}\r\n")
    ),
    taken("http_1_0", sent(f"HTTP/1.0 200 OK\r\n\r\n{GOOD_JSON}")),
    taken("continue_before_the_answer", sent("HTTP/1.1 100 Continue\r\n\r\n" + CLOSE_DELIMITED + GOOD_JSON)),
    taken("chunks_with_extensions", sent(f"{chunked()}{len(GOOD_JSON):x};a=b\r\n{GOOD_JSON}\r\n0\r\n\r\n")),
]

NOT_TEXT: dict[str, Any] = {"a_number": 1, "null": None, "true": True, "a_list": [TOKEN], "an_object": {}}

BODIES = [
    no_token_response("an_empty_body", ""),
    no_token_response("blanks", "   \r\n"),
    no_token_response("html", "<!doctype html><title>Sign in</title>"),
    no_token_response("a_number", 1),
    no_token_response("null", "null"),
    no_token_response("a_string", '"token"'),
    no_token_response("a_list_of_a_token", [GOOD]),
    no_token_response("an_empty_object", {}),
    no_token_response("an_oauth_error_with_200", {"error": "invalid_client"}),
    no_token_response("half_a_token_response", GOOD_JSON[:-10]),
    no_token_response("something_after_the_token_response", GOOD_JSON + "x"),
    no_token_response("two_token_responses", GOOD_JSON + GOOD_JSON),
    no_token_response("single_quotes", GOOD_JSON.replace('"', "'")),
    no_token_response("a_trailing_comma", GOOD_JSON[:-1] + ",}"),
    no_token_response("a_byte_order_mark", "\ufeff" + GOOD_JSON),
    no_token_response("utf_16", steps=({"body_b64": b64(GOOD_JSON.encode("utf-16"))},)),
    no_token_response(
        "broken_utf_8", steps=({"body_b64": b64(GOOD_JSON.replace("all", "\xff").encode("latin-1"))},)
    ),
    no_token_response("deep_lists", "[" * 30 * KIB),
    no_token_response("deep_objects", '{"a":' * 10 * KIB),
    no_token_response(
        "129_levels_of_json_in_a_member_that_nobody_knows",
        f'{GOOD_JSON[:-1]}, "x": {"[" * 128 + "]" * 128}}}',
        says="nested deeper than 128 levels",
    ),
    no_token_response("30_000_levels_of_json", f'{GOOD_JSON[:-1]}, "x": {"[" * 30_000 + "]" * 30_000}}}'),
    no_token_response("two_access_tokens", GOOD_JSON[:-1] + ', "access_token": "another"}'),
    no_token_response("no_access_token", token(access_token=...)),
    no_token_response("no_token_type", token(token_type=...)),
    no_token_response("no_expires_in", token(expires_in=...)),
    *(
        no_token_response(f"a_scope_with_{name}", token(scope=f"read{text}write"), says="scope holds")
        for name, text in {
            "an_escape_sequence": "\x1b[31m",
            "a_line_feed": "\n",
            "a_reordering_character": "\u202e",
            "an_invisible_character": "\u200b",
        }.items()
    ),
    *(
        no_token_response(f"an_access_token_with_{name}", token(access_token=text))
        for name, text in {
            "nothing_in_it": "",
            "a_nul": "a\0b",
            "a_line_feed": "a\nb",
            "a_header": "a\r\nX-Injected: yes",
            "a_blank": "a b",
            "a_tab": "a\tb",
            "a_quote": 'a"b',
            "a_comma": "a,b",
            "a_letter_beyond_ascii": "tokén",
            "a_delete": "a\x7fb",
            "16_kib_and_a_byte": "a" * (16 * KIB + 1),
        }.items()
    ),
    *(
        no_token_response(f"an_access_token_that_is_{name}", token(access_token=value))
        for name, value in NOT_TEXT.items()
    ),
    *(
        no_token_response(f"a_token_type_that_is_{name}", token(token_type=value))
        for name, value in {**NOT_TEXT, "mac": "mac", "empty": "", "two_words": "Bearer x"}.items()
    ),
    *(
        no_token_response(f"expires_in_that_is_{name}", raw_token(text), says="expires_in")
        for name, text in {
            "zero": "0",
            "minus_zero": "-0.0",
            "below_zero": "-1",
            "half_a_second_more": "3600.5",
            "beyond_ten_years": "315360001",
            "beyond_32_bits": "4294967297",
            "beyond_64_bits": "18446744073709551617",
            "beyond_floats": "1e999",
            "beyond_belief": "1e99",
            "true": "true",
            "null": "null",
            "a_list": "[3600]",
            "an_object": "{}",
            "an_empty_string": '""',
            "a_word": '"soon"',
            "a_number_and_a_word": '"3600s"',
            "a_string_below_zero": '"-3600"',
            "a_string_of_zero": '"0"',
        }.items()
    ),
    no_token_response("expires_in_that_is_not_a_number", raw_token("NaN")),
    no_token_response("expires_in_with_a_leading_zero", raw_token("03600")),
    taken("expires_in_as_a_string", {"body": raw_token('"3600"')}),
    taken("expires_in_with_a_fraction_of_zero", {"body": raw_token("3600.0")}),
    taken("expires_in_in_scientific_notation", {"body": raw_token("3.6e3")}),
    taken("expires_in_of_a_second", {"body": raw_token("1")}, expires_in=1),
    taken("expires_in_of_ten_years", {"body": raw_token("315360000")}, expires_in=315360000),
    taken("a_token_type_in_lower_case", {"body": token(token_type="bearer")}),
    taken("a_token_type_in_upper_case", {"body": token(token_type="BEARER")}),
    taken("no_scope", {"body": token(scope=...)}),
    taken("members_that_nobody_knows", {"body": token(refresh_token="r", x={"y": [1, None]})}),
    taken("128_levels_of_json", {"body": f'{GOOD_JSON[:-1]}, "x": {"[" * 127 + "]" * 127}}}'}),
    taken("blanks_around_the_token_response", {"body": f"\r\n\t {GOOD_JSON} \r\n"}),
    taken(
        "a_token_response_that_claims_to_be_html", {"headers": {"Content-Type": "text/html"}, "body": GOOD}
    ),
    taken("a_token_response_that_claims_to_be_nothing", {"headers": {"Content-Type": None}, "body": GOOD}),
    taken("every_character_a_token_may_have", {"body": token(access_token="AZaz09-._~+/==")}),
    taken("an_access_token_of_16_kib", {"body": token(access_token="a" * 16 * KIB)}),
    taken("an_access_token_in_escapes", {"body": GOOD_JSON.replace("access-token", "\\u0061ccess-token")}),
    taken("identity_encoding", {"headers": {"Content-Encoding": "identity"}, "body": GOOD}),
    *(
        taken(
            f"{name}_that_nobody_asked_for", {"headers": {"Content-Encoding": coding}, "body_b64": b64(body)}
        )
        for name, coding, body in [
            ("gzip", "gzip", gzip.compress(GOOD_JSON.encode())),
            ("x_gzip", "X-GZip", gzip.compress(GOOD_JSON.encode())),
            ("zlib", "deflate", zlib.compress(GOOD_JSON.encode())),
            ("bare_deflate", "deflate", zlib.compress(GOOD_JSON.encode())[2:-4]),
            ("two_codings", "gzip, deflate", zlib.compress(gzip.compress(GOOD_JSON.encode()))),
        ]
    ),
    taken("a_coding_that_is_said_and_not_done", {"headers": {"Content-Encoding": "gzip"}, "body": GOOD}),
    no_token_response(
        "a_coding_that_is_not_known",
        steps=({"headers": {"Content-Encoding": "br"}, "body_b64": b64(b"\x8b\x03\x80\xff")},),
    ),
    too_large(
        "gzip_that_grows_beyond_the_limit",
        {"headers": {"Content-Encoding": "gzip"}, "body_b64": b64(gzip.compress(b" " * 10_000_000))},
    ),
    Fault(
        "a_refusal_in_gzip",
        "OAUTH",
        (
            {
                "status": 400,
                "headers": {"Content-Encoding": "gzip"},
                "body_b64": b64(gzip.compress(b'{"error": "invalid_grant"}')),
            },
        ),
        http_status=400,
        oauth_code="invalid_grant",
        says="localhost",
    ),
    taken("a_folded_header", sent(f"HTTP/1.1 200 OK\r\nX-Long: one\r\n two\r\n\tthree\r\n\r\n{GOOD_JSON}")),
    taken("a_blank_before_a_colon", sent(f"HTTP/1.1 200 OK\r\nX : one\r\n\r\n{GOOD_JSON}")),
]

JUDGED = [
    *(
        Fault(
            f"a_token_with_http_{code}",
            "INVALID_RESPONSE",
            ({"status": code, "body": GOOD},),
            http_status=code,
            says=f"localhost.*{code}",
        )
        for code in (201, 202, 203, 206, 226)
    ),
    refused("INVALID_RESPONSE", 204, body=None),
    *(
        refused(
            "HTTP",
            code,
            name=f"a_redirect_with_http_{code}",
            headers={"Location": "https://elsewhere.test/o/token/"},
            says=f"{code}.*elsewhere.test",
        )
        for code in (301, 302, 303, 307, 308)
    ),
    refused(
        "HTTP",
        302,
        name="a_redirect_with_a_password_in_it",
        headers={"Location": "https://user:hunter2@elsewhere.test/?q=hunter2"},
        # The host, and nothing of what stands around it.
        says="^((?!hunter2).)*elsewhere.test((?!hunter2).)*$",
    ),
    refused("HTTP", 302, name="a_redirect_to_a_path", headers={"Location": "/accounts/login/"}, says="302"),
    refused("HTTP", 302, name="a_redirect_to_nowhere", says="302"),
    refused("HTTP", 302, name="a_redirect_to_no_url", headers={"Location": "https://[::"}, says="302"),
    refused("HTTP", 304, body=None),
    *(refused("SERVER", code) for code in (408, 425, 500, 501, 502, 503, 504, 507, 520, 599)),
    *(
        refused(
            "SERVER",
            code,
            name=f"http_{code}_whatever_its_body",
            body={"error": "invalid_client"},
            oauth_code="invalid_client",
        )
        for code in (408, 425, 500, 503)
    ),
    refused("RATE_LIMITED", 429),
    refused(
        "RATE_LIMITED",
        429,
        name="http_429_whatever_its_body",
        body={"error": "invalid_client"},
        oauth_code="invalid_client",
    ),
    refused("INVALID_CLIENT", 401),
    refused("INVALID_CLIENT", 401, name="http_401_with_html", body="<h1>Unauthorized</h1>"),
    refused(
        "INVALID_CLIENT",
        401,
        name="http_401_with_another_error",
        body={"error": "invalid_scope"},
        oauth_code="invalid_scope",
    ),
    *(
        refused(
            "INVALID_CLIENT",
            code,
            name=f"invalid_client_with_http_{code}",
            body={"error": "invalid_client"},
            oauth_code="invalid_client",
        )
        for code in (400, 401, 403, 404, 422)
    ),
    *(
        refused(
            "INVALID_SCOPE",
            code,
            name=f"invalid_scope_with_http_{code}",
            body={"error": "invalid_scope"},
            oauth_code="invalid_scope",
            says="localhost.*scope",
        )
        for code in (400, 403)
    ),
    *(
        refused("OAUTH", 400, name=error, body={"error": error}, oauth_code=error, says=error)
        for error in (
            "invalid_request",
            "invalid_grant",
            "unauthorized_client",
            "unsupported_grant_type",
            "something_new",
        )
    ),
    refused(
        "OAUTH",
        403,
        name="an_oauth_error_that_claims_to_be_html",
        headers={"Content-Type": "text/html"},
        body={"error": "unauthorized_client"},
        oauth_code="unauthorized_client",
    ),
    *(refused("HTTP", code) for code in (400, 402, 403, 404, 405, 406, 409, 410, 411, 413, 418, 422, 451)),
    refused("HTTP", 403, name="http_403_with_html", body="<h1>Blocked by the firewall</h1>"),
    refused("HTTP", 400, name="an_error_that_is_no_text", body={"error": {"code": 5}}),
    refused("HTTP", 400, name="an_error_in_a_list", body=[{"error": "invalid_scope"}]),
    refused("HTTP", 407, name="http_407_from_the_server_itself"),
    refused("HTTP", 600),
    refused("HTTP", 999),
]

RETRIES = [
    taken("busy_once", {"status": 503, "body": ""}, {"body": GOOD}, connections=2),
    taken(
        "busy_twice",
        {"status": 500, "body": ""},
        {"status": 502, "body": ""},
        {"body": GOOD},
        options={"max_retries": 2},
        connections=3,
    ),
    taken("rate_limited_once", {"status": 429, "body": ""}, {"body": GOOD}, connections=2),
    Fault(
        "busy_for_ever_with_two_retries",
        "SERVER",
        ({"status": 503, "body": ""},),
        options={"max_retries": 2},
        http_status=503,
        retryable=True,
        connections=3,
    ),
    Fault(
        "busy_without_a_retry",
        "SERVER",
        ({"status": 503, "body": ""}, {"body": GOOD}),
        options={"max_retries": 0},
        http_status=503,
        retryable=True,
        connections=1,
    ),
    Fault(
        "reset_without_a_retry",
        "IO",
        (["reset"], {"body": GOOD}),
        options={"max_retries": 0},
        retryable=True,
        connections=1,
    ),
    Fault(
        "busy_then_refused",
        "INVALID_CLIENT",
        ({"status": 503, "body": ""}, {"status": 401, "body": ""}),
        options={"max_retries": 5},
        http_status=401,
        connections=2,
    ),
    taken(
        "retry_after_a_second",
        {"status": 429, "headers": {"Retry-After": "1"}, "body": ""},
        {"body": GOOD},
        connections=2,
        within_ms=(1000, 1900),
    ),
    taken(
        "retry_after_no_time",
        {"status": 503, "headers": {"Retry-After": "0"}, "body": ""},
        {"body": GOOD},
        connections=2,
    ),
    *(
        Fault(
            f"no_server_shortens_the_back_off_by_{name}",
            status,
            ({"status": code, "headers": {"Retry-After": text}, "body": ""},),
            options={"timeout_ms": 1500, "max_retries": 100},
            http_status=code,
            retryable=True,
            connections=1,
            # The waits of 0.25, 0.5, 1 s ... allow three; random parts of them allow some more.
            connections_at_most=20,
        )
        for status, code in (("RATE_LIMITED", 429), ("SERVER", 503))
        for name, text in {
            f"no_time_with_{code}": "0",
            f"a_date_that_has_passed_with_{code}": "Sun, 06 Nov 1994 08:49:37 GMT",
        }.items()
    ),
    taken(
        "retry_after_a_date",
        {"status": 503, "headers": {"Retry-After": {"http_date_in_s": 0}}, "body": ""},
        {"body": GOOD},
        connections=2,
        # A date has whole seconds: up to one passes until it.
        within_ms=(0, 1900),
    ),
    taken(
        "retry_after_a_date_that_has_passed",
        {"status": 429, "headers": {"Retry-After": "Sun, 06 Nov 1994 08:49:37 GMT"}, "body": ""},
        {"body": GOOD},
        connections=2,
        within_ms=(0, 1000),
    ),
    Fault(
        "retry_after_longer_than_the_deadline",
        "RATE_LIMITED",
        ({"status": 429, "headers": {"Retry-After": "120"}, "body": ""}, {"body": GOOD}),
        http_status=429,
        retryable=True,
        connections=1,
        retry_after_ms=(120_000, 120_000),
        within_ms=(0, 300),
    ),
    Fault(
        "retry_after_a_date_beyond_the_deadline",
        "SERVER",
        ({"status": 503, "headers": {"Retry-After": {"http_date_in_s": 100}}, "body": ""}, {"body": GOOD}),
        http_status=503,
        retryable=True,
        connections=1,
        retry_after_ms=(99_000, 101_000),
        within_ms=(0, 300),
    ),
    *(
        Fault(
            f"retry_after_that_is_{name}",
            "SERVER",
            ({"status": 503, "headers": {"Retry-After": text}, "body": ""},),
            http_status=503,
            retryable=True,
            connections=2,
        )
        for name, text in {
            "a_word": "soon",
            "below_zero": "-1",
            "empty": "",
            "a_wrong_date": "Sun, 99 Nov",
        }.items()
    ),
    Fault(
        "retries_end_with_the_deadline",
        # The deadline may end a pause or a request.
        "SERVER|TIMEOUT",
        ({"status": 503, "body": ""},),
        options={"timeout_ms": 700, "max_retries": 100},
        http_status=503,
        retryable=True,
        connections=2,
        connections_at_most=100,
        within_ms=(0, 900),
    ),
]

TLS = [
    Fault("not_tls", "TLS", (["client_hello", {"send": "who is there?\r\n"}, "cut"],), {}, says="localhost"),
    Fault(
        "plain_http_on_a_tls_port",
        "TLS",
        (["client_hello", {"respond": {"status": 400, "body": "speak TLS"}}, "cut"],),
        {"tls": False, "scheme": "https"},
        says="localhost",
    ),
    # handshake_failure: a TLS 1.2 record (21, 3.3) of two bytes, fatal (2), 40
    Fault(
        "a_refused_handshake",
        "TLS",
        (["client_hello", {"send_b64": b64(bytes([21, 3, 3, 0, 2, 2, 40]))}, "cut"],),
        {},
        says="localhost",
    ),
    Fault("tls_1_1", "TLS", ({"body": GOOD},), {"version": "1.1"}, says="localhost.*TLS 1.2"),
    taken("tls_1_2", {"body": GOOD}, port={"version": "1.2"}),
    taken("tls_1_3", {"body": GOOD}, port={"version": "1.3"}),
    taken("plain_http_on_loopback", {"body": GOOD}, plain=True),
]

FAULTS = [*SILENCE, *BROKEN, *SIZES, *NOT_HTTP, *BODIES, *JUDGED, *RETRIES, *TLS]
