"""Files that are to be packed: by name, in order, of no owner and of no time but the one that is given."""

from __future__ import annotations

import io
import lzma
import tarfile
import time
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class File:
    content: bytes
    is_executable: bool = False

    @property
    def mode(self) -> int:
        return 0o755 if self.is_executable else 0o644


@dataclass(frozen=True)
class Link:
    target: str


class Tree:
    """The paths are relative, with `/` between their parts."""

    def __init__(self, entries: Mapping[str, File | Link] | None = None) -> None:
        self._entries = dict(entries or {})

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries))

    def __getitem__(self, path: str) -> File | Link:
        return self._entries[path]

    @classmethod
    def of(cls, directory: Path) -> Tree:
        """What lies in a directory."""
        entries: dict[str, File | Link] = {}
        for path in sorted(directory.rglob("*")):
            name = path.relative_to(directory).as_posix()
            if path.is_symlink():
                entries[name] = Link(str(path.readlink()))
            elif path.is_file():
                entries[name] = File(path.read_bytes(), bool(path.stat().st_mode & 0o100))
        return cls(entries)

    def add(self, path: str, content: bytes | str | Path, *, is_executable: bool = False) -> None:
        if isinstance(content, Path):
            content = content.read_bytes()
        if isinstance(content, str):
            content = content.encode()
        assert path not in self._entries, f"{path} is in the tree already"
        self._entries[path] = File(content, is_executable)

    def below(self, directory: str) -> Tree:
        """The same tree, moved into a directory."""
        return Tree({f"{directory}/{path}": entry for path, entry in self._entries.items()})

    def taken(self, directory: str) -> Tree:
        """What lies below a directory of this tree, seen from there."""
        prefix = f"{directory}/"
        return Tree({p.removeprefix(prefix): e for p, e in self._entries.items() if p.startswith(prefix)})

    def matching(self, *patterns: str) -> Tree:
        """The entries whose path matches one of the patterns; each pattern must match one."""
        found: dict[str, File | Link] = {}
        for pattern in patterns:
            matched = {path: entry for path, entry in self._entries.items() if Path(path).match(pattern)}
            assert matched, f"nothing matches {pattern}"
            found |= matched
        return Tree(found)

    def __or__(self, other: Tree) -> Tree:
        common = self._entries.keys() & other._entries.keys()
        assert not common, f"both trees have {sorted(common)}"
        return Tree(self._entries | other._entries)

    # ---- as files ----

    def write(self, directory: Path) -> None:
        for name in self:
            path, entry = directory / name, self[name]
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(entry, Link):
                path.symlink_to(entry.target)
            else:
                path.write_bytes(entry.content)
                path.chmod(entry.mode)
        for made in directory.rglob("*"):
            if made.is_dir():
                made.chmod(0o755)

    def tar_xz(self, archive: Path, seconds: int) -> None:
        plain = io.BytesIO()
        with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for directory in self._directories():
                tar.addfile(self._head(directory, tarfile.DIRTYPE, 0o755, seconds))
            for name in self:
                entry = self[name]
                if isinstance(entry, Link):
                    head = self._head(name, tarfile.SYMTYPE, 0o777, seconds)
                    head.linkname = entry.target
                    tar.addfile(head)
                else:
                    head = self._head(name, tarfile.REGTYPE, entry.mode, seconds)
                    head.size = len(entry.content)
                    tar.addfile(head, io.BytesIO(entry.content))
        archive.write_bytes(lzma.compress(plain.getvalue(), preset=9))

    @staticmethod
    def _head(name: str, kind: bytes, mode: int, seconds: int) -> tarfile.TarInfo:
        head = tarfile.TarInfo(name)
        head.type, head.mode, head.mtime = kind, mode, seconds
        head.uname = head.gname = "root"
        return head

    def _directories(self) -> list[str]:
        return sorted({str(parent) for path in self for parent in Path(path).parents if parent.name})

    def zip(self, archive: Path, seconds: int) -> None:
        moment = time.gmtime(seconds)[:6]
        with zipfile.ZipFile(archive, "w") as packed:
            for name in self:
                entry = self[name]
                assert isinstance(entry, File), f"{name}: a zip has no links"
                info = zipfile.ZipInfo(name, moment)
                info.create_system = 3  # Unix, whose modes follow
                info.external_attr = (0o100000 | entry.mode) << 16
                packed.writestr(info, entry.content, zipfile.ZIP_DEFLATED, 9)
