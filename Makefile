# Builds, tests and installs sm-token. `make help` lists what it can do.
# Everything that is made lies in target/.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-print-directory

# A path goes through make, the shell, TOML, sed and lists of paths. Blanks are quoted; these characters can't
# be in all of them.
UNQUOTABLE := ' " \ ` $$ % \# , : | &
$(foreach character,$(UNQUOTABLE),$(if $(findstring $(character),$(CURDIR)),\
    $(error the path of this checkout holds the character $(character), which this Makefile can't quote: $(CURDIR))))

CARGO      ?= cargo
PYTHON     ?= python3
CARGO_HOME ?= $(HOME)/.cargo

PREFIX     ?= /usr/local
LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DOCDIR     ?= $(PREFIX)/share/doc/sm_token
DESTDIR    ?=
# What pkg-config files call the prefix: of a tree that is moved, a path that starts at the file itself.
PKGCONFIG_PREFIX ?= $(PREFIX)

# The places that are installed to; pkg-config and CMake files name them.
$(foreach place,PREFIX LIBDIR INCLUDEDIR DOCDIR,$(if $(filter 1,$(words $($(place)))),,\
    $(error $(place) is empty or holds a blank: '$($(place))'))$(if $(filter /%,$($(place))),,\
    $(error $(place) is not an absolute path: $($(place)))))
$(foreach place,PREFIX LIBDIR INCLUDEDIR DOCDIR DESTDIR CARGO_HOME,$(foreach character,$(UNQUOTABLE),\
    $(if $(findstring $(character),$($(place))),\
    $(error $(place) holds the character $(character), which this Makefile can't quote: $($(place))))))

VERSION := $(shell sed -n 's/^version *= *"\(.*\)"/\1/p' Cargo.toml | head -n 1)
SONAME  := $(shell sed -n 's/.*-soname,\(libsm_token[^"]*\)".*/\1/p' build.rs)

export CARGO_TARGET_DIR := $(CURDIR)/target
RELEASE     := target/release
DEBUG       := target/debug
VENV        := target/venv
VENV_PYTHON := $(VENV)/bin/python

.PHONY: all
all: ## build the C library, shared and static, and the command sm-token, in target/release (the default)
	@$(BUILD_RELEASE) --crate-type cdylib
	@$(BUILD_RELEASE) --crate-type staticlib -- --print "native-static-libs=$(CURDIR)/$(NATIVE_LIBS)"
	@$(CARGO) build --locked --release --package sm-token-command --bin sm-token --config $(HIDE_PATHS)
	@ln -sf libsm_token.so $(RELEASE)/$(SONAME)
	@cksum $(PROGRAMS) > $(BUILT)

# One crate type a call: an rlib beside them would switch link-time optimisation off.
HIDE_PATHS    = "$$(ci/hide-paths)"
BUILD_RELEASE = $(CARGO) rustc --locked --lib --release --features standalone --config $(HIDE_PATHS)
PROGRAMS     := $(RELEASE)/libsm_token.so $(RELEASE)/libsm_token.a $(RELEASE)/sm-token
NATIVE_LIBS  := $(RELEASE)/libsm_token.native-libs
BUILT        := $(RELEASE)/libsm_token.cksum

# ---- install --------------------------------------------------------------------------------

# Installing as root must not compile, so a library that is newer than its sources is taken as it is.
RUST_SOURCES := $(shell find src -name '*.rs') build.rs cbindgen.toml Cargo.toml Cargo.lock
$(BUILT): $(RUST_SOURCES) $(wildcard bindings/command/src/*.rs) bindings/command/Cargo.toml
	@$(MAKE) all

HEADERS   := $(wildcard include/sm_token.h include/sm_token.hpp)
# The terms of what the library holds, and a list of it.
TERMS     := LICENSE-APACHE LICENSE-MIT THIRD-PARTY-NOTICES.txt packaging/sm_token.cdx.json
PKGCONFIG := $(LIBDIR)/pkgconfig
CMAKE     := $(LIBDIR)/cmake/sm_token
# The command, its manual page and what completes it in each shell.
BINDIR    := $(PREFIX)/bin
PAGES     := bindings/command/pages
MAN       := $(PREFIX)/share/man/man1
BASH      := $(PREFIX)/share/bash-completion/completions
ZSH       := $(PREFIX)/share/zsh/site-functions
FISH      := $(PREFIX)/share/fish/vendor_completions.d
INSTALLED := $(BINDIR)/sm-token $(MAN)/sm-token.1 $(BASH)/sm-token $(ZSH)/_sm-token $(FISH)/sm-token.fish \
             $(HEADERS:include/%=$(INCLUDEDIR)/%) \
             $(addprefix $(DOCDIR)/,$(notdir $(TERMS))) \
             $(addprefix $(LIBDIR)/,libsm_token.a libsm_token.so $(SONAME) libsm_token.so.$(VERSION)) \
             $(addprefix $(PKGCONFIG)/,sm_token.pc sm_token-static.pc) \
             $(addprefix $(CMAKE)/,sm_token-config.cmake sm_token-config-version.cmake)

.PHONY: install
# Every user may read what is installed, whatever the umask; a directory that was there keeps its mode.
install: $(BUILT) ## install under PREFIX (/usr/local), or LIBDIR, INCLUDEDIR and DOCDIR; DESTDIR stages
	@cksum $(PROGRAMS) | cmp -s - $(BUILT) || { \
	    echo "$(RELEASE) holds another build than that of 'make': run 'make' first" >&2; exit 1; }
	@umask 022; mkdir -p $(patsubst %,"$(DESTDIR)%",$(INCLUDEDIR) $(LIBDIR) $(DOCDIR) $(PKGCONFIG) $(CMAKE) \
	    $(BINDIR) $(MAN) $(BASH) $(ZSH) $(FISH))
	@$(foreach header,$(HEADERS),$(call put,644,$(header),$(INCLUDEDIR)/$(notdir $(header)));)
	@$(foreach text,$(TERMS),$(call put,644,$(text),$(DOCDIR)/$(notdir $(text)));)
	@$(call put,755,$(RELEASE)/sm-token,$(BINDIR)/sm-token)
	@$(call put,644,$(PAGES)/sm-token.1,$(MAN)/sm-token.1)
	@$(call put,644,$(PAGES)/sm-token.bash,$(BASH)/sm-token)
	@$(call put,644,$(PAGES)/_sm-token,$(ZSH)/_sm-token)
	@$(call put,644,$(PAGES)/sm-token.fish,$(FISH)/sm-token.fish)
	@$(call put,644,$(RELEASE)/libsm_token.a,$(LIBDIR)/libsm_token.a)
	@$(call put,755,$(RELEASE)/libsm_token.so,$(LIBDIR)/libsm_token.so.$(VERSION))
	@ln -sf libsm_token.so.$(VERSION) "$(DESTDIR)$(LIBDIR)/$(SONAME)"
	@ln -sf $(SONAME) "$(DESTDIR)$(LIBDIR)/libsm_token.so"
	@$(call fill_in,$(PKGCONFIG)/sm_token.pc)
	@$(call fill_in,$(PKGCONFIG)/sm_token-static.pc)
	@$(call fill_in,$(CMAKE)/sm_token-config.cmake)
	@$(call fill_in,$(CMAKE)/sm_token-config-version.cmake)
	@$(refresh_loader_cache)

.PHONY: uninstall
uninstall: ## remove what install put there; takes the same variables
	@rm -f $(patsubst %,"$(DESTDIR)%",$(INSTALLED))
	@for directory in "$(DESTDIR)$(CMAKE)" "$(DESTDIR)$(DOCDIR)"; do \
	    [ ! -d "$$directory" ] || rmdir --ignore-fail-on-non-empty "$$directory"; \
	done
	@$(refresh_loader_cache)

# $(call put,MODE,SOURCE,PLACE): a file is whole when it gets its name, so that another install at the same time and a
# program that starts meanwhile find the old one or the new one.
put = new="$(DESTDIR)$(3).new$$$$"; trap 'rm -f "$$new"' EXIT; \
    install -m $(1) "$(2)" "$$new"; mv -fT "$$new" "$(DESTDIR)$(3)"

# rustc names libgcc_s, which has no static twin; a C compiler adds its unwinder by itself, and the right one.
# A path below PREFIX stays relative to it, so that the installed tree can be moved as a whole.
below_prefix = $(patsubst $(PREFIX)/%,$${prefix}/%,$(1))
fill_in = sed \
    -e 's|@VERSION@|$(VERSION)|' \
    -e 's|@SONAME@|$(SONAME)|' \
    -e 's|@PREFIX@|$(PKGCONFIG_PREFIX)|' \
    -e 's|@LIBDIR@|$(call below_prefix,$(LIBDIR))|' \
    -e 's|@INCLUDEDIR@|$(call below_prefix,$(INCLUDEDIR))|' \
    -e "s|@LIBDIR_FROM_HERE@|$$(realpath -m --relative-to="$(CMAKE)" "$(LIBDIR)")|" \
    -e "s|@INCLUDEDIR_FROM_HERE@|$$(realpath -m --relative-to="$(CMAKE)" "$(INCLUDEDIR)")|" \
    -e "s|@NATIVE_LIBS@|$$(sed 's/-lgcc_s *//' $(NATIVE_LIBS))|" \
    "packaging/$(notdir $(1)).in" | { $(call put,644,/dev/stdin,$(1)); }

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
                  bindings/python/Cargo.toml bindings/python/pyproject.toml \
                  THIRD-PARTY-NOTICES.txt bindings/python/sm_token-python.cdx.json

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

# In the environment, so that it goes with it.
WHEEL_INSTALLED := $(VENV)/.wheel-installed

.PHONY: installed-wheel
installed-wheel: $(WHEEL_BUILT) | venv
	@cmp -s $(WHEEL_INSTALLED) <(cksum $(WHEELS)/sm_token-*.whl) || { \
	    $(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps \
	        $(WHEELS)/sm_token-*.whl && cksum $(WHEELS)/sm_token-*.whl > $(WHEEL_INSTALLED); }

# ---- hand it out -----------------------------------------------------------------------------

# As ci/build-platform knows them. What .ci/install-platforms installs builds them, here.
PLATFORMS ?= $(shell PYTHONPATH=ci $(PYTHON) -m artefacts --list)
DIST      := target/dist

.PHONY: dist
dist: venv ## build for PLATFORMS (all), and make what is handed out: archives, packages and sums in target/dist
	@for platform in $(PLATFORMS); do ci/build-platform "$$platform"; ci/build-wheel "$$platform"; done
	@PYTHONPATH=ci $(PYTHON) -m artefacts $(DIST) $(PLATFORMS)
	@ls -l $(DIST)

.PHONY: sign-dist
sign-dist: ## sign the sums in target/dist by minisign, with the key in the file SM_TOKEN_MINISIGN_KEY
	@PYTHONPATH=ci $(PYTHON) -m artefacts --sign $(DIST)

.PHONY: test-dist
test-dist: venv ## install each artefact of PLATFORMS (all) in a fresh place, and fetch a token with it
	@SM_TOKEN_PLATFORMS="$(PLATFORMS)" $(VENV_PYTHON) -m pytest -c tests/pyproject.toml tests/dist -rs \
	    --junitxml=target/test/dist.xml

# ---- check it --------------------------------------------------------------------------------

# The panic that a test provokes is in no library that is kept, so the library is built again after it.
# Every part runs, whatever became of those before it.
.PHONY: test
test: all installed-wheel ## run every test; ends with what was left out and the totals
	@mkdir -p target/test
	@status=0; \
	$(CARGO) test --features panic-test 2>&1 | tee target/test/cargo.log || status=1; \
	$(CARGO) test --package sm-token-command 2>&1 | tee -a target/test/cargo.log || status=1; \
	$(CARGO) build --lib; \
	$(VENV_PYTHON) -m pytest tests/behaviour tests/build tests/self -rs --junitxml=target/test/pytest.xml || status=1; \
	$(VENV_PYTHON) -m pytest -c bindings/python/pyproject.toml bindings/python/tests -rs \
	    --junitxml=target/test/python.xml || status=1; \
	$(VENV_PYTHON) ci/totals.py target/test/cargo.log target/test/pytest.xml target/test/python.xml; \
	exit $$status

.PHONY: compare
compare: venv ## hold the library to what curl and Python accept, situation by situation
	@$(CARGO) build --lib
	@$(VENV_PYTHON) -m pytest tests/compare -rs --junitxml=target/test/compare.xml

.PHONY: test-windows
test-windows: venv ## build the library for Windows, and run the C contract, the real server and the faults under wine
	@.ci/platforms windows-x86_64/behaviour

.PHONY: loom
loom: ## try every interleaving of the client's threads, and see two seeded faults found
	@ci/loom/run

.PHONY: soak
soak: venv ## use the client in every way against a server that fails at random, for MINUTES (10)
	@$(CARGO) build --lib
	@PYTHONPATH=tests $(VENV_PYTHON) -m soak.run --minutes $(MINUTES)

MINUTES ?= 10

.PHONY: fuzz
fuzz: ## fuzz what reads the words of others, SECONDS_EACH (20) for each target
	@ci/fuzz $(SECONDS_EACH)

SECONDS_EACH ?= 20

.PHONY: sanitize
sanitize: venv ## run the tests under address, leak and thread sanitizers; needs clang and its runtime
	@ci/sanitize/run

.PHONY: mutants
mutants: ## see that the tests notice changes to what judges, retries and remembers; SHARE=0/20 takes the first of twenty shares, SHARE=changed the last commit's, SHARE='few 10' ten of these and ten of all
	@ci/mutants $(SHARE)

SHARE ?=

.PHONY: defences
defences: venv ## a share of fuzz, sanitize, mutants and soak that ends within 20 minutes, and deny
	@ci/defences

.PHONY: deny
deny: ## check licences, bans and sources of the dependencies
	@ci/deny

.PHONY: bench
bench: all $(WHEEL_BUILT) ## measure beside the peers, PAIRS (31) times; writes docs/benchmarks.md
	@$(VENV_PYTHON) benches/run.py --pairs $(PAIRS)

PAIRS ?= 31

.PHONY: test-bindings
test-bindings: $(VENV)/.bindings ## check each language's binding whose runtime is here; bindings/run LANGUAGE for one
	@$(CARGO) build --lib
	@bindings/run

# Two parts, which `make -j2 lint` runs at once: one takes cargo, the other does not.
.PHONY: lint lint-rust lint-scripts
lint: lint-rust lint-scripts ## formatting, warnings, types, shell scripts, what is generated

lint-rust: check-header
	@$(CARGO) fmt --check
	@$(CARGO) fmt --check --manifest-path fuzz/Cargo.toml
	@$(CARGO) clippy --all-targets --features panic-test -- -D warnings
	@$(CARGO) clippy --all-targets --no-default-features -- -D warnings
	@$(CARGO) clippy --lib -- --cfg fuzzing -D warnings
	@$(CARGO) clippy --package sm-token-python -- -D warnings
	@$(CARGO) clippy --package sm-token-command --all-targets -- -D warnings
	@if command -v $(MINGW_CC) > /dev/null && rustup target list --installed | grep -qx $(WINDOWS); then \
	    CC_$(subst -,_,$(WINDOWS))=$(MINGW_CC) $(CARGO) clippy --target $(WINDOWS) --workspace --all-targets -- -D warnings; \
	else echo "left out: warnings of what is for Windows alone (.ci/install-tools brings the compiler)"; fi

WINDOWS  := x86_64-pc-windows-gnu
MINGW_CC := x86_64-w64-mingw32-gcc

lint-scripts: venv
	@bindings/constants --check
	@bindings/version --check
	@ci/circles.py
	@ci/notices.py --check
	@ci/promises.py --check
	@$(VENV_PYTHON) ci/run_platforms.py --page --check
	@$(VENV_PYTHON) -m ruff check --quiet --config tests/pyproject.toml tests ci
	@$(VENV_PYTHON) -m ruff format --quiet --check --config tests/pyproject.toml tests ci
	@$(VENV_PYTHON) -m mypy --config-file tests/pyproject.toml --strict tests $(filter %.py,$(wildcard ci/*)) ci/artefacts
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

SHELL_SCRIPTS := .ci/run .ci/install-tools .ci/install-platforms .ci/platforms $(filter-out ci/artefacts ci/loom ci/sanitize %.py %.c,$(wildcard ci/*)) ci/loom/run ci/sanitize/run ci/sanitize/compiler $(wildcard bindings/run bindings/*.bash bindings/*/check bindings/*/check_windows)

.PHONY: header
header: ## regenerate include/sm_token.h
	@SM_TOKEN_WRITE_HEADER=1 $(CARGO) build --lib

.PHONY: pages
pages: ## write the completions and the manual page of the command from its table of options
	@$(CARGO) run --quiet --package sm-token-command --example pages -- bindings/command/pages

.PHONY: constants
constants: ## write the statuses of src/status/table.rs into the bindings
	@bindings/constants

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

# Apart from the rest, since the runtimes in it are large.
$(VENV)/.bindings: bindings/requirements.txt | venv
	@$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# ---- the rest --------------------------------------------------------------------------------

.PHONY: clean
clean: ## remove target/
	@$(CARGO) clean

.PHONY: help
help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
