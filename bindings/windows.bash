# Sourced after harness.bash by bindings/LANG/check_windows, which `bindings/run --windows` starts beside the real server:
# the same programs, compiled for Windows or run by a runtime for Windows, under wine.
#
#     need_runtime dotnet/dotnetcore2/bin/dotnet.exe     # $runtime is its path; .ci/install-platforms brings it
#     step "the tests pass" "$wine" "$build/tests.exe"
#     example_keeps_its_word "$wine" "$build/example.exe"
#     step "..." from_any_path "$wine" "$build/example.exe"
# shellcheck shell=bash disable=SC2154,SC2034

wine=$root/ci/wine
[ -e "$SM_TOKEN_LIB_DIR/sm_token.dll" ] \
    || { echo "there is no library for Windows: run 'ci/build-platform windows-x86_64'" >&2; exit 77; }
[ -x /usr/lib/wine/wine64 ] || { echo "wine64 is not installed" >&2; exit 77; }

need_runtime() {
    runtime=$root/target/platforms/runtimes/$1
    [ -e "$runtime" ] || { echo "$runtime is not there: run .ci/install-platforms" >&2; exit 77; }
}

# No one code page has all of these characters.
ANY_PATH="Schlüssel für 東京"

# Of every authority but that of the test's server.
OTHER_AUTHORITIES=/etc/ssl/certs/ca-certificates.crt

example_keeps_its_word() {
    asking 1 step "the example fetches a token" "$@"
    refused "the example names what to do about a wrong secret" "$@"
    step "the example refuses a certificate of another authority" exits_with_1_and_says certificate \
        env SM_TOKEN_CA_FILE=$OTHER_AUTHORITIES "$@"
}

# from_any_path COMMAND...: the CA file is in a folder whose name no code page has.
from_any_path() {
    mkdir -p "$build/$ANY_PATH"
    cp "$SM_TOKEN_CA_FILE" "$build/$ANY_PATH/ca.pem"
    SM_TOKEN_CA_FILE=$build/$ANY_PATH/ca.pem "$@"
}
