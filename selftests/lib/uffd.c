// SPDX-License-Identifier: GPL-2.0
/* Pages on which a fault blocks, by userfaultfd. */
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "uffd.h"

/**
 * uffd_register() - make faults on a page block
 * @page: a page of this process that has not been touched yet
 *
 * Return: the userfaultfd, or -1 if this kernel has none. Faults block until it is closed, and
 * then are handled as usual.
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
 * uffd_await() - wait until a fault blocks
 * @uffd: the descriptor of uffd_register()
 *
 * Return: 0, or -1 if another event came.
 */
int uffd_await(int uffd)
{
	struct uffd_msg msg;

	if (read(uffd, &msg, sizeof(msg)) != sizeof(msg))
		return -1;
	return msg.event == UFFD_EVENT_PAGEFAULT ? 0 : -1;
}
