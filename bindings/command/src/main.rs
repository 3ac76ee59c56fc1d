//! The command `sm-token`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(sm_token_command::run())
}
