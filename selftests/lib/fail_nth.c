// SPDX-License-Identifier: GPL-2.0
/* Fault injection by /proc/thread-self/fail-nth, and the settings in debugfs that it depends on. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "fail_nth.h"
#include "kernel_file.h"

#define DEBUG	"/sys/kernel/debug/"

/*
 * Injects faults into allocations of all sizes, also into those that may wait. Turns the kernel's
 * messages about faults off, as their stack traces would be taken for bugs.
 */
static struct setting {
	const char *path;
	const char *value;
	char before[16];
} settings[] = {
	{ DEBUG "failslab/ignore-gfp-wait", "N" },
	{ DEBUG "failslab/cache-filter", "N" },
	{ DEBUG "failslab/verbose", "0" },
	{ DEBUG "fail_page_alloc/ignore-gfp-wait", "N" },
	{ DEBUG "fail_page_alloc/ignore-gfp-highmem", "N" },
	{ DEBUG "fail_page_alloc/min-order", "0" },
	{ DEBUG "fail_page_alloc/verbose", "0" },
	{ DEBUG "fail_usercopy/verbose", "0" },
};

#define NR_SETTINGS	(sizeof(settings) / sizeof(settings[0]))

static int nth_file = -1;

static int set(struct setting *setting)
{
	int fd = open(setting->path, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, setting->before, sizeof(setting->before) - 1);

	if (fd >= 0)
		close(fd);
	if (got <= 0)
		return complain("%s: %s", setting->path, strerror(errno));
	setting->before[got] = '\0';
	return write_text(setting->path, setting->value);
}

/**
 * fail_nth_setup() - set up fault injection
 *
 * Return: false if the kernel lacks one of the three kinds of fault injection, with its name in
 * why[]. Otherwise fail_nth_restore() must follow.
 */
bool fail_nth_setup(void)
{
	size_t i;

	nth_file = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_file < 0) {
		complain("this kernel has no /proc/thread-self/fail-nth (CONFIG_FAULT_INJECTION)");
		return false;
	}
	for (i = 0; i < NR_SETTINGS; i++) {
		if (set(&settings[i])) {
			fail_nth_restore();
			return false;
		}
	}
	return true;
}

/**
 * fail_nth_restore() - restore the settings
 */
void fail_nth_restore(void)
{
	size_t i;

	for (i = 0; i < NR_SETTINGS; i++) {
		if (settings[i].before[0])
			write_text(settings[i].path, settings[i].before);
		settings[i].before[0] = '\0';
	}
	if (nth_file >= 0)
		close(nth_file);
	nth_file = -1;
}

/**
 * fail_nth_arm() - arm a fault
 * @nth: which call fails, counted from 1
 *
 * Until fail_nth_disarm(), the caller may only do what is to be tested, as any other call would
 * be counted.
 *
 * Return: 0 or -1.
 */
int fail_nth_arm(unsigned int nth)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", nth);

	if (pwrite(nth_file, text, length, 0) != length)
		return complain("fail-nth: %s", strerror(errno));
	return 0;
}

/**
 * fail_nth_disarm() - disarm the fault
 * @left: how many calls were left until the fault; 0 if the fault was injected
 *
 * Return: 0 or -1; errno is preserved.
 */
int fail_nth_disarm(unsigned int *left)
{
	int err = errno;
	char text[16] = "";
	ssize_t got = pread(nth_file, text, sizeof(text) - 1, 0);

	/* If one call was left, the fault has just hit the read of the number itself. */
	*left = got > 0 ? atoi(text) : 1;
	/* The fault can also hit this write. */
	while (pwrite(nth_file, "0", 1, 0) != 1)
		if (errno != EFAULT && errno != ENOMEM)
			return complain("fail-nth: %s", strerror(errno));
	errno = err;
	return 0;
}
