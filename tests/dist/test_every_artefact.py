"""What holds for each file in target/dist."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest

from artefacts.platforms import Platform
from harness.c_program import ROOT, checked, need
from harness.dist import DIST, PLATFORMS, artefact
from harness.installed import version
from harness.packed import members

BILL, SUMS = "sm_token-VERSION.cdx.json", "SHA256SUMS"
BESIDE = [BILL, SUMS, "SHA256SUMS.minisig"]

# One for each platform.
NAMES = {
    "linux-gnu2.17-x86_64": [
        "sm_token-VERSION-linux-x86_64.tar.xz",
        "sm_token-VERSION-cp310-abi3-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
        *(f"{name}_VERSION_amd64.deb" for name in ("libsm-token0", "libsm-token-dev", "sm-token")),
        *(f"{name}-VERSION-1.x86_64.rpm" for name in ("libsm-token", "libsm-token-devel", "sm-token")),
    ],
    "linux-gnu2.17-aarch64": [
        "sm_token-VERSION-linux-aarch64.tar.xz",
        "sm_token-VERSION-cp310-abi3-manylinux2014_aarch64.manylinux_2_17_aarch64.whl",
        *(f"{name}_VERSION_arm64.deb" for name in ("libsm-token0", "libsm-token-dev", "sm-token")),
        *(f"{name}-VERSION-1.aarch64.rpm" for name in ("libsm-token", "libsm-token-devel", "sm-token")),
    ],
    "linux-musl-x86_64": [
        "sm_token-VERSION-linux-musl-x86_64.tar.xz",
        "sm_token-VERSION-cp310-abi3-musllinux_1_2_x86_64.whl",
    ],
    "linux-musl-aarch64": [
        "sm_token-VERSION-linux-musl-aarch64.tar.xz",
        "sm_token-VERSION-cp310-abi3-musllinux_1_2_aarch64.whl",
    ],
    "windows-x86_64": [
        "sm_token-VERSION-windows-x86_64.zip",
        "sm_token-VERSION-cp310-abi3-win_amd64.whl",
    ],
    "windows-x86": ["sm_token-VERSION-windows-x86.zip", "sm_token-VERSION-cp310-abi3-win32.whl"],
}
# One for all.
COMMON = [
    "sm_token-VERSION.tar.gz",
    "sm_token-VERSION-go.zip",
    "sm-token-VERSION.tgz",
    "smtoken-VERSION.jar",
    "SmToken.VERSION.nupkg",
    BILL,
    SUMS,
]


def expected(platforms: list[Platform]) -> list[str]:
    names = [*COMMON, *(name for platform in platforms for name in NAMES[platform.name])]
    return sorted(name.replace("VERSION", version()) for name in names)


PACKED = [
    name for name in expected(PLATFORMS) if name not in [n.replace("VERSION", version()) for n in BESIDE]
]


def test_these_artefacts_are_made_and_no_others() -> None:
    made = sorted(path.name for path in DIST.iterdir() if path.suffix != ".minisig")
    assert made == expected(PLATFORMS)


@pytest.mark.parametrize("name", PACKED)
def test_an_artefact_has_its_terms_and_its_bill_of_materials(name: str) -> None:
    paths = [Path(path).name for path, _ in members(artefact(name))]
    held = set(paths)
    assert "THIRD-PARTY-NOTICES.txt" in held
    assert {"LICENSE-MIT", "LICENSE-APACHE"} <= held or "copyright" in held
    assert [path for path in held if path.endswith(".cdx.json")] != []


@pytest.mark.parametrize("name", PACKED)
def test_an_artefact_names_no_directory_of_the_machine_that_made_it(name: str) -> None:
    home = os.environ.get("CARGO_HOME", str(Path.home() / ".cargo"))
    private = [str(ROOT), home, str(Path.home() / ".rustup"), f"{Path.home()}/.cache"]
    found = [
        (path, place)
        for path, content in members(artefact(name))
        for place in private
        if place.encode() in content
    ]
    assert found == []


def test_the_search_for_directories_finds_one(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text(f"made in {ROOT}")
    [(_, content)] = members(tmp_path / "x.txt")
    assert str(ROOT).encode() in content


def test_the_sums_are_those_of_the_files() -> None:
    lines = (line.split("  ") for line in artefact(SUMS).read_text().splitlines())
    listed = {name: digest for digest, name in lines}
    files = {path.name: path for path in DIST.iterdir() if path.name not in (SUMS, f"{SUMS}.minisig")}
    assert listed == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def test_the_bill_of_materials_is_that_of_this_version() -> None:
    bill = json.loads(artefact(BILL).read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["version"] == version()
    assert any(component["name"] == "rustls" for component in bill["components"])


# ---- the signature ----


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A key without a password, and what verifies it."""
    place = tmp_path_factory.mktemp("keys")
    checked([need("minisign"), "-G", "-W", "-s", place / "secret", "-p", place / "public"])
    return place / "secret", place / "public"


def signed(directory: Path, key: Path) -> Path:
    """A folder with sums that were signed as `make dist` signs them."""
    directory.mkdir()
    sums = directory / SUMS
    sums.write_bytes(artefact(SUMS).read_bytes())
    sign: list[str | Path] = [sys.executable, "-m", "artefacts", "--sign", directory]
    checked(sign, env={"PYTHONPATH": str(ROOT / "ci"), "SM_TOKEN_MINISIGN_KEY": str(key)})
    return sums


def test_a_signature_is_verified(keys: tuple[Path, Path], tmp_path: Path) -> None:
    secret, public = keys
    sums = signed(tmp_path / "a", secret)
    assert "verified" in checked([need("minisign"), "-V", "-p", public, "-m", sums])
    sums.write_text("changed\n")
    with pytest.raises(AssertionError):
        checked([need("minisign"), "-V", "-p", public, "-m", sums])


def test_two_signatures_are_the_same(keys: tuple[Path, Path], tmp_path: Path) -> None:
    one, other = (signed(tmp_path / name, keys[0]) for name in ("a", "b"))
    assert one.with_name(f"{SUMS}.minisig").read_bytes() == other.with_name(f"{SUMS}.minisig").read_bytes()
