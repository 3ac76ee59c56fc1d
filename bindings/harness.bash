# Sourced by bindings/LANG/check, which `bindings/run LANG` starts beside the real server.
#
#     source "$(dirname "$0")/../harness.bash"
#     need cobc                                           # or the language is left out
#     step "the example builds" cobc -x ...               # says nothing unless it fails
#     asking 1 step "a client asks once" "$build/cached"  # exactly one token request
#     readme_shell                                        # the README's commands
#
# Afterwards $here is bindings/LANG, $build is target/bindings/LANG (emptied), and the library, its
# soname's link and its header are found as if they were installed. A check for another platform, `check_NAME`, has
# target/bindings/LANG_NAME.
# shellcheck shell=bash

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
here=$(cd "$(dirname "$0")" && pwd)
check=$(basename "$0")
build=$root/target/bindings/$(basename "$here")${check#check}

: "${SMX_CLIENT_SECRET:?run me with bindings/run $(basename "$here")}"
SM_TOKEN_LIB_DIR=$(cd "$root" && realpath "${SM_TOKEN_LIB_DIR:-target/debug}")
SM_TOKEN_INCLUDE_DIR=$(cd "$root" && realpath "${SM_TOKEN_INCLUDE_DIR:-include}")

rm -rf "$build"
mkdir -p "$build/lib"
if [ "$check" = check ]; then
    ln -s "$SM_TOKEN_LIB_DIR/libsm_token.so" "$build/lib/libsm_token.so"
    ln -s libsm_token.so "$build/lib/libsm_token.so.0"
fi

export SM_TOKEN_LIB_DIR SM_TOKEN_INCLUDE_DIR PYTHONPATH="$root/tests"
# Nothing here goes beyond loopback.
export NO_PROXY=localhost,127.0.0.1 no_proxy=localhost,127.0.0.1
export CPATH=$SM_TOKEN_INCLUDE_DIR LIBRARY_PATH=$build/lib LD_LIBRARY_PATH=$build/lib

# need TOOL...: without one of them the language is left out.
need() {
    local tool
    for tool; do
        command -v "$tool" > /dev/null || { echo "$tool is not installed" >&2; exit 77; }
    done
}

# step NAME COMMAND...: what the command prints goes to $build/steps.log, or is shown where it fails.
# No program may print a secret or a token, passed or failed.
step() {
    local name=$1 output=$build/step.log status=0
    shift
    "$@" > "$output" 2>&1 || status=$?
    if prints_secret "$output"; then
        echo "FAILED $name: it prints a secret or a token (see $output)" >&2
        return 1
    fi
    if [ "$status" != 0 ]; then
        echo "FAILED $name: exit code $status" >&2
        cat "$output" >&2
        return 1
    fi
    { echo "== $name"; cat "$output"; } >> "$build/steps.log"
    echo "ok $name"
}

# The server's tokens are words of 30 letters and digits.
prints_secret() {
    grep --quiet --binary-files=text --fixed-strings \
        -e "$SMX_CLIENT_SECRET" -e "$SM_TOKEN_ODD_CLIENT_SECRET" "$1" \
        || grep --quiet --binary-files=text --word-regexp --extended-regexp '[A-Za-z0-9]{30}' "$1"
}

# asking N COMMAND...: the command must make exactly N token requests.
asking() {
    local expected=$1 before after
    shift
    before=$(token_requests)
    "$@"
    after=$(token_requests)
    if [ "$((after - before))" != "$expected" ]; then
        echo "FAILED $*: $((after - before)) token requests in place of $expected" >&2
        return 1
    fi
}

token_requests() {
    python3 -c 'import json, os, urllib.request as u
no_proxy = u.build_opener(u.ProxyHandler({}))
print(json.load(no_proxy.open(os.environ["SM_TOKEN_CONTROL_URL"] + "/counts"))["token_requests"])'
}

# refused NAME COMMAND...: with a wrong secret the command must exit with 1 and name what to do.
refused() {
    step "$1" exits_with_1_and_says "check client_id and client_secret" \
        env SMX_CLIENT_SECRET=wrong "${@:2}"
}

exits_with_1_and_says() {
    local expected=$1 status=0
    shift
    # Into a file: Node.js for Windows can't write into a pipe under wine.
    "$@" > "$build/said" 2>&1 || status=$?
    cat "$build/said"
    [ "$status" = 1 ] && grep --quiet --fixed-strings -e "$expected" "$build/said"
}

# readme_blocks LANGUAGE: lists files that hold the README's blocks of the language, word for word.
readme_blocks() {
    (cd "$root" && python3 -m harness.readme "$here/README.md" "$1" "$build/readme-blocks")
}

# readme_shell: runs the README's commands, one block after the other, in a copy of bindings/LANG.
readme_shell() {
    local block
    cp -R "$here" "$build/readme"
    cd "$build/readme"
    while read -r block; do
        step "README's commands, $(basename "$block")" bash -euo pipefail "$block"
    done <<< "$(readme_blocks sh)"
    cd "$root"
}

# readme_is_quoted LANGUAGE FILE...: each of the README's blocks of the language stands in one of the
# files, which are compiled and run, but for indentation.
readme_is_quoted() {
    local language=$1
    shift
    (cd "$root" && python3 - "$here/README.md" "$language" "$@" << 'PYTHON')
import sys
from pathlib import Path

from harness.readme import blocks


def without_indentation(text: str) -> str:
    return "\n".join(line.strip() for line in text.splitlines())


readme, language, *files = sys.argv[1:]
sources = [without_indentation(Path(file).read_text(encoding="utf-8")) for file in files]
found = blocks(Path(readme), language)
for block in found:
    if not any(without_indentation(block) in source for source in sources):
        sys.exit(f"not in {', '.join(files)}:\n{block}")
if not found:
    sys.exit(f"{readme} has no block of {language}")
PYTHON
}
