// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the records of a stream. They are collected in a buffer until the reader has got them.
 */
#include <linux/bitmap.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/utsname.h>

#include "compat.h"
#include "counters.h"
#include "memory.h"
#include "scan.h"

static_assert(sizeof(struct rms_rec) == 8);
static_assert(sizeof(struct rms_rec_head) == 8 + 16 + 16 + 64);
static_assert(sizeof(struct rms_rec_run) == 24);
static_assert(sizeof(struct rms_rec_page) == 56);
static_assert(sizeof(struct rms_rec_map) == 40);
static_assert(sizeof(struct rms_rec_order) == 16);
static_assert(sizeof(struct rms_rec_mm) == 40);
static_assert(sizeof(struct rms_rec_file) == 32);
static_assert(sizeof(struct rms_rec_end) == 64 + 8 * RMS_NR_UNMAPPED);

/**
 * rms_scan_reserve - make room for records
 * @s: the stream
 * @size: bytes
 *
 * Context: may sleep; no rmap lock held.
 * Return: 0 or -ENOMEM.
 */
int rms_scan_reserve(struct rms_scan *s, size_t size)
{
	size_t want = max(s->out_len + size, 2 * s->out_size);
	u8 *out;

	if (s->out_len + size <= s->out_size)
		return 0;
	out = rms_alloc_array(want, 1);
	if (!out)
		return -ENOMEM;
	if (s->out_len)
		memcpy(out, s->out, s->out_len);
	kvfree(s->out);
	s->out = out;
	s->out_size = want;
	return 0;
}

/**
 * rms_scan_put - begin a record
 * @s: the stream, after rms_scan_reserve()
 * @type: enum rms_rec_type
 * @size: of the record
 *
 * Context: any.
 * Return: the record, all zeroes but its head.
 */
void *rms_scan_put(struct rms_scan *s, u16 type, size_t size)
{
	struct rms_rec *rec = (struct rms_rec *)(s->out + s->out_len);

	memset(rec, 0, size);
	rec->type = type;
	rec->size = size;
	s->out_len += size;
	return rec;
}

/**
 * rms_scan_put_head - make the record "rmapscope"
 * @s: the stream
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int rms_scan_put_head(struct rms_scan *s)
{
	struct rms_rec_head *head;

	if (rms_scan_reserve(s, sizeof(*head)))
		return -ENOMEM;
	head = rms_scan_put(s, RMS_REC_HEAD, sizeof(*head));
	head->abi = RMAPSCOPE_ABI;
	head->page_size = PAGE_SIZE;
	head->form = s->mm ? RMS_FORM_VA : RMS_FORM_PFN;
	head->options = s->range.options;
	head->start = s->range.start;
	head->end = s->range.end;
	strscpy(head->release, init_utsname()->release, sizeof(head->release));
	return 0;
}

/* The order of the pages of a sorted run, for RMS_OPTION_ORDERED. */
static int rms_put_order(struct rms_scan *s)
{
	u32 i, nr = rms_sorted_places(&s->run);
	struct rms_rec_order *rec;
	size_t size = ALIGN(struct_size(rec, index, nr), 8);

	if (rms_scan_reserve(s, size))
		return -ENOMEM;
	rec = rms_scan_put(s, RMS_REC_ORDER, size);
	rec->nr = nr;
	for (i = 0; i < nr; i++)
		rec->index[i] = rms_frame_index(&s->run, i);
	return 0;
}

/* Some pages of an element of run->maps. @place: of the first; @first: for the record. */
static void rms_put_map(struct rms_scan *s, const struct rms_scan_map *map, u32 place, u32 first,
			u32 count)
{
	struct rms_rec_map *rec = (struct rms_rec_map *)(s->out + s->out_len);

	*rec = (struct rms_rec_map){
		.rec = { .type = RMS_REC_MAP, .size = sizeof(*rec) },
		.va = map->va + ((unsigned long)(place - map->first) << PAGE_SHIFT),
		.first = first,
		.count = count,
		.mm = s->run.vmas[map->vma].mm_nr,
		.bits = map->bits,
		.level = map->level,
	};
	s->out_len += sizeof(*rec);
	s->end.mappings += count;
}

/* A record for each stretch of pages whose frames are in a row. There is room for them. */
static void rms_put_sorted_map(struct rms_scan *s, const struct rms_scan_map *map, u32 place,
			       u32 count)
{
	const u64 *frames = s->run.frames;
	u32 end = place + count, next;

	for (; place < end; place = next) {
		for (next = place + 1; next < end; next++) {
			if (frames[next] != frames[next - 1] + PAGE_SIZE)
				break;
		}
		rms_put_map(s, map, place, rms_frame_index(&s->run, place), next - place);
	}
}

static int rms_put_stretch_of_map(struct rms_scan *s, const struct rms_scan_map *map, u32 place,
				  u32 count)
{
	bool split = s->run.sorted && !(s->range.options & RMS_OPTION_ORDERED);

	if (rms_scan_reserve(s, (split ? count : 1) * sizeof(struct rms_rec_map)))
		return -ENOMEM;
	if (split)
		rms_put_sorted_map(s, map, place, count);
	else
		rms_put_map(s, map, place, place, count);
	return 0;
}

/* The entries of those pages that aren't left out. */
static int rms_put_part_of_map(struct rms_scan *s, const struct rms_scan_map *map)
{
	u32 end = map->first + map->count, first, next;
	const unsigned long *kept = s->run.kept;
	int ret = 0;

	for (first = map->first; first < end && !ret; first = next) {
		first = find_next_bit(kept, end, first);
		if (first >= end)
			break;
		next = find_next_zero_bit(kept, end, first);
		ret = rms_put_stretch_of_map(s, map, first, next - first);
	}
	return ret;
}

static int rms_put_maps(struct rms_scan *s)
{
	struct rms_run *run = &s->run;
	int ret = 0;
	u32 i;

	if (run->sorted && s->range.options & RMS_OPTION_ORDERED)
		ret = rms_put_order(s);
	for (i = 0; i < run->nr_maps && !ret; i++) {
		const struct rms_scan_map *map = &run->maps[i];

		ret = run->all_kept ? rms_put_stretch_of_map(s, map, map->first, map->count) :
				      rms_put_part_of_map(s, map);
	}
	return ret;
}

/**
 * rms_scan_put_run - make the records of a run
 * @s: the stream, whose run is complete
 *
 * Context: may sleep; no lock of mm held.
 * Return: 0, or an errno as rms_scan_name_mms().
 */
int rms_scan_put_run(struct rms_scan *s)
{
	u32 kept = rms_scan_keep(s);
	const struct rms_rec_end before = s->end;
	bool maps = s->range.options & RMS_OPTION_MAPS;
	struct rms_run *run = &s->run;
	struct rms_rec_run *rec;
	size_t begin;
	int ret;

	if (!kept)
		return 0;
	ret = maps ? rms_scan_name_mms(s) : 0;
	if (ret)
		return ret;
	begin = s->out_len;
	if (rms_scan_reserve(s, sizeof(*rec)))
		return -ENOMEM;
	rec = rms_scan_put(s, RMS_REC_RUN, sizeof(*rec));
	rec->start = run->start;
	rec->count = run->count;
	rec->form = s->mm ? RMS_FORM_VA : RMS_FORM_PFN;
	s->end.pages += kept;
	ret = rms_scan_put_pages(s);
	if (!ret && maps)
		ret = rms_put_maps(s);
	if (!ret)
		rms_stat_add(RMS_STAT_MAPPINGS, s->end.mappings - before.mappings);
	if (ret) {
		/* The mms stay described. */
		s->out_len = begin;
		s->end = before;
	}
	return ret;
}

/**
 * rms_scan_put_end - make the record "end"
 * @s: the stream
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int rms_scan_put_end(struct rms_scan *s)
{
	struct rms_rec_end *end;

	if (rms_scan_reserve(s, sizeof(*end)))
		return -ENOMEM;
	end = rms_scan_put(s, RMS_REC_END, sizeof(*end));
	s->end.rec = end->rec;
	s->end.nr_unmapped = RMS_NR_UNMAPPED;
	s->end.ns = ktime_get_ns() - s->began;
	*end = s->end;
	return 0;
}
