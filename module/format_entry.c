// SPDX-License-Identifier: GPL-2.0
/*
 * A page-table entry as text: what it is to the page that was asked about, and its bits.
 */
#include <linux/mm.h>
#include <linux/seq_file.h>

#include "compat.h"
#include "format.h"
#include "text.h"
#include "walk.h"

static void rms_show_pte_bits(struct seq_file *m, pte_t pte)
{
	rms_puts(m, "present");
	if (pte_write(pte))
		rms_puts(m, "|write");
	if (pte_flags(pte) & _PAGE_USER)
		rms_puts(m, "|user");
	if (pte_young(pte))
		rms_puts(m, "|accessed");
	if (pte_dirty(pte))
		rms_puts(m, "|dirty");
	if (pte_soft_dirty(pte))
		rms_puts(m, "|soft_dirty");
	if (pte_uffd(pte))
		rms_puts(m, "|uffd_wp");
	if (pte_special(pte))
		rms_puts(m, "|special");
	/* Not pte_protnone(): that is always false without NUMA balancing, as with PREEMPT_RT. */
	if ((pte_flags(pte) & (_PAGE_PROTNONE | _PAGE_PRESENT)) == _PAGE_PROTNONE)
		rms_puts(m, "|protnone");
}

/* The zero page is mapped by special PTEs only. */
static void rms_show_zero(struct seq_file *m, const struct rms_entry *entry)
{
	pte_t pte = __pte(entry->val);

	if (entry->level != RMS_PTE || !pte_special(pte) || !is_zero_pfn(pte_pfn(pte)))
		return;
	if (rms_pte_is_ksm_zero(pte))
		rms_puts(m, "|ksm_zero");
	else
		rms_puts(m, "|zero");
}

/* An entry that holds no page: nothing, or a marker that says why. */
static void rms_show_none(struct seq_file *m, const struct rms_entry *entry)
{
	unsigned long marker;

	if (!entry->val) {
		seq_putc(m, '-');
		return;
	}
	rms_puts(m, "marker");
	marker = rms_entry_marker(entry);
	if (marker & PTE_MARKER_UFFD_WP)
		rms_puts(m, "|uffd_wp");
	if (marker & PTE_MARKER_POISONED)
		rms_puts(m, "|poison");
	if (marker & PTE_MARKER_GUARD)
		rms_puts(m, "|guard");
}

/**
 * rms_show_bits - the value of "bits=": an entry by the names of its bits
 * @m: where to
 * @map: has the entry
 *
 * A PMD has the bits of a PTE at the same places; only its PAT bit moves, which isn't shown.
 *
 * Context: any.
 */
void rms_show_bits(struct seq_file *m, const struct rms_map *map)
{
	switch (rms_entry_content(&map->entry)) {
	case RMS_PRESENT:
		rms_show_pte_bits(m, __pte(map->entry.val));
		rms_show_zero(m, &map->entry);
		break;
	case RMS_SWAP:
		rms_puts(m, "swap");
		break;
	case RMS_MIGRATION:
		rms_puts(m, "migration");
		break;
	case RMS_DEVICE_PRIVATE:
		rms_puts(m, "device|private");
		break;
	case RMS_DEVICE_EXCLUSIVE:
		rms_puts(m, "device|exclusive");
		break;
	case RMS_HWPOISON:
		rms_puts(m, "hwpoison");
		break;
	case RMS_OTHER:
		if (rms_entry_is_swapin_error(&map->entry))
			rms_puts(m, "poison");
		else
			rms_puts(m, "other");
		break;
	case RMS_NONE:
		rms_show_none(m, &map->entry);
		break;
	}
	if (map->exclusive)
		rms_puts(m, "|anon_exclusive");
}

/**
 * rms_state_of - what a VMA has in the place of the page
 * @map: the record of the VMA
 *
 * An entry of another page counts as that page, also while that page migrates.
 *
 * Context: any.
 * Return: the value of "state=".
 */
enum rms_state rms_state_of(const struct rms_map *map)
{
	if (map->mapped)
		return RMS_STATE_MAPPED;
	if (map->borrowed)
		return RMS_STATE_DEVICE;
	switch (rms_entry_content(&map->entry)) {
	case RMS_PRESENT:
	case RMS_MIGRATION:
	case RMS_DEVICE_PRIVATE:
	case RMS_DEVICE_EXCLUSIVE:
		return RMS_STATE_COWED;
	case RMS_SWAP:
		return RMS_STATE_SWAPPED;
	default:
		return RMS_STATE_NONE;
	}
}
