"""A tree that `make install` staged, and what a program that uses it needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from harness.c_program import ROOT, checked, leading_to, need, release_directory
from servers.started import Real

PREFIX = Path("/opt/standard-metrics")


def version() -> str:
    lines = (ROOT / "Cargo.toml").read_text().splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("version"))


@dataclass(frozen=True)
class Installed:
    """A tree that `make install` staged."""

    stage: Path
    lib: str
    variables: tuple[str, ...]

    @property
    def prefix(self) -> Path:
        return self.stage / PREFIX.relative_to("/")

    @property
    def libdir(self) -> Path:
        return self.prefix / self.lib

    def files(self) -> list[str]:
        found = (path for path in self.stage.rglob("*") if not path.is_dir())
        return sorted(str(path.relative_to(self.prefix)) for path in found)

    @property
    def pkg_config_environment(self) -> dict[str, str]:
        return {
            "PKG_CONFIG_LIBDIR": str(self.libdir / "pkgconfig"),
            "PKG_CONFIG_PATH": "",
            "PKG_CONFIG_SYSROOT_DIR": str(self.stage),
        }

    def pkg_config(self, *arguments: str) -> str:
        return checked([need("pkg-config"), *arguments], env=self.pkg_config_environment).strip()


def install(stage: Path, lib: str, *more: str) -> Installed:
    release_directory()
    variables = (f"DESTDIR={stage}", f"PREFIX={PREFIX}", f"LIBDIR={PREFIX / lib}")
    checked(["make", "install", *variables, *more])
    return Installed(stage, lib, variables)


def expect_a_token(program: Path, real: Real, libdir: Path | None) -> None:
    """Runs the example; with `libdir` it finds its shared library there, else it must need none."""
    shown = checked([program], env={**leading_to(real), "LD_LIBRARY_PATH": str(libdir or "")})
    assert "Bearer" in shown
