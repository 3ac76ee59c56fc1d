"""Runs `tests/c/probe.c`: one program that fetches a token as it is told, and tells all that came of it."""

from __future__ import annotations

import base64
import html
import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from harness.c_program import SOURCES, compile_c, library_directory
from harness.declared import header_constants

# By their names without prefix; tests/c/contract.c holds the header to the values that are fixed for ever.
STATUS = {
    name.removeprefix("SM_").removeprefix("ERROR_"): value
    for name, value in header_constants().items()
    if name == "SM_OK" or name.startswith("SM_ERROR_")
}
NAMES = {value: name for name, value in STATUS.items()}

LOG_DEBUG = 4
TRUST_BUNDLED = 1

# Longer than any deadline that a test sets: what takes this long hangs.
PROBE_ENDS_WITHIN_S = 60

CLIENT_ID = "probe-client"
CLIENT_SECRET = "probe-secret-81c2f5"


@dataclass(frozen=True)
class Outcome:
    status: str
    elapsed_ms: int
    refused_option: str
    message: str
    http_status: int
    oauth_code: str
    oauth_description: str
    retryable: bool
    retry_after_ms: int
    access_token: str = field(repr=False)
    token_type: str
    scope: str
    authorization: str = field(repr=False)
    expires_in: int
    expires_at: int
    log: tuple[tuple[int, str], ...]
    stderr: str
    secrets: frozenset[str] = field(repr=False)

    def leaks(self) -> list[str]:
        """The places in which a secret or a token stands where people read."""
        told = {
            "message": self.message,
            "oauth_code": self.oauth_code,
            "oauth_description": self.oauth_description,
            "stderr": self.stderr,
            **{f"log line {number}": text for number, (_, text) in enumerate(self.log, start=1)},
        }
        return [f"{place}: {text}" for place, text in told.items() if any(s in text for s in self.secrets)]


class Probe:
    """The compiled program; keeps what it said, so that whoever owns it can look for leaks at the end."""

    def __init__(self, program: Path, directory: Path) -> None:
        self._program = program
        self._directory = directory
        self.outcomes: list[Outcome] = []

    @classmethod
    def compiled_into(cls, directory: Path) -> Path:
        return compile_c(SOURCES / "probe.c", directory / "probe", library_directory())

    def fetch(
        self,
        base_url: str | None = None,
        *,
        client_id: str | None = CLIENT_ID,
        client_secret: str | None = CLIENT_SECRET,
        proxy: str | None = None,
        environment: Mapping[str, str] | None = None,
        also_secret: tuple[str, ...] = (),
        limits: Mapping[int, int] | None = None,
        **options: object,
    ) -> Outcome:
        """Fetches with exactly these options; `scope="read"` becomes `--scope read`.

        `environment` is all that the program sees, besides what this passes on: no proxy of the machine,
        no credentials. What is `also_secret` must not show either.
        """
        given = {
            "PROBE_CLIENT_ID": client_id,
            "PROBE_CLIENT_SECRET": client_secret,
            "PROBE_BASE_URL": base_url,
            "PROBE_PROXY": proxy,
        }
        arguments = [str(self._program)]

        def limited() -> None:
            # Windows has none.
            import resource

            for resource_limit, most in (limits or {}).items():
                resource.setrlimit(resource_limit, (most, most))

        for name, value in {"log_level": LOG_DEBUG, **options}.items():
            arguments += [f"--{name.replace('_', '-')}", str(value)]
        done = subprocess.run(
            arguments,
            check=False,
            capture_output=True,
            env={
                **(environment or {}),
                **{name: value for name, value in given.items() if value is not None},
            },
            cwd=self._directory,
            preexec_fn=limited if limits else None,
            timeout=PROBE_ENDS_WITHIN_S,
        )
        assert done.returncode == 0, f"the probe exits with {done.returncode}: {done.stderr!r}"
        told: dict[str, Any] = json.loads(done.stdout.decode("utf-8"))
        told["status"] = NAMES[told["status"]]
        told["retryable"] = bool(told["retryable"])
        told["log"] = tuple((level, text) for level, text in told["log"])
        id_and_secret = (
            client_id or (environment or {}).get("SMX_CLIENT_ID", ""),
            client_secret or (environment or {}).get("SMX_CLIENT_SECRET", ""),
        )
        hidden = {*spellings(*id_and_secret), told["access_token"], *also_secret}
        outcome = Outcome(
            **told, stderr=done.stderr.decode("utf-8", "replace"), secrets=frozenset(hidden - {""})
        )
        self.outcomes.append(outcome)
        return outcome


def spellings(client_id: str, client_secret: str) -> set[str]:
    """A secret in each form in which it could get out."""
    if not client_secret:
        return set()
    joined = {
        f"{client_id}:{client_secret}",
        f"{quote_plus(client_id)}:{quote_plus(client_secret)}",
        f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}",
    }
    encoded = {base64.b64encode(each.encode()).decode() for each in joined}
    escaped = {
        quote_plus(client_secret),
        quote(client_secret, safe=""),
        quote(client_secret),
        json.dumps(client_secret)[1:-1],
        html.escape(client_secret),
    }
    return {client_secret, *escaped, *encoded}
