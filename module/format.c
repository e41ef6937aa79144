// SPDX-License-Identifier: GPL-2.0
/*
 * The records of reports as text. Documentation/interface.rst describes the format.
 */
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/utsname.h>

#include "compat.h"
#include "format.h"
#include "page_report.h"
#include "text.h"

static const char * const rms_kind_words[RMS_NR_KINDS] = RMS_KIND_WORDS;
static const char * const rms_state_words[RMS_NR_STATES] = RMS_STATE_WORDS;

static const char * const rms_level_words[] = {
	[RMS_PTE] = "pte",
	[RMS_PMD] = "pmd",
	[RMS_PUD] = "pud",
};

/**
 * rms_show_header - the first line of every file
 * @m: where to
 * @file: name of the file
 *
 * Context: may sleep.
 */
void rms_show_header(struct seq_file *m, const char *file)
{
	rms_put_dec(m, "rmapscope abi=", RMAPSCOPE_ABI);
	rms_puts(m, " kernel=");
	rms_escape(m, init_utsname()->release);
	rms_puts(m, " file=");
	rms_word(m, file);
	seq_putc(m, '\n');
}

static void rms_show_swapped(struct seq_file *m, const struct rms_facts *facts)
{
	rms_puts(m, "page kind=");
	rms_word(m, rms_kind_words[facts->kind]);
	rms_put_dec(m, " swap_type=", swp_type(facts->swap));
	rms_put_hex(m, " swap_offset=", swp_offset(facts->swap));
	rms_put_dec(m, " swap_count=", facts->swap_count);
	rms_put_hex(m, " pgoff=", facts->pgoff);
	seq_putc(m, '\n');
}

/* For a page of a block device itself @dev is that device; it has no inode in a file system. */
static void rms_show_file(struct seq_file *m, const struct rms_facts *facts)
{
	rms_put_dec(m, " dev=", MAJOR(facts->dev));
	rms_put_dec(m, ":", MINOR(facts->dev));
	rms_puts(m, " ino=");
	if (facts->ino != RMS_NO_INO)
		seq_put_decimal_ull(m, NULL, facts->ino);
	else
		seq_putc(m, '-');
	rms_puts(m, " file=");
	rms_escape(m, facts->file ?: "-");
}

/**
 * rms_show_page - the record "page"
 * @m: where to
 * @facts: what the page is
 *
 * Context: may sleep.
 */
void rms_show_page(struct seq_file *m, const struct rms_facts *facts)
{
	if (facts->kind == RMS_KIND_SWAP) {
		rms_show_swapped(m, facts);
		return;
	}
	rms_put_hex(m, "page pfn=", facts->pfn);
	rms_put_hex(m, " paddr=", (u64)facts->pfn << PAGE_SHIFT);
	rms_puts(m, " kind=");
	rms_word(m, rms_kind_words[facts->kind]);
	rms_put_hex(m, " folio_pfn=", facts->folio_pfn);
	rms_put_dec(m, " folio_order=", facts->order);
	rms_put_dec(m, " index_in_folio=", facts->pfn - facts->folio_pfn);
	rms_put_hex(m, " pgoff=", facts->pgoff);
	rms_put_dec(m, " mapcount=", facts->mapcount);
	rms_put_dec(m, " refcount=", facts->refcount);
	/* Only the kernel itself knows the names of all flags. */
	seq_printf(m, " flags=%pGp", &facts->flags);
	rms_puts(m, " memcg=");
	rms_escape(m, facts->memcg ?: "-");
	rms_put_dec(m, " node=", facts->nid);
	rms_puts(m, " zone=");
	rms_word(m, facts->zone);
	if (facts->dev)
		rms_show_file(m, facts);
	seq_putc(m, '\n');
}

/* The number of an anon_vma in the report, searched from @from on: mostly it is the next one. */
static u32 rms_av_id(const struct rms_page_report *report, const struct anon_vma *self, u32 from)
{
	u32 i;

	for (i = from; i < report->snap.walk.rec.nr_avs; i++)
		if (report->snap.walk.rec.avs[i].self == self)
			return i;
	for (i = 0; i < from; i++)
		if (report->snap.walk.rec.avs[i].self == self)
			return i;
	return from;
}

/**
 * rms_show_anon_vma - a record "anon_vma"
 * @m: where to
 * @av: the anon_vma
 * @id: its number in the report
 * @root: number of its root
 * @parent: number of its parent
 *
 * Context: any.
 */
void rms_show_anon_vma(struct seq_file *m, const struct rms_av *av, u32 id, u32 root,
		       u32 parent)
{
	rms_put_dec(m, "anon_vma id=av", id);
	rms_put_dec(m, " root=av", root);
	rms_put_dec(m, " parent=av", parent);
	rms_put_dec(m, " depth=", av->depth);
	rms_puts(m, " num_children=");
	seq_put_decimal_ull(m, NULL, av->num_children);
	rms_puts(m, " num_active_vmas=");
	seq_put_decimal_ull(m, NULL, av->num_active_vmas);
	rms_put_dec(m, " refcount=", av->refcount);
	seq_putc(m, '\n');
}

/**
 * rms_show_av - a record "anon_vma" of the file page
 * @m: where to
 * @report: the snapshot
 * @i: which, from 0
 *
 * Context: any.
 */
void rms_show_av(struct seq_file *m, const struct rms_page_report *report, u32 i)
{
	const struct rms_av *av = &report->snap.walk.rec.avs[i];

	rms_show_anon_vma(m, av, i, rms_av_id(report, av->root, i),
			  rms_av_id(report, av->parent, i));
}

/**
 * rms_show_owner - the processes that use an mm, in several records
 * @m: where to
 * @snap: the snapshot
 * @owner: the mm
 *
 * Context: any.
 */
void rms_show_owner(struct seq_file *m, const struct rms_snapshot *snap,
		    const struct rms_owner *owner)
{
	u32 i;

	if (!owner->nr_tasks) {
		rms_puts(m, "pid=0 tgids=0 comm=-");
		return;
	}
	rms_put_dec(m, "pid=", owner->tgid);
	rms_put_dec(m, " tgids=", owner->tgid);
	for (i = 1; i < owner->nr_tasks; i++)
		rms_put_dec(m, ",", snap->tasks[owner->first_task + i].tgid);
	rms_puts(m, " comm=");
	rms_escape(m, owner->comm);
}

/**
 * rms_show_vma - a VMA as such, in several records
 * @m: where to
 * @map: the VMA
 *
 * Context: any.
 */
void rms_show_vma(struct seq_file *m, const struct rms_map *map)
{
	const char perms[] = {
		map->vm_flags & VM_READ ? 'r' : '-',
		map->vm_flags & VM_WRITE ? 'w' : '-',
		map->vm_flags & VM_EXEC ? 'x' : '-',
		map->vm_flags & VM_MAYSHARE ? 's' : 'p',
	};

	rms_put_hex(m, " vma=", map->vm_start);
	rms_put_hex(m, "-", map->vm_end);
	rms_puts(m, " perms=");
	rms_put_bytes(m, perms, sizeof(perms));
	rms_put_hex(m, " vm_pgoff=", map->vm_pgoff);
}

/**
 * rms_show_name - the end of a record that is about a VMA
 * @m: where to
 * @snap: has the names, escaped when they were made
 * @map: the VMA
 *
 * Context: any.
 */
void rms_show_name(struct seq_file *m, const struct rms_snapshot *snap, const struct rms_map *map)
{
	rms_puts(m, " name=");
	rms_word(m, rms_vma_name(snap, map));
	seq_putc(m, '\n');
}

/**
 * rms_show_map - a record "map"
 * @m: where to
 * @report: the snapshot
 * @i: which, from 0
 *
 * Context: any.
 */
void rms_show_map(struct seq_file *m, const struct rms_page_report *report, u32 i)
{
	const struct rms_map *map = &report->snap.walk.rec.maps[i];
	enum rms_state state = rms_state_of(map);

	rms_puts(m, "map state=");
	rms_word(m, rms_state_words[state]);
	seq_putc(m, ' ');
	rms_show_owner(m, &report->snap, &report->snap.owners[map->owner]);
	rms_put_hex(m, " va=", map->va);
	rms_show_vma(m, map);
	rms_puts(m, " level=");
	rms_word(m, rms_level_words[map->entry.level]);
	if (report->snap.whole) {
		rms_put_dec(m, " first=", map->first);
		rms_put_dec(m, " count=", map->count);
	}
	rms_put_hex(m, " pte=", map->entry.val);
	rms_puts(m, " bits=");
	rms_show_bits(m, map);
	if (state == RMS_STATE_COWED)
		rms_put_hex(m, " now_pfn=", rms_entry_pfn(&map->entry, map->va));
	if (map->av_id == RMS_NO_ID)
		rms_puts(m, " anon_vma=-");
	else
		rms_put_dec(m, " anon_vma=av", map->av_id);
	rms_show_name(m, &report->snap, map);
}

/**
 * rms_show_count - a record "mapcount"
 * @m: where to
 * @report: the snapshot
 * @i: which, from 0
 *
 * Context: any.
 */
void rms_show_count(struct seq_file *m, const struct rms_page_report *report, u32 i)
{
	const struct rms_count *c = &report->counts[i];

	rms_put_dec(m, "mapcount first=", c->first);
	rms_put_dec(m, " count=", c->count);
	rms_put_dec(m, " found=", c->found);
	rms_put_dec(m, " kernel=", c->mapcount);
	seq_putc(m, '\n');
}

/**
 * rms_show_walk - the record "walk"
 * @m: where to
 * @report: the snapshot
 *
 * Context: any.
 */
void rms_show_walk(struct seq_file *m, const struct rms_page_report *report)
{
	const struct rms_outcome *out = &report->snap.walk.out;
	bool truncated = rms_snapshot_truncated(&report->snap);

	rms_put_dec(m, "walk visited=", out->visited);
	rms_put_dec(m, " mapped=", out->mapped);
	rms_put_dec(m, " absent=", out->visited - out->mapped);
	rms_put_dec(m, " pte_maps=", out->entries);
	rms_put_dec(m, " skipped=", out->skipped);
	rms_put_dec(m, " complete=", !truncated);
	rms_put_dec(m, " raced=", rms_walk_raced(report));
	rms_put_dec(m, " truncated=", truncated);
	rms_put_dec(m, " ns=", out->ns);
	rms_put_dec(m, " lock_ns=", out->lock_ns);
	rms_put_dec(m, " unreached=", report->unreached);
	rms_put_dec(m, " unsearched=", report->unsearched);
	seq_putc(m, '\n');
}
