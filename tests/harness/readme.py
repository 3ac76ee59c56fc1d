"""The code blocks of a README, so that tests run what its readers will.

    python -m harness.readme README LANGUAGE DIRECTORY

writes each block of the language, word for word, to DIRECTORY/LANGUAGE-1, DIRECTORY/LANGUAGE-2 …, and
lists these files. A README without one is a mistake.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path


def blocks(readme: Path, language: str) -> list[str]:
    """The blocks fenced as ```language, in their order."""
    fenced = rf"^```{re.escape(language)}\n(.*?)^```$"
    return re.findall(fenced, readme.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def languages(readme: Path) -> set[str]:
    """What the README's blocks are fenced as."""
    openings = re.findall(r"^```(.*)$", readme.read_text(encoding="utf-8"), re.MULTILINE)[::2]
    return set(openings)


def main(arguments: list[str]) -> int:
    readme, language, directory = Path(arguments[0]), arguments[1], Path(arguments[2])
    found = blocks(readme, language)
    if not found:
        print(f"{readme} has no block of {language}", file=sys.stderr)
        return 1
    directory.mkdir(parents=True, exist_ok=True)
    for number, block in enumerate(found, 1):
        file = directory / f"{language}-{number}"
        file.write_text(block, encoding="utf-8")
        print(file)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
