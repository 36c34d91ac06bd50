# Tomo's chores. `make` lists them.
GO ?= go
NPM ?= npm
# The ONNX Runtime that tests compare with.
ORT = 1.30.0

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: build ## build everything, train two small networks live and open them in the browser
	./tomo demo $(ARGS)

.PHONY: test
test: web lint ## check everything: linters, web app, Go tests and the quick ones under the race detector, a real browser
	cd web && $(NPM) run --silent check && $(NPM) test --silent
	$(GO) test -timeout 20m ./...
	$(GO) test -race -short -timeout 30m ./...

.PHONY: build
build: web ## build ./tomo, the one binary, with the web app inside
	$(GO) build -trimpath -o tomo ./cmd/tomo

.PHONY: web
web: web/node_modules/.package-lock.json ## build the web app into web/dist
	cd web && $(NPM) run --silent build

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	cd web && $(NPM) ci --no-audit --no-fund
	@touch $@

.PHONY: lint
lint: ## gofmt, go vet and staticcheck
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "run gofmt -w on:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...

.PHONY: ort
ort: .ort/$(ORT) ## fetch ONNX Runtime, which tests compare the engine with, into .ort

.ort/$(ORT):
	@mkdir -p $@.part
	cd $@.part && $(NPM) pack --silent --ignore-scripts onnxruntime-node@$(ORT)
	cd $@.part && tar xzf *.tgz "package/bin/napi-v6/$$(node -p 'process.platform + "/" + process.arch')" && rm *.tgz
	@mv $@.part $@

# The Python that has what testdata/exporters/requirements.txt lists.
PYTHON ?= .venv/bin/python

.PHONY: exports
exports: ## export models of current PyTorch and Keras, which tests run, into .exports
	@test -x $(PYTHON) || { python3 -m venv .venv && .venv/bin/pip install --quiet --requirement testdata/exporters/requirements.txt; }
	$(PYTHON) testdata/exporters/export.py $(ARGS)

.PHONY: generate
generate: ## write the generated files again (a test fails when they are stale)
	$(GO) generate ./...

# The Python that has PyTorch, for bench; the default is made here.
BENCH_PYTHON = .bench/venv/bin/python

.PHONY: bench
bench: $(filter .bench/%,$(BENCH_PYTHON)) $(if $(TOMO_ORT),,.ort/$(ORT)) ## measure Tomo beside ONNX Runtime and PyTorch (bench/doc.go has the flags for ARGS)
	TOMO_ORT="$${TOMO_ORT:-.ort/$(ORT)}" $(GO) run -trimpath ./bench -python $(BENCH_PYTHON) $(ARGS)

.bench/venv/bin/python:
	python3 -m venv .bench/venv
	.bench/venv/bin/pip install --quiet numpy torch torchvision || { rm -rf .bench/venv; \
		echo "PyPI's torch cannot be installed here. With Debian's python3-torch, python3-torchvision and"; \
		echo "libopenblas0-openmp: OPENBLAS_CORETYPE=SkylakeX make bench BENCH_PYTHON=/usr/bin/python3"; exit 1; }

.PHONY: microbench
microbench: ## run the Go benchmarks of single packages
	$(GO) test -run '^$$' -bench . ./nn/kernel ./nn/exec ./layout ./render

.PHONY: clean
clean: ## remove what was built
	rm -rf tomo web/node_modules
	find web/dist -mindepth 1 ! -name .gitkeep -delete
