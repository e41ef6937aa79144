// SPDX-License-Identifier: GPL-2.0
/* Memory that is removed from the machine together with its struct pages. */
#include <glob.h>
#include <inttypes.h>

#include "kernel_file.h"
#include "memory_block.h"
#include "raw_stream.h"
#include "slowness.h"
#include "test.h"

#define DIMMS		"/sys/bus/acpi/devices/PNP0C80:*/eject"
#define TRIES		(600 * slowness())

/* Skips blocks in use, as not all of their pages can be moved. */
static int eject(uint64_t pfn)
{
	glob_t dimms = { 0 };
	unsigned int tries;
	size_t i;

	if (glob(DIMMS, 0, NULL, &dimms))
		return complain("this machine has no memory device: " DIMMS);
	for (i = 0; i < dimms.gl_pathc; i++)
		write_text(dimms.gl_pathv[i], "1");
	globfree(&dimms);
	for (tries = 0; block_exists(pfn); tries++) {
		if (tries == TRIES)
			return complain("the block of memory is still there after it was ejected");
		usleep(100000);
	}
	return 0;
}

/* How many of its frames are not refused with the errno. */
static unsigned int others(uint64_t first, uint64_t pages, int err)
{
	int fd = interface_open("page", O_RDWR);
	unsigned int nr = 0;
	char target[32];
	uint64_t i;
	int got;

	for (i = 0; i < pages; i++) {
		snprintf(target, sizeof(target), "pfn=%#" PRIx64, first + i);
		got = interface_write(fd, target);
		if (got != err && !nr++)
			complain("%s: error %d, not %d", target, got, err);
	}
	close(fd);
	return nr;
}

TEST(frames_of_memory_that_is_gone_do_not_exist)
{
	uint64_t block, pages = block_pages(), first;
	struct rms_rec_head head;
	struct rms_rec_end end;
	char state[320], range[64];
	int stream;

	NEEDS_MODULE();
	if (!pages || !block_find_offline(state, sizeof(state), &block))
		SKIP(return, "no block of memory is offline");
	if (access("/sys/bus/acpi/devices/PNP0C80:00/eject", W_OK))
		SKIP(return, "this machine has no memory device that can be ejected");
	first = block * pages;
	snprintf(range, sizeof(range), "pfn=%#" PRIx64 " count=%" PRIu64 " maps", first, pages);
	stream = interface_open("scan_raw", O_RDWR);
	ASSERT_LE(0, stream);
	EXPECT_EQ(0, interface_write(stream, range));
	EXPECT_EQ((ssize_t)sizeof(head), read(stream, &head, sizeof(head)));
	EXPECT_EQ(0, others(first, pages, -EOPNOTSUPP)) TH_LOG("%s", why);
	ASSERT_OK(eject(first));
	EXPECT_EQ(0, others(first, pages, -ENXIO)) TH_LOG("%s", why);
	/* The stream had begun before. */
	EXPECT_EQ((ssize_t)sizeof(end), read(stream, &end, sizeof(end)));
	EXPECT_EQ(pages, end.unmapped[RMS_UNMAPPED_HOLE]);
	EXPECT_EQ(-ENXIO, interface_write(stream, range));
	close(stream);
}

TEST_HARNESS_MAIN
