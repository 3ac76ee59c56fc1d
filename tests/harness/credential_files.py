"""A pair of credential files, and the ways in which operators change them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple


class Pair(NamedTuple):
    client_id: str
    client_secret: str


class Mounted:
    """Two files as Kubernetes mounts a secret: links into a directory that one link names."""

    def __init__(self, directory: Path, pair: Pair) -> None:
        self.directory = directory
        self.client_id = directory / "client-id"
        self.client_secret = directory / "client-secret"
        self._versions = 0
        self.flip(pair)
        for name in (self.client_id.name, self.client_secret.name):
            (directory / name).symlink_to(f"..data/{name}")

    @property
    def files(self) -> dict[str, object]:
        """As settings of a scene."""
        return {"client_id_file": self.client_id, "client_secret_file": self.client_secret}

    def flip(self, pair: Pair) -> None:
        """As Kubernetes: the link to the directory is replaced, so that both files change at once."""
        self._versions += 1
        version = self.directory / f"..{self._versions}"
        version.mkdir()
        (version / self.client_id.name).write_text(pair.client_id + "\n")
        (version / self.client_secret.name).write_text(pair.client_secret + "\n")
        new = self.directory / "..data_tmp"
        new.symlink_to(version.name)
        new.replace(self.directory / "..data")

    def rename(self, pair: Pair) -> None:
        """One file after the other is replaced."""
        for path, text in zip((self.client_id, self.client_secret), pair, strict=True):
            path.with_suffix(".new").write_text(text)
        for path in (self.client_id, self.client_secret):
            path.with_suffix(".new").replace(path)

    def write_over(self, pair: Pair) -> None:
        """Both files are emptied, then written."""
        places = [os.open(path, os.O_WRONLY | os.O_TRUNC) for path in (self.client_id, self.client_secret)]
        for place, text in zip(places, pair, strict=True):
            os.write(place, f"{text}\n".encode())
        for place in places:
            os.close(place)
