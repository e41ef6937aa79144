// SPDX-License-Identifier: GPL-2.0
/*
 * "rmapscope why --block" on a block of memory that really can't go offline, since a pipe has a
 * reference to a page in it, and then can.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "child.h"
#include "command.h"
#include "memory_block.h"
#include "page_actions.h"
#include "spare_block.h"
#include "test.h"

/* The page is mlocked, as the kernel might otherwise swap it out instead of moving it. */
FIXTURE(why_offline)
{
	struct command run;
	struct spare_block block;
	char name[32];
	char *page;
	uint64_t pfn;
	int pipe[2];
	char row[96];			/* of the page */
};

FIXTURE_SETUP(why_offline)
{
	int moved;

	self->pipe[0] = -1;
	self->pipe[1] = -1;
	NEEDS_MODULE();
	if (!spare_block_find(&self->block))
		return;
	snprintf(self->name, sizeof(self->name), "memory%" PRIu64, self->block.number);
	ASSERT_OK(spare_block_set(&self->block, "online_movable", 60));
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	ASSERT_EQ(0, mlock(self->page, getpagesize()));
	moved = spare_block_move(&self->block, self->page, &self->pfn);
	if (moved)
		spare_block_set(&self->block, "offline", 60);
	ASSERT_OK(moved);
	ASSERT_TRUE(spare_block_has(&self->block, self->pfn));
	ASSERT_OK(drain_batches());
	ASSERT_OK(put_into_pipe(self->page, self->pipe));
	snprintf(self->row, sizeof(self->row), "1 extra_refs 1 %d why_offline %#" PRIx64 " %p\n",
		 getpid(), self->pfn, self->page);
}

FIXTURE_TEARDOWN(why_offline)
{
	close_pipe(self->pipe);
	if (*self->block.state && !block_is_offline(self->block.first))
		EXPECT_OK(spare_block_set(&self->block, "offline", 60));
	command_free(&self->run);
}

#define ROWS	"-r", "-n", "-o", "PAGES,WHY,NPROCS,PID,COMM,PFN,VA"

TEST_F(why_offline, page_that_keeps_a_block_online_is_named_until_it_is_let_go)
{
	char head[96];

	NEEDS_BLOCK();
	RUN_WELL("why", "--block", self->name, ROWS);
	EXPECT_OUT(self->row);
	/* The kernel tries to move the page until a signal comes. */
	EXPECT_EQ(-EINTR, spare_block_set(&self->block, "offline", 5));
	EXPECT_FALSE(block_is_offline(self->block.first));
	RUN_WELL("why", "--block", self->name, ROWS);
	EXPECT_OUT(self->row);

	close_pipe(self->pipe);
	RUN_WELL("why", "--block", self->name, ROWS);
	EXPECT_NOT_OUT("extra_refs");
	EXPECT_OK(spare_block_set(&self->block, "offline", 60));
	RUN_WELL("why", "--block", self->name);
	snprintf(head, sizeof(head), "%s (offline): pfn %#" PRIx64 "-%#" PRIx64 ", ", self->name,
		 self->block.first, self->block.end);
	EXPECT_EQ(0, strncmp(self->run.out, head, strlen(head))) TH_LOG("%s", self->run.out);
	EXPECT_OUT("\nNothing stops migration here.\n");
}

TEST_F(why_offline, kernel_log_leads_to_the_page)
{
	char line[64];

	NEEDS_BLOCK();
	EXPECT_EQ(-EINTR, spare_block_set(&self->block, "offline", 5));
	RUN("why", "--dmesg");
	EXPECT_EQ(0, self->run.status) TH_LOG("%s", self->run.err);
	snprintf(line, sizeof(line), "\"migrating pfn %" PRIx64 " failed ret:", self->pfn);
	EXPECT_OUT(line);
	RUN("why", "--dmesg", ROWS);
	EXPECT_OUT(self->row);
}

TEST_F(why_offline, node_and_zone_of_the_block_have_the_page_as_well)
{
	char node[16];

	NEEDS_BLOCK();
	snprintf(node, sizeof(node), "%d", self->block.node);
	RUN_WELL("why", "--node", node, ROWS);
	EXPECT_OUT(self->row);
	RUN_WELL("why", "--zone", "movable", ROWS);
	EXPECT_OUT(self->row);
	RUN_WELL("why", "--zone", "Movable", "--node", node, ROWS);
	EXPECT_OUT(self->row);
	/* A block that is named twice counts once. */
	RUN_WELL("why", "--block", self->name, "--block", self->name, ROWS);
	EXPECT_OUT(self->row);
}

TEST_HARNESS_MAIN
