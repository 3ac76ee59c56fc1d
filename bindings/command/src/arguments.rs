//! What the command line says. One table has every option; help, completion and manual page are made from it.

use std::ffi::OsString;
use std::path::PathBuf;

/// An option.
pub struct Argument {
    /// With its dashes.
    pub name: &'static str,
    /// What help calls its value; `None` where it takes none.
    pub value: Option<Value>,
    /// One line.
    pub help: &'static str,
}

/// The kind of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// A URL.
    Url,
    /// Scopes.
    Scope,
    /// The path of a file.
    File,
    /// A number of seconds.
    Seconds,
}

impl Value {
    /// What help calls it.
    pub fn name(self) -> &'static str {
        match self {
            Value::Url => "URL",
            Value::Scope => "SCOPE",
            Value::File => "FILE",
            Value::Seconds => "SECONDS",
        }
    }
}

/// Every option, in the order in which help shows it.
pub const ARGUMENTS: [Argument; 13] = [
    flag("--help", "show this help message and exit"),
    flag("--header", "print the whole Authorization header"),
    flag("--json", "print the token and its expiry, or the check, as JSON"),
    flag("--check", "look at each step to a token; print no token"),
    taking(
        "--output",
        Value::File,
        "write to this file (mode 0600; on Windows as its folder says) in place of standard output",
    ),
    flag("--stdin", "read the secret from standard input"),
    taking("--client-id-file", Value::File, "read the client id from this file"),
    taking("--client-secret-file", Value::File, "read the secret from this file"),
    taking("--base-url", Value::Url, "the server (default: SMX_BASE_URL)"),
    taking("--scope", Value::Scope, "what to ask for, space separated"),
    taking("--ca-file", Value::File, "PEM, trusted in place of the system's store"),
    taking("--timeout", Value::Seconds, "of the whole call (default: 30)"),
    flag("--version", "show the version and exit"),
];

const fn flag(name: &'static str, help: &'static str) -> Argument {
    Argument { name, value: None, help }
}

const fn taking(name: &'static str, value: Value, help: &'static str) -> Argument {
    Argument { name, value: Some(value), help }
}

/// What the command does, in one line.
pub const DESCRIPTION: &str = "Prints an access token for the Standard Metrics API.";

/// What stands below the options.
pub const EPILOG: &str = "\
The client id comes from the environment variable SMX_CLIENT_ID, or from the file that
SMX_CLIENT_ID_FILE or --client-id-file names; the secret from SMX_CLIENT_SECRET, or such a file,
or with --stdin from standard input. Neither is taken from the command line, which every user of
the machine can read. So that the token does not get there either:

  sm-token --header | curl -H @- https://api.standardmetrics.io/v1/...

";

/// The exit codes, and what they mean.
pub const EXIT_CODES: [(u8, &str); 10] = [
    (0, "done"),
    (1, "a defect of sm-token, or output that can't be written"),
    (2, "a mistake on the command line"),
    (3, "credentials, or another value, that can't be used"),
    (4, "no answer: name, network, proxy, time"),
    (5, "TLS: the server's certificate is not trusted, or there is nothing to trust"),
    (6, "the server refused: credentials, scope, too many requests, a failure of its own"),
    (7, "the server's answer is no token response"),
    (8, "--check: the clock of this machine is wrong"),
    (130, "interrupted"),
];

/// How the command is called.
pub fn usage() -> String {
    let mut usage = "sm-token [-h]".to_owned();
    for argument in &ARGUMENTS[1..] {
        usage.push_str(" [");
        usage.push_str(argument.name);
        if let Some(value) = argument.value {
            usage.push(' ');
            usage.push_str(value.name());
        }
        usage.push(']');
    }
    usage
}

/// What `--help` prints.
pub fn help() -> String {
    let mut help = format!("usage: {}\n\n{DESCRIPTION}\n\noptions:\n", usage());
    for argument in &ARGUMENTS {
        let mut left = argument.name.to_owned();
        if argument.name == "--help" {
            left.insert_str(0, "-h, ");
        }
        if let Some(value) = argument.value {
            left.push(' ');
            left.push_str(value.name());
        }
        help.push_str(&format!("  {left:<26} {}\n", argument.help));
    }
    help.push('\n');
    help.push_str(EPILOG);
    help.push_str("exit codes:\n");
    for (code, meaning) in EXIT_CODES {
        help.push_str(&format!("  {code:<4} {meaning}\n"));
    }
    help
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Asked {
    #[default]
    Token,
    Check,
}

/// How a token is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Token,
    Header,
    Json,
}

/// What the command line chooses.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    pub(crate) asked: Asked,
    pub(crate) header: bool,
    pub(crate) json: bool,
    pub(crate) output: Option<PathBuf>,
    pub(crate) stdin: bool,
    pub(crate) client_id_file: Option<OsString>,
    pub(crate) client_secret_file: Option<OsString>,
    pub(crate) base_url: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) ca_file: Option<OsString>,
    pub(crate) timeout: Option<f64>,
}

impl Choices {
    pub(crate) fn shape(&self) -> Shape {
        match (self.header, self.json) {
            (true, _) => Shape::Header,
            (_, true) => Shape::Json,
            _ => Shape::Token,
        }
    }
}

pub(crate) enum Parsed {
    Choices(Choices),
    Help,
    Version,
    /// Repeats no value from the command line: one that does not belong there may be a secret.
    Mistake(String),
}

/// Reads the arguments, from the left to the right.
pub(crate) fn parse(arguments: impl Iterator<Item = OsString>) -> Parsed {
    let mut chosen = Choices::default();
    let mut arguments = arguments.peekable();
    let mut has_unknown = false;
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        let (name, attached) = match text.split_once('=') {
            Some((name, _)) if name.starts_with("--") => (name.to_owned(), true),
            _ => (text.clone().into_owned(), false),
        };
        if name == "-h" || (name == "--help" && !attached) {
            return Parsed::Help;
        }
        let Some(known) = ARGUMENTS.iter().find(|known| known.name == name) else {
            has_unknown = true;
            continue;
        };
        let mistake = |what: &str| Parsed::Mistake(format!("argument {}: {what}", known.name));
        let value = match (known.value, attached) {
            (None, false) => OsString::new(),
            (None, true) => return mistake("ignored explicit argument"),
            (Some(_), true) => after_equals(&argument, name.len()),
            (Some(_), false) => match arguments.next_if(|next| is_value(&next.to_string_lossy())) {
                Some(value) => value,
                None => return mistake("expected one argument"),
            },
        };
        match known.name {
            "--version" => return Parsed::Version,
            "--timeout" => match value.to_string_lossy().trim().parse() {
                Ok(seconds) => chosen.timeout = Some(seconds),
                Err(_) => return mistake("invalid float value"),
            },
            name => set(&mut chosen, name, value),
        }
        if let Some(other) = contradiction(&chosen, known.name) {
            return mistake(&format!("not allowed with argument {other}"));
        }
    }
    if has_unknown {
        let what = "an argument is not known; secrets are not taken from the command line";
        return Parsed::Mistake(what.to_owned());
    }
    let names_a_file = |path: &Option<OsString>| path.as_ref().is_some_and(|path| !path.is_empty());
    if chosen.stdin
        && (names_a_file(&chosen.client_id_file) || names_a_file(&chosen.client_secret_file))
    {
        let what = "--stdin excludes --client-id-file and --client-secret-file";
        return Parsed::Mistake(what.to_owned());
    }
    Parsed::Choices(chosen)
}

fn set(chosen: &mut Choices, name: &str, value: OsString) {
    // What is not UTF-8 is refused by the library, in its own words.
    let text = || value.to_string_lossy().into_owned();
    match name {
        "--header" => chosen.header = true,
        "--json" => chosen.json = true,
        "--check" => chosen.asked = Asked::Check,
        "--stdin" => chosen.stdin = true,
        "--base-url" => chosen.base_url = Some(text()),
        "--scope" => chosen.scope = Some(text()),
        "--client-id-file" => chosen.client_id_file = Some(value),
        "--client-secret-file" => chosen.client_secret_file = Some(value),
        "--ca-file" => chosen.ca_file = Some(value),
        "--output" => chosen.output = Some(value.into()),
        _ => {}
    }
}

/// The option that was given already and with which this one makes no sense.
fn contradiction(chosen: &Choices, name: &str) -> Option<&'static str> {
    let is_check = chosen.asked == Asked::Check;
    match name {
        "--header" if chosen.json => Some("--json"),
        "--header" | "--output" if is_check => Some("--check"),
        "--json" if chosen.header => Some("--header"),
        "--check" if chosen.header => Some("--header"),
        "--check" if chosen.output.is_some() => Some("--output"),
        _ => None,
    }
}

/// Whether this is a value and not the next option: a single dash, a negative number, or what has no dash or a blank.
fn is_value(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('-') else { return true };
    let is_number = || {
        let (whole, fraction) = rest.split_once('.').unwrap_or((rest, "0"));
        let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        are_digits(whole) && are_digits(fraction) && !fraction.is_empty() && rest != "."
    };
    rest.is_empty() || is_number() || (text.contains(' ') && !text.starts_with("--"))
}

#[cfg(unix)]
fn after_equals(argument: &OsString, name: usize) -> OsString {
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    OsString::from_vec(argument.as_bytes()[name + 1..].to_vec())
}

#[cfg(windows)]
fn after_equals(argument: &OsString, name: usize) -> OsString {
    use std::os::windows::ffi::{OsStrExt, OsStringExt};
    // The name is ASCII, so that its bytes are as many as its units of UTF-16.
    let units: Vec<u16> = argument.encode_wide().skip(name + 1).collect();
    OsString::from_wide(&units)
}
