// SPDX-License-Identifier: GPL-2.0
/*
 * "rmapscope page" and "rmapscope scan" give the same answers with each --method.
 */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "exercise.h"
#include "frame_flags.h"
#include "oracle.h"
#include "test.h"

static const char * const methods[] = { "--method=rmap", "--method=scan", "--method=index" };

#define NR_METHODS	ARRAY_SIZE(methods)
/* Of a scenario; the others are like them. */
#define MAX_PAGES	3

FIXTURE(cli_method)
{
	struct exercise exercise;
	struct command run;
};

FIXTURE_VARIANT(cli_method)
{
	const char *scenario;
	const char *args[2];
};

#define SCENARIO(id, text, ...)						\
	FIXTURE_VARIANT_ADD(cli_method, id)				\
	{								\
		.scenario = text, ##__VA_ARGS__				\
	}

SCENARIO(fork, "fork");
SCENARIO(cow_child, "cow-child");
SCENARIO(deep, "deep");
SCENARIO(split, "split");
SCENARIO(mremap, "mremap");
SCENARIO(threads, "threads");
SCENARIO(clone_vm, "clone-vm");
SCENARIO(shared_anon, "shared-anon");
SCENARIO(memfd, "memfd");
SCENARIO(tmpfs, "tmpfs");
SCENARIO(file_shared, "file-shared");
SCENARIO(file_private_cow, "file-private-cow");
SCENARIO(prefork, "prefork");
SCENARIO(pipeline, "pipeline");
SCENARIO(zygote, "zygote");
SCENARIO(snapshot, "snapshot");
SCENARIO(ksm, "ksm");
SCENARIO(thp, "thp");
SCENARIO(thp_partial, "thp-partial");
SCENARIO(shmem_thp, "shmem-thp");
SCENARIO(hugetlb, "hugetlb");
SCENARIO(hugetlb_shared, "hugetlb-shared");
SCENARIO(swap, "swap");
SCENARIO(swap_out, "swap-out");
SCENARIO(zero, "zero");
SCENARIO(zero_huge, "zero-huge");

FIXTURE_SETUP(cli_method)
{
	int ret;

	NEEDS_MODULE();
	ret = exercise_start(&self->exercise, variant->scenario, variant->args[0],
			     variant->args[1], NULL);
	if (ret == EXERCISE_UNSUPPORTED)
		SKIP(return, "%s", why);
	ASSERT_OK(ret);
}

FIXTURE_TEARDOWN(cli_method)
{
	command_free(&self->run);
	if (self->exercise.pid)
		EXPECT_OK(exercise_stop(&self->exercise));
}

/* A place with the page, or with its swap entry. */
static const struct mapping *place_of(const struct exercise_page *page)
{
	size_t i;

	if (page->mapped.nr)
		return &page->mapped.v[0];
	for (i = 0; i < page->nr_absent; i++)
		if (!strcmp(page->absent[i].state, "swapped"))
			return &page->absent[i].place;
	return NULL;
}

/* Add a mapping for each process of a list with commas. */
static int add_pids(struct mappings *set, char *pids, uint64_t va)
{
	char *save, *pid = strtok_r(pids, ",", &save);

	for (; pid; pid = strtok_r(NULL, ",", &save))
		if (mappings_add(set, atoi(pid), va))
			return -1;
	return 0;
}

/* Rows of STATE, TGIDS and VA. */
static int read_maps(const char *rows, const char *wanted, struct mappings *set)
{
	char *text = strdup(rows), *save, *line;
	int ret = text ? 0 : -1;

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line && !ret;
	     line = strtok_r(NULL, "\n", &save)) {
		char state[16], pids[4096];
		uint64_t va;

		if (sscanf(line, "%15s %4095s %" SCNx64, state, pids, &va) != 3)
			ret = complain("no row: %s", line);
		else if (!strcmp(state, wanted))
			ret = add_pids(set, pids, va);
	}
	free(text);
	mappings_sort(set);
	return ret;
}

/* Run the tool with a page, one method after the other, and compare the mappings with @expected. */
#define COMPARE_PAGE(expected, state, ...)				\
	do {								\
		size_t which;						\
									\
		for (which = 0; which < NR_METHODS; which++) {		\
			struct mappings found = { };			\
									\
			RUN_WELL("page", __VA_ARGS__, methods[which], "-n", "-r", "-o", \
				 "STATE,TGIDS,VA");			\
			EXPECT_OK(read_maps(self->run.out, state, &found)); \
			EXPECT_OK(mappings_compare(&found, methods[which], expected, \
						   "the scenario"));	\
			mappings_free(&found);				\
		}							\
	} while (0)

TEST_F(cli_method, page_has_the_same_mappings)
{
	size_t i;

	for (i = 0; i < self->exercise.nr_pages && i < MAX_PAGES; i++) {
		const struct exercise_page *page = &self->exercise.pages[i];
		const struct mapping *place = place_of(page);
		struct mappings swapped = { };
		char pid[16], va[24], pfn[24];
		uint64_t entry;

		if (page->refused || !place)
			continue;
		snprintf(pid, sizeof(pid), "%d", place->pid);
		snprintf(va, sizeof(va), "%#" PRIx64, place->va);
		ASSERT_OK(oracle_entry(place->pid, place->va, &entry));
		if (entry & PM_PRESENT) {
			snprintf(pfn, sizeof(pfn), "%#" PRIx64, (uint64_t)PM_PFN(entry));
			COMPARE_PAGE(&page->sharers, "mapped", "-p", pid, "-a", va);
			COMPARE_PAGE(&page->sharers, "mapped", "--pfn", pfn);
		} else {
			ASSERT_OK(oracle_swapped(entry, &swapped));
			EXPECT_NE(0, swapped.nr);
			COMPARE_PAGE(&swapped, "swapped", "-p", pid, "-a", va);
			mappings_free(&swapped);
		}
	}
}

/* Of pages whose frames have no reverse map, no method has a report. */
TEST_F(cli_method, page_is_refused_in_the_same_way)
{
	char pid[16], va[24], first[512];
	size_t i, which;

	for (i = 0; i < self->exercise.nr_pages && i < MAX_PAGES; i++) {
		const struct exercise_page *page = &self->exercise.pages[i];

		if (!page->refused || !page->mapped.nr)
			continue;
		snprintf(pid, sizeof(pid), "%d", page->mapped.v[0].pid);
		snprintf(va, sizeof(va), "%#" PRIx64, page->mapped.v[0].va);
		for (which = 0; which < NR_METHODS; which++) {
			RUN_BADLY(1, "page", "-p", pid, "-a", va, methods[which]);
			if (!which)
				snprintf(first, sizeof(first), "%s", self->run.err);
			EXPECT_STREQ(first, self->run.err);
		}
	}
}

static const char *member(struct json_object *doc, const char *record, const char *key)
{
	struct json_object *of = NULL, *value = NULL;

	json_object_object_get_ex(doc, record, &of);
	json_object_object_get_ex(of, key, &value);
	return value ? json_object_get_string(value) : "-";
}

/* What a report says about the page, without what page tables and flags don't tell. */
static int describe(const char *report, char *text, size_t size)
{
	static const char * const keys[] = {
		"pfn", "paddr", "kind", "swap_type", "swap_offset", "folio_pfn", "folio_order",
		"index_in_folio", "mapcount",
	};
	struct json_object *doc = json_tokener_parse(report);
	size_t i, len = 0;

	if (!doc)
		return complain("no JSON: %s", report);
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		len += snprintf(text + len, size - len, "%s=%s ", keys[i],
				member(doc, "page", keys[i]));
	snprintf(text + len, size - len, "mapped=%s pte_maps=%s", member(doc, "walk", "mapped"),
		 member(doc, "page", "swap_type")[0] == '-' ? member(doc, "walk", "pte_maps") :
							      "-");
	json_object_put(doc);
	return 0;
}

/*
 * Where KPF_KSM means nothing, no method but rmap can tell the kind of anonymous pages while there
 * are KSM pages. Make such a text like @first.
 */
static void allow_unknown_kind(char *text, size_t size, const char *first)
{
	char *kind = strstr(text, "kind=- "), rest[1024];
	const char *word = strstr(first, "kind=");
	int len = word ? strcspn(word, " ") : 0;

	if (!kind || !word || (strncmp(word, "kind=anon ", 10) && strncmp(word, "kind=ksm ", 9)))
		return;
	snprintf(rest, sizeof(rest), "%s", kind + 6);
	snprintf(kind, size - (kind - text), "%.*s%s", len, word, rest);
}

static bool kind_may_be_unknown(void)
{
	uint64_t pfn, flags = 0;

	return !oracle_pfn(getpid(), (uintptr_t)&flags, &pfn) && !oracle_kpageflags(pfn, &flags) &&
	       flags & KPF_BIT(KSM);
}

TEST_F(cli_method, page_is_described_in_the_same_way)
{
	char first[1024], text[1024], pid[16], va[24];
	size_t i, which;

	for (i = 0; i < self->exercise.nr_pages && i < MAX_PAGES; i++) {
		const struct exercise_page *page = &self->exercise.pages[i];
		const struct mapping *place = place_of(page);

		if (page->refused || !place)
			continue;
		snprintf(pid, sizeof(pid), "%d", place->pid);
		snprintf(va, sizeof(va), "%#" PRIx64, place->va);
		for (which = 0; which < NR_METHODS; which++) {
			RUN_WELL("page", "-p", pid, "-a", va, "-J", methods[which]);
			ASSERT_OK(describe(self->run.out, which ? text : first, sizeof(text)));
			if (!which)
				continue;
			if (kind_may_be_unknown())
				allow_unknown_kind(text, sizeof(text), first);
			EXPECT_STREQ(first, text);
		}
	}
}

/* Rows about many pages are about each of them: print a line for each, and the columns as PFN+i. */
static int expand(const char *rows, FILE *to)
{
	char *text = strdup(rows), *save, *line;
	int ret = text ? 0 : -1;

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line && !ret;
	     line = strtok_r(NULL, "\n", &save)) {
		char at[32], pfn[32], slot[64], rest[8192];
		unsigned long pages, i;

		/* PAGES AT PFN SLOT and the rest */
		if (sscanf(line, "%lu %31s %31s %63s %8191[^\n]", &pages, at, pfn, slot, rest) != 5)
			ret = complain("no row: %s", line);
		for (i = 0; i < pages && !ret; i++) {
			unsigned long offset = strtoul(strchr(slot, ':') ? strchr(slot, ':') + 1 :
						       "0", NULL, 0);

			fprintf(to, "%#lx %#lx %#lx %s\n",
				strtoul(at, NULL, 0) + i * (strlen(at) > 1 ? getpagesize() : 0),
				*pfn == '-' ? 0 : strtoul(pfn, NULL, 0) + i,
				*slot == '-' ? 0 : offset + i, rest);
		}
	}
	free(text);
	return ret;
}

/*
 * Run scan with each method and compare what it says about each page. The columns come in an order
 * that expand() knows.
 */
#define COMPARE_SCAN(columns, ...)					\
	do {								\
		char *first = NULL, *pages;				\
		size_t which, len;					\
									\
		for (which = 0; which < NR_METHODS; which++) {		\
			FILE *file = open_memstream(&pages, &len);	\
									\
			ASSERT_NE(NULL, file);				\
			RUN_WELL("scan", __VA_ARGS__, "--pages", methods[which], "-n", "-r", \
				 "-o", "PAGES,VA,PFN,SLOT," columns);	\
			EXPECT_OK(expand(self->run.out, file));		\
			fclose(file);					\
			EXPECT_NE(0, len);				\
			if (!which) {					\
				first = pages;				\
				continue;				\
			}						\
			EXPECT_STREQ(first, pages) TH_LOG("%s", methods[which]); \
			free(pages);					\
		}							\
		free(first);						\
	} while (0)

/* The VMA of a place, for scan. */
static int bounds_of(const struct mapping *place, char *text, size_t size)
{
	struct oracle_vma vma;

	if (oracle_vma(place->pid, place->va, &vma))
		return -1;
	snprintf(text, size, "%" PRIx64 "-%" PRIx64, vma.start, vma.end);
	return 0;
}

TEST_F(cli_method, scan_of_addresses_has_the_same_pages)
{
	char pid[16], bounds[64];
	size_t i;

	for (i = 0; i < self->exercise.nr_pages && i < MAX_PAGES; i++) {
		const struct exercise_page *page = &self->exercise.pages[i];
		const struct mapping *place = place_of(page);

		if (page->refused || !place)
			continue;
		snprintf(pid, sizeof(pid), "%d", place->pid);
		ASSERT_OK(bounds_of(place, bounds, sizeof(bounds)));
		if (kind_may_be_unknown())
			COMPARE_SCAN("ORDER,MAPS,MMS,PIDS", "-p", pid, bounds);
		else
			COMPARE_SCAN("KIND,ORDER,MAPS,MMS,PIDS", "-p", pid, bounds);
		/* Without PIDS and MMS, MAPS is the kernel's count. */
		COMPARE_SCAN("ORDER,MAPS", "-p", pid, bounds);
	}
}

TEST_F(cli_method, scan_of_frames_has_the_same_pages)
{
	char pfn[32];
	size_t i;

	for (i = 0; i < self->exercise.nr_pages && i < MAX_PAGES; i++) {
		const struct exercise_page *page = &self->exercise.pages[i];
		uint64_t frame;

		if (page->refused || !page->mapped.nr)
			continue;
		ASSERT_OK(oracle_pfn(page->mapped.v[0].pid, page->mapped.v[0].va, &frame));
		snprintf(pfn, sizeof(pfn), "%#" PRIx64, frame);
		if (kind_may_be_unknown())
			COMPARE_SCAN("ORDER,MAPS,MMS,PIDS", "--pfn", pfn);
		else
			COMPARE_SCAN("KIND,ORDER,MAPS,MMS,PIDS", "--pfn", pfn);
	}
}

/* What a row for a VMA has without a level, references and visits. */
#define SUMS	\
	"START,END,SIZE,RSS,EXCL,SHARED,FILE,SHMEM,HUGETLB,LARGE,SWAP,MAPPINGS,MAXMAPS,PERMS,NAME"

TEST_F(cli_method, scan_has_the_same_sums)
{
	char pid[16], bounds[64];
	size_t i, which;

	for (i = 0; i < self->exercise.nr_pages && i < MAX_PAGES; i++) {
		const struct exercise_page *page = &self->exercise.pages[i];
		const struct mapping *place = place_of(page);
		char *first = NULL;

		if (!place)
			continue;
		snprintf(pid, sizeof(pid), "%d", place->pid);
		ASSERT_OK(bounds_of(place, bounds, sizeof(bounds)));
		for (which = 0; which < NR_METHODS; which++) {
			RUN_WELL("scan", "-p", pid, bounds, methods[which], "-b", "-r", "-o",
				 SUMS);
			if (!which)
				first = strdup(self->run.out);
			EXPECT_STREQ(first, self->run.out) TH_LOG("%s", methods[which]);
		}
		free(first);
	}
}

TEST_HARNESS_MAIN
