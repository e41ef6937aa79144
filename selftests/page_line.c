// SPDX-License-Identifier: GPL-2.0
/*
 * Each key of the page line and of the first line must match what the kernel says about the frame
 * elsewhere.
 */
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/utsname.h>

#include "cgroup.h"
#include "child.h"
#include "frame_flags.h"
#include "kernel_file.h"
#include "oracle.h"
#include "page_actions.h"
#include "target.h"
#include "test.h"

/* The zone of a node that contains a frame, by /proc/zoneinfo. */
static int zone_of(uint64_t pfn, int node, char zone[32])
{
	FILE *file = fopen("/proc/zoneinfo", "re");
	unsigned long long spanned = 0, number;
	char line[256], name[32] = "";
	bool found = false;
	int at = -1;

	while (file && !found && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Node %d, zone %31s", &at, name) == 2)
			spanned = 0;
		if (sscanf(line, " spanned %llu", &number) == 1)
			spanned = number;
		if (sscanf(line, " start_pfn: %llu", &number) == 1)
			found = at == node && pfn >= number && pfn - number < spanned;
	}
	if (file)
		fclose(file);
	snprintf(zone, 32, "%s", name);
	return found ? 0 : complain("node %d has no zone with frame %#" PRIx64, node, pfn);
}

/* The node of the memory block that contains a frame. */
static int node_of_block(uint64_t pfn)
{
	char path[96], size[32];
	uint64_t block;
	int node;

	if (read_text("/sys/devices/system/memory/block_size_bytes", size, sizeof(size)))
		return -1;
	block = strtoull(size, NULL, 16) / getpagesize();
	for (node = 0; node < 64; node++) {
		snprintf(path, sizeof(path), "/sys/devices/system/node/node%d/memory%" PRIu64,
			 node, pfn / block);
		if (!access(path, F_OK))
			return node;
	}
	return -1;
}

static int check_place(const void *page)
{
	struct page_report report;
	char zone[32];
	int node, ret;

	if (page_report_at(&report, getpid(), (uintptr_t)page))
		return -1;
	node = node_of_block(report.pfn);
	ret = zone_of(report.pfn, node, zone);
	if (!ret && (record_num(report.page, "node") != node ||
		     strcmp(record_get(report.page, "zone"), zone)))
		ret = complain("node=%s zone=%s, elsewhere %d %s", record_get(report.page, "node"),
			       record_get(report.page, "zone"), node, zone);
	page_report_free(&report);
	return ret;
}

TEST(node_and_zone_match_those_of_the_frame)
{
	char *page;
	int node;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	if (node_of_block(frame(page)) < 0)
		SKIP(return, "no nodes with blocks of memory in /sys");
	EXPECT_OK(check_place(page));
	if (!has_two_nodes())
		return;
	for (node = 0; node < 2; node++) {
		ASSERT_OK(drain_batches());
		if (move_to(page, node))
			continue;
		EXPECT_EQ(node, node_of_block(frame(page)));
		EXPECT_OK(check_place(page));
	}
}

/* Names of flags, by the kpageflags bit of the same meaning. */
static const struct {
	const char *name;
	int bit;
} flag_names[] = {
	{ "locked", KPF_LOCKED }, { "referenced", KPF_REFERENCED }, { "uptodate", KPF_UPTODATE },
	{ "dirty", KPF_DIRTY }, { "lru", KPF_LRU }, { "active", KPF_ACTIVE },
	{ "writeback", KPF_WRITEBACK }, { "swapbacked", KPF_SWAPBACKED },
	{ "unevictable", KPF_UNEVICTABLE }, { "mlocked", KPF_MLOCKED },
};

static bool has_name(const char *flags, const char *name)
{
	const char *at = strchr(flags, '(');
	size_t len = strlen(name);

	for (; at; at = strpbrk(at, "|)"))
		if (!strncmp(++at, name, len) && strchr("|)", at[len]))
			return true;
	return false;
}

static int compare_flags(const struct page_report *report, uint64_t flags)
{
	const char *said = record_get(report->page, "flags");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (has_name(said, flag_names[i].name) != (flags >> flag_names[i].bit & 1))
			return complain("flags=%s, kpageflags %#" PRIx64 ": %s", said, flags,
					flag_names[i].name);
	return 0;
}

/*
 * Checks the flags of a small page that only this process uses. Retries if they change meanwhile.
 */
static int check_flags(const void *page)
{
	uint64_t before, after;
	struct page_report report;
	int try, ret;

	for (try = 0; try < 10; try++) {
		if (drain_batches() || oracle_kpageflags(frame(page), &before) ||
		    page_report_at(&report, getpid(), (uintptr_t)page))
			return -1;
		ret = compare_flags(&report, before);
		page_report_free(&report);
		if (oracle_kpageflags(frame(page), &after))
			return -1;
		if (!ret || before == after)
			return ret;
	}
	return ret;
}

TEST(flags_match_kpageflags)
{
	size_t size = getpagesize();
	char *page, *shared;
	int fd;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	EXPECT_OK(check_flags(page));
	ASSERT_EQ(0, mlock(page, size));
	EXPECT_OK(check_flags(page));
	EXPECT_TRUE(has_flag(frame(page), KPF_MLOCKED));
	ASSERT_EQ(0, munlock(page, size));
	EXPECT_OK(check_flags(page));
	fd = memfd_create("flags", MFD_CLOEXEC);
	ASSERT_EQ(0, ftruncate(fd, size));
	shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	*shared = 1;
	EXPECT_OK(check_flags(shared));
	EXPECT_TRUE(has_flag(frame(shared), KPF_SWAPBACKED));
	ASSERT_EQ(0, madvise(page, size, MADV_FREE));
	EXPECT_OK(check_flags(page));
	EXPECT_FALSE(has_flag(frame(page), KPF_SWAPBACKED));
}

static int64_t count_of(uint64_t pfn)
{
	int fd = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC);
	int64_t count = -1;

	if (pread(fd, &count, sizeof(count), pfn * sizeof(count)) != sizeof(count))
		count = -1;
	close(fd);
	return count;
}

TEST(mapcount_is_kpagecount_and_refcount_is_one_for_each_mapping)
{
	const struct record *refs;
	struct child children[4];
	struct page_report report;
	char *page;
	int i;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_OK(drain_batches());
	for (i = 0; i <= 4; i++) {
		ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
		EXPECT_EQ(1 + i, record_num(report.page, "mapcount"));
		EXPECT_EQ(count_of(report.pfn), record_num(report.page, "mapcount"));
		/* The report's own reference is not included; the line "refs" has it. */
		EXPECT_EQ(1 + i, record_num(report.page, "refcount"));
		refs = report_next(&report.report, "refs", NULL);
		EXPECT_EQ(record_num(refs, "total") - 1, record_num(report.page, "refcount"));
		page_report_free(&report);
		if (i < 4)
			ASSERT_OK(child_fork(&children[i]));
	}
	for (i = 0; i < 4; i++)
		EXPECT_OK(child_end(&children[i]));
}

TEST(offset_of_an_anonymous_page_is_its_first_address_in_pages)
{
	size_t size = getpagesize();
	struct page_report report;
	char *pages;

	NEEDS_MODULE();
	pages = own_pages(3);
	ASSERT_NE(NULL, pages);
	memset(pages, 1, 3 * size);
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)pages + 2 * size));
	EXPECT_EQ(((uintptr_t)pages + 2 * size) / size, record_num(report.page, "pgoff"));
	EXPECT_STREQ("anon", report.kind);
	EXPECT_EQ(0, record_num(report.page, "folio_order"));
	EXPECT_EQ(report.pfn, report.folio_pfn);
	page_report_free(&report);
}

TEST(hugetlb_page_has_its_order_and_its_offset_in_small_pages)
{
	size_t size = 2 << 20, small = getpagesize();
	struct page_report report;
	char *huge;

	NEEDS_MODULE();
	write_text("/proc/sys/vm/nr_hugepages", "4");
	huge = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (huge == MAP_FAILED) {
		write_text("/proc/sys/vm/nr_hugepages", "0");
		SKIP(return, "no hugetlb pages: %s", strerror(errno));
	}
	huge[size] = 1;
	EXPECT_OK(page_report_at(&report, getpid(), (uintptr_t)huge + size + 3 * small));
	EXPECT_STREQ("hugetlb-file", report.kind ?: "nothing");
	EXPECT_EQ(9, record_num(report.page, "folio_order"));
	EXPECT_EQ(3, record_num(report.page, "index_in_folio"));
	EXPECT_EQ(512 + 3, record_num(report.page, "pgoff"));
	EXPECT_EQ(1, record_num(report.page, "mapcount"));
	page_report_free(&report);
	munmap(huge, 2 * size);
	write_text("/proc/sys/vm/nr_hugepages", "0");
}

/* The path of the test's own control group in /proc. */
static int own_group(char *path, size_t size)
{
	char text[512];
	const char *at;

	if (read_text("/proc/self/cgroup", text, sizeof(text)))
		return -1;
	text[strcspn(text, "\n")] = '\0';
	at = strstr(text, "0::");
	snprintf(path, size, "%s", at ? at + 3 : "");
	return 0;
}

TEST(memory_is_charged_to_the_group_that_touched_it)
{
	char path[256], *page, *later;
	struct cgroup cgroup;
	struct page_report report;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	if (cgroup_enter(&cgroup, "page-line"))
		SKIP(return, "no memory cgroup: %.200s", why);
	later = own_page();
	ASSERT_OK(own_group(path, sizeof(path)));
	/* A page that was charged before stays charged to the old group. */
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	EXPECT_EQ('/', *record_get(report.page, "memcg"));
	EXPECT_STRNE(path, record_get(report.page, "memcg"));
	page_report_free(&report);
	EXPECT_OK(page_report_at(&report, getpid(), (uintptr_t)later));
	EXPECT_STREQ(path, record_get(report.page, "memcg"));
	EXPECT_NE(NULL, strstr(path, "page-line"));
	page_report_free(&report);
	munmap(later, getpagesize());
	cgroup_leave(&cgroup);
}

/* The first line of each file. */
TEST(first_line_tells_format_kernel_and_file)
{
	static const char * const files[] = { "page", "tree", "top", "stats", "info" };
	char target[64], expected[256], *text, *page;
	struct utsname uts;
	size_t i;
	int fd;

	NEEDS_MODULE();
	page = own_page();
	ASSERT_NE(NULL, page);
	ASSERT_EQ(0, uname(&uts));
	TARGET_AT(target, getpid(), page);
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		fd = interface_open(files[i], i < 2 ? O_RDWR : O_RDONLY);
		ASSERT_LE(0, fd);
		if (i < 2)
			ASSERT_EQ(0, interface_write(fd, target));
		text = interface_read(fd);
		ASSERT_NE(NULL, text);
		snprintf(expected, sizeof(expected), "rmapscope abi=1 kernel=%s file=%s\n",
			 uts.release, files[i]);
		EXPECT_EQ(0, strncmp(text, expected, strlen(expected))) {
			TH_LOG("%.80s", text);
		}
		free(text);
		close(fd);
	}
}

TEST_HARNESS_MAIN
