"""The jar, on the class path beside JNA, and as Maven takes it from its repository."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from artefacts.platforms import Platform
from harness.c_program import ROOT, checked, need
from harness.dist import Machine, artefact, expect_a_token, on_this_machine, platforms
from harness.installed import version
from servers.started import Real

JNA = Path("/usr/share/java/jna.jar")
REPOSITORY = Path("/usr/share/maven-repo")
EXAMPLE = ROOT / "bindings" / "java" / "Example.java"

PROJECT = """\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>program</groupId>
  <artifactId>program</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.release>11</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency>
      <groupId>io.standardmetrics</groupId>
      <artifactId>smtoken</artifactId>
      <version>{version}</version>
    </dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin><artifactId>maven-compiler-plugin</artifactId><version>3.10.1</version></plugin>
      <plugin><artifactId>maven-resources-plugin</artifactId><version>3.3.0</version></plugin>
    </plugins>
  </build>
</project>
"""


def jna() -> Path:
    if not JNA.exists():
        pytest.skip(f"{JNA} is not installed")
    return JNA


def expect_a_token_by(classes: str, real: Real, *arguments: str) -> None:
    java = Machine((), (need("java"), *arguments))
    expect_a_token(
        lambda: java.run(["-cp", classes, "Example"], None, real, LD_LIBRARY_PATH=""), real, "expires"
    )


@on_this_machine
def test_a_program_gets_a_token_with_the_library_of_the_jar(tmp_path: Path, real: Real) -> None:
    classes = f"{jna()}:{artefact('smtoken-VERSION.jar')}"
    checked([need("javac"), "--release", "11", "-cp", classes, "-d", tmp_path, EXAMPLE])
    expect_a_token_by(f"{classes}:{tmp_path}", real)


@on_this_machine
def test_maven_takes_it_from_its_repository(tmp_path: Path, real: Real) -> None:
    repository = tmp_path / "repository"
    checked(["cp", "-rs", REPOSITORY, repository])
    place = repository / "io" / "standardmetrics" / "smtoken" / version()
    place.mkdir(parents=True)
    jar = artefact("smtoken-VERSION.jar")
    (place / jar.name).write_bytes(jar.read_bytes())
    with zipfile.ZipFile(jar) as packed:
        description = packed.read("META-INF/maven/io.standardmetrics/smtoken/pom.xml")
    (place / f"{jar.stem}.pom").write_bytes(description)

    project = tmp_path / "program"
    (project / "src" / "main" / "java").mkdir(parents=True)
    (project / "pom.xml").write_text(PROJECT.format(version=version()))
    (project / "src" / "main" / "java" / EXAMPLE.name).write_bytes(EXAMPLE.read_bytes())
    maven = [need("mvn"), "--offline", "--batch-mode", "--quiet", f"-Dmaven.repo.local={repository}"]
    checked([*maven, "compile"], cwd=project)
    expect_a_token_by(f"{jna()}:{jar}:{project / 'target' / 'classes'}", real)


@platforms(lambda platform: platform.jna)
def test_the_library_of_the_platform_is_where_jna_looks_for_it(platform: Platform) -> None:
    name = "sm_token.dll" if platform.is_windows else "libsm_token.so.0"
    with zipfile.ZipFile(artefact("smtoken-VERSION.jar")) as packed:
        assert packed.read(f"{platform.jna}/{name}") == platform.loaded.read_bytes()


@on_this_machine
def test_the_jar_is_a_module() -> None:
    told = checked([need("jar"), "--describe-module", "--file", artefact("smtoken-VERSION.jar")])
    assert "io.standardmetrics.smtoken" in told
    assert "requires com.sun.jna" in told
