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

    println!("cargo::rerun-if-changed=cbindgen.toml");
    println!("cargo::rerun-if-changed=src/ffi");
    println!("cargo::rerun-if-env-changed=SM_TOKEN_WRITE_HEADER");

    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let header = Path::new(&std::env::var_os("OUT_DIR").expect("cargo sets it")).join("sm_token.h");
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml");
    let mut builder =
        cbindgen::Builder::new().with_config(config).with_after_include(version_macros());
    for section in HEADER_SECTIONS {
        builder = builder.with_src(root.join("src/ffi").join(section));
    }
    builder.generate().expect("cbindgen reads src/ffi").write_to_file(&header);
    println!("cargo::rustc-env=SM_TOKEN_GENERATED_HEADER={}", header.display());
    if std::env::var_os("SM_TOKEN_WRITE_HEADER").is_some() {
        let committed = root.join("include").join("sm_token.h");
        std::fs::copy(&header, committed).expect("include/sm_token.h is writable");
    }
}

/// The header's sections, in the order in which they are read.
#[cfg(feature = "capi")]
const HEADER_SECTIONS: [&str; 8] = [
    "status.rs",
    "version.rs",
    "error.rs",
    "options.rs",
    "token.rs",
    "fetch.rs",
    "fetch_into.rs",
    "client.rs",
];

/// The compile-time version, from the one place that states it: Cargo.toml.
#[cfg(feature = "capi")]
fn version_macros() -> String {
    let part =
        |name: &str| std::env::var(format!("CARGO_PKG_VERSION_{name}")).expect("cargo sets it");
    let (major, minor, patch) = (part("MAJOR"), part("MINOR"), part("PATCH"));
    format!(
        "\n/** Version of this header; `sm_version` tells the version of the library that runs. */\n\
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
