// SPDX-License-Identifier: GPL-2.0
#include "tally.h"

static void add_kind(struct tally *t, enum rms_kind kind, unsigned long long count)
{
	static const enum tally_item items[RMS_NR_KINDS] = {
		[RMS_KIND_ANON] = TALLY_ANON,
		[RMS_KIND_KSM] = TALLY_KSM,
		[RMS_KIND_FILE] = TALLY_FILE,
		[RMS_KIND_SHMEM] = TALLY_SHMEM,
		[RMS_KIND_HUGETLB_ANON] = TALLY_HUGETLB,
		[RMS_KIND_HUGETLB_FILE] = TALLY_HUGETLB,
	};

	if (kind < RMS_NR_KINDS && items[kind])
		t->item[items[kind]] += count;
}

static void raise_to(unsigned long long *item, unsigned long long value)
{
	if (*item < value)
		*item = value;
}

static void add_walk(struct tally *t, const struct rms_rec_page *page, unsigned long long count)
{
	if (!(page->fields & RMS_PAGE_WALKED))
		return;
	t->walked += count;
	t->visited += page->visited * count;
	t->walked_maps += page->maps * count;
	raise_to(&t->item[TALLY_MAX_VISITED], page->visited);
}

static void add_level(struct tally *t, const struct rms_rec_page *page, unsigned long long count)
{
	if (page->order)
		t->item[TALLY_LARGE] += count;
	if (!(page->fields & RMS_PAGE_LEVEL))
		return;
	t->leveled += count;
	if (page->level != RMS_PTE)
		t->item[TALLY_HUGE] += count;
	else if (page->order)
		t->item[TALLY_PTE_HUGE] += count;
}

/**
 * tally_add() - count some pages
 * @t: zeroed before the first pages
 * @page: their record
 * @count: how many of its pages
 */
void tally_add(struct tally *t, const struct rms_rec_page *page, unsigned long long count)
{
	if (page->kind == RMS_KIND_SWAP) {
		t->item[TALLY_SWAP] += count;
		return;
	}
	t->item[TALLY_RSS] += count;
	if (page->maps)
		t->item[page->maps == 1 ? TALLY_EXCLUSIVE : TALLY_SHARED] += count;
	t->item[TALLY_MAPPINGS] += page->maps * count;
	raise_to(&t->item[TALLY_MAX_MAPS], page->maps);
	add_kind(t, page->kind, count);
	add_level(t, page, count);
	add_walk(t, page, count);
	if (page->fields & RMS_PAGE_REFS) {
		t->counted += count;
		if (page->extra_refs > 0)
			t->item[TALLY_EXTRA] += count;
	}
	if (page->fields & RMS_PAGE_JUDGED) {
		t->judged += count;
		if (page->verdicts[RMS_OP_MIGRATE] != RMS_WHY_NOTHING)
			t->item[TALLY_STUCK] += count;
	}
}

/**
 * tally_get() - look up a sum
 * @t: the sums
 * @item: which one
 *
 * Return: its value, in pages if it is a sum; TALLY_UNKNOWN if the records of some pages lack it,
 * or if there is no page to have a largest value.
 */
unsigned long long tally_get(const struct tally *t, enum tally_item item)
{
	unsigned long long pages = t->item[TALLY_RSS], known = pages;

	switch (item) {
	case TALLY_HUGE:
	case TALLY_PTE_HUGE:
		known = t->leveled;
		break;
	case TALLY_EXTRA:
		known = t->counted;
		break;
	case TALLY_STUCK:
		known = t->judged;
		break;
	case TALLY_MAX_MAPS:
		known = pages ?: TALLY_UNKNOWN;
		break;
	case TALLY_MAX_VISITED:
		known = t->walked ?: TALLY_UNKNOWN;
		break;
	case TALLY_HUNDREDTHS:
		if (!t->walked_maps || t->walked != pages)
			return TALLY_UNKNOWN;
		return (t->visited * 100 + t->walked_maps / 2) / t->walked_maps;
	default:
		break;
	}
	return known == pages ? t->item[item] : TALLY_UNKNOWN;
}
