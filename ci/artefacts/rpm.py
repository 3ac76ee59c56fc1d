"""Three packages for Fedora, RHEL and their kin: the library, what compiles against it, and the command."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from artefacts import installed
from artefacts.checkout import (
    HOMEPAGE,
    LICENSE,
    MAINTAINER,
    ROOT,
    SUMMARY,
    TERMS,
    build_time,
    run,
    soname,
    version,
)
from artefacts.platforms import Platform

# What would make two builds differ, or another tool than RHEL 7's necessary.
SETTINGS = {
    "_buildhost": "localhost",
    "_build_id_links": "none",
    "_binary_payload": "w9.xzdio",
    "clamp_mtime_to_source_date_epoch": "1",
    "use_source_date_epoch_as_buildtime": "1",
    "debug_package": "%{nil}",
    "__os_install_post": "%{nil}",
    "_source_filedigest_algorithm": "8",
    "_binary_filedigest_algorithm": "8",
}


def make(platform: Platform, place: Path) -> None:
    """Nothing for a platform without such packages."""
    if not platform.rpm:
        return
    with tempfile.TemporaryDirectory() as directory:
        top = Path(directory)
        (top / "spec").write_text(specification(), encoding="utf-8")
        installed.linux(platform, ["PREFIX=/usr", "LIBDIR=/usr/lib64"]).write(top / "files")
        defined = {
            **SETTINGS,
            "_topdir": str(top),
            "_rpmdir": str(top / "made"),
            "staged": str(top / "files"),
        }
        run(
            "rpmbuild",
            "-bb",
            "--quiet",
            f"--target={platform.rpm}-linux",
            *(f"--define={name} {value}" for name, value in defined.items()),
            top / "spec",
            env={"SOURCE_DATE_EPOCH": str(build_time()), "LC_ALL": "C.UTF-8"},
        )
        for package in (top / "made").rglob("*.rpm"):
            shutil.copy(package, place)


def specification() -> str:
    terms = "\n".join(f"cp '{ROOT / name}' ." for name in TERMS)
    listed = "\n".join(
        f"{'%license' if Path(name).name.startswith('LICENSE') else '%doc'} {Path(name).name}"
        for name in TERMS
    )
    return f"""\
Name: libsm-token
Version: {version()}
Release: 1
Summary: {SUMMARY}: shared library
License: {LICENSE}
URL: {HOMEPAGE}
Packager: {MAINTAINER}

%description
Gets access tokens by OAuth 2.0 client credentials and keeps one valid, for programs in C, C++ and
every language that calls C.

%package devel
Summary: {SUMMARY}: headers and static library
Requires: libsm-token%{{?_isa}} = %{{version}}-%{{release}}

%description devel
What a program is compiled with that uses libsm-token.

%package -n sm-token
Summary: {SUMMARY}: command

%description -n sm-token
Gets an access token for a script, and checks the way to one step by step.

%build
{terms}

%install
cp -a '%{{staged}}/.' '%{{buildroot}}'
rm -r '%{{buildroot}}/usr/share/doc'

%post -p /sbin/ldconfig
%postun -p /sbin/ldconfig

%files
/usr/lib64/{soname()}
/usr/lib64/libsm_token.so.{version()}
{listed}

%files devel
/usr/include/*
/usr/lib64/libsm_token.so
/usr/lib64/libsm_token.a
/usr/lib64/pkgconfig/*
/usr/lib64/cmake/sm_token
{listed}

%files -n sm-token
/usr/bin/sm-token
/usr/share/man/man1/*
/usr/share/bash-completion/completions/*
/usr/share/zsh/site-functions/*
/usr/share/fish/vendor_completions.d/*
{listed}
"""
