// SPDX-License-Identifier: GPL-2.0
/*
 * What "rmapscope page" prints for frames and addresses that have no report. Frames of each kind
 * are found by their kpageflags.
 */
#include <inttypes.h>
#include <sys/mman.h>

#include "child.h"
#include "command.h"
#include "each_frame.h"
#include "exercise.h"
#include "frame_flags.h"
#include "oracle.h"
#include "test.h"

/* A kind of frame: the flags it has, the flags it lacks, and the words the tool uses for it. */
struct kind {
	const char *words;
	uint64_t set, clear;
	uint64_t pfn;
};

static struct kind kinds[] = {
	{ "a free frame", KPF_BIT(BUDDY), KPF_BIT(OFFLINE) },
	{ "a slab frame", KPF_BIT(SLAB), KPF_BIT(BUDDY) | KPF_BIT(COMPOUND_TAIL) },
	{ "a page table", KPF_BIT(PGTABLE), KPF_BIT(SLAB) | KPF_BIT(BUDDY) },
	{ "a reserved frame", KPF_BIT(RESERVED),
	  KPF_BIT(ZERO_PAGE) | KPF_BIT(NOPAGE) | KPF_BIT(OFFLINE) | KPF_BIT(SLAB) |
	  KPF_BIT(BUDDY) | KPF_BIT(PGTABLE) },
	{ "the zero page", KPF_BIT(ZERO_PAGE), KPF_BIT(THP) | KPF_BIT(COMPOUND_TAIL) },
};

static void note_frame(void *arg, uint64_t pfn, uint64_t flags, uint64_t count)
{
	size_t i;

	/* Skips the lowest frames, as some of the reserved ones there are special to the kernel. */
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if ((flags & kinds[i].set) == kinds[i].set && !(flags & kinds[i].clear) &&
		    !count && (!kinds[i].pfn || pfn < 0x20000))
			kinds[i].pfn = pfn;
}

static bool still_is(const struct kind *kind)
{
	uint64_t flags;

	return !oracle_kpageflags(kind->pfn, &flags) && (flags & kind->set) == kind->set &&
	       !(flags & kind->clear);
}

TEST(kinds_of_frames_are_told_apart)
{
	struct command run;
	char pfn[32];
	size_t i, told = 0;

	NEEDS_MODULE();
	ASSERT_OK(each_frame(note_frame, NULL));
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!kinds[i].pfn)
			continue;
		snprintf(pfn, sizeof(pfn), "%#" PRIx64, kinds[i].pfn);
		ASSERT_OK(command_run(&run, "rmapscope", "page", "--pfn", pfn, NULL));
		if (run.status == 127)
			SKIP(return, "no rmapscope in PATH");
		/* The frame may have been reused meanwhile. */
		if (still_is(&kinds[i])) {
			EXPECT_EQ(1, run.status);
			EXPECT_NE(NULL, strstr(run.err, kinds[i].words)) {
				TH_LOG("%s: not %s", run.err, kinds[i].words);
			}
			EXPECT_NE(NULL, strstr(run.err, pfn));
			EXPECT_EQ(1, count_lines(run.err));
			told++;
		}
		command_free(&run);
	}
	EXPECT_LE(3, told);
}

static int explains(pid_t pid, uint64_t va, int status, const char *words)
{
	char number[16], address[24];
	struct command run;
	int ret;

	snprintf(number, sizeof(number), "%d", pid);
	snprintf(address, sizeof(address), "%#" PRIx64, va);
	if (command_run(&run, "rmapscope", "page", "-p", number, "-a", address, NULL))
		return -1;
	ret = run.status == status && strstr(run.err, words) && strstr(run.err, number) &&
	      strstr(run.err, address) && count_lines(run.err) == 1 && !*run.out ? 0 :
	      complain("status %d, '%s', not '%s'", run.status, run.err, words);
	command_free(&run);
	return ret;
}

TEST(addresses_without_a_page_are_explained)
{
	size_t size = getpagesize();
	volatile char *pages;
	uint64_t nothing;
	struct command run;

	NEEDS_MODULE();
	ASSERT_OK(command_run(&run, "rmapscope", "--version", NULL));
	if (run.status == 127)
		SKIP(return, "no rmapscope in PATH");
	command_free(&run);
	pages = own_pages(2);
	ASSERT_NE(NULL, (char *)pages);
	ASSERT_EQ(0, pages[size]);
	EXPECT_OK(explains(getpid(), (uintptr_t)pages, 3, "never touched, or dropped again"));
	EXPECT_OK(explains(getpid(), (uintptr_t)pages + size, 1, "the zero page"));
	nothing = (uintptr_t)pages;
	ASSERT_EQ(0, munmap((void *)pages, 2 * size));
	EXPECT_OK(explains(getpid(), nothing, 3, "nothing is mapped at"));
}

TEST(huge_zero_page_is_explained)
{
	struct exercise run;
	int ret;

	NEEDS_MODULE();
	ret = exercise_start(&run, "zero-huge", NULL);
	if (ret == EXERCISE_UNSUPPORTED)
		SKIP(return, "no huge zero page");
	ASSERT_OK(ret);
	EXPECT_OK(explains(run.pid, run.pages[0].mapped.v[0].va, 1, "the huge zero page"));
	EXPECT_OK(exercise_stop(&run));
}

/* Finds the second page of a file by its offset, with the first and the last byte of the page. */
TEST(offset_in_a_file_leads_to_the_page_that_has_it)
{
	char path[] = "/tmp/cli_framesXXXXXX", offset[24], expected[32], *pages;
	static const unsigned int within[] = { 0, 1, 4095 };
	size_t size = getpagesize(), i;
	struct command run;
	uint64_t pfn;
	int fd;

	NEEDS_MODULE();
	fd = mkstemp(path);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, ftruncate(fd, 3 * size));
	pages = mmap(NULL, 3 * size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, pages);
	memset(pages, 1, 3 * size);
	ASSERT_OK(oracle_pfn(getpid(), (uintptr_t)pages + size, &pfn));
	snprintf(expected, sizeof(expected), "pfn %#" PRIx64 " ", pfn);
	for (i = 0; i < ARRAY_SIZE(within); i++) {
		snprintf(offset, sizeof(offset), "%zu", size + within[i]);
		ASSERT_OK(command_run(&run, "rmapscope", "page", "--file", path, "--offset",
				      offset, NULL));
		EXPECT_EQ(0, run.status);
		EXPECT_NE(NULL, strstr(run.out, expected)) TH_LOG("no %s in %s", expected, run.out);
		command_free(&run);
	}
	unlink(path);
	close(fd);
}

TEST_HARNESS_MAIN
