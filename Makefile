# SPDX-License-Identifier: GPL-2.0
#
# make          builds the module for the running kernel, and the tools
# make help     lists all targets and variables

KDIR ?= /lib/modules/$(shell uname -r)/build

# Variables that the scripts of selftests/vm/ read.
export KERNELS TESTS VARIANTS MUTANTS JOBS MINUTES INPUTS SEED V W C
export VM_MEM VM_TIMEOUT VM_ACCEL RMAPSCOPE_CACHE

VM := selftests/vm

.PHONY: all module tools install install-module install-tools uninstall clean help selftests
.PHONY: demo shell lint check check-debug check-detectors check-kcsan check-rt check-sanitized
.PHONY: check-mm check-builds check-mutants check-cost check-all stress fuzz bench

all: module tools

module: headers
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tools:
	@$(MAKE) --no-print-directory -C tools

install: install-module install-tools

# A module that isn't part of the kernel's own build is signed with no key that the kernel knows, so
# it isn't signed. modules_install calls no depmod where System.map is missing, as in Debian.
MODULE_DIR := updates
RELEASE = $(shell sed -n 's/^.define UTS_RELEASE "\(.*\)"/\1/p' \
	    $(KDIR)/include/generated/utsrelease.h)
MODULES = $(if $(DESTDIR),$(abspath $(DESTDIR)))/lib/modules/$(RELEASE)

install-module: module
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(abspath $(DESTDIR)) \
		INSTALL_MOD_DIR=$(MODULE_DIR) INSTALL_MOD_STRIP=1 CONFIG_MODULE_SIG_ALL= \
		modules_install
	$(if $(DESTDIR),,depmod -a $(RELEASE))

install-tools: tools
	@$(MAKE) --no-print-directory -C tools install DESTDIR=$(abspath $(DESTDIR))

uninstall: headers
	rm -f $(MODULES)/$(MODULE_DIR)/module/rmapscope.ko*
	@rmdir $(MODULES)/$(MODULE_DIR)/module $(MODULES)/$(MODULE_DIR) 2>/dev/null || :
	$(if $(DESTDIR),,depmod -a $(RELEASE))
	@$(MAKE) --no-print-directory -C tools uninstall DESTDIR=$(abspath $(DESTDIR))

.PHONY: headers
headers:
	@[ -e $(KDIR)/Makefile ] || { \
		echo "rmapscope: no kernel headers in $(KDIR). Install those of the running" \
			"kernel (Debian: apt-get install linux-headers-$(shell uname -r))," \
			"use those of another kernel with KDIR=DIR, or build only the tools" \
			"with make tools" >&2; exit 1; }

# The following targets install and fetch what they need, and print each step.
selftests:
	@$(VM)/host-packages.sh vm source
	@$(VM)/selftests.sh build

demo shell bench:
	@$(VM)/run.sh $@

check:
	@$(VM)/check.sh

check-sanitized:
	@SANITIZE=gcc $(VM)/check.sh sanitized
	@SANITIZE=clang $(VM)/check.sh sanitized

check-debug check-kcsan check-rt check-detectors:
	@$(VM)/check.sh $(@:check-%=%)

check-builds:
	@$(VM)/builds.sh

check-all:
	@$(VM)/all.sh

check-mutants:
	@selftests/mutants/run.sh

check-mm:
	@$(VM)/check.sh mm

check-cost:
	@$(VM)/check.sh cost

stress:
	@$(VM)/check.sh stress

fuzz:
	@$(VM)/check.sh fuzz

lint:
	@$(VM)/lint.sh

clean:
	$(MAKE) -C tools clean
	[ ! -e $(KDIR)/Makefile ] || $(MAKE) -C $(KDIR) M=$(CURDIR) clean
	rm -rf build

help:
	@echo 'Targets:'
	@echo '  all              build the module for the running kernel, and the tools (default)'
	@echo '  module           build only the module, module/rmapscope.ko'
	@echo '  tools            build only the tools, rmapscope and rmap-exercise'
	@echo '  install          install the module, the tools and the manual pages on this machine'
	@echo '  install-module   install only the module'
	@echo '  install-tools    install only the tools and the manual pages'
	@echo '  uninstall        remove what install has installed for the running kernel'
	@echo '  clean            remove everything built here, but keep the cache of kernels'
	@echo '  demo             boot a Debian kernel in QEMU and show which processes map a page'
	@echo '  shell            boot the same machine with a prompt, or run commands from a pipe'
	@echo '  selftests        build only the test programs, in build/selftests'
	@echo '  lint             run checkpatch, sparse, shellcheck and others; build with all warnings'
	@echo '  check            run all tests in QEMU, on each of the test kernels'
	@echo '  check-debug      run all tests on debugging kernels (built first, about ten minutes each, once)'
	@echo '  check-detectors  only check that the debugging kernels report deliberate faults'
	@echo '  check-kcsan      run the tests on a kernel that detects data races'
	@echo "  check-rt         run the tests on Debian's real-time kernels"
	@echo '  check-sanitized  run the tests of the tools, built with sanitizers'
	@echo "  check-mm         run the kernel's own tests of memory management, while other processes"
	@echo '                   take reports all the time'
	@echo '  check-builds     build the module for kernels without swap, KSM, cgroups and so on'
	@echo '  check-cost       check that no report costs 5 % more instructions than recorded'
	@echo '  check-mutants    put one fault at a time into the code; show which test notices it'
	@echo '  stress           run load of all kinds and readers, and reload the module meanwhile'
	@echo '  fuzz             make a million calls with valid and malformed input'
	@echo '  bench            run the benchmarks: the same for more processes, and the cost for others'
	@echo '  check-all        run all checks but check-kcsan (hours), and add up the results'
	@echo
	@echo 'Targets that boot or build kernels, and lint, install the Debian packages that they'
	@echo 'need (as root). They keep kernels in a cache, which can be deleted at any time.'
	@echo
	@echo 'Variables:'
	@echo '  KDIR=DIR                   kernel headers to build with (all, module, install)'
	@echo '  DESTDIR=DIR PREFIX=DIR     where to install (default: / and /usr/local)'
	@echo '  KERNELS="6.1 7.3"          test kernels: 6.1 6.12 7.3 6.1-debug 7.3-kcsan 6.1-rt ...'
	@echo '                             default: 6.1 (demo, shell, check-mutants), 6.1 6.12 7.3'
	@echo '                             (check, check-mm, stress, fuzz, bench), otherwise the kernels'
	@echo '                             that the target is about'
	@echo '  TESTS="anon swap"          only these test programs (check and others)'
	@echo '  VARIANTS="no-swap"         only these configurations (check-builds)'
	@echo '  MUTANTS="walk page/flags*" only these faults, by list, name or pattern (check-mutants)'
	@echo '  JOBS=2                     number of copies tried at the same time (check-mutants)'
	@echo '  MINUTES=5                  duration of the load (stress)'
	@echo '  INPUTS=1000000             number of calls (fuzz)'
	@echo '  SEED=N                     seed of the random numbers (stress, fuzz)'
	@echo "  V=1 W=1 C=1                show commands, more warnings, sparse, as in the kernel's make"
	@echo '  VM_MEM=3G                  memory of the test machine'
	@echo '  VM_TIMEOUT=SECONDS         time limit of the test machine'
	@echo '  VM_ACCEL=tcg               use no KVM, even if the host has it'
	@echo '  RMAPSCOPE_CACHE=DIR        where kernels are kept (default: ~/.cache/rmapscope)'
