// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "each_frame.h"

#define CHUNK	4096

static uint64_t read_frames(int flags_file, int counts_file, frame_fn fn, void *arg)
{
	static uint64_t flags[CHUNK], counts[CHUNK];
	uint64_t pfn = 0;
	ssize_t got, i;

	for (;;) {
		got = pread(flags_file, flags, sizeof(flags), pfn * sizeof(*flags));
		if (got > 0)
			got = pread(counts_file, counts, got, pfn * sizeof(*counts));
		if (got < (ssize_t)sizeof(*counts))
			return pfn;
		for (i = 0; i < got / (ssize_t)sizeof(*counts); i++, pfn++)
			fn(arg, pfn, flags[i], counts[i]);
	}
}

/**
 * each_frame() - call a function for each frame of the machine
 * @fn: the function
 * @arg: handed to @fn
 *
 * Return: 0, or -1 with the reason in why[].
 */
int each_frame(frame_fn fn, void *arg)
{
	int flags_file = open("/proc/kpageflags", O_RDONLY | O_CLOEXEC);
	int counts_file = open("/proc/kpagecount", O_RDONLY | O_CLOEXEC);
	int ret = 0;

	if (flags_file < 0 || counts_file < 0)
		ret = complain("/proc/kpageflags or kpagecount: %s", strerror(errno));
	else if (!read_frames(flags_file, counts_file, fn, arg))
		ret = complain("/proc/kpageflags or kpagecount is empty");
	if (flags_file >= 0)
		close(flags_file);
	if (counts_file >= 0)
		close(counts_file);
	return ret;
}
