// SPDX-License-Identifier: GPL-2.0
/*
 * "rmapscope scan" if the module refuses a range: a seccomp filter lets the tool's write(2) fail.
 * Needs no module.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#define SCAN_FIXTURE_NAME	cli_scan_errors
#include "scan_fixture.h"

/* From now on, writes of @size bytes to files other than the standard streams fail. */
static int let_write_fail(size_t size, int err)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 2, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, size, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | err),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = ARRAY_SIZE(filter), .filter = filter };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* Run scan with arguments for which it writes @range, and let that fail. */
#define REFUSED(range, err, code, message, ...)				\
	do {								\
		ASSERT_OK(records_write(&self->records, self->scan_raw, 0)); \
		if (let_write_fail(strlen(range), err))			\
			SKIP(return, "no seccomp");			\
		RUN_BADLY(code, "scan", __VA_ARGS__);			\
		EXPECT_ERR(message);					\
	} while (0)

TEST_F(cli_scan_errors, no_such_process)
{
	REFUSED("pid=42", ESRCH, 3, "pid 42: no such process, or it has no user memory",
		"-p", "42", "-o", "RSS");
}

TEST_F(cli_scan_errors, nothing_in_the_range)
{
	REFUSED("pid=1 start=0x1000 end=0x2000", EFAULT, 3,
		"pid 1: 0x1000-0x2000: nothing is mapped there; see /proc/1/maps\n",
		"-p", "1", "0x1000-0x2000", "-o", "RSS");
}

TEST_F(cli_scan_errors, no_such_frames)
{
	REFUSED("pfn=0x1000 count=512", ENXIO, 3,
		"pfn 0x1000-0x1200: no such frames: past the end of memory, or in a gap",
		"--pfn", "0x1000+512");
}

TEST_F(cli_scan_errors, not_permitted)
{
	REFUSED("all", EPERM, 1, "CAP_SYS_ADMIN in the initial user namespace", "--all");
}

TEST_F(cli_scan_errors, not_understood)
{
	REFUSED("all stuck", EINVAL, 1, "the module does not understand \"all stuck\"", "--all",
		"--stuck");
}

TEST_F(cli_scan_errors, no_memory)
{
	REFUSED("all", ENOMEM, 1, "all frames: not enough memory", "--all");
}

TEST_F(cli_scan_errors, interrupted)
{
	REFUSED("all", EINTR, 1, "all frames: interrupted by a signal", "--all");
}

/* record says the same, and verify as well. */
TEST_F(cli_scan_errors, other_commands_explain_as_well)
{
	ASSERT_OK(records_write(&self->records, self->scan_raw, 0));
	if (let_write_fail(strlen("pfn=0x1 count=1 maps"), ENXIO))
		SKIP(return, "no seccomp");
	RUN_BADLY(3, "record", self->file, "--pfn", "1", "--with", "maps");
	EXPECT_ERR("no such frames");
	EXPECT_EQ(-1, access(self->file, F_OK));
	RUN_BADLY(3, "verify", "--pfn", "1");
	EXPECT_ERR("no such frames");
}

TEST_HARNESS_MAIN
