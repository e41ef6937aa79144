// SPDX-License-Identifier: GPL-2.0
/* Pages that make whoever touches them wait, by userfaultfd. */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "uffd.h"

/**
 * uffd_register() - have whoever touches a page wait
 * @page: a page of this process that nobody has touched yet
 *
 * Return: the userfaultfd, or -1 if this kernel has none. They wait until it is
 * closed, and then get a fault of their own.
 */
int uffd_register(void *page)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = {
		.range = { (uintptr_t)page, getpagesize() },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int uffd = syscall(__NR_userfaultfd, O_CLOEXEC);

	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) || ioctl(uffd, UFFDIO_REGISTER, &reg))
		return -1;
	return uffd;
}

/**
 * uffd_await() - wait until somebody waits
 * @uffd: as of uffd_register()
 *
 * Return: 0, or -1 if something else came.
 */
int uffd_await(int uffd)
{
	struct uffd_msg msg;

	if (read(uffd, &msg, sizeof(msg)) != sizeof(msg))
		return -1;
	return msg.event == UFFD_EVENT_PAGEFAULT ? 0 : -1;
}
