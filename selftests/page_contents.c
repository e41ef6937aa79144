// SPDX-License-Identifier: GPL-2.0
/*
 * The module never reads the contents of a page. Hardware watchpoints on some words of the page,
 * at their addresses in the kernel's direct map, count accesses while reports of all kinds are
 * taken.
 */
#include <elf.h>
#include <inttypes.h>
#include <linux/hw_breakpoint.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "child.h"
#include "oracle.h"
#include "page_actions.h"
#include "target.h"
#include "test.h"

/* x86 has four watchpoints of up to eight bytes. */
#define WATCHED		4
#define WORD		8
#define WATCHED_CPU	0

FIXTURE(page_contents) {
	char *page;
	uint64_t pfn;
	int watches[WATCHED];
	int memory;
};

FIXTURE_VARIANT(page_contents) {
	bool shared;
	bool large;
};

FIXTURE_VARIANT_ADD(page_contents, anonymous_page) {
	.shared = false,
};

FIXTURE_VARIANT_ADD(page_contents, shared_page) {
	.shared = true,
};

FIXTURE_VARIANT_ADD(page_contents, large_folio) {
	.large = true,
};

/* The address of a frame in the kernel's direct map; 0 if unknown. */
static uint64_t address_in_kernel(uint64_t pfn)
{
	int fd = open("/proc/kcore", O_RDONLY | O_CLOEXEC);
	uint64_t phys = pfn * getpagesize(), found = 0;
	Elf64_Phdr part;
	Elf64_Ehdr head;
	unsigned int i;

	if (fd < 0 || pread(fd, &head, sizeof(head), 0) != sizeof(head))
		head.e_phnum = 0;
	for (i = 0; i < head.e_phnum && !found; i++) {
		off_t at = head.e_phoff + i * sizeof(part);

		if (pread(fd, &part, sizeof(part), at) != sizeof(part))
			break;
		/* Segments that are not memory have -1 as their physical address. */
		if (part.p_type == PT_LOAD && part.p_paddr != UINT64_MAX &&
		    phys - part.p_paddr < part.p_memsz)
			found = part.p_vaddr + (phys - part.p_paddr);
	}
	if (fd >= 0)
		close(fd);
	return found;
}

static int stay_on_watched_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(WATCHED_CPU, &cpus);
	return sched_setaffinity(0, sizeof(cpus), &cpus);
}

/*
 * The event is the CPU's. The first event of a task would make the kernel patch the code of its
 * scheduler while the other CPUs run it, which QEMU's emulation sometimes gets wrong.
 */
static int watch(uint64_t va)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_BREAKPOINT,
		.size = sizeof(attr),
		.bp_type = HW_BREAKPOINT_RW,
		.bp_addr = va,
		.bp_len = WORD,
	};

	return syscall(__NR_perf_event_open, &attr, -1, WATCHED_CPU, -1, PERF_FLAG_FD_CLOEXEC);
}

FIXTURE_SETUP(page_contents)
{
	size_t i, size = getpagesize();
	uint64_t there;

	memset(self->watches, -1, sizeof(self->watches));
	self->memory = -1;
	NEEDS_MODULE();
	ASSERT_EQ(0, stay_on_watched_cpu());
	if (variant->large)
		self->page = own_thp();
	else
		self->page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_ANONYMOUS |
				  (variant->shared ? MAP_SHARED : MAP_PRIVATE), -1, 0);
	if (variant->large && !self->page)
		SKIP(return, "the kernel gives no huge page");
	ASSERT_NE(MAP_FAILED, self->page);
	memset(self->page, 'x', size);
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)self->page, &self->pfn));
	there = address_in_kernel(self->pfn);
	if (!there)
		SKIP(return, "/proc/kcore does not show the direct map");
	for (i = 0; i < WATCHED; i++) {
		self->watches[i] = watch(there + i * (size - WORD) / (WATCHED - 1) / WORD * WORD);
		if (self->watches[i] < 0)
			SKIP(return, "no watchpoint: %s", strerror(errno));
	}
	self->memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->memory);
}

FIXTURE_TEARDOWN(page_contents)
{
	size_t i;

	for (i = 0; i < WATCHED; i++)
		if (self->watches[i] >= 0)
			close(self->watches[i]);
	if (self->memory >= 0)
		close(self->memory);
}

/* How many of the words were accessed. */
static int words_seen(const int *watches)
{
	int i, seen = 0;

	for (i = 0; i < WATCHED; i++) {
		uint64_t count;

		if (read(watches[i], &count, sizeof(count)) != sizeof(count))
			return -1;
		seen += count > 0;
	}
	return seen;
}

static int try_report(const char *file, const char *target)
{
	struct report report;
	int err = report_take(&report, file, target);

	report_free(&report);
	return err;
}

static void report_in_all_ways(struct __test_metadata *_metadata, const char *page, uint64_t pfn)
{
	static const char *const options[] = { "", " folio" };
	char target[80];
	size_t i;

	for (i = 0; i < 2; i++) {
		snprintf(target, sizeof(target), "pid=%d va=%p%s", getpid(), page, options[i]);
		EXPECT_EQ(0, try_report("page", target));
		snprintf(target, sizeof(target), "pfn=%" PRIu64 "%s", pfn, options[i]);
		EXPECT_EQ(0, try_report("page", target));
	}
	TARGET_AT(target, getpid(), page);
	/* A page of shared memory has no tree. */
	try_report("tree", target);
	EXPECT_EQ(0, try_report("top", NULL));
}

TEST_F(page_contents, contents_are_never_read)
{
	char copy[getpagesize()];
	int seen;

	report_in_all_ways(_metadata, self->page, self->pfn);
	EXPECT_EQ(0, words_seen(self->watches));
	/* Checks that the watchpoints work: the kernel's own read hits every word. */
	ASSERT_EQ((ssize_t)sizeof(copy),
		  pread(self->memory, copy, sizeof(copy), (uintptr_t)self->page));
	EXPECT_EQ('x', copy[sizeof(copy) - 1]);
	seen = words_seen(self->watches);
	if (!seen)
		SKIP(return, "watchpoints do not work: even the kernel's own read is not counted");
	EXPECT_EQ(WATCHED, seen);
}

TEST_HARNESS_MAIN
