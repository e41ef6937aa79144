// SPDX-License-Identifier: GPL-2.0
/* Memory that goes offline after a report on it, and comes online again. */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "child.h"
#include "kernel_file.h"
#include "memory_block.h"
#include "oracle.h"
#include "page_actions.h"
#include "test.h"

/*
 * A page of this process in a block of memory that was unused before, so that the block can be
 * emptied again. The page is mlocked, as the kernel might otherwise swap it out instead of moving
 * it.
 */
FIXTURE(memory_offline)
{
	char *page;
	uint64_t pfn;			/* its index in the block */
	int fd;				/* has a report on the page */
	char state[64];			/* of the block; empty if there is none */
	int node;
	uint64_t first, end;		/* number of frames of the block */
};

#define offline_data	FIXTURE_DATA(memory_offline)

static bool in_block(const offline_data *self, uint64_t pfn)
{
	return pfn >= self->first && pfn < self->end;
}

static void find_block(offline_data *self)
{
	uint64_t number;
	char node[96];

	if (!block_find_offline(self->state, sizeof(self->state), &number))
		return;
	self->first = number * block_pages();
	self->end = self->first + block_pages();
	do {
		snprintf(node, sizeof(node), MEMORY_BLOCKS "/memory%" PRIu64 "/node%d",
			 number, self->node);
	} while (access(node, F_OK) && ++self->node < 1024);
}

static void interrupt(int signal)
{
}

/* The kernel retries to empty a block until it succeeds or a signal arrives. */
static int set_state(const offline_data *self, const char *state)
{
	struct sigaction action = { .sa_handler = interrupt }, old;
	int ret;

	sigaction(SIGALRM, &action, &old);
	alarm(60);
	ret = write_text(self->state, state);
	alarm(0);
	sigaction(SIGALRM, &old, NULL);
	return ret;
}

/* A cpuset allows the new memory only a moment later. */
static int move_into_block(offline_data *self)
{
	int tries, ret = -EACCES;

	for (tries = 0; ret == -EACCES && tries < 1000; tries++) {
		usleep(tries ? 10000 : 0);
		ret = move_to(self->page, self->node);
	}
	if (ret)
		return complain("move_pages() to node %d: %s", self->node, strerror(-ret));
	return oracle_pfn(getpid(), (uintptr_t)self->page, &self->pfn);
}

FIXTURE_SETUP(memory_offline)
{
	int moved;

	self->fd = -1;
	NEEDS_MODULE();
	find_block(self);
	if (!*self->state)
		return;
	ASSERT_OK(set_state(self, "online_movable"));
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	ASSERT_EQ(0, mlock(self->page, getpagesize()));
	moved = move_into_block(self);
	if (moved)
		set_state(self, "offline");
	ASSERT_OK(moved);
	ASSERT_TRUE(in_block(self, self->pfn));
	self->fd = interface_open("page", O_RDWR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(memory_offline)
{
	if (self->fd >= 0)
		close(self->fd);
	if (*self->state && !block_is_offline(self->first))
		EXPECT_OK(set_state(self, "offline"));
}

#define NEEDS_BLOCK()							\
	do {								\
		NEEDS_MODULE();						\
		if (!*self->state)					\
			SKIP(return, "no block of memory is offline"); \
	} while (0)

static int report_pfn(const offline_data *self, uint64_t pfn)
{
	char target[32];

	snprintf(target, sizeof(target), "pfn=%#" PRIx64, pfn);
	return interface_write(self->fd, target);
}

/* The frame can go offline although there is a report on it, as the report holds no reference. */
TEST_F(memory_offline, page_with_a_report_can_be_migrated_and_the_report_stays)
{
	struct page_report report;
	uint64_t now;
	char *text;

	NEEDS_BLOCK();
	EXPECT_EQ(0, report_pfn(self, self->pfn));
	EXPECT_OK(set_state(self, "offline"));

	text = interface_read(self->fd);
	EXPECT_NE(NULL, text);
	EXPECT_NE(NULL, strstr(text ?: "", "\nwalk "));
	free(text);
	EXPECT_OK(oracle_pfn(getpid(), (uintptr_t)self->page, &now));
	EXPECT_FALSE(in_block(self, now));
	EXPECT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	EXPECT_EQ(now, report.pfn);
	page_report_free(&report);
}

TEST_F(memory_offline, every_frame_of_the_block_is_refused)
{
	uint64_t pfn;
	int err = -EOPNOTSUPP;

	NEEDS_BLOCK();
	EXPECT_EQ(0, report_pfn(self, self->pfn));
	EXPECT_OK(set_state(self, "offline"));
	for (pfn = self->first; err == -EOPNOTSUPP && pfn < self->end; pfn++)
		err = report_pfn(self, pfn);
	EXPECT_EQ(-EOPNOTSUPP, err) {
		TH_LOG("pfn=%#" PRIx64, pfn - 1);
	}
}

TEST_F(memory_offline, block_that_comes_online_again_is_reported_as_before)
{
	struct page_report report;

	NEEDS_BLOCK();
	ASSERT_OK(set_state(self, "offline"));
	ASSERT_EQ(-EOPNOTSUPP, report_pfn(self, self->pfn));
	ASSERT_OK(set_state(self, "online_movable"));
	ASSERT_OK(move_into_block(self));
	EXPECT_TRUE(in_block(self, self->pfn));
	EXPECT_EQ(0, report_pfn(self, self->pfn));
	EXPECT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	EXPECT_EQ(self->pfn, report.pfn);
	page_report_free(&report);
}

TEST_HARNESS_MAIN
