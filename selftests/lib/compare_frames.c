// SPDX-License-Identifier: GPL-2.0
/*
 * Compares the report on every frame with one scan of the pagemaps of all processes, while all
 * other processes are stopped.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "compare_frames.h"
#include "complain.h"
#include "each_frame.h"
#include "kernel_file.h"
#include "page_report.h"
#include "slowness.h"

#define CHUNK			4096
/*
 * compaction_proactiveness: how eagerly kcompactd makes room for large folios in advance, in
 * percent.
 */
#define COMPACTION		"/proc/sys/vm/compaction_proactiveness"
/*
 * On a slow machine, asks for only one in this many of the frames that no process maps and that
 * are not user memory by their kpageflags.
 */
#define STRIDE			16
/* After this many frames have moved since the scan, scans again. */
#define STALE			8

/* The frame moved while the report was taken. That is no error if it happens once. */
#define UNSTEADY		1

/* A frame that the module refuses must have no reverse map by its kpageflags. */
static int check_refused(uint64_t pfn, const struct mappings *found, int err)
{
	uint64_t flags = 0;

	if (err == -EAGAIN) {
		complain("the frame changed at each try");
		return UNSTEADY;
	}
	if (err != -EOPNOTSUPP && err != -ENXIO)
		return complain("error %d", err);
	if (!found->nr)
		return 0;
	if (oracle_kpageflags(pfn, &flags))
		return -1;
	if (flags & 1ULL << KPF_ZERO_PAGE || !(flags & FRAME_HAS_RMAP))
		return 0;
	return complain("refused (%d), but has %zu mappings and flags %#" PRIx64, err, found->nr,
			flags);
}

static int check_report(struct page_report *report, uint64_t pfn, const struct mappings *found)
{
	struct mappings owners = { 0 }, sharers = { 0 };
	int ret = report->pfn == pfn ? 0 : complain("pfn=%#" PRIx64, report->pfn);

	if (record_num(report->walk, "raced")) {
		complain("raced=1, kind=%s pte_maps=%s mapcount=%s", report->kind,
			 record_get(report->walk, "pte_maps"),
			 record_get(report->page, "mapcount"));
		return UNSTEADY;
	}
	if (!ret)
		ret = page_report_mapped(report, &owners, &sharers);
	if (!ret)
		ret = mappings_compare(&sharers, "the report", found, "the pagemaps");
	if (!ret && record_num(report->walk, "pte_maps") != record_num(report->page, "mapcount"))
		ret = complain("pte_maps=%s mapcount=%s", record_get(report->walk, "pte_maps"),
			       record_get(report->page, "mapcount"));
	mappings_free(&owners);
	mappings_free(&sharers);
	return ret;
}

static int compare_frame(int fd, uint64_t pfn, const struct mappings *found)
{
	struct page_report report = { 0 };
	char target[32];
	int err;

	snprintf(target, sizeof(target), "pfn=%#" PRIx64, pfn);
	err = interface_write(fd, target);
	if (err)
		return check_refused(pfn, found, err);
	err = report_read(&report.report, fd);
	if (err)
		complain("reading: %s", strerror(-err));
	else
		err = page_report_check(&report) ? -1 : check_report(&report, pfn, found);
	page_report_free(&report);
	return err;
}

/* No mapping has come or gone, and none belongs to this program, whose own pages may move. */
static bool stood_still(const struct mappings *before, const struct mappings *now)
{
	pid_t self = getpid();
	size_t i;

	if (before->nr != now->nr)
		return false;
	for (i = 0; i < now->nr; i++)
		if (before->v[i].pid != now->v[i].pid || before->v[i].va != now->v[i].va ||
		    now->v[i].pid == self)
			return false;
	return now->nr;
}

/*
 * Two things still run: this program, and the kernel's own threads. A difference only counts if
 * the pagemaps were the same before and after the report, or if a new scan and a new report still
 * differ.
 */
static int compare_again(int fd, uint64_t pfn, const struct mappings *before, int first)
{
	int try, ret = first;

	for (try = 0; ret && try < 3; try++) {
		struct mappings found = { 0 };
		bool wrong;

		sched_yield();
		if (oracle_mappers(pfn, &found))
			return -1;
		wrong = ret != UNSTEADY && stood_still(before, &found);
		if (!wrong)
			ret = compare_frame(fd, pfn, &found);
		mappings_free(&found);
		if (wrong)
			break;
	}
	return ret;
}

/* The frame after the last one. All sections of memory have the size of the first. */
static uint64_t end_of_memory(void)
{
	enum { SECTION = 1 << 15 };
	uint64_t pfn = 0, flags;

	while (!oracle_kpageflags(pfn, &flags))
		pfn += SECTION;
	return pfn;
}

/* Can this frame be skipped? Reads the flags of many frames at once. */
static bool passed_over(const struct frame_comparison *m, int flags_file, bool mapped)
{
	static uint64_t flags[CHUNK];
	size_t i = m->frames % CHUNK;

	if (slowness() < 2)
		return false;
	if (!i && pread(flags_file, flags, sizeof(flags), m->frames * sizeof(*flags)) !=
		  sizeof(flags))
		memset(flags, -1, sizeof(flags));
	return !mapped && !(flags[i] & FRAME_HAS_RMAP) && m->frames % STRIDE;
}

static void set_compaction(int64_t percent)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, percent);
	write_text(COMPACTION, text);
}

/**
 * compare_frames_start() - keep the kernel from moving pages, and read the pagemaps of all
 * processes
 * @m: filled; compare_frames_end() must follow, also after an error
 *
 * Return: 0 or -1.
 */
int compare_frames_start(struct frame_comparison *m)
{
	*m = (struct frame_comparison){
		.page_file = interface_open("page", O_RDWR),
		.compaction = file_number(COMPACTION),
	};
	set_compaction(0);
	if (m->page_file < 0)
		return complain("opening page: %s", strerror(-m->page_file));
	/*
	 * Scans twice: the first scan allocates memory for the result, which the second scan
	 * sees.
	 */
	return oracle_scan(&m->all) || oracle_scan(&m->all) ? -1 : 0;
}

/**
 * compare_frames() - compare every frame
 * @m: set up by compare_frames_start()
 * @differs: called for each frame that differs
 * @arg: handed to @differs
 */
void compare_frames(struct frame_comparison *m, frame_differs_fn differs, void *arg)
{
	int flags_file = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	uint64_t end = end_of_memory();
	bool enough = false;
	unsigned int stale = 0;

	for (m->frames = 0; m->frames < end && !enough; m->frames++) {
		struct mappings found = { 0 };
		int ret = oracle_find(&m->all, m->frames, &found);

		if (!ret && passed_over(m, flags_file, found.nr))
			continue;
		m->asked++;
		if (!ret)
			ret = compare_frame(m->page_file, m->frames, &found);
		if (ret) {
			m->again++;
			ret = compare_again(m->page_file, m->frames, &found, ret);
			if (!ret && ++stale == STALE) {
				ret = oracle_scan(&m->all);
				stale = 0;
			}
		}
		m->mappings += found.nr;
		m->reported += !!found.nr;
		mappings_free(&found);
		if (ret)
			enough = differs(arg, m->frames);
	}
	close(flags_file);
}

/**
 * compare_frames_end() - undo compare_frames_start()
 * @m: the comparison; nothing is done if it was not started
 */
void compare_frames_end(struct frame_comparison *m)
{
	if (m->compaction > 0)
		set_compaction(m->compaction);
	m->compaction = 0;
	oracle_free(&m->all);
	if (m->page_file >= 0)
		close(m->page_file);
	m->page_file = -1;
}
