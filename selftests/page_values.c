// SPDX-License-Identifier: GPL-2.0
/*
 * The values on the page line, and the anon_exclusive bit of map lines, against what the test did
 * and what procfs has for the frame.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "child.h"
#include "frame_flags.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"

#define PAGE		((size_t)getpagesize())
/* The UAPI header lacks it. */

/* Names of flags as the kernel's %pGp prints them, and their kpageflags bits. */
static const struct flag {
	const char *name;
	int bit;
} flags[] = {
	{ "locked", KPF_LOCKED }, { "referenced", KPF_REFERENCED }, { "uptodate", KPF_UPTODATE },
	{ "dirty", KPF_DIRTY }, { "lru", KPF_LRU }, { "active", KPF_ACTIVE },
	{ "writeback", KPF_WRITEBACK }, { "reclaim", KPF_RECLAIM }, { "mlocked", KPF_MLOCKED },
	{ "unevictable", KPF_UNEVICTABLE },
};

FIXTURE(page_values)
{
	char *page;
	struct page_report report;
};

FIXTURE_SETUP(page_values)
{
	NEEDS_MODULE();
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	ASSERT_OK(drain_batches());
}

FIXTURE_TEARDOWN(page_values)
{
	page_report_free(&self->report);
}

static int take_report(struct page_report *report, const void *page)
{
	page_report_free(report);
	return page_report_at(report, getpid(), (uintptr_t)page);
}

/* flags= has the number, then the names in parentheses, separated by |. */
static bool has_name(const char *text, const char *name)
{
	size_t size = strlen(name);
	const char *at = strchr(text, '(');

	for (; at && *at && *at != ')'; at = strpbrk(at + 1, "|)"))
		if (!strncmp(at + 1, name, size) && strchr("|)", at[1 + size]))
			return true;
	return false;
}

static int flags_agree(const struct page_report *report)
{
	const char *text = record_get(report->page, "flags");
	uint64_t known;
	size_t i;

	if (oracle_kpageflags(report->pfn, &known))
		return -1;
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		if (has_name(text, flags[i].name) != (known >> flags[i].bit & 1))
			return complain("flags=%s, kpageflags has %#" PRIx64 ": %s", text, known,
					flags[i].name);
	return 0;
}

/* Maps a memfd from one of its pages on, and writes to it. */
static char *map_memfd(size_t first)
{
	int fd = memfd_create("figures", MFD_CLOEXEC);
	char *page;

	if (fd < 0 || ftruncate(fd, (first + 2) * PAGE))
		return NULL;
	page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, first * PAGE);
	close(fd);
	if (page == MAP_FAILED)
		return NULL;
	page[0] = 1;
	page[PAGE] = 1;
	return drain_batches() ? NULL : page;
}

/*
 * The flags are those before the report, so without the folio lock that the module holds
 * meanwhile.
 */
TEST_F(page_values, flags_are_those_before_the_report)
{
	char *shared = map_memfd(0);

	ASSERT_NE(NULL, shared);
	ASSERT_OK(take_report(&self->report, self->page));
	EXPECT_OK(flags_agree(&self->report));
	ASSERT_OK(take_report(&self->report, shared));
	EXPECT_OK(flags_agree(&self->report));
	ASSERT_EQ(0, mlock(self->page, PAGE));
	ASSERT_OK(drain_batches());
	ASSERT_OK(take_report(&self->report, self->page));
	EXPECT_OK(flags_agree(&self->report));
}

static int refcount_is(const struct page_report *report, uint64_t expected)
{
	const struct record *refs = report_next(&report->report, "refs", NULL);
	uint64_t count = record_num(report->page, "refcount");

	if (count != record_num(refs, "total") - record_num(refs, "self"))
		return complain("refcount=%" PRIu64 " total=%s self=%s", count,
				record_get(refs, "total"), record_get(refs, "self"));
	return count == expected ? 0 : complain("refcount=%" PRIu64, count);
}

TEST_F(page_values, refcount_excludes_the_reference_of_the_report)
{
	char *shared = map_memfd(0);
	struct child children[3];
	int i;

	ASSERT_NE(NULL, shared);
	ASSERT_OK(take_report(&self->report, self->page));
	EXPECT_OK(refcount_is(&self->report, 1));
	for (i = 0; i < 3; i++)
		ASSERT_OK(child_fork(&children[i]));
	ASSERT_OK(take_report(&self->report, self->page));
	EXPECT_OK(refcount_is(&self->report, 4));
	for (i = 0; i < 3; i++)
		ASSERT_OK(child_end(&children[i]));
	ASSERT_OK(take_report(&self->report, shared));
	EXPECT_OK(refcount_is(&self->report, 2));
}

/* The zone that contains a frame, by /proc/zoneinfo. Sets @node to the node. */
static int zone_of(uint64_t pfn, unsigned int *node, char zone[16])
{
	FILE *file = fopen("/proc/zoneinfo", "re");
	uint64_t start = 0, spanned = 0;
	int ret = -1;
	char line[256], name[16];
	unsigned int nid;

	while (file && ret && fgets(line, sizeof(line), file)) {
		/* start_pfn is the last line of each zone. */
		if (sscanf(line, "Node %u, zone %15s", &nid, name) == 2)
			spanned = 0;
		else if (sscanf(line, " spanned %" SCNu64, &spanned) == 1)
			continue;
		else if (sscanf(line, " start_pfn: %" SCNu64, &start) == 1 && pfn >= start &&
			 pfn - start < spanned)
			ret = 0;
	}
	if (file)
		fclose(file);
	if (ret)
		return complain("no zone has frame %#" PRIx64, pfn);
	*node = nid;
	memcpy(zone, name, sizeof(name));
	return 0;
}

static int place_agrees(const struct page_report *report)
{
	unsigned int node;
	char zone[16];

	if (zone_of(report->pfn, &node, zone))
		return -1;
	if (record_num(report->page, "node") != node ||
	    strcmp(record_get(report->page, "zone"), zone))
		return complain("node=%s zone=%s, /proc/zoneinfo says %u and %s",
				record_get(report->page, "node"), record_get(report->page, "zone"),
				node, zone);
	return 0;
}

TEST_F(page_values, node_and_zone_match_those_of_the_frame)
{
	int node;

	for (node = 0; node < (has_two_nodes() ? 2 : 1); node++) {
		if (has_two_nodes())
			ASSERT_EQ(0, move_to(self->page, node));
		ASSERT_OK(take_report(&self->report, self->page));
		EXPECT_OK(place_agrees(&self->report));
		if (has_two_nodes())
			EXPECT_EQ(node, record_num(self->report.page, "node"));
	}
}

TEST_F(page_values, pgoff_is_the_offset_of_the_page_in_its_memory_or_file)
{
	char *shared = map_memfd(5), *huge = own_thp();

	ASSERT_NE(NULL, shared);
	ASSERT_OK(take_report(&self->report, self->page));
	EXPECT_EQ((uintptr_t)self->page / PAGE, record_num(self->report.page, "pgoff"));
	ASSERT_OK(take_report(&self->report, shared + PAGE));
	EXPECT_EQ(6, record_num(self->report.page, "pgoff"));
	if (!huge)
		return;
	ASSERT_OK(take_report(&self->report, huge + 7 * PAGE));
	EXPECT_EQ((uintptr_t)huge / PAGE + 7, record_num(self->report.page, "pgoff"));
}

TEST_F(page_values, vm_pgoff_is_the_offset_of_the_vma_in_its_memory_or_file)
{
	char *shared = map_memfd(5), *part = own_pages(4);
	const struct record *map;

	ASSERT_NE(NULL, shared);
	ASSERT_NE(NULL, part);
	memset(part, 1, 4 * PAGE);
	ASSERT_EQ(0, mprotect(part, PAGE, PROT_READ));
	ASSERT_OK(take_report(&self->report, shared + PAGE));
	map = page_report_map_at(&self->report, getpid(), (uintptr_t)shared + PAGE);
	ASSERT_NE(NULL, map);
	EXPECT_EQ(5, record_num(map, "vm_pgoff"));
	/* The remaining part of a split VMA. */
	ASSERT_OK(take_report(&self->report, part + 2 * PAGE));
	map = page_report_map_at(&self->report, getpid(), (uintptr_t)part + 2 * PAGE);
	ASSERT_NE(NULL, map);
	EXPECT_EQ((uintptr_t)part / PAGE + 1, record_num(map, "vm_pgoff"));
}

/* Checks that the map lines of all given pages have the bit, or that none has it. */
static int all_exclusive(struct page_report *report, pid_t pid, char *const *pages, size_t nr,
			 bool yes)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		const struct record *map;

		page_report_free(report);
		if (page_report_at(report, pid, (uintptr_t)pages[i]))
			return -1;
		map = page_report_map_at(report, pid, (uintptr_t)pages[i]);
		if (!map)
			return -1;
		if (!strstr(record_get(map, "bits"), "|anon_exclusive") == yes)
			return complain("page %zu: bits=%s, anon_exclusive expected: %s", i,
					record_get(map, "bits"), yes ? "yes" : "no");
	}
	return 0;
}

#define EXPECT_EXCLUSIVE(pid, yes)					\
	EXPECT_OK(all_exclusive(&self->report, pid, pages, ARRAY_SIZE(pages), yes))

/* A page of one process is exclusive. After fork() it is not, in either process. */
TEST_F(page_values, page_is_exclusive_until_it_is_shared)
{
	char *pages[] = { self->page };
	struct child child;

	EXPECT_EXCLUSIVE(getpid(), true);
	ASSERT_OK(child_fork(&child));
	EXPECT_EXCLUSIVE(getpid(), false);
	EXPECT_EXCLUSIVE(child.pid, false);
	ASSERT_OK(child_do(&child, CHILD_WRITE, self->page));
	EXPECT_EXCLUSIVE(child.pid, true);
	EXPECT_EXCLUSIVE(getpid(), false);
	ASSERT_OK(child_end(&child));
	*(volatile char *)self->page = 2;
	EXPECT_EXCLUSIVE(getpid(), true);
}

/* The entry of a huge page is exclusive as a whole. Its small pages have no flag each. */
TEST_F(page_values, each_page_of_a_huge_page_is_exclusive_until_it_is_shared)
{
	char *huge = own_thp();
	char *pages[] = { huge, huge + 7 * PAGE, huge + thp_size() - PAGE };
	struct child child;

	if (!huge)
		SKIP(return, "the kernel gives no transparent huge page");
	EXPECT_EXCLUSIVE(getpid(), true);
	ASSERT_OK(child_fork(&child));
	EXPECT_EXCLUSIVE(getpid(), false);
	EXPECT_EXCLUSIVE(child.pid, false);
	ASSERT_OK(child_end(&child));
}

/* Two small entries of one folio. A child has copied the first one. Each entry has its own bit. */
TEST_F(page_values, small_entry_of_a_huge_page_is_exclusive_by_itself)
{
	char *huge = own_thp(), *pages[] = { huge };
	struct child child;

	if (!huge)
		SKIP(return, "the kernel gives no transparent huge page");
	/* Splits the entry, not the page. */
	ASSERT_EQ(0, mprotect(huge, PAGE, PROT_READ));
	ASSERT_EQ(0, mprotect(huge, PAGE, PROT_READ | PROT_WRITE));
	EXPECT_EXCLUSIVE(getpid(), true);
	pages[0] = huge + 7 * PAGE;
	EXPECT_EXCLUSIVE(getpid(), true);
	ASSERT_OK(child_fork(&child));
	EXPECT_EXCLUSIVE(getpid(), false);
	EXPECT_EXCLUSIVE(child.pid, false);
	ASSERT_OK(child_do(&child, CHILD_WRITE, pages[0]));
	EXPECT_EXCLUSIVE(child.pid, true);
	pages[0] = huge;
	EXPECT_EXCLUSIVE(child.pid, false);
	ASSERT_OK(child_end(&child));
}

/* Checks each page of a map line against the pagemap. */
static int stretch_agrees(const struct record *map)
{
	uint64_t now = record_num(map, "now_pfn"), va = record_num(map, "va"), first, entry, i;
	pid_t pid = record_num(map, "pid");
	bool cowed = !strcmp(record_get(map, "state"), "cowed");

	if (oracle_entry(pid, va, &first))
		return -1;
	for (i = 0; i < record_num(map, "count"); i++) {
		if (oracle_entry(pid, va + i * PAGE, &entry))
			return -1;
		if ((entry ^ first) & (PM_PRESENT | PM_SWAPPED | PM_SOFT_DIRTY))
			return complain("page %" PRIu64 " of the line has pagemap entry %#" PRIx64
					", the first %#" PRIx64, i, entry, first);
		if (cowed && PM_PFN(entry) != now + i)
			return complain("now_pfn=%#" PRIx64 ", %#" PRIx64 " %" PRIu64 " pages on",
					now, entry, i);
		if (first & PM_SWAPPED && PM_SWAP_OFFSET(entry) != PM_SWAP_OFFSET(first) + i)
			return complain("page %" PRIu64 " of the line is swapped out elsewhere", i);
	}
	return 0;
}

static int stretches_agree(struct page_report *report, char *huge, size_t at_least)
{
	const struct record *map = NULL;

	page_report_free(report);
	if (page_report_take(report, "pid=%d va=%p folio", getpid(), huge))
		return -1;
	if (report_count(&report->report, "map") < at_least)
		return complain("only %zu map lines", report_count(&report->report, "map"));
	while ((map = page_report_map(report, map, NULL)))
		if (stretch_agrees(map))
			return -1;
	return 0;
}

static void write_some(char *huge)
{
	size_t i;

	for (i = 4; i < 64; i += 1 + i % 3)
		huge[i * PAGE] = 3;
}

/* Pages with different states are on different lines. */
TEST_F(page_values, line_on_a_folio_is_true_for_each_of_its_pages)
{
	char *huge = own_thp();
	struct child child;
	size_t i;

	if (!huge)
		SKIP(return, "the kernel gives no transparent huge page");
	ASSERT_OK(child_fork(&child));
	/* Writes backwards, so that the frames of the copies are not consecutive. */
	for (i = 40; i > 30; i--)
		ASSERT_OK(child_do(&child, CHILD_WRITE, huge + i * PAGE));
	for (i = 50; i < 58; i += 2)
		ASSERT_OK(child_do(&child, CHILD_DONTNEED, huge + i * PAGE));
	EXPECT_OK(stretches_agree(&self->report, huge, 8));
	for (i = 80; i > 70; i--)
		ASSERT_OK(child_do(&child, CHILD_PAGEOUT, huge + (i - 44) * PAGE));
	EXPECT_OK(stretches_agree(&self->report, huge, 8));
	ASSERT_OK(child_end(&child));
}

TEST_F(page_values, pages_of_a_folio_with_different_bits_are_on_different_lines)
{
	char *huge = own_thp();
	int fd;

	if (!huge)
		SKIP(return, "the kernel gives no transparent huge page");
	ASSERT_EQ(0, mprotect(huge, PAGE, PROT_READ));
	ASSERT_EQ(0, mprotect(huge, PAGE, PROT_READ | PROT_WRITE));
	fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(1, write(fd, "4", 1));
	close(fd);
	write_some(huge);
	EXPECT_OK(stretches_agree(&self->report, huge, 2));
}

TEST_HARNESS_MAIN
