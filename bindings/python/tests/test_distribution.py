"""What is in the wheel and in the source distribution, file by file, and that both install elsewhere."""

from __future__ import annotations

import re
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest
import sm_token

ROOT = Path(__file__).parents[3]
WHEELS = ROOT / "target" / "wheels"

MOST_OF_A_WHEEL = 1_200_000
MOST_OF_A_SOURCE_DISTRIBUTION = 300_000

PACKAGE = {
    "sm_token/__init__.py",
    "sm_token/__main__.py",
    "sm_token/_async.py",
    "sm_token/_asyncio.py",
    "sm_token/_body.py",
    "sm_token/_check.py",
    "sm_token/_choices.py",
    "sm_token/_clear_text.py",
    "sm_token/_command.py",
    "sm_token/_core.pyi",
    "sm_token/_coroutines.py",
    "sm_token/_errors.py",
    "sm_token/_exit_codes.py",
    "sm_token/_httpx.py",
    "sm_token/_requests.py",
    "sm_token/_trio.py",
    "sm_token/_waiters.py",
    "sm_token/py.typed",
}

IN_THE_WHEEL = {
    *PACKAGE,
    "sm_token/_core.abi3.so",
    "INFO/METADATA",
    "INFO/RECORD",
    "INFO/WHEEL",
    "INFO/entry_points.txt",
    "INFO/licenses/LICENSE-APACHE",
    "INFO/licenses/LICENSE-MIT",
    "INFO/licenses/THIRD-PARTY-NOTICES.txt",
    "INFO/sboms/sm_token-python.cdx.json",
}

# The Rust sources are those that are committed, here and in the core; the rest is this list.
IN_THE_SOURCES = {
    *(f"python/{name}" for name in PACKAGE),
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "PKG-INFO",
    "README.md",
    "THIRD-PARTY-NOTICES.txt",
    "bindings/python/Cargo.toml",
    "bindings/python/LICENSE-APACHE",
    "bindings/python/LICENSE-MIT",
    "bindings/python/README.md",
    "build.rs",
    "cbindgen.toml",
    "include/sm_token.h",
    "include/sm_token.hpp",
    "pyproject.toml",
    "sm_token-python.cdx.json",
    "src/ffi/preface.h",
}
# What the core's own manifest adds where it has it.
MAY_BE_IN_THE_SOURCES = {"CHANGELOG.md"}


@pytest.fixture(scope="module")
def wheel() -> Path:
    """The wheel that `make wheel` made."""
    [wheel] = WHEELS.glob(f"sm_token-{sm_token.__version__}-cp310-abi3-*.whl")
    return wheel


def members(sources: Path) -> set[str]:
    with tarfile.open(sources) as archive:
        return {member.name.partition("/")[2] for member in archive.getmembers()}


def test_the_wheel_holds_what_the_list_says(wheel: Path) -> None:
    information = f"sm_token-{sm_token.__version__}.dist-info"
    names = {name.replace(information, "INFO") for name in zipfile.ZipFile(wheel).namelist()}
    assert names == IN_THE_WHEEL


def test_the_wheel_is_small(wheel: Path) -> None:
    assert wheel.stat().st_size <= MOST_OF_A_WHEEL


def test_the_wheel_needs_nothing_else(wheel: Path) -> None:
    [name] = [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("METADATA")]
    metadata = zipfile.ZipFile(wheel).read(name).decode()
    assert "Requires-Dist" not in metadata
    assert re.search(r"^Requires-Python: >=3\.10$", metadata, re.MULTILINE)


def test_the_wheel_is_of_the_sources_that_lie_here(wheel: Path) -> None:
    python = ROOT / "bindings" / "python" / "python"
    stale = [name for name in PACKAGE if zipfile.ZipFile(wheel).read(name) != (python / name).read_bytes()]
    assert not stale, "run 'make wheel' and install it again"


def test_the_source_distribution_holds_what_the_list_says(source_distribution: Path) -> None:
    rust = {f"{path.relative_to(ROOT)}" for path in (ROOT / "src").rglob("*.rs")}
    rust |= {f"{path.relative_to(ROOT)}" for path in (ROOT / "bindings" / "python" / "src").glob("*.rs")}
    assert members(source_distribution) - MAY_BE_IN_THE_SOURCES == IN_THE_SOURCES | rust


def test_the_source_distribution_is_small(source_distribution: Path) -> None:
    assert source_distribution.stat().st_size <= MOST_OF_A_SOURCE_DISTRIBUTION


def test_the_wheel_holds_the_notices_and_the_bill_of_materials_that_lie_here(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    packed = {name.partition(".dist-info/")[2]: name for name in archive.namelist()}
    for name, source in (
        ("licenses/THIRD-PARTY-NOTICES.txt", ROOT / "THIRD-PARTY-NOTICES.txt"),
        ("sboms/sm_token-python.cdx.json", ROOT / "bindings" / "python" / "sm_token-python.cdx.json"),
    ):
        assert archive.read(packed[name]) == source.read_bytes()


def test_the_licences_are_the_projects(source_distribution: Path) -> None:
    with tarfile.open(source_distribution) as archive:
        for name in ("LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY-NOTICES.txt"):
            packed = archive.extractfile(f"sm_token-{sm_token.__version__}/{name}")
            assert packed
            assert packed.read() == (ROOT / name).read_bytes()


def test_the_source_distribution_installs_in_a_clean_environment_elsewhere(
    built_elsewhere: Path, tmp_path: Path
) -> None:
    asked = subprocess.run(
        [built_elsewhere, "-c", "import sm_token; print(sm_token.__version__)"],
        check=True,
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert asked.stdout == f"{sm_token.__version__}\n"


def test_what_is_built_from_the_sources_holds_the_notices_too(built_elsewhere: Path, tmp_path: Path) -> None:
    program = "import importlib.metadata as m; print(*m.files('sm-token'), sep='\\n')"
    asked = subprocess.run(
        [built_elsewhere, "-c", program], check=True, capture_output=True, text=True, cwd=tmp_path
    )
    names = {name.partition(".dist-info/")[2] for name in asked.stdout.splitlines()}
    assert {"licenses/THIRD-PARTY-NOTICES.txt", "sboms/sm_token-python.cdx.json"} <= names
