"""What `bindings/run` and its harness let pass, and what they do not: seen on languages made up for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.c_program import ROOT, leading_to, library_directory, run
from servers.started import Real

# A check as its shell, after the harness, and a README.
KEEPING = {
    "runs": ('step "it runs" true', ""),
    "asks once": ('asking 1 step "it asks" ask', ""),
    "has a README": ("readme_shell", "```sh\ntest -e check\n```\n"),
    "quotes its README": (
        'readme_is_quoted made-up "$here/check"',
        '```made-up\n    source "$root/bindings/made_up.bash"\n```\n',
    ),
}
BREAKING = {
    "fails": ('step "it runs" false', ""),
    "shows the secret": ('step "it runs" printenv SMX_CLIENT_SECRET', ""),
    "shows the other secret": ('step "it runs" printenv SM_TOKEN_ODD_CLIENT_SECRET', ""),
    "shows a token": ('step "it runs" echo "Bearer abcdefghijklmnopqrstuvwxyz0123"', ""),
    "asks too often": ('asking 1 step "it asks" eval "ask; ask"', ""),
    "accepts a wrong secret": ('refused "it is refused" true', ""),
    "is refused without a word": ('refused "it is refused" false', ""),
    "has a README that fails": ("readme_shell", "```sh\ntest -e check\n```\n```sh\nfalse\ntrue\n```\n"),
    "has a README without commands": ("readme_shell", "None here.\n"),
    "does not quote its README": ('readme_is_quoted made-up "$here/check"', "```made-up\nnowhere\n```\n"),
}
WITHOUT_TOOLS = "need no-such-tool"

# A token request of the simplest kind, whatever the answer.
ASK = """\
ask() {
    python3 -c 'import os, ssl, urllib.error as e, urllib.request as u
try:
    trusted = ssl.create_default_context(cafile=os.environ["SM_TOKEN_CA_FILE"])
    u.urlopen(os.environ["SMX_BASE_URL"] + "/o/token/", b"grant_type=client_credentials", context=trusted)
except e.HTTPError:
    pass'
}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree with the runner, the harness and the servers of this one, and room for languages."""
    (tmp_path / "target").mkdir()
    for shared in ("tests", "include", "target/venv"):
        (tmp_path / shared).symlink_to(ROOT / shared)
    (tmp_path / "bindings").mkdir()
    for script in ("run", "harness.bash"):
        (tmp_path / "bindings" / script).symlink_to(ROOT / "bindings" / script)
    (tmp_path / "bindings" / "made_up.bash").write_text(ASK)
    return tmp_path


def add(root: Path, language: str, shell: str, readme: str = "") -> Path:
    directory = root / "bindings" / language
    directory.mkdir()
    (directory / "README.md").write_text(readme)
    check = directory / "check"
    check.write_text(
        '#!/usr/bin/env bash\nsource "$(dirname "$0")/../harness.bash"\n'
        f'source "$root/bindings/made_up.bash"\n{shell}\n'
    )
    check.chmod(0o755)
    return check


# ---- the harness ----------------------------------------------------------------------------------


def exit_code(check: Path, real: Real) -> int:
    library = {"SM_TOKEN_LIB_DIR": str(library_directory())}
    return run([check], env={**leading_to(real), **library}).returncode


@pytest.mark.parametrize("what", KEEPING)
def test_a_language_passes_that(what: str, root: Path, real: Real) -> None:
    assert exit_code(add(root, "made-up", *KEEPING[what]), real) == 0


@pytest.mark.parametrize("what", BREAKING)
def test_a_language_fails_that(what: str, root: Path, real: Real) -> None:
    assert exit_code(add(root, "made-up", *BREAKING[what]), real) == 1


# ---- the runner -----------------------------------------------------------------------------------


def run_all(root: Path, *languages: str, **environment: str) -> tuple[int, list[str]]:
    """The exit code, and what is said of each language."""
    done = run(
        [root / "bindings" / "run", *languages],
        cwd=root,
        env={"SM_TOKEN_LIB_DIR": str(library_directory()), "SM_TOKEN_REQUIRE_ALL": "", **environment},
    )
    return done.returncode, [line for line in done.stdout.splitlines() if not line.startswith(" ")]


def test_each_language_with_a_check_is_run_and_one_failure_fails_all(root: Path) -> None:
    add(root, "broken", *BREAKING["fails"])
    add(root, "sound", *KEEPING["runs"])
    assert run_all(root) == (1, ["broken: failed", "sound: passed"])


def test_a_language_without_its_tools_is_left_out_by_name(root: Path) -> None:
    add(root, "elsewhere", WITHOUT_TOOLS)
    assert run_all(root) == (0, ["elsewhere: left out (no-such-tool is not installed)"])


def test_none_may_be_left_out_where_all_are_required(root: Path) -> None:
    add(root, "elsewhere", WITHOUT_TOOLS)
    code, _ = run_all(root, SM_TOKEN_REQUIRE_ALL="1")
    assert code == 1


def test_only_the_languages_that_are_named_are_run(root: Path) -> None:
    add(root, "broken", *BREAKING["fails"])
    add(root, "sound", *KEEPING["runs"])
    assert run_all(root, "sound") == (0, ["sound: passed"])
