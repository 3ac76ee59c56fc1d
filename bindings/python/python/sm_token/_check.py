"""`python -m sm_token --check`: the steps to a token, for a person or a program.

The steps are the library's own. This prints them.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import sm_token
from sm_token import _core
from sm_token._exit_codes import WRONG_CLOCK, exit_code

if TYPE_CHECKING:
    from sm_token._choices import Choices

SHOWN = {"ok": "ok", "wrong": "WRONG", "unknown": "-"}

COLOURS = {"ok": "\x1b[32m", "wrong": "\x1b[1;31m", "unknown": "\x1b[2m"}
PLAIN = "\x1b[0m"


class Checked:
    """What the check found, printed as it comes where a person reads it."""

    def __init__(self, *, as_json: bool) -> None:
        self.steps: list[dict[str, str]] = []
        self.first_wrong: str | None = None
        self._as_json = as_json
        self._takes_colours = not as_json and takes_colours()

    def take(self, name: str, verdict: str, text: str, advice: str) -> None:
        self.steps.append({"name": name, "verdict": verdict, "text": text, "advice": advice})
        if verdict == "wrong" and self.first_wrong is None:
            self.first_wrong = name
        if self._as_json:
            return
        shown = f"{SHOWN[verdict]:<8}"
        if self._takes_colours:
            shown = f"{COLOURS[verdict]}{shown}{PLAIN}"
        print(f"{name:<12} {shown} {text}", flush=True)
        if advice:
            print(f"{'':<12} {'':<8} {advice}", flush=True)


def check(client_id: str | None, secret: str | None, choices: Choices, *, as_json: bool) -> int:
    """Prints each step as soon as it is known, or all as one JSON object; gives the exit code of the first
    that is wrong."""
    # A name in a certificate that the terminal can't show is no reason to stop.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    checked = Checked(as_json=as_json)
    code, status = 0, "OK"
    try:
        _core.check(client_id, secret, checked.take, **choices)
    except sm_token.Error as error:
        if checked.first_wrong is None:
            raise
        status = error.code
        code = WRONG_CLOCK if checked.first_wrong == "clock" else exit_code(error)
    if as_json:
        print(json.dumps({"status": status, "exit_code": code, "steps": checked.steps}), flush=True)
    return code


def takes_colours() -> bool:
    """Whether standard output is a terminal that shows colours, and nobody said no (no-color.org)."""
    assert sys.stdout is not None
    is_dumb = os.environ.get("TERM", "") in ("", "dumb")
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and not is_dumb
