"""Where the measurements take place: the servers, the programs, how often."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.programs import Missing, Programs
from bench.report import Section
from bench.static_server import StaticServer
from servers.__main__ import VARIABLES
from servers.authority import Authority
from servers.started import Real

# Where Debian and its like keep the system's certificate authorities.
SYSTEM_STORE = Path("/etc/ssl/certs/ca-certificates.crt")

Built = TypeVar("Built")


@dataclass(frozen=True)
class Scene:
    pairs: int
    programs: Programs
    authority: Authority
    real: Real
    static: StaticServer
    directory: Path

    @classmethod
    @contextlib.contextmanager
    def set_up(cls, pairs: int, library: Path, peers: Collection[str]) -> Iterator[Scene]:
        programs = Programs(library, peers)
        with tempfile.TemporaryDirectory(prefix="sm-token-bench-") as name:
            directory = Path(name)
            authority = Authority.create(directory)
            static = StaticServer(authority)
            with Real("--authority", str(directory)) as real, contextlib.closing(static):
                yield cls(pairs, programs, authority, real, static, directory)

    def env(self, base_url: str, trust: Path | None = None) -> dict[str, str]:
        """Leads to a server. It is trusted by the one authority that issued its certificate, or by a store."""
        env = leading_to(self.real) | {"SMX_BASE_URL": base_url}
        if trust is not None:
            del env["SM_TOKEN_CA_FILE"]
            env["SSL_CERT_FILE"] = str(trust)
        return env

    def store(self) -> Path:
        """A copy of the system's store that trusts the servers' authority too."""
        if not SYSTEM_STORE.exists():
            raise Missing(f"{SYSTEM_STORE} is not there")
        store = self.directory / "store.pem"
        store.write_bytes(SYSTEM_STORE.read_bytes() + self.authority.ca_file.read_bytes())
        return store


def leading_to(real: Real) -> dict[str, str]:
    return {
        name: str(real.description[key]) for name, key in VARIABLES["real"].items() if name != "SM_TOKEN_CONTROL_URL"
    }


def unless_missing(section: Section, what: str, build: Callable[[], Built]) -> Built | None:
    """What `build` makes; where that can't be, the section says what was left out and why."""
    try:
        return build()
    except Missing as missing:
        section.left_out.append(f"{what}: {missing}")
        return None
