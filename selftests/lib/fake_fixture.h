/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of tests that run the tool on reports of their own. FAKE_FIXTURE_NAME says what the
 * fixture is called. No guard: it is included once, after that name.
 */
#include "command.h"
#include "fake.h"
#include "test.h"

/* The harness pastes names together, so it needs the name itself. */
#define FAKE_EXPAND(macro, name)	macro(name)

FAKE_EXPAND(FIXTURE, FAKE_FIXTURE_NAME)
{
	struct fake fake;
	struct command run;
};

FAKE_EXPAND(FIXTURE_SETUP, FAKE_FIXTURE_NAME)
{
	ASSERT_OK(fake_begin(&self->fake));
}

FAKE_EXPAND(FIXTURE_TEARDOWN, FAKE_FIXTURE_NAME)
{
	command_free(&self->run);
	fake_end(&self->fake);
}
