//! Names the shared library, and generates the C header next to what cargo builds.
//!
//! The header is written to `OUT_DIR`; the committed `include/sm_token.h` is only replaced when
//! `SM_TOKEN_WRITE_HEADER` is set (`make header`), so that a build never changes the source tree.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    name_the_shared_library();
    #[cfg(feature = "capi")]
    generate_header();
}

/// The soname changes with the ABI's major number alone (docs/abi.md). `nodelete` keeps the code mapped
/// after `dlclose`, because a thread or a fork handler of the library may still run.
///
/// Link arguments of a build script reach the shared libraries of dependants too: they also need to
/// stay loaded, but must not pass for the C library.
fn name_the_shared_library() {
    let is_the_c_library = cfg!(feature = "capi");
    match std::env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("linux" | "android" | "freebsd" | "netbsd" | "openbsd" | "dragonfly") => {
            println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
            if is_the_c_library {
                println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libsm_token.so.0");
            }
        }
        Ok("macos") if is_the_c_library => {
            println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libsm_token.0.dylib");
        }
        _ => {}
    }
}

#[cfg(feature = "capi")]
fn generate_header() {
    use std::path::{Path, PathBuf};

    for input in ["cbindgen.toml", "src/ffi", "src/status/table.rs"] {
        println!("cargo::rerun-if-changed={input}");
    }
    println!("cargo::rerun-if-env-changed=SM_TOKEN_WRITE_HEADER");

    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    let constants = out.join("status_constants.rs");
    std::fs::write(&constants, status_constants()).expect("OUT_DIR is writable");

    let mut text = std::fs::read_to_string(root.join("src/ffi/preface.h")).expect("the preface");
    for section in HEADER_SECTIONS {
        let source = out.join(section.file);
        let text_of_source = std::fs::read_to_string(root.join("src/ffi").join(section.file));
        // The one convention that cbindgen knows, for which SM_CALL stands in the header.
        let readable = text_of_source
            .expect("src/ffi")
            .replace("extern \"system\"", "extern \"C\"")
            .replace("extern \"system-unwind\"", "extern \"C\"");
        std::fs::write(&source, readable).expect("OUT_DIR is writable");
        let first = (section.file == "status.rs").then_some(constants.as_path());
        text.push_str(&banner(section.title));
        if section.file == "version.rs" {
            text.push_str(&version_macros());
        }
        text.push_str(&declarations(&root, first.into_iter().chain([source.as_path()])));
    }
    text.push_str(
        "\n#ifdef __cplusplus\n} /* extern \"C\" */\n#endif\n\n#endif /* SM_TOKEN_H */\n",
    );

    let header = Path::new(&out).join("sm_token.h");
    std::fs::write(&header, text).expect("OUT_DIR is writable");
    println!("cargo::rustc-env=SM_TOKEN_GENERATED_HEADER={}", header.display());
    if std::env::var_os("SM_TOKEN_WRITE_HEADER").is_some() {
        let committed = root.join("include").join("sm_token.h");
        std::fs::copy(&header, committed).expect("include/sm_token.h is writable");
    }
}

/// What cbindgen makes of one section's sources.
#[cfg(feature = "capi")]
fn declarations<'a>(
    root: &std::path::Path,
    sources: impl Iterator<Item = &'a std::path::Path>,
) -> String {
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml");
    let builder = sources.fold(cbindgen::Builder::new().with_config(config), |builder, source| {
        builder.with_src(source)
    });
    let mut text = Vec::new();
    builder.generate().expect("cbindgen reads src/ffi").write(&mut text);
    // Its name for an isize where a usize is a size_t.
    let text =
        String::from_utf8(text).expect("cbindgen writes UTF-8").replace("ptrdiff_t", "intptr_t");
    format!("\n{}\n", with_calling_convention(text.trim()))
}

/// Declarations, with SM_CALL before the name of each function and in the type of each callback.
#[cfg(feature = "capi")]
fn with_calling_convention(declarations: &str) -> String {
    let declared = |line: &str| {
        let is_comment = line.trim_start().starts_with(['/', '*']);
        let name_ends = line.find('(').filter(|_| !is_comment && !line.starts_with([' ', '#']))?;
        let before = match line[name_ends..].strip_prefix("(*") {
            Some(_) => name_ends + 1,
            None => line[..name_ends].rfind(|c: char| c != '_' && !c.is_ascii_alphanumeric())? + 1,
        };
        Some(format!("{}SM_CALL {}", &line[..before], &line[before..]))
    };
    let mut is_declaring = false;
    let lines = declarations.lines().map(|line| {
        let shifted = || if is_declaring { format!("        {line}") } else { line.to_owned() };
        let with_convention = declared(line).unwrap_or_else(shifted);
        is_declaring = (is_declaring || with_convention != line) && !line.ends_with(';');
        with_convention
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The constants of the statuses, from the one table, as cbindgen reads them.
#[cfg(feature = "capi")]
fn status_constants() -> String {
    macro_rules! statuses {
        ($($(#[doc = $doc:literal])+ $status:ident = $number:literal, $name:literal, $retryable:literal, $sentence:literal;)+) => {
            [$((&[$($doc),+][..], $name, $number)),+]
        };
    }
    let table: [(&[&str], &str, i32); _] = include!("src/status/table.rs");
    table
        .iter()
        .map(|(docs, name, number)| {
            let docs: String = docs.iter().map(|line| format!("///{line}\n")).collect();
            let prefix = if *number == 0 { "SM_" } else { "SM_ERROR_" };
            format!("{docs}pub const {prefix}{name}: sm_status = {number};\n")
        })
        .collect()
}

/// A section of the header: its title, and the file of `src/ffi` that declares it.
#[cfg(feature = "capi")]
struct Section {
    title: &'static str,
    file: &'static str,
}

/// In the order in which they are read.
#[cfg(feature = "capi")]
const HEADER_SECTIONS: [Section; 9] = [
    Section { title: "Status: how a call ended", file: "status.rs" },
    Section { title: "Version", file: "version.rs" },
    Section { title: "Error: why a call failed", file: "error.rs" },
    Section { title: "Options: how tokens are fetched", file: "options.rs" },
    Section { title: "Token", file: "token.rs" },
    Section { title: "Fetch: one token", file: "fetch.rs" },
    Section { title: "Fetch into: one token, for text of a fixed length", file: "fetch_into.rs" },
    Section { title: "Client: a valid token, always", file: "client.rs" },
    Section { title: "Check: the steps to a token, one by one", file: "check.rs" },
];

#[cfg(feature = "capi")]
fn banner(title: &str) -> String {
    let line = "=".repeat(96);
    format!("\n/* {line}\n * {title}\n * {line} */\n")
}

/// The compile-time version, from the one place that states it: Cargo.toml.
#[cfg(feature = "capi")]
fn version_macros() -> String {
    let part =
        |name: &str| std::env::var(format!("CARGO_PKG_VERSION_{name}")).expect("cargo sets it");
    let (major, minor, patch) = (part("MAJOR"), part("MINOR"), part("PATCH"));
    format!(
        "\n/** Version of this header; `sm_version` returns the version of the library that runs. */\n\
         #define SM_TOKEN_VERSION_MAJOR {major}\n\
         #define SM_TOKEN_VERSION_MINOR {minor}\n\
         #define SM_TOKEN_VERSION_PATCH {patch}\n\n\
         /** True where this header is of version a.b.c or newer. */\n\
         #define SM_TOKEN_VERSION_AT_LEAST(a, b, c) \\\n\
         \x20 (SM_TOKEN_VERSION_MAJOR > (a) || (SM_TOKEN_VERSION_MAJOR == (a) && \\\n\
         \x20  (SM_TOKEN_VERSION_MINOR > (b) || (SM_TOKEN_VERSION_MINOR == (b) && \\\n\
         \x20   SM_TOKEN_VERSION_PATCH >= (c)))))\n"
    )
}
