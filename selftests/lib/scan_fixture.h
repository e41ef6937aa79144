/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of tests that run "rmapscope scan" on invented records. SCAN_FIXTURE_NAME says what
 * it is called. No guard: it is included once, after that name.
 */
#include "command.h"
#include "fake.h"
#include "records.h"
#include "test.h"

/* The harness pastes names together, so it needs the name itself. */
#define SCAN_EXPAND(macro, name)	macro(name)

SCAN_EXPAND(FIXTURE, SCAN_FIXTURE_NAME)
{
	struct fake fake;
	struct command run;
	struct records records;
	char file[96];			/* a recording */
	char scan_raw[96];
};

SCAN_EXPAND(FIXTURE_SETUP, SCAN_FIXTURE_NAME)
{
	ASSERT_OK(fake_begin(&self->fake));
	snprintf(self->file, sizeof(self->file), "%s/recording", self->fake.dir);
	snprintf(self->scan_raw, sizeof(self->scan_raw), "%s/scan_raw", self->fake.dir);
}

SCAN_EXPAND(FIXTURE_TEARDOWN, SCAN_FIXTURE_NAME)
{
	command_free(&self->run);
	records_free(&self->records);
	fake_end(&self->fake);
}

/* Make a recording of the records. */
#define RECORD()	ASSERT_OK(records_write(&self->records, self->file, 0))

/* Run scan on the recording. */
#define SCAN(...)							\
	do {								\
		RECORD();						\
		RUN("scan", "-i", self->file, ##__VA_ARGS__);		\
	} while (0)

#define SCAN_WELL(...)							\
	do {								\
		SCAN(__VA_ARGS__);					\
		EXPECT_EQ(0, self->run.status);				\
		EXPECT_STREQ("", self->run.err);			\
	} while (0)
