// SPDX-License-Identifier: GPL-2.0
/* The records of "scan" as text. Documentation/interface.rst describes the format. */
#include <linux/bitops.h>
#include <linux/seq_file.h>

#include "format.h"
#include "scan.h"
#include "text.h"

static const char * const rms_kind_words[RMS_NR_KINDS] = RMS_KIND_WORDS;
static const char * const rms_level_words[RMS_NR_LEVELS] = RMS_LEVEL_WORDS;
static const char * const rms_bit_words[RMS_NR_BITS] = RMS_BIT_WORDS;
static const char * const rms_op_words[RMS_NR_OPS] = RMS_OP_WORDS;
static const char * const rms_why_words[RMS_NR_WHYS] = RMS_WHY_WORDS;
static const char * const rms_unmapped_words[RMS_NR_UNMAPPED] = RMS_UNMAPPED_WORDS;

static void rms_show_run(struct seq_file *m, const struct rms_rec_run *rec)
{
	if (rec->form == RMS_FORM_VA)
		rms_put_hex(m, "run va=", rec->start);
	else
		rms_put_hex(m, "run pfn=", rec->start);
	rms_put_dec(m, " count=", rec->count);
}

static void rms_show_scan_page(struct seq_file *m, const struct rms_rec_page *rec)
{
	unsigned int op;

	rms_put_dec(m, "page first=", rec->first);
	rms_put_dec(m, " count=", rec->count);
	if (rec->kind == RMS_KIND_SWAP) {
		rms_put_dec(m, " swap_type=", rec->swap_type);
		rms_put_hex(m, " swap_offset=", rec->pfn);
	} else {
		rms_put_hex(m, " pfn=", rec->pfn);
	}
	rms_puts(m, " kind=");
	rms_word(m, rms_kind_words[rec->kind]);
	rms_put_dec(m, " order=", rec->order);
	rms_put_dec(m, " maps=", rec->maps);
	if (rec->fields & RMS_PAGE_REFS)
		rms_put_dec(m, " extra_refs=", rec->extra_refs);
	if (rec->fields & RMS_PAGE_WALKED) {
		rms_put_dec(m, " mms=", rec->mms);
		rms_put_dec(m, " visited=", rec->visited);
	}
	for (op = 0; op < RMS_NR_OPS && rec->fields & RMS_PAGE_JUDGED; op++) {
		seq_putc(m, ' ');
		rms_word(m, rms_op_words[op]);
		seq_putc(m, '=');
		rms_word(m, rec->verdicts[op] ? rms_why_words[rec->verdicts[op]] : "ok");
	}
	if (rec->fields & RMS_PAGE_LEVEL) {
		rms_puts(m, " level=");
		rms_word(m, rms_level_words[rec->level]);
	}
	if (rec->file)
		rms_put_dec(m, " file=f", rec->file);
}

/* The process, as in a report on a page. "tgids=" only if there are several. */
static void rms_show_mm(struct seq_file *m, const struct rms_rec_mm *mm)
{
	u32 i;

	rms_put_dec(m, " pid=", mm->pid);
	for (i = 0; i < mm->nr_tgids && mm->nr_tgids > 1; i++) {
		if (i)
			seq_putc(m, ',');
		else
			rms_puts(m, " tgids=");
		rms_dec(m, mm->tgids[i]);
	}
	rms_puts(m, " comm=");
	if (mm->nr_tgids)
		rms_escape(m, mm->comm);
	else
		seq_putc(m, '-');
}

static void rms_show_scan_map(struct seq_file *m, const struct rms_scan *s,
			      const struct rms_rec_map *rec)
{
	unsigned long bits = rec->bits;
	unsigned int bit;
	bool first = true;

	rms_put_dec(m, "map first=", rec->first);
	rms_put_dec(m, " count=", rec->count);
	rms_show_mm(m, rms_scan_mm(s, rec->mm));
	rms_put_hex(m, " va=", rec->va);
	rms_puts(m, " bits=");
	for_each_set_bit(bit, &bits, RMS_NR_BITS) {
		if (!first)
			seq_putc(m, '|');
		first = false;
		rms_word(m, rms_bit_words[bit]);
	}
	rms_puts(m, " level=");
	rms_word(m, rms_level_words[rec->level]);
}

static void rms_show_file(struct seq_file *m, const struct rms_rec_file *rec)
{
	rms_put_dec(m, "file id=f", rec->file);
	rms_put_dec(m, " dev=", rec->dev_major);
	rms_put_dec(m, ":", rec->dev_minor);
	rms_puts(m, " ino=");
	if (rec->ino == RMS_NO_INO)
		seq_putc(m, '-');
	else
		seq_put_decimal_ull(m, "", rec->ino);
	rms_puts(m, " path=");
	if (*rec->path)
		rms_escape(m, rec->path);
	else
		seq_putc(m, '-');
}

static void rms_show_end(struct seq_file *m, const struct rms_rec_end *rec)
{
	unsigned int i;

	rms_put_dec(m, "end pages=", rec->pages);
	rms_put_dec(m, " mappings=", rec->mappings);
	rms_put_dec(m, " visited=", rec->visited);
	rms_put_dec(m, " raced=", rec->raced);
	rms_put_dec(m, " skipped=", rec->skipped);
	rms_put_dec(m, " complete=", rec->complete);
	rms_put_dec(m, " ns=", rec->ns);
	for (i = 0; i < RMS_NR_UNMAPPED; i++) {
		seq_putc(m, ' ');
		rms_word(m, rms_unmapped_words[i]);
		rms_put_dec(m, "=", rec->unmapped[i]);
	}
}

static void rms_show_order(struct seq_file *m, const struct rms_rec_order *rec)
{
	u32 i;

	rms_put_dec(m, "order count=", rec->nr);
	rms_puts(m, " pages=");
	for (i = 0; i < rec->nr; i++) {
		if (i)
			seq_putc(m, ',');
		rms_dec(m, rec->index[i]);
	}
}

/**
 * rms_scan_show - print a record
 * @m: where to; left alone for a record that has no line of its own
 * @s: the stream
 * @rec: the record
 *
 * Context: any.
 */
void rms_scan_show(struct seq_file *m, const struct rms_scan *s, const struct rms_rec *rec)
{
	switch (rec->type) {
	case RMS_REC_HEAD:
		rms_show_header(m, "scan");
		return;
	case RMS_REC_RUN:
		rms_show_run(m, (const struct rms_rec_run *)rec);
		break;
	case RMS_REC_PAGE:
		rms_show_scan_page(m, (const struct rms_rec_page *)rec);
		break;
	case RMS_REC_MAP:
		rms_show_scan_map(m, s, (const struct rms_rec_map *)rec);
		break;
	case RMS_REC_ORDER:
		rms_show_order(m, (const struct rms_rec_order *)rec);
		break;
	case RMS_REC_FILE:
		rms_show_file(m, (const struct rms_rec_file *)rec);
		break;
	case RMS_REC_END:
		rms_show_end(m, (const struct rms_rec_end *)rec);
		break;
	default:
		/* The lines of mappings say who has them. */
		return;
	}
	seq_putc(m, '\n');
}
