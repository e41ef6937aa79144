// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "sharing_sums.h"

/**
 * sharing_channel() - tell through what pages of a kind are shared
 * @kind: the kind
 *
 * Return: the channel.
 */
enum channel sharing_channel(enum rms_kind kind)
{
	switch (kind) {
	case RMS_KIND_ANON:
		return CHANNEL_FORK;
	case RMS_KIND_KSM:
		return CHANNEL_KSM;
	case RMS_KIND_SHMEM:
		return CHANNEL_SHMEM;
	case RMS_KIND_HUGETLB_ANON:
	case RMS_KIND_HUGETLB_FILE:
		return CHANNEL_HUGETLB;
	case RMS_KIND_SWAP:
		return CHANNEL_SWAP;
	default:
		return CHANNEL_CACHE;
	}
}

/**
 * sharing_channel_word() - name a channel
 * @channel: the channel
 *
 * Return: a word.
 */
const char *sharing_channel_word(enum channel channel)
{
	static const char * const words[NR_CHANNELS] = {
		[CHANNEL_FORK] = "fork",
		[CHANNEL_CACHE] = "cache",
		[CHANNEL_SHMEM] = "shmem",
		[CHANNEL_KSM] = "ksm",
		[CHANNEL_HUGETLB] = "hugetlb",
		[CHANNEL_SWAP] = "swap",
	};

	return words[channel];
}

/**
 * sharing_is_resident() - test if pages of a channel are a part of the resident size
 * @channel: the channel
 *
 * Return: false for swap slots, and for hugetlb pages, which the kernel doesn't count either.
 */
bool sharing_is_resident(enum channel channel)
{
	return channel != CHANNEL_SWAP && channel != CHANNEL_HUGETLB;
}

/**
 * sharing_resident() - add up the channels of the resident size
 * @sums: a value for each channel
 *
 * Return: the sum.
 */
unsigned long long sharing_resident(const unsigned long long sums[NR_CHANNELS])
{
	unsigned long long sum = 0;
	enum channel c;

	for (c = 0; c < NR_CHANNELS; c++)
		sum += sharing_is_resident(c) ? sums[c] : 0;
	return sum;
}

/* How many of the members and mappings of a set are of a group. */
struct part_of_set {
	size_t group;
	uint32_t members, times;
};

/* Return: the number of groups that have members in the set. */
static size_t split(const struct sharing_set *set, const size_t *group, struct part_of_set *part,
		    size_t *place)
{
	size_t i, nr = 0;

	for (i = 0; i < set->nr; i++) {
		size_t g = group[set->member[i].mm];

		if (g == SHARING_NONE)
			continue;
		if (place[g] >= nr || part[place[g]].group != g) {
			place[g] = nr;
			part[nr++] = (struct part_of_set){ .group = g };
		}
		part[place[g]].members++;
		part[place[g]].times += set->member[i].times;
	}
	return nr;
}

static void add(struct sharing_sums *sums, const struct sharing_set *set,
		const struct part_of_set *part, unsigned int page_size)
{
	unsigned long long unit = ((unsigned long long)page_size << SHARING_PSS_SHIFT) / set->maps;
	enum rms_kind kind;

	for (kind = 0; kind < RMS_NR_KINDS; kind++) {
		unsigned long long pages = set->pages[kind];
		enum channel c = sharing_channel(kind);

		sums->pages[c] += pages;
		sums->mapped[c] += pages * part->times;
		sums->pss[c] += pages * part->times * unit;
		if (part->members == set->nr) {
			sums->unique_pages[c] += pages;
			sums->unique[c] += pages * part->times;
		}
		if (set->maps == 1)
			sums->single[c] += pages;
	}
}

/**
 * sharing_sum() - add up what groups of address spaces have
 * @s: the sharing, after its last stream
 * @group: the group of each address space, or SHARING_NONE
 * @nr_groups: number of groups
 * @page_size: in bytes
 * @sums: zeroed, for each group; filled
 */
void sharing_sum(const struct sharing *s, const size_t *group, size_t nr_groups,
		 unsigned int page_size, struct sharing_sums *sums)
{
	struct part_of_set *part = sharing_must(calloc(s->nr_mms + 1, sizeof(*part)));
	size_t *place = sharing_must(calloc(nr_groups + 1, sizeof(*place)));
	size_t i, k, nr;

	for (i = 0; i < s->nr_sets; i++) {
		nr = split(s->set[i], group, part, place);
		for (k = 0; k < nr; k++)
			add(&sums[part[k].group], s->set[i], &part[k], page_size);
	}
	free(part);
	free(place);
}

/**
 * sharing_sum_files() - add up what a group has of each file
 * @s: the sharing, after its last stream, which has kept files apart
 * @group: 0 for the address spaces of the group, SHARING_NONE for all others
 * @page_size: in bytes
 * @sums: zeroed, for each of @s->file; filled
 */
void sharing_sum_files(const struct sharing *s, const size_t *group, unsigned int page_size,
		       struct sharing_sums *sums)
{
	struct part_of_set part;
	size_t i, place = 0;

	for (i = 0; i < s->nr_sets; i++)
		if (split(s->set[i], group, &part, &place))
			add(&sums[s->set[i]->file], s->set[i], &part, page_size);
}

/* The number of the set before, plus 1, of a group that has a member in it. */
static void each_group(const struct sharing *s, const size_t *group, size_t *last,
		       struct sharing_index *index, bool fill)
{
	size_t i, k;

	for (i = 0; i < s->nr_sets; i++) {
		const struct sharing_set *set = s->set[i];

		for (k = 0; k < set->nr && set->nr > 1; k++) {
			size_t g = group[set->member[k].mm];

			if (g == SHARING_NONE || last[g] == i + 1)
				continue;
			last[g] = i + 1;
			if (fill)
				index->set[index->first[g]++] = i;
			else
				index->first[g + 1]++;
		}
	}
}

/**
 * sharing_index_make() - find the sets that each group shares
 * @index: filled; sharing_index_free() must follow
 * @s: the sharing, after its last stream
 * @group: the group of each address space
 * @nr_groups: number of groups
 */
void sharing_index_make(struct sharing_index *index, const struct sharing *s, const size_t *group,
			size_t nr_groups)
{
	size_t *last = sharing_must(calloc(nr_groups + 1, sizeof(*last)));
	size_t g;

	index->first = sharing_must(calloc(nr_groups + 2, sizeof(*index->first)));
	each_group(s, group, last, index, false);
	for (g = 0; g < nr_groups; g++)
		index->first[g + 1] += index->first[g];
	index->set = sharing_must(calloc(index->first[nr_groups] + 1, sizeof(*index->set)));
	memset(last, 0, nr_groups * sizeof(*last));
	each_group(s, group, last, index, true);
	/* Each is now where the next one was. */
	memmove(index->first + 1, index->first, nr_groups * sizeof(*index->first));
	index->first[0] = 0;
	free(last);
}

/**
 * sharing_index_free() - free an index
 * @index: the index, or zeroed memory
 */
void sharing_index_free(struct sharing_index *index)
{
	free(index->first);
	free(index->set);
	*index = (struct sharing_index){ };
}

/**
 * sharing_partners() - find out with whom a group shares pages
 * @s: the sharing, after its last stream
 * @index: the sets of each group
 * @group: the group of each address space
 * @nr_groups: number of groups
 * @of: the group
 * @with: zeroed, for each group; gets the pages that are shared with it, each counted once
 */
void sharing_partners(const struct sharing *s, const struct sharing_index *index,
		      const size_t *group, size_t nr_groups, size_t of,
		      struct sharing_with *with)
{
	size_t *last = sharing_must(calloc(nr_groups + 1, sizeof(*last)));
	size_t i, k, stamp = 0;
	enum rms_kind kind;

	for (i = index->first[of]; i < index->first[of + 1]; i++) {
		const struct sharing_set *set = s->set[index->set[i]];

		for (kind = 0; kind < RMS_NR_KINDS; kind++) {
			enum channel c = sharing_channel(kind);

			if (!set->pages[kind])
				continue;
			stamp++;
			for (k = 0; k < set->nr; k++) {
				size_t g = group[set->member[k].mm];

				/* A group may have several members in the set. */
				if (g == SHARING_NONE || g == of || last[g] == stamp)
					continue;
				last[g] = stamp;
				with[g].pages[c] += set->pages[kind];
			}
		}
	}
	free(last);
}
