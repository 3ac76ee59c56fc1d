"""How much each package takes on disk with everything that it depends on, as JSON."""

from __future__ import annotations

import json
import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution

PACKAGES = ("sm-token", "requests", "httpx-auth", "Authlib", "requests-oauthlib", "aiohttp")
# Authlib leaves the HTTP client to its user.
WITH = {"Authlib": ("requests",)}


def closure(*names: str) -> dict[str, Distribution]:
    found: dict[str, Distribution] = {}
    to_do = list(names)
    while to_do:
        name = re.sub(r"[-_.]+", "-", to_do.pop()).lower()
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            continue  # for another interpreter
        required = found[name].requires or []
        to_do += [re.split(r"[^\w.-]", line)[0] for line in required if "extra ==" not in line]
    return found


def size(package: Distribution) -> int:
    paths = [package.locate_file(file) for file in package.files or [] if not str(file).endswith(".pyc")]
    return sum(path.stat().st_size for path in paths if path.exists())  # type: ignore[attr-defined]


def main() -> None:
    sizes = {}
    for name in PACKAGES:
        packages = closure(name, *WITH.get(name, ()))
        total = sum(size(package) for package in packages.values())
        sizes[name] = {"packages": len(packages), "bytes": total}
    print(json.dumps(sizes))


main()
