// SPDX-License-Identifier: GPL-2.0
/*
 * Entries without a page: each has its name in bits=, and as a target its own errno. A child has
 * the special entry where its parent has the page of the target.
 */
#include <linux/userfaultfd.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "child.h"
#include "kernel_file.h"
#include "ksm.h"
#include "oracle.h"
#include "test.h"
#include "uapi_compat.h"

/* Newer than the headers of the oldest supported distribution. */
#define FEATURE_POISON		(1 << 14)

struct poison {
	struct uffdio_range range;
	__u64 mode;
	__s64 updated;
};

#define IOCTL_POISON		_IOWR(UFFDIO, 0x08, struct poison)

#define HUGE_SIZE		(2UL << 20)

static size_t mapping_size;

/* The descriptor stays open as long as the child lives. */
static int register_range(void *page, unsigned long long features, unsigned int mode)
{
	struct uffdio_api api = { .api = UFFD_API, .features = features };
	struct uffdio_register reg = {
		.range = { (uintptr_t)page, mapping_size },
		.mode = mode,
	};
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC);

	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) || ioctl(uffd, UFFDIO_REGISTER, &reg))
		return -1;
	return uffd;
}

static int install_guard(void *page)
{
	return madvise(page, mapping_size, MADV_GUARD_INSTALL) ? errno : 0;
}

static int poison(void *page)
{
	struct poison poison = { .range = { (uintptr_t)page, mapping_size } };
	int uffd = register_range(page, FEATURE_POISON, UFFDIO_REGISTER_MODE_MISSING);

	if (uffd < 0 || madvise(page, mapping_size, MADV_DONTNEED) ||
	    ioctl(uffd, IOCTL_POISON, &poison))
		return errno;
	return 0;
}

/* Write protection must survive when the page is dropped, so the kernel leaves a marker. */
static int leave_write_protected(void *page)
{
	struct uffdio_writeprotect wp = {
		.range = { (uintptr_t)page, mapping_size },
		.mode = UFFDIO_WRITEPROTECT_MODE_WP,
	};
	int uffd = register_range(page, UFFD_FEATURE_WP_HUGETLBFS_SHMEM, UFFDIO_REGISTER_MODE_WP);

	if (uffd < 0)
		return errno;
	(void)*(volatile char *)page;
	if (ioctl(uffd, UFFDIO_WRITEPROTECT, &wp) || madvise(page, mapping_size, MADV_DONTNEED))
		return errno;
	return 0;
}

static int read_anew(void *page)
{
	if (madvise(page, mapping_size, MADV_DONTNEED))
		return errno;
	return *(volatile char *)page;
}

static int have_zeroes_merged(void *page)
{
	memset(page, 0, mapping_size);
	return madvise(page, mapping_size, MADV_MERGEABLE) ? errno : 0;
}

/* Is a word in the list of bits? */
static bool has_bit(const struct record *map, const char *word)
{
	const char *bits = record_get(map, "bits");
	size_t len = strlen(word);

	for (; bits && *bits; bits += strcspn(bits, "|"), bits += strspn(bits, "|"))
		if (!strncmp(bits, word, len) && (!bits[len] || bits[len] == '|'))
			return true;
	return false;
}

static int address_error(pid_t pid, const void *page)
{
	struct page_report report;
	int err = page_report_at(&report, pid, (uintptr_t)page);

	page_report_free(&report);
	return err;
}

/* Takes a report on a page of the caller, and checks the map line of the child. */
static int child_is(pid_t pid, void *page, const char *state, const char *bits)
{
	const struct record *map;
	struct page_report report;
	int ret = page_report_at(&report, getpid(), (uintptr_t)page);

	if (ret)
		return ret;
	map = page_report_map_at(&report, pid, (uintptr_t)page);
	if (!map)
		ret = complain("the report has no map line of the child");
	else if (strcmp(record_get(map, "state"), state) || strcmp(record_get(map, "bits"), bits))
		ret = complain("state=%s bits=%s, not %s, %s", record_get(map, "state"),
			       record_get(map, "bits"), state, bits);
	page_report_free(&report);
	return ret;
}

FIXTURE(special_entries) {
	struct child child;
	size_t size;
};

FIXTURE_SETUP(special_entries)
{
	NEEDS_MODULE();
	mapping_size = getpagesize();
	self->size = mapping_size;
}

FIXTURE_TEARDOWN(special_entries)
{
}

TEST_F(special_entries, guard_page_is_named)
{
	void *page = own_page();

	ASSERT_NE(NULL, page);
	ASSERT_OK(child_fork(&self->child));
	if (child_call(&self->child, install_guard, page))
		SKIP(return, "no MADV_GUARD_INSTALL: %.200s", why);
	EXPECT_OK(child_is(self->child.pid, page, "none", "marker|guard"));
	EXPECT_EQ(-ENODATA, address_error(self->child.pid, page));
	ASSERT_OK(child_end(&self->child));
}

TEST_F(special_entries, page_poisoned_by_userfaultfd_is_named)
{
	void *page = own_page();

	ASSERT_NE(NULL, page);
	ASSERT_OK(child_fork(&self->child));
	if (child_call(&self->child, poison, page))
		SKIP(return, "no UFFDIO_POISON: %.200s", why);
	EXPECT_OK(child_is(self->child.pid, page, "none", "marker|poison"));
	EXPECT_EQ(-ENODATA, address_error(self->child.pid, page));
	ASSERT_OK(child_end(&self->child));
}

TEST_F(special_entries, shared_memory_that_stays_write_protected_is_named)
{
	int fd = memfd_create("protected", MFD_CLOEXEC);
	char *page;

	ASSERT_EQ(0, ftruncate(fd, self->size));
	page = mmap(NULL, self->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, page);
	page[0] = 1;
	ASSERT_OK(child_fork(&self->child));
	if (child_call(&self->child, leave_write_protected, page))
		SKIP(return, "no write protection of shmem by userfaultfd: %.200s", why);
	EXPECT_OK(child_is(self->child.pid, page, "none", "marker|uffd_wp"));
	EXPECT_EQ(-ENODATA, address_error(self->child.pid, page));
	ASSERT_OK(child_end(&self->child));
	close(fd);
}

/* The marker is in a PMD. Kernels without transparent huge pages cannot decode it. */
TEST_F(special_entries, hugetlb_that_stays_write_protected_is_named)
{
	int fd = memfd_create("protected", MFD_CLOEXEC | MFD_HUGETLB);
	char *page;

	mapping_size = HUGE_SIZE;
	if (fd < 0 || write_text("/proc/sys/vm/nr_hugepages", "4"))
		SKIP(return, "no hugetlb");
	ASSERT_EQ(0, ftruncate(fd, HUGE_SIZE));
	page = mmap(NULL, HUGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		SKIP(return, "the kernel gives no huge page");
	page[0] = 1;
	ASSERT_OK(child_fork(&self->child));
	if (child_call(&self->child, leave_write_protected, page))
		SKIP(return, "no write protection of hugetlb by userfaultfd: %.200s", why);
	EXPECT_OK(child_is(self->child.pid, page, "none", "marker|uffd_wp"));
	EXPECT_EQ(-ENODATA, address_error(self->child.pid, page));
	ASSERT_OK(child_end(&self->child));
	munmap(page, HUGE_SIZE);
	close(fd);
	write_text("/proc/sys/vm/nr_hugepages", "0");
}

TEST_F(special_entries, zero_page_is_named)
{
	const struct record *map;
	struct page_report report;
	void *page = own_page();

	ASSERT_NE(NULL, page);
	ASSERT_OK(child_fork(&self->child));
	ASSERT_OK(child_call(&self->child, read_anew, page));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	map = page_report_map_at(&report, self->child.pid, (uintptr_t)page);
	ASSERT_NE(NULL, map);
	EXPECT_STREQ("cowed", record_get(map, "state"));
	EXPECT_TRUE(has_bit(map, "special"));
	EXPECT_TRUE(has_bit(map, "zero"));
	EXPECT_FALSE(has_bit(map, "ksm_zero"));
	page_report_free(&report);
	EXPECT_EQ(-EOPNOTSUPP, address_error(self->child.pid, page));
	ASSERT_OK(child_end(&self->child));
}

TEST_F(special_entries, zero_page_that_ksmd_put_there_is_named)
{
	/* Kernels that count these zero pages also mark their entries. */
	bool marked = !access(KSM "ksm_zero_pages", R_OK);
	uint64_t zero, now = 0;
	const struct record *map;
	struct page_report report;
	char *page, *other;

	page = own_page();
	other = own_pages(1);
	ASSERT_NE(NULL, page);
	ASSERT_NE(NULL, other);
	ASSERT_EQ(0, *(volatile char *)other);
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)other, &zero));
	if (write_text(KSM "use_zero_pages", "1"))
		SKIP(return, "no KSM: %.200s", why);
	ASSERT_OK(child_fork(&self->child));
	ASSERT_OK(child_call(&self->child, have_zeroes_merged, page));
	ASSERT_OK(ksm_settle());
	ASSERT_OK(oracle_pfn(self->child.pid, (uintptr_t)page, &now));
	write_text(KSM "use_zero_pages", "0");
	if (now != zero)
		SKIP(return, "ksmd does not use the zero page");
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	map = page_report_map_at(&report, self->child.pid, (uintptr_t)page);
	ASSERT_NE(NULL, map);
	EXPECT_STREQ("cowed", record_get(map, "state"));
	EXPECT_EQ(marked, has_bit(map, "ksm_zero"));
	EXPECT_EQ(!marked, has_bit(map, "zero"));
	page_report_free(&report);
	ASSERT_OK(child_end(&self->child));
}

TEST_HARNESS_MAIN
