"""Each binding declares what the header declares and by the same kinds, and is found where all are listed."""

from __future__ import annotations

import os
import re

import pytest

from harness.c_program import ROOT
from harness.declared import (
    BINDINGS,
    DECLARING,
    HEADER,
    INCLUDING,
    WITHOUT_C,
    bindings,
    header_constants,
    header_functions,
)

CONSTANTS = header_constants()
FUNCTIONS = header_functions()
STATUSES = {name for name in CONSTANTS if name == "SM_OK" or name.startswith("SM_ERROR_")}

SETTERS = {name for name in FUNCTIONS if name.startswith("sm_options_set_")}
# Where each language that offers every option sets them, and which it leaves out.
# Languages that end a wait in a way of their own take no `keep_waiting`.
KEEP_WAITING = "sm_options_set_keep_waiting"
# Not yet in the wrappers: whoever adds it to one takes it away here.
CREDENTIAL_FILES = "sm_options_set_credential_files"
WITH_EVERY_OPTION: dict[str, tuple[str, set[str]]] = {
    "cpp": ("include/sm_token.hpp", set()),
    "csharp": ("bindings/csharp/**/SmOptions.cs", set()),
    "go": ("bindings/go/internal/**/*.[cg]*", set()),
    "java": ("bindings/java/src/main/**/Options.java", set()),
    "lua": ("bindings/lua/src/**/*.lua", {KEEP_WAITING, CREDENTIAL_FILES}),
    "node": ("bindings/node/lib/*.js", {KEEP_WAITING, CREDENTIAL_FILES}),
    "pascal": ("bindings/pascal/*.pas", {"sm_options_set_log", KEEP_WAITING}),
    "perl": ("bindings/perl/lib/**/*.pm", {KEEP_WAITING, CREDENTIAL_FILES}),
    "php": ("bindings/php/src/*.php", {KEEP_WAITING, CREDENTIAL_FILES}),
    "r": ("bindings/r/src/*.c", {KEEP_WAITING, CREDENTIAL_FILES}),
    "ruby": ("bindings/ruby/lib/**/*.rb", {KEEP_WAITING, CREDENTIAL_FILES}),
}

# Tested by the harness of their own.
WITHOUT_CHECK = {"c", "command", "cpp", "python"}
WITH_CHECK = sorted(bindings() - WITHOUT_CHECK)

every_declaring = pytest.mark.parametrize("language", DECLARING)


@every_declaring
def test_each_constant_has_the_headers_value(language: str) -> None:
    declared = DECLARING[language].constants()
    assert declared
    assert {name: value for name, value in declared.items() if CONSTANTS.get(name) != value} == {}


@every_declaring
def test_each_wrapper_knows_every_status(language: str) -> None:
    assert STATUSES - DECLARING[language].constants().keys() == set()


def test_the_go_package_knows_every_status() -> None:
    declared = re.findall(r" Status = (\d+)$", (BINDINGS / "go" / "status.go").read_text(), re.MULTILINE)
    assert {CONSTANTS[name] for name in STATUSES} - {int(value) for value in declared} == {CONSTANTS["SM_OK"]}


def test_the_r_package_knows_every_status() -> None:
    source = (BINDINGS / "r" / "R" / "status.R").read_text()
    listed = {name: int(value) for name, value in re.findall(r"^  (\w+) = (\d+)L,?$", source, re.MULTILINE)}
    names = {name.removeprefix("SM_").removeprefix("ERROR_"): CONSTANTS[name] for name in STATUSES}
    assert listed == names


@every_declaring
def test_each_function_is_declared_as_in_the_header(language: str) -> None:
    binding = DECLARING[language]
    wrong = [
        f"{function} is not {FUNCTIONS[function.name]}"
        for function in binding.functions(binding.source)
        if not function.fits(FUNCTIONS[function.name])
    ]
    assert wrong == []


@every_declaring
def test_no_declaration_escapes_the_comparison(language: str) -> None:
    binding = DECLARING[language]
    read = {function.name for function in binding.functions(binding.source)}
    assert read
    assert set(re.findall(r"\bsm_\w+", binding.source)) & FUNCTIONS.keys() == read


@pytest.mark.parametrize("language", WITH_EVERY_OPTION)
def test_every_option_can_be_set(language: str) -> None:
    files, without = WITH_EVERY_OPTION[language]
    source = "\n".join(file.read_text(encoding="utf-8") for file in sorted(ROOT.glob(files)))
    assert SETTERS - without - set(re.findall(r"\bsm_options_set_\w+", source)) == set()


def test_python_has_a_keyword_for_every_option() -> None:
    stub = (BINDINGS / "python" / "python" / "sm_token" / "_core.pyi").read_text(encoding="utf-8")
    names = {setter.removeprefix("sm_options_set_").removesuffix("_ms") for setter in SETTERS}
    keywords = set(re.findall(r"^ +(\w+): .* = None,$", stub, re.MULTILINE))
    # A keyword sets one value.
    names = names - {"credential_files"} | {"client_id_file", "client_secret_file"}
    # Python logs by its own logging, and asks its own signal handlers while it waits.
    assert names - {"log", "keep_waiting"} - keywords == set()


def test_the_fixed_sizes_hold_what_the_header_promises() -> None:
    promised = re.search(r"(\d+)\s+\*?\s*bytes hold any but a scope\b", HEADER)
    assert promised
    size = int(promised[1])
    cobol = re.search(r"78 +SM-OUT-SIZE +VALUE (\d+)\.", DECLARING["cobol"].source)
    fortran = re.search(r"SM_AUTHORIZATION_SIZE = (\d+)$", DECLARING["fortran"].source, re.MULTILINE)
    assert cobol
    assert fortran
    # COBOL's field takes the NUL of the client's functions too.
    assert (int(cobol[1]), int(fortran[1])) == (size + 1, size)


def test_every_binding_is_compared_with_the_header() -> None:
    assert bindings() == {*DECLARING, *INCLUDING, *WITHOUT_C}


@pytest.mark.parametrize("language", sorted(bindings()))
def test_the_index_lists_each_binding(language: str) -> None:
    assert f"({language}/README.md)" in (BINDINGS / "README.md").read_text()
    assert (BINDINGS / language / "README.md").is_file()


@pytest.mark.parametrize("language", WITH_CHECK)
def test_each_binding_has_a_check_that_can_be_run(language: str) -> None:
    assert os.access(BINDINGS / language / "check", os.X_OK)


@pytest.mark.parametrize("language", WITH_CHECK)
def test_each_binding_names_the_packages_of_its_tools(language: str) -> None:
    names = (BINDINGS / language / "packages.txt").read_text().splitlines()
    assert names
    assert [name for name in names if not re.fullmatch(r"[a-z0-9][a-z0-9.+-]+", name)] == []
