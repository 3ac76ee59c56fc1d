"""The NuGet package, restored by the .NET SDK for a program of its own."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from artefacts.platforms import Platform
from harness.c_program import ROOT, checked, run
from harness.dist import DIST, Machine, artefact, expect_a_token, on_this_machine, platforms
from harness.installed import version
from servers.started import Real

EXAMPLE = ROOT / "bindings" / "csharp" / "Example.cs"
SDK = ROOT / "ci" / "dotnet"

PROJECT = """\
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>netcoreapp3.1</TargetFramework>
    <UseAppHost>false</UseAppHost>
    <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="SmToken" Version="{version}" />
  </ItemGroup>
</Project>
"""
SOURCES = """\
<configuration>
  <packageSources><clear /><add key="dist" value="{dist}" /></packageSources>
</configuration>
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("package")
    with zipfile.ZipFile(artefact("SmToken.VERSION.nupkg")) as packed:
        packed.extractall(directory)
    return directory


@on_this_machine
def test_a_program_that_restores_the_package_gets_a_token(tmp_path: Path, real: Real) -> None:
    if run([SDK, "--version"]).returncode != 0:
        pytest.skip("the .NET SDK is not there: run .ci/install-platforms")
    (tmp_path / "program.csproj").write_text(PROJECT.format(version=version()))
    (tmp_path / "nuget.config").write_text(SOURCES.format(dist=DIST))
    (tmp_path / "Example.cs").write_bytes(EXAMPLE.read_bytes())
    # Neither the settings of a user nor what was restored before.
    fresh = {"HOME": str(tmp_path / "home"), "NUGET_PACKAGES": str(tmp_path / "packages")}
    checked([SDK, "build", "-nologo", "--output", "made"], cwd=tmp_path, env=fresh)
    program = Machine((), (SDK,))
    expect_a_token(lambda: program.run([tmp_path / "made" / "program.dll"], None, real), real, "expires")


@on_this_machine
def test_the_assembly_needs_net_standard_alone(unpacked: Path) -> None:
    assembly = (unpacked / "lib" / "netstandard2.0" / "SmToken.dll").read_bytes()
    assert b"netstandard\0" in assembly
    assert b"mscorlib\0" not in assembly
    assert b"System.Private.CoreLib\0" not in assembly


@platforms()
def test_the_library_of_the_platform_is_in_the_package(platform: Platform, unpacked: Path) -> None:
    name = "sm_token.dll" if platform.is_windows else "libsm_token.so.0"
    library = unpacked / "runtimes" / platform.nuget / "native" / name
    assert library.read_bytes() == platform.loaded.read_bytes()
