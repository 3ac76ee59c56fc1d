# Builds, tests and installs sm-token. `make help` lists what it can do.
# Everything that is made lies in target/.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-print-directory

CARGO  ?= cargo
PYTHON ?= python3

PREFIX     ?= /usr/local
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DESTDIR    ?=

VERSION := $(shell sed -n 's/^version *= *"\(.*\)"/\1/p' Cargo.toml | head -n 1)
SONAME  := $(shell sed -n 's/.*-soname,\(libsm_token[^"]*\)".*/\1/p' build.rs)

export CARGO_TARGET_DIR := $(CURDIR)/target
RELEASE     := target/release
DEBUG       := target/debug
VENV        := target/venv
VENV_PYTHON := $(VENV)/bin/python

.PHONY: all
all: ## build the C library, shared and static, in target/release (the default)
	@$(BUILD_RELEASE) --crate-type cdylib
	@$(BUILD_RELEASE) --crate-type staticlib -- --print native-static-libs=$(CURDIR)/$(NATIVE_LIBS)
	@ln -sf libsm_token.so $(RELEASE)/$(SONAME)
	@cksum $(LIBRARIES) > $(BUILT)

# One crate type a call: an rlib beside them would switch link-time optimisation off.
# The paths of the machine that builds are nobody's business, and take room.
CARGO_HOME   ?= $(HOME)/.cargo
HIDE_PATHS   := "build.rustflags=['--remap-path-prefix=$(CARGO_HOME)/registry/src=', '--remap-path-prefix=$(CURDIR)=']"
BUILD_RELEASE = $(CARGO) rustc --locked --lib --release --features standalone --config $(HIDE_PATHS)
LIBRARIES    := $(RELEASE)/libsm_token.so $(RELEASE)/libsm_token.a
NATIVE_LIBS  := $(RELEASE)/libsm_token.native-libs
BUILT        := $(RELEASE)/libsm_token.cksum

# ---- install --------------------------------------------------------------------------------

# Installing as root must not compile, so a library that is newer than its sources is taken as it is.
RUST_SOURCES := $(shell find src -name '*.rs') build.rs cbindgen.toml Cargo.toml Cargo.lock
$(BUILT): $(RUST_SOURCES)
	@$(MAKE) all

HEADERS   := $(wildcard include/sm_token.h include/sm_token.hpp)
PKGCONFIG := $(LIBDIR)/pkgconfig
CMAKE     := $(LIBDIR)/cmake/sm_token
INSTALLED := $(HEADERS:include/%=$(INCLUDEDIR)/%) \
             $(addprefix $(LIBDIR)/,libsm_token.a libsm_token.so $(SONAME) libsm_token.so.$(VERSION)) \
             $(addprefix $(PKGCONFIG)/,sm_token.pc sm_token-static.pc) \
             $(addprefix $(CMAKE)/,sm_token-config.cmake sm_token-config-version.cmake)

.PHONY: install
install: $(BUILT) ## install under PREFIX (/usr/local), or LIBDIR and INCLUDEDIR; DESTDIR stages
	@cksum $(LIBRARIES) | cmp -s - $(BUILT) || { \
	    echo "$(RELEASE) holds another build than that of 'make': run 'make' first" >&2; exit 1; }
	@install -d $(addprefix "$(DESTDIR)",$(INCLUDEDIR) $(LIBDIR) $(PKGCONFIG) $(CMAKE))
	@install -m 644 $(HEADERS) "$(DESTDIR)$(INCLUDEDIR)"
	@install -m 644 $(RELEASE)/libsm_token.a "$(DESTDIR)$(LIBDIR)"
	@install -m 755 $(RELEASE)/libsm_token.so "$(DESTDIR)$(LIBDIR)/libsm_token.so.$(VERSION)"
	@ln -sf libsm_token.so.$(VERSION) "$(DESTDIR)$(LIBDIR)/$(SONAME)"
	@ln -sf $(SONAME) "$(DESTDIR)$(LIBDIR)/libsm_token.so"
	@$(call fill_in,$(PKGCONFIG)/sm_token.pc)
	@$(call fill_in,$(PKGCONFIG)/sm_token-static.pc)
	@$(call fill_in,$(CMAKE)/sm_token-config.cmake)
	@$(call fill_in,$(CMAKE)/sm_token-config-version.cmake)
	@$(refresh_loader_cache)

.PHONY: uninstall
uninstall: ## remove what install put there; takes the same variables
	@rm -f $(addprefix "$(DESTDIR)",$(INSTALLED))
	@[ ! -d "$(DESTDIR)$(CMAKE)" ] || rmdir --ignore-fail-on-non-empty "$(DESTDIR)$(CMAKE)"
	@$(refresh_loader_cache)

# rustc names libgcc_s, which has no static twin; a C compiler adds its unwinder by itself, and the right one.
# A path below PREFIX stays relative to it, so that the installed tree can be moved as a whole.
below_prefix = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))
fill_in = sed \
    -e 's|@VERSION@|$(VERSION)|' \
    -e 's|@SONAME@|$(SONAME)|' \
    -e 's|@PREFIX@|$(PREFIX)|' \
    -e 's|@LIBDIR@|$(call below_prefix,$(LIBDIR))|' \
    -e 's|@INCLUDEDIR@|$(call below_prefix,$(INCLUDEDIR))|' \
    -e "s|@LIBDIR_FROM_HERE@|$$(realpath -m --relative-to="$(CMAKE)" "$(LIBDIR)")|" \
    -e "s|@INCLUDEDIR_FROM_HERE@|$$(realpath -m --relative-to="$(CMAKE)" "$(INCLUDEDIR)")|" \
    -e "s|@NATIVE_LIBS@|$$(sed 's/-lgcc_s *//' $(NATIVE_LIBS))|" \
    "packaging/$(notdir $(1)).in" > "$(DESTDIR)$(1)"

# Staging for a package leaves the machine's own loader alone.
refresh_loader_cache = [ -n "$(DESTDIR)" ] || [ "$$(id -u)" != 0 ] || ldconfig

# ---- look at it ------------------------------------------------------------------------------

.PHONY: demo
demo: all $(WHEEL_BUILT) ## fetch a token: from the service with SMX_CLIENT_ID and SMX_CLIENT_SECRET set, else from a local one
	@if [ -n "$${SMX_CLIENT_ID:-}" ] && [ -n "$${SMX_CLIENT_SECRET:-}" ]; then \
	    echo "Asking $${SMX_BASE_URL:-https://api.standardmetrics.io} with the credentials of SMX_CLIENT_ID."; \
	    $(MAKE) examples; \
	else \
	    $(MAKE) venv; \
	    echo "SMX_CLIENT_ID and SMX_CLIENT_SECRET are not set: asking a local server, over TLS, that runs"; \
	    echo "the token endpoint's own software (django-oauth-toolkit) and knows one client."; \
	    PYTHONPATH=tests $(VENV_PYTHON) -m servers run real -- $(MAKE) examples; \
	fi

# One `example-LANGUAGE` for each; the service and the credentials are in the environment.
.PHONY: examples example-c example-cpp example-python
examples: example-c example-cpp example-python

example-c: target/examples/c
	@printf '\nC, bindings/c/example.c\n'
	@$<

target/examples/c: bindings/c/example.c include/sm_token.h $(BUILT)
	@mkdir -p $(@D)
	@$(CC) -std=c99 -O2 -Wall -Wextra -Iinclude $< -o $@ \
	    -L$(RELEASE) -lsm_token -Wl,-rpath,"$(CURDIR)/$(RELEASE)"

example-cpp: target/examples/cpp
	@printf '\nC++, bindings/cpp/example.cpp\n'
	@$<

target/examples/cpp: bindings/cpp/example.cpp include/sm_token.hpp include/sm_token.h $(BUILT)
	@mkdir -p $(@D)
	@$(CXX) -std=c++17 -O2 -Wall -Wextra -Iinclude $< -o $@ \
	    -L$(RELEASE) -lsm_token -Wl,-rpath,"$(CURDIR)/$(RELEASE)"

example-python: installed-wheel
	@printf '\nPython, bindings/python/example.py\n'
	@$(VENV_PYTHON) bindings/python/example.py

# ---- Python ----------------------------------------------------------------------------------

PYTHON_CRATE := bindings/python/Cargo.toml
WHEELS       := target/wheels
WHEEL_BUILT  := $(WHEELS)/.built
PYTHON_SOURCES := $(shell find bindings/python/src bindings/python/python -name '*.rs' -o -name '*.py' -o -name '*.pyi') \
                  bindings/python/Cargo.toml bindings/python/pyproject.toml

.PHONY: wheel
wheel: $(WHEEL_BUILT) ## build the Python wheel into target/wheels
	@ls $(WHEELS)/sm_token-*.whl

$(WHEEL_BUILT): $(RUST_SOURCES) $(PYTHON_SOURCES) | venv
	@rm -f $(WHEELS)/sm_token-*.whl
	@mkdir -p $(WHEELS)
	@$(VENV)/bin/maturin build --release --locked --compression-level 9 --config $(HIDE_PATHS) \
	    --interpreter $(VENV_PYTHON) --manifest-path $(PYTHON_CRATE) --out $(WHEELS) > $@.log 2>&1 \
	    || { cat $@.log >&2; exit 1; }
	@touch $@

.PHONY: sdist
sdist: venv ## build the Python source distribution into target/wheels
	@$(VENV)/bin/maturin sdist --manifest-path $(PYTHON_CRATE) --out $(WHEELS)

.PHONY: installed-wheel
installed-wheel: $(WHEEL_BUILT)
	@cmp -s $(WHEEL_BUILT).sum <(cksum $(WHEELS)/sm_token-*.whl) || { \
	    $(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps \
	        $(WHEELS)/sm_token-*.whl && cksum $(WHEELS)/sm_token-*.whl > $(WHEEL_BUILT).sum; }

# ---- check it --------------------------------------------------------------------------------

# The panic that a test provokes is in no library that is kept, so the library is built again after it.
# Every part runs, whatever became of those before it.
.PHONY: test
test: all installed-wheel ## run every test; ends with what was left out and the totals
	@mkdir -p target/test
	@status=0; \
	$(CARGO) test --features panic-test 2>&1 | tee target/test/cargo.log || status=1; \
	$(CARGO) build --lib; \
	$(VENV_PYTHON) -m pytest tests/integration -rs --junitxml=target/test/integration.xml || status=1; \
	$(VENV_PYTHON) -m pytest -c bindings/python/pyproject.toml bindings/python/tests -rs \
	    --junitxml=target/test/python.xml || status=1; \
	$(VENV_PYTHON) tests/totals.py target/test/cargo.log target/test/integration.xml target/test/python.xml; \
	exit $$status

.PHONY: loom
loom: ## try every interleaving of the client's threads, and see two seeded faults found
	@tests/loom

.PHONY: soak
soak: venv ## use the client in every way against a server that fails at random, for MINUTES (10)
	@$(CARGO) build --lib
	@PYTHONPATH=tests $(VENV_PYTHON) -m soak.run --minutes $(MINUTES)

MINUTES ?= 10

.PHONY: fuzz
fuzz: ## fuzz what reads the words of others, SECONDS_EACH (20) for each target; needs a nightly toolchain
	@fuzz/run $(SECONDS_EACH)

SECONDS_EACH ?= 20

.PHONY: sanitize
sanitize: venv ## run the tests under address, leak and thread sanitizers; needs clang and a nightly toolchain
	@tests/sanitize/run

.PHONY: mutants
mutants: ## see that the tests notice changes to what judges, retries and remembers
	@tests/mutants/run

.PHONY: deny
deny: ## check licences, bans and sources of the dependencies
	@tests/deny

.PHONY: bench
bench: all $(WHEEL_BUILT) ## measure beside the peers, PAIRS (31) times; writes docs/benchmarks.md
	@$(VENV_PYTHON) benches/run.py --pairs $(PAIRS)

PAIRS ?= 31

.PHONY: test-bindings
test-bindings: venv ## check each language's binding whose runtime is here; bindings/run LANGUAGE for one
	@$(CARGO) build --lib
	@bindings/run

.PHONY: lint
lint: venv check-header ## formatting, warnings, types, shell scripts, the generated header
	@$(CARGO) fmt --check
	@$(CARGO) clippy --all-targets --features panic-test -- -D warnings
	@$(CARGO) clippy --all-targets --no-default-features -- -D warnings
	@$(CARGO) clippy --package sm-token-python -- -D warnings
	@$(VENV_PYTHON) -m ruff check --quiet tests
	@$(VENV_PYTHON) -m ruff format --quiet --check tests
	@$(VENV_PYTHON) -m mypy --config-file tests/pyproject.toml --strict tests/servers tests/integration tests/soak tests/totals.py
	@$(VENV_PYTHON) -m ruff check --quiet --config bindings/python/pyproject.toml bindings/python
	@$(VENV_PYTHON) -m ruff format --quiet --check --config bindings/python/pyproject.toml bindings/python
	@$(VENV_PYTHON) -m mypy --config-file bindings/python/pyproject.toml
	@$(VENV_PYTHON) -m ruff check --quiet benches
	@$(VENV_PYTHON) -m ruff format --quiet --check benches
	@$(VENV_PYTHON) -m mypy --config-file benches/pyproject.toml
	@if command -v shellcheck > /dev/null; then \
	    shellcheck --external-sources $(SHELL_SCRIPTS); \
	else \
	    echo "shell scripts not checked: shellcheck is not installed"; \
	    [ -z "$${SM_TOKEN_REQUIRE_ALL:-}" ]; \
	fi

SHELL_SCRIPTS := .ci/run .ci/install-tools tests/loom tests/deny tests/mutants/run tests/sanitize/run tests/sanitize/compiler fuzz/run $(wildcard bindings/run bindings/*.bash bindings/*/check)

.PHONY: header
header: ## regenerate include/sm_token.h
	@SM_TOKEN_WRITE_HEADER=1 $(CARGO) build --lib

.PHONY: check-header
check-header:
	@out=$$($(CARGO) build --quiet --lib --message-format=json \
	    | sed -n '/"reason":"build-script-executed".*[/#]sm-token[@#]/s/.*"out_dir":"\([^"]*\)".*/\1/p'); \
	cmp -s "$$out/sm_token.h" include/sm_token.h || { \
	    echo "include/sm_token.h is stale: run 'make header'" >&2; exit 1; }

.PHONY: venv
venv: $(VENV)/.complete ## make target/venv, the Python environment of the tests
$(VENV)/.complete: tests/requirements.txt
	@$(PYTHON) -m venv $(VENV)
	@$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# ---- the rest --------------------------------------------------------------------------------

.PHONY: clean
clean: ## remove target/
	@$(CARGO) clean

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
