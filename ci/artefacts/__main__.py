"""Makes the artefacts of some platforms, or of all.

    python -m artefacts --list                      # the platforms
    python -m artefacts DIRECTORY [PLATFORM...]
    python -m artefacts --sign DIRECTORY            # with the key in the file SM_TOKEN_MINISIGN_KEY

The directory is emptied first. What is missing is an error: nothing is left out.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from artefacts import archives, debian, go, jar, npm, nuget, rpm, sums, wheels
from artefacts.checkout import Missing
from artefacts.platforms import ALL, Platform

# What makes a file for one platform, and what makes one for all of them.
FOR_EACH: tuple[Callable[[Platform, Path], None], ...] = (archives.make, debian.make, rpm.make)
FOR_ALL: tuple[Callable[[Sequence[Platform], Path], None], ...] = (
    wheels.make,
    npm.make,
    nuget.make,
    jar.make,
    go.make,
    sums.make,
)


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    if arguments == ["--list"]:
        print(*(platform.name for platform in ALL), sep="\n")
        return 0
    if len(arguments) == 2 and arguments[0] == "--sign":
        return sums.sign(Path(arguments[1]))
    place, names = Path(arguments[0]).resolve(), arguments[1:]
    known = {platform.name: platform for platform in ALL}
    if unknown := [name for name in names if name not in known]:
        print(f"no such platform: {' '.join(unknown)}; there are: {' '.join(known)}", file=sys.stderr)
        return 2
    platforms = [known[name] for name in names] or list(ALL)

    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    try:
        for make in FOR_EACH:
            for platform in platforms:
                make(platform, place)
        for make_one in FOR_ALL:
            make_one(platforms, place)
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
