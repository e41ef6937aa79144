// SPDX-License-Identifier: GPL-2.0
/*
 * Describes what is at an address that the module has no report on. The entry comes from
 * /proc/PID/pagemap and its VMA from /proc/PID/smaps; frame.c describes the frame.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "frame.h"
#include "page_cache.h"
#include "pagemaps.h"
#include "process_list.h"
#include "vma.h"

#define LAST_TYPE		31

/* The bits of a marker. */
#define MARKER_UFFD_WP		1
#define MARKER_POISON		2
#define MARKER_GUARD		4
#define MARKER_ALL		7

#define MAP_FILE	"/proc/%llu/map_files/%llx-%llx"

#define GUARD_WORDS	"a guard page (MADV_GUARD_INSTALL): an access raises SIGSEGV"
#define HIDDEN_POISON_WORDS	", or poisoned by userfaultfd (pagemap hides that for hugetlb)"
#define POISON_WORDS	\
	"poisoned by userfaultfd, or not readable from swap: an access raises SIGBUS"
#define UFFD_WP_WORDS	\
	"only a marker of write protection (userfaultfd): never touched, or dropped again"
#define ZERO_WORDS	"the zero page (only read so far); it has no reverse map"
#define KSM_ZERO_WORDS	\
	"the zero page (only read so far, or ksmd put it there: use_zero_pages); "	\
	"it has no reverse map"
#define DAX_WORDS	"DAX: memory of the device of its file; it has no reverse map"
#define HWPOISON_WORDS	"broken, and an access raises SIGBUS"

/**
 * entry_read() - read the entry of pagemap at an address
 * @t: the address
 * @entry: gets the entry
 *
 * Return: true if it could be read.
 */
bool entry_read(const struct target *t, unsigned long long *entry)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%llu/task/%d/pagemap", t->pid,
		 process_thread(t->pid) ?: (int)t->pid);
	return frame_read(path, t->addr / sysconf(_SC_PAGESIZE), entry) == sizeof(*entry);
}

static bool find_vma(const struct target *t, struct vma *vma)
{
	char process[24];

	snprintf(process, sizeof(process), "%llu", t->pid);
	return vma_find(process, t->addr, vma);
}

/* Describe a marker. Return: NULL if the entry is not a marker. */
static const char *marker_words(unsigned long long entry)
{
	unsigned long long offset = SWAP_OFFSET(entry);

	if (entry & PAGEMAP_GUARD)
		return GUARD_WORDS;
	if (!(entry & PAGEMAP_SWAP))
		return entry & PAGEMAP_UFFD_WP && !(entry & PAGEMAP_PRESENT) ? UFFD_WP_WORDS : NULL;
	/* 6.1 has only this marker, and its type is not the last one there. */
	if (offset == MARKER_UFFD_WP && entry & PAGEMAP_UFFD_WP &&
	    SWAP_TYPE(entry) >= FIRST_SPECIAL_TYPE)
		return UFFD_WP_WORDS;
	if (SWAP_TYPE(entry) != LAST_TYPE)
		return NULL;
	if (offset & ~MARKER_ALL)
		return POISON_WORDS;	/* 6.1: the offset is the frame of the failed read */
	if (offset & MARKER_GUARD)
		return GUARD_WORDS;
	return offset & MARKER_POISON ? POISON_WORDS : UFFD_WP_WORDS;
}

/**
 * entry_is_empty() - test if an entry has neither a page nor anything that leads to one
 * @entry: the entry, as pagemap has it
 *
 * Return: true if it hasn't: it is empty or a marker.
 */
bool entry_is_empty(unsigned long long entry)
{
	return !(entry & (PAGEMAP_PRESENT | PAGEMAP_SWAP)) || marker_words(entry);
}

/**
 * entry_describe_empty() - describe an address without a page
 * @t: the address
 * @f: gets the description
 */
void entry_describe_empty(const struct target *t, struct finding *f)
{
	unsigned long long entry = 0;
	const char *words = entry_read(t, &entry) ? marker_words(entry) : NULL;
	struct vma vma;

	if (words) {
		finding_set(f, "%s", words);
		return;
	}
	finding_set(f, "never touched, or dropped again");
	if (!find_vma(t, &vma))
		return;
	if (vma.file) {
		finding_set(f, "not mapped here%s; its file may have the page: --file " MAP_FILE
			    " --offset 0x%llx", vma_has(&vma, "ht") ? HIDDEN_POISON_WORDS : "",
			    t->pid, vma.start, vma.end, vma.offset + (t->addr - vma.start));
	} else if (vma_has(&vma, "um")) {
		finding_set(f, "never touched, or dropped again; userfaultfd handles the fault");
	} else if (!strncmp(vma.perms, "---", 3)) {
		finding_set(f, "reserved only (PROT_NONE): never touched, or dropped again");
	}
}

static bool is_dax(const struct target *t, const struct vma *vma)
{
	char path[96];

	snprintf(path, sizeof(path), MAP_FILE, t->pid, vma->start, vma->end);
	return vma->file && page_cache_is_dax(AT_FDCWD, path);
}

static bool number_in(const char *path, const char *format, long long *num)
{
	FILE *file = fopen(path, "re");
	bool found = false;
	char line[128];

	while (file && !found && fgets(line, sizeof(line), file))
		found = sscanf(line, format, num) == 1;
	if (file)
		fclose(file);
	return found;
}

/*
 * May ksmd have put the zero page there? pagemap does not tell. New kernels count such pages in
 * each process. On other kernels it is possible if ksmd has run.
 */
static bool maybe_ksm_zero(const struct target *t)
{
	long long n;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%llu/ksm_stat", t->pid);
	if (number_in(path, "ksm_zero_pages %lld", &n))
		return n > 0;
	return (number_in("/sys/kernel/mm/ksm/use_zero_pages", "%lld", &n) && n) ||
	       (number_in("/sys/kernel/mm/ksm/full_scans", "%lld", &n) && n);
}

static bool describe_present(const struct target *t, unsigned long long pfn, struct finding *f)
{
	struct vma vma;

	if (!pfn || !frame_describe(pfn, f))
		return false;
	if (!strncmp(f->text, "the zero page", 13) && !maybe_ksm_zero(t))
		finding_set(f, ZERO_WORDS);
	else if (!strncmp(f->text, "the zero page", 13))
		finding_set(f, KSM_ZERO_WORDS);
	else if (strncmp(f->text, "hwpoison", 8) && find_vma(t, &vma) && is_dax(t, &vma))
		finding_set(f, DAX_WORDS);
	return true;
}

static void describe_swap(unsigned long long entry, struct finding *f)
{
	unsigned long long pfn = SWAP_OFFSET(entry), flags;
	unsigned int type = SWAP_TYPE(entry);
	const char *words = marker_words(entry);
	char name[128];

	if (words) {
		finding_set(f, "%s", words);
	} else if (type < FIRST_SPECIAL_TYPE) {
		finding_set(f, "it has been swapped out; try again");
		f->if_still = "swapped out";
	} else if (frame_flags(pfn, &flags) && frame_is_poisoned(pfn, flags)) {
		finding_set(f, "hwpoison: its memory (pfn 0x%llx) is " HWPOISON_WORDS, pfn);
	} else if (frame_resource(pfn, name, sizeof(name)) && strcmp(name, "System RAM")) {
		finding_set(f, "in the memory of a device (%s, pfn 0x%llx)", name, pfn);
	} else {
		finding_set(f, "it is being migrated; try again");
		f->if_still = "the entry is that of a device, or its memory is broken (hwpoison)";
	}
}

/**
 * entry_pfn() - find the frame at an address
 * @t: the address
 * @pfn: gets the frame
 *
 * Return: true if there is one.
 */
bool entry_pfn(const struct target *t, unsigned long long *pfn)
{
	unsigned long long entry;

	if (!entry_read(t, &entry) || !(entry & PAGEMAP_PRESENT))
		return false;
	*pfn = entry & PAGEMAP_PFN;
	return *pfn;
}

/**
 * entry_describe() - describe what is at an address that the module refused
 * @t: the address
 * @f: gets the description
 *
 * Return: true if there is one.
 */
bool entry_describe(const struct target *t, struct finding *f)
{
	unsigned long long entry;
	struct vma vma;

	if (!entry_read(t, &entry))
		return false;
	if (entry & PAGEMAP_PRESENT)
		return describe_present(t, entry & PAGEMAP_PFN, f);
	if (entry & PAGEMAP_SWAP) {
		describe_swap(entry, f);
		return true;
	}
	/*
	 * For hugetlb, pagemap shows present entries only. The module waits for migrations, so the
	 * entry is a broken page.
	 */
	if (!find_vma(t, &vma) || !vma_has(&vma, "ht"))
		return false;
	finding_set(f, "hwpoison: the memory of this hugetlb page is " HWPOISON_WORDS);
	return true;
}
