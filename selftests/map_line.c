// SPDX-License-Identifier: GPL-2.0
/*
 * Each key and each bit of a map line. The values must match what the test did, and what pagemap
 * and /proc/PID/maps have for the same entry and VMA.
 */
#include <inttypes.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "check_report.h"
#include "child.h"
#include "exercise.h"
#include "kernel_file.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"
#include "uapi_compat.h"

#define PM_UFFD_WP (1ULL << 57)

/* Is a word in the list of bits? */
static bool has_bit(const struct record *map, const char *word)
{
	const char *at = record_get(map, "bits");
	size_t len = strlen(word);

	for (; at; at = strchr(at, '|'), at += !!at)
		if (!strncmp(at, word, len) && (at[len] == '|' || !at[len]))
			return true;
	return false;
}

/*
 * The map line of an address, from a new report that the caller frees. NULL with the reason in
 * why[].
 */
static const struct record *line_of(struct page_report *report, pid_t of, pid_t pid, const void *va)
{
	if (page_report_at(report, of, (uintptr_t)va))
		return NULL;
	return page_report_map_at(report, pid, (uintptr_t)va);
}

/* Checks the whole bits= of an entry of this process. */
static int bits_are(const void *page, const char *bits)
{
	struct page_report report;
	const struct record *map = line_of(&report, getpid(), getpid(), page);
	int ret = !map ? -1 : strcmp(record_get(map, "bits"), bits) ?
		  complain("bits=%s, not %s", record_get(map, "bits"), bits) : 0;

	page_report_free(&report);
	return ret;
}

static int clear(const char *what)
{
	return write_text("/proc/self/clear_refs", what);
}

TEST(bits_of_a_written_entry_are_listed_in_order)
{
	uint64_t entry;
	char *page;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(oracle_entry(getpid(), (uintptr_t)page, &entry));
	if (!(entry & PM_SOFT_DIRTY) || clear("4"))
		SKIP(return, "no soft-dirty bits: CONFIG_MEM_SOFT_DIRTY");
	/* Clearing soft-dirty also makes the entry read-only, so that the next write faults. */
	EXPECT_OK(bits_are(page, "present|user|accessed|dirty|anon_exclusive"));
	*(volatile char *)page = 2;
	EXPECT_OK(bits_are(page, "present|write|user|accessed|dirty|soft_dirty|anon_exclusive"));
	ASSERT_OK(clear("1"));
	EXPECT_OK(bits_are(page, "present|write|user|dirty|soft_dirty|anon_exclusive"));
}

TEST(page_that_was_only_read_is_not_dirty)
{
	size_t size = getpagesize();
	volatile char *page;
	int fd;

	NEEDS_MODULE();
	fd = memfd_create("read", MFD_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, size));
	page = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, (void *)page);
	ASSERT_EQ(0, *page);
	clear("4");
	EXPECT_OK(bits_are((void *)page, "present|user|accessed"));
}

TEST(page_is_exclusive_until_fork_and_again_when_it_was_copied)
{
	const struct record *map;
	struct child child;
	struct page_report report;
	char *page;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(child_fork(&child));
	map = line_of(&report, getpid(), getpid(), page);
	ASSERT_NE(NULL, map);
	EXPECT_FALSE(has_bit(map, "anon_exclusive"));
	EXPECT_FALSE(has_bit(map, "write"));
	map = page_report_map_at(&report, child.pid, (uintptr_t)page);
	ASSERT_NE(NULL, map);
	EXPECT_FALSE(has_bit(map, "anon_exclusive"));
	page_report_free(&report);

	ASSERT_OK(child_do(&child, CHILD_WRITE, page));
	map = line_of(&report, child.pid, child.pid, page);
	ASSERT_NE(NULL, map);
	EXPECT_TRUE(has_bit(map, "anon_exclusive"));
	EXPECT_TRUE(has_bit(map, "write"));
	page_report_free(&report);
	EXPECT_OK(child_end(&child));
}

/* The child drops the page and then reads from its address. */
TEST(zero_page_instead_of_the_page_is_special)
{
	const struct record *map;
	uint64_t pfn, flags;
	struct child child;
	struct page_report report;
	char *page;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(child_do(&child, CHILD_DONTNEED, page));
	map = line_of(&report, getpid(), child.pid, page);
	ASSERT_NE(NULL, map);
	EXPECT_STREQ("none", record_get(map, "state"));
	EXPECT_STREQ("-", record_get(map, "bits"));
	EXPECT_STREQ("0x0", record_get(map, "pte"));
	page_report_free(&report);

	ASSERT_OK(child_do(&child, CHILD_READ, page));
	map = line_of(&report, getpid(), child.pid, page);
	ASSERT_NE(NULL, map);
	EXPECT_STREQ("cowed", record_get(map, "state"));
	EXPECT_TRUE(has_bit(map, "special"));
	EXPECT_TRUE(has_bit(map, "zero"));
	EXPECT_FALSE(has_bit(map, "write"));
	ASSERT_OK(oracle_pfn(child.pid, (uintptr_t)page, &pfn));
	EXPECT_EQ(pfn, record_num(map, "now_pfn"));
	ASSERT_OK(oracle_kpageflags(pfn, &flags));
	EXPECT_NE(0, flags & 1ULL << 24);
	EXPECT_FALSE(has_bit(page_report_map_at(&report, getpid(), (uintptr_t)page), "special"));
	page_report_free(&report);
	EXPECT_OK(child_end(&child));
}

TEST(userfaultfd_write_protection_shows_in_the_one_entry_that_has_it)
{
	const struct record *map = NULL;
	struct exercise run;
	struct page_report report;
	size_t found = 0;
	int ret;

	NEEDS_MODULE();
	ret = exercise_start(&run, "uffd", NULL);
	if (ret == EXERCISE_UNSUPPORTED)
		SKIP(return, "no write protection by userfaultfd");
	ASSERT_OK(ret);
	ASSERT_OK(page_report_at(&report, run.pid, run.pages[0].mapped.v[0].va));
	EXPECT_EQ(3, report.mapped);
	while ((map = page_report_map(&report, map, NULL))) {
		uint64_t entry;

		ASSERT_OK(oracle_entry(record_num(map, "pid"), record_num(map, "va"), &entry));
		EXPECT_EQ(!!(entry & PM_UFFD_WP), has_bit(map, "uffd_wp"));
		found += has_bit(map, "uffd_wp");
	}
	EXPECT_EQ(1, found);
	page_report_free(&report);
	EXPECT_OK(exercise_stop(&run));
}

/* Write-protects a page of shared memory by userfaultfd. */
static int protect_shared(void *page)
{
	struct uffdio_api api = {
		.api = UFFD_API,
		.features = UFFD_FEATURE_PAGEFAULT_FLAG_WP | UFFD_FEATURE_WP_HUGETLBFS_SHMEM,
	};
	struct uffdio_range range = { (uintptr_t)page, getpagesize() };
	struct uffdio_register reg = { range, UFFDIO_REGISTER_MODE_WP };
	struct uffdio_writeprotect wp = { range, UFFDIO_WRITEPROTECT_MODE_WP };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | UFFD_USER_MODE_ONLY);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &reg) ||
	    ioctl(fd, UFFDIO_WRITEPROTECT, &wp))
		return -1;
	return fd;
}

/* Drops the page from one of two mappings. The marker that remains keeps the write protection. */
TEST(marker_has_state_none_and_its_own_bit)
{
	size_t size = getpagesize();
	const struct record *map;
	struct page_report report;
	char *here, *there;
	int fd, uffd;

	NEEDS_MODULE();
	fd = memfd_create("marker", MFD_CLOEXEC);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, size));
	here = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	there = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	*here = 1;
	*there = 1;
	uffd = protect_shared(there);
	if (uffd < 0)
		SKIP(return, "no write protection of shared memory by userfaultfd");
	map = line_of(&report, getpid(), getpid(), there);
	ASSERT_NE(NULL, map);
	EXPECT_TRUE(has_bit(map, "uffd_wp"));
	page_report_free(&report);
	ASSERT_EQ(0, madvise(there, size, MADV_DONTNEED));
	map = line_of(&report, getpid(), getpid(), here);
	ASSERT_NE(NULL, map);
	EXPECT_FALSE(has_bit(map, "uffd_wp"));
	map = page_report_map_at(&report, getpid(), (uintptr_t)there);
	ASSERT_NE(NULL, map);
	EXPECT_STREQ("none", record_get(map, "state"));
	EXPECT_STREQ("marker|uffd_wp", record_get(map, "bits"));
	page_report_free(&report);
	close(uffd);
}

TEST(swap_entry_has_the_bit_swap)
{
	const struct exercise_absent *absent;
	const struct record *map;
	struct exercise run;
	struct page_report report;
	uint64_t entry;
	int ret;

	NEEDS_MODULE();
	ret = exercise_start(&run, "swap-out", NULL);
	if (ret == EXERCISE_UNSUPPORTED)
		SKIP(return, "no swap");
	ASSERT_OK(ret);
	absent = &run.pages[0].absent[0];
	ASSERT_OK(page_report_at(&report, absent->place.pid, absent->place.va));
	map = page_report_map_at(&report, absent->place.pid, absent->place.va);
	ASSERT_NE(NULL, map);
	EXPECT_TRUE(has_bit(map, "swap"));
	EXPECT_FALSE(has_bit(map, "present"));
	EXPECT_STREQ("swapped", record_get(map, "state"));
	EXPECT_STREQ("pte", record_get(map, "level"));
	ASSERT_OK(oracle_entry(absent->place.pid, absent->place.va, &entry));
	EXPECT_EQ(PM_SWAP_TYPE(entry), record_num(report.page, "swap_type"));
	EXPECT_EQ(PM_SWAP_OFFSET(entry), record_num(report.page, "swap_offset"));
	EXPECT_EQ(run.pages[0].nr_absent, record_num(report.page, "swap_count"));
	page_report_free(&report);
	EXPECT_OK(exercise_stop(&run));
}

/* Opens a file of some pages for reading only. The file is unlinked. */
static int file_to_read(size_t pages)
{
	char path[] = "/tmp/map_lineXXXXXX";
	int fd = mkstemp(path), again = -1;

	if (fd >= 0 && !ftruncate(fd, pages * getpagesize()))
		again = open(path, O_RDONLY | O_CLOEXEC);
	unlink(path);
	close(fd);
	return again;
}

TEST(permissions_match_proc_maps)
{
	static const struct {
		int prot, flags;
		const char *perms;
	} kinds[] = {
		{ PROT_READ, MAP_SHARED, "r--s" },	/* mapped from a read-only descriptor */
		{ PROT_READ, MAP_PRIVATE, "r--p" },
		{ PROT_READ | PROT_WRITE, MAP_PRIVATE, "rw-p" },
		{ PROT_READ | PROT_EXEC, MAP_PRIVATE, "r-xp" },
		{ PROT_READ | PROT_EXEC, MAP_SHARED, "r-xs" },
		{ PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE, "rwxp" },
	};
	size_t size = getpagesize(), i;
	const struct record *map;
	struct page_report report;
	char *pages[8];
	int fd;

	NEEDS_MODULE();
	fd = file_to_read(1);
	ASSERT_LE(0, fd);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		pages[i] = mmap(NULL, size, kinds[i].prot, kinds[i].flags, fd, 0);
		ASSERT_NE(MAP_FAILED, pages[i]);
		ASSERT_EQ(0, *(volatile char *)pages[i]);
	}
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)pages[0]));
	EXPECT_EQ(ARRAY_SIZE(kinds), report.mapped);
	EXPECT_OK(check_each_map(&report));
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		map = page_report_map_at(&report, getpid(), (uintptr_t)pages[i]);
		ASSERT_NE(NULL, map);
		EXPECT_STREQ(kinds[i].perms, record_get(map, "perms"));
	}
	page_report_free(&report);
}

/* The fourth page of a file, in VMAs that begin with its second and its third page. */
TEST(offsets_are_those_of_the_mapping)
{
	size_t size = getpagesize(), i;
	const struct record *map;
	struct oracle_vma vma;
	char *starts[2];
	struct page_report report;
	uint64_t pfn;
	int fd;

	NEEDS_MODULE();
	fd = file_to_read(8);
	ASSERT_LE(0, fd);
	for (i = 0; i < 2; i++) {
		starts[i] = mmap(NULL, 4 * size, PROT_READ, MAP_SHARED, fd, (1 + i) * size);
		ASSERT_NE(MAP_FAILED, starts[i]);
		ASSERT_EQ(0, *(volatile char *)(starts[i] + (2 - i) * size));
	}
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)starts[0] + 2 * size));
	EXPECT_EQ(3, record_num(report.page, "pgoff"));
	EXPECT_EQ(2, report.mapped);
	for (i = 0; i < 2; i++) {
		map = page_report_map_at(&report, getpid(), (uintptr_t)starts[i] + (2 - i) * size);
		ASSERT_NE(NULL, map);
		EXPECT_EQ(1 + i, record_num(map, "vm_pgoff"));
		ASSERT_OK(oracle_vma(getpid(), (uintptr_t)starts[i], &vma));
		EXPECT_EQ(vma.offset / size, record_num(map, "vm_pgoff"));
		/* The VMA has no anonymous page, so no anon_vma. */
		EXPECT_STREQ("-", record_get(map, "anon_vma"));
		ASSERT_OK(oracle_pfn(getpid(), record_num(map, "va"), &pfn));
		EXPECT_EQ(report.pfn, pfn);
	}
	page_report_free(&report);
}

TEST(processes_that_share_an_mm_are_listed_after_its_owner)
{
	const struct exercise_page *page;
	const struct record *map;
	char expected[64];
	struct exercise run;
	struct page_report report;

	NEEDS_MODULE();
	ASSERT_OK(exercise_start(&run, "clone-vm", NULL));
	page = &run.pages[0];
	ASSERT_LE(2, page->sharers.nr);
	map = line_of(&report, page->mapped.v[0].pid, page->mapped.v[0].pid,
		      (void *)page->mapped.v[0].va);
	ASSERT_NE(NULL, map);
	/* The owner also has the lowest pid here. */
	snprintf(expected, sizeof(expected), "%d,%d", page->mapped.v[0].pid,
		 page->sharers.v[0].pid == page->mapped.v[0].pid ? page->sharers.v[1].pid :
		 page->sharers.v[0].pid);
	EXPECT_STREQ(expected, record_get(map, "tgids"));
	EXPECT_EQ(page->mapped.v[0].pid, record_num(map, "pid"));
	page_report_free(&report);
	EXPECT_OK(exercise_stop(&run));
}

/* One process maps the huge page with small entries, the other with a huge one. */
TEST(level_is_that_of_each_entry)
{
	const struct record *map;
	struct child child;
	struct page_report report;
	char *huge;

	NEEDS_MODULE();
	huge = own_thp();
	if (!huge)
		SKIP(return, "the kernel gives no transparent huge page");
	ASSERT_OK(child_fork(&child));
	ASSERT_OK(child_do(&child, CHILD_DONTNEED, huge + 9 * getpagesize()));
	huge += 5 * getpagesize();
	map = line_of(&report, getpid(), getpid(), huge);
	ASSERT_NE(NULL, map);
	EXPECT_STREQ("pmd", record_get(map, "level"));
	map = page_report_map_at(&report, child.pid, (uintptr_t)huge);
	ASSERT_NE(NULL, map);
	EXPECT_STREQ("pte", record_get(map, "level"));
	EXPECT_EQ(5, record_num(report.page, "index_in_folio"));
	EXPECT_EQ(2, record_num(report.page, "mapcount"));
	page_report_free(&report);
	EXPECT_OK(child_end(&child));
}

TEST_HARNESS_MAIN
