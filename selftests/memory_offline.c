// SPDX-License-Identifier: GPL-2.0
/* Memory that goes offline after a report on it, and comes online again. */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "child.h"
#include "memory_block.h"
#include "oracle.h"
#include "raw_stream.h"
#include "spare_block.h"
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
	struct spare_block block;
};

#define offline_data	FIXTURE_DATA(memory_offline)

static int set_state(const offline_data *self, const char *state)
{
	return spare_block_set(&self->block, state, 60);
}

static int move_into_block(offline_data *self)
{
	return spare_block_move(&self->block, self->page, &self->pfn);
}

FIXTURE_SETUP(memory_offline)
{
	int moved;

	self->fd = -1;
	NEEDS_MODULE();
	if (!spare_block_find(&self->block))
		return;
	ASSERT_OK(set_state(self, "online_movable"));
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	ASSERT_EQ(0, mlock(self->page, getpagesize()));
	moved = move_into_block(self);
	if (moved)
		set_state(self, "offline");
	ASSERT_OK(moved);
	ASSERT_TRUE(spare_block_has(&self->block, self->pfn));
	self->fd = interface_open("page", O_RDWR);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(memory_offline)
{
	if (self->fd >= 0)
		close(self->fd);
	if (*self->block.state && !block_is_offline(self->block.first))
		EXPECT_OK(set_state(self, "offline"));
}

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
	EXPECT_FALSE(spare_block_has(&self->block, now));
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
	for (pfn = self->block.first; err == -EOPNOTSUPP && pfn < self->block.end; pfn++)
		err = report_pfn(self, pfn);
	EXPECT_EQ(-EOPNOTSUPP, err) {
		TH_LOG("pfn=%#" PRIx64, pfn - 1);
	}
}

/* A stream that has begun holds no page of the block, and shows the rest of it as it is then. */
TEST_F(memory_offline, block_can_go_offline_within_its_stream)
{
	struct raw_stream stream = { 0 };
	char range[80], records[4096];
	uint64_t frames;
	ssize_t got;
	int fd;

	NEEDS_BLOCK();
	frames = self->block.end - self->block.first;
	snprintf(range, sizeof(range), "pfn=%#" PRIx64 " count=%" PRIu64 " maps verdicts",
		 self->block.first, frames);
	fd = interface_open("scan_raw", O_RDWR);
	EXPECT_EQ(0, interface_write(fd, range));
	/* Up to the page. */
	do {
		got = read(fd, records, 200);
		EXPECT_LT(0, got);
		EXPECT_OK(raw_stream_add(&stream, records, got));
	} while (got > 0 && !stream.pages);
	EXPECT_OK(set_state(self, "offline"));
	EXPECT_OK(raw_stream_read(&stream, fd, sizeof(records)));
	EXPECT_LE(1, stream.pages);
	raw_stream_free(&stream);

	EXPECT_EQ(0, interface_write(fd, range));
	EXPECT_OK(raw_stream_read(&stream, fd, sizeof(records)));
	EXPECT_EQ(0, stream.pages);
	EXPECT_EQ(frames, stream.end.unmapped[RMS_UNMAPPED_OFFLINE]);
	raw_stream_free(&stream);
	close(fd);
}

TEST_F(memory_offline, block_that_comes_online_again_is_reported_as_before)
{
	struct page_report report;

	NEEDS_BLOCK();
	ASSERT_OK(set_state(self, "offline"));
	ASSERT_EQ(-EOPNOTSUPP, report_pfn(self, self->pfn));
	ASSERT_OK(set_state(self, "online_movable"));
	ASSERT_OK(move_into_block(self));
	EXPECT_TRUE(spare_block_has(&self->block, self->pfn));
	EXPECT_EQ(0, report_pfn(self, self->pfn));
	EXPECT_OK(page_report_at(&report, getpid(), (uintptr_t)self->page));
	EXPECT_EQ(self->pfn, report.pfn);
	page_report_free(&report);
}

TEST_HARNESS_MAIN
