// SPDX-License-Identifier: GPL-2.0
/* Finds verdicts and their notes in reports, and checks them. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "oracle.h"
#include "page_actions.h"

/**
 * verdict_of() - find a verdict
 * @report: the report
 * @op: "reclaim", "migrate" or "split"
 *
 * Return: the line or NULL.
 */
const struct record *verdict_of(const struct page_report *report, const char *op)
{
	const struct record *verdict = NULL;

	while ((verdict = report_next(&report->report, "verdict", verdict)))
		if (!strcmp(record_get(verdict, "op"), op))
			return verdict;
	complain("no verdict on op=%s", op);
	return NULL;
}

/* The kernel functions that can stop each operation, by reason. */
static const struct {
	const char *op;
	const char *why;
	const char *funcs;
} places[] = {
	{ "reclaim", "-", "shrink_folio_list" },
	{ "reclaim", "hugetlb", "folio_isolate_lru" },
	{ "reclaim", "hwpoison", "folio_isolate_lru shrink_folio_list" },
	{ "reclaim", "not_on_lru", "folio_isolate_lru" },
	{ "reclaim", "mlocked", "folio_evictable try_to_unmap_one" },
	{ "reclaim", "unevictable", "folio_evictable" },
	{ "reclaim", "writeback", "shrink_folio_list" },
	{ "reclaim", "redirtied", "try_to_unmap_one" },
	{ "reclaim", "unreached", "shrink_folio_list" },
	{ "reclaim", "pinned", "shrink_folio_list try_to_unmap_one" },
	{ "reclaim", "extra_refs", "__remove_mapping pageout shrink_folio_list try_to_unmap_one" },
	{ "reclaim", "no_swap", "shrink_folio_list pageout" },
	{ "reclaim", "dirty", "shrink_folio_list" },
	{ "reclaim", "buffers", "filemap_release_folio" },
	{ "reclaim", "dax", "folio_isolate_lru" },
	{ "reclaim", "orphaned", "shrink_folio_list" },
	{ "migrate", "-", "migrate_folio_unmap" },
	{ "migrate", "not_on_lru", "folio_isolate_lru" },
	{ "migrate", "unreached", "migrate_folio_unmap" },
	{ "migrate", "pinned", "folio_migrate_mapping" },
	{ "migrate", "extra_refs", "folio_migrate_mapping" },
	{ "migrate", "unmovable", "move_to_new_folio migrate_pages" },
	{ "migrate", "dax", "folio_isolate_lru" },
	{ "migrate", "private", "nfs_migrate_folio" },
	{ "migrate", "no_migrate_op", "move_to_new_folio" },
	{ "migrate", "buffers",
	  "buffer_migrate_folio_norefs filemap_release_folio migrate_folio_unmap" },
	{ "migrate", "hwpoison",
	  "folio_isolate_lru isolate_hugetlb folio_isolate_hugetlb move_to_new_folio" },
	{ "split", "buffers", "filemap_release_folio" },
	{ "split", NULL, "split_huge_page_to_list split_huge_page_to_list_to_order __folio_split" },
};

static bool word_among(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (; words; words = strchr(words, ' ')) {
		words += strspn(words, " ");
		if (!strncmp(words, word, len) && (!words[len] || words[len] == ' '))
			return true;
	}
	return false;
}

/* Checks that a reason is known, and that the function can be the one that stops. */
static int is_in_place(const struct record *verdict)
{
	const char *op = record_get(verdict, "op"), *why = record_get(verdict, "why");
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (!strcmp(places[i].op, op) && (!places[i].why || !strcmp(places[i].why, why)))
			return word_among(places[i].funcs, record_get(verdict, "func")) ? 0 :
			       complain("%s: why=%s in func=%s", op, why,
					record_get(verdict, "func"));
	return complain("%s: why=%s is no reason", op, why);
}

/**
 * verdict_is() - take a report on a page and check a verdict
 * @pid: the process
 * @page: an address in that process
 * @op: the operation
 * @why: the expected reason; NULL if the operation must be possible
 *
 * Return: 0 or -1.
 */
int verdict_is(pid_t pid, const void *page, const char *op, const char *why)
{
	const struct record *verdict = NULL;
	struct page_report report;
	int ret = -1;

	if (!page_report_at(&report, pid, (uintptr_t)page))
		verdict = verdict_of(&report, op);
	if (verdict && record_num(verdict, "ok") == !why &&
	    !strcmp(record_get(verdict, "why"), why ?: "-"))
		ret = is_in_place(verdict);
	else if (verdict)
		complain("%s: expected why=%s, got ok=%s why=%s func=%s note=%s", op, why ?: "-",
			 record_get(verdict, "ok"), record_get(verdict, "why"),
			 record_get(verdict, "func"), record_get(verdict, "note"));
	page_report_free(&report);
	return ret;
}

/**
 * verdict_in() - check a verdict on a page of the caller, with its function
 * @page: its address
 * @op: the operation
 * @why: the expected reason; NULL if the operation must be possible
 * @func: the expected func=
 *
 * Return: 0 or -1.
 */
int verdict_in(const void *page, const char *op, const char *why, const char *func)
{
	const struct record *verdict = NULL;
	struct page_report report;
	int ret = verdict_is(getpid(), page, op, why);

	if (ret)
		return ret;
	if (!page_report_at(&report, getpid(), (uintptr_t)page))
		verdict = verdict_of(&report, op);
	if (!verdict || strcmp(record_get(verdict, "func"), func))
		ret = complain("%s: expected func=%s, got %s", op, func,
			       verdict ? record_get(verdict, "func") : "nothing");
	page_report_free(&report);
	return ret;
}

/**
 * note_among() - does a verdict have a note?
 * @verdict: the verdict
 * @note: the word, or "word:number" to check the number as well
 *
 * Return: true if so.
 */
bool note_among(const struct record *verdict, const char *note)
{
	const char *notes = record_get(verdict, "note");
	size_t len = strlen(note);

	for (; notes && *notes; notes += strspn(notes, ",")) {
		size_t one = strcspn(notes, ",");

		if (!strncmp(notes, note, len) &&
		    (one == len || (one > len && notes[len] == ':')))
			return true;
		notes += one;
	}
	return false;
}

/**
 * has_note() - does a verdict on a page of the caller have a note?
 * @page: its address
 * @op: the operation
 * @note: as for note_among()
 *
 * Return: 1 if so, 0 if not, -1 if there is no verdict.
 */
int has_note(const void *page, const char *op, const char *note)
{
	const struct record *verdict = NULL;
	struct page_report report;
	int ret = -1;

	if (!page_report_at(&report, getpid(), (uintptr_t)page))
		verdict = verdict_of(&report, op);
	if (verdict)
		ret = note_among(verdict, note);
	if (verdict)
		complain("%s: note=%s", op, record_get(verdict, "note"));
	page_report_free(&report);
	return ret;
}

/**
 * verdict_comes_true() - try the operation of a verdict on a page of the caller
 * @page: its address
 * @op: "migrate", or "reclaim" for a page of a file or of shared memory
 *
 * Return: 0 if the result is as predicted, or if it cannot be tried; else -1.
 */
int verdict_comes_true(void *page, const char *op)
{
	const struct record *verdict = NULL;
	bool predicted, done;
	struct page_report report;

	if (!page_report_at(&report, getpid(), (uintptr_t)page))
		verdict = verdict_of(&report, op);
	if (!verdict) {
		page_report_free(&report);
		return -1;
	}
	predicted = record_num(verdict, "ok") == 1;
	complain("%s: ok=%d why=%s func=%s note=%s", op, predicted, record_get(verdict, "why"),
		 record_get(verdict, "func"), record_get(verdict, "note"));
	page_report_free(&report);
	if (!strcmp(op, "migrate")) {
		if (!has_two_nodes())
			return 0;
		done = !move_away(page);
	} else {
		done = file_page_out(page, predicted ? 100 : 10);
	}
	return done == predicted ? 0 : -1;
}
