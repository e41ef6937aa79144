// SPDX-License-Identifier: GPL-2.0
/* The file "info": what it lists exists, and what exists is listed. */
#include "page_report.h"
#include "privilege.h"
#include "report.h"
#include "test.h"

FIXTURE(info_line)
{
	struct report report;
};

FIXTURE_SETUP(info_line)
{
	NEEDS_MODULE();
	ASSERT_EQ(0, report_take(&self->report, "info", NULL));
}

FIXTURE_TEARDOWN(info_line)
{
	report_free(&self->report);
}

/* Does a list separated by commas contain a word? */
static bool lists(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; list; list = strchr(list, ','), list += !!list)
		if (!strncmp(list, word, len) && (list[len] == ',' || !list[len]))
			return true;
	return false;
}

static size_t words(const char *list)
{
	size_t nr = 1;

	for (; (list = strchr(list, ',')); list++)
		nr++;
	return nr;
}

TEST_F(info_line, files_match_the_directory)
{
	const struct record *support = report_next(&self->report, "support", NULL);
	struct files files;
	size_t i;

	ASSERT_NE(NULL, support);
	ASSERT_OK(files_list(&files));
	EXPECT_EQ(files.nr - 1, words(record_get(support, "files")));
	for (i = 0; i < files.nr; i++)
		EXPECT_EQ(!files_is_public(files.name[i]),
			  lists(record_get(support, "files"), files.name[i])) {
			TH_LOG("%s", files.name[i]);
		}
}

TEST_F(info_line, targets_and_kinds_match_the_documentation)
{
	static const char * const targets[] = { "pid", "pfn", "phys" };
	static const char * const kinds[] = {
		"anon", "ksm", "file", "shmem", "hugetlb-anon", "hugetlb-file", "swap",
		"orphaned",
	};
	const struct record *support = report_next(&self->report, "support", NULL);
	size_t i;

	ASSERT_NE(NULL, support);
	EXPECT_EQ(1, report_count(&self->report, "support"));
	for (i = 0; i < ARRAY_SIZE(targets); i++)
		EXPECT_TRUE(lists(record_get(support, "targets"), targets[i]));
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		EXPECT_TRUE(lists(record_get(support, "kinds"), kinds[i]));
}

/* The compiler may have appended a suffix to the kernel's name. */
static bool kernel_has(const char *name)
{
	FILE *symbols = fopen("/proc/kallsyms", "re");
	size_t len = strlen(name);
	char line[512], symbol[256];
	bool found = false;

	while (symbols && !found && fgets(line, sizeof(line), symbols))
		found = sscanf(line, "%*s %*s %255s", symbol) == 1 &&
			!strncmp(symbol, name, len) && (!symbol[len] || symbol[len] == '.');
	if (symbols)
		fclose(symbols);
	return found;
}

TEST_F(info_line, symbols_are_kernel_symbols_each_listed_once)
{
	static const char * const some[] = { "rmap_walk", "folio_lock_anon_vma_read" };
	const struct record *symbol = NULL, *other;
	size_t i, found = 0;

	while ((symbol = report_next(&self->report, "symbol", symbol))) {
		const char *name = record_get(symbol, "name");

		EXPECT_TRUE(kernel_has(name)) TH_LOG("%s", name);
		EXPECT_EQ(1, record_num(symbol, "resolved"));
		for (i = 0; i < ARRAY_SIZE(some); i++)
			found += !strcmp(name, some[i]);
		other = symbol;
		while ((other = report_next(&self->report, "symbol", other)))
			EXPECT_STRNE(name, record_get(other, "name"));
	}
	EXPECT_EQ(ARRAY_SIZE(some), found);
}

TEST_HARNESS_MAIN
