# Sourced after harness.bash by bindings/LANG/check: what each example program shows, and frees.
#
#     step "..." shows_a_token COMMAND...           # the masked token, and nothing on standard error
#     step "..." handles_builds
#     step "..." frees_handles 3 COMMAND...         # exactly so many handles, each freed once
#     step "..." frees_every_handle COMMAND...      # as many as the waits make, each freed once
# shellcheck shell=bash disable=SC2154,SC2030,SC2031

# Not by env(1): credentials do not belong on a command line.
with_odd_credentials() (
    export SMX_CLIENT_ID=$SM_TOKEN_ODD_CLIENT_ID SMX_CLIENT_SECRET=$SM_TOKEN_ODD_CLIENT_SECRET
    "$@"
)

with_a_wrong_secret() (
    export SMX_CLIENT_SECRET=this-secret-is-refused
    "$@"
)

without_ca_file() (
    unset SM_TOKEN_CA_FILE
    "$@"
)

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

# frees_every_handle COMMAND...: it makes at least three handles (options, a client and a token or an error), and
# frees each once.
frees_every_handle() {
    local handles=$build/handles
    rm -f "$handles"
    LD_AUDIT=$build/handles.so SM_TOKEN_HANDLES=$handles "$@" || true
    [ "$(grep --count '^+' "$handles")" -ge 3 ] || { echo "fewer than 3 handles:"; cat "$handles"; return 1; }
    diff <(sed -n 's/^+//p' "$handles" | sort) <(sed -n 's/^-//p' "$handles" | sort)
}
