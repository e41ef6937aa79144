// SPDX-License-Identifier: GPL-2.0
/*
 * From a stream of records to whole runs, with the address spaces and files that they name.
 *
 * A run is given away when the next record that is no part of it comes. So the memory that this
 * needs doesn't grow with the range, but for the names.
 */
#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "collect.h"
#include "exit_status.h"

/* Numbers are given in order, with gaps at most. */
#define MAX_GAP		65536

/* Pages of a run: more than the largest huge page has. */
#define MAX_RUN		(1 << 24)

static void *must(void *p)
{
	if (!p)
		errx(RS_FAILED, "not enough memory for the records");
	return p;
}

/**
 * collect_unit() - how far it is from one page of the range to the next
 * @c: with its head
 *
 * Return: a page in bytes, or 1 for a range of frames.
 */
unsigned long long collect_unit(const struct collect *c)
{
	return c->head.form == RMS_FORM_VA ? c->head.page_size : 1;
}

/* Give the last run away. */
static void end_run(struct collect *c)
{
	if (!c->has_run)
		return;
	c->has_run = false;
	c->reached = c->run.start + c->run.count * collect_unit(c);
	c->on_run(c->arg, &c->run);
}

/* Make room for index @nr in an array of elements of @size bytes. The new elements are zero. */
static void *grow(void *array, size_t *nr_elements, size_t nr, size_t size)
{
	size_t more = nr + 1 + nr / 2;

	if (nr < *nr_elements)
		return array;
	array = must(reallocarray(array, more, size));
	memset((char *)array + *nr_elements * size, 0, (more - *nr_elements) * size);
	*nr_elements = more;
	return array;
}

static enum stream_result take_head(struct collect *c, struct stream *s, const struct rms_rec *rec)
{
	if (c->has_head)
		return stream_bad(s, rec, "a second head");
	memcpy(&c->head, rec, sizeof(c->head));
	c->has_head = true;
	c->reached = c->head.start;
	return STREAM_RECORD;
}

static enum stream_result take_run(struct collect *c, struct stream *s, const struct rms_rec *rec)
{
	const struct rms_rec_run *run = (const void *)rec;
	unsigned long long size = run->count * collect_unit(c);

	end_run(c);
	if (run->form != c->head.form)
		return stream_bad(s, rec, "a run of another form than the range");
	if (!run->count || run->count > MAX_RUN || run->start + size < run->start)
		return stream_bad(s, rec, "a run of %u pages from 0x%llx", run->count,
				  run->start);
	c->run.start = run->start;
	c->run.count = run->count;
	c->run.nr_pages = 0;
	c->run.nr_maps = 0;
	c->run.nr_order = 0;
	c->has_run = true;
	return STREAM_RECORD;
}

/* Check that some pages are part of the run. @of: how many there are. */
static enum stream_result in_run(const struct collect *c, struct stream *s,
				 const struct rms_rec *rec, unsigned long long first,
				 unsigned long long count, unsigned long long of)
{
	if (!c->has_run)
		return stream_bad(s, rec, "a record of type %u before any run", rec->type);
	if (!count || first + count > of)
		return stream_bad(s, rec, "%llu pages from page %llu of a run of %llu pages", count,
				  first, of);
	return STREAM_RECORD;
}

static enum stream_result take_page(struct collect *c, struct stream *s, const struct rms_rec *rec)
{
	const struct rms_rec_page *page = (const void *)rec;
	enum stream_result result = in_run(c, s, rec, page->first, page->count,
					   c->run.count);
	struct scan_run *run = &c->run;

	if (result != STREAM_RECORD)
		return result;
	if (page->file && (page->file >= c->nr_files || !c->file[page->file]))
		return stream_bad(s, rec, "a page of the file %u, which was not described",
				  page->file);
	if (c->filter && !range_keeps(c->filter, page))
		return STREAM_RECORD;
	run->page = grow(run->page, &run->room_pages, run->nr_pages, sizeof(*page));
	memcpy(&run->page[run->nr_pages++], page, sizeof(*page));
	c->pages += page->count;
	return STREAM_RECORD;
}

static enum stream_result take_order(struct collect *c, struct stream *s, const struct rms_rec *rec)
{
	const struct rms_rec_order *order = (const void *)rec;
	struct scan_run *run = &c->run;
	unsigned int i;

	if (!c->ordered)
		return stream_bad(s, rec, "mappings in an order that was not asked for");
	if (!c->has_run || run->nr_maps)
		return stream_bad(s, rec, "an order that no mappings follow");
	run->order = grow(run->order, &run->room_order, order->nr, sizeof(*run->order));
	for (i = 0; i < order->nr; i++) {
		if (order->index[i] >= run->count)
			return stream_bad(s, rec, "page %u in the order of a run of %llu pages",
					  order->index[i], run->count);
		run->order[i] = order->index[i];
	}
	run->nr_order = order->nr;
	return STREAM_RECORD;
}

static enum stream_result take_map(struct collect *c, struct stream *s, const struct rms_rec *rec)
{
	const struct rms_rec_map *map = (const void *)rec;
	struct scan_run *run = &c->run;
	enum stream_result result = in_run(c, s, rec, map->first, map->count,
					   run->nr_order ?: run->count);

	if (result != STREAM_RECORD)
		return result;
	if (map->mm >= c->nr_mms || !c->mm[map->mm].tgids)
		return stream_bad(s, rec, "a mapping of the mm %u, which was not described",
				  map->mm);
	run->map = grow(run->map, &run->room_maps, run->nr_maps, sizeof(*map));
	memcpy(&run->map[run->nr_maps++], map, sizeof(*map));
	return STREAM_RECORD;
}

static enum stream_result take_mm(struct collect *c, struct stream *s, const struct rms_rec *rec)
{
	const struct rms_rec_mm *mm = (const void *)rec;
	struct scan_mm *to;

	if (mm->mm > c->nr_mms + MAX_GAP)
		return stream_bad(s, rec, "the mm %u is out of order", mm->mm);
	c->mm = grow(c->mm, &c->nr_mms, mm->mm, sizeof(*c->mm));
	to = &c->mm[mm->mm];
	free(to->tgids);
	to->nr_tgids = mm->nr_tgids ?: 1;
	to->tgids = must(calloc(to->nr_tgids, sizeof(*to->tgids)));
	to->tgids[0] = mm->pid;
	memcpy(to->tgids, mm->tgids, mm->nr_tgids * sizeof(*to->tgids));
	memcpy(to->comm, mm->comm, sizeof(to->comm));
	return STREAM_RECORD;
}

static enum stream_result take_file(struct collect *c, struct stream *s, const struct rms_rec *rec)
{
	const struct rms_rec_file *file = (const void *)rec;

	if (file->file > c->nr_files + MAX_GAP)
		return stream_bad(s, rec, "the file %u is out of order", file->file);
	c->file = grow(c->file, &c->nr_files, file->file, sizeof(*c->file));
	free(c->file[file->file]);
	c->file[file->file] = must(strdup(file->path));
	return STREAM_RECORD;
}

static void take_end(struct collect *c, const struct rms_rec *rec)
{
	size_t fixed = offsetof(struct rms_rec_end, unmapped);
	size_t counts;

	end_run(c);
	memcpy(&c->end, rec, fixed);
	if (c->end.nr_unmapped > RMS_NR_UNMAPPED)
		c->end.nr_unmapped = RMS_NR_UNMAPPED;
	counts = c->end.nr_unmapped * sizeof(c->end.unmapped[0]);
	memcpy(c->end.unmapped, (const char *)rec + fixed, counts);
	c->has_end = true;
}

static void keep_text(char **to, const struct rms_rec *rec)
{
	free(*to);
	*to = must(strdup(recording_text(rec)));
}

/* A record that the tool has added to the stream. */
static enum stream_result take_own(struct collect *c, struct stream *s, const struct rms_rec *rec)
{
	if (rec->type == RECORDING_HEAD) {
		if (c->recorded || c->has_head)
			return stream_bad(s, rec, "a second head of a recording");
		memcpy(&c->recording, rec, sizeof(c->recording));
		c->recorded = true;
	} else if (rec->type == RECORDING_MAPS) {
		keep_text(c->has_head ? &c->maps_after : &c->maps, rec);
	} else if (rec->type == RECORDING_STOPPED) {
		keep_text(&c->stopped, rec);
	} else if (rec->type == RECORDING_PROCESSES) {
		keep_text(&c->processes, rec);
	} else if (rec->type == RECORDING_METHOD) {
		keep_text(&c->method, rec);
	}
	return STREAM_RECORD;
}

static enum stream_result take(struct collect *c, struct stream *s, const struct rms_rec *rec)
{
	if (rec->type >= RECORDING_HEAD)
		return take_own(c, s, rec);
	if (c->has_end && rec->type <= RMS_REC_ORDER)
		return stream_bad(s, rec, "a record of type %u behind the end", rec->type);
	if (!c->has_head && rec->type != RMS_REC_HEAD)
		return stream_bad(s, rec, "the first record has the type %u, and is no head",
				  rec->type);

	switch (rec->type) {
	case RMS_REC_HEAD:
		return take_head(c, s, rec);
	case RMS_REC_RUN:
		return take_run(c, s, rec);
	case RMS_REC_PAGE:
		return take_page(c, s, rec);
	case RMS_REC_ORDER:
		return take_order(c, s, rec);
	case RMS_REC_MAP:
		return take_map(c, s, rec);
	case RMS_REC_MM:
		return take_mm(c, s, rec);
	case RMS_REC_FILE:
		return take_file(c, s, rec);
	case RMS_REC_END:
		take_end(c, rec);
	}
	return STREAM_RECORD;
}

static enum stream_result next(struct collect *c, struct stream *s)
{
	const struct rms_rec *rec;
	enum stream_result result = stream_next(s, &rec);

	return result == STREAM_RECORD ? take(c, s, rec) : result;
}

/**
 * collect_head() - read a stream up to its head
 * @c: zeroed; filled. collect_free() must follow
 * @s: the stream
 *
 * Return: STREAM_RECORD if there is a head, else why not.
 */
enum stream_result collect_head(struct collect *c, struct stream *s)
{
	enum stream_result result;

	do
		result = next(c, s);
	while (result == STREAM_RECORD && !c->has_head);
	return result;
}

/**
 * collect_runs() - read a stream from behind its head to its end
 * @c: as collect_head() has left it, with the callback
 * @s: the stream
 *
 * What was read is given away also if the stream breaks off or is damaged. A stream of the module
 * is not read on after its last record.
 *
 * Return: STREAM_END, or why there are no more records.
 */
enum stream_result collect_runs(struct collect *c, struct stream *s)
{
	enum stream_result result = STREAM_RECORD;

	while (result == STREAM_RECORD && (c->recorded || !c->has_end))
		result = next(c, s);
	end_run(c);
	return result == STREAM_RECORD ? STREAM_END : result;
}

/**
 * collect_free() - free what was collected
 * @c: filled by collect(), or zeroed
 */
void collect_free(struct collect *c)
{
	size_t i;

	for (i = 0; i < c->nr_mms; i++)
		free(c->mm[i].tgids);
	for (i = 0; i < c->nr_files; i++)
		free(c->file[i]);
	free(c->mm);
	free(c->file);
	free(c->run.page);
	free(c->run.map);
	free(c->run.order);
	free(c->maps);
	free(c->maps_after);
	free(c->processes);
	free(c->stopped);
	free(c->method);
}
