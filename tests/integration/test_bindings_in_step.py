"""Each binding declares what the header declares and by the same kinds, and is found where all are listed."""

from __future__ import annotations

import os
import re

import pytest

from integration.declared import (
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
WRAPPERS = [language for language, binding in DECLARING.items() if binding.is_wrapper]

# Tested by the harness of their own.
WITHOUT_CHECK = {"c", "cpp", "python"}
WITH_CHECK = sorted(bindings() - WITHOUT_CHECK)

every_declaring = pytest.mark.parametrize("language", DECLARING)


@every_declaring
def test_each_constant_has_the_headers_value(language: str) -> None:
    declared = DECLARING[language].constants()
    assert declared
    assert {name: value for name, value in declared.items() if CONSTANTS.get(name) != value} == {}


@pytest.mark.parametrize("language", WRAPPERS)
def test_each_wrapper_knows_every_status(language: str) -> None:
    assert STATUSES - DECLARING[language].constants().keys() == set()


def test_the_go_package_knows_every_status() -> None:
    source = "\n".join(file.read_text() for file in (BINDINGS / "go").glob("*.go"))
    assert STATUSES - set(re.findall(r"\bC\.(SM_\w+)", source)) == set()


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


def test_the_fixed_sizes_hold_what_the_header_promises() -> None:
    promised = re.search(r"(\d+)\s+\*?\s*bytes hold any\. `out_length`", HEADER)
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
