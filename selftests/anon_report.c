// SPDX-License-Identifier: GPL-2.0
/* Single values in reports on anonymous pages. Also, taking a report must not change the page. */
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "check_report.h"
#include "child.h"
#include "exercise.h"
#include "oracle.h"
#include "target.h"
#include "test.h"

static const struct record *first_av(const struct page_report *report)
{
	return report_next(&report->report, "anon_vma", NULL);
}

TEST(walk_visits_every_sharer_and_counts_writers_as_absent)
{
	enum { CHILDREN = 9, WRITERS = 4 };
	struct child children[CHILDREN];
	struct page_report report;
	char *page;
	int i;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	for (i = 0; i < CHILDREN; i++)
		ASSERT_OK(child_fork(&children[i]));
	for (i = 0; i < WRITERS; i++)
		ASSERT_OK(child_do(&children[2 * i], CHILD_WRITE, page));

	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	EXPECT_EQ(CHILDREN + 1, report.visited);
	EXPECT_EQ(CHILDREN + 1 - WRITERS, report.mapped);
	EXPECT_EQ(WRITERS, report.absent);
	EXPECT_OK(check_against_pagemaps(&report));
	for (i = 0; i < WRITERS; i++) {
		const struct record *map = page_report_map_at(&report, children[2 * i].pid,
							      (uintptr_t)page);
		uint64_t pfn;

		ASSERT_NE(NULL, map);
		EXPECT_STREQ("cowed", record_get(map, "state"));
		ASSERT_OK(oracle_pfn(children[2 * i].pid, (uintptr_t)page, &pfn));
		EXPECT_EQ(pfn, record_num(map, "now_pfn"));
	}
	page_report_free(&report);
	for (i = 0; i < CHILDREN; i++)
		EXPECT_OK(child_end(&children[i]));
}

TEST(page_that_a_child_dropped_is_listed_as_none)
{
	struct child child;
	struct page_report report;
	char *page;
	const struct record *map;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(child_do(&child, CHILD_DONTNEED, page));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	map = page_report_map_at(&report, child.pid, (uintptr_t)page);
	ASSERT_NE(NULL, map);
	EXPECT_STREQ("none", record_get(map, "state"));
	EXPECT_EQ(2, report.visited);
	EXPECT_EQ(1, report.mapped);
	page_report_free(&report);
	EXPECT_OK(child_end(&child));
}

TEST(vma_that_a_child_unmapped_is_not_visited)
{
	struct child child;
	struct page_report report;
	char *page;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(child_do(&child, CHILD_UNMAP, page));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	EXPECT_EQ(1, report.visited);
	EXPECT_EQ(1, report.mapped);
	page_report_free(&report);
	EXPECT_OK(child_end(&child));
}

TEST(pte_bits_tell_write_and_dirty)
{
	const struct record *map;
	struct page_report report;
	char *page;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	map = page_report_map_at(&report, getpid(), (uintptr_t)page);
	ASSERT_NE(NULL, map);
	EXPECT_NE(NULL, strstr(record_get(map, "bits"), "|write"));
	EXPECT_NE(NULL, strstr(record_get(map, "bits"), "|dirty"));
	EXPECT_NE(NULL, strstr(record_get(map, "bits"), "|accessed"));
	page_report_free(&report);

	ASSERT_EQ(0, mprotect(page, 1, PROT_READ));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	map = page_report_map_at(&report, getpid(), (uintptr_t)page);
	ASSERT_NE(NULL, map);
	EXPECT_EQ(NULL, strstr(record_get(map, "bits"), "|write"));
	EXPECT_STREQ("r--p", record_get(map, "perms"));
	page_report_free(&report);
}

TEST(page_behind_prot_none_is_still_mapped)
{
	struct page_report report;
	char *page;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_EQ(0, mprotect(page, 1, PROT_NONE));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	EXPECT_EQ(1, report.mapped);
	EXPECT_STREQ("---p", record_get(page_report_map(&report, NULL, NULL), "perms"));
	EXPECT_OK(check_against_pagemaps(&report));
	page_report_free(&report);
}

static void name_of(struct __test_metadata *_metadata, void *address, char *name, size_t size)
{
	const struct record *map;
	struct page_report report;

	name[0] = '\0';
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)address));
	map = page_report_map_at(&report, getpid(), (uintptr_t)address & -getpagesize());
	ASSERT_NE(NULL, map);
	snprintf(name, size, "%s", record_get(map, "name"));
	page_report_free(&report);
}

TEST(heap_stack_and_nameless_memory_are_named)
{
	char on_stack = 1, name[256];
	char *heap, *page;

	NEEDS_MODULE();
	heap = sbrk(2 * getpagesize());
	ASSERT_NE((void *)-1, heap);
	heap[getpagesize()] = 1;
	page = own_page();
	ASSERT_NE(NULL, page);

	name_of(_metadata, &heap[getpagesize()], name, sizeof(name));
	EXPECT_STREQ("[heap]", name);
	name_of(_metadata, &on_stack, name, sizeof(name));
	EXPECT_STREQ("[stack]", name);
	name_of(_metadata, page, name, sizeof(name));
	EXPECT_STREQ("-", name);
}

static char writable_data[1] = { 1 };

/* The page is anonymous since the write, but its VMA maps the program's file. */
TEST(copied_page_of_a_private_file_is_anonymous_and_named_by_its_file)
{
	char name[256], path[256] = "";

	NEEDS_MODULE();
	writable_data[0]++;
	ASSERT_LT(0, readlink("/proc/self/exe", path, sizeof(path) - 1));
	name_of(_metadata, writable_data, name, sizeof(name));
	EXPECT_STREQ(path, name);
}

TEST(comm_with_blanks_and_control_characters_is_escaped)
{
	const struct record *map;
	struct page_report report;
	char *page, *text, target[64];
	int fd;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_EQ(0, prctl(PR_SET_NAME, "a b\tc\nd\\e"));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	map = page_report_map(&report, NULL, "mapped");
	EXPECT_STREQ("a b\tc\nd\\e", record_get(map, "comm"));
	page_report_free(&report);

	fd = interface_open("page", O_RDWR);
	ASSERT_LE(0, fd);
	TARGET_AT(target, getpid(), page);
	ASSERT_EQ(0, interface_write(fd, target));
	text = interface_read(fd);
	ASSERT_NE(NULL, text);
	EXPECT_NE(NULL, strstr(text, " comm=a\\040b\\011c\\012d\\134e "));
	free(text);
	close(fd);
}

TEST(page_of_one_process_belongs_to_the_root)
{
	const struct record *av;
	struct page_report report;
	char *page;

	NEEDS_MODULE();
	/* Keeps a distance to other VMAs, as a merged VMA would share their anon_vma. */
	page = own_pages(3);
	ASSERT_NE(NULL, page);
	ASSERT_EQ(0, mprotect(page, getpagesize(), PROT_NONE));
	ASSERT_EQ(0, mprotect(page + 2 * getpagesize(), getpagesize(), PROT_NONE));
	page += getpagesize();
	page[0] = 1;
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	av = first_av(&report);
	EXPECT_EQ(1, report_count(&report.report, "anon_vma"));
	EXPECT_EQ(0, record_num(av, "depth"));
	EXPECT_STREQ(record_get(av, "id"), record_get(av, "parent"));
	/*
	 * A root is its own parent, so it counts as its own child, and it holds a reference to
	 * itself.
	 */
	EXPECT_EQ(1, record_num(av, "num_children"));
	EXPECT_EQ(1, record_num(av, "num_active_vmas"));
	EXPECT_EQ(1, record_num(av, "refcount"));
	EXPECT_STREQ(record_get(av, "id"),
		     record_get(page_report_map(&report, NULL, NULL), "anon_vma"));
	page_report_free(&report);
}

TEST(page_of_the_last_generation_has_the_depth_of_its_generation)
{
	const struct exercise_page *page;
	struct exercise run;
	uint64_t deepest = 0;
	struct page_report report;
	size_t i;

	NEEDS_MODULE();
	ASSERT_OK(exercise_start(&run, "deep", "--depth", "6", NULL));
	for (i = 0; i < run.nr_pages; i++) {
		page = &run.pages[i];
		if (!page->mapped.nr)
			continue;
		ASSERT_OK(page_report_at(&report, page->mapped.v[0].pid, page->mapped.v[0].va));
		EXPECT_EQ(report_count(&report.report, "anon_vma"),
			  record_num(first_av(&report), "depth") + 1);
		if (deepest < record_num(first_av(&report), "depth"))
			deepest = record_num(first_av(&report), "depth");
		page_report_free(&report);
	}
	EXPECT_EQ(6, deepest);
	EXPECT_OK(exercise_stop(&run));
}

TEST(copied_page_belongs_below_the_parents_anon_vma)
{
	const struct record *own, *parent;
	struct child child;
	struct page_report report;
	char *page;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(child_do(&child, CHILD_WRITE, page));
	ASSERT_OK(page_report_at(&report, child.pid, (uintptr_t)page));
	EXPECT_EQ(1, report.visited);
	own = first_av(&report);
	parent = report_next(&report.report, "anon_vma", own);
	ASSERT_NE(NULL, parent);
	EXPECT_EQ(0, record_num(own, "num_children"));
	EXPECT_EQ(1, record_num(own, "num_active_vmas"));
	EXPECT_LE(1, record_num(parent, "num_children"));
	EXPECT_STREQ(record_get(own, "id"),
		     record_get(page_report_map(&report, NULL, NULL), "anon_vma"));
	page_report_free(&report);
	EXPECT_OK(child_end(&child));
}

TEST(report_sets_no_accessed_bit)
{
	char path[] = "/proc/self/clear_refs";
	struct page_report report;
	char *page;
	int fd;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	fd = open(path, O_WRONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(1, write(fd, "1", 1));
	close(fd);
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	EXPECT_EQ(NULL, strstr(record_get(page_report_map(&report, NULL, NULL), "bits"),
			       "accessed"));
	page_report_free(&report);
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	EXPECT_EQ(NULL, strstr(record_get(page_report_map(&report, NULL, NULL), "bits"),
			       "accessed"));
	EXPECT_EQ(NULL, strstr(record_get(report.page, "flags"), "referenced"));
	page_report_free(&report);
}

TEST(report_sets_no_soft_dirty_bit)
{
	struct page_report report;
	uint64_t entry;
	char *page;
	int fd;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	fd = open("/proc/self/clear_refs", O_WRONLY);
	ASSERT_LE(0, fd);
	if (write(fd, "4", 1) != 1)
		SKIP(return, "no soft-dirty bits: CONFIG_MEM_SOFT_DIRTY");
	close(fd);
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	page_report_free(&report);
	ASSERT_OK(oracle_entry(getpid(), (uintptr_t)page, &entry));
	EXPECT_EQ(0, entry & PM_SOFT_DIRTY);
}

TEST(report_on_an_untouched_page_does_not_fault_it_in)
{
	struct page_report report;
	uint64_t entry;
	char *pages;

	NEEDS_MODULE();
	pages = own_pages(1);
	ASSERT_NE(NULL, pages);
	EXPECT_EQ(-ENODATA, page_report_at(&report, getpid(), (uintptr_t)pages));
	page_report_free(&report);
	ASSERT_OK(oracle_entry(getpid(), (uintptr_t)pages, &entry));
	EXPECT_EQ(0, entry & (PM_PRESENT | PM_SWAPPED));
}

TEST(report_leaks_no_reference)
{
	uint64_t refcount;
	struct page_report report;
	char *page;
	int i;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	refcount = record_num(report.page, "refcount");
	page_report_free(&report);
	for (i = 0; i < 100; i++) {
		ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
		page_report_free(&report);
	}
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	/* Meanwhile the page may leave the LRU batch of a CPU, which lowers the count. */
	EXPECT_GE(refcount, record_num(report.page, "refcount"));
	page_report_free(&report);
}

TEST_HARNESS_MAIN
