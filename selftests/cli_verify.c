// SPDX-License-Identifier: GPL-2.0
/*
 * "rmapscope verify" with invented answers of the module about a page of the test. Needs no module.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>

#include "child.h"
#include "json_part.h"

#define SCAN_FIXTURE_NAME	cli_verify
#include "scan_fixture.h"

/* A page of the test, and what the tool will ask about it. */
struct own {
	unsigned long va, pfn;
	char pid[16], bounds[64], asked[128], row[96];
};

static int make_page(struct own *own)
{
	unsigned long long entry = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY);

	own->va = (unsigned long)own_page();
	if (mlock((void *)own->va, 4096))
		return -1;
	if (pread(fd, &entry, sizeof(entry), own->va / 4096 * 8) != sizeof(entry))
		entry = 0;
	close(fd);
	own->pfn = entry & ((1ULL << 55) - 1);
	snprintf(own->pid, sizeof(own->pid), "%d", getpid());
	snprintf(own->bounds, sizeof(own->bounds), "%lx-%lx", own->va, own->va + 4096);
	snprintf(own->asked, sizeof(own->asked), "pid=%d start=0x%lx end=0x%lx maps", getpid(),
		 own->va, own->va + 4096);
	snprintf(own->row, sizeof(own->row), "0x%lx %d 0x%lx\n", own->pfn, getpid(), own->va);
	return own->pfn ? 0 : -1;
}

#define MAKE_PAGE(page)							\
	do {								\
		if (make_page(page))					\
			SKIP(return, "pagemap does not show frames");	\
	} while (0)

static void begin(struct records *r, const struct own *own)
{
	records_head(r, RMS_FORM_VA, RMS_OPTION_MAPS, own->va, own->va + 4096);
	records_mm(r, 1, getpid(), 0);
	records_run(r, RMS_FORM_VA, own->va, 1);
}

/* Verify the page own. */
#define VERIFY(...)							\
	do {								\
		END(&self->records);					\
		ASSERT_OK(records_write(&self->records, self->scan_raw, strlen(own.asked))); \
		RUN("verify", "-p", own.pid, own.bounds, ##__VA_ARGS__); \
		EXPECT_STREQ("", self->run.err);			\
	} while (0)

TEST_F(cli_verify, same_mappings_are_no_difference)
{
	struct own own;

	MAKE_PAGE(&own);
	begin(&self->records, &own);
	PAGE(&self->records, .kind = RMS_KIND_ANON, .pfn = own.pfn);
	records_map(&self->records, 1, 0, 1, own.va);
	VERIFY();
	EXPECT_EQ(0, self->run.status);
	EXPECT_EQ(1, count_lines(self->run.out));
	EXPECT_OUT("1 mappings, page tables of ");
	EXPECT_OUT(" processes: 0 differences\n");
}

TEST_F(cli_verify, mapping_that_the_module_lacks_is_shown)
{
	struct own own;
	char row[128];

	MAKE_PAGE(&own);
	begin(&self->records, &own);
	PAGE(&self->records, .kind = RMS_KIND_ANON, .pfn = own.pfn);
	VERIFY("-r");
	EXPECT_EQ(1, self->run.status);
	snprintf(row, sizeof(row), "ONLY-IN PFN PID VA\npagemap %s", own.row);
	EXPECT_STREQ(row, self->run.out);
}

TEST_F(cli_verify, mapping_that_no_page_table_has_is_shown)
{
	struct own own;
	char row[128];

	MAKE_PAGE(&own);
	begin(&self->records, &own);
	PAGE(&self->records, .kind = RMS_KIND_ANON, .pfn = own.pfn);
	records_map(&self->records, 1, 0, 1, own.va);
	records_map(&self->records, 1, 0, 1, 0x1000);
	VERIFY();
	EXPECT_EQ(1, self->run.status);
	snprintf(row, sizeof(row), "0x%lx %s 0x1000\n\n2 mappings", own.pfn, own.pid);
	EXPECT_OUT(row);
	EXPECT_OUT(": 1 difference\n");
	records_free(&self->records);
	begin(&self->records, &own);
	PAGE(&self->records, .kind = RMS_KIND_ANON, .pfn = own.pfn);
	VERIFY("-J");
	EXPECT_EQ(1, self->run.status);
	EXPECT_OK(json_has_part(self->run.out,
				"{ \"verified\": { \"mappings\": 0, \"differences\": 1 } }"));
	EXPECT_OUT("\"only_in\": \"pagemap\"");
}

/* Then the kernel's own flags tell that the frame is mapped. */
TEST_F(cli_verify, mapped_frame_without_a_record_is_shown)
{
	struct own own;
	char row[128];

	MAKE_PAGE(&own);
	records_head(&self->records, RMS_FORM_VA, RMS_OPTION_MAPS, own.va, own.va + 4096);
	VERIFY("-r", "-n");
	EXPECT_EQ(1, self->run.status);
	snprintf(row, sizeof(row), "pagemap %s", own.row);
	EXPECT_STREQ(row, self->run.out);
}

/* pagemap doesn't show the frames of migration entries, for instance. */
TEST_F(cli_verify, entries_that_are_not_present_are_not_compared)
{
	struct rms_rec_map *map;
	struct own own;

	MAKE_PAGE(&own);
	begin(&self->records, &own);
	PAGE(&self->records, .kind = RMS_KIND_ANON, .pfn = own.pfn);
	records_map(&self->records, 1, 0, 1, own.va);
	records_map(&self->records, 1, 0, 1, 0x1000);
	map = (void *)(self->records.bytes + self->records.len - sizeof(*map));
	map->bits = 1U << RMS_BIT_SWAP;
	VERIFY();
	EXPECT_EQ(0, self->run.status);
}

/* Wait until the tool asks the module, or exits. */
static bool asks_again(int master, pid_t pid)
{
	struct pollfd poll_master = { .fd = master, .events = POLLIN };
	siginfo_t info = { };

	while (!info.si_pid) {
		if (poll(&poll_master, 1, 1) == 1)
			return true;
		if (waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT))
			break;
	}
	return false;
}

/* A difference that is gone at the second try was a race. */
TEST_F(cli_verify, difference_that_does_not_persist_is_none)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave, try;
	struct running running;
	struct termios raw;
	struct own own;
	char text[256];

	if (master < 0 || grantpt(master) || unlockpt(master))
		SKIP(return, "no terminal");
	MAKE_PAGE(&own);
	slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	ASSERT_EQ(0, tcgetattr(slave, &raw));
	cfmakeraw(&raw);
	ASSERT_EQ(0, tcsetattr(slave, TCSANOW, &raw));
	ASSERT_EQ(0, symlink(ptsname(master), self->scan_raw));
	ASSERT_OK(command_start(&running, -1, "rmapscope", "verify", "-p", own.pid, own.bounds,
				NULL));
	for (try = 0; asks_again(master, running.pid); try++) {
		ssize_t n = read(master, text, sizeof(text) - 1);

		ASSERT_LT(0, n);
		text[n] = '\0';
		EXPECT_STREQ(own.asked, text);
		records_free(&self->records);
		begin(&self->records, &own);
		PAGE(&self->records, .kind = RMS_KIND_ANON, .pfn = own.pfn);
		if (try)
			records_map(&self->records, 1, 0, 1, own.va);
		END(&self->records);
		ASSERT_EQ((ssize_t)self->records.len,
			  write(master, self->records.bytes, self->records.len));
	}
	EXPECT_EQ(2, try);
	ASSERT_OK(command_finish(&running, &self->run));
	EXPECT_EQ(0, self->run.status);
	EXPECT_OUT(": 0 differences\n");
	close(master);
	close(slave);
}

TEST_F(cli_verify, usage_errors_and_missing_module)
{
	RUN_BADLY(2, "verify");
	RUN_BADLY(2, "verify", "--all", "--pfn", "1");
	RUN_BADLY(2, "verify", "--all", "-o", "NOSUCHCOLUMN");
	RUN_BADLY(1, "verify", "--all");
}

TEST_HARNESS_MAIN
