// SPDX-License-Identifier: GPL-2.0
/*
 * Checks of single records: that each is as long as its type says, and that lengths and texts in it
 * don't lead out of it. collect.c checks how records follow each other.
 */
#include <stdio.h>
#include <string.h>

#include "recording.h"
#include "stream.h"

/* The size of each record without what follows its fixed fields; a newer module may add fields. */
static const struct {
	const char *name;
	size_t size;
} kinds[] = {
	[RMS_REC_HEAD] = { "head", sizeof(struct rms_rec_head) },
	[RMS_REC_RUN] = { "run", sizeof(struct rms_rec_run) },
	[RMS_REC_PAGE] = { "page", sizeof(struct rms_rec_page) },
	[RMS_REC_MAP] = { "map", sizeof(struct rms_rec_map) },
	[RMS_REC_MM] = { "mm", sizeof(struct rms_rec_mm) },
	[RMS_REC_FILE] = { "file", sizeof(struct rms_rec_file) },
	/* Without the counts by reason, of which there may be more or fewer. */
	[RMS_REC_END] = { "end", offsetof(struct rms_rec_end, unmapped) },
	[RMS_REC_ORDER] = { "order", sizeof(struct rms_rec_order) },
};

#define NR_KINDS	(sizeof(kinds) / sizeof(kinds[0]))

/* A text from @start to the end of the record must end with a NUL. */
static bool text_ends(const struct rms_rec *rec, const char *start)
{
	const char *end = (const char *)rec + rec->size;

	return end > start && memchr(start, '\0', end - start);
}

static bool check_head(struct stream *s, const struct rms_rec *rec)
{
	const struct rms_rec_head *head = (const void *)rec;
	unsigned int size = head->page_size;

	if (head->abi != RMAPSCOPE_ABI)
		stream_bad(s, rec, "the records have abi %u, and this tool reads abi %u",
			   head->abi, RMAPSCOPE_ABI);
	else if (size < 1024 || size & (size - 1))
		stream_bad(s, rec, "a page cannot have %u bytes", size);
	else if (head->form > RMS_FORM_PFN)
		stream_bad(s, rec, "a range of the unknown form %u", head->form);
	else if (head->start > head->end)
		stream_bad(s, rec, "the range 0x%llx-0x%llx ends before it starts",
			   head->start, head->end);
	else if (!memchr(head->release, '\0', sizeof(head->release)))
		stream_bad(s, rec, "the release of the kernel does not end");
	else
		return true;
	return false;
}

static bool check_mm(struct stream *s, const struct rms_rec *rec)
{
	const struct rms_rec_mm *mm = (const void *)rec;

	if (mm->nr_tgids > (rec->size - sizeof(*mm)) / sizeof(mm->tgids[0]))
		stream_bad(s, rec, "mm %u has %u processes, more than its record", mm->mm,
			   mm->nr_tgids);
	else if (!mm->mm)
		stream_bad(s, rec, "an mm has the number 0");
	else if (!memchr(mm->comm, '\0', sizeof(mm->comm)))
		stream_bad(s, rec, "the name of mm %u does not end", mm->mm);
	else
		return true;
	return false;
}

static bool check_file(struct stream *s, const struct rms_rec *rec)
{
	const struct rms_rec_file *file = (const void *)rec;

	if (!file->file)
		stream_bad(s, rec, "a file has the number 0");
	else if (!text_ends(rec, file->path))
		stream_bad(s, rec, "the path of file %u does not end", file->file);
	else
		return true;
	return false;
}

static bool check_end(struct stream *s, const struct rms_rec *rec)
{
	const struct rms_rec_end *end = (const void *)rec;
	size_t size = rec->size - offsetof(struct rms_rec_end, unmapped);

	if (end->nr_unmapped <= size / sizeof(end->unmapped[0]))
		return true;
	stream_bad(s, rec, "the end has %u counts by reason, more than its record",
		   end->nr_unmapped);
	return false;
}

static bool check_order(struct stream *s, const struct rms_rec *rec)
{
	const struct rms_rec_order *order = (const void *)rec;

	if (order->nr && order->nr <= (rec->size - sizeof(*order)) / sizeof(order->index[0]))
		return true;
	stream_bad(s, rec, "an order of %u pages in a record of %u bytes", order->nr, rec->size);
	return false;
}

static bool check_recording(struct stream *s, const struct rms_rec *rec)
{
	const char *why = recording_check(rec);

	if (why)
		stream_bad(s, rec, "%s", why);
	return !why;
}

/**
 * stream_check() - check a record by itself
 * @s: its stream, of which it is the next record
 * @rec: the record, all of which was read
 *
 * Return: true if it is right, or of an unknown type; else false, with the reason in @s->trouble.
 */
bool stream_check(struct stream *s, const struct rms_rec *rec)
{
	if (rec->type < NR_KINDS && rec->size < kinds[rec->type].size) {
		stream_bad(s, rec, "a record \"%s\" of %u bytes; it has at least %zu",
			   kinds[rec->type].name, rec->size, kinds[rec->type].size);
		return false;
	}
	switch (rec->type) {
	case 0:
		stream_bad(s, rec, "a record of type 0, which does not exist");
		return false;
	case RMS_REC_HEAD:
		return check_head(s, rec);
	case RMS_REC_MM:
		return check_mm(s, rec);
	case RMS_REC_FILE:
		return check_file(s, rec);
	case RMS_REC_END:
		return check_end(s, rec);
	case RMS_REC_ORDER:
		return check_order(s, rec);
	default:
		return check_recording(s, rec);
	}
}
