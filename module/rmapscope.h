/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is passed on from a target to the facts of its page. walk.h has the records of a walk, and
 * snapshot.h the snapshot that all of it becomes.
 */
#ifndef _RMAPSCOPE_H
#define _RMAPSCOPE_H

#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <linux/types.h>

#include "uapi/rmapscope.h"

struct anon_vma;
struct dev_pagemap;

/* Stands for a missing number in a report. */
#define RMS_NO_ID	U32_MAX

/**
 * struct rms_target - what the user asked for
 * @pid: the process, referenced; NULL if the target is a frame
 * @mm: the mm to use in place of that of @pid, kept by the caller; mostly NULL
 * @va: address in that process
 * @pfn: the frame, if @pid and @mm are NULL
 * @folio: report on the whole folio, not on the one page
 *
 * @pid is the process that had the number when the target was written. If another process gets
 * the number later, the target doesn't lead to that.
 */
struct rms_target {
	struct pid *pid;
	struct mm_struct *mm;
	unsigned long va;
	unsigned long pfn;
	bool folio;
};

int rms_target_parse(char *text, size_t length, struct pid_namespace *ns, struct rms_target *t);
void rms_target_get(struct rms_target *dst, const struct rms_target *src);
void rms_target_put(struct rms_target *t);

/**
 * struct rms_page - the page that a target leads to
 * @page: the page; its folio is referenced. NULL if it is swapped out
 * @pgmap: referenced, to keep the struct page of a device's memory; or NULL
 * @mm: the target's mm, mmgrab()ed; NULL if the target is a frame
 * @va: page-aligned address in @mm
 * @borrowed: the entry at @va is device-exclusive, and such entries don't count as mappings here
 */
struct rms_page {
	struct page *page;
	struct dev_pagemap *pgmap;
	struct mm_struct *mm;
	unsigned long va;
	bool borrowed;
};

int rms_frame_get(struct page *page);
struct mm_struct *rms_target_mm(const struct rms_target *t);
int rms_page_get(const struct rms_target *t, struct rms_page *p);
void rms_page_put(struct rms_page *p);
int rms_folio_check(struct folio *folio);
int rms_folio_lock(struct folio *folio);

#define RMS_NO_INO	U64_MAX

/**
 * struct rms_facts - a page's own counts and flags
 * @kind: what it is
 * @pfn: the requested page. This and the following are not set for RMS_KIND_SWAP
 * @folio_pfn: first page of its folio
 * @order: of the folio
 * @pgoff: the page's offset in the anon_vma tree or file, in pages; also for RMS_KIND_SWAP
 * @mapcount: the kernel's map count of the page, or of the whole folio if that was requested
 * @refcount: of the folio, without our own reference
 * @flags: of the folio, read before PG_locked was set
 * @nid: NUMA node
 * @zone: name
 * @memcg: path of the memory cgroup, or NULL
 * @dev: device of the file, if the page is in the page cache of one
 * @ino: inode of the file; RMS_NO_INO if the file is the device @dev itself
 * @file: the file's path within its file system, or NULL
 * @swap: type and offset of the slot, for RMS_KIND_SWAP
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
	dev_t dev;
	u64 ino;
	char *file;
	swp_entry_t swap;
	int swap_count;
};

enum rms_kind rms_folio_kind(struct folio *folio);
bool rms_kind_is_anon(enum rms_kind kind);

static inline bool rms_kind_is_hugetlb(enum rms_kind kind)
{
	return kind == RMS_KIND_HUGETLB_ANON || kind == RMS_KIND_HUGETLB_FILE;
}

void rms_facts_count(struct page *page, bool whole, struct rms_facts *facts);
void rms_facts_read(struct page *page, bool whole, struct rms_facts *facts);
bool rms_in_pagecache(struct folio *folio);
void rms_inode_id(const struct inode *inode, dev_t *dev, u64 *ino);
void rms_name_inode(struct inode *inode, char *buf);
void rms_facts_find_file(struct folio *folio, struct rms_facts *facts, char *path);
int rms_facts_name(struct folio *folio, struct rms_facts *facts, char *path);
void rms_facts_set_swap(struct rms_facts *facts, unsigned long pgoff, swp_entry_t swap, int count);
void rms_facts_free(struct rms_facts *facts);

/**
 * struct rms_entry - one page-table entry, read once
 * @val: its raw value; 0 if there is nothing
 * @level: where in the page tables the walk ended
 * @slot: the address of a huge entry, as an identity: processes can share a table of hugetlb
 */
struct rms_entry {
	unsigned long val;
	enum rms_level level;
	const void *slot;
};

/**
 * struct rms_hold - the references that keep an entry's page, for a caller without an rmap lock
 * @page: a page with a reverse map, its folio referenced; or NULL
 * @pgmap: as in struct rms_page
 * @frozen: the reference count is frozen at 0 while the folio is being split or moved
 * @swap_count: for a swap entry, the number of entries with the same slot
 */
struct rms_hold {
	struct page *page;
	struct dev_pagemap *pgmap;
	bool frozen;
	int swap_count;
};

void rms_hold_put(struct rms_hold *hold);
bool rms_entry_read(struct vm_area_struct *vma, unsigned long addr,
		    struct rms_entry *entry, struct rms_hold *hold);
unsigned int rms_entries_read(struct vm_area_struct *vma, unsigned long addr,
			      unsigned long end, unsigned long *vals, struct rms_entry *entry);

/* What a page-table entry holds. */
enum rms_content {
	RMS_NONE,		/* nothing, or a marker that stands for no page */
	RMS_PRESENT,
	RMS_SWAP,
	RMS_MIGRATION,		/* the page is being migrated */
	RMS_DEVICE_PRIVATE,	/* memory of a device */
	RMS_DEVICE_EXCLUSIVE,	/* ordinary memory that a device uses exclusively at the moment */
	RMS_HWPOISON,		/* a page with broken memory was here */
	RMS_OTHER,
};

/**
 * struct rms_table - a page table, or the entry in its place
 * @entry: what is there instead of a table of PTEs; read from @pte otherwise
 * @pte: the PTE of the address, the first of @nr in a row, its table locked; NULL if there is none
 * @ptl: its lock, if @pte is set
 * @end: the address behind what the table or entry translates
 */
struct rms_table {
	struct rms_entry entry;
	pte_t *pte;
	spinlock_t *ptl; /* of the table */
	unsigned long end;
};

void rms_table_open(struct vm_area_struct *vma, unsigned long addr, struct rms_table *table,
		    struct rms_hold *hold);
void rms_table_close(struct rms_table *table);

enum rms_content rms_entry_content(const struct rms_entry *entry);
unsigned long rms_entry_marker(const struct rms_entry *entry);
bool rms_entry_is_swapin_error(const struct rms_entry *entry);
swp_entry_t rms_entry_swap(const struct rms_entry *entry);
unsigned long rms_entry_pfn(const struct rms_entry *entry, unsigned long addr);

#endif /* _RMAPSCOPE_H */
