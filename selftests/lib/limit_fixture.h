/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The fixture of tests that change a parameter of the module, which is restored after the test.
 * LIMIT_FIXTURE_NAME is the parameter and also the name of the fixture. No guard: the file is
 * included once, after that name.
 */
#include "param.h"
#include "test.h"

/* The harness pastes names together, and # needs the name itself. */
#define LIMIT_EXPAND(macro, name)	macro(name)
#define LIMIT_TEXT(name)		#name
#define LIMIT_PARAMETER			LIMIT_EXPAND(LIMIT_TEXT, LIMIT_FIXTURE_NAME)

LIMIT_EXPAND(FIXTURE, LIMIT_FIXTURE_NAME)
{
	unsigned int before;
};

LIMIT_EXPAND(FIXTURE_SETUP, LIMIT_FIXTURE_NAME)
{
	NEEDS_MODULE();
	ASSERT_OK(param_get(LIMIT_PARAMETER, &self->before));
	ASSERT_NE(0, self->before);
}

LIMIT_EXPAND(FIXTURE_TEARDOWN, LIMIT_FIXTURE_NAME)
{
	if (self->before)
		EXPECT_OK(param_set(LIMIT_PARAMETER, self->before));
}
