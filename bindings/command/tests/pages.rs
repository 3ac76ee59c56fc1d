//! The completions and the manual page are those of the table of options.

use sm_token_command::pages;

#[test]
fn the_pages_are_up_to_date() {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/pages");
    for (name, page) in [
        ("sm-token.bash", pages::bash()),
        ("_sm-token", pages::zsh()),
        ("sm-token.fish", pages::fish()),
        ("sm-token.1", pages::manual(env!("CARGO_PKG_VERSION"))),
    ] {
        let kept = std::fs::read_to_string(format!("{directory}/{name}")).unwrap_or_default();
        assert!(kept == page, "{name} is stale: run 'make pages'");
    }
}
