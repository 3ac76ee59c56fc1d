"""Programs that a test interrupts as Ctrl-C does."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence

# Windows has no signal to send: Ctrl-C is an event for all programs of a console. So the program gets a
# console with one other in it, which raises the event when it is told to, and ends as the program does.
IN_A_CONSOLE = """
import os, signal, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
if sys.stdin.buffer.read(1):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.kill(0, signal.CTRL_C_EVENT)
code = process.wait()
sys.exit(code - 2**32 if code >= 2**31 else code)
"""

# What a person notices, in seconds; and what wine takes to bring the event to the program beside that.
AT_ONCE = 1.0 if sys.platform == "win32" else 0.1

# How Python ends with an interruption that it did not catch: by the signal itself, or as Windows calls that.
ENDED_BY_CTRL_C = 0xC000013A if sys.platform == "win32" else -signal.SIGINT


def start(command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[str]:
    """Starts a program with nothing of this process's environment but `env`."""
    if sys.platform == "win32":
        return subprocess.Popen(
            [sys.executable, "-c", IN_A_CONSOLE, *command],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, encoding="utf-8", env=env, creationflags=subprocess.CREATE_NO_WINDOW,
        )  # fmt: skip
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", env=env
    )


def interrupt(process: subprocess.Popen[str]) -> None:
    """Has the program meet Ctrl-C."""
    if sys.platform == "win32":
        assert process.stdin
        process.stdin.write("!")
        process.stdin.flush()
    else:
        process.send_signal(signal.SIGINT)
