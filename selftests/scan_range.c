// SPDX-License-Identifier: GPL-2.0
/* Ranges of the file "scan", the errnos of invalid ones, and how a stream is read. */
#include <inttypes.h>
#include <signal.h>
#include <sys/mman.h>

#include "child.h"
#include "kernel_file.h"
#include "oracle.h"
#include "page_actions.h"
#include "page_report.h"
#include "scan_stream.h"
#include "test.h"

#define PAGES	64

FIXTURE(scan_range)
{
	int fd;
	char *pages;
	struct child child;
	char range[128];
};

/* A child that does nothing is a range that doesn't change. */
FIXTURE_SETUP(scan_range)
{
	size_t size = PAGES * getpagesize();

	self->fd = interface_open("scan", O_RDWR);
	self->pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->pages);
	memset(self->pages, 1, size);
	ASSERT_OK(child_fork(&self->child));
	/* Otherwise pages may leave the batches of a CPU between two reads. */
	ASSERT_OK(drain_batches());
	snprintf(self->range, sizeof(self->range), "pid=%d start=%p end=%p maps", self->child.pid,
		 self->pages, self->pages + size);
}

FIXTURE_TEARDOWN(scan_range)
{
	EXPECT_OK(child_end(&self->child));
	munmap(self->pages, PAGES * getpagesize());
	if (self->fd >= 0)
		close(self->fd);
}

static int others_than(int err, int fd, const char * const *ranges, size_t nr)
{
	int others = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		int seen = interface_write(fd, ranges[i]);

		if (seen == err)
			continue;
		fprintf(stderr, "# '%s' gave %d, not %d\n", ranges[i], seen, err);
		others++;
	}
	return others;
}

TEST_F(scan_range, malformed_ranges_give_einval)
{
	static const char * const malformed[] = {
		"\n", " ", "hello", "=", "pid", "pid=", "maps", "pid=1 start=0x1000",
		"pid=1 end=0x1000", "start=0x1000 end=0x2000", "pid=1 start=0x2000 end=0x1000",
		"pid=1 start=0x1000 end=0x1000", "pid=1 pid=1", "pid=1 all",
		"pid=1 pfn=1 count=1",
		"pfn=1", "count=1", "pfn=1 count=0", "pfn=1 count=1 all", "all all", "all=1",
		"all maps=1", "all maps maps", "all kind=", "all kind=nothing", "all kind=anon,",
		"all kind=anon,,ksm", "all kind", "all min_maps", "all min_maps=",
		"all min_maps=-1",
		"all stuck=1", "all extra_refs=2", "all va=0x1000", "all folio", "ALL", "pid=1x",
		"pfn=1 count=1\nall", "pid=1\n\n", "pid=18446744073709551616", "all;",
	};

	NEEDS_MODULE();
	EXPECT_EQ(0, others_than(-EINVAL, self->fd, malformed, ARRAY_SIZE(malformed)));
	EXPECT_EQ(-1, write(self->fd, "all\0", 4));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(scan_range, each_error_has_its_errno)
{
	static const char kernel[] = "pid=1 start=0xffff800000000000 end=0xffff900000000000";
	char text[300];

	NEEDS_MODULE();
	EXPECT_EQ(-ESRCH, interface_write(self->fd, "pid=0"));
	EXPECT_EQ(-ESRCH, interface_write(self->fd, "pid=99999999999"));
	/* A kernel thread has no user memory. */
	EXPECT_EQ(-ESRCH, interface_write(self->fd, "pid=2"));
	EXPECT_EQ(-EFAULT, interface_write(self->fd, "pid=1 start=0x1000 end=0x2000"));
	EXPECT_EQ(-EFAULT, interface_write(self->fd, kernel));
	EXPECT_EQ(-ENXIO, interface_write(self->fd, "pfn=0xfffffffffff count=1"));
	memset(text, ' ', sizeof(text));
	EXPECT_EQ(-1, write(self->fd, text, 256));
	EXPECT_EQ(E2BIG, errno);
	EXPECT_EQ(-1, read(self->fd, text, sizeof(text)));
	EXPECT_EQ(ENODATA, errno);
}

TEST_F(scan_range, stream_has_no_position)
{
	char byte;

	NEEDS_MODULE();
	ASSERT_EQ(0, interface_write(self->fd, self->range));
	EXPECT_EQ(-1, lseek(self->fd, 0, SEEK_SET));
	EXPECT_EQ(ESPIPE, errno);
	EXPECT_EQ(-1, pread(self->fd, &byte, 1, 0));
	EXPECT_EQ(ESPIPE, errno);
}

/* Reads a stream in pieces of @size bytes. Returns its length without the end line, or -errno. */
static ssize_t read_in_pieces(int fd, char *text, size_t room, size_t size)
{
	size_t len = 0;
	ssize_t got;
	char *end;

	while ((got = read(fd, text + len, size)) > 0) {
		len += got;
		if (len + size >= room)
			return -E2BIG;
	}
	if (got < 0)
		return -errno;
	text[len] = '\0';
	end = strstr(text, "\nend ");
	return end ? end - text : -ENOMSG;
}

TEST_F(scan_range, reads_of_any_size_give_the_same_stream)
{
	enum { ROOM = 1 << 20 };
	static const size_t sizes[] = { 65536, 4096, 1000, 400, 333 };
	char *first = calloc(1, ROOM), *again = calloc(1, ROOM);
	ssize_t len;
	size_t i;

	NEEDS_MODULE();
	ASSERT_EQ(0, interface_write(self->fd, self->range));
	len = read_in_pieces(self->fd, first, ROOM, sizes[0]);
	ASSERT_LT(0, len);
	EXPECT_EQ(0, read(self->fd, again, ROOM));
	for (i = 1; i < ARRAY_SIZE(sizes); i++) {
		ASSERT_EQ(0, interface_write(self->fd, self->range));
		EXPECT_EQ(len, read_in_pieces(self->fd, again, ROOM, sizes[i]));
		EXPECT_EQ(0, strncmp(first, again, len)) {
			TH_LOG("first:\n%s\nthen:\n%s", first, again);
		}
	}
	/* Not even the first line fits. */
	ASSERT_EQ(0, interface_write(self->fd, self->range));
	EXPECT_EQ(-EINVAL, read_in_pieces(self->fd, again, ROOM, 8));
	EXPECT_EQ(len, read_in_pieces(self->fd, again, ROOM, 4096));
	free(first);
	free(again);
}

TEST_F(scan_range, range_written_last_is_read_without_a_write)
{
	char first[65536] = "", again[65536] = "";
	int other = interface_open("scan", O_RDONLY);

	NEEDS_MODULE();
	ASSERT_LE(0, other);
	ASSERT_EQ(0, interface_write(self->fd, self->range));
	EXPECT_EQ(-EINVAL, interface_write(self->fd, "nonsense"));
	ASSERT_LT(0, read_in_pieces(other, again, sizeof(again), 4096));
	ASSERT_EQ(0, interface_write(self->fd, self->range));
	ASSERT_LT(0, read_in_pieces(self->fd, first, sizeof(first), 4096));
	*strstr(first, "\nend ") = '\0';
	*strstr(again, "\nend ") = '\0';
	EXPECT_STREQ(first, again);
	close(other);
}

TEST_F(scan_range, only_pages_of_the_range_are_reported)
{
	uint64_t at = (uintptr_t)self->pages + getpagesize();
	struct scan_stream stream;
	const struct scan_page *page;
	uint64_t pfn;

	NEEDS_MODULE();
	/* The bounds are rounded to whole pages. */
	EXPECT_OK(scan_take(&stream, "pid=%d start=%#" PRIx64 " end=%#" PRIx64 " maps",
			    self->child.pid, at + 1, at + getpagesize() + 1));
	EXPECT_EQ(2, stream.nr_pages);
	ASSERT_OK(oracle_pfn(self->child.pid, at, &pfn));
	page = scan_find(&stream, at);
	ASSERT_NE(NULL, page);
	EXPECT_EQ(pfn, page->key);
	EXPECT_EQ(2, record_num(page->record, "maps"));
	EXPECT_EQ(2, record_num(page->record, "mms"));
	EXPECT_EQ(2, record_num(page->record, "visited"));
	EXPECT_EQ(1, record_num(stream.end, "complete"));
	scan_free(&stream);
}

static size_t count_lines(const struct scan_stream *stream, const char *name)
{
	const struct record *record = NULL;
	size_t nr = 0;

	while ((record = report_next(&stream->report, name, record)))
		nr++;
	return nr;
}

/* A page with exactly these two mappings, at the same address. */
static bool is_mapped_by(const struct scan_stream *stream, uint64_t pfn, const pid_t *pids,
			 uint64_t va)
{
	struct mappings found = { 0 };
	bool ok = !oracle_find(&stream->mappings, pfn, &found) && found.nr == 2;
	size_t i;

	for (i = 0; ok && i < 2; i++)
		ok = found.v[i].va == va && found.v[i].pid == pids[i];
	for (i = 0; !ok && i < found.nr; i++)
		fprintf(stderr, "# pfn %#" PRIx64 ": pid %d va %#" PRIx64 "\n", pfn,
			found.v[i].pid, found.v[i].va);
	mappings_free(&found);
	return ok;
}

/* Pages that are touched in another order than that of their addresses. */
TEST_F(scan_range, scattered_frames_have_the_mappings_of_the_pagemap_in_any_order)
{
	static const char * const ranges[] = { "all maps", "all maps ordered" };
	const size_t nr = 251, size = getpagesize();
	size_t i, n, lines[2];
	struct child child;
	char *pages;

	NEEDS_MODULE();
	pages = mmap(NULL, nr * size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, pages);
	for (i = 0; i < nr; i++)
		pages[i * 89 % nr * size] = 1;
	ASSERT_OK(child_fork(&child));
	for (i = 0; i < nr; i++)
		(void)*(volatile char *)(pages + i * size);
	for (i = 0; i < nr; i++)
		ASSERT_OK(child_do(&child, CHILD_READ, pages + i * size));
	for (n = 0; n < 2; n++) {
		const pid_t pids[] = { getpid(), child.pid };
		struct scan_stream stream;
		size_t wrong = 0;

		ASSERT_OK(scan_take(&stream, "%s", ranges[n]));
		for (i = 0; i < nr; i++) {
			uint64_t va = (uintptr_t)pages + i * size, pfn;

			ASSERT_OK(oracle_pfn(getpid(), va, &pfn));
			wrong += !is_mapped_by(&stream, pfn, pids, va);
		}
		EXPECT_EQ(0, wrong) TH_LOG("%s", ranges[n]);
		lines[n] = count_lines(&stream, "map");
		scan_free(&stream);
	}
	/* In the order of addresses they are next to each other. */
	EXPECT_LT(lines[1] + nr / 2, lines[0]);
	ASSERT_OK(child_end(&child));
	munmap(pages, nr * size);
}

TEST_F(scan_range, filters_leave_pages_out)
{
	struct scan_stream stream;
	int i;

	NEEDS_MODULE();
	/* Every other page becomes the child's own. */
	for (i = 0; i < PAGES; i += 2)
		ASSERT_OK(child_do(&self->child, CHILD_WRITE, self->pages + i * getpagesize()));
	EXPECT_OK(scan_take(&stream, "%s min_maps=2", self->range));
	EXPECT_EQ(PAGES / 2, stream.nr_pages);
	EXPECT_EQ(PAGES, stream.nr_mappings);
	scan_free(&stream);
	EXPECT_OK(scan_take(&stream, "%s kind=ksm,file", self->range));
	EXPECT_EQ(0, stream.nr_pages);
	scan_free(&stream);
	EXPECT_OK(scan_take(&stream, "%s kind=anon,swap", self->range));
	EXPECT_EQ(PAGES, stream.nr_pages);
	EXPECT_EQ(PAGES + PAGES / 2, stream.nr_mappings);
	scan_free(&stream);
	EXPECT_OK(scan_take(&stream, "%s stuck", self->range));
	EXPECT_LE(stream.nr_pages, PAGES);
	scan_free(&stream);
	EXPECT_OK(scan_take(&stream, "%s", self->range));
	EXPECT_EQ(NULL, record_get(stream.page[0].record, "migrate"));
	scan_free(&stream);
}

/* All three pages are in one tree. */
TEST_F(scan_range, swapped_page_ends_a_map_line)
{
	size_t size = getpagesize();
	struct scan_stream stream;
	const struct record *map = NULL;
	char *own = own_pages(3);
	int i;

	NEEDS_MODULE();
	if (!have_swap())
		SKIP(return, "no swap: /proc/swaps is empty");
	ASSERT_NE(NULL, own);
	memset(own, 1, 3 * size);
	ASSERT_OK(drain_batches());
	ASSERT_EQ(0, madvise(own + size, size, 21 /* MADV_PAGEOUT */));
	EXPECT_OK(scan_take(&stream, "pid=%d start=%p end=%p maps", getpid(), own, own + 3 * size));
	EXPECT_STREQ("swap", record_get(stream.page[1].record, "kind"));
	for (i = 0; i < 3; i++) {
		map = report_next(&stream.report, "map", map);
		ASSERT_NE(NULL, map);
		EXPECT_EQ(1, record_num(map, "count"));
		EXPECT_EQ(i == 1, !strcmp("swap", record_get(map, "bits")));
	}
	scan_free(&stream);
	munmap(own, 3 * size);
}

/* Its folio is mapped, so that the kernel's walk visits the VMA; its neighbours don't matter. */
TEST_F(scan_range, unmapped_page_of_a_mapped_folio_is_visited_as_in_page)
{
	size_t size = getpagesize(), pages = thp_size() / size;
	struct scan_stream stream;
	struct page_report report;
	char *thp = own_thp();
	uint64_t pfn;

	NEEDS_MODULE();
	if (!thp)
		SKIP(return, "no huge page");
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)thp, &pfn));
	ASSERT_EQ(0, madvise(thp + pages / 2 * size, pages / 2 * size, MADV_DONTNEED));
	pfn += pages - 1;
	if (page_report_take(&report, "pfn=%#" PRIx64, pfn))
		SKIP(return, "the kernel has split the huge page");
	EXPECT_EQ(0, report.mapped);
	EXPECT_OK(scan_take(&stream, "pfn=%#" PRIx64 " count=1 visited", pfn));
	EXPECT_EQ(1, stream.nr_pages);
	EXPECT_EQ(report.visited, record_num(stream.page[0].record, "visited"));
	EXPECT_EQ(0, record_num(stream.page[0].record, "maps"));
	scan_free(&stream);
	page_report_free(&report);
	munmap(thp, thp_size());
}

/* Between two reads nothing is held: the process can exit, and the stream ends. */
TEST_F(scan_range, process_that_exits_ends_its_stream)
{
	char text[8192] = "", range[32];
	struct child child;
	ssize_t len;

	NEEDS_MODULE();
	ASSERT_OK(child_fork(&child));
	snprintf(range, sizeof(range), "pid=%d maps", child.pid);
	ASSERT_EQ(0, interface_write(self->fd, range));
	ASSERT_LT(0, read(self->fd, text, 256));
	ASSERT_OK(child_end(&child));
	len = read_in_pieces(self->fd, text, sizeof(text), 1024);
	ASSERT_LE(0, len);
	EXPECT_NE(NULL, strstr(text + len, " complete=0 "));
}

static void nothing(int sig)
{
}

/* A signal ends a read, and the next read goes on. */
TEST_F(scan_range, signal_loses_nothing)
{
	struct sigaction action = { .sa_handler = nothing };
	char *text = calloc(1, 1 << 22);
	size_t len = 0;
	int signals = 0;

	NEEDS_MODULE();
	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, interface_write(self->fd, "all"));
	for (;;) {
		ssize_t got;

		/* Comes in the middle of a read. */
		if (signals++ < 20)
			ualarm(2000, 0);
		got = read(self->fd, text + len, 65536);
		if (got < 0) {
			ASSERT_EQ(EINTR, errno);
			continue;
		}
		if (!got)
			break;
		len += got;
		ASSERT_GT((1 << 22) - 65536, len);
	}
	ualarm(0, 0);
	EXPECT_NE(NULL, strstr(text, "\nend "));
	EXPECT_NE(NULL, strstr(text, " complete=1 "));
	free(text);
}

TEST_HARNESS_MAIN
