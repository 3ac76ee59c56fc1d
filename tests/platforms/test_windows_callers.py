"""The languages on Windows: each binding that has a `check_windows`, and C with its README.

`.ci/platforms` runs these tests, under wine, beside the real server.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from harness.c_program import ROOT, checked, compile_c, leading_to, library_directory, run
from harness.readme import blocks
from servers.started import Real

BINDINGS = ROOT / "bindings"
LANGUAGES = sorted(check.parent.name for check in BINDINGS.glob("*/check_windows"))

# No one code page has all of these characters.
ANY_PATH = "Schlüssel für 東京"
OTHER_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_binding_keeps_its_word_on_windows(language: str) -> None:
    done = run([BINDINGS / "run", "--windows", language])
    if "left out" in done.stdout:
        pytest.skip(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("example") / "example"
    return compile_c(BINDINGS / "c" / "example.c", program, library_directory())


def test_the_c_example_shows_a_token(example: Path, real: Real) -> None:
    assert "  type     Bearer\n" in checked([example], env=leading_to(real))


def test_the_c_example_names_what_to_do_about_a_wrong_secret(example: Path, real: Real) -> None:
    done = run([example], env={**leading_to(real), "SMX_CLIENT_SECRET": "not the secret"})
    assert done.returncode == 1
    assert "check client_id and client_secret" in done.stderr


def test_the_c_example_refuses_a_certificate_of_another_authority(example: Path, real: Real) -> None:
    done = run([example], env={**leading_to(real), "SM_TOKEN_CA_FILE": OTHER_AUTHORITIES})
    assert done.returncode == 1
    assert "is not trusted" in done.stderr


AROUND_THE_README = """\
#include <stdio.h>
#include <sm_token.h>

@README@
int main(void)
{
    char *ca_file = variable(L"SM_TOKEN_CA_FILE");
    sm_options *options = sm_options_new();
    sm_token *token = NULL;
    sm_error *error = NULL;

    sm_options_set_ca_file(options, ca_file);
    if (sm_token_fetch(NULL, NULL, options, &token, &error) != SM_OK)
        puts(sm_error_message(error));
    else
        puts(sm_token_type(token));
    sm_error_free(error);
    sm_token_free(token);
    sm_options_free(options);
    free(ca_file);
    return 0;
}
"""


def test_the_readme_of_c_passes_any_text_of_windows(real: Real, tmp_path: Path) -> None:
    (block,) = (block for block in blocks(BINDINGS / "c" / "README.md", "c") if "windows.h" in block)
    source = tmp_path / "variable.c"
    source.write_text(AROUND_THE_README.replace("@README@", block))
    program = compile_c(source, tmp_path / "variable", library_directory())
    folder = tmp_path / ANY_PATH
    folder.mkdir()
    environment = leading_to(real)
    shutil.copy(environment["SM_TOKEN_CA_FILE"], folder / "ca.pem")
    shown = checked([program], env={**environment, "SM_TOKEN_CA_FILE": str(folder / "ca.pem")})
    assert shown == "Bearer\n"
