"""The Go module, unpacked as the module proxies serve it, and by pkg-config."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from artefacts.platforms import Platform
from harness.c_program import ROOT, checked, need
from harness.dist import HERE, HOST, artefact, expect_a_token, machine, on_this_machine, platforms
from harness.installed import version
from servers.started import Real

MODULE = "github.com/standard-metrics/sm-token/bindings/go"
EXAMPLE = ROOT / "bindings" / "go" / "example" / "main.go"

Build = Callable[..., Path]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Builds the example with the module from a proxy of files, which serves the artefact."""
    proxy = tmp_path / "proxy" / MODULE / "@v"
    proxy.mkdir(parents=True)
    packed = artefact("sm_token-VERSION-go.zip")
    (proxy / f"v{version()}.zip").write_bytes(packed.read_bytes())
    with zipfile.ZipFile(packed) as module:
        (proxy / f"v{version()}.mod").write_bytes(module.read(f"{MODULE}@v{version()}/go.mod"))
    (proxy / f"v{version()}.info").write_text(f'{{"Version": "v{version()}"}}')
    (proxy / "list").write_text(f"v{version()}\n")
    program = tmp_path / "program"
    program.mkdir()
    (program / "main.go").write_bytes(EXAMPLE.read_bytes())

    def build(*flags: str, **more: str) -> Path:
        environment = {
            "GOPROXY": f"file://{tmp_path / 'proxy'}",
            "GONOSUMDB": "*",
            "GOFLAGS": "-modcacherw",
            "GOENV": "off",
            "GOPATH": str(tmp_path / "path"),
            "GOCACHE": str(ROOT / "target" / "bindings" / "go-cache"),
            "CGO_ENABLED": "1",
            "LIBRARY_PATH": "",
            "CPATH": "",
            **more,
        }
        checked([need("go"), "mod", "init", "program"], cwd=program, env=environment)
        checked([need("go"), "get", f"{MODULE}@v{version()}"], cwd=program, env=environment)
        checked([need("go"), "build", *flags, "-o", "example.exe", "."], cwd=program, env=environment)
        return program / "example.exe"

    return build


@on_this_machine
def test_a_program_gets_a_token_with_the_library_of_the_module(build: Build, real: Real) -> None:
    program = build()
    # The library is in the program.
    assert "libsm_token" not in checked([need("readelf"), "--dynamic", program])
    expect_a_token(lambda: HERE.run([program], None, real), real, "expires")


@platforms(lambda platform: platform.go in ("linux_amd64_musl", "linux_arm64", "windows_amd64"))
def test_a_program_for_another_platform_gets_a_token(
    platform: Platform, build: Build, real: Real, tmp_path: Path
) -> None:
    found = machine(platform)
    system, processor = platform.go.split("_")[:2]
    more = {
        "GOOS": system,
        "GOARCH": processor,
        "CC": " ".join(map(str, found.static or found.compiler)),
        "CGO_LDFLAGS": " ".join(["-g -O2", *found.unwinder]),
    }
    program = build(*(["-tags=musl"] if platform.go.endswith("musl") else []), **more)
    place = tmp_path / "path" / "pkg" / "mod" / f"{MODULE}@v{version()}" / "internal" / "native" / "bundled"
    libraries = place / platform.go if platform.is_windows else None
    authority = found.in_its_words(Path(real.ca_file))
    expect_a_token(lambda: found.run([program], libraries, real, SM_TOKEN_CA_FILE=authority), real, "expires")


@on_this_machine
def test_pkg_config_names_the_library_where_the_program_asks_for_it(
    build: Build, tmp_path: Path, real: Real
) -> None:
    shutil.unpack_archive(artefact(f"sm_token-VERSION-{HOST.archive}.tar.xz"), tmp_path / "installed")
    [tree] = (tmp_path / "installed").iterdir()
    (tree / "lib" / "libsm_token.a").unlink()
    program = build("-tags=sm_token_pkgconfig", PKG_CONFIG_LIBDIR=str(tree / "lib" / "pkgconfig"))
    assert "libsm_token.so.0" in checked([need("readelf"), "--dynamic", program])
    expect_a_token(lambda: HERE.run([program], tree / "lib", real), real, "expires")
