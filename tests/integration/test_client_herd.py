"""Many callers at once cost one request, whether it succeeds or fails."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator

import pytest

from integration.client_scene import AT_ONCE_US, Act, Scene, figure
from integration.probe import NAMES
from servers.named_scripts import TOKEN
from servers.started import Misbehaving, Real

DELAY_MS = 300
"""Of the server, so that all callers are there before its answer is."""

WRONG = "not-the-secret"


@pytest.fixture
def slow_server(real: Real) -> Iterator[Real]:
    real.settings(delay_ms=DELAY_MS)
    real.reset()
    yield real
    real.settings(delay_ms=0, down=False)


class ComesAlive:
    """A port where nobody listens, until a server does."""

    def __init__(self) -> None:
        self.requests = 0
        body = json.dumps(TOKEN["body"]).encode()

        class Answer(http.server.BaseHTTPRequestHandler):
            def do_POST(answer) -> None:  # noqa: N805 - the name is `http.server`'s
                self.requests += 1
                answer.send_response(200)
                answer.send_header("Content-Length", str(len(body)))
                answer.end_headers()
                answer.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer, bind_and_activate=False)
        self._server.server_bind()
        self._lives = False
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def listen(self) -> None:
        self._lives = True
        self._server.server_activate()
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        if self._lives:
            self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def dead_server() -> Iterator[ComesAlive]:
    server = ComesAlive()
    yield server
    server.close()


def all_came_to(status: str, act: Act) -> bool:
    return NAMES[act["status"]] == status and bool(act["alike"] == act["callers"])


def test_256_threads_on_a_cold_client_make_one_request(slow_server: Real) -> None:
    with Scene("client_herd", "cold", slow_server.base_url, slow_server) as scene:
        act = scene.act("cold")
    requests = slow_server.counts()["token_requests"]
    figure(
        f"{act['callers']} cold callers: {requests} request, the slowest call {act['slowest_us'] // 1000} ms"
    )
    assert all_came_to("OK", act)
    assert act["of_one_token"] == act["callers"]
    assert requests == 1


def test_64_threads_that_invalidate_the_same_token_make_one_more_request(slow_server: Real) -> None:
    with Scene("client_herd", "invalidate", slow_server.base_url, slow_server) as scene:
        before, after = scene.act("before"), scene.act("after")
    requests = slow_server.counts()["token_requests"]
    figure(f"{after['callers']} threads invalidate one token: {requests - 1} more request")
    assert all_came_to("OK", before)
    assert all_came_to("OK", after)
    assert after["is_another_token"] == 1
    assert after["of_one_token"] == after["callers"]
    assert requests == 2


def test_128_threads_with_a_wrong_secret_are_refused_once_and_then_from_memory(slow_server: Real) -> None:
    with Scene("client_herd", "refusal", slow_server.base_url, slow_server, client_secret=WRONG) as scene:
        together, remembered = scene.act("together"), scene.act("from memory")
        requests = slow_server.counts()["token_requests"]
        scene.act("forgotten")
        scene.act("forgotten again")
    figure(
        f"{together['callers']} callers with a wrong secret: {requests} request; from memory the slowest "
        f"call takes {remembered['slowest_us']} us and says to wait {remembered['least_wait_ms']} ms"
    )
    assert all_came_to("INVALID_CLIENT", together)
    assert all_came_to("INVALID_CLIENT", remembered)
    assert requests == 1
    assert remembered["slowest_us"] < AT_ONCE_US
    assert 50_000 < remembered["least_wait_ms"] <= remembered["most_wait_ms"] <= 60_000


def test_invalidating_with_null_forgets_a_refusal(slow_server: Real) -> None:
    with Scene("client_herd", "refusal", slow_server.base_url, slow_server, client_secret=WRONG) as scene:
        scene.act("together")
        scene.act("from memory")
        assert all_came_to("INVALID_CLIENT", scene.act("forgotten"))
        assert all_came_to("INVALID_CLIENT", scene.act("forgotten again"))
    assert slow_server.counts()["token_requests"] == 3


def failed_and_recovered(scene: Scene, status: str) -> None:
    """128 callers fail on one flight, and are told from memory to wait."""
    together, remembered = scene.act("together"), scene.act("from memory")
    assert all_came_to(status, together)
    assert all_came_to(status, remembered)
    assert remembered["slowest_us"] < AT_ONCE_US
    assert 0 < remembered["least_wait_ms"] <= remembered["most_wait_ms"] <= 1000
    figure(
        f"{together['callers']} callers, {status}: from memory the slowest call takes "
        f"{remembered['slowest_us']} us and says to wait {remembered['most_wait_ms']} ms"
    )


def recovered_as_told(scene: Scene) -> None:
    scene.go_on()
    recovered = scene.act("as told")
    figure(f"back as told: the slowest call takes {recovered['slowest_us'] // 1000} ms")
    assert all_came_to("OK", recovered)
    assert recovered["of_one_token"] == recovered["callers"]


def test_128_threads_on_a_server_that_fails_ask_once_and_are_back_within_the_wait(slow_server: Real) -> None:
    slow_server.settings(down=True)
    with Scene("client_herd", "failure", slow_server.base_url, slow_server) as scene:
        failed_and_recovered(scene, "SERVER")
        assert slow_server.counts()["token_requests"] == 1
        slow_server.settings(down=False)
        recovered_as_told(scene)
    assert slow_server.counts()["token_requests"] == 2


def test_128_threads_on_a_dead_server_are_back_within_the_wait_once_it_lives(dead_server: ComesAlive) -> None:
    with Scene("client_herd", "failure", dead_server.base_url) as scene:
        failed_and_recovered(scene, "CONNECT")
        dead_server.listen()
        recovered_as_told(scene)
    assert dead_server.requests == 1


def test_128_threads_on_broken_connections_make_one_and_are_back_within_the_wait(
    misbehaving: Misbehaving,
) -> None:
    playing = misbehaving.play([{"sleep_ms": DELAY_MS}, "reset"], TOKEN)
    with Scene("client_herd", "failure", playing.base_url, misbehaving) as scene:
        failed_and_recovered(scene, "IO")
        assert len(playing.received()) == 1
        recovered_as_told(scene)
    assert len(playing.received()) == 2
