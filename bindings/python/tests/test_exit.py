"""The interpreter ends with the program's own exit code, whatever is under way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from servers.started import Real

# Where both threads share a processor, the end of the interpreter meets the library's thread most often.
TRIES = 25
TRIES_OF_THE_FIRST = 200
AT_ONCE = 4

STARTS = """
import asyncio, os, sys
import sm_token

client = sm_token.Client(ca_file=os.environ["SSL_CERT_FILE"])
"""

NO_READERS = (
    "class NoReaders(asyncio.SelectorEventLoop):\n"
    "    def add_reader(self, *_):\n"
    "        raise NotImplementedError\n"
    "loop = NoReaders()\n"
)

# How a program ends, with its exit code and the last line on standard error.
ENDS = {
    "by its last statement": ("asyncio.run(client.token_async())", 0, ""),
    "by an exception": (
        "async def fail():\n"
        "    await client.token_async()\n"
        "    raise ValueError('its own')\n"
        "asyncio.run(fail())",
        1,
        "ValueError: its own",
    ),
    "by sys.exit": ("asyncio.run(client.token_async())\nsys.exit(3)", 3, ""),
    "by sys.exit in the task": (
        "async def leave():\n    await client.token_async()\n    sys.exit(4)\nasyncio.run(leave())",
        4,
        "",
    ),
    "while a task waits": (
        "async def hurry():\n"
        "    asyncio.create_task(client.token_async())\n"
        "    await asyncio.sleep(0.001)\n"
        "asyncio.run(hurry())",
        0,
        "",
    ),
    "under uvloop": ("import uvloop\nuvloop.run(client.token_async())", 0, ""),
    "without readers": (
        f"{NO_READERS}"
        "token = loop.run_until_complete(client.token_async())\n"
        "loop.close()\n"
        "assert token.token_type == 'Bearer'",
        0,
        "",
    ),
    "without readers, while a task waits": (
        f"{NO_READERS}"
        "async def leave():\n"
        "    task = asyncio.create_task(client.token_async())\n"
        "    await asyncio.sleep(0.001)\n"
        "    sys.exit(5)\n"
        "loop.run_until_complete(leave())",
        5,
        "",
    ),
}


@pytest.mark.parametrize("processors", [1, 2])
@pytest.mark.parametrize("end", ENDS)
def test_the_exit_code_is_the_programs_own(
    end: str, processors: int, real_environment: dict[str, str], real: Real
) -> None:
    real.reset()
    source, code, last_line = ENDS[end]
    usable = sorted(os.sched_getaffinity(0))[:processors]

    def ends(_: int) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-c", f"import os\nos.sched_setaffinity(0, {usable})\n{STARTS}{source}"],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            env={"PATH": os.environ["PATH"], **real_environment},
        )
        complaints = done.stderr.splitlines()
        # Nothing before the traceback either.
        assert complaints[:1] == ["Traceback (most recent call last):"][: bool(last_line)]
        return done.returncode, (complaints or [""])[-1]

    tries = TRIES_OF_THE_FIRST if end == next(iter(ENDS)) else TRIES
    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert Counter(pool.map(ends, range(tries))) == {(code, last_line): tries}
