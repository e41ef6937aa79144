// SPDX-License-Identifier: GPL-2.0
/* Sets up memory and processes that do not change, so the results of reports on them are known. */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "complain.h"
#include "exercise.h"
#include "fuzz.h"

/* Scenarios with kinds of pages that the creator's own memory lacks. */
static const char * const scenarios[] = {
	"deep", "ksm", "swap-out", "swap", "thp", "thp-partial", "hugetlb", "shmem-thp",
	"file-private-cow", "mthp", "mlock",
};

#define NR_SCENARIOS	(sizeof(scenarios) / sizeof(scenarios[0]))
#define NR_CHILDREN	3
#define SECTION_PAGES	(1UL << 15)
#define HAS_PAGE	(FUZZ_OK | FUZZ_BIT(EAGAIN))

static struct exercise runs[NR_SCENARIOS];
static struct child children[NR_CHILDREN];
static size_t nr_children;
static pid_t zombie;

static void add_place(struct fuzz_setup *setup, pid_t pid, uint64_t start, uint64_t size,
		      fuzz_answers page, fuzz_answers tree)
{
	if (setup->nr_places == FUZZ_MAX_RANGES)
		return;
	setup->places[setup->nr_places++] = (struct fuzz_range) {
		.pid = pid, .start = start, .end = start + size, .page = page, .tree = tree,
	};
}

static uint64_t map(size_t pages, int prot, int flags)
{
	void *start = mmap(NULL, pages << 12, prot, flags | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED)
		return 0;
	madvise(start, pages << 12, MADV_NOHUGEPAGE);
	return (uintptr_t)start;
}

/*
 * Addresses of the creator that its children share. Shared memory is not in the page tables of a
 * child until the child touches it.
 */
static int add_memory(struct fuzz_setup *setup)
{
	uint64_t anon = map(4, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	uint64_t untouched = map(4, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	uint64_t forbidden = map(4, PROT_NONE, MAP_PRIVATE);
	uint64_t shared = map(4, PROT_READ | PROT_WRITE, MAP_SHARED);
	uint64_t hole = map(4, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	uint64_t text = (uintptr_t)fuzz_setup_create & -4096;
	uint64_t vdso = getauxval(AT_SYSINFO_EHDR);

	if (!anon || !untouched || !forbidden || !shared || !hole)
		return complain("mmap: %s", strerror(errno));
	/* Unmaps in the middle of a mapping, so that no later mmap() takes the place. */
	if (mmap((void *)hole, 4 << 12, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		 -1, 0) == MAP_FAILED)
		return complain("mmap: %s", strerror(errno));
	memset((void *)anon, 1, 4 << 12);
	memset((void *)shared, 1, 4 << 12);
	add_place(setup, 0, anon, 4 << 12, HAS_PAGE, HAS_PAGE);
	add_place(setup, 0, untouched, 4 << 12, FUZZ_BIT(ENODATA), FUZZ_BIT(ENODATA));
	add_place(setup, 0, forbidden, 4 << 12, FUZZ_BIT(ENODATA), FUZZ_BIT(ENODATA));
	add_place(setup, 0, shared, 4 << 12, HAS_PAGE | FUZZ_BIT(ENODATA),
		  FUZZ_BIT(EOPNOTSUPP) | FUZZ_BIT(ENODATA) | FUZZ_BIT(EAGAIN));
	add_place(setup, 0, text, 4096, HAS_PAGE | FUZZ_BIT(ENODATA),
		  FUZZ_BIT(EOPNOTSUPP) | FUZZ_BIT(ENODATA) | FUZZ_BIT(EAGAIN));
	add_place(setup, 0, 0, 4096, FUZZ_BIT(EFAULT), FUZZ_BIT(EFAULT));
	add_place(setup, 0, 0x7ffffffff000, -0x7ffffffff000, FUZZ_BIT(EFAULT),
		  FUZZ_BIT(EFAULT));
	if (vdso)
		add_place(setup, 0, vdso, 4096, FUZZ_BIT(EOPNOTSUPP) | FUZZ_BIT(ENODATA),
			  FUZZ_BIT(EOPNOTSUPP) | FUZZ_BIT(ENODATA));
	return 0;
}

static int add_processes(struct fuzz_setup *setup)
{
	siginfo_t info;
	pid_t gone;

	gone = fork();
	if (!gone)
		_exit(0);
	zombie = fork();
	if (!zombie)
		_exit(0);
	if (gone < 0 || zombie < 0)
		return complain("fork: %s", strerror(errno));
	waitpid(gone, NULL, 0);
	waitid(P_PID, zombie, &info, WEXITED | WNOWAIT);
	setup->without[setup->nr_without++] = gone;
	setup->without[setup->nr_without++] = zombie;
	/* kthreadd */
	setup->without[setup->nr_without++] = 2;

	setup->family[setup->nr_family++] = getpid();
	for (nr_children = 0; nr_children < NR_CHILDREN; nr_children++) {
		if (child_fork(&children[nr_children]))
			return -1;
		setup->family[setup->nr_family++] = children[nr_children].pid;
	}
	return 0;
}

/*
 * Adds up to two addresses that map a page of a scenario, and one that lost it or has it swapped
 * out.
 */
static void add_scenario(struct fuzz_setup *setup, const struct exercise *run)
{
	size_t i, j;

	for (i = 0; i < run->nr_pages && i < 4; i++) {
		const struct exercise_page *page = &run->pages[i];

		for (j = 0; j < page->mapped.nr && j < 2; j++)
			add_place(setup, page->mapped.v[j].pid, page->mapped.v[j].va, 4096,
				  HAS_PAGE, HAS_PAGE | FUZZ_BIT(EOPNOTSUPP));
		if (page->nr_absent)
			add_place(setup, page->absent[0].place.pid, page->absent[0].place.va, 4096,
				  HAS_PAGE | FUZZ_BIT(ENODATA) | FUZZ_BIT(EFAULT),
				  HAS_PAGE | FUZZ_BIT(ENODATA) | FUZZ_BIT(EFAULT) |
				  FUZZ_BIT(EOPNOTSUPP));
	}
}

/* The first frame after the end of memory, rounded up to a block of memory. */
static uint64_t find_end_pfn(void)
{
	FILE *file = fopen("/proc/iomem", "r");
	unsigned long long start, end, last = 0;
	char line[256];

	while (file && fgets(line, sizeof(line), file))
		if (strstr(line, "System RAM") && sscanf(line, "%llx-%llx", &start, &end) == 2)
			last = end;
	if (file)
		fclose(file);
	return ((last >> 12) + SECTION_PAGES) & -SECTION_PAGES;
}

/**
 * fuzz_setup_create() - set up all processes and addresses
 * @setup: filled; fuzz_setup_destroy() must follow, also after a failure
 *
 * Return: 0 or -1.
 */
int fuzz_setup_create(struct fuzz_setup *setup)
{
	size_t i;

	*setup = (struct fuzz_setup){ .end_pfn = find_end_pfn() };
	if (setup->end_pfn <= SECTION_PAGES)
		return complain("/proc/iomem shows no memory; root may see it");
	for (i = 0; i < NR_SCENARIOS; i++) {
		/*
		 * A scenario that this machine cannot run has printed the reason, and is not
		 * needed.
		 */
		if (!exercise_start(&runs[i], scenarios[i], NULL))
			add_scenario(setup, &runs[i]);
	}
	return add_memory(setup) || add_processes(setup) ? -1 : 0;
}

/**
 * fuzz_setup_destroy() - undo fuzz_setup_create()
 * @setup: the setup
 *
 * Return: 0, or -1 if some process failed.
 */
int fuzz_setup_destroy(struct fuzz_setup *setup)
{
	int bad = 0;
	size_t i;

	for (i = 0; i < nr_children; i++)
		bad |= child_end(&children[i]);
	nr_children = 0;
	if (zombie > 0)
		waitpid(zombie, NULL, 0);
	for (i = 0; i < NR_SCENARIOS; i++)
		bad |= exercise_stop(&runs[i]);
	return bad ? -1 : 0;
}

/**
 * fuzz_is_pid() - look for a process
 * @pid: the process
 * @pids: where to look
 * @nr: how many they are
 *
 * Return: true if it is there.
 */
bool fuzz_is_pid(uint64_t pid, const pid_t *pids, size_t nr)
{
	while (nr--)
		if (pid == (uint64_t)pids[nr])
			return true;
	return false;
}

static fuzz_answers of_process(const struct fuzz_setup *setup, enum fuzz_file file,
			       const struct fuzz_target *target)
{
	bool own = fuzz_is_pid(target->pid, setup->family, setup->nr_family);
	size_t i;

	if (!target->pid || target->pid > INT_MAX ||
	    fuzz_is_pid(target->pid, setup->without, setup->nr_without))
		return FUZZ_BIT(ESRCH);
	for (i = 0; i < setup->nr_places; i++) {
		const struct fuzz_range *place = &setup->places[i];

		if ((place->pid ? target->pid == (uint64_t)place->pid : own) &&
		    target->va >= place->start && target->va < place->end)
			return file == FUZZ_TREE ? place->tree : place->page;
	}
	return (FUZZ_LOOK & ~FUZZ_BIT(ENXIO)) & ~(own ? FUZZ_BIT(ESRCH) : 0);
}

/**
 * fuzz_setup_answers() - the allowed results of a report
 * @setup: the setup
 * @file: the file
 * @target: the target
 *
 * Return: the set of results.
 */
fuzz_answers fuzz_setup_answers(const struct fuzz_setup *setup, enum fuzz_file file,
				const struct fuzz_target *target)
{
	switch (target->form) {
	case FUZZ_BY_PID:
		return of_process(setup, file, target);
	case FUZZ_BY_PFN:
		if (target->pfn >= setup->end_pfn)
			return FUZZ_BIT(ENXIO);
		return FUZZ_OK | FUZZ_BIT(EOPNOTSUPP) | FUZZ_BIT(EAGAIN) | FUZZ_BIT(ENXIO);
	default:
		return FUZZ_BIT(EINVAL);
	}
}
