"""Both commands at a console of Windows: the prompt, what is typed, and what is shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

# Starts a command in its own console, types keys once there is a prompt, and tells what came of it.
AT_A_CONSOLE = """
import ctypes, json, msvcrt, os, signal, subprocess, sys, time
from ctypes import wintypes

class Key(ctypes.Structure):
    _fields_ = [("type", wintypes.WORD), ("down", wintypes.BOOL), ("count", wintypes.WORD),
                ("key", wintypes.WORD), ("scan", wintypes.WORD), ("unit", wintypes.WCHAR),
                ("state", wintypes.DWORD)]

kernel32 = ctypes.WinDLL("kernel32")
keyboard, screen = os.open("CONIN$", os.O_RDWR), os.open("CONOUT$", os.O_RDWR)

def handle(descriptor):
    return wintypes.HANDLE(msvcrt.get_osfhandle(descriptor))

def type_in(text):
    units = text.encode("utf-16-le")
    for at in range(0, len(units), 2):
        unit = units[at:at + 2].decode("utf-16-le", "surrogatepass")
        key = Key(1, True, 1, 0, 0, unit, 0)
        kernel32.WriteConsoleInputW(handle(keyboard), ctypes.byref(key), 1, ctypes.byref(wintypes.DWORD()))

def shown():
    text = ctypes.create_unicode_buffer(80 * 25)
    count = wintypes.DWORD()
    kernel32.ReadConsoleOutputCharacterW(
        handle(screen), text, 80 * 25, wintypes._COORD(0, 0), ctypes.byref(count))
    return text[:count.value]

keys, error_is_shown, command = json.loads(sys.argv[1])
process = subprocess.Popen(
    command, stdin=keyboard, stdout=subprocess.PIPE, stderr=screen if error_is_shown else subprocess.PIPE)
# Ctrl-C is for the command alone.
signal.signal(signal.SIGINT, signal.SIG_IGN)
if keys:
    give_up = time.monotonic() + 30
    while "client secret: " not in shown() and time.monotonic() < give_up:
        time.sleep(0.05)
    type_in(keys)
output, errors = process.communicate(timeout=60)
mode = wintypes.DWORD()
kernel32.GetConsoleMode(handle(keyboard), ctypes.byref(mode))
print(json.dumps({
    "code": process.returncode, "output": output.decode(), "errors": (errors or b"").decode(),
    "shown": shown().split(), "echoes": bool(mode.value & 4)}))
"""


def at_a_console(
    command: list[str], environment: dict[str, str], *, keys: str = "", error_is_shown: bool = False
) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", AT_A_CONSOLE, json.dumps([keys, error_is_shown, command])],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
        env={"PATH": os.environ["PATH"], **environment},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize("mistyped", ["", "\u9375\b", "x\b\u00fc\b"])
def test_a_secret_that_is_typed_is_taken_and_not_shown(
    mistyped: str, start: list[str], real_environment: dict[str, str]
) -> None:
    secret = real_environment["SMX_CLIENT_SECRET"]
    command = [*start, "--stdin", "--ca-file", real_environment["SSL_CERT_FILE"]]
    told = at_a_console(command, real_environment, keys=f"{mistyped}{secret}\r")
    assert (told["code"], told["errors"]) == (0, "")
    assert told["output"].strip().isalnum()
    assert told["shown"] == ["client", "secret:"]
    assert told["echoes"]


def test_ctrl_c_at_the_prompt_is_exit_code_130(start: list[str], real_environment: dict[str, str]) -> None:
    told = at_a_console([*start, "--stdin"], real_environment, keys="half of it\x03")
    assert (told["code"], told["output"], told["errors"]) == (130, "", "")
    assert told["shown"] == ["client", "secret:"]
    assert told["echoes"]


def test_a_name_of_any_script_is_shown(
    start: list[str], real_environment: dict[str, str], tmp_path: Path
) -> None:
    # The cells of a console that a character of some scripts takes two of are another matter.
    missing = tmp_path / "\u03ba\u03bb\u03b5\u03b9\u03b4\u03af-\u00fc.pem"
    command = [*start, "--ca-file", str(missing)]
    told = at_a_console(command, real_environment, error_is_shown=True)
    assert told["code"] == 5
    assert missing.name in "".join(told["shown"])


def test_the_null_device_is_no_person(start: list[str], real_environment: dict[str, str]) -> None:
    done = subprocess.run(
        [*start, "--stdin"],
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        env={"PATH": os.environ["PATH"], **real_environment},
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert "client secret: " not in done.stderr
