// SPDX-License-Identifier: GPL-2.0
/*
 * The pages of a range, in parts that don't need too much memory, and their records in pieces as
 * large as the reader wants.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exit_status.h"
#include "interrupt.h"
#include "pagemap_source.h"
#include "pagemaps.h"

/* Pages of a part, and how much is collected before that is checked. */
#define PART_PAGES	(1024 * 1024)
#define STEP_PAGES	(64 * 1024)
#define RUN_PAGES	512

static void add_page(void *arg, unsigned long long key, unsigned long long pid,
		     unsigned long long at)
{
	struct pagemap_source *s = arg;

	(void)pid;
	if (s->nr_pages == s->room_pages) {
		s->room_pages = s->room_pages ? 2 * s->room_pages : 4096;
		s->page = reallocarray(s->page, s->room_pages, sizeof(*s->page));
		if (!s->page)
			errx(RS_FAILED, "not enough memory for the pages");
	}
	s->page[s->nr_pages++] = (struct source_page){ .at = at, .key = key };
}

static void collect_addresses(struct pagemap_source *s)
{
	size_t i = vma_list_find(&s->vmas, s->at);
	unsigned long long end = s->range.end;

	if (i == s->vmas.nr || s->vmas.vma[i].start >= end) {
		s->at = end;
		return;
	}
	if (s->at < s->vmas.vma[i].start)
		s->at = s->vmas.vma[i].start;
	if (end > s->vmas.vma[i].end)
		end = s->vmas.vma[i].end;
	if (end - s->at > STEP_PAGES * s->page_size)
		end = s->at + STEP_PAGES * s->page_size;
	pagemaps_of_range(s->range.pid, s->at, end, add_page, s);
	s->at = end;
}

static void collect_frames(struct pagemap_source *s)
{
	unsigned long long end = s->range.end;

	if (end - s->at > STEP_PAGES)
		end = s->at + STEP_PAGES;
	for (; s->at < end; s->at++) {
		struct frame_kind kind;

		frame_classify(&s->frames, s->at, &kind);
		if (kind.has_rmap)
			add_page(s, s->at, 0, s->at);
		else
			s->end.unmapped[kind.unmapped]++;
	}
}

static int compare(const void *a, const void *b)
{
	const unsigned long long *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/*
 * Look for the mappings of the pages of a part. The kernel has a count of the mappings of a frame;
 * only that of a swap slot must be found in any case.
 */
static void find_mappings(struct pagemap_source *s)
{
	bool all = s->range.options & (RMS_OPTION_MAPS | RMS_OPTION_VISITED);
	unsigned long long *key = calloc(s->nr_pages + 1, sizeof(*key));
	size_t i, nr = 0;

	if (!key)
		errx(RS_FAILED, "not enough memory for the pages");
	for (i = 0; i < s->nr_pages; i++)
		if (all || s->page[i].key & PAGEMAP_SLOT)
			key[nr++] = s->page[i].key;
	qsort(key, nr, sizeof(*key), compare);
	reverse_look(&s->reverse, key, nr);
	free(key);
}

/* Go on to the next part of the range that has any page. Return: false behind the last. */
static bool next_part(struct pagemap_source *s)
{
	s->nr_pages = 0;
	s->next = 0;
	while (s->at < s->range.end && s->nr_pages < PART_PAGES && !interrupt_seen()) {
		if (s->range.frames)
			collect_frames(s);
		else
			collect_addresses(s);
	}
	if (s->nr_pages)
		find_mappings(s);
	return s->nr_pages;
}

/* Make the next records. */
static void produce(struct pagemap_source *s)
{
	unsigned long long run_size = RUN_PAGES * s->unit;
	size_t nr;

	if (!s->has_head) {
		pagemap_records_head(s);
		s->has_head = true;
		return;
	}
	if (s->next == s->nr_pages && !next_part(s)) {
		pagemap_records_end(s);
		s->has_end = true;
		return;
	}
	for (nr = 1; s->next + nr < s->nr_pages; nr++)
		if (s->page[s->next + nr].at / run_size != s->page[s->next].at / run_size)
			break;
	pagemap_records_run(s, nr);
	s->next += nr;
}

/**
 * pagemap_source_read() - read the next bytes of the stream
 * @arg: the source
 * @buf: gets the bytes
 * @size: of @buf
 *
 * Return: how many there are; 0 behind the last; -1 with errno EINTR after ^C.
 */
ssize_t pagemap_source_read(void *arg, void *buf, size_t size)
{
	struct pagemap_source *s = arg;

	while (s->out_at == s->out_len && !s->has_end) {
		s->out_at = 0;
		s->out_len = 0;
		produce(s);
		if (interrupt_seen()) {
			errno = EINTR;
			return -1;
		}
	}
	if (size > s->out_len - s->out_at)
		size = s->out_len - s->out_at;
	if (size)
		memcpy(buf, s->out + s->out_at, size);
	s->out_at += size;
	return size;
}

static int begin_addresses(struct pagemap_source *s)
{
	unsigned long long mask = s->page_size - 1;
	char *maps = vma_list_read(s->range.pid);
	size_t i;
	int err;

	if (!maps || !*maps) {
		free(maps);
		return -ESRCH;
	}
	err = vma_list_parse(&s->vmas, maps);
	free(maps);
	if (err)
		return err;
	/* vsyscall is no memory of the process. */
	while (s->vmas.nr && s->vmas.vma[s->vmas.nr - 1].start >> 63)
		s->vmas.nr--;
	if (!s->vmas.nr)
		return -ESRCH;
	if (!s->range.has_bounds) {
		s->range.start = 0;
		s->range.end = s->vmas.vma[s->vmas.nr - 1].end;
	}
	s->range.start &= ~mask;
	s->range.end = (s->range.end + mask) & ~mask;
	i = vma_list_find(&s->vmas, s->range.start);
	return i < s->vmas.nr && s->vmas.vma[i].start < s->range.end ? 0 : -EFAULT;
}

static int begin_frames(struct pagemap_source *s)
{
	unsigned long long last = frame_last(&s->frames);

	if (s->range.all) {
		s->range.start = 0;
		s->range.end = last;
	}
	s->range.frames = true;
	if (s->range.start >= last)
		return -ENXIO;
	if (s->range.end > last)
		s->range.end = last;
	return 0;
}

/**
 * pagemap_source_open() - begin to read a range
 * @s: filled; pagemap_source_close() must follow in any case, and frees it as well
 * @r: the range
 * @method: METHOD_SCAN or METHOD_INDEX
 *
 * Return: 0, or the negative errno with which the module would refuse the range.
 */
int pagemap_source_open(struct pagemap_source *s, const struct range *r, enum method method)
{
	int err;

	*s = (struct pagemap_source){ .range = *r, .page_size = sysconf(_SC_PAGESIZE) };
	clock_gettime(CLOCK_MONOTONIC, &s->begin);
	if (!frame_files_open(&s->frames) || !pagemaps_readable())
		return -EPERM;
	err = r->has_pid ? begin_addresses(s) : begin_frames(s);
	if (err)
		return err;
	s->unit = r->has_pid ? s->page_size : 1;
	s->at = s->range.start;
	reverse_begin(&s->reverse, method);
	s->described = calloc(s->reverse.spaces.nr + 1, sizeof(*s->described));
	return s->described ? 0 : -ENOMEM;
}

/**
 * pagemap_source_close() - free everything
 * @arg: the source
 */
void pagemap_source_close(void *arg)
{
	struct pagemap_source *s = arg;

	frame_files_close(&s->frames);
	reverse_end(&s->reverse);
	vma_list_free(&s->vmas);
	free(s->page);
	free(s->out);
	free(s->described);
	free(s);
}
