// SPDX-License-Identifier: GPL-2.0
/*
 * What frames are, by /proc/kpageflags and /proc/kpagecount.
 *
 * The flags don't tell everything that the module knows. A page that was cut off from its file
 * looks like one of a file, and a free frame in the list of a CPU like one of the kernel. A hugetlb
 * page that no process maps can be unused or one of a file; it is taken to be unused.
 */
#include <fcntl.h>
#include <linux/kernel-page-flags.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"
#include "frame_kind.h"

#define WORDS		(sizeof(((struct frame_words *)NULL)->word) / sizeof(unsigned long long))

/* More than any machine has. */
#define MAX_FRAMES	(1ULL << 52)

static bool has(unsigned long long flags, unsigned int bit)
{
	return flags >> bit & 1;
}

/* Get the word of a frame. Return: false if there is none. */
static bool word_of(struct frame_words *w, unsigned long long pfn, unsigned long long *word)
{
	ssize_t n;

	if (pfn - w->start >= w->nr) {
		w->start = pfn - pfn % WORDS;
		n = pread(w->fd, w->word, sizeof(w->word), w->start * sizeof(*word));
		w->nr = n > 0 ? n / sizeof(*word) : 0;
	}
	if (pfn - w->start >= w->nr)
		return false;
	*word = w->word[pfn - w->start];
	return true;
}

/*
 * Around Linux 6.12, the flag of KSM pages is set for all anonymous pages, so also for a page that
 * was just written.
 */
static void check_ksm(struct frame_files *f)
{
	volatile unsigned long long entry = 0;
	unsigned long long pfn, flags, shared = 1;
	struct target here = { .pid = getpid(), .addr = (unsigned long)&entry };
	FILE *file;

	f->ksm_wrong = entry_pfn(&here, &pfn) && word_of(&f->flags, pfn, &flags) &&
		       has(flags, KPF_KSM);
	file = f->ksm_wrong ? fopen("/sys/kernel/mm/ksm/pages_shared", "re") : NULL;
	if (file && fscanf(file, "%llu", &shared) != 1)
		shared = 1;
	if (file)
		fclose(file);
	f->ksm_hidden = f->ksm_wrong && shared;
}

/**
 * frame_files_open() - open the two files
 * @f: filled; frame_files_close() must follow
 *
 * Return: true if both can be read.
 */
bool frame_files_open(struct frame_files *f)
{
	*f = (struct frame_files){
		.flags.fd = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC),
		.counts.fd = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC),
	};
	check_ksm(f);
	return f->flags.fd >= 0 && f->counts.fd >= 0;
}

/**
 * frame_files_close() - close them
 * @f: the files
 */
void frame_files_close(struct frame_files *f)
{
	if (f->flags.fd >= 0)
		close(f->flags.fd);
	if (f->counts.fd >= 0)
		close(f->counts.fd);
}

/**
 * frame_exists() - test if there is memory at a frame number
 * @f: the files
 * @pfn: the number
 *
 * Return: true if there is; also if it is offline.
 */
bool frame_exists(struct frame_files *f, unsigned long long pfn)
{
	unsigned long long flags;

	return pfn < MAX_FRAMES && word_of(&f->flags, pfn, &flags) &&
	       (!has(flags, KPF_NOPAGE) || frame_is_offline(pfn));
}

/**
 * frame_last() - find the end of memory
 * @f: the files
 *
 * Return: the frame behind the last.
 */
unsigned long long frame_last(struct frame_files *f)
{
	unsigned long long low = 0, high = MAX_FRAMES, word;

	while (low < high) {
		unsigned long long middle = low + (high - low) / 2;

		if (word_of(&f->flags, middle, &word))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Find the folio of a frame. Old kernels have most flags only in its first frame. */
static unsigned long long find_folio(struct frame_files *f, unsigned long long pfn,
				     struct frame_kind *kind)
{
	unsigned long long flags = kind->flags;

	if (pfn < f->head || pfn >= f->end) {
		f->head = pfn;
		while (has(flags, KPF_COMPOUND_TAIL) && f->head &&
		       word_of(&f->flags, f->head - 1, &flags))
			f->head--;
		f->head_flags = flags;
		f->end = pfn + 1;
		while (word_of(&f->flags, f->end, &flags) && has(flags, KPF_COMPOUND_TAIL))
			f->end++;
	}
	kind->head = f->head;
	while (2ULL << kind->order <= f->end - f->head)
		kind->order++;
	return f->head_flags;
}

static enum rms_unmapped why_unmapped(unsigned long long own, unsigned long long flags)
{
	if (has(own, KPF_NOPAGE))
		return RMS_UNMAPPED_HOLE;
	if (has(own, KPF_ZERO_PAGE))
		return RMS_UNMAPPED_ZERO;
	if (has(own, KPF_BUDDY))
		return RMS_UNMAPPED_FREE;
	if (has(flags, KPF_SLAB))
		return RMS_UNMAPPED_SLAB;
	if (has(own, KPF_PGTABLE) || has(own, KPF_OFFLINE))
		return RMS_UNMAPPED_TYPED;
	if (has(own, KPF_RESERVED))
		return RMS_UNMAPPED_RESERVED;
	return has(flags, KPF_HUGE) ? RMS_UNMAPPED_FREE : RMS_UNMAPPED_KERNEL;
}

/* KSM pages are small. */
static unsigned int anon_kind(const struct frame_files *f, unsigned long long flags)
{
	if (f->ksm_hidden && !has(flags, KPF_COMPOUND_HEAD))
		return RMS_NR_KINDS;
	return has(flags, KPF_KSM) && !f->ksm_wrong ? RMS_KIND_KSM : RMS_KIND_ANON;
}

/* Return: false if the page has no reverse map. */
static bool find_kind(struct frame_files *f, unsigned long long pfn, unsigned long long flags,
		      unsigned int *kind)
{
	bool anon = has(flags, KPF_ANON);
	unsigned long long maps = 0;

	if (has(flags, KPF_HUGE)) {
		*kind = anon ? RMS_KIND_HUGETLB_ANON : RMS_KIND_HUGETLB_FILE;
		return anon || (frame_mapcount(f, pfn, &maps) && maps);
	}
	if (anon)
		*kind = anon_kind(f, flags);
	else if (has(flags, KPF_SWAPBACKED))
		*kind = RMS_KIND_SHMEM;
	else
		*kind = RMS_KIND_FILE;
	/* On its way to or from swap, shared memory has left its file. */
	if (*kind == RMS_KIND_SHMEM)
		return !has(flags, KPF_SWAPCACHE);
	/* A page that waits in the batch of a CPU is not on a list yet. */
	return anon || has(flags, KPF_LRU) || has(flags, KPF_UPTODATE);
}

/**
 * frame_classify() - find out what a frame is
 * @f: the files
 * @pfn: the frame
 * @kind: filled
 */
void frame_classify(struct frame_files *f, unsigned long long pfn, struct frame_kind *kind)
{
	unsigned long long flags;

	*kind = (struct frame_kind){ .head = pfn };
	if (pfn >= MAX_FRAMES || !word_of(&f->flags, pfn, &kind->flags))
		kind->flags = 1ULL << KPF_NOPAGE;
	flags = kind->flags;
	if (has(flags, KPF_COMPOUND_HEAD) || has(flags, KPF_COMPOUND_TAIL))
		flags = find_folio(f, pfn, kind);
	kind->unmapped = why_unmapped(kind->flags, flags);
	kind->has_rmap = kind->unmapped == RMS_UNMAPPED_KERNEL ||
			 (kind->unmapped == RMS_UNMAPPED_FREE && has(flags, KPF_HUGE));
	if (kind->has_rmap)
		kind->has_rmap = find_kind(f, pfn, flags, &kind->kind);
}

/**
 * frame_mapcount() - read how many entries map a page, by the kernel's count
 * @f: the files
 * @pfn: the frame
 * @count: gets the count
 *
 * Return: true if there is one.
 */
bool frame_mapcount(struct frame_files *f, unsigned long long pfn, unsigned long long *count)
{
	return word_of(&f->counts, pfn, count);
}
