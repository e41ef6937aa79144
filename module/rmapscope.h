/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The records that one look passes along, and who fills them:
 *
 *   target.c   struct rms_target    what was asked for, and the page it leads to
 *   walk.c     struct rms_map, _av  plain records, gathered under the rmap locks
 *   look.c     struct rms_look      all of it: one snapshot, with no lock held
 *   resolve.c  struct rms_owner ... processes and names for the records
 *   format.c                        text
 */
#ifndef _RMAPSCOPE_H
#define _RMAPSCOPE_H

#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/types.h>

struct anon_vma;

/**
 * struct rms_target - what the user asked for
 * @pid: the process, referenced; NULL if the target is a frame
 * @va: address in that process
 * @pfn: the frame, if @pid is NULL
 *
 * @pid is the process that was meant when the target was written: a number that
 * has gone to another process since doesn't lead there.
 */
struct rms_target {
	struct pid *pid;
	unsigned long va;
	unsigned long pfn;
};

int rms_target_parse(char *text, struct pid_namespace *ns, struct rms_target *t);
void rms_target_get(struct rms_target *dst, const struct rms_target *src);
void rms_target_put(struct rms_target *t);

/**
 * struct rms_page - the page that a target leads to
 * @page: the page; its folio is referenced
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
 */
struct rms_entry {
	unsigned long val;
	enum rms_level level;
};

bool rms_entry_read(struct vm_area_struct *vma, unsigned long addr,
		    struct rms_entry *entry, struct page **page);

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
unsigned long rms_entry_pfn(const struct rms_entry *entry, unsigned long addr);

/**
 * struct rms_map - one VMA that the kernel's walk visited
 * @mm: mmgrab()ed until the look is over; then an identity only
 * @file: the mapped file, referenced as long as @mm; mostly NULL
 * @anon_vma: the VMA's own anon_vma, as an identity only
 * @va: where the page is, or would be, in @mm
 * @vm_start: the VMA, as all of vm_*
 * @vm_end: exclusive
 * @vm_pgoff: in pages
 * @vm_flags: may be a moment old: nothing we hold keeps it still
 * @entry: the page-table entry at @va
 * @mapped: the entry maps the page
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
	struct rms_entry entry;
	bool mapped;
	u32 owner;
	u32 av_id;
	u32 name;
};

#define RMS_NO_ID	U32_MAX

/**
 * struct rms_av - one anon_vma, as it was under the lock of its root
 * @self: identity only, never dereferenced
 * @num_children: as the kernel counts: a root counts itself
 * @num_active_vmas: VMAs whose own anon_vma this is
 * @refcount: without ours
 */
struct rms_av {
	struct anon_vma *self;
	unsigned long num_children;
	unsigned long num_active_vmas;
	int refcount;
};

/**
 * struct rms_walk - the buffers and the outcome of one rmap_walk()
 * @pfn: the page to look for
 * @mm: the mm in which it must be found, or NULL
 * @va: the address at which it must be found in @mm
 * @maps: @max_maps records
 * @max_maps: room
 * @count_all: find out about VMAs beyond @max_maps, too: there won't be a larger buffer
 * @visited: VMAs the kernel showed us, also those that found no room
 * @mapped: how many of these map the page
 * @held: records whose mm and file are still referenced
 * @avs: the page's anon_vma, then its ancestors up to the root; @max_avs records
 * @max_avs: room
 * @nr_avs: how many there are, also if more than @max_avs
 * @found: the page was found at @va in @mm
 * @killed: a fatal signal ended the walk early
 * @ns: the whole rmap_walk(), in nanoseconds
 * @locked_at: when the rmap lock was ours, in nanoseconds since boot
 * @lock_ns: from then to the end of the walk
 */
struct rms_walk {
	unsigned long pfn;
	struct mm_struct *mm;
	unsigned long va;
	struct rms_map *maps;
	u32 max_maps;
	bool count_all;
	u32 visited;
	u32 mapped;
	u32 held;
	struct rms_av *avs;
	u32 max_avs;
	u32 nr_avs;
	bool found;
	bool killed;
	u64 ns;
	u64 locked_at;
	u64 lock_ns;
};

void rms_walk(struct folio *folio, struct rms_walk *w);

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
 * struct rms_look - one look at one page: a snapshot that holds nothing of the world
 * @walk: visited VMAs and anon_vmas
 * @folio_pfn: first page of its folio
 * @pgoff: its offset in the anon_vma tree or file, in pages
 * @flags: of the folio, as before we locked it
 * @nid: NUMA node
 * @order: of the folio
 * @mapcount: by the kernel's own count
 * @refcount: without our own reference
 * @exclusive: PageAnonExclusive(): whoever maps it may write to it without a copy
 * @raced: the counts moved while we looked
 * @zone: name
 * @memcg: path of the memory cgroup, or NULL
 * @nr_maps: valid records in @walk.maps
 * @nr_avs: valid records in @walk.avs
 * @owners: @nr_owners distinct mms
 * @nr_owners: number of them
 * @tasks: @nr_tasks processes, those of one owner together, the owning one first
 * @nr_tasks: number of them
 * @names: @nr_names texts for VMAs; entries 0 to 2 are constant
 * @nr_names: number of them
 */
struct rms_look {
	struct rms_walk walk;
	unsigned long folio_pfn;
	unsigned long pgoff;
	unsigned long flags;
	int nid;
	unsigned int order;
	int mapcount;
	int refcount;
	bool exclusive;
	bool raced;
	const char *zone;
	char *memcg;
	u32 nr_maps;
	u32 nr_avs;
	struct rms_owner *owners;
	u32 nr_owners;
	struct rms_task *tasks;
	u32 nr_tasks;
	const char **names;
	u32 nr_names;
};

struct rms_look *rms_look_at(const struct rms_target *t, struct pid_namespace *ns);
void rms_look_free(struct rms_look *look);
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
extern const struct file_operations rms_info_fops;

int rms_debugfs_init(void);
void rms_debugfs_exit(void);

#endif /* _RMAPSCOPE_H */
