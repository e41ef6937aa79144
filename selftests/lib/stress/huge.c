// SPDX-License-Identifier: GPL-2.0
/*
 * Load: huge pages that are mapped by one entry, by many, or in part; that are split and
 * collapsed; and pages of hugetlb.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel_file.h"
#include "stress.h"
#include "uapi_compat.h"

#define HUGE_BYTES	(2UL << 20)

static void split(char *huge)
{
	char text[80];

	snprintf(text, sizeof(text), "%d,%#lx,%#lx", getpid(), (unsigned long)huge,
		 (unsigned long)huge + HUGE_BYTES);
	count_action(ACTION_SPLIT, -write_text("/sys/kernel/debug/split_huge_pages", text));
}

static void use_huge(char *huge)
{
	size_t size = getpagesize(), offset = stress_random(HUGE_BYTES / size) * size;
	int i;

	switch (stress_random(8)) {
	case 0:
		munmap(huge + offset, HUGE_BYTES - offset);
		_exit(0);
	case 1:
		madvise(huge + offset, HUGE_BYTES - offset, MADV_DONTNEED);
		break;
	case 2:
		mprotect(huge + offset, size, PROT_READ);
		mprotect(huge, HUGE_BYTES, PROT_READ | PROT_WRITE);
		break;
	case 3:
		split(huge);
		break;
	case 4:
		count_action(ACTION_COLLAPSE, madvise(huge, HUGE_BYTES, MADV_COLLAPSE) ? errno : 0);
		break;
	case 5:
		madvise(huge, HUGE_BYTES, 21 /* MADV_PAGEOUT */);
		break;
	default:
		for (i = 0; i < 16; i++)
			huge[stress_random(HUGE_BYTES / size) * size]++;
	}
}

static void huge_once(void)
{
	char *area = mmap(NULL, 2 * HUGE_BYTES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *huge = (char *)(((uintptr_t)area + HUGE_BYTES - 1) & -HUGE_BYTES);
	int i;

	if (area == MAP_FAILED)
		return;
	madvise(huge, HUGE_BYTES, MADV_HUGEPAGE);
	huge[0] = 1;
	for (i = 0; i < 2 && fork(); i++)
		stress_random(2);
	for (i = 0; i < 20; i++)
		use_huge(huge);
	while (wait(NULL) > 0)
		;
	count_action(ACTION_HUGE, 0);
}

/**
 * load_huge() - share, split and collapse a transparent huge page
 */
void load_huge(void)
{
	stress_in_child(huge_once);
	stress_nap(50);
}

static void hugetlb_once(void)
{
	int flags = MAP_ANONYMOUS | MAP_HUGETLB | (stress_random(2) ? MAP_SHARED : MAP_PRIVATE);
	char *huge = mmap(NULL, 2 * HUGE_BYTES, PROT_READ | PROT_WRITE, flags, -1, 0);
	int i;

	count_action(ACTION_HUGETLB, huge == MAP_FAILED ? errno : 0);
	if (huge == MAP_FAILED)
		return;
	huge[0] = 1;
	for (i = 0; i < 2 && fork(); i++)
		stress_random(2);
	for (i = 0; i < 8; i++) {
		/* A process that gets no page from the pool for its copy is killed by SIGBUS. */
		huge[stress_random(2) * HUGE_BYTES]++;
		if (!stress_random(4))
			madvise(huge + HUGE_BYTES, HUGE_BYTES, MADV_DONTNEED);
	}
	while (wait(NULL) > 0)
		;
}

/**
 * load_hugetlb() - share and copy pages of hugetlb over fork
 */
void load_hugetlb(void)
{
	stress_in_child(hugetlb_once);
	stress_nap(200);
}
