"""Builds what is measured: this library's programs and its peers'. What can't be built says why."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "benches"
STRICT = ("-std=c99", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-pthread")


PEERS = ("libcurl", "go", "rust", "python")


class Missing(Exception):
    """Something that this machine lacks; the text names it."""


class Programs:
    """Each program is built when it is first asked for, below `target/bench`."""

    def __init__(self, library: Path, peers: Collection[str] = PEERS) -> None:
        self._peers = peers
        self.library = library / "libsm_token.so"
        if not self.library.exists():
            raise Missing(f"{library} holds no libsm_token.so: run `make` first")
        self._out = ROOT / "target" / "bench"
        self._out.mkdir(parents=True, exist_ok=True)
        self.criterion_ran = False

    @functools.cached_property
    def launcher(self) -> Path:
        return self._compiled("launch")

    @functools.cache  # noqa: B019 - one object for the whole run
    def c(self, name: str) -> Path:
        """A program of this library."""
        library = self.library.parent
        link = (f"-L{library}", "-lsm_token", f"-Wl,-rpath,{library}")
        return self._compiled(name, f"-I{ROOT / 'include'}", libraries=link)

    @functools.cached_property
    def libcurl(self) -> Path:
        self._asked_for("libcurl")
        _need("pkg-config")
        try:
            flags = _said("pkg-config", "--cflags", "--libs", "libcurl", "libcjson").split()
        except subprocess.CalledProcessError:
            raise Missing("the headers of libcurl or cJSON are not installed") from None
        return self._compiled("fetch_libcurl", libraries=flags)

    @functools.cached_property
    def go(self) -> Path:
        self._asked_for("go")
        _need("go")
        if not Path("/usr/share/gocode/src/golang.org/x/oauth2/clientcredentials").is_dir():
            raise Missing("golang.org/x/oauth2 is not installed")
        program = self._out / "peer_go"
        _do(
            *("go", "build", "-o", program, SOURCES / "go" / "peer.go"),
            env={
                "GO111MODULE": "off",
                "GOPATH": "/usr/share/gocode",
                "GOCACHE": str(self._out / "go-cache"),
            },
        )
        return program

    @functools.cached_property
    def rust(self) -> Path:
        self._asked_for("rust")
        _need("cargo")
        _do(*self.cargo("build", "bench-peer"), "--quiet", "--release", env={})
        return self.rust_target / "release" / "bench-peer"

    @property
    def rust_target(self) -> Path:
        """Apart from the library's own, which these builds would overwrite with another of it."""
        return Path(os.environ.get("SM_TOKEN_BENCH_RUST_TARGET", self._out / "rust"))

    def cargo(self, verb: str, package: str) -> tuple[str, ...]:
        manifest = SOURCES / "rust" / "Cargo.toml"
        where = ("--manifest-path", str(manifest), "--target-dir", str(self.rust_target))
        # Not --locked: a new dependency of the library is to be added to the lock file, the pinned peers stay.
        return ("cargo", verb, *where, "--package", package)

    @functools.cached_property
    def wheel(self) -> Path:
        wheels = sorted((ROOT / "target" / "wheels").glob("*.whl"), key=lambda file: file.stat().st_mtime)
        if not wheels:
            raise Missing("target/wheels holds no wheel of sm-token: run `make wheel` first")
        return wheels[-1]

    @functools.cached_property
    def python(self) -> Path:
        """An interpreter that has the wheel and its peers."""
        self._asked_for("python")
        wheel = self.wheel
        venv = ROOT / "target" / "venv-bench"
        python = venv / "bin" / "python"
        if not python.exists():
            _do("python3", "-m", "venv", venv, env={})
        install = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        _do(*install, "-r", SOURCES / "requirements.txt", env={})
        _do(*install, "--no-deps", "--force-reinstall", wheel, env={})
        return python

    @functools.cached_property
    def python_client(self) -> Path:
        """The same, where the wheel is new enough to have a client."""
        if subprocess.run([self.python, "-c", "from sm_token import Client"], stderr=subprocess.DEVNULL).returncode:
            raise Missing(f"{self.wheel.name} has no Client: run `make wheel` first")
        return self.python

    def versions(self) -> list[str]:
        """What took part, so far as it was built."""
        built = vars(self)
        versions = []
        if "launcher" in built:
            versions.append(_said(_c_compiler(), "--version").splitlines()[0])
        if "libcurl" in built:
            versions.append(_said(self.libcurl, "--version").strip())
        if "go" in built:
            package = _said("dpkg-query", "--show", "--showformat=${Version}", "golang-golang-x-oauth2-dev")
            go = _said("go", "version").split()[2]
            versions.append(f"{go}, golang.org/x/oauth2 {package.partition('-')[0]}")
        if "rust" in built or self.criterion_ran:
            rustc = " ".join(_said("rustc", "--version").split()[:2])
            locked = (SOURCES / "rust" / "Cargo.lock").read_text()
            crates = [
                f"{name} {found[1]}"
                for name in ("oauth2", "reqwest", "rustls", "criterion")
                if (found := re.search(rf'name = "{name}"\nversion = "(.*)"', locked))
            ]
            versions.append(", ".join([rustc, *crates]))
        if "python" in built:
            pinned = (SOURCES / "requirements.txt").read_text().partition("\n\n")[0].splitlines()
            packages = [line.replace("==", " ") for line in pinned if "==" in line]
            versions.append(", ".join([_said(self.python, "--version").strip(), *packages]))
        return versions

    def _asked_for(self, peer: str) -> None:
        if peer not in self._peers:
            raise Missing("not asked for")

    def _compiled(self, name: str, *flags: str, libraries: tuple[str, ...] | list[str] = ()) -> Path:
        _need(_c_compiler())
        program = self._out / name
        _do(_c_compiler(), *STRICT, *flags, SOURCES / "c" / f"{name}.c", "-o", program, *libraries, env={})
        return program


def _c_compiler() -> str:
    return os.environ.get("CC", "cc")


def _need(tool: str) -> None:
    if shutil.which(tool) is None:
        raise Missing(f"{tool} is not installed")


def _do(*command: str | Path, env: Mapping[str, str]) -> None:
    subprocess.run(command, check=True, env={**os.environ, **env}, stdout=subprocess.DEVNULL)


def _said(*command: str | Path) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
