# Tulle's verbs. `make help` lists them; each does the set-up it needs.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
CACHE := $(or $(TULLE_CACHE),$(HOME)/.cache/tulle)
BUILD := build

help: ## list the verbs
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what is missing to build and test (Debian packages, as root)
	@tools/setup/packages build

$(BUILD)/build.ninja: CMakeLists.txt CMakePresets.json | setup
	@cmake --preset release > /dev/null

build: setup $(BUILD)/build.ninja ## build the command build/tulle, the library and the tests (Release)
	@cmake --build $(BUILD) -j $(JOBS)

command: setup $(BUILD)/build.ninja
	@cmake --build $(BUILD) -j $(JOBS) --target tulle

demo: ## build, then let real models look at real pictures
	@tools/demo

$(BUILD)/wasm/build.ninja: CMakeLists.txt guest/CMakeLists.txt cmake/wasm.cmake
	@cmake --preset wasm > /dev/null

wasm: setup-wasm $(BUILD)/wasm/build.ninja ## build the engine and the guests as WebAssembly into build/wasm
	@cmake --build $(BUILD)/wasm -j $(JOBS)

setup-wasm:
	@tools/setup/packages wasm

js: wasm ## lay out the JavaScript package in bindings/js/dist
	@tools/setup/packages js
	@tools/setup/npm bindings/js
	@node bindings/js/build.mjs

test-wasm: js command ## run the tests of the modules and of the package, in Node and in Chromium
	@tools/test-wasm

guests: wasm ## build the guests of examples/ in Rust and AssemblyScript
	@examples/guests

test: build test-wasm guests ## run every test
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

lint: ## check formatting, the room table and the reference loops
	@tools/setup/packages lint
	@tools/lint/lint

tidy: build ## run clang-tidy over the sources (minutes)
	@tools/setup/packages tidy
	@tools/lint/tidy

format: ## put every source file into the house format
	@tools/setup/packages lint
	@git ls-files '*.cc' '*.h' '*.c' '*.hpp' | xargs clang-format-19 -i
	@cd src/host/engine && cargo fmt

asan: setup ## run every test under the address and undefined-behaviour sanitizers
	@cmake --preset asan > /dev/null && cmake --build build-asan -j $(JOBS)
	@ctest --test-dir build-asan --output-on-failure -j $(JOBS)

tsan: setup ## run every test under the thread sanitizer
	@cmake --preset tsan > /dev/null && cmake --build build-tsan -j $(JOBS)
	@ctest --test-dir build-tsan --output-on-failure -j $(JOBS)

test-arm: ## build for 64-bit ARM with a cross compiler and run the tests under qemu
	@tools/setup/packages arm
	@cmake --preset arm > /dev/null && cmake --build build-arm -j $(JOBS)
	@ctest --test-dir build-arm --output-on-failure -j $(JOBS)

models: ## fetch trained models and free pictures into ~/.cache/tulle (TULLE_CACHE moves it)
	@tools/setup/venv models tools/models/requirements.txt
	@$(CACHE)/venv/models/bin/python tools/models/fetch.py

golden: ## make the golden vectors of tests/golden anew with the LiteRT package
	@tools/setup/venv golden tests/golden/requirements.txt
	@$(CACHE)/venv/golden/bin/python tests/golden/make_golden.py

explore: setup $(BUILD)/build.ninja ## compare each operator on EXPLORE_CASES (default 100) random models; SEED and OPS choose
	@tools/setup/venv golden tests/golden/requirements.txt
	@cmake --build $(BUILD) -j $(JOBS) --target golden_test
	@rm -rf $(BUILD)/explore
	@$(CACHE)/venv/golden/bin/python tests/golden/explore.py --seed $${SEED:-1} --cases $${EXPLORE_CASES:-100} -o $(BUILD)/explore $(OPS)
	@TULLE_GOLDEN=$(BUILD)/explore $(BUILD)/tests/golden_test --gtest_brief=1

test-models: build ## compare every model in ../shared/models (TULLE_SHARED) with its oracle, live
	@tools/setup/venv test-models tests/models/requirements.txt
	@$(CACHE)/venv/test-models/bin/python tests/models/compare.py --write docs/exactness.md

test-keras: build ## convert Keras networks with TensorFlow (a large download) and compare them the same way
	@tools/setup/venv keras tests/models/keras-requirements.txt
	@tools/setup/venv test-models tests/models/requirements.txt
	@$(CACHE)/venv/keras/bin/python tests/models/keras_models.py -o $(CACHE)/keras 2> $(BUILD)/keras.log
	@TULLE_SHARED=$(CACHE)/keras $(CACHE)/venv/test-models/bin/python tests/models/compare.py

bench: build ## measure Tulle against LiteRT, ONNX Runtime and OpenVINO (BENCH="--quick --models resnet50" narrows)
	@tools/setup/venv bench bench/requirements.txt
	@tools/setup/venv bench-models bench/models/requirements.txt
	@$(CACHE)/venv/bench-models/bin/python bench/models/make.py -o $(CACHE)/bench/models
	@$(CACHE)/venv/bench/bin/python bench/run.py $(BENCH)

bench-page: ## draw the newest file of bench/results as docs/bench.md
	@tools/setup/venv bench bench/requirements.txt
	@$(CACHE)/venv/bench/bin/python bench/page.py

bench-wasm: command js ## measure WebAssembly in Chromium and Node against LiteRT.js, tfjs and ONNX Runtime Web (BENCH narrows)
	@tools/setup/venv bench-models bench/models/requirements.txt
	@$(CACHE)/venv/bench-models/bin/python bench/models/make.py -o $(CACHE)/bench/models $$(node bench/wasm/run.mjs --list)
	@node bench/wasm/run.mjs $(BENCH)

bench-wasm-page: ## draw the newest WebAssembly file of bench/results as docs/bench-wasm.md
	@python3 bench/wasm/page.py

bench-host: build wasm ## measure the host of WebAssembly programs against direct calls and V8 (ROUNDS, default 8)
	@tools/setup/venv bench-models bench/models/requirements.txt
	@$(CACHE)/venv/bench-models/bin/python bench/models/make.py -o $(CACHE)/bench/models tf2_mobilenet_v2_1.0_224_ptq.float32
	@$(CACHE)/venv/bench-models/bin/python bench/models/generate.py -o $(CACHE)/bench/models mobilenet_v2_1.4
	@cmake --preset wasm -DTULLE_BENCH_MODEL=$(CACHE)/bench/models/mobilenet_v2_1.4.float32.tflite > /dev/null
	@cmake --build $(BUILD)/wasm -j $(JOBS) --target bench_guests && cmake --build $(BUILD) -j $(JOBS) --target host_bench
	@python3 bench/host/run.py --rounds $${ROUNDS:-8}

fuzz: ## run each fuzz target for FUZZ_SECONDS (default 60) under sanitizers
	@tools/setup/packages fuzz
	@cmake --preset fuzz > /dev/null && cmake --build build-fuzz -j $(JOBS)
	@tools/fuzz $${FUZZ_SECONDS:-60}

test-all: lint test tidy asan tsan test-arm test-models test-keras fuzz ## everything, the slow suites too

clean: ## remove what was built
	@rm -rf build build-asan build-tsan build-arm build-fuzz

.PHONY: help setup build command demo wasm setup-wasm js test-wasm guests test lint tidy format asan tsan test-arm models golden explore test-models test-keras bench bench-page bench-wasm bench-wasm-page bench-host fuzz test-all clean
