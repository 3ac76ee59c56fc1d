"""The situations: what stands between a client and its answer, one row each."""

from __future__ import annotations

import errno
import gzip
import zlib
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from harness.faults import GOOD, GOOD_JSON
from servers.authority import PROXIED_NAME as NAME

ANSWER = {"body": GOOD}
OK_HEAD = "HTTP/1.1 200 OK\r\n"


@dataclass(frozen=True)
class Row:
    name: str
    steps: tuple[Any, ...] = (ANSWER,)
    """The script of the server, which has a port of its own for each client."""
    port: dict[str, Any] = field(default_factory=dict)
    """How that port is made; `misbehaving.py` has the words."""
    host: str = NAME
    network: dict[str, str] = field(default_factory=dict)
    """`tests/c/network.c`; by default the name has one address."""
    environment: dict[str, str] = field(default_factory=dict)
    """`{port}`, `{directory}` and `{ca_file}` are filled in. `SSL_CERT_FILE` leads to the authority."""
    proxy_is_server: bool = False
    """The script is a proxy's, which every client is sent to."""
    url: str = "https://{host}:{port}"
    stricter: str = ""
    """Others get an answer, and the library does not: its message says this, and docs/errors.md too."""
    laxer: bool = False
    """The library gets an answer where curl and Python get none."""


def addresses() -> list[Row]:
    both = {"names": f"{NAME}=::1,127.0.0.1"}
    failures = [
        "EACCES",
        "EPERM",
        "EINVAL",
        "EAFNOSUPPORT",
        "ECONNREFUSED",
        "ECONNRESET",
        "ECONNABORTED",
        "EHOSTUNREACH",
        "ENETUNREACH",
        "EADDRNOTAVAIL",
        "ETIMEDOUT",
        "ENETDOWN",
    ]
    return [
        *(
            Row(
                f"the first address fails with {name}",
                network={**both, "connect": f"::1={getattr(errno, name)}"},
            )
            for name in failures
        ),
        Row("the first address swallows packets", network={**both, "connect": "::1=swallow"}),
        Row(
            "an IPv4 address before the one that answers is refused",
            network={"names": f"{NAME}=127.0.0.9,127.0.0.1", "connect": f"127.0.0.9={errno.ECONNREFUSED}"},
        ),
        Row("both addresses are refused", network={**both, "connect": "::1=111;127.0.0.1=111"}),
        Row("both addresses are forbidden", network={**both, "connect": "::1=13;127.0.0.1=13"}),
        Row(
            "the one address is unreachable",
            network={"names": f"{NAME}=127.0.0.1", "connect": "127.0.0.1=113"},
        ),
        Row("an IPv4 address as the host", host="127.0.0.1"),
        Row("localhost, which has two addresses", host="localhost"),
        Row("an address on which nobody listens", host="127.0.0.9"),
    ]


def look_ups() -> list[Row]:
    return [
        Row("a name", network={"names": f"{NAME}=127.0.0.1"}),
        Row(
            "a name in upper case",
            host=NAME.upper(),
            network={"names": f"{NAME}=127.0.0.1;{NAME.upper()}=127.0.0.1"},
        ),
        Row("a name that nobody knows", network={"names": "other=127.0.0.1"}),
        Row(
            "a name of ten addresses",
            network={
                "names": f"{NAME}=" + ",".join([f"127.0.0.{n}" for n in range(2, 11)] + ["127.0.0.1"]),
                "connect": ";".join(f"127.0.0.{n}=111" for n in range(2, 11)),
            },
        ),
        Row("localhost without a name server", host="localhost", network={"names": "other=127.0.0.1"}),
        Row("an address without a name server", host="127.0.0.1", network={"names": "other=127.0.0.1"}),
    ]


def proxied(name: str, *steps: Any, **rest: Any) -> Row:
    through = {"HTTPS_PROXY": "http://localhost:{port}", "https_proxy": "http://localhost:{port}"}
    environment = {**through, **rest.pop("environment", {})}
    return Row(name, tuple(steps), environment=environment, proxy_is_server=True, **rest)


def tunnel(head: str) -> list[Any]:
    return ["read_connect", {"send": head}, "read_request", {"respond": ANSWER}]


def refusal(status: int, **headers: str) -> list[Any]:
    return ["read_connect", {"respond": {"status": status, "headers": headers, "body": "no"}}, "close"]


def proxies() -> list[Row]:
    many = "".join(f"X-{n}: y\r\n" for n in range(40))
    accepted = {
        "200": "HTTP/1.1 200 Connection established\r\n\r\n",
        "200 of HTTP/1.0": "HTTP/1.0 200 OK\r\n\r\n",
        "200 without a reason": "HTTP/1.1 200\r\n\r\n",
        "201": "HTTP/1.1 201 Created\r\n\r\n",
        "204": "HTTP/1.1 204 No Content\r\n\r\n",
        "299": "HTTP/1.1 299 Fine\r\n\r\n",
        "a length that means nothing": "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "chunks that mean nothing": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "40 headers": f"HTTP/1.1 200 OK\r\n{many}\r\n",
        "a folded header": "HTTP/1.1 200 OK\r\nX: one\r\n two\r\n\r\n",
        "a blank before a colon": "HTTP/1.1 200 OK\r\nX : one\r\n\r\n",
        "bare line feeds": "HTTP/1.1 200 OK\nX: y\n\n",
        "an interim answer first": "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
        "a long header": f"HTTP/1.1 200 OK\r\nX: {'y' * 8000}\r\n\r\n",
    }
    refused = [301, 400, 401, 403, 404, 405, 407, 429, 500, 501, 502, 503, 504]
    return [
        *(
            proxied(f"a proxy answers {name}", tunnel(head), laxer=name == "an interim answer first")
            for name, head in accepted.items()
        ),
        *(proxied(f"a proxy refuses with {status}", refusal(status)) for status in refused),
        proxied("a proxy offers NTLM alone", refusal(407, **{"Proxy-Authenticate": "NTLM"})),
        proxied("a proxy resets", ["read_connect", "reset"]),
        proxied("a proxy closes", ["read_connect", "close"]),
        proxied("a proxy closes in its head", ["read_connect", {"send": "HTTP/1.1 200 OK\r\n"}, "close"]),
        proxied("a proxy is no proxy", ["client_hello", {"send": "220 mail ready\r\n"}, "cut"]),
        Row("nobody listens where the proxy should", environment={"HTTPS_PROXY": "http://localhost:9"}),
        Row("a proxy whose name nobody knows", environment={"HTTPS_PROXY": "http://proxy.test:9"}),
        # Names without a port, addresses, ports: the first three go past the proxy, which refuses.
        *(
            proxied(f"NO_PROXY={value!r}", refusal(403), environment={"NO_PROXY": value, "no_proxy": value})
            for value in (
                "example.org",
                f"x{NAME}",
                "metrics.test.org",
                f"{NAME}:1",
                f"a.{NAME}",
                "127.0.0.1",
                "10.0.0.0/8",
            )
        ),
        *(
            Row(
                f"past a proxy by NO_PROXY={value!r}",
                environment=dict.fromkeys(("HTTPS_PROXY", "https_proxy"), "http://localhost:9")
                | dict.fromkeys(("NO_PROXY", "no_proxy"), value),
            )
            for value in (
                NAME,
                f".{NAME}",
                NAME.upper(),
                "test",
                ".test",
                f"example.org,{NAME}",
                f"example.org, {NAME}",
                f"{NAME}\n",
                "*",
                f"{NAME}:{{port}}",
            )
        ),
        Row("ALL_PROXY", environment={"ALL_PROXY": "http://localhost:9"}),
        Row("HTTP_PROXY alone", environment={"HTTP_PROXY": "http://localhost:9"}),
        Row("an empty HTTPS_PROXY", environment={"HTTPS_PROXY": ""}),
    ]


def sent(name: str, text: str, **rest: Any) -> Row:
    return Row(name, (["read_request", {"send": text}, "close"],), **rest)


def heads() -> list[Row]:
    length = f"Content-Length: {len(GOOD_JSON)}\r\n"
    chunks = f"{len(GOOD_JSON):x}\r\n{GOOD_JSON}\r\n0\r\n"
    bodies = {
        "a folded header": f"{OK_HEAD}X: one\r\n two\r\n\tthree\r\n{length}\r\n",
        "a folded length": f"{OK_HEAD}Content-Length:\r\n {len(GOOD_JSON)}\r\n\r\n",
        "a header folded three times": f"{OK_HEAD}X: one\r\n two\r\n three\r\n four\r\n{length}\r\n",
        "a blank before a colon": f"{OK_HEAD}X : one\r\n{length}\r\n",
        "a tab before a colon": f"{OK_HEAD}X\t: one\r\n{length}\r\n",
        "no blank after a colon": f"{OK_HEAD}X:one\r\n{length}\r\n",
        "a header without a value": f"{OK_HEAD}X:\r\n{length}\r\n",
        "a blank in a name": f"{OK_HEAD}X Y: one\r\n{length}\r\n",
        "brackets in a name": f"{OK_HEAD}X(1): one\r\n{length}\r\n",
        "bytes beyond ASCII in a value": f"{OK_HEAD}X: é\r\n{length}\r\n",
        "a control character in a value": f"{OK_HEAD}X: a\x07b\r\n{length}\r\n",
        "bare line feeds": f"{OK_HEAD}X: y\r\n{length}\r\n".replace("\r\n", "\n"),
        "no reason": f"HTTP/1.1 200\r\n{length}\r\n",
        "a reason beyond ASCII": f"HTTP/1.1 200 déjà\r\n{length}\r\n",
        "HTTP/1.0": f"HTTP/1.0 200 OK\r\n{length}\r\n",
        "100 first": f"HTTP/1.1 100 Continue\r\n\r\n{OK_HEAD}{length}\r\n",
        "103 first": f"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n{OK_HEAD}{length}\r\n",
        "three interim answers": "HTTP/1.1 102 Processing\r\n\r\n" * 3 + f"{OK_HEAD}{length}\r\n",
        "90 headers": OK_HEAD + "".join(f"X-{n}: y\r\n" for n in range(90)) + f"{length}\r\n",
        "30 KiB of headers": f"{OK_HEAD}" + f"X: {'y' * 6000}\r\n" * 5 + f"{length}\r\n",
        "no length": f"{OK_HEAD}\r\n",
        "the same length twice": f"{OK_HEAD}{length}{length}\r\n",
        "a cookie": f"{OK_HEAD}Set-Cookie: a=b; Secure\r\n{length}\r\n",
    }
    return [
        *(sent(f"an answer with {name}", head + GOOD_JSON) for name, head in bodies.items()),
        sent("an answer in chunks", f"{OK_HEAD}Transfer-Encoding: chunked\r\n\r\n{chunks}\r\n"),
        sent("chunks with a trailer", f"{OK_HEAD}Transfer-Encoding: chunked\r\n\r\n{chunks}X: y\r\n\r\n"),
        sent("a NUL in a header", f"{OK_HEAD}X: a\x00b\r\n{length}\r\n{GOOD_JSON}"),
        sent("what is not HTTP", "SSH-2.0-OpenSSH_9.2\r\n"),
        sent("nothing", ""),
        sent("half a head", OK_HEAD + "X: y\r\n", stricter="broke before a whole answer"),
        sent("half a body", f"{OK_HEAD}{length}\r\n{GOOD_JSON[:10]}"),
        Row(
            "an answer before the request is read",
            (["handshake", {"respond": ANSWER}, {"sleep_ms": 50}, "cut"],),
        ),
        Row("a redirect", ({"status": 302, "headers": {"Location": "https://elsewhere.test/"}, "body": ""},)),
        Row("an error", ({"status": 400, "body": {"error": "invalid_request"}},)),
        Row("a server that is busy", ({"status": 503, "body": ""},)),
        Row(
            "130 headers",
            (["read_request", {"send": OK_HEAD + "X: y\r\n" * 130 + f"{length}\r\n{GOOD_JSON}"}, "close"],),
            stricter="128 headers",
        ),
    ]


def codings() -> list[Row]:
    plain = GOOD_JSON.encode()
    coded = {
        "gzip": gzip.compress(plain),
        "deflate": zlib.compress(plain),
        "x-gzip": gzip.compress(plain),
        "identity": plain,
        "br": plain,
        "gzip, deflate": zlib.compress(gzip.compress(plain)),
    }
    return [
        Row(
            f"Content-Encoding: {name}",
            ({"headers": {"Content-Encoding": name}, "body_b64": b64encode(body).decode()},),
        )
        for name, body in coded.items()
    ] + [
        Row(
            f"a refusal in {name}",
            ({"status": 400, "headers": {"Content-Encoding": name}, "body_b64": b64encode(body).decode()},),
        )
        for name, body in coded.items()
    ]


# What webpki alone refuses, and the words that say so.
STRICTER = {"no_names": "common name", "self_made_authority": "CA:TRUE", "good_p521": "P-521"}


def certificates() -> list[Row]:
    names = [
        "good",
        "good_rsa",
        "good_with_intermediate",
        "missing_intermediate",
        "expired",
        "not_yet_valid",
        "wrong_host",
        "no_names",
        "self_signed",
        "unknown_authority",
        "issued_by_a_server",
        "client_only",
        "self_made_authority",
        "good_p521",
        "constrained",
    ]
    return [
        *(
            Row(
                f"the certificate {name}",
                port={"certificate": name},
                host="localhost",
                stricter=STRICTER.get(name, ""),
            )
            for name in names
        ),
        *(Row(f"TLS {version}", port={"version": version}) for version in ("1.2", "1.3")),
        *(
            Row(
                f"a client certificate is demanded in TLS {version}",
                port={"version": version, "client_certificate": True},
            )
            for version in ("1.2", "1.3")
        ),
        Row("what is not TLS", (["client_hello", {"send": "who is there?\r\n"}, "cut"],)),
        Row("a handshake that is cut", (["client_hello", "cut"],)),
        Row("a handshake that is reset", (["client_hello", "reset"],)),
    ]


def variables() -> list[Row]:
    """`files` of the test make what the directory holds."""
    return [
        Row("SSL_CERT_FILE", environment={"SSL_CERT_FILE": "{ca_file}"}),
        *(
            Row(f"SSL_CERT_FILE is {name}", environment={"SSL_CERT_FILE": value})
            for name, value in {
                "missing": "{directory}/missing.pem",
                "empty": "{directory}/empty.pem",
                "in quotes": '"{ca_file}"',
                "of OpenSSL's trusted kind": "{directory}/trusted.pem",
                "of OpenSSL's old kind": "{directory}/x509.pem",
                "with line breaks of Windows": "{directory}/crlf.pem",
                "with words around it": "{directory}/words.pem",
                "trusted for mail alone": "{directory}/mail.pem",
            }.items()
        ),
    ]


ROWS = [
    *addresses(),
    *look_ups(),
    *proxies(),
    *heads(),
    *codings(),
    *certificates(),
    *variables(),
]
