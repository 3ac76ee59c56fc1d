# Completion of sm-token for bash. Generated.
_sm_token() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    case $before in
    --output | --client-id-file | --client-secret-file | --ca-file)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "$word")
        return
        ;;
    --base-url | --scope | --timeout) return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W '--help --header --json --check --output --stdin --client-id-file --client-secret-file --base-url --scope --ca-file --timeout --version' -- "$word")
}
complete -F _sm_token sm-token
