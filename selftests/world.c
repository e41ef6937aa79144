// SPDX-License-Identifier: GPL-2.0
/*
 * Every frame of the machine: after all kinds of memory were set up and a mixed load has
 * churned them, the world is stopped, and what the module says of each frame is
 * compared with one scan of the pagemaps of all processes.
 */
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "chaos.h"
#include "check.h"
#include "exercise.h"
#include "oracle.h"
#include "test.h"

#define KPF_ANON		(1ULL << 12)
#define KPF_SWAPCACHE		(1ULL << 13)
#define KPF_LRU			(1ULL << 5)
#define KPF_HUGE		(1ULL << 17)
#define KPF_KSM			(1ULL << 21)
#define KPF_ZERO_PAGE		(1ULL << 24)

/* Frames with a reverse map, by the kernel's own flags. */
#define KPF_HAS_RMAP		(KPF_ANON | KPF_LRU | KPF_HUGE | KPF_KSM)

static const char * const scenarios[] = {
	"fork", "cow-child", "deep", "shared-anon", "memfd", "sysv", "tmpfs", "secretmem",
	"file-private-cow", "exec", "ksm", "thp", "thp-partial", "thp-cross", "mthp",
	"shmem-thp", "hugetlb", "hugetlb-shared", "hugetlb-pmd-share", "swap", "swap-out",
	"madv-free", "mlock", "pinned", "uffd", "protnone", "zero",
};

#define NR_SCENARIOS	(sizeof(scenarios) / sizeof(scenarios[0]))

/* The stopped machine, by its pagemaps and by the module. */
struct machine {
	struct oracle all;
	int page_file;
	unsigned int seed;
	unsigned long reported, mappings, again;
};

FIXTURE(world)
{
	struct exercise runs[NR_SCENARIOS];
	struct chaos chaos;
	struct machine machine;
};

FIXTURE_SETUP(world)
{
	const char *seed = getenv("RMAPSCOPE_SEED");

	self->machine.page_file = -1;
	self->machine.seed = seed ? strtoul(seed, NULL, 0) : time(NULL) % 100000;
}

FIXTURE_TEARDOWN(world)
{
	size_t i;

	oracle_free(&self->machine.all);
	EXPECT_OK(chaos_stop(&self->chaos));
	for (i = 0; i < NR_SCENARIOS; i++)
		EXPECT_OK(exercise_stop(&self->runs[i]));
	if (self->machine.page_file >= 0)
		close(self->machine.page_file);
}

static int set_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t done = fd < 0 ? -1 : write(fd, text, strlen(text));

	if (fd >= 0)
		close(fd);
	return done < 0 ? complain("%s: %s", path, strerror(errno)) : 0;
}

/* What would move pages although their processes stand still. */
static int stop_daemons(void)
{
	return set_text("/sys/kernel/mm/ksm/run", "0") ||
	       set_text("/sys/kernel/mm/transparent_hugepage/enabled", "never");
}

/* The module's answer, as an errno, without reading it. */
static int ask(int fd, uint64_t pfn)
{
	char target[32];

	snprintf(target, sizeof(target), "pfn=%#" PRIx64, pfn);
	return look_write(fd, target);
}

/* A frame that is refused must have none, by the kernel's own flags. */
static int check_refused(uint64_t pfn, const struct places *found, int err)
{
	uint64_t flags = 0;

	if (err != -EOPNOTSUPP && err != -ENXIO)
		return complain("error %d", err);
	if (!found->nr)
		return 0;
	if (oracle_kpageflags(pfn, &flags))
		return -1;
	if (flags & KPF_ZERO_PAGE || !(flags & KPF_HAS_RMAP))
		return 0;
	return complain("refused (%d) with %zu mappings and flags %#" PRIx64, err, found->nr,
			flags);
}

static int check_report(struct look *look, uint64_t pfn, const struct places *found)
{
	struct places owners = { 0 }, sharers = { 0 };
	int ret = look->pfn == pfn ? 0 : complain("pfn=%#" PRIx64, look->pfn);

	if (!ret)
		ret = look_mapped(look, &owners, &sharers);
	if (!ret)
		ret = places_compare(&sharers, "the report", found, "the pagemaps");
	if (!ret && record_num(look->walk, "raced"))
		ret = complain("raced=1");
	if (!ret && record_num(look->walk, "pte_maps") != record_num(look->page, "mapcount"))
		ret = complain("pte_maps=%s mapcount=%s", record_get(look->walk, "pte_maps"),
			       record_get(look->page, "mapcount"));
	places_free(&owners);
	places_free(&sharers);
	return ret;
}

static int compare_frame(int fd, uint64_t pfn, const struct places *found)
{
	struct look look;
	int err = ask(fd, pfn);

	if (err)
		return check_refused(pfn, found, err);
	err = look_take(&look, "pfn=%#" PRIx64, pfn);
	if (!err)
		err = check_report(&look, pfn, found);
	look_free(&look);
	return err;
}

/*
 * The machine isn't altogether still: this program itself, and what the kernel does on its
 * own account. A difference counts if it is still there when all is looked at again.
 */
static int compare_again(int fd, uint64_t pfn)
{
	int try, ret = -1;

	for (try = 0; ret && try < 3; try++) {
		struct places found = { 0 };

		sched_yield();
		if (oracle_mappers(pfn, &found))
			return -1;
		ret = compare_frame(fd, pfn, &found);
		places_free(&found);
	}
	return ret;
}

/* One more than the last frame; all sections of memory are as large as the first. */
static uint64_t end_of_memory(void)
{
	enum { SECTION = 1 << 15 };
	uint64_t pfn = 0, flags;

	while (!oracle_kpageflags(pfn, &flags))
		pfn += SECTION;
	return pfn;
}

static void compare_all(struct __test_metadata *_metadata, struct machine *m)
{
	uint64_t pfn, end = end_of_memory();
	int differences = 0;

	for (pfn = 0; pfn < end; pfn++) {
		struct places found = { 0 };
		int ret = oracle_find(&m->all, pfn, &found);

		if (!ret)
			ret = compare_frame(m->page_file, pfn, &found);
		if (ret) {
			m->again++;
			ret = compare_again(m->page_file, pfn);
		}
		m->mappings += found.nr;
		m->reported += !!found.nr;
		places_free(&found);
		if (!ret)
			continue;
		EXPECT_EQ(0, ret) {
			TH_LOG("seed %u: pfn %#" PRIx64 ": %s", m->seed, pfn, why);
		}
		if (++differences == 20)
			break;
	}
	TH_LOG("seed %u: %" PRIu64 " frames, %lu of them mapped, %lu mappings, %lu twice",
	       m->seed, pfn, m->reported, m->mappings, m->again);
	ASSERT_LT(1000, m->mappings);
}

TEST_F_TIMEOUT(world, each_frame_is_mapped_as_the_pagemaps_say, 900)
{
	struct timespec load = { .tv_sec = 5 };
	unsigned int workers, deeds;
	size_t i;

	NEEDS_MODULE();
	for (i = 0; i < NR_SCENARIOS; i++) {
		int ret = exercise_start(&self->runs[i], scenarios[i], NULL);

		if (ret != EXERCISE_UNSUPPORTED)
			ASSERT_OK(ret);
	}
	set_text("/sys/kernel/mm/ksm/sleep_millisecs", "1");
	set_text("/sys/kernel/mm/ksm/run", "1");
	ASSERT_OK(chaos_start(&self->chaos, 8, self->machine.seed));
	/* Not for anything to be in place: this is how long the load lasts. */
	nanosleep(&load, NULL);
	ASSERT_OK(chaos_freeze(&self->chaos));
	workers = chaos_count(&self->chaos, &deeds);
	TH_LOG("seed %u: %u workers stand still after %u deeds", self->machine.seed, workers,
	       deeds);
	ASSERT_OK(stop_daemons());
	self->machine.page_file = look_open("page", O_RDWR);
	ASSERT_LE(0, self->machine.page_file);
	/* Twice: the first time makes room for the result, which is memory, too. */
	ASSERT_OK(oracle_scan(&self->machine.all));
	ASSERT_OK(oracle_scan(&self->machine.all));
	compare_all(_metadata, &self->machine);
	set_text("/sys/kernel/mm/transparent_hugepage/enabled", "madvise");
}

TEST_HARNESS_MAIN
