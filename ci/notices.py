#!/usr/bin/env python3
"""Writes the notices and the bills of materials of what ends up in the C library and in the wheel.

    ci/notices.py             # writes the files
    ci/notices.py --check     # fails where one is stale, and says how to correct it

THIRD-PARTY-NOTICES.txt holds the license of every crate that is linked on Linux or Windows, and of Rust's
standard library, and lies a second time beside the Python package, whose sources must hold it; the bills of
materials (CycloneDX 1.5) list the same crates with their sums. All of it comes from
Cargo.lock and from the crates' own files, so that two machines write the same bytes.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
NOTICES = (ROOT / "THIRD-PARTY-NOTICES.txt", ROOT / "bindings" / "python" / "THIRD-PARTY-NOTICES.txt")
STANDARD_LIBRARY = ROOT / "packaging" / "rust-standard-library.txt"

TARGETS = (
    "aarch64-unknown-linux-gnu",
    "aarch64-unknown-linux-musl",
    "i686-pc-windows-gnu",
    "x86_64-pc-windows-gnu",
    "x86_64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
)

# The product, its place among the packages, and its bill of materials.
# That of the library lists what the command holds too, since both are handed out together.
COMMAND = "sm-token-command"
PRODUCTS = {
    "sm-token": ("pkg:generic/sm_token", ROOT / "packaging" / "sm_token.cdx.json"),
    "sm-token-python": ("pkg:pypi/sm-token", ROOT / "bindings" / "python" / "sm_token-python.cdx.json"),
}

LICENSE_FILE = re.compile(r"(LICEN[SC]E|COPYING|COPYRIGHT|NOTICE)", re.IGNORECASE)
ALWAYS_KEPT = re.compile(r"(COPYRIGHT|NOTICE)", re.IGNORECASE)
RULE = "=" * 80

Graph = dict[str, Any]


@dataclass(frozen=True)
class Crate:
    """A package of another author that is linked."""

    name: str
    version: str
    license: str
    repository: str
    directory: Path

    @property
    def purl(self) -> str:
        return f"pkg:cargo/{self.name}@{self.version.replace('+', '%2B')}"

    def license_texts(self) -> list[str]:
        """What the notices must repeat: of several licenses to choose from, MIT; else all that is there."""
        files = sorted(path for path in self.directory.iterdir() if LICENSE_FILE.match(path.name))
        # Beside code that the crate took from others.
        vendored = sorted(
            path for path in self.directory.rglob("*/LICENSE*") if path.parent != self.directory
        )
        # A parenthesis would need a parser; no crate has one outside of an AND.
        chosen = [path for path in files if "MIT" in path.name.upper()]
        if "MIT" in self.license.split(" OR ") and " AND " not in self.license and chosen:
            files = chosen + [path for path in files if ALWAYS_KEPT.match(path.name)]
        if not files:
            raise SystemExit(f"{self.name} {self.version} has no file with its license")
        return [normalized(path.read_text(encoding="utf-8")) for path in files + vendored]


def normalized(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().splitlines())


# ---- what is linked ----


def metadata(target: str) -> Graph:
    command = ["cargo", "metadata", "--locked", "--format-version=1", f"--filter-platform={target}"]
    graph: Graph = json.loads(
        subprocess.run(
            [*command, "--features=standalone"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
        ).stdout
    )
    return graph


def is_linked(package: Graph) -> bool:
    return not any("proc-macro" in target["kind"] for target in package["targets"])


def edges(graphs: Iterable[Graph]) -> dict[str, set[str]]:
    """For each package the packages that are linked because of it; what only runs while compiling is not."""
    linked: dict[str, set[str]] = {}
    for graph in graphs:
        packages = {package["id"]: package for package in graph["packages"]}
        for node in graph["resolve"]["nodes"]:
            linked.setdefault(node["id"], set()).update(
                dependency["pkg"]
                for dependency in node["deps"]
                if any(kind["kind"] is None for kind in dependency["dep_kinds"])
                and is_linked(packages[dependency["pkg"]])
            )
    return linked


def reached(start: str, linked: dict[str, set[str]]) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        new = linked[waiting.pop()] - seen
        seen |= new
        waiting += new
    return seen


def crate(package: Graph) -> Crate:
    return Crate(
        package["name"],
        package["version"],
        # The old spelling of OR.
        package["license"].replace("/", " OR "),
        package["repository"] or "",
        Path(package["manifest_path"]).parent,
    )


# ---- what is written ----


def checksums() -> dict[tuple[str, str], str]:
    found = re.findall(
        r'^name = "(.+)"\nversion = "(.+)"\nsource = .*\nchecksum = "(\w+)"',
        (ROOT / "Cargo.lock").read_text(),
        re.MULTILINE,
    )
    return {(name, version): checksum for name, version, checksum in found}


def component(crate: Crate, checksum: str) -> Graph:
    return {
        "type": "library",
        "bom-ref": crate.purl,
        "name": crate.name,
        "version": crate.version,
        "scope": "required",
        "hashes": [{"alg": "SHA-256", "content": checksum}],
        "licenses": [{"expression": crate.license}],
        "purl": crate.purl,
        "externalReferences": [{"type": "vcs", "url": crate.repository}],
    }


def bill_of_materials(name: str, purl: str, packages: dict[str, Graph], linked: dict[str, set[str]]) -> str:
    """No time and no serial number: the same sources give the same bytes."""
    own = {package["id"]: package for package in packages.values() if package["source"] is None}
    [start] = [key for key, package in own.items() if package["name"] == name]
    ids = reached(start, linked)
    if name == "sm-token":
        [command] = [key for key, package in own.items() if package["name"] == COMMAND]
        ids |= reached(command, linked)
    version = own[start]["version"]
    reference = {key: f"{purl}@{version}" if key in own else crate(packages[key]).purl for key in ids}
    crates = sorted((crate(packages[key]) for key in ids - own.keys()), key=lambda crate: crate.purl)
    sums = checksums()
    standard_library = "rust-standard-library"

    depends: dict[str, set[str]] = {}
    for key in ids:
        depends.setdefault(reference[key], set()).update(reference[other] for other in linked[key])
    root = f"{purl}@{version}"
    depends[root] = depends[root] - {root} | {standard_library}

    return (
        json.dumps(
            {
                "bomFormat": "CycloneDX",
                "specVersion": "1.5",
                "version": 1,
                "metadata": {
                    "component": {
                        "type": "library",
                        "bom-ref": root,
                        "name": "sm_token" if name == "sm-token" else "sm-token (Python)",
                        "version": version,
                        "licenses": [{"expression": own[start]["license"]}],
                        "purl": root,
                    }
                },
                "components": [
                    *(component(crate, sums[crate.name, crate.version]) for crate in crates),
                    # Its version is that of the compiler that builds.
                    {
                        "type": "library",
                        "bom-ref": standard_library,
                        "name": standard_library,
                        "scope": "required",
                        "licenses": [{"expression": "MIT OR Apache-2.0"}],
                    },
                ],
                "dependencies": [{"ref": ref, "dependsOn": sorted(depends[ref])} for ref in sorted(depends)],
            },
            indent=1,
        )
        + "\n"
    )


def notices(crates: list[Crate]) -> str:
    """Each crate, and each license text once, with the crates that it stands for."""
    texts: dict[str, list[str]] = {}
    for crate in crates:
        for text in crate.license_texts():
            texts.setdefault(text, []).append(f"{crate.name} {crate.version}")
    return "\n".join(
        [
            "Third-party notices of sm_token",
            "",
            "The C library and the Python package of sm_token, as they are built for Linux and",
            "Windows, hold code of these crates and of Rust's standard library. pyo3 and pyo3-ffi",
            "are in the Python package alone. Where a crate offers several licenses and MIT is one",
            "of them, its MIT license follows.",
            "",
            *(f"  {crate.name} {crate.version} ({crate.license})" for crate in crates),
            "",
            *(line for text, users in texts.items() for line in section(users, text)),
            RULE,
            STANDARD_LIBRARY.read_text(encoding="utf-8"),
        ]
    )


def section(users: list[str], text: str) -> Iterator[str]:
    yield from (RULE, ", ".join(users), "", text, "")


def generated() -> dict[Path, str]:
    graphs = [metadata(target) for target in TARGETS]
    packages = {package["id"]: package for graph in graphs for package in graph["packages"]}
    linked = edges(graphs)
    starts = [key for key, package in packages.items() if package["source"] is None]
    others = set().union(*(reached(start, linked) for start in starts)) - set(starts)
    crates = sorted((crate(packages[key]) for key in others), key=lambda crate: (crate.name, crate.version))
    bills = {path: bill_of_materials(name, purl, packages, linked) for name, (purl, path) in PRODUCTS.items()}
    text = notices(crates)
    return {**dict.fromkeys(NOTICES, text), **bills}


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    stale = 0
    for path, text in generated().items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if arguments:
            print(f"{path.relative_to(ROOT)} is stale: run 'ci/notices.py'", file=sys.stderr)
            stale = 1
        else:
            path.write_text(text, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
