// SPDX-License-Identifier: GPL-2.0
/* Valid targets of the file "page", and the errnos of invalid ones. */
#include <inttypes.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "child.h"
#include "oracle.h"
#include "target.h"
#include "test.h"

FIXTURE(target_syntax)
{
	int fd;
	char *page;
	uint64_t pfn;
};

FIXTURE_SETUP(target_syntax)
{
	self->fd = interface_open("page", O_RDWR);
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)self->page, &self->pfn));
}

FIXTURE_TEARDOWN(target_syntax)
{
	if (self->fd >= 0)
		close(self->fd);
}

static int write_bytes(int fd, const char *bytes, size_t size)
{
	ssize_t done = write(fd, bytes, size);

	return done < 0 ? -errno : done == (ssize_t)size ? 0 : -EIO;
}

/* Does @target lead to the page of the fixture? */
static int leads_to(int fd, const char *target, uint64_t pfn)
{
	struct report report;
	int err = interface_write(fd, target);

	if (err)
		return complain("'%s': %s", target, strerror(-err));
	err = report_read(&report, fd);
	if (err)
		complain("'%s': reading: %s", target, strerror(-err));
	else if (record_num(report_next(&report, "page", NULL), "pfn") != pfn)
		err = complain("'%s' leads to another page", target);
	report_free(&report);
	return err;
}

/* How many of the targets do not give @err; prints them. */
static int others_than(int err, int fd, const char * const *targets, size_t nr)
{
	int others = 0;
	size_t i;

	for (i = 0; i < nr; i++) {
		int seen = interface_write(fd, targets[i]);

		if (seen == err)
			continue;
		fprintf(stderr, "# '%s' gave %d, not %d\n", targets[i], seen, err);
		others++;
	}
	return others;
}

TEST_F(target_syntax, malformed_targets_give_einval)
{
	static const char * const malformed[] = {
		"\n", " ", "\t\n", "hello", "=", "pid", "pid=", "pid=1", "va=0x1000",
		"folio", "pid=1 va=", "pid= va=0x1000", "pid=1 va", "pid =1 va=0x1000",
		"pid=1 va= 0x1000", "pid=1,va=0x1000", "PID=1 VA=0x1000", "pfn=", "phys=",
		"pfn=1 pfn=1", "phys=0x1000 phys=0x1000", "pid=1 pid=1 va=0x1000",
		"pid=1 va=0x1000 va=0x1000", "pfn=1 folio folio", "folio=1 pfn=1",
		"pfn=1 phys=0x1000", "pid=1 va=0x1000 pfn=1", "pid=1 pfn=1",
		"va=0x1000 phys=0x1000", "pid=1 phys=0x1000", "pfn=1 unknown=2",
		"pfn=1 x", "pfn=0x", "pfn=1x", "pfn=0xg", "pfn=089", "pfn=1.0", "pfn=-1",
		"pfn=--1", "pid=-1 va=0x1000", "pid=1 va=-4096", "pfn=18446744073709551616",
		"pfn=0x10000000000000000", "phys=0x10000000000000000",
		"pid=1 va=99999999999999999999", "pid=18446744073709551616 va=0x1000",
		"pfn=1;", "\"pfn=1\"", "pfn==1", "pid=1\nva=0x1000", "pfn=1\npfn=1",
		"pfn=1\nx", "\npfn=1 y",
	};

	NEEDS_MODULE();
	EXPECT_EQ(0, others_than(-EINVAL, self->fd, malformed, ARRAY_SIZE(malformed)));
}

TEST_F(target_syntax, empty_target_gives_einval)
{
	NEEDS_MODULE();
	EXPECT_EQ(-EINVAL, write_bytes(self->fd, "", 0));
}

TEST_F(target_syntax, embedded_nul_gives_einval)
{
	NEEDS_MODULE();
	EXPECT_EQ(-EINVAL, write_bytes(self->fd, "pfn=1\0", 6));
	EXPECT_EQ(-EINVAL, write_bytes(self->fd, "pfn=1\0 folio", 12));
	EXPECT_EQ(-EINVAL, write_bytes(self->fd, "\0pfn=1", 6));
}

TEST_F(target_syntax, target_may_have_255_bytes_and_not_256)
{
	char text[300];
	int nr;

	NEEDS_MODULE();
	memset(text, ' ', sizeof(text));
	nr = TARGET_AT(text, getpid(), self->page);
	text[nr] = ' ';
	EXPECT_EQ(0, write_bytes(self->fd, text, 255));
	EXPECT_EQ(-E2BIG, write_bytes(self->fd, text, 256));
	EXPECT_EQ(-E2BIG, write_bytes(self->fd, text, 300));
}

TEST_F(target_syntax, blanks_order_and_number_base_do_not_matter)
{
	unsigned long long va = (uintptr_t)self->page, pfn = self->pfn;
	const unsigned long long phys = pfn * getpagesize();
	char targets[14][128];
	size_t i = 0;

	NEEDS_MODULE();
	sprintf(targets[i++], "pid=%d va=0x%llx", getpid(), va);
	sprintf(targets[i++], "pid=%d va=0x%llx\n", getpid(), va);
	sprintf(targets[i++], "va=0x%llx pid=%d", va, getpid());
	sprintf(targets[i++], "pid=%#x va=%llu", getpid(), va);
	sprintf(targets[i++], "pid=%#o va=0%llo", getpid(), va);
	sprintf(targets[i++], "pid=%d\tva=0X%llX", getpid(), va);
	sprintf(targets[i++], "  pid=%d \t  va=0x%llx  \t\n", getpid(), va);
	sprintf(targets[i++], "pid=%d va=0x%llx folio", getpid(), va);
	sprintf(targets[i++], "folio pid=%d va=0x%llx", getpid(), va);
	sprintf(targets[i++], "pid=%d folio va=0x%llx\n", getpid(), va);
	sprintf(targets[i++], "pfn=%llu", pfn);
	sprintf(targets[i++], "pfn=0x%llx folio\n", pfn);
	sprintf(targets[i++], "phys=%llu", phys);
	sprintf(targets[i++], "phys=0x%llx\n", phys);
	ASSERT_EQ(ARRAY_SIZE(targets), i);
	for (i = 0; i < ARRAY_SIZE(targets); i++)
		EXPECT_OK(leads_to(self->fd, targets[i], self->pfn));
}

TEST_F(target_syntax, address_within_the_page_leads_to_the_page)
{
	char target[96];

	NEEDS_MODULE();
	TARGET_AT(target, getpid(), self->page + 123);
	EXPECT_OK(leads_to(self->fd, target, self->pfn));
	TARGET_AT(target, getpid(), self->page + getpagesize() - 1);
	EXPECT_OK(leads_to(self->fd, target, self->pfn));
	snprintf(target, sizeof(target), "phys=%#" PRIx64,
		 self->pfn * getpagesize() + 4095);
	EXPECT_OK(leads_to(self->fd, target, self->pfn));
}

TEST_F(target_syntax, unused_pid_gives_esrch)
{
	char target[96];

	NEEDS_MODULE();
	EXPECT_EQ(-ESRCH, interface_write(self->fd, "pid=0 va=0x1000"));
	EXPECT_EQ(-ESRCH, interface_write(self->fd, "pid=4194305 va=0x1000"));
	EXPECT_EQ(-ESRCH, interface_write(self->fd, "pid=0x7fffffff va=0x1000"));
	EXPECT_EQ(-ESRCH, interface_write(self->fd, "pid=0xffffffff va=0x1000"));
	EXPECT_EQ(-ESRCH, interface_write(self->fd, "pid=0xffffffffffffffff va=0x1000"));
	/* In the lower 32 bits this is the caller's own pid. */
	snprintf(target, sizeof(target), "pid=%llu va=%p", (1ULL << 32) + getpid(),
		 self->page);
	EXPECT_EQ(-ESRCH, interface_write(self->fd, target));
}

TEST_F(target_syntax, kernel_thread_gives_esrch)
{
	NEEDS_MODULE();
	EXPECT_EQ(-ESRCH, interface_write(self->fd, "pid=2 va=0x1000"));
}

TEST_F(target_syntax, zombie_gives_esrch)
{
	struct child child;
	siginfo_t info;
	char target[96];

	NEEDS_MODULE();
	ASSERT_OK(child_fork(&child));
	ASSERT_EQ(0, kill(child.pid, SIGKILL));
	ASSERT_EQ(0, waitid(P_PID, child.pid, &info, WEXITED | WNOWAIT));
	TARGET_AT(target, child.pid, self->page);
	EXPECT_EQ(-ESRCH, interface_write(self->fd, target));
	ASSERT_OK(child_end(&child));
	EXPECT_EQ(-ESRCH, interface_write(self->fd, target));
}

TEST_F(target_syntax, address_without_a_vma_gives_efault)
{
	static const unsigned long long nowhere[] = {
		0, 0xfff, 0x7ffffffff000, 0x800000000000, 0xffff888000000000,
		0xffffffff81000000, 0xffffffffffffffff,
	};
	char target[96];
	size_t i;

	NEEDS_MODULE();
	for (i = 0; i < ARRAY_SIZE(nowhere); i++) {
		TARGET_AT(target, getpid(), nowhere[i]);
		EXPECT_EQ(-EFAULT, interface_write(self->fd, target)) {
			TH_LOG("%s", target);
		}
	}
	ASSERT_EQ(0, munmap(self->page, getpagesize()));
	TARGET_AT(target, getpid(), self->page);
	EXPECT_EQ(-EFAULT, interface_write(self->fd, target));
}

TEST_F(target_syntax, address_without_a_page_gives_enodata)
{
	char target[96], *untouched;

	NEEDS_MODULE();
	untouched = own_pages(1);
	ASSERT_NE(NULL, untouched);
	TARGET_AT(target, getpid(), untouched);
	EXPECT_EQ(-ENODATA, interface_write(self->fd, target));

	ASSERT_EQ(0, mprotect(untouched, getpagesize(), PROT_NONE));
	EXPECT_EQ(-ENODATA, interface_write(self->fd, target));

	TARGET_AT(target, getpid(), self->page);
	ASSERT_EQ(0, interface_write(self->fd, target));
	ASSERT_EQ(0, madvise(self->page, getpagesize(), MADV_DONTNEED));
	EXPECT_EQ(-ENODATA, interface_write(self->fd, target));
}

TEST_F(target_syntax, frame_beyond_the_memory_gives_enxio)
{
	static const char * const beyond[] = {
		"pfn=0xffffffffffffffff", "pfn=0x8000000000000000", "pfn=0x10000000000000",
		"pfn=0xfffffffffffff", "pfn=0xffffffffff", "phys=0xffffffffffffffff",
		"phys=0x8000000000000000", "phys=0xffffffffff000",
	};

	NEEDS_MODULE();
	EXPECT_EQ(0, others_than(-ENXIO, self->fd, beyond, ARRAY_SIZE(beyond)));
}

TEST_F(target_syntax, unreadable_buffer_gives_efault)
{
	NEEDS_MODULE();
	ASSERT_EQ(0, munmap(self->page, getpagesize()));
	EXPECT_EQ(-EFAULT, write_bytes(self->fd, self->page, 20));
}

TEST_HARNESS_MAIN
