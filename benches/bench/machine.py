"""What the figures were taken on, in general words."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path


def in_words() -> str:
    release = ".".join(platform.release().split(".")[:2])
    return f"{os.cpu_count()} cores ({_cpu()}), {_memory_gib()} GiB of memory, {platform.system()} {release}"


def load() -> float:
    """How many programs wanted to run in the last minute."""
    return os.getloadavg()[0]


def _cpu() -> str:
    found = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1].strip() if found else platform.machine()


def _memory_gib() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
