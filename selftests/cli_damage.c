// SPDX-License-Identifier: GPL-2.0
/*
 * What "rmapscope scan" makes of recordings and streams that are damaged, end too early or come
 * from a newer module. Needs no module.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "recording.h"

#define SCAN_FIXTURE_NAME	cli_damage
#include "scan_fixture.h"

#define FRAMES	"all maps visited verdicts"

/* What is read before the damage is shown, with a message and exit status 1. */
#define DAMAGED(message)						\
	do {								\
		SCAN("--pages", "-r", "-n", "-o", "PFN");		\
		EXPECT_EQ(1, self->run.status);				\
		EXPECT_OUT("0x0\n0x100\n");				\
		EXPECT_EQ(1, count_lines(self->run.err)) TH_LOG("%s", self->run.err); \
		EXPECT_ERR(message);					\
	} while (0)

static void begin_recording(struct records *r)
{
	records_recording(r, FRAMES, 0);
	records_frames_stream(r, 2);
	r->len -= sizeof(struct rms_rec_end);
}

TEST_F(cli_damage, cut_recording_is_shown_up_to_the_cut)
{
	size_t len;

	records_recording(&self->records, FRAMES, 0);
	records_frames_stream(&self->records, 2);
	len = self->records.len;
	self->records.len = len - 1;
	DAMAGED("ends within a record, at byte ");
	self->records.len = len - sizeof(struct rms_rec_end) + 4;
	DAMAGED(" and pfn 0x300; the rest of the range is missing\n");
	self->records.len = len - sizeof(struct rms_rec_end);
	DAMAGED("recording: ends at pfn 0x300, before the end of the range");
	SCAN();
	EXPECT_OUT("\n2 pages until then; incomplete\n");
	SCAN("-J");
	EXPECT_OUT("\"broken_off\": true");
	EXPECT_OUT("\"complete\": false");
}

/*
 * To start the tool for each of 2,000 bytes takes too long on an emulated machine. So each run of
 * the test tries every 13th, from another one on. No field has as many bytes, so a run changes some
 * byte of most fields.
 */
#define STEP	13

static size_t first_byte(void)
{
	return time(NULL) % STEP;
}

/* Wherever a recording is cut, the tool says so and doesn't crash. */
TEST_F(cli_damage, cut_at_any_byte)
{
	size_t len, whole;

	records_process(&self->records);
	whole = self->records.len;
	for (len = first_byte(); len < whole; len += STEP) {
		self->records.len = len;
		SCAN("--pages", "-O");
		ASSERT_EQ(1, self->run.status) TH_LOG("%zu: %s", len, self->run.err);
		ASSERT_EQ(1, count_lines(self->run.err)) TH_LOG("%zu: %s", len, self->run.err);
	}
}

/* Whatever byte is wrong, the tool doesn't crash or hang. */
TEST_F(cli_damage, changed_at_any_byte)
{
	size_t i;

	records_process(&self->records);
	for (i = first_byte(); i < self->records.len; i += STEP) {
		char before = self->records.bytes[i];

		self->records.bytes[i] = 0xff;
		SCAN("-O");
		ASSERT_LE(0, self->run.status) TH_LOG("byte %zu", i);
		ASSERT_GE(1, self->run.status) TH_LOG("byte %zu: %s", i, self->run.err);
		/* It may seem to be a recording without verdicts. */
		RUN("why", "-i", self->file);
		ASSERT_LE(0, self->run.status) TH_LOG("byte %zu", i);
		ASSERT_GE(2, self->run.status) TH_LOG("byte %zu: %s", i, self->run.err);
		self->records.bytes[i] = before;
	}
}

TEST_F(cli_damage, stopped_recording_says_why)
{
	static const struct {
		struct rms_rec rec;
		char text[16];
	} stopped = { .text = "interrupted" };

	begin_recording(&self->records);
	records_add(&self->records, RECORDING_STOPPED, sizeof(stopped), &stopped);
	DAMAGED("the recording was stopped at pfn 0x300 (interrupted); the rest of the range");
}

TEST_F(cli_damage, other_files_are_no_recordings)
{
	static const char text[] = "This is just some text, which is long enough for a head.\n";

	self->records = (struct records){ strdup(text), strlen(text) };
	SCAN();
	EXPECT_EQ(1, self->run.status);
	EXPECT_STREQ("", self->run.out);
	EXPECT_ERR("no recording of rmapscope");
	self->records.len = 0;
	SCAN();
	EXPECT_EQ(1, self->run.status);
	EXPECT_ERR("no recording of rmapscope");
	RUN_BADLY(1, "scan", "-i", self->fake.dir);
	EXPECT_ERR("cannot be read: Is a directory");
}

TEST_F(cli_damage, newer_versions_are_refused)
{
	records_recording(&self->records, FRAMES, 0);
	((struct recording_head *)self->records.bytes)->version = 2;
	records_frames_stream(&self->records, 1);
	SCAN();
	EXPECT_EQ(1, self->run.status);
	EXPECT_ERR("newer version of the format; use a newer tool");
	records_free(&self->records);
	records_recording(&self->records, FRAMES, 0);
	records_frames_stream(&self->records, 1);
	((struct rms_rec_head *)(self->records.bytes + sizeof(struct recording_head)))->abi = 2;
	SCAN();
	EXPECT_EQ(1, self->run.status);
	EXPECT_ERR("at byte 312: the records have abi 2, and this tool reads abi 1");
}

/* "cat scan_raw" makes a stream without the records of the tool. */
TEST_F(cli_damage, bare_stream_is_read_as_well)
{
	records_process_stream(&self->records, ALL_OPTIONS);
	SCAN("--pages", "-r", "-n", "-o", "VA,NAME");
	EXPECT_EQ(0, self->run.status);
	EXPECT_OUT("0x10000 -\n");
	EXPECT_OUT("0x1e000 /lib/a\\x20b\n");
	EXPECT_ERR("has no list of VMAs");
	SCAN("-r", "-n", "-o", "START,RSS,NAME");
	EXPECT_OUT("- 2.1M [in\\x20no\\x20VMA\\x20of\\x20the\\x20list]\n");
}

TEST_F(cli_damage, unknown_records_and_fields_are_skipped)
{
	static const char more[256];
	struct rms_rec_page page = { .count = 1, .pfn = 0x7777, .maps = 1 };
	char longer[sizeof(page) + 16];

	records_recording(&self->records, FRAMES, 0);
	records_add(&self->records, 0x8fff, sizeof(more), more);
	records_frames_stream(&self->records, 2);
	self->records.len -= sizeof(struct rms_rec_end);
	records_add(&self->records, 99, sizeof(more), more);
	records_add(&self->records, 0x7fff, sizeof(struct rms_rec), more);
	memset(longer, 0xee, sizeof(longer));
	memcpy(longer, &page, sizeof(page));
	records_add(&self->records, RMS_REC_PAGE, sizeof(longer), longer);
	END(&self->records, .pages = 3);
	SCAN_WELL("--pages", "-r", "-n", "-o", "PFN");
	EXPECT_STREQ("0x0\n0x100\n0x7777\n", self->run.out);
}

/* A newer module can have more reasons why frames have no reverse map, an older one fewer. */
TEST_F(cli_damage, end_has_any_number_of_reasons)
{
	struct {
		struct rms_rec_end end;
		__u64 more;
	} longer = { { .complete = 1, .nr_unmapped = RMS_NR_UNMAPPED + 1,
		       .unmapped = { [RMS_NR_UNMAPPED - 1] = 5 } }, 7 };
	const size_t shorter = offsetof(struct rms_rec_end, unmapped[1]);

	begin_recording(&self->records);
	records_add(&self->records, RMS_REC_END, sizeof(longer), &longer);
	SCAN_WELL("-r", "-n", "-o", "KIND,PAGES");
	EXPECT_STREQ("anon 2\nhwpoison 5\n", self->run.out);
	records_free(&self->records);
	begin_recording(&self->records);
	longer.end.nr_unmapped = 1;
	longer.end.unmapped[0] = 9;
	records_add(&self->records, RMS_REC_END, shorter, &longer);
	SCAN_WELL("-r", "-n", "-o", "KIND,PAGES");
	EXPECT_STREQ("anon 2\nhole 9\n", self->run.out);
}

/* Unknown kinds, levels and reasons of a newer module. */
TEST_F(cli_damage, unknown_words_are_question_marks)
{
	records_recording(&self->records, FRAMES, 0);
	records_head(&self->records, RMS_FORM_PFN, ALL_OPTIONS, 0, 512);
	records_run(&self->records, RMS_FORM_PFN, 0, 512);
	PAGE(&self->records, .kind = RMS_NR_KINDS, .level = RMS_NR_LEVELS,
	     .verdicts = { RMS_NR_WHYS, 255, 0 });
	END(&self->records, .pages = 1);
	SCAN_WELL("--pages", "-r", "-n", "-o", "KIND,LEVEL,RECLAIM,MIGRATE,SPLIT");
	EXPECT_STREQ("? ? ? ? ok\n", self->run.out);
	SCAN_WELL("-r", "-n", "-o", "KIND,PAGES");
	EXPECT_STREQ("? 1\n", self->run.out);
}

/* Records that no module writes. @add adds them behind two good pages. */
static void bad_size(struct records *r)
{
	records_run(r, RMS_FORM_PFN, 0x300, 1);
	((struct rms_rec *)(r->bytes + r->len - sizeof(struct rms_rec_run)))->size = 12;
}

static void short_run(struct records *r)
{
	static const struct rms_rec run;

	records_add(r, RMS_REC_RUN, sizeof(run), &run);
}

static void huge_size(struct records *r)
{
	records_run(r, RMS_FORM_PFN, 0x300, 1);
	((struct rms_rec *)(r->bytes + r->len - sizeof(struct rms_rec_run)))->size = 0xfffffff8;
}

static void second_head(struct records *r)
{
	records_head(r, RMS_FORM_PFN, 0, 0, 1);
}

static void other_form(struct records *r)
{
	records_run(r, RMS_FORM_VA, 0x300, 1);
}

static void empty_run(struct records *r)
{
	records_run(r, RMS_FORM_PFN, 0x300, 0);
}

static void run_wraps(struct records *r)
{
	records_run(r, RMS_FORM_PFN, ~0ULL, 2);
}

static void page_outside(struct records *r)
{
	PAGE(r, .first = 511, .count = 2);
}

static void page_wraps(struct records *r)
{
	PAGE(r, .first = ~0U, .count = 2);
}

static void no_pages(struct records *r)
{
	PAGE(r, .first = 1, .count = 0);
}

static void unknown_file(struct records *r)
{
	PAGE(r, .first = 1, .file = 3);
}

static void unknown_mm(struct records *r)
{
	records_map(r, 1, 0, 1, 0x1000);
}

static void far_mm(struct records *r)
{
	records_mm(r, ~0U, 1, 0);
}

static void far_file(struct records *r)
{
	records_file(r, 0x10000000, "/x");
}

static void many_tgids(struct records *r)
{
	struct rms_rec_mm mm = { .mm = 1, .nr_tgids = ~0U };

	records_add(r, RMS_REC_MM, sizeof(mm), &mm);
}

static void endless_path(struct records *r)
{
	char file[sizeof(struct rms_rec_file) + 8];

	memset(file, 'x', sizeof(file));
	records_add(r, RMS_REC_FILE, sizeof(file), file);
}

static void many_reasons(struct records *r)
{
	END(r, .nr_unmapped = 100);
}

static void behind_the_end(struct records *r)
{
	END(r, .pages = 2);
	records_run(r, RMS_FORM_PFN, 0x300, 1);
}

static void type_zero(struct records *r)
{
	static const struct rms_rec rec;

	records_add(r, 0, sizeof(rec), &rec);
}

static const struct {
	void (*add)(struct records *r);
	const char *message;
} damages[] = {
	{ bad_size, "a record of type 0x2 has the impossible size 12" },
	{ huge_size, "a record of type 0x2 has the impossible size 4294967288" },
	{ short_run, "a record \"run\" of 8 bytes; it has at least 24" },
	{ second_head, "a second head" },
	{ other_form, "a run of another form than the range" },
	{ empty_run, "a run of 0 pages from 0x300" },
	{ run_wraps, "a run of 2 pages from 0xffffffffffffffff" },
	{ page_outside, "2 pages from page 511 of a run of 512 pages" },
	{ page_wraps, "2 pages from page 4294967295 of a run of 512 pages" },
	{ no_pages, "0 pages from page 1 of a run" },
	{ unknown_file, "a page of the file 3, which was not described" },
	{ unknown_mm, "a mapping of the mm 1, which was not described" },
	{ far_mm, "the mm 4294967295 is out of order" },
	{ far_file, "the file 268435456 is out of order" },
	{ many_tgids, "mm 1 has 4294967295 processes, more than its record" },
	{ endless_path, " does not end" },
	{ many_reasons, "the end has 100 counts by reason, more than its record" },
	{ behind_the_end, "a record of type 2 behind the end" },
	{ type_zero, "a record of type 0, which does not exist" },
};

TEST_F(cli_damage, damage_is_described_with_its_place)
{
	char place[32];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(damages); i++) {
		records_free(&self->records);
		begin_recording(&self->records);
		snprintf(place, sizeof(place), "at byte %zu: ", self->records.len);
		damages[i].add(&self->records);
		DAMAGED(damages[i].message);
		/* The damage is in the second of the records that were added. */
		if (damages[i].add != behind_the_end)
			EXPECT_ERR(place);
	}
}

/* The same from the module: then module and tool don't fit. */
TEST_F(cli_damage, garbage_from_the_module_is_reported)
{
	records_frames_stream(&self->records, 2);
	self->records.len -= sizeof(struct rms_rec_end);
	empty_run(&self->records);
	ASSERT_OK(records_write(&self->records, self->scan_raw, strlen("all")));
	RUN("scan", "--all");
	EXPECT_EQ(1, self->run.status);
	EXPECT_OUT("2 pages until then; incomplete\n");
	EXPECT_ERR("scan_raw: at byte ");
	EXPECT_ERR("use module and tool of the same version\n");
	/* The good part is recorded. */
	ASSERT_OK(records_write(&self->records, self->scan_raw, strlen(FRAMES)));
	RUN("record", self->file, "--all");
	EXPECT_EQ(1, self->run.status);
	RUN("scan", "-i", self->file, "--pages", "-r", "-n", "-o", "PFN");
	EXPECT_EQ(1, self->run.status);
	EXPECT_STREQ("0x0\n0x100\n", self->run.out);
	EXPECT_ERR("the recording was stopped at pfn 0x300 (at byte ");
}

TEST_F(cli_damage, silent_module_is_reported)
{
	ASSERT_OK(records_write(&self->records, self->scan_raw, 0));
	RUN_BADLY(1, "scan", "--all");
	EXPECT_ERR("the module gave no records");
	records_frames_stream(&self->records, 2);
	self->records.len -= sizeof(struct rms_rec_end);
	ASSERT_OK(records_write(&self->records, self->scan_raw, strlen("all")));
	RUN("scan", "--all", "-r");
	EXPECT_EQ(1, self->run.status);
	EXPECT_ERR("scan_raw: ends at pfn 0x300, before the end of the range");
}

TEST_HARNESS_MAIN
