// SPDX-License-Identifier: GPL-2.0
/*
 * The words of verdicts: each why= with its function, and each note= where it belongs and nowhere
 * else. Other programs try the operations.
 */
#include <inttypes.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "cgroup.h"
#include "child.h"
#include "kernel_file.h"
#include "oracle.h"
#include "page_actions.h"
#include "param.h"
#include "target.h"
#include "test.h"
#include "uapi_compat.h"

#define IN_VAIN	10

#define RECLAIMED	"ok=1 why=- func=shrink_folio_list"
#define MOVED		"ok=1 why=- func=migrate_folio_unmap"

/* The function that splits a folio, by the version of the kernel. */
static const char *split_func(void)
{
	unsigned int major = 0, minor = 0;
	struct utsname uts;

	if (uname(&uts) || sscanf(uts.release, "%u.%u", &major, &minor) != 2)
		return "nothing";
	if (major > 6 || minor > 12)
		return "__folio_split";
	return minor >= 9 ? "split_huge_page_to_list_to_order" : "split_huge_page_to_list";
}

/* Checks a verdict of a report, with its function and notes. */
static int says(const struct page_report *report, const char *op, const char *expected)
{
	const struct record *verdict = verdict_of(report, op);
	char text[256];

	if (!verdict)
		return -1;
	snprintf(text, sizeof(text), "ok=%s why=%s func=%s note=%s", record_get(verdict, "ok"),
		 record_get(verdict, "why"), record_get(verdict, "func"),
		 record_get(verdict, "note"));
	return strcmp(text, expected) ? complain("%s: %s; not %s", op, text, expected) : 0;
}

/* Checks the verdicts on a target; NULL skips one. */
static int words_of(const char *target, const char *reclaim, const char *migrate)
{
	struct page_report report;
	int ret;

	ret = page_report_take(&report, "%s", target);
	if (!ret && reclaim)
		ret = says(&report, "reclaim", reclaim);
	if (!ret && migrate)
		ret = says(&report, "migrate", migrate);
	page_report_free(&report);
	return ret;
}

/* ... on a page of this process that was not accessed recently and is in no LRU batch. */
static int words(const void *page, const char *reclaim, const char *migrate)
{
	char target[64];

	TARGET_AT(target, getpid(), page);
	if (drain_batches() || write_text("/proc/self/clear_refs", "1"))
		return -1;
	return words_of(target, reclaim, migrate);
}

FIXTURE(words) {
	size_t size;
	char *page;
	char split[128];
};

FIXTURE_SETUP(words)
{
	NEEDS_MODULE();
	if (!have_swap())
		SKIP(return, "no swap: /proc/swaps is empty");
	self->size = getpagesize();
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	snprintf(self->split, sizeof(self->split), "ok=0 why=order0 func=%s note=-",
		 split_func());
}

FIXTURE_TEARDOWN(words)
{
}

TEST_F(words, quiet_page_has_no_notes)
{
	struct page_report report;

	EXPECT_OK(words(self->page, RECLAIMED " note=-", MOVED " note=-"));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	EXPECT_OK(says(&report, "split", self->split));
	page_report_free(&report);
}

TEST_F(words, accessed_entries_are_counted_for_reclaim_alone)
{
	struct page_report report;
	struct child child;

	ASSERT_OK(child_fork(&child));
	ASSERT_OK(words(self->page, NULL, NULL));
	ASSERT_OK(child_do(&child, CHILD_READ, self->page));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	EXPECT_OK(says(&report, "reclaim", RECLAIMED " note=referenced:1,madvise_skips_shared"));
	EXPECT_OK(says(&report, "migrate", MOVED " note=needs_move_all"));
	page_report_free(&report);
	ASSERT_EQ(1, *(volatile char *)self->page);
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	EXPECT_OK(says(&report, "reclaim", RECLAIMED " note=referenced:2,madvise_skips_shared"));
	page_report_free(&report);
	EXPECT_OK(child_end(&child));
}

TEST_F(words, mlocked_page)
{
	const struct record *verdict;
	struct page_report report;

	ASSERT_EQ(0, mlock(self->page, self->size));
	EXPECT_OK(words(self->page, "ok=0 why=mlocked func=folio_evictable note=-",
			MOVED " note=-"));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	verdict = verdict_of(&report, "reclaim");
	EXPECT_EQ(getpid(), record_num(verdict, "pid"));
	EXPECT_EQ((uintptr_t)self->page, record_num(verdict, "va"));
	EXPECT_EQ(NULL, record_get(verdict_of(&report, "migrate"), "pid"));
	page_report_free(&report);
}

TEST_F(words, page_in_a_pipe)
{
	int ends[2], more[2];

	ASSERT_OK(drain_batches());
	ASSERT_OK(put_into_pipe(self->page, ends));
	ASSERT_OK(put_into_pipe(self->page, more));
	EXPECT_OK(words(self->page, "ok=0 why=extra_refs func=pageout note=-",
			"ok=0 why=extra_refs func=folio_migrate_mapping note=-"));
	close(more[0]);
	close(more[1]);
	/* A single extra reference may be that of a batch. */
	EXPECT_OK(words(self->page, "ok=0 why=extra_refs func=pageout note=maybe_batched",
			"ok=0 why=extra_refs func=folio_migrate_mapping note=maybe_batched"));
	close(ends[0]);
	close(ends[1]);
}

TEST_F(words, page_that_was_pinned)
{
	int ring = pin_by_uring(self->page);

	if (ring < 0)
		SKIP(return, "this kernel has no io_uring");
	EXPECT_OK(words(self->page, "ok=0 why=pinned func=shrink_folio_list note=-",
			"ok=0 why=pinned func=folio_migrate_mapping note=-"));
	close(ring);
}

/* The page stays in its batch until that is full or drained. */
TEST_F(words, fresh_page_in_a_batch)
{
	char target[64], *page;
	const char *note = "";
	struct page_report report;
	int i;

	for (i = 0; i < 64 && !strstr(note, "batched"); i++) {
		page = own_page();
		ASSERT_NE(NULL, page);
		ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
		note = record_num(report_next(&report.report, "refs", NULL), "off_lru") ?
		       record_get(verdict_of(&report, "migrate"), "note") : "";
		snprintf(target, sizeof(target), "%s", note);
		note = target;
		if (*note) {
			EXPECT_OK(says(&report, "reclaim", RECLAIMED " note=referenced:1,batched"));
			EXPECT_OK(says(&report, "migrate", MOVED " note=batched"));
		}
		page_report_free(&report);
	}
	EXPECT_STREQ("batched", note);
}

TEST_F(words, lazyfree_page_that_was_written_to)
{
	char target[64];

	ASSERT_OK(drain_batches());
	ASSERT_EQ(0, madvise(self->page, self->size, MADV_FREE));
	EXPECT_OK(words(self->page, RECLAIMED " note=-", MOVED " note=-"));
	*(volatile char *)self->page = 2;
	TARGET_AT(target, getpid(), self->page);
	EXPECT_OK(words_of(target, "ok=0 why=redirtied func=try_to_unmap_one note=-",
			   MOVED " note=-"));
}

/* The group itself has no limit, but its parent has. */
TEST_F(words, parent_group_without_swap_keeps_the_page_in_memory)
{
	struct cgroup above, below;
	char *page;

	if (cgroup_make(&above, "above"))
		SKIP(return, "no memory cgroup: %.200s", why);
	snprintf(below.path, sizeof(below.path), "%.100s/below", above.path);
	ASSERT_OK(cgroup_set(&above, "cgroup.subtree_control", "+memory"));
	ASSERT_EQ(0, mkdir(below.path, 0755));
	EXPECT_OK(cgroup_set(&below, "cgroup.procs", "0"));
	page = own_page();
	EXPECT_OK(words(page, RECLAIMED " note=-", MOVED " note=-"));
	EXPECT_OK(cgroup_set(&above, "memory.swap.max", "0"));
	EXPECT_OK(words(page, "ok=0 why=no_swap func=shrink_folio_list note=-", MOVED " note=-"));
	EXPECT_FALSE(page_out(page, self->size, frame(page), IN_VAIN));
	EXPECT_OK(cgroup_set(&above, "memory.swap.max", "max"));
	EXPECT_OK(words(page, RECLAIMED " note=-", NULL));
	EXPECT_TRUE(page_out(page, self->size, frame(page), 100));
	munmap(page, self->size);
	cgroup_leave(&below);
	cgroup_leave(&above);
}

TEST_F(words, shared_memory)
{
	struct cgroup cgroup;
	char *page;

	if (cgroup_enter(&cgroup, "words"))
		SKIP(return, "no memory cgroup: %.200s", why);
	page = mmap(NULL, self->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*page = 1;
	EXPECT_OK(words(page, RECLAIMED " note=-", MOVED " note=-"));
	EXPECT_OK(cgroup_set(&cgroup, "memory.swap.max", "0"));
	EXPECT_OK(words(page, "ok=0 why=no_swap func=pageout note=-", MOVED " note=-"));
	munmap(page, self->size);
	cgroup_leave(&cgroup);
}

TEST_F(words, files_without_writeback)
{
	char path[] = "/var/tmp/wordsXXXXXX", *page;
	int fd, id;

	id = shmget(IPC_PRIVATE, self->size, IPC_CREAT | 0600);
	ASSERT_NE(-1, id);
	page = shmat(id, NULL, 0);
	ASSERT_EQ(0, shmctl(id, IPC_RMID, NULL));
	*page = 1;
	ASSERT_EQ(0, shmctl(id, SHM_LOCK, NULL));
	EXPECT_OK(words(page, "ok=0 why=unevictable func=folio_evictable note=-",
			MOVED " note=-"));

	fd = syscall(SYS_memfd_secret, 0);
	if (fd >= 0 && !ftruncate(fd, self->size)) {
		page = mmap(NULL, self->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		ASSERT_NE(MAP_FAILED, page);
		*page = 1;
		EXPECT_OK(words(page, "ok=0 why=unevictable func=folio_evictable note=-",
				"ok=0 why=unmovable func=move_to_new_folio note=-"));
	}

	fd = mkstemp(path);
	if (fd < 0)
		return;
	unlink(path);
	ASSERT_EQ(0, ftruncate(fd, self->size));
	page = mmap(NULL, self->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, page);
	*page = 1;
	ASSERT_OK(drain_batches());
	if (has_flag(frame(page), KPF_UNEVICTABLE))
		EXPECT_OK(words(page, "ok=0 why=unevictable func=folio_evictable note=-",
				"ok=0 why=no_migrate_op func=move_to_new_folio note=-"));
}

TEST_F(words, hugetlb_page)
{
	char reclaim[128], split[128], *huge;
	size_t size = 2 << 20;
	struct page_report report;

	write_text("/proc/sys/vm/nr_hugepages", "4");
	huge = mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (huge == MAP_FAILED) {
		write_text("/proc/sys/vm/nr_hugepages", "0");
		SKIP(return, "no hugetlb pages: %s", strerror(errno));
	}
	*huge = 1;
	snprintf(reclaim, sizeof(reclaim), "ok=0 why=hugetlb func=folio_isolate_lru note=-");
	snprintf(split, sizeof(split), "ok=0 why=hugetlb func=%s note=-", split_func());
	EXPECT_OK(page_report_at(&report, getpid(), (uintptr_t)huge));
	EXPECT_OK(says(&report, "reclaim", reclaim));
	EXPECT_OK(says(&report, "migrate", MOVED " note=-"));
	EXPECT_OK(says(&report, "split", split));
	page_report_free(&report);
	munmap(huge, size);
	write_text("/proc/sys/vm/nr_hugepages", "0");
}

/*
 * The verdicts on a huge page depend on whether the target is the whole folio, and whether it is
 * mapped.
 */
TEST_F(words, huge_page)
{
	char split[128], unmapped[128], extra[128], *huge = own_thp();
	struct page_report report;
	uint64_t pfn;
	int ends[2];

	if (!huge)
		SKIP(return, "the kernel gives no transparent huge page");
	snprintf(split, sizeof(split), "ok=1 why=- func=%s note=-", split_func());
	snprintf(extra, sizeof(extra), "ok=0 why=extra_refs func=%s note=-", split_func());
	snprintf(unmapped, sizeof(unmapped), "ok=0 why=unmapped func=%s note=-", split_func());
	pfn = frame(huge);
	EXPECT_OK(words(huge, RECLAIMED " note=-", MOVED " note=-"));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)huge));
	EXPECT_OK(says(&report, "split", split));
	page_report_free(&report);

	ASSERT_OK(put_into_pipe(huge, ends));
	EXPECT_OK(words(huge, "ok=0 why=extra_refs func=shrink_folio_list note=-",
			"ok=0 why=extra_refs func=folio_migrate_mapping note=-"));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)huge));
	EXPECT_OK(says(&report, "split", extra));
	page_report_free(&report);
	ASSERT_EQ(0, madvise(huge, thp_size(), MADV_DONTNEED));
	ASSERT_OK(page_report_take(&report, "pfn=%#" PRIx64, pfn));
	EXPECT_OK(says(&report, "split", unmapped));
	page_report_free(&report);
	close(ends[0]);
	close(ends[1]);
}

TEST_F(words, part_of_a_huge_page)
{
	char *huge = own_thp(), target[64];
	const char *note;
	struct page_report report;

	if (!huge)
		SKIP(return, "the kernel gives no transparent huge page");
	/* From here on it is mapped by small entries. */
	ASSERT_EQ(0, madvise(huge, getpagesize(), MADV_DONTNEED));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)huge + 7 * getpagesize()));
	note = record_get(verdict_of(&report, "reclaim"), "note");
	EXPECT_NE(NULL, strstr(note, "page_only"));
	EXPECT_EQ(NULL, strstr(record_get(verdict_of(&report, "migrate"), "note"), "page_only"));
	page_report_free(&report);
	snprintf(target, sizeof(target), "pid=%d va=%p folio", getpid(), huge + 7 * getpagesize());
	ASSERT_OK(page_report_take(&report, "%s", target));
	note = record_get(verdict_of(&report, "reclaim"), "note");
	EXPECT_EQ(NULL, strstr(note, "page_only")) TH_LOG("%s", note);
	page_report_free(&report);
}

TEST_F(words, truncated_report)
{
	const struct record *verdict = NULL;
	unsigned int before;
	struct report report;
	char target[64];

	ASSERT_OK(drain_batches());
	ASSERT_OK(param_get("max_vmas", &before));
	TARGET_AT(target, getpid(), self->page);
	EXPECT_OK(param_set("max_vmas", 0));
	EXPECT_EQ(0, report_take(&report, "page", target));
	EXPECT_OK(param_set("max_vmas", before));
	while ((verdict = report_next(&report, "verdict", verdict)))
		EXPECT_NE(NULL, strstr(record_get(verdict, "note"), "truncated"));
	EXPECT_EQ(3, report_count(&report, "verdict"));
	report_free(&report);
}

TEST_HARNESS_MAIN
