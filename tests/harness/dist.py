"""The artefacts of `make dist`, and how a program for each of their platforms is compiled and run here."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from artefacts.platforms import ALL, Platform
from harness.c_program import ROOT, Command, checked, leading_to, need, run
from harness.installed import version
from harness.roots import Root
from servers.started import Real

DIST = ROOT / "target" / "dist"

# Those whose artefacts were made, from `make test-dist`.
CHOSEN = os.environ.get("SM_TOKEN_PLATFORMS", "").split() or [platform.name for platform in ALL]
PLATFORMS = [platform for platform in ALL if platform.name in CHOSEN]
EXAMPLE = ROOT / "bindings" / "c" / "example.c"


# Whose programs run here as they are.
HOST = next(platform for platform in ALL if platform.name == "linux-gnu2.17-x86_64")
on_this_machine = pytest.mark.skipif(HOST not in PLATFORMS, reason=f"{HOST.name} was not chosen")


def platforms(wanted: Callable[[Platform], object] = lambda _: True) -> pytest.MarkDecorator:
    """Runs a test on each platform that is wanted, of those that are tested."""
    found = [platform for platform in PLATFORMS if wanted(platform)]
    return pytest.mark.parametrize("platform", found, ids=lambda platform: platform.name)


def artefact(pattern: str) -> Path:
    """The one artefact with such a name; `VERSION` in it is that of this checkout."""
    found = list(DIST.glob(pattern.replace("VERSION", version())))
    assert len(found) == 1, f"{DIST} holds {len(found)} files {pattern}: run 'make dist'"
    return found[0]


@dataclass(frozen=True)
class Machine:
    """What compiles for a platform and runs its programs here."""

    compiler: tuple[str | Path, ...]
    runner: tuple[str | Path, ...] = ()
    # How a program finds its shared library.
    library_path: str = "LD_LIBRARY_PATH"
    # Another compiler that has to link the static library, and what it needs besides.
    static: tuple[str | Path, ...] = ()
    unwinder: tuple[str, ...] = ()

    def compile(self, program: Path, *flags: str) -> None:
        """Compiles the example in C."""
        need(str(self.compiler[0]))
        checked([*self.compiler, EXAMPLE, "-o", program, *flags])

    def compile_statically(self, program: Path, *flags: str) -> None:
        """The same, with the static library."""
        compiler = self.static or self.compiler
        need(str(compiler[0]))
        checked([*compiler, EXAMPLE, "-o", program, *flags, *self.unwinder])

    def run(
        self, program: Command, libraries: Path | None, real: Real, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs a program beside the real server; its shared library is in `libraries`, or it needs none."""
        where = {} if libraries is None else {self.library_path: self.in_its_words(libraries)}
        environment = {**os.environ, **leading_to(real), **where, **more}
        done = run([*self.runner, *program], env=environment)
        # wine 8 now and then kills a program that has started, without a word.
        if self.library_path == "WINEPATH" and done.returncode and not done.stdout + done.stderr:
            done = run([*self.runner, *program], env=environment)
        return done

    def in_its_words(self, path: Path) -> str:
        """A path as a program on this machine takes it."""
        return f"Z:{path}" if self.library_path == "WINEPATH" else str(path)


WINE, WINE_X86, LINUX = (ROOT / "ci" / name for name in ("wine", "wine-x86", "run-linux"))
PLACE = ROOT / "target" / "platforms"
ZIG = (PLACE / "tools" / "bin" / "python", "-m", "ziglang", "cc", "-target")
MUSL_ARM64 = ("aarch64-linux-gnu-gcc", f"-specs={PLACE}/root-musl-aarch64/musl-gcc.specs")

HERE = Machine(("cc",))
MACHINES = {
    "linux-gnu2.17-x86_64": HERE,
    "linux-gnu2.17-aarch64": Machine(
        ("aarch64-linux-gnu-gcc",), ("qemu-aarch64", "-L", "/usr/aarch64-linux-gnu")
    ),
    # Debian's compilers for musl link the unwinder of glibc.
    "linux-musl-x86_64": Machine(("musl-gcc",), static=(*ZIG, "x86_64-linux-musl"), unwinder=("-lunwind",)),
    "linux-musl-aarch64": Machine(
        MUSL_ARM64,
        (LINUX, "linux-musl-aarch64"),
        static=(*ZIG, "aarch64-linux-musl"),
        unwinder=("-lunwind",),
    ),
    "windows-x86_64": Machine(("x86_64-w64-mingw32-gcc",), (WINE,), "WINEPATH"),
    "windows-x86": Machine(("i686-w64-mingw32-gcc",), (WINE_X86,), "WINEPATH"),
}


def machine(platform: Platform) -> Machine:
    found = MACHINES[platform.name]
    if found.runner:
        need(str(found.runner[0]))
    return found


def expect_a_token(run: Callable[[], subprocess.CompletedProcess[str]], real: Real, says: str) -> None:
    """What is run makes one token request, succeeds and says so."""
    before = real.counts()["token_requests"]
    done = run()
    assert done.returncode == 0, f"it exits with {done.returncode}:\n{done.stdout}{done.stderr}"
    assert says in done.stdout
    assert real.counts()["token_requests"] == before + 1


def expect_the_command_to_get_a_token(command: str | Path, where: Machine, real: Real, **more: str) -> None:
    """The command `sm-token` checks every step to a token; `more` are further variables."""
    arguments = [command, "--check", "--ca-file", where.in_its_words(Path(real.ca_file))]
    expect_a_token(lambda: where.run(arguments, None, real, **more), real, "token")


def expect_the_installed_command_to_work(root: Root, real: Real) -> None:
    assert root.checked("sm-token", "--version").strip().endswith(version())
    arguments = ("sm-token", "--check", "--ca-file", "/taken/ca.pem")
    expect_a_token(lambda: root.run(*arguments, real=real), real, "token")
