/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_FAKE_H
#define RMAPSCOPE_SELFTEST_FAKE_H

#include <stddef.h>

#define FAKE_LINE(name) "rmapscope abi=1 kernel=6.1.0 file=" name "\n"

/*
 * A directory that replaces the module's directory in debugfs. It holds reports that a test has
 * written, so tests can cover output that needs a rare state of the kernel.
 */
struct fake {
	char dir[64];
};

int fake_begin(struct fake *fake);
int fake_report(const struct fake *fake, const char *file, const char *target,
		const char *text);
int fake_asked(const struct fake *fake, const char *file, char *text, size_t size);
void fake_end(const struct fake *fake);

/* Gives the tool a report to read from a file. */
#define GIVE(file, target, text)					\
	ASSERT_OK(fake_report(&self->fake, file, target, text))

#endif
