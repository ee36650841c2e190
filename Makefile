# `make demo` and `make test` need nothing but Rust and this file: what the system lacks is
# installed first (on Debian and Ubuntu; elsewhere the list of what is missing is printed).

CARGO ?= cargo
STORY ?= assets/stories/the-fox-and-the-lantern.txt
FILM  ?= out/$(basename $(notdir $(STORY))).mp4

.PHONY: help demo test check lint-deploy bench sheets setup-build setup-test

help:
	@echo 'make demo    build fabula and render a sample story to out/'
	@echo 'make test    run every test'
	@echo 'make check   formatting, lints and documentation'
	@echo 'make lint-deploy  the Dockerfile, the compose files and the manifest for Kubernetes'
	@echo 'make sheets  contact sheets of all characters and sets, for people to look at'
	@echo 'make bench   the speed of each stage, and of a whole film'

demo: setup-build
	@mkdir -p '$(dir $(FILM))'
	$(CARGO) run --release --locked -p fabula -- render '$(STORY)' -o '$(FILM)' --force
	@echo 'The film is $(FILM)'

test: setup-test
	$(CARGO) test --locked --workspace

check:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --locked --no-deps --workspace

lint-deploy:
	@sh tools/lint-deploy

bench: setup-build
	$(CARGO) bench --locked -p fabula-benches
	$(CARGO) run --release --locked -p fabula-benches --bin film-speed -- '$(STORY)'

# The pictures of docs/characters.md and docs/sets.md. The drawings are read as they are on disk.
SHEETS := people beings worn groups builds character feelings mouths actions \
	transitions aspects framings moods captions times-1 times-2 times-3 times-4 interiors weathers-1 weathers-2
sheets: setup-test
	@mkdir -p out/sheets
	FABULA_SHEETS='$(CURDIR)/out/sheets' $(CARGO) test --locked -p fabula-render --lib \
		sheets_for_the_documents -- --ignored
	$(CARGO) run --release --locked -p fabula-render --example film_sheet -- out/sheets
	$(CARGO) run --release --locked -p fabula -- avatar --name Linnea --sheet \
		assets/stories/the-princess-and-the-last-apple.txt -o out/sheets/character.png
	@for sheet in $(SHEETS); do \
		ffmpeg -loglevel error -y -i out/sheets/$$sheet.png \
		-vf "scale='min(1280,iw)':-2:flags=lanczos" -q:v 7 docs/images/$$sheet.jpg; done
	@echo 'The sheets are in out/sheets, and smaller in docs/images'

# To build: a C++ compiler and nasm for the H.264 encoder (without nasm it is three times
# slower), and a C compiler, which comes with the former, for SQLite. To draw: the Vulkan loader
# and a driver, in software if the machine has none.
setup-build:
	@sh tools/install-missing c++ nasm vulkan

# The tests check films with an independent decoder, windows on a display without a screen, cameras
# with a server of others, and the studio's page in Chromium with axe-core, where those can be had.
setup-test:
	@sh tools/install-missing c++ nasm vulkan ffmpeg window xvfb weston gstreamer chromium
	@sh tools/fetch-axe
