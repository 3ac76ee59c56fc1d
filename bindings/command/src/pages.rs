//! Completion for three shells and the manual page, made from the one table of options.

use crate::arguments::{ARGUMENTS, Argument, DESCRIPTION, EPILOG, EXIT_CODES, Value};

/// For bash.
pub fn bash() -> String {
    let names: Vec<&str> = ARGUMENTS.iter().map(|argument| argument.name).collect();
    let files = names_of(|argument| argument.value == Some(Value::File));
    let others = names_of(|argument| argument.value.is_some_and(|value| value != Value::File));
    format!(
        "\
# Completion of sm-token for bash. Generated.
_sm_token() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}
    COMPREPLY=()
    case $before in
    {files})
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")
        return
        ;;
    {others}) return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W '{names}' -- \"$word\")
}}
complete -F _sm_token sm-token
",
        files = files.join(" | "),
        others = others.join(" | "),
        names = names.join(" "),
    )
}

/// For zsh.
pub fn zsh() -> String {
    let mut page =
        "#compdef sm-token\n# Completion of sm-token for zsh. Generated.\n_arguments \\\n"
            .to_owned();
    let lines: Vec<String> = ARGUMENTS
        .iter()
        .map(|argument| {
            let help = argument.help.replace('\'', "'\\''").replace([':', '[', ']'], " ");
            let value = match argument.value {
                None => String::new(),
                Some(Value::File) => ":FILE:_files".to_owned(),
                Some(value) => format!(":{}: ", value.name()),
            };
            format!("    '{}[{help}]{value}'", argument.name)
        })
        .collect();
    page.push_str(&lines.join(" \\\n"));
    page.push('\n');
    page
}

/// For fish.
pub fn fish() -> String {
    let mut page =
        "# Completion of sm-token for fish. Generated.\ncomplete -c sm-token -f\n".to_owned();
    for argument in &ARGUMENTS {
        let name = argument.name.trim_start_matches('-');
        let takes = match argument.value {
            None => "",
            Some(Value::File) => " -r -F",
            Some(_) => " -x",
        };
        let help = argument.help.replace('\'', "\\'");
        page.push_str(&format!("complete -c sm-token -l {name}{takes} -d '{help}'\n"));
    }
    page
}

/// The manual page, in section 1.
pub fn manual(version: &str) -> String {
    let mut page = format!(
        ".TH SM\\-TOKEN 1 \"\" \"sm\\-token {version}\" \"User Commands\"\n\
         .SH NAME\nsm\\-token \\- print an access token for the Standard Metrics API\n\
         .SH SYNOPSIS\n.B sm\\-token\n.RI [ option ...]\n\
         .SH DESCRIPTION\n{}\n.PP\n",
        escaped(DESCRIPTION)
    );
    for paragraph in EPILOG.trim_end().split("\n\n") {
        match paragraph.strip_prefix("  ") {
            Some(example) => page.push_str(&format!(".PP\n.EX\n{}\n.EE\n", escaped(example))),
            None => page.push_str(&format!("{}\n", escaped(paragraph))),
        }
    }
    page.push_str(".SH OPTIONS\n");
    for argument in &ARGUMENTS {
        let value =
            argument.value.map_or(String::new(), |value| format!(" \\fI{}\\fR", value.name()));
        let name = escaped(argument.name);
        page.push_str(&format!(".TP\n\\fB{name}\\fR{value}\n{}\n", escaped(argument.help)));
    }
    page.push_str(".SH EXIT STATUS\n");
    for (code, meaning) in EXIT_CODES {
        page.push_str(&format!(".TP\n.B {code}\n{}\n", escaped(meaning)));
    }
    page.push_str(".SH ENVIRONMENT\n");
    for (name, meaning) in VARIABLES {
        page.push_str(&format!(".TP\n.B {name}\n{}\n", escaped(meaning)));
    }
    page
}

/// The environment variables that the command reads, for the manual page.
const VARIABLES: [(&str, &str); 8] = [
    ("SMX_CLIENT_ID", "the client id"),
    ("SMX_CLIENT_SECRET", "the client secret"),
    (
        "SMX_CLIENT_ID_FILE, SMX_CLIENT_SECRET_FILE",
        "files that hold them, in place of the two above",
    ),
    ("SMX_BASE_URL", "the server, where no --base-url is given"),
    ("HTTPS_PROXY, ALL_PROXY", "the proxy; the first that is set, in either case of letters"),
    ("NO_PROXY", "hosts that are reached without a proxy"),
    ("SSL_CERT_FILE, SSL_CERT_DIR", "where the certificate authorities of the system are"),
    ("NO_COLOR", "where it is set, a terminal gets no colours"),
];

fn names_of(is_wanted: impl Fn(&Argument) -> bool) -> Vec<&'static str> {
    ARGUMENTS.iter().filter(|argument| is_wanted(argument)).map(|argument| argument.name).collect()
}

/// As roff takes it.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    let lines = text.lines().map(|line| match line.starts_with(['.', '\'']) {
        true => format!("\\&{line}"),
        false => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}
