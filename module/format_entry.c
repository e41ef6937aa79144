// SPDX-License-Identifier: GPL-2.0
/*
 * A page-table entry as text: what it is to the page that was asked about, and its bits.
 */
#include <linux/mm.h>
#include <linux/seq_file.h>

#include "compat.h"
#include "format.h"
#include "walk.h"

static void rms_show_bit(struct seq_file *m, const char **sep, const char *name)
{
	seq_puts(m, *sep);
	seq_puts(m, name);
	*sep = "|";
}

static void rms_show_pte_bits(struct seq_file *m, const char **sep, pte_t pte)
{
	rms_show_bit(m, sep, "present");
	if (pte_write(pte))
		rms_show_bit(m, sep, "write");
	if (pte_flags(pte) & _PAGE_USER)
		rms_show_bit(m, sep, "user");
	if (pte_young(pte))
		rms_show_bit(m, sep, "accessed");
	if (pte_dirty(pte))
		rms_show_bit(m, sep, "dirty");
	if (pte_soft_dirty(pte))
		rms_show_bit(m, sep, "soft_dirty");
	if (pte_uffd(pte))
		rms_show_bit(m, sep, "uffd_wp");
	if (pte_special(pte))
		rms_show_bit(m, sep, "special");
	/* Not pte_protnone(): that is always false without NUMA balancing, as with PREEMPT_RT. */
	if ((pte_flags(pte) & (_PAGE_PROTNONE | _PAGE_PRESENT)) == _PAGE_PROTNONE)
		rms_show_bit(m, sep, "protnone");
}

/* The zero page is mapped by special PTEs only. */
static void rms_show_zero(struct seq_file *m, const char **sep, const struct rms_entry *entry)
{
	pte_t pte = __pte(entry->val);

	if (entry->level != RMS_PTE || !pte_special(pte) || !is_zero_pfn(pte_pfn(pte)))
		return;
	rms_show_bit(m, sep, rms_pte_is_ksm_zero(pte) ? "ksm_zero" : "zero");
}

/* An entry that holds no page: nothing, or a marker that says why. */
static void rms_show_none(struct seq_file *m, const char **sep, const struct rms_entry *entry)
{
	unsigned long marker;

	if (!entry->val) {
		rms_show_bit(m, sep, "-");
		return;
	}
	rms_show_bit(m, sep, "marker");
	marker = rms_entry_marker(entry);
	if (marker & PTE_MARKER_UFFD_WP)
		rms_show_bit(m, sep, "uffd_wp");
	if (marker & PTE_MARKER_POISONED)
		rms_show_bit(m, sep, "poison");
	if (marker & PTE_MARKER_GUARD)
		rms_show_bit(m, sep, "guard");
}

static void rms_show_device(struct seq_file *m, const char **sep, const char *what)
{
	rms_show_bit(m, sep, "device");
	rms_show_bit(m, sep, what);
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
	const char *sep = "";

	switch (rms_entry_content(&map->entry)) {
	case RMS_PRESENT:
		rms_show_pte_bits(m, &sep, __pte(map->entry.val));
		rms_show_zero(m, &sep, &map->entry);
		break;
	case RMS_SWAP:
		rms_show_bit(m, &sep, "swap");
		break;
	case RMS_MIGRATION:
		rms_show_bit(m, &sep, "migration");
		break;
	case RMS_DEVICE_PRIVATE:
		rms_show_device(m, &sep, "private");
		break;
	case RMS_DEVICE_EXCLUSIVE:
		rms_show_device(m, &sep, "exclusive");
		break;
	case RMS_HWPOISON:
		rms_show_bit(m, &sep, "hwpoison");
		break;
	case RMS_OTHER:
		rms_show_bit(m, &sep, rms_entry_is_swapin_error(&map->entry) ? "poison" : "other");
		break;
	case RMS_NONE:
		rms_show_none(m, &sep, &map->entry);
		break;
	}
	if (map->exclusive)
		rms_show_bit(m, &sep, "anon_exclusive");
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
	if (map->lent)
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
