# SPDX-License-Identifier: GPL-2.0
#
# make          the module for the running kernel, and the tools
# make help     everything else

KDIR ?= /lib/modules/$(shell uname -r)/build

# What the scripts of selftests/vm/ look at.
export KERNELS TESTS VARIANTS MUTANTS JOBS MINUTES INPUTS SEED V W C VM_MEM VM_TIMEOUT VM_ACCEL RMAPSCOPE_CACHE

VM := selftests/vm

.PHONY: all module tools selftests demo shell check check-all check-builds check-sanitized check-debug
.PHONY: check-kcsan check-rt check-detectors check-mutants check-mm stress fuzz bench lint install clean help

all: module tools

module: headers
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tools:
	$(MAKE) -C tools

install: all
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(abspath $(DESTDIR)) modules_install
	$(MAKE) -C tools install DESTDIR=$(abspath $(DESTDIR))

.PHONY: headers
headers:
	@[ -e $(KDIR)/Makefile ] || { \
		echo "rmapscope: no kernel headers in $(KDIR): install those of the running" \
			"kernel (Debian: apt-get install linux-headers-$(shell uname -r))," \
			"name another kernel's with KDIR=DIR, or make tools alone" >&2; exit 1; }

# The rest does its own set-up, and says what it does.
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
	@echo '  all        the module (module/rmapscope.ko) for the running kernel, and the tools (default)'
	@echo '  module     only the module'
	@echo '  tools      only the tools: rmapscope and rmap-exercise, in tools/'
	@echo '  demo       boots a Debian kernel in QEMU and shows what rmapscope sees'
	@echo '  shell      boots the same machine with a prompt, or runs commands from a pipe in it'
	@echo '  check      runs all tests on each of the test kernels in QEMU'
	@echo "  check-debug  runs them on kernels for debugging, built here from Debian's source (for minutes)"
	@echo '  check-detectors  only what check-debug does first: sees these kernels notice deliberate faults'
	@echo '  check-kcsan  runs them on a kernel that notices data races'
	@echo "  check-rt   runs them on Debian's kernels for real time"
	@echo '  check-sanitized  runs those of the tools, built with address and undefined-behaviour sanitizers'
	@echo "  check-mm   runs the kernel's own tests of its memory management in QEMU, while we look on"
	@echo '  check-mutants  puts one fault at a time into a copy, and shows which test notices'
	@echo '  check-builds  only builds the module, for kernels that lack swap, KSM, hugetlb, cgroups ...'
	@echo '  stress     runs a load of all kinds in QEMU, readers of everything, and a loader of the module'
	@echo '  fuzz       makes a million calls with input good and bad in QEMU'
	@echo '  bench      runs the benchmarks in QEMU, counting instructions'
	@echo '  lint       checkpatch, sparse, all warnings, clang, shellcheck, kernel-doc'
	@echo '  check-all  runs all of these but check-kcsan one after the other, for hours, and adds up'
	@echo '  selftests  only builds the test programs, in build/selftests'
	@echo '  install    installs module, tools and manual pages on this machine'
	@echo '  clean      removes everything built here (not the cache of kernels)'
	@echo
	@echo 'demo, shell, bench, lint and all that is called check install the Debian packages they lack (as root) and'
	@echo 'keep the kernels they fetch in a cache, which can be deleted at any time.'
	@echo
	@echo 'Variables:'
	@echo '  KDIR=DIR             kernel headers for all, module, install'
	@echo '  DESTDIR=DIR PREFIX=DIR  where install puts things (default: /, /usr/local)'
	@echo '  KERNELS="6.1 7.3"    test kernels, of 6.1 6.12 7.3 (check, check-mm, lint, bench: all; demo, shell: 6.1)'
	@echo '                       also 6.1-debug 6.1-kcsan 6.1-rt, and so on'
	@echo '  TESTS="anon swap"    only these test programs (check, check-mm)'
	@echo '  VARIANTS="no-swap"   only these configurations (check-builds)'
	@echo '  MUTANTS="walk look/flags*" only these faults, by list, name or pattern (check-mutants)'
	@echo '  JOBS=2               so many copies at the same time (check-mutants)'
	@echo '  MINUTES=5 SEED=N     how long, and with which random numbers (stress)'
	@echo '  INPUTS=1000000 SEED=N  how many calls, and with which random numbers (fuzz)'
	@echo '  V=1 W=1 C=1          as in the kernel: show commands, more warnings, sparse'
	@echo '  VM_MEM=3G            memory of the test machine'
	@echo '  VM_TIMEOUT=SECONDS   time limit of the test machine'
	@echo '  VM_ACCEL=tcg         no KVM even where there is one'
	@echo '  RMAPSCOPE_CACHE=DIR  where kernels are kept (default: ~/.cache/rmapscope)'
