/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The records that one look passes along, and who fills them:
 *
 *   target.c   struct rms_target    what was asked for, and the page it leads to
 *   facts.c    struct rms_facts     what kind of page it is, and its own figures
 *   walk.c     struct rms_map, _av  plain records, gathered under the rmap locks
 *   refs.c     struct rms_refs      who holds references to it, and what decides its fate
 *   look.c     struct rms_look      all of it: one snapshot, with no lock held
 *   resolve.c  struct rms_owner ... processes and names for the records
 *   format.c                        text
 */
#ifndef _RMAPSCOPE_H
#define _RMAPSCOPE_H

#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/swap.h>
#include <linux/types.h>

#include "refs.h"

struct anon_vma;

/**
 * struct rms_target - what the user asked for
 * @pid: the process, referenced; NULL if the target is a frame
 * @va: address in that process
 * @pfn: the frame, if @pid is NULL
 * @folio: report on the whole folio, not on the one page
 *
 * @pid is the process that was meant when the target was written: a number that
 * has gone to another process since doesn't lead there.
 */
struct rms_target {
	struct pid *pid;
	unsigned long va;
	unsigned long pfn;
	bool folio;
};

int rms_target_parse(char *text, struct pid_namespace *ns, struct rms_target *t);
void rms_target_get(struct rms_target *dst, const struct rms_target *src);
void rms_target_put(struct rms_target *t);

/**
 * struct rms_page - the page that a target leads to
 * @page: the page; its folio is referenced. NULL if it is swapped out
 * @mm: the target's mm, mmgrab()ed; NULL if the target is a frame
 * @va: page-aligned address in @mm
 */
struct rms_page {
	struct page *page;
	struct mm_struct *mm;
	unsigned long va;
};

int rms_page_get(const struct rms_target *t, struct rms_page *p);
void rms_page_put(struct rms_page *p);
int rms_folio_check(struct folio *folio);
int rms_back_off(int try);
int rms_folio_lock(struct folio *folio);

/* What a page is to the reverse map. */
enum rms_kind {
	RMS_ANON,
	RMS_KSM,
	RMS_FILE,
	RMS_SHMEM,
	RMS_HUGETLB_ANON,
	RMS_HUGETLB_FILE,
	RMS_SWAPPED,		/* no page: an address whose page is in a swap slot only */
};

/**
 * struct rms_facts - a page's own figures
 * @kind: what it is
 * @pfn: the page that was asked for; as all that follows, not for RMS_SWAPPED
 * @folio_pfn: first page of its folio
 * @order: of the folio
 * @pgoff: the page's offset in the anon_vma tree or file, in pages; also for RMS_SWAPPED
 * @mapcount: by the kernel's own count: of the page, or of the folio if that was asked for
 * @refcount: of the folio, without our own reference
 * @flags: of the folio, as before we locked it
 * @nid: NUMA node
 * @zone: name
 * @memcg: path of the memory cgroup, or NULL
 * @swap: type and offset of the slot, for RMS_SWAPPED
 * @swap_count: page-table entries that hold @swap, by the kernel's own count
 */
struct rms_facts {
	enum rms_kind kind;
	unsigned long pfn;
	unsigned long folio_pfn;
	unsigned int order;
	unsigned long pgoff;
	int mapcount;
	int refcount;
	unsigned long flags;
	int nid;
	const char *zone;
	char *memcg;
	swp_entry_t swap;
	int swap_count;
};

enum rms_kind rms_folio_kind(struct folio *folio);
bool rms_kind_is_anon(enum rms_kind kind);
void rms_facts_read(struct page *page, bool whole, struct rms_facts *facts);
int rms_facts_memcg(struct folio *folio, struct rms_facts *facts);

/* Where in the page tables an entry was read. */
enum rms_level {
	RMS_PTE,
	RMS_PMD,
	RMS_PUD,
};

/**
 * struct rms_entry - one page-table entry, read once
 * @val: its raw value; 0 if there is nothing
 * @level: the level at which the walk ended
 * @slot: where it is if it is huge, as an identity: tables of hugetlb can be shared
 */
struct rms_entry {
	unsigned long val;
	enum rms_level level;
	const void *slot;
};

/**
 * struct rms_hold - what keeps an entry's page for a caller that has no rmap lock
 * @page: a page with a reverse map, its folio referenced; or NULL
 * @frozen: nobody can have a reference just now: its folio is being split or moved
 * @swap_count: for a swap entry: how many entries hold the same slot
 */
struct rms_hold {
	struct page *page;
	bool frozen;
	int swap_count;
};

bool rms_entry_read(struct vm_area_struct *vma, unsigned long addr,
		    struct rms_entry *entry, struct rms_hold *hold);
unsigned int rms_entries_read(struct vm_area_struct *vma, unsigned long addr,
			      unsigned long end, unsigned long *vals, struct rms_entry *entry);

/* What an entry holds for us. */
enum rms_content {
	RMS_NONE,		/* nothing, or a marker that stands for no page */
	RMS_PRESENT,
	RMS_SWAP,
	RMS_MIGRATION,		/* to be present again in a moment */
	RMS_DEVICE,		/* device memory, or memory lent to a device */
	RMS_OTHER,		/* poison ... */
};

enum rms_content rms_entry_content(const struct rms_entry *entry);
swp_entry_t rms_entry_swap(const struct rms_entry *entry);
unsigned long rms_entry_pfn(const struct rms_entry *entry, unsigned long addr);

/**
 * struct rms_map - a VMA that the kernel's walk visited, or a stretch of pages in it
 * @mm: mmgrab()ed until the look is over; then an identity only
 * @file: the mapped file, referenced as long as @mm; mostly NULL
 * @anon_vma: the VMA's own anon_vma, as an identity only
 * @va: where the first page is, or would be, in @mm
 * @vm_start: the VMA, as all of vm_*
 * @vm_end: exclusive
 * @vm_pgoff: in pages
 * @vm_flags: may be a moment old: nothing we hold keeps it still
 * @first: the first page, as an index into the pages asked for
 * @count: how many pages this record is about, 1 unless a whole folio was asked for
 * @entry: the page-table entry at @va; those of the other pages follow from it
 * @mapped: the entries map the pages
 * @exclusive: PageAnonExclusive(): who maps them may write to them without a copy
 * @owner: index into struct rms_look.owners (by resolve.c)
 * @av_id: number of the own anon_vma in the report, or RMS_NO_ID (by resolve.c)
 * @name: index into struct rms_look.names (by resolve.c)
 */
struct rms_map {
	struct mm_struct *mm;
	struct file *file;
	struct anon_vma *anon_vma;
	unsigned long va;
	unsigned long vm_start;
	unsigned long vm_end;
	unsigned long vm_pgoff;
	unsigned long vm_flags;
	u32 first;
	u32 count;
	struct rms_entry entry;
	bool mapped;
	bool exclusive;
	u32 owner;
	u32 av_id;
	u32 name;
};

#define RMS_NO_ID	U32_MAX

/**
 * struct rms_av - one anon_vma, as it was under the lock of its root
 * @self: identity only, never dereferenced; as the next two
 * @parent: its parent; itself if it is the root
 * @root: the root of its tree
 * @num_children: as the kernel counts: a root counts itself
 * @num_active_vmas: VMAs whose own anon_vma this is
 * @refcount: without ours
 * @depth: how many ancestors it has
 */
struct rms_av {
	struct anon_vma *self;
	struct anon_vma *parent;
	struct anon_vma *root;
	unsigned long num_children;
	unsigned long num_active_vmas;
	int refcount;
	u32 depth;
};

/**
 * struct rms_walk - the buffers and the outcome of one walk
 * @kind: of the pages
 * @pfn: the first page to look for
 * @pgoff: its offset in the anon_vma tree or file
 * @nr: how many pages to look for: those of a folio, or one
 * @large: the folio has more than one page, or it is not known where the one is in a VMA
 * @exclusive: PageAnonExclusive() of the one page, if not @large
 * @swap: what to look for instead of @pfn if the kind is RMS_SWAPPED
 * @mm: the mm in which it must be found, or NULL
 * @va: the address at which it must be found in @mm
 * @maps: @max_maps records
 * @spare: written to instead, where there is no room
 * @max_maps: room
 * @nr_maps: records, also those that found no room
 * @count_all: find out about records beyond @max_maps, too: there won't be a larger buffer
 * @vals: room for the PTEs of one table, if @nr > 1
 * @found: @nr + 1 numbers: how many more mappings a page has than the one before it; NULL
 *	if @nr is 1
 * @visits: VMAs that were looked at
 * @max_visits: no more than that
 * @visited: how many of @visits may hold one of the pages
 * @skipped: the others: of VMAs with other pages of the folio, or seen already
 * @mapped: how many of @visited map at least one page
 * @entries: page-table entries that map one
 * @held: records whose mm and file are still referenced
 * @avs: the page's anon_vma, then its ancestors up to the root; @max_avs records. For KSM,
 *	one such chain for each tree, and some more than once
 * @max_avs: room
 * @nr_avs: how many there are, also if more than @max_avs
 * @last_root: whose anon_vmas were read last
 * @hit: the page was found at @va in @mm
 * @killed: a fatal signal ended the walk early
 * @cut: @max_visits did
 * @contended: the lock was not to be had, and must not be waited for (hugetlb)
 * @ns: the whole walk, in nanoseconds
 * @locked_at: when the rmap lock was ours, in nanoseconds since boot
 * @lock_ns: from then to the end of the walk
 */
struct rms_walk {
	enum rms_kind kind;
	unsigned long pfn;
	unsigned long pgoff;
	unsigned long nr;
	bool large;
	bool exclusive;
	swp_entry_t swap;
	struct mm_struct *mm;
	unsigned long va;
	struct rms_map *maps;
	struct rms_map spare;
	u32 max_maps;
	u32 nr_maps;
	bool count_all;
	unsigned long *vals;
	int *found;
	u32 visits;
	u32 max_visits;
	u32 visited;
	u32 skipped;
	u32 mapped;
	u32 entries;
	u32 held;
	struct rms_av *avs;
	u32 max_avs;
	u32 nr_avs;
	const struct anon_vma *last_root;
	bool hit;
	bool killed;
	bool cut;
	bool contended;
	u64 ns;
	u64 locked_at;
	u64 lock_ns;
};

/* Before each VMA: whether the walk is to end, and why. */
static inline bool rms_walk_stops(struct rms_walk *w)
{
	if (likely(w->visits < w->max_visits && !fatal_signal_pending(current))) {
		w->visits++;
		return false;
	}
	w->killed = fatal_signal_pending(current);
	w->cut = !w->killed;
	return true;
}

void rms_walk_begin(struct rms_walk *w);
void rms_walk_end(struct rms_walk *w);
void rms_walk(struct folio *folio, struct rms_walk *w);
struct rms_map *rms_new_map(struct rms_walk *w, struct vm_area_struct *vma);
void rms_note_page(struct rms_walk *w, struct vm_area_struct *vma, unsigned long addr);
struct anon_vma *rms_lock_tree(struct vm_area_struct *vma);
void rms_walk_swap(struct vm_area_struct *vma, struct rms_walk *w);

/**
 * struct rms_owner - one mm among the records
 * @mm: as in the records
 * @first_task: index into struct rms_look.tasks
 * @nr_tasks: processes that share the mm and that the reader may see
 */
struct rms_owner {
	struct mm_struct *mm;
	u32 first_task;
	u32 nr_tasks;
};

/**
 * struct rms_task - one process that uses an mm
 * @owner: index into struct rms_look.owners
 * @tgid: its number in the reader's pid namespace
 * @follows: 0 for the process that owns the mm, 1 for others that share it
 * @comm: its name
 */
struct rms_task {
	u32 owner;
	pid_t tgid;
	bool follows;
	char comm[TASK_COMM_LEN];
};

/**
 * struct rms_count - a stretch of pages of a folio that are mapped equally often
 * @first: index into the folio
 * @count: pages
 * @found: mappings of each that the walk has found
 * @mapcount: by the kernel's own count
 */
struct rms_count {
	u32 first;
	u32 count;
	int found;
	int mapcount;
};

/**
 * struct rms_look - one look at one page: a snapshot that holds nothing of the world
 * @walk: visited VMAs and anon_vmas
 * @facts: what the page is
 * @whole: the whole folio was asked for
 * @tree: the anon_vmas are those of a whole tree: each once, and its depth known
 * @refs: who holds references to the folio; not for RMS_SWAPPED
 * @raced: the counts moved while we looked
 * @differs: how many times in a row the map count stood still, and the walk found another
 * @differs_by: so many more than that, each time
 * @mapcount_differs: it did each time that we tried
 * @unreached: mappings that the kernel's walk did not come to
 * @reached: if there are any, theirs are among the records from this one on
 * @nr_maps: valid records in @walk.maps
 * @nr_avs: valid records in @walk.avs
 * @owners: @nr_owners distinct mms
 * @nr_owners: number of them
 * @tasks: @nr_tasks processes, those of one owner together, the owning one first
 * @nr_tasks: number of them
 * @names: @nr_names texts for VMAs; entries 0 to 2 are constant
 * @nr_names: number of them
 * @counts: @nr_counts stretches, if @whole and the folio is large; at first one for each
 *	page
 * @nr_counts: number of them
 */
struct rms_look {
	struct rms_walk walk;
	struct rms_facts facts;
	bool whole;
	bool tree;
	struct rms_refs refs;
	bool raced;
	u32 differs;
	int differs_by;
	bool mapcount_differs;
	u32 unreached;
	u32 reached;
	u32 nr_maps;
	u32 nr_avs;
	struct rms_owner *owners;
	u32 nr_owners;
	struct rms_task *tasks;
	u32 nr_tasks;
	const char **names;
	u32 nr_names;
	struct rms_count *counts;
	u32 nr_counts;
};

/* Whether there are VMAs or anon_vmas that the report has no record of. */
static inline bool rms_look_truncated(const struct rms_look *look)
{
	const struct rms_walk *w = &look->walk;

	return w->cut || w->nr_maps > look->nr_maps || w->nr_avs > w->max_avs;
}

struct rms_look *rms_look_at(const struct rms_target *t, struct pid_namespace *ns);
void rms_look_free(struct rms_look *look);
u32 rms_max_vmas(void);
u32 rms_max_avs(void);
void rms_drop_refs(struct rms_walk *w, u32 from);
int rms_walk_grow(struct rms_walk *w, u32 maps, u32 avs);
u32 rms_want(u32 seen, u32 limit);
int rms_drop_repeats(struct rms_look *look);
u32 *rms_order_by_place(const struct rms_look *look);
int rms_find_strays(struct rms_look *look, int missing);
bool rms_seen_twice(const struct rms_look *look);
void rms_sum_counts(struct rms_look *look);
int rms_resolve(struct rms_look *look, struct pid_namespace *ns);
void rms_resolve_free(struct rms_look *look);

/**
 * struct rms_report_ops - what one of our files reports
 * @targeted: a target is written to it first
 * @look: take a snapshot: of where the target leads to (NULL if not @targeted), as seen
 *	from a pid namespace; an ERR_PTR() is the errno of the write(2) or read(2).
 *	May sleep; no lock of mm held
 * @free: free a snapshot, or NULL
 * @nr_lines: of the snapshot as text
 * @show: print one of these lines, from 0, with its newline. The lock of the file is
 *	held; nothing of mm
 */
struct rms_report_ops {
	bool targeted;
	void *(*look)(const struct rms_target *t, struct pid_namespace *ns);
	void (*free)(void *report);
	unsigned long (*nr_lines)(const void *report);
	void (*show)(struct seq_file *m, const void *report, unsigned long line);
};

extern const struct rms_report_ops rms_page_ops;
extern const struct rms_report_ops rms_stats_ops;
extern const struct rms_report_ops rms_top_ops;
extern const struct rms_report_ops rms_tree_ops;
extern const struct file_operations rms_info_fops;

int rms_debugfs_init(void);
void rms_debugfs_exit(void);

#endif /* _RMAPSCOPE_H */
