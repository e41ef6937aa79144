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

static const char * const rms_kind_words[RMS_NR_KINDS] = RMS_KIND_WORDS;
static const char * const rms_state_words[RMS_NR_STATES] = RMS_STATE_WORDS;

static const char * const rms_level_names[] = {
	[RMS_PTE] = "pte",
	[RMS_PMD] = "pmd",
	[RMS_PUD] = "pud",
};

/**
 * rms_escape - print text that users choose, as one value
 * @m: where to
 * @text: the text
 *
 * Context: any.
 */
void rms_escape(struct seq_file *m, const char *text)
{
	seq_escape(m, text, RMS_ESCAPED);
}

/**
 * rms_show_header - the first line of every file
 * @m: where to
 * @file: name of the file
 *
 * Context: may sleep.
 */
void rms_show_header(struct seq_file *m, const char *file)
{
	seq_printf(m, "rmapscope abi=%d kernel=", RMAPSCOPE_ABI);
	rms_escape(m, init_utsname()->release);
	seq_printf(m, " file=%s\n", file);
}

static void rms_show_swapped(struct seq_file *m, const struct rms_facts *facts)
{
	seq_printf(m, "page kind=%s swap_type=%u swap_offset=0x%lx swap_count=%d pgoff=0x%lx\n",
		   rms_kind_words[facts->kind], swp_type(facts->swap), swp_offset(facts->swap),
		   facts->swap_count, facts->pgoff);
}

/* For a page of a block device itself @dev is that device; it has no inode in a file system. */
static void rms_show_file(struct seq_file *m, const struct rms_facts *facts)
{
	seq_printf(m, " dev=%u:%u ino=", MAJOR(facts->dev), MINOR(facts->dev));
	if (facts->ino != RMS_NO_INO)
		seq_printf(m, "%llu", facts->ino);
	else
		seq_putc(m, '-');
	seq_puts(m, " file=");
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
	seq_printf(m, "page pfn=0x%lx paddr=0x%llx kind=%s folio_pfn=0x%lx folio_order=%u index_in_folio=%lu",
		   facts->pfn, (u64)facts->pfn << PAGE_SHIFT, rms_kind_words[facts->kind],
		   facts->folio_pfn, facts->order, facts->pfn - facts->folio_pfn);
	seq_printf(m, " pgoff=0x%lx mapcount=%d refcount=%d flags=%pGp memcg=",
		   facts->pgoff, facts->mapcount, facts->refcount, &facts->flags);
	rms_escape(m, facts->memcg ?: "-");
	seq_printf(m, " node=%d zone=%s", facts->nid, facts->zone);
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
	seq_printf(m, "anon_vma id=av%u root=av%u parent=av%u depth=%u num_children=%lu num_active_vmas=%lu refcount=%d\n",
		   id, root, parent, av->depth,
		   av->num_children, av->num_active_vmas, av->refcount);
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
	const struct rms_task *task = &snap->tasks[owner->first_task];
	u32 i;

	if (!owner->nr_tasks) {
		seq_puts(m, "pid=0 tgids=0 comm=-");
		return;
	}
	seq_printf(m, "pid=%d tgids=", task->tgid);
	for (i = 0; i < owner->nr_tasks; i++)
		seq_printf(m, "%s%d", i ? "," : "", task[i].tgid);
	seq_puts(m, " comm=");
	rms_escape(m, task->comm);
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
	seq_printf(m, " vma=0x%lx-0x%lx perms=%c%c%c%c vm_pgoff=0x%lx",
		   map->vm_start, map->vm_end,
		   map->vm_flags & VM_READ ? 'r' : '-',
		   map->vm_flags & VM_WRITE ? 'w' : '-',
		   map->vm_flags & VM_EXEC ? 'x' : '-',
		   map->vm_flags & VM_MAYSHARE ? 's' : 'p', map->vm_pgoff);
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
	seq_puts(m, " name=");
	seq_puts(m, snap->names[map->name]);
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

	seq_printf(m, "map state=%s ", rms_state_words[state]);
	rms_show_owner(m, &report->snap, &report->snap.owners[map->owner]);
	seq_printf(m, " va=0x%lx", map->va);
	rms_show_vma(m, map);
	seq_printf(m, " level=%s", rms_level_names[map->entry.level]);
	if (report->snap.whole)
		seq_printf(m, " first=%u count=%u", map->first, map->count);
	seq_printf(m, " pte=0x%lx bits=", map->entry.val);
	rms_show_bits(m, map);
	if (state == RMS_STATE_COWED)
		seq_printf(m, " now_pfn=0x%lx", rms_entry_pfn(&map->entry, map->va));
	if (map->av_id == RMS_NO_ID)
		seq_puts(m, " anon_vma=-");
	else
		seq_printf(m, " anon_vma=av%u", map->av_id);
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

	seq_printf(m, "mapcount first=%u count=%u found=%d kernel=%d\n",
		   c->first, c->count, c->found, c->mapcount);
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

	seq_printf(m, "walk visited=%u mapped=%u absent=%u pte_maps=%u skipped=%u complete=%d raced=%d truncated=%d ns=%llu lock_ns=%llu unreached=%u unsearched=%u\n",
		   out->visited, out->mapped, out->visited - out->mapped, out->entries,
		   out->skipped, !truncated, rms_walk_raced(report), truncated, out->ns,
		   out->lock_ns, report->unreached, report->unsearched);
}
