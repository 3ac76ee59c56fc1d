"""All that the tests' programs said and that pytest captured, searched for secrets when the run ends.

A test looks for its own secrets where it expects them to get out; this looks everywhere, for those that all
tests share.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from harness.probe import spellings
from servers import credentials
from servers.named_scripts import ACCESS_TOKEN

# As it is where nobody listens.
COMMUNICATE = subprocess.Popen.communicate


@dataclass(frozen=True)
class Said:
    """What was said in one place, during one test."""

    test: str
    place: str
    text: str
    may_tell_a_token: bool = False
    """What asks for a token may print it: no secret is to be there all the same."""


class Overheard:
    def __init__(self) -> None:
        self._said: list[Said] = []
        self._tokens = {ACCESS_TOKEN}
        self._secrets = {
            *spellings(credentials.CLIENT_ID, credentials.CLIENT_SECRET),
            *spellings(credentials.ODD_CLIENT_ID, credentials.ODD_CLIENT_SECRET),
        }

    def note(self, place: str, text: str | bytes | None, *, may_tell_a_token: bool = False) -> None:
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        if text:
            test = os.environ.get("PYTEST_CURRENT_TEST", "between the tests")
            self._said.append(Said(test, place, text, may_tell_a_token))

    def note_report(self, report: pytest.TestReport) -> None:
        """What pytest captured from a test, once it is over."""
        if report.when == "teardown":
            for title, text in report.sections:
                self.note(title, text)

    def hide(self, tokens: list[str]) -> None:
        self._tokens.update(tokens)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Notes what each program says that is run to its end."""
        before = subprocess.Popen.communicate

        def noting(process: subprocess.Popen[Any], *arguments: Any, **keywords: Any) -> Any:
            out, err = COMMUNICATE(process, *arguments, **keywords)
            self.note(f"stdout of {process.args!s}", out, may_tell_a_token=True)
            self.note(f"stderr of {process.args!s}", err)
            return out, err

        subprocess.Popen.communicate = noting  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            subprocess.Popen.communicate = before  # type: ignore[method-assign]

    def leaks(self) -> list[str]:
        return [
            f"{said.test}: {said.place}: {said.text}"
            for said in self._said
            if any(secret in said.text for secret in self._secrets)
            or (not said.may_tell_a_token and any(token in said.text for token in self._tokens))
        ]
