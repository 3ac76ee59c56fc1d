"""Plays the table of `faults.py`, row by row, and checks what a failed fetch tells."""

from __future__ import annotations

import base64
import html
import json
import os
import re
import unicodedata
from collections import Counter
from dataclasses import replace
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from harness.faults import FAULTS, GOOD, TOKEN, Fault
from harness.probe import Outcome, Probe, spellings
from servers.started import Misbehaving, Playing

# The deadline of a row that sets none, far above what it needs: a row that waits for it has failed.
TIMEOUT_MS = 2500

# Where an emulator runs the programs: how many times longer they take. Deadlines grow with it, and how late a
# call may end.
SLOWER = int(os.environ.get("SM_TOKEN_TIMES_SLOWER", "1"))

BUSY = {"status": 503, "body": ""}


def play(fault: Fault, probe: Probe, misbehaving: Misbehaving) -> tuple[Outcome, Playing | None]:
    playing = None
    if fault.at:
        base_url = str(misbehaving.description["ports"][fault.at])
    elif fault.port is not None:
        playing = misbehaving.play_on_a_port(*fault.steps, **fault.port)
        base_url = playing.base_url
    else:
        playing = misbehaving.play(*fault.steps)
        base_url = playing.plain_base_url if fault.plain else playing.base_url
    options = {"timeout_ms": TIMEOUT_MS, "max_retries": 1, **fault.options}
    options |= {name: value * SLOWER for name, value in options.items() if name.endswith("timeout_ms")}
    outcome = probe.fetch(base_url, ca_file=misbehaving.ca_file, also_secret=(TOKEN,), **options)
    return outcome, playing


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
# promise: error-says
def test_the_call_ends_as_the_contract_says(fault: Fault, probe: Probe, misbehaving: Misbehaving) -> None:
    outcome, playing = play(fault, probe, misbehaving)

    assert outcome.status in fault.status.split("|"), outcome.message
    if fault.status == "OK":
        assert fault.expires_in - SLOWER <= outcome.expires_in <= fault.expires_in
        assert outcome.authorization == f"Bearer {outcome.access_token}"
        assert outcome.message == ""
    else:
        assert outcome.access_token == ""
        assert re.search(fault.says, outcome.message), outcome.message
    assert outcome.http_status == (0 if outcome.status == "TIMEOUT" else fault.http_status)
    assert outcome.oauth_code == fault.oauth_code
    assert outcome.retryable == fault.retryable
    assert fault.retry_after_ms[0] <= outcome.retry_after_ms <= fault.retry_after_ms[1]
    assert fault.within_ms[0] <= outcome.elapsed_ms <= fault.within_ms[1] * SLOWER
    if playing is not None:
        least = fault.connections or (2 if fault.retryable else 1)
        most = fault.connections_at_most or least
        assert least <= len(playing.received()) <= most


def test_every_row_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(fault.name for fault in FAULTS).items() if count > 1] == []


@pytest.mark.parametrize(
    "place",
    ["message", "oauth_code", "oauth_description", "stderr", "log"],
    ids=lambda place: f"in_the_{place}",
)
@pytest.mark.parametrize("what", sorted(spellings("an id", "a s%cret")))
def test_the_search_for_leaks_finds_a_secret(
    place: str, what: str, probe: Probe, misbehaving: Misbehaving
) -> None:
    outcome, _ = play(FAULTS[-1], probe, misbehaving)
    said: Any = ((4, f"asked with {what}"),) if place == "log" else f"asked with {what}"
    leaking = replace(outcome, secrets=frozenset(spellings("an id", "a s%cret")), **{place: said})
    assert len(leaking.leaks()) == 1


# promise: retried
def test_two_retries_are_the_default(probe: Probe, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play(BUSY)
    probe.fetch(playing.base_url, ca_file=misbehaving.ca_file)
    assert len(playing.received()) == 3


def test_every_try_asks_for_the_same(probe: Probe, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play(BUSY, ["reset"], {"body": GOOD})
    probe.fetch(playing.base_url, ca_file=misbehaving.ca_file, scope="read", also_secret=(TOKEN,))
    first, second, third = (
        (request.method, request.path, request.headers, request.body) for request in playing.received()
    )
    assert first == second == third


def test_tries_are_spread_by_chance(probe: Probe, misbehaving: Misbehaving) -> None:
    """Full jitter: a fleet that failed together does not come back together."""
    pauses = []
    for _ in range(6):
        playing = misbehaving.play(BUSY)
        probe.fetch(playing.base_url, ca_file=misbehaving.ca_file, max_retries=1)
        first, second = playing.received()
        pauses.append(second.at - first.at)
    assert max(pauses) - min(pauses) > 0.02, pauses
    assert max(pauses) < 1


def test_a_failed_try_is_told_in_the_log(probe: Probe, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play(BUSY, {"body": GOOD})
    outcome = probe.fetch(playing.base_url, ca_file=misbehaving.ca_file, also_secret=(TOKEN,))
    assert any("503" in text for _, text in outcome.log)


def test_a_log_that_is_off_says_nothing(probe: Probe, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play(BUSY)
    assert probe.fetch(playing.base_url, ca_file=misbehaving.ca_file, log_level=0, max_retries=0).log == ()


# Characters that hide, reorder or break up what stands in a log.
HOSTILE = "a\x00b\x07c\x1bd\x7fe\x85f\u202eg\u2066h\u200fi\u2028j\r\nk"


@pytest.mark.parametrize("member", ["error", "error_description"])
# promise: server-text
def test_what_the_server_says_is_cleaned(member: str, probe: Probe, misbehaving: Misbehaving) -> None:
    error = {"error": "invalid_request", member: HOSTILE}
    playing = misbehaving.play({"status": 400, "body": error})
    outcome = probe.fetch(playing.base_url, ca_file=misbehaving.ca_file)
    told = (
        outcome.message,
        outcome.oauth_code,
        outcome.oauth_description,
        *(text for _, text in outcome.log),
    )
    hostile = {character for text in told for character in text if unicodedata.category(character)[0] in "CZ"}
    assert hostile <= {" "}


@pytest.mark.parametrize("member", ["error", "error_description"])
# promise: server-text
def test_what_the_server_says_is_cut_to_a_sane_length(
    member: str, probe: Probe, misbehaving: Misbehaving
) -> None:
    error = {"error": "invalid_request", member: "long " * 10_000}
    playing = misbehaving.play({"status": 400, "body": error})
    outcome = probe.fetch(playing.base_url, ca_file=misbehaving.ca_file)
    assert len(outcome.oauth_code) < 1000
    assert len(outcome.oauth_description) < 1000
    assert len(outcome.message) < 3000


ODD_ID, ODD_SECRET = "odd:id+%41 é", 's%c+r&t=/: é"<'
ENCODED_ID, ENCODED_SECRET = quote_plus(ODD_ID), quote_plus(ODD_SECRET)


@pytest.mark.parametrize("member", ["error", "error_description"])
@pytest.mark.parametrize(
    "echo",
    [
        ODD_SECRET,
        ENCODED_SECRET,
        base64.b64encode(f"{ENCODED_ID}:{ENCODED_SECRET}".encode()).decode(),
        quote(ODD_SECRET, safe=""),
        json.dumps(ODD_SECRET)[1:-1].replace("/", "\\/"),
        html.escape(ODD_SECRET),
        html.escape(quote(ODD_SECRET)),
    ],
    ids=["as_it_is", "in_a_form", "in_the_header", "in_a_url", "in_json", "in_html", "in_a_url_in_html"],
)
# promise: no-secret
def test_an_echo_of_the_secret_goes_no_further(
    echo: str, member: str, probe: Probe, misbehaving: Misbehaving
) -> None:
    """The probe's fixture searches all that was said."""
    error = {"error": "invalid_request", member: f"no client has {echo} here"}
    playing = misbehaving.play({"status": 400, "body": error})
    outcome = probe.fetch(
        playing.base_url, client_id=ODD_ID, client_secret=ODD_SECRET, ca_file=misbehaving.ca_file
    )
    assert "no client has [secret] here" in outcome.message


def test_the_description_reaches_the_caller(probe: Probe, misbehaving: Misbehaving) -> None:
    error = {"error": "invalid_request", "error_description": "grant_type fehlt — é"}
    playing = misbehaving.play({"status": 400, "body": error})
    outcome = probe.fetch(playing.base_url, ca_file=misbehaving.ca_file)
    assert outcome.oauth_description == "grant_type fehlt — é"


def test_the_body_of_a_page_is_not_repeated(probe: Probe, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play({"status": 403, "body": "<h1>internal-hostname-7</h1>"})
    outcome = probe.fetch(playing.base_url, ca_file=misbehaving.ca_file)
    said = outcome.message + "".join(text for _, text in outcome.log)
    assert "internal-hostname-7" not in said


@pytest.mark.parametrize(
    "host",
    ["standard-metrics.test", "localhost.standard-metrics.test", "localhost.", "192.0.2.1", "128.0.0.1"],
)
# promise: loopback-http
def test_plain_http_beyond_loopback_is_refused(host: str, probe: Probe) -> None:
    outcome = probe.fetch(f"http://{host}", timeout_ms=500 * SLOWER)
    assert outcome.status == "INSECURE_URL"
    assert outcome.elapsed_ms < 100


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3"])
def test_plain_http_on_loopback_is_taken(host: str, probe: Probe, misbehaving: Misbehaving) -> None:
    playing = misbehaving.play({"body": GOOD})
    outcome = probe.fetch(
        playing.plain_base_url.replace("localhost", host), also_secret=(TOKEN,), timeout_ms=500 * SLOWER
    )
    # Nobody listens on 127.1.2.3; it was asked, and that is what counts.
    assert outcome.status == ("CONNECT" if host == "127.1.2.3" else "OK"), outcome.message


def test_a_host_that_nobody_knows_is_a_dns_failure(
    probe: Probe, no_names: dict[str, str], misbehaving: Misbehaving
) -> None:
    outcome = probe.fetch("https://nowhere.test", ca_file=misbehaving.ca_file, environment=no_names)
    assert outcome.status == "DNS"
    assert "nowhere.test" in outcome.message
