"""How artefacts are packed, without a build: their files, modes, times and order."""

from __future__ import annotations

import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from artefacts import archives, platforms
from artefacts.checkout import Missing
from artefacts.platforms import ALL
from artefacts.tree import File, Link, Tree
from harness.c_program import ROOT, run

TIME = 1_700_000_000


def a_tree() -> Tree:
    tree = Tree({"lib/libx.so": Link("libx.so.0")})
    tree.add("lib/libx.so.0", b"\x7fELF", is_executable=True)
    tree.add("a/text", "words\n")
    return tree


def test_an_archive_has_no_owner_no_other_time_and_every_mode(tmp_path: Path) -> None:
    a_tree().tar_xz(tmp_path / "x.tar.xz", TIME)
    with tarfile.open(tmp_path / "x.tar.xz") as packed:
        found = [(m.name, oct(m.mode), m.uid, m.gid, m.uname, m.mtime, m.linkname) for m in packed]
    assert found == [
        ("a", "0o755", 0, 0, "root", TIME, ""),
        ("lib", "0o755", 0, 0, "root", TIME, ""),
        ("a/text", "0o644", 0, 0, "root", TIME, ""),
        ("lib/libx.so", "0o777", 0, 0, "root", TIME, "libx.so.0"),
        ("lib/libx.so.0", "0o755", 0, 0, "root", TIME, ""),
    ]


def test_a_zip_has_the_same_time_everywhere(tmp_path: Path) -> None:
    tree = Tree()
    tree.add("b", "2", is_executable=True)
    tree.add("a", "1")
    tree.zip(tmp_path / "x.zip", TIME)
    with zipfile.ZipFile(tmp_path / "x.zip") as packed:
        found = [(i.filename, i.date_time, oct(i.external_attr >> 16)) for i in packed.infolist()]
    moment = (2023, 11, 14, 22, 13, 20)
    assert found == [("a", moment, "0o100644"), ("b", moment, "0o100755")]


def test_a_tree_that_is_read_again_is_the_same_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        a_tree().write(tmp_path / "x")
    finally:
        os.umask(before)
    assert [(path, Tree.of(tmp_path / "x")[path]) for path in a_tree()] == [
        (p, a_tree()[p]) for p in a_tree()
    ]
    assert (tmp_path / "x" / "lib").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "x" / "a" / "text").stat().st_mode & 0o777 == 0o644


def test_no_file_is_packed_twice() -> None:
    with pytest.raises(AssertionError, match="in the tree already"):
        a_tree().add("a/text", "other words\n")
    with pytest.raises(AssertionError, match="both trees have"):
        a_tree() | a_tree()


def test_what_is_asked_for_must_be_in_the_tree() -> None:
    assert list(a_tree().matching("lib/*")) == ["lib/libx.so", "lib/libx.so.0"]
    with pytest.raises(AssertionError, match="nothing matches"):
        a_tree().matching("lib/*.a")


def test_a_tree_can_be_moved() -> None:
    assert list(a_tree().below("usr").taken("usr")) == list(a_tree())
    assert a_tree().below("usr")["usr/a/text"] == File(b"words\n")


# ---- the command ----


def artefacts(*arguments: str | Path) -> tuple[int, str]:
    done = run(
        ["python3", "-m", "artefacts", *arguments],
        env={"PYTHONPATH": str(ROOT / "ci"), "SM_TOKEN_MINISIGN_KEY": ""},
    )
    return done.returncode, done.stdout + done.stderr


def test_a_platform_that_was_not_built_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(platforms, "PLATFORMS", ROOT / "target" / "no-such-directory")
    for platform in ALL:
        with pytest.raises(Missing, match=f"run 'ci/build-platform {platform.name}'"):
            archives.make(platform, tmp_path)
        with pytest.raises(Missing, match=f"run 'ci/build-wheel {platform.name}'"):
            platform.wheels()
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_platform_is_refused_before_anything_is_removed(tmp_path: Path) -> None:
    (tmp_path / "kept").touch()
    code, says = artefacts(tmp_path, "linux-gnu2.17-sparc")
    assert (code, says.split(";")[0]) == (2, "no such platform: linux-gnu2.17-sparc")
    assert (tmp_path / "kept").exists()


def test_nothing_is_signed_without_a_key(tmp_path: Path) -> None:
    assert artefacts("--sign", tmp_path) == (2, "SM_TOKEN_MINISIGN_KEY names no file with a key\n")


def test_the_release_is_made_by_the_targets_of_the_makefile() -> None:
    workflow = (ROOT / ".github" / "workflows" / "release.yml").read_text()
    for target in ("make dist", "make test-dist", "make sign-dist"):
        assert target in workflow
    assert "never run" in workflow
