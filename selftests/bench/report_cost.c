// SPDX-License-Identifier: GPL-2.0
/*
 * Measures what reports cost, in instructions: it runs in a guest whose clock counts them. Each
 * figure is the least of several, because the guest does other work as well.
 *
 * Prints a line "NAME VALUE" for each figure, which compare.awk compares with costs.list:
 *
 * write, read_byte: a page that one process maps; instructions for the write(2), and for each byte
 *	of the report that is read
 * crowded: ratio of the write(2) with 4,000 unrelated processes on the machine to that without
 * refused_*: the write(2) of a frame that has no report, or to a file that takes no target
 * top_process: what "top" costs for each process of fifteen VMAs
 * bare_N: the kernel's own walk of a page that N processes map
 * walk_N, write_N, report_N: ratios of the module's walk, of the write(2), and of the write(2) and
 *	the read(2) of the text, to bare_N
 */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "measure.h"

#define BARE		"/sys/kernel/debug/bare_walk"
#define UNRELATED	4000
#define TOP_PROCESSES	100
#define TOP_VMAS	15
#define HAVE_VMAS	"--have-vmas"
#define KPF_SLAB	(1ULL << 7)
#define KPF_BUDDY	(1ULL << 10)

#define TEXT_SIZE	(16 << 20)

/* Not in the children, so that these have few page tables. */
static char *text;
static size_t page_size;

/* What one report on a page costs. */
struct cost {
	uint64_t write;
	uint64_t read;
	uint64_t walk;
	uint64_t bare;
	size_t bytes;
};

/* Reads to the end into @text, and returns the length. */
static size_t read_all(int fd)
{
	size_t length = 0;
	ssize_t ret;

	while ((ret = read(fd, text + length, TEXT_SIZE - 1 - length)) > 0)
		length += ret;
	if (ret < 0)
		err(1, "read");
	text[length] = '\0';
	return length;
}

/* The number behind @key in @text. */
static uint64_t number_of(const char *key)
{
	const char *at = strstr(text, key);

	if (!at)
		errx(1, "there is no '%s' in: %.200s", key, text);
	return strtoull(at + strlen(key), NULL, 0);
}

/* The kernel's own walk of a page, by the module bare_walk. */
static uint64_t bare_walk(uint64_t pfn)
{
	int fd = open_file(BARE, O_RDWR);

	if (dprintf(fd, "%llu", (unsigned long long)pfn) < 0)
		err(1, BARE);
	close(fd);
	fd = open_file(BARE, O_RDONLY);
	read_all(fd);
	close(fd);
	return number_of(" ns=");
}

/*
 * A report costs the same through a file that was just opened and through one that was used before,
 * but for the buffers. This takes the former, as the tool does.
 */
static struct cost cost_of_page(const char *page)
{
	struct cost cost = {};
	char target[64];
	uint64_t begin;
	int round, fd;

	snprintf(target, sizeof(target), "pid=%d va=%p", getpid(), page);
	for (round = 0; round < ROUNDS; round++) {
		fd = open_file(FILES "page", O_RDWR);
		begin = now();
		if (write(fd, target, strlen(target)) < 0)
			err(1, "%s", target);
		keep_least(&cost.write, since(begin));
		begin = now();
		cost.bytes = read_all(fd);
		keep_least(&cost.read, since(begin));
		close(fd);
		keep_least(&cost.walk, number_of(" ns="));
		keep_least(&cost.bare, bare_walk(number_of(" pfn=")));
	}
	return cost;
}

static char *new_page(void)
{
	char *page = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0);

	if (page == MAP_FAILED)
		err(1, "mmap");
	return page;
}

/* A cost that depends on the number of processes has that in its name. */
/* A page that nobody else maps, with few processes on the machine and with many. */
static void one_mapper(void)
{
	struct cost cost, crowded;
	char *page = new_page();
	pid_t *pids;

	*page = 1;
	cost = cost_of_page(page);
	/* The others have no part in it. */
	madvise(page, page_size, MADV_DONTFORK);
	pids = fork_children(UNRELATED, sleep_for_ever);
	crowded = cost_of_page(page);
	end_children(pids, UNRELATED);
	print("write", cost.write);
	print_ratio("crowded", (double)crowded.write / cost.write);
	print_ratio("read_byte", (double)cost.read / cost.bytes);
	munmap(page, page_size);
}

static void many_mappers(int nr)
{
	char *page = new_page();
	struct cost cost;
	pid_t *pids;

	*page = 1;
	pids = fork_children(nr - 1, sleep_for_ever);
	cost = cost_of_page(page);
	print(with_number("bare", nr), cost.bare);
	print_ratio(with_number("walk", nr), (double)cost.walk / cost.bare);
	print_ratio(with_number("write", nr), (double)cost.write / cost.bare);
	print_ratio(with_number("report", nr), (double)(cost.write + cost.read) / cost.bare);
	print_ratio(with_number("read_byte", nr), (double)cost.read / cost.bytes);
	end_children(pids, nr - 1);
	munmap(page, page_size);
}

/* The first frame with a flag of /proc/kpageflags. */
static uint64_t frame_with(uint64_t flag)
{
	int fd = open_file("/proc/kpageflags", O_RDONLY);
	uint64_t flags, pfn;

	for (pfn = 0x1000; pread(fd, &flags, 8, pfn * 8) == 8; pfn++) {
		if (flags & flag) {
			close(fd);
			return pfn;
		}
	}
	errx(1, "no frame has the flag %llx", (unsigned long long)flag);
}

/* A target that is refused, by a file that takes it or by one that takes none. */
static uint64_t cost_of_refusal(const char *file, const char *target)
{
	int round, fd = open_file(file, O_WRONLY);
	uint64_t begin, least = 0;

	for (round = 0; round < ROUNDS; round++) {
		begin = now();
		if (write(fd, target, strlen(target)) >= 0)
			errx(1, "%s has a report", target);
		keep_least(&least, since(begin));
	}
	close(fd);
	return least;
}

static void refused_frame(const char *name, uint64_t flag)
{
	char target[64];

	snprintf(target, sizeof(target), "pfn=0x%llx", (unsigned long long)frame_with(flag));
	print(name, cost_of_refusal(FILES "page", target));
}

static uint64_t cost_of_top(void)
{
	uint64_t begin, least = 0;
	int round, fd;

	for (round = 0; round < ROUNDS; round++) {
		fd = open_file(FILES "top", O_RDONLY);
		begin = now();
		read_all(fd);
		keep_least(&least, since(begin));
		close(fd);
	}
	return least;
}

static int count_vmas(void)
{
	FILE *file = fopen("/proc/self/maps", "r");
	int c, nr = 0;

	if (!file)
		err(1, "/proc/self/maps");
	while ((c = getc(file)) != EOF)
		nr += c == '\n';
	fclose(file);
	return nr;
}

/* A program of its own with TOP_VMAS VMAs, whose trees no other process is in. */
static void have_vmas(void)
{
	int i;

	for (i = count_vmas(); i < TOP_VMAS; i++) {
		char *page = mmap(NULL, page_size, PROT_READ | PROT_WRITE | (i & 1 ? PROT_EXEC : 0),
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (page == MAP_FAILED)
			err(1, "mmap");
		*page = 1;
	}
	sleep_for_ever();
}

static void exec_have_vmas(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	execl("/proc/self/exe", "report_cost", HAVE_VMAS, NULL);
	err(1, "/proc/self/exe");
}

static void top(void)
{
	uint64_t few = cost_of_top();
	pid_t *pids = fork_children(TOP_PROCESSES, exec_have_vmas);

	sleep(1);
	print("top_process", (cost_of_top() - few) / TOP_PROCESSES);
	end_children(pids, TOP_PROCESSES);
}

int main(int argc, char **argv)
{
	int i;

	page_size = getpagesize();
	if (argc == 2 && !strcmp(argv[1], HAVE_VMAS))
		have_vmas();
	text = mmap(NULL, TEXT_SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (text == MAP_FAILED || madvise(text, TEXT_SIZE, MADV_DONTFORK))
		err(1, "no memory");
	one_mapper();
	/* What write(2) costs without any work of the module. */
	print("refused_write", cost_of_refusal(FILES "stats", "pfn=0"));
	refused_frame("refused_slab", KPF_SLAB);
	refused_frame("refused_free", KPF_BUDDY);
	top();
	for (i = 1; i < argc; i++)
		many_mappers(atoi(argv[i]));
	return 0;
}
