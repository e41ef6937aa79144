// SPDX-License-Identifier: GPL-2.0
/*
 * The table of scenarios.
 */
#include <stdio.h>
#include <string.h>

#include "exercise.h"

extern const struct scenario scenario_exclusive, scenario_fork,
	scenario_cow_child, scenario_cow_parent, scenario_deep, scenario_wide,
	scenario_orphan, scenario_reuse, scenario_split, scenario_merge,
	scenario_mremap, scenario_brk, scenario_stack, scenario_threads,
	scenario_vfork, scenario_clone_vm, scenario_dontfork,
	scenario_wipeonfork, scenario_shared_anon, scenario_memfd,
	scenario_sysv, scenario_tmpfs, scenario_secretmem,
	scenario_file_shared, scenario_file_private,
	scenario_file_private_cow, scenario_exec, scenario_prefork,
	scenario_pipeline, scenario_zygote, scenario_snapshot, scenario_ksm, scenario_thp,
	scenario_thp_partial, scenario_thp_cross, scenario_mthp,
	scenario_mthp_cross, scenario_shmem_thp, scenario_hugetlb,
	scenario_hugetlb_1g, scenario_hugetlb_shared,
	scenario_hugetlb_pmd_share, scenario_swap, scenario_swap_out,
	scenario_madv_free, scenario_mlock, scenario_pinned,
	scenario_pinned_uring, scenario_uffd, scenario_protnone,
	scenario_zero, scenario_zero_huge, scenario_pfnmap;

static const struct scenario * const scenarios[] = {
	&scenario_exclusive,
	&scenario_fork,
	&scenario_cow_child,
	&scenario_cow_parent,
	&scenario_deep,
	&scenario_wide,
	&scenario_orphan,
	&scenario_reuse,
	&scenario_split,
	&scenario_merge,
	&scenario_mremap,
	&scenario_brk,
	&scenario_stack,
	&scenario_threads,
	&scenario_vfork,
	&scenario_clone_vm,
	&scenario_dontfork,
	&scenario_wipeonfork,
	&scenario_shared_anon,
	&scenario_memfd,
	&scenario_sysv,
	&scenario_tmpfs,
	&scenario_secretmem,
	&scenario_file_shared,
	&scenario_file_private,
	&scenario_file_private_cow,
	&scenario_exec,
	&scenario_prefork,
	&scenario_pipeline,
	&scenario_zygote,
	&scenario_snapshot,
	&scenario_ksm,
	&scenario_thp,
	&scenario_thp_partial,
	&scenario_thp_cross,
	&scenario_mthp,
	&scenario_mthp_cross,
	&scenario_shmem_thp,
	&scenario_hugetlb,
	&scenario_hugetlb_1g,
	&scenario_hugetlb_shared,
	&scenario_hugetlb_pmd_share,
	&scenario_swap,
	&scenario_swap_out,
	&scenario_madv_free,
	&scenario_mlock,
	&scenario_pinned,
	&scenario_pinned_uring,
	&scenario_uffd,
	&scenario_protnone,
	&scenario_zero,
	&scenario_zero_huge,
	&scenario_pfnmap,
};

const char * const option_names[NR_OPTIONS] = {
	[OPT_CHILDREN] = "children",
	[OPT_DEPTH] = "depth",
	[OPT_PAGES] = "pages",
	[OPT_WRITERS] = "writers",
	[OPT_MAX_SHARING] = "max-sharing",
};

/**
 * scenario_option_min() - get the least value of an option
 * @id: the option
 *
 * The kernel accepts no max_page_sharing below 2.
 *
 * Return: the value.
 */
unsigned int scenario_option_min(enum option_id id)
{
	switch (id) {
	case OPT_WRITERS:
		return 0;
	case OPT_MAX_SHARING:
		return 2;
	default:
		return 1;
	}
}

/**
 * scenario_find() - find a scenario by its name
 * @name: its name
 *
 * Return: the scenario, or NULL.
 */
const struct scenario *scenario_find(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(scenarios); i++)
		if (!strcmp(scenarios[i]->name, name))
			return scenarios[i];
	return NULL;
}

/**
 * scenario_list() - print each scenario's name and what it does
 */
void scenario_list(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(scenarios); i++)
		printf("%-17s %s\n", scenarios[i]->name, scenarios[i]->explain);
}

/**
 * scenario_list_options() - print the options of each scenario
 */
void scenario_list_options(void)
{
	size_t i;
	int id;

	for (i = 0; i < ARRAY_SIZE(scenarios); i++) {
		printf("  %-17s", scenarios[i]->name);
		for (id = 0; id < NR_OPTIONS; id++) {
			const struct option_range *range = &scenarios[i]->opt[id];

			if (range->max)
				printf(" --%s %u (%u-%u)", option_names[id],
				       range->def, scenario_option_min(id),
				       range->max);
		}
		putchar('\n');
	}
}
