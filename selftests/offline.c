// SPDX-License-Identifier: GPL-2.0
/* Memory that is taken out of use while it is known to us, and comes back. */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "hand.h"
#include "kernel_file.h"
#include "oracle.h"
#include "test.h"

#define BLOCKS		"/sys/devices/system/memory"
#define BLOCKS_MAX	4096
/* So much memory of ours is in several blocks. */
#define SPREAD		(128UL << 20)

/* A page in a block of memory that is offline by now; the page has been moved away. */
FIXTURE(offline)
{
	char *page;
	uint64_t pfn;		/* where it was */
	int fd;			/* has a report on it from before */
	char target[32];
	uint64_t block;
	uint64_t block_pages;	/* 0: none could be taken offline */
};

static uint64_t pages_of_a_block(void)
{
	FILE *file = fopen(BLOCKS "/block_size_bytes", "r");
	uint64_t bytes = 0;

	if (file) {
		if (fscanf(file, "%" SCNx64, &bytes) != 1)
			bytes = 0;
		fclose(file);
	}
	return bytes / getpagesize();
}

static int set_state(uint64_t block, const char *state)
{
	char path[96];

	snprintf(path, sizeof(path), BLOCKS "/memory%" PRIu64 "/state", block);
	return write_text(path, state);
}

/* A page of ours in each block, as far as we get one. */
static int spread_pages(char **page_of, uint64_t block_pages)
{
	size_t size = getpagesize(), nr = SPREAD / size, i;
	char *pages = own_pages(nr);
	uint64_t pfn;

	if (!pages)
		return -1;
	for (i = 0; i < nr; i++) {
		pages[i * size] = 1;
		if (!oracle_pfn(getpid(), (uintptr_t)pages + i * size, &pfn) &&
		    pfn / block_pages < BLOCKS_MAX)
			page_of[pfn / block_pages] = pages + i * size;
	}
	return 0;
}

/* Many blocks have memory that the kernel can't do without. */
FIXTURE_SETUP(offline)
{
	static char *page_of[BLOCKS_MAX];
	uint64_t block_pages = pages_of_a_block();

	self->fd = -1;
	NEEDS_MODULE();
	if (!block_pages)
		return;
	ASSERT_OK(spread_pages(page_of, block_pages));
	self->fd = look_open("page", O_RDWR);
	ASSERT_LE(0, self->fd);
	for (self->block = 0; self->block < BLOCKS_MAX; self->block++) {
		self->page = page_of[self->block];
		if (!self->page || oracle_pfn(getpid(), (uintptr_t)self->page, &self->pfn))
			continue;
		snprintf(self->target, sizeof(self->target), "pfn=%#" PRIx64, self->pfn);
		EXPECT_EQ(0, look_write(self->fd, self->target));
		if (self->pfn / block_pages == self->block && !set_state(self->block, "offline")) {
			self->block_pages = block_pages;
			return;
		}
	}
}

FIXTURE_TEARDOWN(offline)
{
	if (self->fd >= 0)
		close(self->fd);
	if (self->block_pages)
		EXPECT_OK(set_state(self->block, "online"));
}

#define NEEDS_OFFLINE()							\
	do {								\
		NEEDS_MODULE();						\
		if (!self->block_pages)					\
			SKIP(return, "no block of memory can be taken offline: %.200s", why); \
	} while (0)

/* It could be taken away from under its report: nothing held it. */
TEST_F(offline, page_that_was_looked_at_is_moved_away_and_its_report_stays)
{
	struct look look;
	uint64_t now;
	char *text;

	NEEDS_OFFLINE();
	text = look_text(self->fd);
	EXPECT_NE(NULL, text);
	EXPECT_NE(NULL, strstr(text ?: "", "\nwalk "));
	free(text);
	EXPECT_OK(oracle_pfn(getpid(), (uintptr_t)self->page, &now));
	EXPECT_NE(self->block, now / self->block_pages);
	EXPECT_OK(look_at(&look, getpid(), (uintptr_t)self->page));
	EXPECT_EQ(now, look.pfn);
	look_free(&look);
}

TEST_F(offline, every_frame_of_the_block_is_refused)
{
	uint64_t pfn = self->block * self->block_pages, end = pfn + self->block_pages;
	char target[32];
	int err = -EOPNOTSUPP;

	NEEDS_OFFLINE();
	EXPECT_EQ(-EOPNOTSUPP, look_write(self->fd, self->target));
	for (; err == -EOPNOTSUPP && pfn < end; pfn++) {
		snprintf(target, sizeof(target), "pfn=%#" PRIx64, pfn);
		err = look_write(self->fd, target);
	}
	EXPECT_EQ(-EOPNOTSUPP, err) {
		TH_LOG("%s", target);
	}
}

TEST_HARNESS_MAIN
