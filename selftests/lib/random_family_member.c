// SPDX-License-Identifier: GPL-2.0
/* What a member of the random family does to its memory. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "random_family.h"

#define MAX_AREAS	24
#define AREA_PAGES	16

/* A range of pages. Those with a bit in @mapped are mapped. */
struct area {
	char *start;
	unsigned int nr;
	uint32_t mapped;
};

static struct area areas[MAX_AREAS];
static unsigned int nr_areas;
static unsigned int seed;
static int report_fd, hold_fd, parent_fd = -1;
static size_t page_size;

static unsigned int dice(unsigned int sides)
{
	return rand_r(&seed) % sides;
}

static void fail(void)
{
	pid_t none = -1;

	if (write(report_fd, &none, sizeof(none)) != sizeof(none))
		_exit(2);
	_exit(1);
}

static void must(bool done)
{
	if (!done)
		fail();
}

static void new_area(void)
{
	struct area *area = &areas[nr_areas];

	if (nr_areas == MAX_AREAS)
		return;
	area->start = own_pages(AREA_PAGES);
	must(area->start);
	area->nr = AREA_PAGES;
	area->mapped = (1U << AREA_PAGES) - 1;
	nr_areas++;
}

/* Pages [first, first + nr) of an area, all of which are mapped. */
struct range {
	struct area *area;
	unsigned int first;
	unsigned int nr;
};

static uint32_t range_bits(const struct range *range)
{
	return ((1U << range->nr) - 1) << range->first;
}

static char *range_start(const struct range *range)
{
	return range->area->start + range->first * page_size;
}

static bool pick_range(struct range *range)
{
	range->area = &areas[dice(nr_areas)];
	range->first = dice(range->area->nr);
	range->nr = 1 + dice(range->area->nr - range->first);
	return (range->area->mapped & range_bits(range)) == range_bits(range);
}

static void write_pages(const struct range *range)
{
	unsigned int i;

	/* Some of the pages may be read-only. */
	must(!mprotect(range_start(range), range->nr * page_size, PROT_READ | PROT_WRITE));
	for (i = 0; i < range->nr; i += 1 + dice(3))
		range_start(range)[i * page_size + dice(page_size)]++;
}

static void read_page(const struct range *range)
{
	must(!mprotect(range_start(range), page_size, PROT_READ));
	(void)*(volatile char *)range_start(range);
}

static void protect_pages(const struct range *range)
{
	static const int protections[] = { PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE };

	must(!mprotect(range_start(range), range->nr * page_size, protections[dice(3)]));
}

static void unmap_pages(const struct range *range)
{
	must(!munmap(range_start(range), range->nr * page_size));
	range->area->mapped &= ~range_bits(range);
}

/* The pages move and become an area of their own. */
static void move_pages(const struct range *range)
{
	size_t size = range->nr * page_size;
	char *target;

	if (nr_areas == MAX_AREAS)
		return;
	/* The range can span VMAs with different protection, but mremap() needs a single VMA. */
	if (mprotect(range_start(range), size, PROT_READ | PROT_WRITE))
		fail();
	target = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	must(target != MAP_FAILED);
	if (mremap(range_start(range), size, size, MREMAP_MAYMOVE | MREMAP_FIXED,
		   target) == MAP_FAILED) {
		/* The range has VMAs that could not be merged; some of them may have moved. */
		must(errno == EFAULT);
		must(!munmap(target, size));
		unmap_pages(range);
		return;
	}
	areas[nr_areas++] = (struct area){
		.start = target,
		.nr = range->nr,
		.mapped = (1U << range->nr) - 1,
	};
	range->area->mapped &= ~range_bits(range);
}

static void use_stack(unsigned int depth)
{
	volatile char frame[2048];

	frame[dice(sizeof(frame))] = 1;
	if (depth)
		use_stack(depth - 1);
	frame[dice(sizeof(frame))] = 2;
}

static void use_heap(void)
{
	char *memory = calloc(1 + dice(3 * page_size), 1);

	must(memory);
	/* Keeps its memory, so that its children inherit it. */
	memory[0] = 1;
}

static void act(void)
{
	struct range range;

	switch (dice(16)) {
	case 0:
		new_area();
		return;
	case 1:
		use_stack(dice(6));
		return;
	case 2:
		use_heap();
		return;
	}
	if (!pick_range(&range))
		return;
	switch (dice(12)) {
	case 0:
		unmap_pages(&range);
		break;
	case 1:
	case 2:
		move_pages(&range);
		break;
	case 3:
	case 4:
		protect_pages(&range);
		break;
	case 5:
		must(!madvise(range_start(&range), range.nr * page_size, MADV_DONTNEED));
		break;
	case 6:
		read_page(&range);
		break;
	default:
		write_pages(&range);
		break;
	}
}

static void act_some(void)
{
	unsigned int i, nr = 3 + dice(12);

	for (i = 0; i < nr; i++)
		act();
}

static void live(unsigned int generation);

/* Returns when the child and its children have blocked. */
static void bear_child(unsigned int generation)
{
	int fds[2];
	pid_t pid;
	char fate;

	must(!pipe(fds));
	pid = fork();
	must(pid >= 0);
	if (!pid) {
		close(fds[0]);
		if (parent_fd >= 0)
			close(parent_fd);
		parent_fd = fds[1];
		seed = seed * 31 + generation;
		live(generation);
	}
	close(fds[1]);
	/* If a child crashes, the read ends. */
	must(read(fds[0], &fate, 1) == 1);
	close(fds[0]);
	if (fate == 'x')
		must(waitpid(pid, NULL, 0) == pid);
	/* The child uses its own random numbers, so the parent's do not depend on the child. */
	dice(2);
}

static void tell_parent(char fate)
{
	if (parent_fd >= 0)
		must(write(parent_fd, &fate, 1) == 1);
}

static void stand_still(pid_t name)
{
	char byte;

	must(write(report_fd, &name, sizeof(name)) == sizeof(name));
	tell_parent('d');
	/* The test never writes to this pipe. The read ends when the test closes it. */
	_exit(read(hold_fd, &byte, 1) ? 1 : 0);
}

static void live(unsigned int generation)
{
	bool root = generation == 0;
	unsigned int children = root ? 2 + dice(2) : dice(4);

	act_some();
	if (generation + 1 < RANDOM_FAMILY_GENERATIONS)
		for (; children; children--) {
			bear_child(generation + 1);
			act_some();
		}
	if (!root && !dice(5)) {
		tell_parent('x');
		_exit(0);
	}
	if (root) {
		pid_t self = getpid();

		must(write(report_fd, &self, sizeof(self)) == sizeof(self));
	}
	/* A 0 after the pid of the root says that the family is complete. */
	stand_still(root ? 0 : getpid());
}

/**
 * random_family_main() - run the first member of a family
 * @argc: 5
 * @argv: program, RANDOM_FAMILY_ARGUMENT, seed, descriptor to report pids to, descriptor to wait
 *   on
 *
 * Return: never.
 */
int random_family_main(int argc, char **argv)
{
	unsigned int i;

	if (argc != 5)
		return 2;
	seed = strtoul(argv[2], NULL, 0);
	report_fd = atoi(argv[3]);
	hold_fd = atoi(argv[4]);
	page_size = sysconf(_SC_PAGESIZE);
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	for (i = 0; i < 4; i++)
		new_area();
	live(0);
	return 0;
}
