/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The stream of "scan" and "scan_raw": a range of addresses or frames is looked at in runs, each at
 * most as long as a page table.
 *
 *	scan_va.c, scan_pfn.c	collect the pages of the next run, with the facts of scan_facts.[ch]
 *	scan_sort.c		puts frames into the order of their offsets
 *	scan_walk.c		finds what maps them: one pass over a tree for all of its pages,
 *	scan_match.c		and one look into the page tables of each VMA
 *	scan_page.c		asks the report on a page for what a run can't answer
 *	scan_mms.c, scan_files.c	name the mms and files
 *	scan_keep.c		filters the pages
 *	scan_records.c		makes records, scan_pages.c those of pages
 *	scan_text.c		prints records as text
 *	scan.c			gives them to the reader
 */
#ifndef _RMAPSCOPE_SCAN_H
#define _RMAPSCOPE_SCAN_H

#include <linux/bitmap.h>
#include <linux/list.h>

#include "page_report.h"

/* The most pages of a run. */
#define RMS_RUN_PAGES	PTRS_PER_PTE

/* In rms_run.order: no page of the run has this index. */
#define RMS_NO_PLACE	U16_MAX

/* How many subsections of memory a stream remembers to be online. */
#define RMS_ONLINE_KNOWN	64

/**
 * struct rms_verdicts - on one page of a run
 * @why: enum rms_why, by enum rms_op
 */
struct rms_verdicts {
	u8 why[RMS_NR_OPS];
};

/**
 * struct rms_range - what to look at, as the user wrote it
 * @pid: the process, referenced; NULL for frames
 * @start: the first address or frame
 * @end: the address or frame behind the last one
 * @bounded: @start and @end were given
 * @options: RMS_OPTION_*
 * @kinds: bits of enum rms_kind, for RMS_OPTION_KINDS
 * @min_maps: for RMS_OPTION_MIN_MAPS
 */
struct rms_range {
	struct pid *pid;
	unsigned long start;
	unsigned long end;
	bool bounded;
	u32 options;
	unsigned long kinds;
	u32 min_maps;
};

/* Whether it is asked what a walk finds. */
static inline bool rms_range_shows(const struct rms_range *range)
{
	return range->options & (RMS_OPTION_MAPS | RMS_OPTION_VISITED);
}

/* Whether verdicts are needed. */
static inline bool rms_range_judges(const struct rms_range *range)
{
	return range->options & (RMS_OPTION_VERDICTS | RMS_OPTION_STUCK);
}

/* Whether the pages are to be walked from. Verdicts depend on the entries. */
static inline bool rms_range_walks(const struct rms_range *range)
{
	return rms_range_shows(range) || rms_range_judges(range);
}

int rms_range_parse(char *text, size_t length, struct pid_namespace *ns, struct rms_range *range);
void rms_range_get(struct rms_range *dst, const struct rms_range *src);
void rms_range_put(struct rms_range *range);

/**
 * struct rms_scan_pages - pages of a run in a row with everything in common but their frames
 * @pgoff: of the first, in @tree
 * @tree: the anon_vma or file that they are walked from, as an identity unless its lock is held;
 *	NULL if they aren't
 * @folio: a large folio, referenced for these pages; NULL if it isn't
 * @file: the mapping of their file, as an identity; or NULL
 * @file_nr: the number of the file; 0 if they have none
 * @place: of the first page in the arrays of the run
 * @count: pages
 * @exclusive: PageAnonExclusive() of each
 * @referenced: each page is a small folio, and referenced
 * @alone: the report on the page has to be asked; there is one page, or one huge entry
 * @plain: the verdict on each follows from what they have in common, and from their entries
 * @grouped: they have been walked from
 * @dropped: they are left out
 * @maps: as in struct rms_rec_page, as are all of the following
 * @extra_refs: -
 * @kind: -
 * @order: -
 * @level: -
 * @swap_type: -
 * @fields: -
 */
struct rms_scan_pages {
	unsigned long pgoff;
	const void *tree;
	struct folio *folio;
	const struct address_space *file;
	u32 file_nr;
	u16 place;
	u16 count;
	bool exclusive;
	bool referenced;
	bool alone;
	bool plain;
	bool grouped;
	bool dropped;
	u32 maps;
	s32 extra_refs;
	u8 kind;
	u8 order;
	u8 level;
	u8 swap_type;
	u8 fields;
};

/**
 * struct rms_found - what a walk counts at a page of a run
 * @entries: that map it, or hold its swap slot
 * @visited: VMAs
 *
 * Both are the difference to the page before in the same struct rms_scan_pages. So it costs the
 * same to count one page or many.
 */
struct rms_found {
	s32 entries;
	s32 visited;
};

/**
 * struct rms_scan_map - pages of a run that one VMA maps in a row, with the same bits
 * @va: address of the first
 * @vma: index into struct rms_run.vmas
 * @bits: bits of enum rms_bit
 * @first: place of the first page
 * @count: pages
 * @level: enum rms_level
 */
struct rms_scan_map {
	unsigned long va;
	u32 vma;
	u32 bits;
	u16 first;
	u16 count;
	u8 level;
};

/**
 * struct rms_scan_vma - a VMA that maps pages of a run
 * @mm: mmgrab()ed until the run is named
 * @mm_nr: its number in the stream
 * @first: index of its first entry in struct rms_run.maps; the others follow
 */
struct rms_scan_vma {
	struct mm_struct *mm;
	u32 mm_nr;
	u32 first;
};

/**
 * struct rms_run - what was looked at together
 *
 * Each page has an index, which is counted from @start, and a place in the arrays of the run. These
 * are the same unless rms_scan_sort() has put frames into another order.
 *
 * @start: the first address or frame
 * @end: where the next run begins
 * @count: pages from @start on; 0 if there is nothing to report
 * @pages: @nr_pages of them, in the order of their places; room for RMS_RUN_PAGES
 * @last: the page that was read last can be followed by others in the last of @pages
 * @single: don't put several pages into one of @pages, as each has to be asked for
 * @by_tree: those of one tree are neighbours in @pages, by their offsets
 * @sorted: places differ from indices
 * @frames: by place: the physical address of the frame, which is also that part of an entry that
 *	maps it; for RMS_KIND_SWAP the slot, in the same bits
 * @spare_pages: for rms_scan_sort(); NULL in a range of addresses
 * @spare_frames: the same
 * @expected: by place: what rms_count_same() compares entries with; from @expect_from to before
 *	@expect_to it has the frames with @expect_flags
 * @expect_from: -
 * @expect_to: -
 * @expect_flags: -
 * @found: by place
 * @further: by place: entries of mms that have others which map the page, all but one of each mm
 * @has_further: there are such entries
 * @verdicts: by place
 * @gone: by place: it had gone when its verdict was asked for
 * @kept: by place: it passes the filters, unless @all_kept
 * @all_kept: no page is left out
 * @order: indices into @pages of those in one tree, by their offset; room for RMS_RUN_PAGES. Later
 *	on, for a sorted run: what rms_scan_count_records() counts; and then, by index: the place,
 *	or RMS_NO_PLACE
 * @owner: in the same case: by place: index into @pages
 * @maps: room for @max_maps
 * @vmas: room for @max_maps
 * @next: by index into @vmas: another one of the same mm, plus 1, or 0; room for @max_maps
 * @hash: the last one of each mm, plus 1, or 0; room for rms_hash_bits(@max_maps)
 * @nr_pages: -
 * @nr_maps: valid
 * @seen_maps: also those that didn't fit
 * @nr_vmas: valid
 * @max_maps: -
 * @left: entries to be read until the walk lets others have the lock, if they wait
 * @visited: VMAs
 * @moving: pages that were being migrated or freed
 * @raced: pages that were asked for one by one, whose mappings differed from the map count
 * @unmapped: pages without a reverse map, by enum rms_unmapped
 * @held: keeps the page of a huge entry
 * @killed: a fatal signal ended the walk
 * @split: others wait for the lock: look at fewer pages at once
 * @locked: pages could not be walked from together, as their folios are locked
 * @cut: the limit of visits ended the walk
 */
struct rms_run {
	unsigned long start;
	unsigned long end;
	u32 count;
	struct rms_scan_pages *pages;
	bool last;
	bool single;
	bool by_tree;
	bool sorted;
	u64 *frames;
	struct rms_scan_pages *spare_pages;
	u64 *spare_frames;
	u64 *expected;
	u32 expect_from;
	u32 expect_to;
	unsigned long expect_flags;
	struct rms_found *found;
	u32 *further;
	bool has_further;
	struct rms_verdicts *verdicts;
	DECLARE_BITMAP(gone, RMS_RUN_PAGES);
	DECLARE_BITMAP(kept, RMS_RUN_PAGES);
	bool all_kept;
	u16 *order;
	u16 *owner;
	struct rms_scan_map *maps;
	struct rms_scan_vma *vmas;
	u32 *next;
	u32 *hash;
	u32 nr_pages;
	u32 nr_maps;
	u32 seen_maps;
	u32 nr_vmas;
	u32 max_maps;
	long left;
	u64 visited;
	u32 moving;
	u32 raced;
	u64 unmapped[RMS_NR_UNMAPPED];
	struct rms_hold held;
	bool killed;
	bool split;
	bool locked;
	bool cut;
};

/**
 * struct rms_page_words - what the facts of a page were read from
 * @folio: the large folio that it is of, or NULL
 * @mapping: of its folio
 * @flags: all flags
 * @cgroup: of a small folio
 * @mapcount: of a small folio
 * @refs: of a small folio
 * @extra_refs: of the large folio, whose counts are read once for all its pages in a row
 */
struct rms_page_words {
	const struct folio *folio;
	const void *mapping;
	unsigned long flags;
	unsigned long cgroup;
	int mapcount;
	int refs;
	s32 extra_refs;
};

struct rms_scan_files;
struct rms_scan_mms;

/**
 * struct rms_scan - a stream
 * @range: what is looked at
 * @ns: the reader's pid namespace
 * @mm: of the process, mmgrab()ed; NULL for frames
 * @at: where the next run begins
 * @limit: the most pages of the next run
 * @run: the run that is being looked at
 * @online: subsections that are online, by their lowest bits
 * @words: of the page that was read last in this run
 * @report: for pages that are looked at one by one; NULL until the first
 * @mms: the mms of the stream
 * @files: the files of the stream
 * @end: totals, and at last the record
 * @began: time of the first run, in nanoseconds; 0 before
 * @done: the record "end" was made
 * @out: records that the reader has not got yet: from @out_at to @out_len; room for @out_size bytes
 * @out_size: -
 * @out_len: -
 * @out_at: -
 */
struct rms_scan {
	struct rms_range range;
	struct pid_namespace *ns;
	struct mm_struct *mm;
	unsigned long at;
	u32 limit;
	struct rms_run run;
	unsigned long online[RMS_ONLINE_KNOWN];
	struct rms_page_words words;
	struct rms_page_report *report;
	struct rms_scan_mms *mms;
	struct rms_scan_files *files;
	struct rms_rec_end end;
	u64 began;
	bool done;
	u8 *out;
	size_t out_size;
	size_t out_len;
	size_t out_at;
};

/* A page of a run, whose folio is referenced, or kept by the lock of a page table. */
static inline struct page *rms_nth_page(const struct rms_run *run, const struct rms_scan_pages *p,
					u32 i)
{
	return pfn_to_page(PHYS_PFN(run->frames[p->place + i]));
}

/* The size of a hash table that stays half empty. */
static inline u32 rms_hash_bits(u32 elements)
{
	return ilog2(elements | 1) + 2;
}

/* The index of the page at a place of a range of frames. */
static inline u32 rms_frame_index(const struct rms_run *run, u32 place)
{
	return PHYS_PFN(run->frames[place]) - run->start;
}

/* A sorted run uses all places up to this one, exclusive. */
static inline u32 rms_sorted_places(const struct rms_run *run)
{
	const struct rms_scan_pages *last = &run->pages[run->nr_pages - 1];

	return run->nr_pages ? last->place + last->count : 0;
}

/* Adds to what was found at the pages @from to @to, exclusive. */
static inline void rms_found_add(struct rms_run *run, const struct rms_scan_pages *p, u32 from,
				 u32 to, u32 entries, u32 visited)
{
	struct rms_found *found = run->found + p->place;

	found[from].entries += entries;
	found[from].visited += visited;
	if (to == p->count)
		return;
	found[to].entries -= entries;
	found[to].visited -= visited;
}

/* scan_run.c */
int rms_scan_begin(struct rms_scan *s, const struct rms_range *range, struct pid_namespace *ns);
int rms_scan_next(struct rms_scan *s);
void rms_scan_finish(struct rms_scan *s);
int rms_run_grow(struct rms_run *run, u32 maps);

/* scan_facts.c */
struct rms_scan_pages *rms_scan_add(struct rms_run *run, u32 index);
void rms_scan_remove_last(struct rms_run *run);
int rms_scan_read_page(struct rms_scan *s, struct page *page, int self, struct rms_scan_pages *p);
bool rms_scan_wants(const struct rms_range *range, const struct rms_scan_pages *p, u32 maps);
u32 rms_scan_bits(const struct rms_entry *entry, bool exclusive);

/* scan_va.c, scan_pfn.c */
int rms_scan_check_addresses(struct rms_scan *s);
int rms_scan_addresses(struct rms_scan *s);
int rms_scan_frames(struct rms_scan *s);
int rms_scan_check_frames(const struct rms_range *range);
unsigned long rms_scan_end_of_frames(void);

/* scan_sort.c */
void rms_scan_sort(struct rms_scan *s);
u32 rms_scan_count_records(const struct rms_scan *s);

/* scan_walk.c */
void rms_scan_clear_found(struct rms_run *run);
u32 rms_scan_group(struct rms_run *run, u32 first);
void rms_scan_walk_anon(struct rms_scan *s, struct anon_vma *anon_vma, u32 nr);
void rms_scan_walk_file(struct rms_scan *s, struct address_space *mapping, u32 nr);

/* scan_page.c */
int rms_scan_alone(struct rms_scan *s);

/* scan_mms.c */
int rms_scan_mms_init(struct rms_scan *s);
void rms_scan_mms_free(struct rms_scan *s);
int rms_scan_name_mms(struct rms_scan *s);
void rms_scan_count_mms(struct rms_run *run);
const struct rms_rec_mm *rms_scan_mm(const struct rms_scan *s, u32 nr);

/* scan_files.c */
int rms_scan_files_init(struct rms_scan *s);
void rms_scan_files_free(struct rms_scan *s);
int rms_scan_name_inode(struct rms_scan *s, struct inode *inode, u32 *nr);
int rms_scan_name_folio(struct rms_scan *s, struct folio *folio, struct rms_scan_pages *p);
int rms_scan_name_facts(struct rms_scan *s, const struct rms_facts *facts, u32 *nr);

/* scan_keep.c */
u32 rms_scan_keep(struct rms_scan *s);

/* scan_pages.c */
int rms_scan_put_pages(struct rms_scan *s);

/* scan_records.c */
int rms_scan_reserve(struct rms_scan *s, size_t size);
void *rms_scan_put(struct rms_scan *s, u16 type, size_t size);
int rms_scan_put_head(struct rms_scan *s);
int rms_scan_put_run(struct rms_scan *s);
int rms_scan_put_end(struct rms_scan *s);

/* scan_text.c */
struct seq_file;
void rms_scan_show(struct seq_file *m, const struct rms_scan *s, const struct rms_rec *rec);

#endif /* _RMAPSCOPE_SCAN_H */
