// SPDX-License-Identifier: GPL-2.0
/*
 * What each VMA of a process shares.
 */
#include <stdlib.h>
#include <string.h>

#include "share.h"

/**
 * share_vmas_begin() - begin with the VMAs of a process
 * @s: the report
 * @list: the VMAs
 * @pid: the process
 */
void share_vmas_begin(struct share *s, const struct vma_list *list, int pid)
{
	size_t i;

	s->first_vma = s->nr_vmas;
	s->room_vmas = s->nr_vmas + list->nr;
	s->vma = sharing_must(reallocarray(s->vma, s->room_vmas + 1, sizeof(*s->vma)));
	for (i = 0; i < list->nr; i++) {
		struct share_vma *vma = &s->vma[s->nr_vmas++];

		*vma = (struct share_vma){ .pid = pid, .line = list->vma[i] };
		vma->line.name = sharing_must(strdup(list->vma[i].name));
	}
}

static void add(const struct share *s, struct share_vma *vma, const struct sharing_part *part,
		unsigned long long count)
{
	enum channel c = sharing_channel(part->page->kind);

	if (c == CHANNEL_SWAP) {
		vma->swap += count;
		return;
	}
	if (part->set->nr > vma->most)
		vma->most = part->set->nr;
	if (c == CHANNEL_HUGETLB) {
		vma->hugetlb += count;
		return;
	}
	vma->mapped += count;
	if (part->set->nr == 1)
		vma->unique += count;
	vma->pss += count * (((unsigned long long)s->page_size << SHARING_PSS_SHIFT) /
			     part->set->maps);
}

/**
 * share_vmas_part() - add pages to the VMAs that they are in
 * @s: the report
 * @part: the pages
 */
void share_vmas_part(struct share *s, const struct sharing_part *part)
{
	const struct vma_list *list = &s->scan.vmas;
	unsigned long long va = part->at;
	unsigned long long end = va + (unsigned long long)part->count * s->page_size;

	while (va < end) {
		unsigned long long to = end;
		const struct vma_line *vma = vma_list_part(list, va, &to);

		/* Pages of a VMA that came after the list was read are left out. */
		if (vma)
			add(s, &s->vma[s->first_vma + (vma - list->vma)], part,
			    (to - va) / s->page_size);
		va = to;
	}
}

/**
 * share_vma_rows() - write a row for each VMA that has pages
 * @s: the report
 * @r: the rows
 * @columns: what is wanted of them
 */
void share_vma_rows(const struct share *s, struct rows *r, const struct column_list *columns)
{
	size_t i;

	for (i = 0; i < s->nr_vmas; i++) {
		const struct share_vma *vma = &s->vma[i];

		if (!vma->mapped && !vma->swap && !vma->hugetlb)
			continue;
		rows_record(r, "vma", columns);
		rows_number(r, "pid", vma->pid);
		rows_hex(r, "start", vma->line.start);
		rows_hex(r, "end", vma->line.end);
		rows_size(r, "size", vma->line.end - vma->line.start);
		rows_size(r, "rss", vma->mapped * s->page_size);
		rows_size(r, "unique", vma->unique * s->page_size);
		rows_size(r, "shared", (vma->mapped - vma->unique) * s->page_size);
		rows_size(r, "pss", vma->pss >> SHARING_PSS_SHIFT);
		rows_size(r, "swap", vma->swap * s->page_size);
		rows_size(r, "hugetlb", vma->hugetlb * s->page_size);
		rows_number(r, "processes", vma->most);
		rows_text(r, "perms", vma->line.perms);
		rows_text(r, "name", vma->line.name);
	}
}
