"""What the header declares, and what the bindings declare of it in their own languages.

A function is known by the kinds of its result and its parameters:

    void  int32  uint32  int64  size  intptr  text  handle  any  callback
    handle*  size*  int32*  int64*                                  where one is written to

The header's kinds are exact. Where a language does not tell some of them apart, a place allows a set of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.c_program import ROOT

BINDINGS = ROOT / "bindings"
HEADER = (ROOT / "include" / "sm_token.h").read_text()

Kinds = frozenset[str]


def kinds(words: str) -> Kinds:
    return frozenset(words.split())


@dataclass(frozen=True)
class Function:
    name: str
    result: Kinds
    parameters: tuple[Kinds, ...]

    def fits(self, header: Function) -> bool:
        return len(self.parameters) == len(header.parameters) and all(
            mine >= its
            for mine, its in zip(
                (self.result, *self.parameters), (header.result, *header.parameters), strict=True
            )
        )


@dataclass(frozen=True)
class Binding:
    """Where a language declares, and how its declarations are read."""

    files: tuple[str, ...]
    constant: str
    functions: Callable[[str], Iterator[Function]]

    @property
    def source(self) -> str:
        return "\n".join((BINDINGS / file).read_text(encoding="utf-8") for file in self.files)

    def constants(self) -> dict[str, int]:
        """Under the names of the header."""
        found = re.findall(self.constant, self.source, re.MULTILINE)
        return {_constant(name.replace("-", "_")): int(value) for name, value in found}


def _constant(name: str) -> str:
    """The header's name of what a language calls `SM_NAME`, `NAME`, or for a status without `ERROR_`."""
    return f"SM_ERROR_{name}" if f"SM_ERROR_{name}" in header_constants() else f"SM_{name}"


def listed(parameters: str, separator: str = ",") -> list[str]:
    return [parameter.strip() for parameter in parameters.split(separator) if parameter.strip()]


def read_by(
    table: dict[str, str], declaration: str, separator: str = ","
) -> Callable[[str], Iterator[Function]]:
    """Reads what matches `declaration` (groups: result, name, parameters) by a table of types.

    A parameter is `TYPE` or `TYPE name`.
    """

    def read(source: str) -> Iterator[Function]:
        def kinds_of(declared: str) -> Kinds:
            words = " ".join(declared.split())
            kind = table.get(words) or table.get(words.rpartition(" ")[0])
            assert kind, f"a type that is not known here: {declared}"
            return kinds(kind)

        for match in re.finditer(declaration, source, re.MULTILINE):
            parameters = tuple(kinds_of(parameter) for parameter in listed(match["parameters"], separator))
            yield Function(match["name"], kinds_of(match["result"]), parameters)

    return read


# ---- C, and the foreign function interfaces that read C -------------------------------------------


def c_functions(source: str) -> Iterator[Function]:
    prototype = (
        r"(void|int32_t|int64_t|sm_status|(?:const )?char \*|sm_\w+ \*)\s*(?:SM_CALL )?(sm_\w+)\(([^()]*)\)"
    )
    for result, name, parameters in re.findall(prototype, source):
        given = [] if parameters == "void" else listed(parameters)
        yield Function(name, _c_kind(result), tuple(_c_kind(parameter) for parameter in given))


def _c_kind(declared: str) -> Kinds:
    """The kind of `const char *text`, or of the same without a name."""
    base, *_ = re.sub(r"\b(const|_Out_)\b", "", declared).split()
    stars = declared.count("*")
    plain = {"void": "void", "int32_t": "int32", "sm_status": "int32", "uint32_t": "uint32"}
    plain |= {"int64_t": "int64", "size_t": "size", "intptr_t": "intptr"}
    plain |= dict.fromkeys(("sm_log_fn", "sm_keep_waiting_fn", "sm_ready_fn", "sm_check_fn"), "callback")
    if stars == 0:
        return kinds(plain[base])
    pointers = {"char": "text", "void": "any", "int32_t": "int32*", "int64_t": "int64*", "size_t": "size*"}
    return kinds(pointers[base] if base in pointers else "handle" + "*" * (stars - 1))


def header_functions() -> dict[str, Function]:
    code = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.DOTALL)
    return {function.name: function for function in c_functions(code)}


def header_constants() -> dict[str, int]:
    """SM_OK and the like; the version's are the library's alone."""
    found = re.findall(r"^#define (SM_(?!TOKEN_)\w+) (\d+)$", HEADER, re.MULTILINE)
    return {name: int(value) for name, value in found}


# ---- COBOL ----------------------------------------------------------------------------------------


def cobol_functions(source: str) -> Iterator[Function]:
    code = re.sub(r"^.{6}\*.*$", "", source, flags=re.MULTILINE)
    declared = dict(re.findall(r"^ +\d\d +(SM-[\w-]+)(?: REDEFINES [\w-]+)? +(.*?)[.\n]", code, re.MULTILINE))
    items = {name: _cobol_usage(picture) for name, picture in declared.items()}

    # Up to the next statement: a CALL has no END-CALL here.
    phrase = r"\s+(?:USING|BY|REFERENCE|VALUE|SIZE|\d|LENGTH|OF|RETURNING|NOTHING|SM-[\w-]+)"
    call = rf'CALL STATIC "(sm_\w+)"((?:{phrase})+)'
    for name, phrases in re.findall(call, code):
        using, _, returning = " ".join(phrases.split()).removeprefix("USING ").partition("RETURNING ")
        parameters = re.findall(r"BY (REFERENCE|VALUE SIZE 8|VALUE LENGTH OF|VALUE) (SM-[\w-]+)", using)
        yield Function(
            name,
            _cobol_result(returning, items),
            tuple(_cobol_kind(how, items[item]) for how, item in parameters),
        )


def _cobol_usage(picture: str) -> str:
    return "BINARY-DOUBLE UNSIGNED" if "UNSIGNED" in picture else picture.split()[0]


def _cobol_kind(how: str, usage: str) -> Kinds:
    # A CALL passes what is BY VALUE in 32 bits unless it is a pointer or its SIZE is given.
    if how == "VALUE LENGTH OF":
        return kinds("int32")
    table = {
        ("REFERENCE", "PIC"): "text",
        ("REFERENCE", "POINTER"): "handle*",
        ("REFERENCE", "BINARY-LONG"): "int32*",
        ("REFERENCE", "BINARY-DOUBLE"): "int64*",
        ("REFERENCE", "BINARY-DOUBLE UNSIGNED"): "size*",
        ("VALUE", "POINTER"): "handle text",
        ("VALUE", "BINARY-LONG"): "int32 uint32",
        ("VALUE", "VALUE"): "int32",
        ("VALUE SIZE 8", "BINARY-DOUBLE"): "int64",
        ("VALUE SIZE 8", "BINARY-DOUBLE UNSIGNED"): "size",
    }
    return kinds(table.get((how, usage), f"{usage} BY {how}"))


def _cobol_result(returning: str, items: dict[str, str]) -> Kinds:
    # Without RETURNING the result would go to RETURN-CODE; any but a pointer comes back in 32 bits.
    item = returning.strip()
    if item == "SM-WIDE-AT":
        return kinds("int64")
    usage = items.get(item, item)
    table = {"NOTHING": "void", "BINARY-LONG": "int32", "POINTER": "handle text"}
    return kinds(table.get(usage, f"{usage or 'RETURN-CODE'} RETURNING"))


# ---- Fortran --------------------------------------------------------------------------------------

FORTRAN = {
    "type(c_ptr), value": "handle any",
    "type(c_ptr), intent(out)": "handle*",
    "result type(c_ptr)": "handle text",
    "character(kind=c_char), intent(in)": "text",
    "character(kind=c_char), intent(in), optional": "text",
    "character(kind=c_char), intent(out)": "text",
    "integer(c_int32_t), value": "int32 uint32",
    "integer(c_int32_t), intent(out), optional": "int32*",
    "result integer(c_int32_t)": "int32",
    "type(c_funptr), value": "callback",
    "integer(c_int64_t), intent(out), optional": "int64*",
    "integer(c_int64_t), value": "int64",
    "result integer(c_int64_t)": "int64",
    "integer(c_size_t), value": "size",
    "integer(c_size_t), intent(out)": "size*",
}


def fortran_functions(source: str) -> Iterator[Function]:
    code = re.sub(r" *&\n *", " ", source)
    block = (
        r"(function|subroutine) \w+\(([^()]*)\) bind\(c, name='(sm_\w+)'\)(?: result\((\w+)\))?\n(.*?)end \1"
    )
    for _, parameters, name, result, body in re.findall(block, code, re.DOTALL):
        types = {variable: kind for kind, variable in re.findall(r"^ +(\S.*?) :: (\w+)", body, re.MULTILINE)}
        given = tuple(kinds(FORTRAN[types[parameter]]) for parameter in listed(parameters))
        yield Function(name, kinds(FORTRAN[f"result {types[result]}"] if result else "void"), given)


# ---- Pascal ---------------------------------------------------------------------------------------

PASCAL = {
    "Pointer": "handle any",
    "out Pointer": "handle*",
    "PAnsiChar": "text",
    "Integer": "int32",
    "Cardinal": "uint32",
    "Int64": "int64",
    "NativeUInt": "size",
    "out NativeUInt": "size*",
    "sm_check_fn": "callback",
}


def pascal_functions(source: str) -> Iterator[Function]:
    called = r"\{\$I sm_call\.inc\}\s+external LIBSM;"
    header = rf"^(?:function|procedure) (sm_\w+)(?:\(([^()]*)\))?(?:: (\w+))?;\s+{called}"
    for name, parameters, result in re.findall(header, source, re.MULTILINE):
        given = []
        for group in listed(parameters, ";"):
            names, _, kind = group.partition(": ")
            out = "out " if names.startswith("out ") else ""
            given += [kinds(PASCAL[out + kind])] * len(listed(names))
        yield Function(name, kinds(PASCAL[result]) if result else kinds("void"), tuple(given))


# ---- the others, a table each ---------------------------------------------------------------------

CSHARP = {
    "void": "void",
    "int": "int32",
    "uint": "uint32",
    "long": "int64",
    "UIntPtr": "size",
    "out UIntPtr": "size*",
    "IntPtr": "text handle any",
    "byte[]": "text",
    "[Out] byte[]": "text",
    **dict.fromkeys(("sm_log_fn", "sm_keep_waiting_fn", "sm_check_fn"), "callback"),
    **{f"{handle}Handle": "handle" for handle in ("Error", "Options", "Token", "Client")},
    **{f"out {handle}Handle": "handle*" for handle in ("Error", "Options", "Token", "Client")},
}
JAVA = {
    "void": "void",
    "int": "int32 uint32",
    "long": "int64",
    "Size": "size",
    "String": "text",
    "Pointer": "text handle handle* any size*",
    "LogCallback": "callback",
    "KeepWaitingCallback": "callback",
    "ReadyCallback": "callback",
    "CheckCallback": "callback",
}
PERL = {
    "'void'": "void",
    "'sint32'": "int32",
    "'uint32'": "uint32",
    "'sint64'": "int64",
    "'size_t'": "size",
    "'size_t*'": "size*",
    "'string'": "text",
    **dict.fromkeys(("'sm_log_fn'", "'sm_check_fn'"), "callback"),
    "'opaque'": "handle any text",
    "'opaque*'": "handle*",
}
RUBY = {
    ":void": "void",
    ":int32": "int32",
    ":uint32": "uint32",
    ":int64": "int64",
    ":size_t": "size",
    ":intptr_t": "intptr",
    ":string": "text",
    **dict.fromkeys((":sm_log_fn", ":sm_check_fn"), "callback"),
    ":pointer": "handle handle* any text size*",
}

csharp_functions = read_by(
    CSHARP, r"static extern (?P<result>\w+) (?P<name>sm_\w+)\((?P<parameters>[^()]*)\);"
)
java_functions = read_by(JAVA, r"^    (?P<result>\w+) (?P<name>sm_\w+)\((?P<parameters>[^()]*)\);")
perl_functions = read_by(
    PERL, r"attach\( (?P<name>sm_\w+) +=> \[(?P<parameters>.*?)\] +=> (?P<result>'\w+') \);"
)
ruby_functions = read_by(
    RUBY, r"attach_function :(?P<name>sm_\w+), \[(?P<parameters>.*?)\], (?P<result>:\w+)"
)

DECLARING = {
    "cobol": Binding(
        ("cobol/SMTOKEN.cpy", "cobol/SMCALLS.cpy"),
        r"^ +78 +SM-((?![\w-]*-SIZE\b)[\w-]+) +VALUE (\d+)\.",
        cobol_functions,
    ),
    "fortran": Binding(
        ("fortran/src/sm_token.f90",),
        r"c_int32_t\), parameter, public :: SM_(\w+) = (\d+)$",
        fortran_functions,
    ),
    "pascal": Binding(("pascal/SMToken.pas",), r"^  SM_(\w+) = (\d+);$", pascal_functions),
    "csharp": Binding(
        ("csharp/SmToken/NativeMethods.cs",), r"const int SM_(\w+) = (\d+);$", csharp_functions
    ),
    "java": Binding(
        ("java/src/main/java/io/standardmetrics/smtoken/CApi.java",),
        r"^    int SM_(\w+) = (\d+);$",
        java_functions,
    ),
    "perl": Binding(
        ("perl/lib/SmToken/Native.pm", "perl/lib/SmToken/Error.pm"),
        r"^use constant ([A-Z_]+) => (\d+);$",
        perl_functions,
    ),
    "php": Binding(
        ("php/src/Library.php", "php/src/Options.php", "php/src/Client.php", "php/src/Status.php"),
        r"^    public const ([A-Z_]+) = (\d+);$",
        c_functions,
    ),
    "ruby": Binding(
        ("ruby/lib/sm_token/native.rb", "ruby/lib/sm_token/error.rb"),
        r"^    ([A-Z_]+) = (\d+)$",
        ruby_functions,
    ),
    "node": Binding(
        ("node/lib/native.js", "node/lib/error.js", "node/lib/options.js", "node/lib/client.js"),
        r"^    ([A-Z]\w+): (\d+),$",
        c_functions,
    ),
    "lua": Binding(
        (
            "lua/src/sm_token/native.lua",
            "lua/src/sm_token/error.lua",
            "lua/src/sm_token/options.lua",
            "lua/src/sm_token/client.lua",
        ),
        r"^  ([A-Z_]+) = (\d+),$",
        c_functions,
    ),
}

# Their compilers read the header itself.
INCLUDING = ("c", "cpp", "go", "r")

# Over the Rust core, without the C interface.
WITHOUT_C = ("python", "command")


def bindings() -> set[str]:
    return {directory.name for directory in BINDINGS.iterdir() if directory.is_dir()}
