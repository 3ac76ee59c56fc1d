"""What is in an artefact, whatever it is packed in."""

from __future__ import annotations

import gzip
import io
import subprocess
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from harness.c_program import need

ZIPPED = (".zip", ".whl", ".nupkg", ".jar")


def members(artefact: Path) -> Iterator[tuple[str, bytes]]:
    """Each file in it: its path, and its bytes after every compression."""
    if artefact.name.endswith(ZIPPED):
        with zipfile.ZipFile(artefact) as packed:
            for name in packed.namelist():
                yield name, plain(name, packed.read(name))
    elif artefact.name.endswith((".tar.xz", ".tar.gz", ".tgz")):
        yield from of_tar(artefact.read_bytes())
    elif artefact.suffix == ".deb":
        yield from of_tar(output(need("dpkg-deb"), "--fsys-tarfile", str(artefact)))
        yield from of_tar(output(need("dpkg-deb"), "--ctrl-tarfile", str(artefact)))
    elif artefact.suffix == ".rpm":
        yield from of_tar(output("sh", "-c", 'rpm2archive - < "$1"', "sh", str(artefact)))
        yield "header", output(need("rpm"), "-qp", "--xml", "--nosignature", str(artefact))
    else:
        yield artefact.name, artefact.read_bytes()


def output(*command: str) -> bytes:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def of_tar(archive: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
        for member in packed:
            if content := packed.extractfile(member) if member.isfile() else None:
                yield member.name.removeprefix("./"), plain(member.name, content.read())


def plain(name: str, content: bytes) -> bytes:
    return gzip.decompress(content) if name.endswith(".gz") else content
