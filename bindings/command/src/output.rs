//! Standard output, standard error, and a file in place of the former.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use sm_token::Error;

use crate::streams;

/// Why there is no output.
pub(crate) enum Failure {
    /// The library's own.
    Error(Error),
    /// What the secret was to be read from.
    Unusable(String),
    /// The output can't be written.
    Output(io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Error(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Output(error)
    }
}

/// Writes to standard output.
pub(crate) fn print(bytes: &[u8]) -> io::Result<()> {
    streams::write_output(bytes)
}

/// Writes to standard error. Where that can't be written there is nobody left to be told.
pub(crate) fn complain(text: &str) {
    let _ = streams::write_error(text.as_bytes());
}

/// Says in one line what keeps the command from its work; returns the exit code.
pub(crate) fn fail(code: u8, message: &str) -> u8 {
    complain(&format!("sm_token: {message}\n"));
    code
}

/// The system's words, without the number and, on Windows, the full stop.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().trim_end_matches('.').to_owned()
}

/// Replaces a file as a whole: who reads it meanwhile sees the old one or the new one. Its mode is 0600; on Windows it
/// has the rights that its folder gives to new files.
///
/// # Errors
/// Those of the file system; the old file is still there then.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?.to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(name);
    let written = create(&beside)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&beside, path));
    if written.as_ref().is_err_and(|error| error.kind() != io::ErrorKind::AlreadyExists) {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

#[cfg(unix)]
fn create(path: &Path) -> io::Result<File> {
    use std::fs::Permissions;
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    // Whatever the umask.
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

#[cfg(not(unix))]
fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(path)
}
