// SPDX-License-Identifier: GPL-2.0
/*
 * No report contains a kernel address, neither plain nor hashed as by %p, even if
 * kptr_restrict=0.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>

#include "child.h"
#include "exercise.h"
#include "kernel_file.h"
#include "privilege.h"
#include "target.h"
#include "test.h"

#define KPTR_RESTRICT "/proc/sys/kernel/kptr_restrict"

/* Scenarios for each kind of page and each kind of entry. */
static const char * const scenarios[] = {
	"fork", "cow-child", "memfd", "file-shared", "file-private-cow", "ksm", "thp",
	"thp-partial", "shmem-thp", "hugetlb", "hugetlb-shared", "swap", "swap-out",
	"madv-free", "mlock", "pinned", "uffd", "protnone",
};

FIXTURE(kernel_addresses)
{
	char before[8];
};

FIXTURE_SETUP(kernel_addresses)
{
	int fd;

	NEEDS_MODULE();
	fd = open(KPTR_RESTRICT, O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_LT(0, read(fd, self->before, sizeof(self->before) - 1));
	close(fd);
	EXPECT_OK(write_text(KPTR_RESTRICT, "0"));
}

/*
 * No ASSERT may follow the write above, neither there nor in the tests, as it could skip this
 * teardown.
 */
FIXTURE_TEARDOWN(kernel_addresses)
{
	if (self->before[0])
		EXPECT_OK(write_text(KPTR_RESTRICT, self->before));
}

/*
 * x86 inverts the offset in a swap entry. So a non-present entry can have any value, and is the
 * only number that may look like an address.
 */
static bool is_swap_entry(const char *text, const char *number)
{
	static const char key[] = " pte=0x", bits[] = " bits=";
	const char *after = number + strspn(number, "0123456789abcdef");

	return number - text >= (ptrdiff_t)sizeof(key) - 1 &&
	       !strncmp(number - sizeof(key) + 1, key, sizeof(key) - 1) &&
	       !strncmp(after, bits, sizeof(bits) - 1) &&
	       strncmp(after + sizeof(bits) - 1, "present", 7);
}

/*
 * Is a number of hexadecimal digits a kernel address, or the hash of one? With five-level page
 * tables, kernel addresses begin at 0xff00000000000000.
 */
static bool is_address(const char *text, const char *number, size_t digits)
{
	bool plain = number - text < 2 || strncmp(number - 2, "0x", 2);

	if (digits < 16)
		return false;
	if (plain)
		return true;
	return digits > 16 || (!strncmp(number, "ff", 2) && !is_swap_entry(text, number));
}

static int check_numbers(const char *text)
{
	const char *at = text;
	size_t digits;

	while (*at) {
		for (digits = 0; isxdigit((unsigned char)at[digits]); digits++)
			;
		if (is_address(text, at, digits))
			return complain("a kernel address in: ...%.40s",
					at - text > 20 ? at - 20 : text);
		at += digits + 1;
		if (!at[-1])
			break;
	}
	return 0;
}

/* The report on a target, or the text of a file without targets. */
static int check_report(const char *file, const char *target)
{
	int fd = interface_open(file, target ? O_RDWR : O_RDONLY), ret = 0;
	char *text = NULL;

	if (fd < 0)
		return complain("%s: %s", file, strerror(-fd));
	if (target)
		ret = interface_write(fd, target);
	if (!ret)
		text = interface_read(fd);
	close(fd);
	/* Not every page has a tree, and not every page is in memory. */
	if (ret)
		return 0;
	ret = !text ? complain("%s: no text", file) : check_numbers(text);
	free(text);
	return ret;
}

static int check_target(pid_t pid, uint64_t va)
{
	char target[64];

	TARGET_AT(target, pid, va);
	if (check_report("page", target) || check_report("tree", target))
		return -1;
	strcat(target, " folio");
	return check_report("page", target) || check_report("tree", target) ? -1 : 0;
}

TEST_F(kernel_addresses, the_check_tells_addresses_from_other_numbers)
{
	static const char * const good[] = {
		"page pfn=0xabcdef paddr=0x123456789000",
		"pte=0x8000000012345867 bits=present",
		"map va=0x7fffffffe000 pte=0xfffffffffffff002 bits=swap x",
		"0", "",
	};
	static const char * const bad[] = {
		"av=0xffff888012345678", "av=ffff888012345678", "x 0000000012ab34cd y",
		"fn=0xffffffff81000000 pte=0x1 bits=swap", "mm=0xff270dd343336c00",
		" pte=0xffff888012345678 bits=present",
	};
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		EXPECT_OK(check_numbers(good[i]));
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		EXPECT_EQ(-1, check_numbers(bad[i])) {
			TH_LOG("%s", bad[i]);
		}
	}
}

TEST_F(kernel_addresses, files_without_targets_show_none)
{
	struct files files;
	size_t i;

	NEEDS_MODULE();
	EXPECT_OK(files_list(&files));
	for (i = 0; i < files.nr; i++)
		if (files_open_flags(files.name[i]) == O_RDONLY)
			EXPECT_OK(check_report(files.name[i], NULL));
}

TEST_F(kernel_addresses, reports_on_pages_of_each_kind_show_none)
{
	struct exercise run;
	size_t i, page, absent, checked = 0;

	NEEDS_MODULE();
	for (i = 0; i < sizeof(scenarios) / sizeof(*scenarios); i++) {
		int err = exercise_start(&run, scenarios[i], NULL);

		if (err == EXERCISE_UNSUPPORTED)
			continue;
		EXPECT_OK(err);
		for (page = 0; !err && page < run.nr_pages; page++) {
			const struct exercise_page *p = &run.pages[page];

			if (p->mapped.nr) {
				EXPECT_OK(check_target(p->mapped.v[0].pid, p->mapped.v[0].va));
				checked++;
			}
			for (absent = 0; absent < p->nr_absent; absent++)
				EXPECT_OK(check_target(p->absent[absent].place.pid,
						       p->absent[absent].place.va));
		}
		if (!err)
			EXPECT_OK(exercise_stop(&run));
	}
	EXPECT_LT(10, checked);
}

TEST_HARNESS_MAIN
