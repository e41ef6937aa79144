// SPDX-License-Identifier: GPL-2.0
/*
 * A report on a page that is made without the module, of the page tables of all processes. It has
 * the records of the module's report, without what these and /proc/kpageflags don't tell.
 */
#include <errno.h>
#include <linux/kernel-page-flags.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "exit_status.h"
#include "frame.h"
#include "frame_kind.h"
#include "mapping_run.h"
#include "page_method.h"
#include "pagemaps.h"
#include "process_list.h"
#include "reverse.h"
#include "rows.h"
#include "vma_list.h"

/* What is asked about: one page, or with --folio all of a folio, and what was found. */
struct subject {
	const struct target *t;
	struct frame_files files;
	unsigned long long key;		/* of the page, as of pagemaps_key() */
	struct frame_kind kind;		/* of the page, if the key is a frame */
	unsigned long long first;	/* key of the first page of the report */
	size_t nr;			/* pages of the report */
	struct reverse reverse;
	size_t vmas;			/* that map it */
	size_t entries;
	struct rows rows;
};

static bool is_slot(const struct subject *s)
{
	return s->key & PAGEMAP_SLOT;
}

static bool has_vma(unsigned long long pid, unsigned long long addr)
{
	char *maps = vma_list_read(pid);
	struct vma_list vmas = { };
	bool found = false;
	size_t i;

	if (maps && !vma_list_parse(&vmas, maps)) {
		i = vma_list_find(&vmas, addr);
		found = i < vmas.nr && vmas.vma[i].start <= addr;
	}
	vma_list_free(&vmas);
	free(maps);
	return found;
}

/* Find the frame or the slot. Return: 0, or the negative errno of the module. */
static int find_key(struct subject *s)
{
	const struct target *t = s->t;
	unsigned long long entry;

	if (!t->has_pid) {
		s->key = t->has_phys ? t->phys / sysconf(_SC_PAGESIZE) : t->pfn;
		return frame_exists(&s->files, s->key) ? 0 : -ENXIO;
	}
	if (!process_thread(t->pid))
		return -ESRCH;
	if (!has_vma(t->pid, t->addr) || !entry_read(t, &entry))
		return -EFAULT;
	if (entry_is_empty(entry))
		return -ENODATA;
	s->key = pagemaps_key(entry);
	return s->key ? 0 : -EOPNOTSUPP;
}

static int find_page(struct subject *s)
{
	int err = find_key(s);

	s->first = s->key;
	s->nr = 1;
	if (err || is_slot(s))
		return err;
	frame_classify(&s->files, s->key, &s->kind);
	if (!s->kind.has_rmap)
		return -EOPNOTSUPP;
	if (s->t->folio) {
		s->first = s->kind.head;
		s->nr = 1UL << s->kind.order;
	}
	return 0;
}

static void find_mappings(struct subject *s, enum method method)
{
	unsigned long long *key = calloc(s->nr, sizeof(*key));
	size_t i;

	if (!key)
		return;
	for (i = 0; i < s->nr; i++)
		key[i] = s->first + i;
	reverse_begin(&s->reverse, method);
	reverse_look(&s->reverse, key, s->nr);
	free(key);
}

/* The names of the flags, as tools/mm/page-types.c has them. */
static void write_flags(struct rows *rows, unsigned long long flags)
{
	static const char * const names[] = {
		[KPF_LOCKED] = "locked", [KPF_ERROR] = "error", [KPF_REFERENCED] = "referenced",
		[KPF_UPTODATE] = "uptodate", [KPF_DIRTY] = "dirty", [KPF_LRU] = "lru",
		[KPF_ACTIVE] = "active", [KPF_SLAB] = "slab", [KPF_WRITEBACK] = "writeback",
		[KPF_RECLAIM] = "reclaim", [KPF_BUDDY] = "buddy", [KPF_MMAP] = "mmap",
		[KPF_ANON] = "anonymous", [KPF_SWAPCACHE] = "swapcache",
		[KPF_SWAPBACKED] = "swapbacked", [KPF_COMPOUND_HEAD] = "compound_head",
		[KPF_COMPOUND_TAIL] = "compound_tail", [KPF_HUGE] = "huge",
		[KPF_UNEVICTABLE] = "unevictable", [KPF_HWPOISON] = "hwpoison",
		[KPF_NOPAGE] = "nopage", [KPF_KSM] = "ksm", [KPF_THP] = "thp",
		[KPF_OFFLINE] = "offline", [KPF_ZERO_PAGE] = "zero_page", [KPF_IDLE] = "idle_page",
		[KPF_PGTABLE] = "pgtable",
	};
	char text[512];
	size_t i, len = snprintf(text, sizeof(text), "0x%llx(", flags);
	const char *separator = "";

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!names[i] || !(flags >> i & 1))
			continue;
		len += snprintf(text + len, sizeof(text) - len, "%s%s", separator, names[i]);
		separator = "|";
	}
	snprintf(text + len, sizeof(text) - len, ")");
	rows_text(rows, "kpageflags", text);
}

static void write_page(struct subject *s)
{
	static const char * const words[] = RMS_KIND_WORDS;
	unsigned long long size = sysconf(_SC_PAGESIZE), count;
	struct rows *rows = &s->rows;

	rows_record(rows, "page", NULL);
	if (is_slot(s)) {
		rows_text(rows, "kind", words[RMS_KIND_SWAP]);
		rows_number(rows, "swap_type", SWAP_TYPE(s->key));
		rows_hex(rows, "swap_offset", SWAP_OFFSET(s->key));
		return;
	}
	rows_hex(rows, "pfn", s->key);
	rows_hex(rows, "paddr", s->key * size);
	if (s->kind.kind < RMS_NR_KINDS)
		rows_text(rows, "kind", words[s->kind.kind]);
	rows_hex(rows, "folio_pfn", s->kind.head);
	rows_number(rows, "folio_order", s->kind.order);
	rows_number(rows, "index_in_folio", s->key - s->kind.head);
	/* The count of a whole folio counts huge entries once, and nothing tells which are huge. */
	if (s->nr == 1 && frame_mapcount(&s->files, s->key, &count))
		rows_number(rows, "mapcount", count);
	write_flags(rows, s->kind.flags);
}

static void write_tgids(struct rows *rows, const struct space *space)
{
	size_t i, room = 12 * space->nr_pids + 1, len = 0;
	char *text = malloc(room);

	for (i = 0; text && i < space->nr_pids; i++)
		len += snprintf(text + len, room - len, "%s%d", i ? "," : "", space->pid[i]);
	rows_text(rows, "tgids", text);
	free(text);
}

static void write_vma(struct subject *s, const struct vma_line *vma)
{
	char text[64];

	snprintf(text, sizeof(text), "0x%llx-0x%llx", vma->start, vma->end);
	rows_text(&s->rows, "vma", text);
	rows_text(&s->rows, "perms", vma->perms);
	/* Of anonymous memory, maps doesn't show it. */
	if (vma->inode)
		rows_hex(&s->rows, "vm_pgoff", vma->offset / sysconf(_SC_PAGESIZE));
	rows_text(&s->rows, "name", vma->name);
}

/* A row for each VMA of the run. */
static void write_run(struct subject *s, const struct vma_list *vmas, struct mapping_run run)
{
	const struct space *space = &s->reverse.spaces.space[run.space];
	unsigned long long size = sysconf(_SC_PAGESIZE);
	struct rows *rows = &s->rows;

	s->entries += run.count;
	while (run.count) {
		size_t i = vma_list_find(vmas, run.va);
		bool known = i < vmas->nr && vmas->vma[i].start <= run.va;
		unsigned int count = run.count;

		if (known && vmas->vma[i].end < run.va + count * size)
			count = (vmas->vma[i].end - run.va) / size;
		rows_record(rows, "map", NULL);
		rows_text(rows, "state", is_slot(s) ? "swapped" : "mapped");
		rows_number(rows, "pid", space->pid[0]);
		write_tgids(rows, space);
		rows_text(rows, "comm", space->comm);
		rows_hex(rows, "va", run.va);
		if (s->t->folio) {
			rows_number(rows, "first", run.first);
			rows_number(rows, "count", count);
		}
		if (known)
			write_vma(s, &vmas->vma[i]);
		s->vmas++;
		run.first += count;
		run.va += count * size;
		run.count -= count;
	}
}

static void write_runs(struct subject *s, const struct mapping_runs *runs)
{
	struct vma_list vmas = { };
	size_t i;

	for (i = 0; i < runs->nr; i++) {
		size_t space = runs->run[i].space;

		if (!i || space != runs->run[i - 1].space) {
			char *maps = vma_list_read(s->reverse.spaces.space[space].tid);

			vma_list_free(&vmas);
			if (maps)
				vma_list_parse(&vmas, maps);
			free(maps);
		}
		write_run(s, &vmas, runs->run[i]);
	}
	vma_list_free(&vmas);
}

static void write_maps(struct subject *s)
{
	struct mapping_runs runs = { };
	size_t i, k, nr;

	for (i = 0; i < s->nr; i++) {
		const struct mapping *mapping = reverse_find(&s->reverse, s->first + i, &nr);

		for (k = 0; k < nr; k++)
			mapping_runs_add(&runs, &(struct mapping_run){
				.space = mapping[k].pid, .va = mapping[k].va, .first = i,
				.count = 1 });
	}
	mapping_runs_join(&runs);
	write_runs(s, &runs);
	mapping_runs_free(&runs);
}

/* How often each page of the folio is mapped, for pages in a row that are alike. */
static void write_mapcounts(struct subject *s)
{
	unsigned long long kernel, last_kernel = 0;
	size_t i, found, first = 0, last_found = 0;

	for (i = 0; i <= s->nr && s->nr > 1; i++) {
		reverse_find(&s->reverse, s->first + i, &found);
		if (!frame_mapcount(&s->files, s->first + i, &kernel))
			kernel = 0;
		if (i && (i == s->nr || found != last_found || kernel != last_kernel)) {
			rows_record(&s->rows, "mapcount", NULL);
			rows_number(&s->rows, "first", first);
			rows_number(&s->rows, "count", i - first);
			rows_number(&s->rows, "found", last_found);
			rows_number(&s->rows, "kernel", last_kernel);
			first = i;
		}
		last_found = found;
		last_kernel = kernel;
	}
}

static void write_report(struct subject *s, const struct timespec *begin)
{
	struct timespec now;
	struct utsname uts;

	rows_begin(&s->rows, uname(&uts) ? NULL : uts.release, true);
	write_page(s);
	write_maps(s);
	write_mapcounts(s);
	clock_gettime(CLOCK_MONOTONIC, &now);
	rows_record(&s->rows, "walk", NULL);
	rows_text(&s->rows, "method", method_word(s->reverse.method));
	rows_number(&s->rows, "spaces", s->reverse.spaces.nr);
	rows_number(&s->rows, "mapped", is_slot(s) ? 0 : s->vmas);
	if (s->nr == 1 && !is_slot(s))
		rows_number(&s->rows, "pte_maps", s->entries);
	rows_number(&s->rows, "ns", (now.tv_sec - begin->tv_sec) * 1000000000LL + now.tv_nsec -
		    begin->tv_nsec);
}

/**
 * page_method_take() - make a report on a page
 * @r:      filled; the caller calls report_free() on it in any case
 * @t:      the page, resolved
 * @method: METHOD_SCAN or METHOD_INDEX
 *
 * Return: 0, or the negative errno with which the module would refuse the page; -EPERM if pagemaps
 * show no frames.
 */
int page_method_take(struct report *r, const struct target *t, enum method method)
{
	struct subject s = { .t = t };
	struct timespec begin;
	int err;

	*r = (struct report){ };
	clock_gettime(CLOCK_MONOTONIC, &begin);
	err = frame_files_open(&s.files) && pagemaps_readable() ? find_page(&s) : -EPERM;
	if (!err) {
		find_mappings(&s, method);
		write_report(&s, &begin);
		rows_end(&s.rows, r);
		reverse_end(&s.reverse);
	}
	frame_files_close(&s.files);
	return err;
}
