/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_TEST_H
#define RMAPSCOPE_SELFTEST_TEST_H

#include <unistd.h>

#include "slowness.h"

/* The harness limits the time of a test with alarm(). That time is a constant, so scale it here. */
#define alarm(seconds) alarm((seconds) * slowness())

/* Only for files with a main(), as the harness defines functions. */
#include <fcntl.h>
#include <kselftest_harness.h>

#include "complain.h"
#include "page_report.h"

/* An emulated machine without KVM is some thirty times slower than real. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 180

/* For helpers that return 0 on success, or store the reason in why[]. */
#define ASSERT_OK(call)		ASSERT_EQ(0, call) TH_LOG("%s", why)
#define EXPECT_OK(call)		EXPECT_EQ(0, call) TH_LOG("%s", why)

#define NEEDS_MODULE()							\
	do {								\
		int info = interface_open("info", O_RDONLY);		\
									\
		if (info < 0)						\
			SKIP(return, "the rmapscope module is not loaded (%s)", \
			     strerror(-info));				\
		close(info);						\
	} while (0)

#endif
