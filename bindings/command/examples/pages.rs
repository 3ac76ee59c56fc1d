//! Writes the completions and the manual page of the command into a directory.

use std::path::PathBuf;

use sm_token_command::pages;

fn main() -> std::io::Result<()> {
    let directory = PathBuf::from(std::env::args_os().nth(1).expect("the directory is named"));
    std::fs::create_dir_all(&directory)?;
    std::fs::write(directory.join("sm-token.bash"), pages::bash())?;
    std::fs::write(directory.join("_sm-token"), pages::zsh())?;
    std::fs::write(directory.join("sm-token.fish"), pages::fish())?;
    std::fs::write(directory.join("sm-token.1"), pages::manual(env!("CARGO_PKG_VERSION")))
}
