// SPDX-License-Identifier: GPL-2.0
/*
 * The text of a report, byte by byte, against a saved one. Numbers that differ from one run to the
 * next are replaced by a mark, once it is certain that they are written as printf() does.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "child.h"
#include "kernel_file.h"
#include "page_actions.h"
#include "test.h"

/* A page that two processes map, while a third has written to its copy. */
static const char * const saved_page[] = {
	"rmapscope abi=1 kernel=* file=page\n",
	"page pfn=# paddr=# kind=anon folio_pfn=# folio_order=0 index_in_folio=0 pgoff=# ",
	"mapcount=2 refcount=2 flags=* memcg=* node=# zone=*\n",
	"anon_vma id=av0 root=av0 parent=av0 depth=0 num_children=# num_active_vmas=1 refcount=3\n",
	"map state=mapped pid=# tgids=# comm=saved\\040\\134text va=# vma=#-# perms=rw-p ",
	"vm_pgoff=# level=pte pte=# bits=present|user|accessed|dirty anon_vma=av0 name=-\n",
	"map state=mapped pid=# tgids=# comm=saved\\040\\134text va=# vma=#-# perms=rw-p ",
	"vm_pgoff=# level=pte pte=# bits=present|user|dirty anon_vma=av1 name=-\n",
	"map state=cowed pid=# tgids=# comm=saved\\040\\134text va=# vma=#-# perms=rw-p ",
	"vm_pgoff=# level=pte pte=# bits=present|write|user|accessed|dirty now_pfn=# ",
	"anon_vma=av2 name=-\n",
	"refs total=3 maps=2 pagecache=0 swapcache=0 private=0 self=1 unexplained=0 ",
	"maybe_pinned=0 pins=0 off_lru=0 raced=0 mapcount_differs=0\n",
	"verdict op=reclaim *\n",
	"verdict op=migrate ok=1 why=- func=migrate_folio_unmap note=needs_move_all\n",
	"verdict op=split *\n",
	"walk visited=3 mapped=2 absent=1 pte_maps=2 skipped=0 complete=1 raced=0 truncated=0 ",
	"ns=# lock_ns=# unreached=0 unsearched=0\n",
};

/* Keys whose numbers are marked, and keys whose whole value is. */
static const char * const numbers[] = {
	"pfn", "paddr", "folio_pfn", "pgoff", "pid", "tgids", "va", "vma", "vm_pgoff", "pte",
	"now_pfn", "ns", "lock_ns", "num_children", "node",
};

static const char * const values[] = { "kernel", "flags", "memcg", "zone" };

static bool is_one_of(const char *key, size_t length, const char * const *keys, size_t nr)
{
	while (nr--) {
		if (strlen(keys[nr]) == length && !strncmp(keys[nr], key, length))
			return true;
	}
	return false;
}

/* The length of a number that is written as %u or 0x%x does; 0 if it isn't. */
static size_t number_length(const char *text)
{
	bool hex = !strncmp(text, "0x", 2);
	char *end, again[32];
	uint64_t value = strtoull(text, &end, hex ? 16 : 10);

	snprintf(again, sizeof(again), hex ? "0x%" PRIx64 : "%" PRIu64, value);
	return strlen(again) == (size_t)(end - text) && !strncmp(text, again, end - text) ?
	       (size_t)(end - text) : 0;
}

/* Marks all numbers in a value like 0x1-0x2 or 1,2. Returns what is behind them. */
static const char *mark_numbers(const char *text, FILE *to)
{
	size_t length;

	for (;;) {
		length = number_length(text);
		if (!length)
			return text;
		fputc('#', to);
		text += length;
		if (*text != '-' && *text != ',')
			return text;
		fputc(*text++, to);
	}
}

/* Not all kernels keep account of soft-dirty pages. */
static const char *mark_bits(const char *text, FILE *to)
{
	static const char bit[] = "|soft_dirty";

	while (*text != ' ') {
		if (!strncmp(text, bit, strlen(bit)))
			text += strlen(bit);
		else
			fputc(*text++, to);
	}
	return text;
}

/* Replaces what differs from run to run. To be freed. */
static char *mark(const char *text)
{
	char *marked = NULL;
	size_t size, length;
	FILE *to = open_memstream(&marked, &size);

	if (!to)
		return NULL;
	while (*text) {
		length = strcspn(text, "\n =");
		fwrite(text, 1, length, to);
		if (text[length] != '=') {
			fputc(text[length], to);
			text += length + 1;
			continue;
		}
		fputc('=', to);
		if (is_one_of(text, length, numbers, ARRAY_SIZE(numbers))) {
			text = mark_numbers(text + length + 1, to);
		} else if (is_one_of(text, length, values, ARRAY_SIZE(values))) {
			fputc('*', to);
			text += length + 1 + strcspn(text + length + 1, "\n ");
		} else if (!strncmp(text, "bits=", 5)) {
			text = mark_bits(text + 5, to);
		} else {
			text += length + 1;
			length = strcspn(text, "\n ");
			fwrite(text, 1, length, to);
			text += length;
		}
		/* If a value is not what it should be, the rest of it stays and shows that. */
		length = strcspn(text, "\n ");
		fwrite(text, 1, length, to);
		text += length;
		if (*text)
			fputc(*text++, to);
	}
	fclose(to);
	return marked;
}

/* The pieces of a saved text as one. To be freed. */
static char *join(const char * const *pieces, size_t nr)
{
	char *text = NULL;
	size_t size, i;
	FILE *to = open_memstream(&text, &size);

	for (i = 0; to && i < nr; i++)
		fputs(pieces[i], to);
	if (to)
		fclose(to);
	return text;
}

/* A saved line that ends with a star only tells the beginning. */
static int compare(char *marked, const char *saved)
{
	size_t length, shown;

	while (*marked && *saved) {
		length = strcspn(saved, "\n");
		shown = strcspn(marked, "\n");
		if (saved[length - 1] == '*' && saved[length - 2] == ' ') {
			if (strncmp(marked, saved, length - 1))
				break;
		} else if (shown != length || strncmp(marked, saved, length)) {
			break;
		}
		saved += length + 1;
		marked += shown + 1;
	}
	if (!*marked && !*saved)
		return 0;
	return complain("the line '%.*s' should be '%.*s'", (int)strcspn(marked, "\n"), marked,
			(int)strcspn(saved, "\n"), saved);
}

FIXTURE(saved_text)
{
	struct child children[2];
	int nr;
	char *page;
	char *text;
};

FIXTURE_SETUP(saved_text)
{
	NEEDS_MODULE();
	prctl(PR_SET_NAME, "saved \\text");
	self->page = own_page();
	ASSERT_NE(NULL, self->page);
	for (self->nr = 0; self->nr < 2; self->nr++)
		ASSERT_OK(child_fork(&self->children[self->nr]));
	ASSERT_OK(child_do(&self->children[1], CHILD_WRITE, self->page));
	ASSERT_OK(drain_batches());
}

FIXTURE_TEARDOWN(saved_text)
{
	while (self->nr--)
		child_end(&self->children[self->nr]);
	free(self->text);
}

/* The text of a report on a page of this process; NULL if there is none. To be freed. */
static char *text_of(const char *page)
{
	int fd = interface_open("page", O_RDWR);
	char target[64], *text = NULL;

	if (fd < 0)
		return NULL;
	snprintf(target, sizeof(target), "pid=%d va=%p", getpid(), page);
	if (!interface_write(fd, target))
		text = interface_read(fd);
	close(fd);
	return text;
}

TEST_F(saved_text, report_on_a_page_is_the_saved_one_but_for_its_numbers)
{
	char *marked, *saved = join(saved_page, ARRAY_SIZE(saved_page));

	ASSERT_NE(NULL, saved);
	self->text = text_of(self->page);
	ASSERT_NE(NULL, self->text);
	marked = mark(self->text);
	ASSERT_NE(NULL, marked);
	EXPECT_OK(compare(marked, saved));
	free(marked);
	free(saved);
}

#define PID_MAX		"/proc/sys/kernel/pid_max"
#define LAST_PID	"/proc/sys/kernel/ns_last_pid"

/* Forks a child with this pid, or the next one that is free. */
static int fork_with_pid(struct child *child, int pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", pid - 1);
	return write_text(LAST_PID, text) || child_fork(child);
}

/* The module writes numbers of different length in different ways. */
TEST_F(saved_text, numbers_have_all_their_digits)
{
	static const int pids[] = {
		98, 99, 100, 101, 998, 999, 1000, 1010, 9999, 10000, 10001, 54321, 99999, 100000,
		1234567,
	};
	char before[16] = "", expected[64];
	struct child child;
	char *text;
	size_t i;

	if (read_text(PID_MAX, before, sizeof(before)) || write_text(PID_MAX, "4194304"))
		SKIP(return, "this kernel has no more pids than %s", before);
	for (i = 0; i < ARRAY_SIZE(pids); i++) {
		EXPECT_OK(fork_with_pid(&child, pids[i]));
		text = text_of(self->page);
		snprintf(expected, sizeof(expected), "\nmap state=mapped pid=%d tgids=%d comm=",
			 child.pid, child.pid);
		EXPECT_NE(NULL, text ? strstr(text, expected) : NULL) TH_LOG("pid %d", child.pid);
		free(text);
		EXPECT_OK(child_end(&child));
	}
	EXPECT_OK(write_text(PID_MAX, before));
}

TEST_HARNESS_MAIN
