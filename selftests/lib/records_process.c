// SPDX-License-Identifier: GPL-2.0
/* Invented scans: of a process that has a bit of everything, and of frames. */
#include "records.h"

#define THP	0x400000ULL

/*
 * The first run: four pages of the process alone, four of three processes, two KSM pages, two
 * swapped out, a hole of two, and a large folio of a file, in two VMAs.
 */
static void small_pages(struct records *r, unsigned int options)
{
	const unsigned int va = RMS_FORM_VA;

	records_run(r, va, 0x10000, 32);
	PAGE(r, .first = 0, .count = 4, .pfn = 0x100, .kind = RMS_KIND_ANON);
	PAGE(r, .first = 4, .count = 4, .pfn = 0x200, .kind = RMS_KIND_ANON, .maps = 3, .mms = 3,
	     .visited = 7);
	PAGE(r, .first = 8, .count = 2, .pfn = 0x300, .kind = RMS_KIND_KSM, .maps = 2, .mms = 1,
	     .visited = 40, .extra_refs = 1,
	     .verdicts = { RMS_WHY_UNREACHED, RMS_WHY_EXTRA_REFS, RMS_WHY_ORDER0 });
	PAGE(r, .first = 10, .count = 2, .pfn = 0x50, .kind = RMS_KIND_SWAP, .swap_type = 1);
	records_file(r, 1, "/lib/a b");
	PAGE(r, .first = 14, .count = 4, .pfn = 0x400, .kind = RMS_KIND_FILE, .order = 2,
	     .file = 1);
	if (!(options & RMS_OPTION_MAPS))
		return;
	records_mm(r, 1, 42, 0);
	records_mm(r, 2, 50, 43);
	records_mm(r, 3, 44, 0);
	records_map(r, 1, 0, 10, 0x10000);
	records_map(r, 2, 4, 4, 0x14000);
	/* Two of the four pages have another third user. */
	records_map(r, 3, 4, 2, 0x14000);
	records_mm(r, 4, 0, 0);
	records_map(r, 4, 6, 2, 0x16000);
	records_map(r, 1, 8, 2, 0x78000);
	records_map(r, 1, 14, 4, 0x1e000);
}

/**
 * records_process_stream() - add the stream
 * @r: the records
 * @options: RMS_OPTION_*; pages have all fields whatever was asked for
 */
void records_process_stream(struct records *r, unsigned int options)
{
	records_head(r, RMS_FORM_VA, options, 0, 0x7ffffffff000);
	small_pages(r, options);
	records_run(r, RMS_FORM_VA, THP, 512);
	PAGE(r, .count = 512, .pfn = 0x1000, .kind = RMS_KIND_ANON, .order = 9, .level = RMS_PMD,
	     .maps = 2, .mms = 2, .visited = 2, .verdicts = { 0, RMS_WHY_PINNED, 0 });
	if (options & RMS_OPTION_MAPS) {
		records_map(r, 1, 0, 512, THP);
		records_map(r, 3, 0, 512, THP);
	}
	END(r, .pages = PROCESS_PAGES, .mappings = 9, .visited = 50, .ns = 1500000);
}

/**
 * records_process() - make a recording of the process
 * @r: the records
 */
void records_process(struct records *r)
{
	records_recording(r, PROCESS_RANGE, 42);
	records_maps(r, PROCESS_MAPS);
	records_process_stream(r, ALL_OPTIONS);
}

/**
 * records_frames_stream() - add a stream of frames, with one page in each run
 * @r: the records
 * @runs: how many runs
 */
void records_frames_stream(struct records *r, unsigned int runs)
{
	unsigned int i;

	records_head(r, RMS_FORM_PFN, ALL_OPTIONS, 0, 0x10000);
	for (i = 0; i < runs; i++) {
		records_run(r, RMS_FORM_PFN, 0x100 * i, 512);
		PAGE(r, .kind = RMS_KIND_ANON, .pfn = 0x100 * i);
	}
	END(r, .pages = runs);
}
