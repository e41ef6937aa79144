// SPDX-License-Identifier: GPL-2.0
/*
 * `rmapscope verify`: the mappings that the module finds, against the page tables of all processes.
 *
 * Neither of the two is from one moment. So what differs is looked at again, and only what differs
 * each time is reported. The tool itself is left out, as its memory changes all the time.
 */
#include <err.h>
#include <json-c/json.h>
#include <linux/kernel-page-flags.h>
#include <stdlib.h>
#include <unistd.h>

#include "exit_status.h"
#include "frame.h"
#include "interrupt.h"
#include "json.h"
#include "mapping_set.h"
#include "pagemaps.h"
#include "scan.h"
#include "table.h"

#define TRIES	3

static const struct column difference_column[] = {
	{ .name = "ONLY-IN", .key = "only_in",
	  .help = "module: no page table has it; pagemap: the module lacks it" },
	{ .name = "PFN", .key = "pfn", .right = true, .help = "the frame" },
	{ .name = "PID", .key = "pid", .type = VALUE_NUMBER, .right = true,
	  .help = "the process that maps it" },
	{ .name = "VA", .key = "va", .right = true, .help = "the address in the process" },
};

static const struct column verified_column[] = {
	{ .key = "mappings", .type = VALUE_NUMBER },
	{ .key = "processes", .type = VALUE_NUMBER },
	{ .key = "differences", .type = VALUE_NUMBER },
	{ .key = "invisible", .type = VALUE_NUMBER },
};

static const struct column_set difference_columns = COLUMN_SET("difference", difference_column);
static const struct column_set verified_columns = COLUMN_SET("verified", verified_column);

/* What one try has found. */
struct findings {
	struct mapping_set module;		/* that the module has found */
	struct mapping_set frames;		/* that have a record; only @pfn is used */
	struct mapping_set pagemap;	/* of these frames, or of the range */
	const struct range *range;
	unsigned int processes;
	size_t invisible;		/* mappings of processes that have no number here */
	struct scan scan;
};

static void add_module_maps(struct findings *f, const struct rms_rec_map *map,
			    unsigned long long pfn, unsigned long long va)
{
	const struct scan_mm *mm = &f->scan.collect.mm[map->mm];
	size_t i;

	for (i = 0; i < mm->nr_tgids; i++) {
		if (mm->tgids[i] <= 0)
			f->invisible++;
		else if (mm->tgids[i] != getpid())
			mapping_set_add(&f->module, pfn, mm->tgids[i], va);
	}
}

/* The frame of each page of the run; 0 if it has no record or is swapped out. */
static unsigned long long *frames_of(struct findings *f, const struct scan_run *run)
{
	unsigned long long *pfn = scan_alloc(run->count, sizeof(*pfn));
	size_t i, k;

	for (i = 0; i < run->nr_pages; i++) {
		const struct rms_rec_page *page = &run->page[i];

		for (k = 0; k < page->count && page->kind != RMS_KIND_SWAP; k++) {
			pfn[page->first + k] = page->pfn + k;
			mapping_set_add(&f->frames, page->pfn + k, 0, 0);
		}
	}
	return pfn;
}

static void take_run(struct scan *s, const struct scan_run *run)
{
	struct findings *f = s->data;
	unsigned long long *pfn = frames_of(f, run), size = s->collect.head.page_size;
	const unsigned int present = 1U << RMS_BIT_PRESENT;
	size_t i, k;

	for (i = 0; i < run->nr_maps; i++) {
		const struct rms_rec_map *map = &run->map[i];

		/* pagemap shows the frames of present entries only. */
		for (k = 0; k < map->count && map->bits & present; k++)
			if (pfn[map->first + k])
				add_module_maps(f, map, pfn[map->first + k], map->va + k * size);
	}
	free(pfn);
}

/*
 * Frames without a record are only compared if they have a reverse map by the kernel's own flags.
 * The zero page and those of the vDSO, for example, are mapped and have none.
 */
static bool should_have_record(unsigned long long pfn)
{
	static const unsigned long long has_rmap = 1ULL << KPF_ANON | 1ULL << KPF_LRU |
						   1ULL << KPF_HUGE | 1ULL << KPF_KSM;
	unsigned long long flags;

	return frame_flags(pfn, &flags) && flags & has_rmap &&
	       !(flags & (1ULL << KPF_ZERO_PAGE));
}

static bool in_range(const struct range *r, unsigned long long pfn, unsigned long long pid,
		     unsigned long long va)
{
	unsigned long long at = r->has_pid ? va : pfn;

	if (r->has_pid && pid != r->pid)
		return false;
	return !r->has_bounds || (at >= r->start && at < r->end);
}

static void add_page(void *arg, unsigned long long pfn, unsigned long long pid,
		     unsigned long long va)
{
	struct findings *f = arg;

	/* The module's entries that are not present are left out, too. */
	if (pfn & PAGEMAP_SLOT)
		return;
	if (mapping_set_have_frame(&f->frames, pfn) ||
	    (in_range(f->range, pfn, pid, va) && should_have_record(pfn)))
		mapping_set_add(&f->pagemap, pfn, pid, va);
}

static int ask_module(struct findings *f, const struct options *o)
{
	static const struct scan_view view = { .run = take_run };
	struct range range = o->range;
	struct stream stream;
	int status;

	interrupt_catch();
	f->scan = (struct scan){ .o = o, .method = METHOD_RMAP, .view = &view, .data = f };
	range.options |= RMS_OPTION_MAPS;
	status = scan_open(&f->scan, &stream, &range);
	if (status)
		return status;
	f->scan.result = scan_read(&f->scan, &stream, "");
	status = scan_warn(&f->scan, &stream);
	stream_finish(&stream);
	return status;
}

static int look(struct findings *f, const struct options *o)
{
	int status = ask_module(f, o);

	if (status)
		return status;
	mapping_set_sort(&f->module);
	mapping_set_sort(&f->frames);
	f->processes = pagemaps_of_all(add_page, f);
	mapping_set_sort(&f->pagemap);
	return RS_OK;
}

static void free_findings(struct findings *f)
{
	mapping_set_free(&f->module);
	mapping_set_free(&f->frames);
	mapping_set_free(&f->pagemap);
	vma_list_free(&f->scan.vmas);
	collect_free(&f->scan.collect);
	*f = (struct findings){ };
}

/* What is only in one of the two, in each try so far. */
struct differences {
	struct mapping_set module, pagemap;
	bool begun;
};

static struct mapping_set difference(const struct mapping_set *a, const struct mapping_set *b)
{
	struct mapping_set only = { };
	size_t i;

	for (i = 0; i < a->nr; i++)
		mapping_set_add(&only, a->mapping[i].pfn, a->mapping[i].pid, a->mapping[i].va);
	mapping_set_keep(&only, b, false);
	return only;
}

static void narrow(struct differences *d, const struct findings *f)
{
	struct mapping_set module = difference(&f->module, &f->pagemap);
	struct mapping_set pagemap = difference(&f->pagemap, &f->module);

	if (d->begun) {
		mapping_set_keep(&d->module, &module, true);
		mapping_set_keep(&d->pagemap, &pagemap, true);
		mapping_set_free(&module);
		mapping_set_free(&pagemap);
	} else {
		*d = (struct differences){ module, pagemap, true };
	}
}

static void write_rows(struct rows *rows, const char *side, const struct mapping_set *m,
		       const struct column_list *columns)
{
	size_t i;

	for (i = 0; i < m->nr; i++) {
		rows_record(rows, "difference", columns);
		rows_text(rows, "only_in", side);
		rows_hex(rows, "pfn", m->mapping[i].pfn);
		rows_number(rows, "pid", m->mapping[i].pid);
		rows_hex(rows, "va", m->mapping[i].va);
	}
}

static void print(const struct options *o, const struct column_list *columns,
		  const struct differences *d, const struct findings *f)
{
	size_t nr = d->module.nr + d->pagemap.nr;
	struct report report;
	struct rows rows;

	rows_begin(&rows, f->scan.collect.head.release, true);
	write_rows(&rows, "module", &d->module, columns);
	write_rows(&rows, "pagemap", &d->pagemap, columns);
	rows_record(&rows, "verified", NULL);
	rows_number(&rows, "mappings", f->module.nr);
	rows_number(&rows, "processes", f->processes);
	rows_number(&rows, "differences", nr);
	rows_number(&rows, "invisible", f->invisible);
	rows_end(&rows, &report);
	if (o->json) {
		struct json_object *doc = json_object_new_object();

		json_add_one(doc, &report, &report_columns);
		json_add(doc, "difference", json_records(&report, "difference", columns));
		json_add_one(doc, &report, &verified_columns);
		json_print(doc);
	} else if (nr || o->style.raw) {
		table_of_records(&report, "difference", columns, &o->style);
	}
	if (!o->json && !o->style.raw && !o->style.noheadings)
		printf("%s%zu mappings, page tables of %u processes: %zu %s\n",
		       nr ? "\n" : "", f->module.nr, f->processes, nr,
		       nr == 1 ? "difference" : "differences");
	report_free(&report);
	fflush(stdout);
	if (f->invisible)
		warnx("%zu mappings of processes outside of this pid namespace are not compared",
		      f->invisible);
}

static int verify(const struct options *o, const struct column_list *columns)
{
	struct differences d = { };
	struct findings f = { };
	int try, status = RS_OK;

	for (try = 0; try < TRIES && !status; try++) {
		free_findings(&f);
		f.range = &o->range;
		status = look(&f, o);
		if (!status)
			narrow(&d, &f);
		if (!d.module.nr && !d.pagemap.nr)
			break;
	}
	if (!status) {
		print(o, columns, &d, &f);
		status = d.module.nr || d.pagemap.nr ? RS_FAILED : RS_OK;
	}
	free_findings(&f);
	mapping_set_free(&d.module);
	mapping_set_free(&d.pagemap);
	return status;
}

static int run(struct options *o)
{
	struct column_list columns;
	int status;

	o->range.has_pid = o->target.has_pid;
	o->range.pid = o->target.pid;
	status = range_check(&o->range, "verify");
	if (status)
		return status;
	if (!options_columns(o, verify_command.columns, NULL, &columns))
		return RS_USAGE;
	if (!pagemaps_readable()) {
		warnx("/proc/PID/pagemap shows no frames; CAP_SYS_ADMIN is needed, as root has it");
		return RS_FAILED;
	}
	return verify(o, &columns);
}

const struct command verify_command = {
	.name = "verify",
	.summary = "compare what the module finds with the page tables of all processes",
	.help = "Compare the mappings of a range with /proc/PID/pagemap of all processes. Show\n"
		"what differs in each of three tries.",
	.usage = "-p PID [START-END]|--pfn A-B|--all",
	.groups = OPTIONS_RANGE | OPTIONS_JSON | OPTIONS_TABLE,
	.columns = &difference_columns,
	.run = run,
};
