"""Names that a C program resolves from a file, and from nowhere else."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from pathlib import Path

# Stands before the C library's resolver; distributions package it by itself.
NSS_WRAPPER = "libnss_wrapper.so"


class NotInstalled(Exception):
    """A program or library that this machine lacks; the text names it."""


def resolving_only(names: Mapping[str, str], directory: Path) -> dict[str, str]:
    """The environment in which a program knows these names, with their addresses, and no other.

    Each program needs a directory of its own: one that reads the file while it is written anew for another
    keeps what it saw.
    """
    try:
        ctypes.CDLL(NSS_WRAPPER)
    except OSError:
        raise NotInstalled(f"{NSS_WRAPPER} is not installed") from None
    hosts = directory / "hosts"
    hosts.write_text("".join(f"{address} {name}\n" for name, address in names.items()))
    return {"LD_PRELOAD": NSS_WRAPPER, "NSS_WRAPPER_HOSTS": str(hosts)}
