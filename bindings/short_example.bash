# Sourced after harness.bash by bindings/LANG/check of a language that has an example and no wrapper:
# what such an example promises, whatever its language.
#
#     calls_fit_the_header < CALLS          # its declarations, written as calls in C
#     prototypes_fit_the_header < FILE      # or a file that declares in C
#     keeps_the_promises COMMAND...         # the command runs the example
# shellcheck shell=bash disable=SC2154,SC2030,SC2031

# What each example declares: three handles are made, read and freed.
declared_functions=12

keeps_the_promises() {
    asking 1 step "a token is shown, masked" shows_a_token "$@"
    asking 1 step "credentials with reserved and non-ASCII characters bring a token" \
        with_odd_credentials shows_a_token "$@"
    asking 1 step "a refused secret ends it with what to do, and is not shown" \
        with_a_wrong_secret says_why "check client_id and client_secret" "$@"
    asking 0 step "a CA file that is not there is named" \
        with_ca_file /no/such/ca.pem says_why "/no/such/ca.pem" "$@"
    asking 0 step "a CA file that can't be one is refused" \
        with_ca_file "" says_why "a parameter has a value that it may not have" "$@"

    step "what writes handles down builds" handles_builds
    step "after a token every handle is freed once" frees_handles 2 "$@"
    step "after a refusal every handle is freed once" with_a_wrong_secret frees_handles 2 "$@"
    step "after a bad option every handle is freed once" with_ca_file "" frees_handles 1 "$@"
}

# ---- how it is run ----------------------------------------------------------------------------

# Not by env(1): credentials do not belong on a command line.
with_odd_credentials() (
    export SMX_CLIENT_ID=$SM_TOKEN_ODD_CLIENT_ID SMX_CLIENT_SECRET=$SM_TOKEN_ODD_CLIENT_SECRET
    "$@"
)

with_a_wrong_secret() (
    export SMX_CLIENT_SECRET=this-secret-is-refused
    "$@"
)

with_ca_file() (
    export SM_TOKEN_CA_FILE=$1
    "${@:2}"
)

without_ca_file() (
    unset SM_TOKEN_CA_FILE
    "$@"
)

# ---- what is seen of it -----------------------------------------------------------------------

shows_a_token() {
    local shown
    shown=$("$@" 2> "$build/stderr") || { cat "$build/stderr"; return 1; }
    printf '%s\n' "$shown"
    [ ! -s "$build/stderr" ] || { cat "$build/stderr"; return 1; }
    [[ $shown =~ ^"  type     Bearer
  scope    all read write
  expires  in 3"[56][0-9][0-9]" seconds
  token    "[A-Za-z0-9]{4}"... (30 characters)"$ ]]
}

# says_why TEXT COMMAND...: exit code 1, and one line on standard error that holds the text.
says_why() {
    local expected=$1 shown status=0
    shift
    shown=$("$@" 2> "$build/stderr") || status=$?
    cat "$build/stderr"
    [ "$status" = 1 ] || { echo "exit code $status in place of 1"; return 1; }
    [ -z "$shown" ] || { echo "on standard output: $shown"; return 1; }
    [ "$(wc -l < "$build/stderr")" = 1 ] || { echo "not one line"; return 1; }
    [[ $(< "$build/stderr") == "no token: "*"$expected"* ]] || { echo "does not say: $expected"; return 1; }
    [[ $(< "$build/stderr") != *"$SMX_CLIENT_SECRET"* ]] || { echo "shows the secret"; return 1; }
}

handles_builds() {
    cc -std=c99 -Wall -Wextra -Werror -shared -fPIC "$root/bindings/handles.c" -o "$build/handles.so"
}

# frees_handles N COMMAND...: of N handles each is freed, and once.
frees_handles() {
    local expected=$1 handles=$build/handles
    shift
    rm -f "$handles"
    LD_AUDIT=$build/handles.so SM_TOKEN_HANDLES=$handles "$@" || true
    [ "$(grep --count '^+' "$handles")" = "$expected" ] || { echo "not $expected handles:"; cat "$handles"; return 1; }
    diff <(sed -n 's/^+//p' "$handles" | sort) <(sed -n 's/^-//p' "$handles" | sort)
}

# ---- what it declares -------------------------------------------------------------------------

# Lines of "RESULT FUNCTION(KIND, KIND ...)" in the words of Perl's and Ruby's FFI. The compiler takes them
# only if the header has such a function.
calls_fit_the_header() {
    {
        echo '#include <sm_token.h>'
        echo 'extern const char *string; extern void *opaque, *pointer;'
        echo 'extern int32_t sint32, int32; extern int64_t sint64, int64;'
        echo 'void calls(void); void calls(void) {'
        sed -E -e 's/^void (.*)/    \1;/' \
            -e 's/^([a-z0-9]+) (.*)/    \1 = \2; _Static_assert(sizeof \1 == sizeof \2, "width");/'
        echo '}'
    } > "$build/calls.c"
    fits_the_header "$build/calls.c"
}

# The compiler refuses a prototype that is not the header's.
prototypes_fit_the_header() {
    {
        echo '#include <sm_token.h>'
        echo '#define _Out_'
        tr '\n' ' ' | grep --only-matching --extended-regexp '(const )?[a-z0-9_]+ \*?sm_[a-z_]+\([^()]*\)' | sed 's/$/;/'
    } > "$build/prototypes.c"
    fits_the_header "$build/prototypes.c"
}

fits_the_header() {
    cat "$1"
    [ "$(grep --count 'sm_[a-z_]*(' "$1")" = "$declared_functions" ] || { echo "not $declared_functions"; return 1; }
    cc -std=c11 -Wall -Wextra -Wpedantic -Wconversion -Werror -fsyntax-only "$1"
}
