"""The jar with the library for each platform in it, where JNA looks for it."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from artefacts.checkout import ROOT, TERMS, Missing, build_time, run, soname, version
from artefacts.platforms import Platform

SOURCES = ROOT / "bindings" / "java"
# Debian's packages as a repository of Maven's.
REPOSITORY = Path("/usr/share/maven-repo")


def make(platforms: Sequence[Platform], place: Path) -> None:
    if not REPOSITORY.is_dir():
        raise Missing(f"{REPOSITORY} is not there: install the packages of bindings/java/packages.txt")
    with tempfile.TemporaryDirectory() as directory:
        project = Path(directory)
        shutil.copy(SOURCES / "pom.xml", project)
        shutil.copytree(SOURCES / "src" / "main", project / "src" / "main")
        resources = project / "src" / "main" / "resources"
        for platform in (platform for platform in platforms if platform.jna):
            (resources / platform.jna).mkdir(parents=True)
            name = "sm_token.dll" if platform.is_windows else soname()
            shutil.copyfile(platform.loaded, resources / platform.jna / name)
        (resources / "META-INF").mkdir(parents=True, exist_ok=True)
        for terms in TERMS:
            shutil.copyfile(ROOT / terms, resources / "META-INF" / Path(terms).name)
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(build_time()))
        # Maven writes beside what it reads.
        run("cp", "-rs", REPOSITORY, project / "repository")
        run(
            "mvn",
            "--offline",
            "--batch-mode",
            "--quiet",
            f"-Dmaven.repo.local={project / 'repository'}",
            f"-Dproject.build.outputTimestamp={when}",
            "-Dmaven.test.skip=true",
            "package",
            cwd=project,
        )
        shutil.copyfile(project / "target" / f"smtoken-{version()}.jar", place / f"smtoken-{version()}.jar")
