// SPDX-License-Identifier: GPL-2.0
/*
 * Opens and closes files, makes calls that the module does not implement, and chooses the next
 * call.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "complain.h"
#include "fuzz.h"
#include "report.h"
#include "text.h"

static const int more_flags[] = {
	O_APPEND, O_NONBLOCK, O_TRUNC, O_SYNC, O_NOFOLLOW, O_CREAT, O_CREAT | O_EXCL, O_DIRECTORY,
	O_DIRECT, O_PATH, O_NOATIME, O_NOCTTY,
};

static fuzz_answers expect_open(int flags)
{
	if (flags & O_PATH)
		return flags & O_DIRECTORY ? FUZZ_BIT(ENOTDIR) : FUZZ_OK;
	if (flags & O_DIRECTORY)
		return FUZZ_BIT(ENOTDIR) | FUZZ_BIT(EINVAL);
	if (flags & O_EXCL)
		return FUZZ_BIT(EEXIST);
	return flags & O_DIRECT ? FUZZ_BIT(EINVAL) : FUZZ_OK;
}

static void enter(struct fuzz_worker *worker, int fd, struct fuzz_open *open)
{
	size_t i = 0;

	while (worker->fds[i].open)
		i++;
	worker->fds[i] = (struct fuzz_fd){ .fd = fd, .open = open };
	open->refs++;
}

static bool has_room(const struct fuzz_worker *worker)
{
	size_t i;

	for (i = 0; i < FUZZ_MAX_FDS; i++)
		if (!worker->fds[i].open)
			return true;
	return false;
}

static enum fuzz_file choose_file(struct fuzz_random *random)
{
	static const enum fuzz_file files[] = {
		FUZZ_PAGE, FUZZ_PAGE, FUZZ_PAGE, FUZZ_PAGE, FUZZ_PAGE, FUZZ_PAGE, FUZZ_PAGE,
		FUZZ_TREE, FUZZ_TREE, FUZZ_TREE, FUZZ_TREE, FUZZ_INFO, FUZZ_STATS, FUZZ_TOP,
		FUZZ_SCAN, FUZZ_SCAN_RAW,
	};

	return files[fuzz_below(random, sizeof(files) / sizeof(files[0]))];
}

/**
 * fuzz_open() - open a file, unless too many are open
 * @worker: the worker
 *
 * Return: 0, or -1 if the result violates the contract.
 */
int fuzz_open(struct fuzz_worker *worker)
{
	struct fuzz_open *one = worker->opens;
	struct fuzz_random *random = &worker->random;
	enum fuzz_file file = choose_file(random);
	int flags = O_RDWR, fd;
	char *path;

	while (one < worker->opens + FUZZ_MAX_OPEN && one->refs)
		one++;
	if (one == worker->opens + FUZZ_MAX_OPEN || !has_room(worker))
		return 0;
	if (fuzz_one_in(random, 5))
		flags = fuzz_below(random, 4);
	if (fuzz_one_in(random, 8))
		flags |= more_flags[fuzz_below(random, sizeof(more_flags) / sizeof(more_flags[0]))];
	snprintf(worker->call, sizeof(worker->call), "open(%s, %#x)", fuzz_names[file], flags);
	path = report_path(fuzz_names[file]);
	if (!path)
		return complain("no memory for a path");
	fd = open(path, flags | O_CLOEXEC, 0600);
	free(path);
	if (fuzz_answer(worker, fd, expect_open(flags)))
		return -1;
	if (fd < 0)
		return 0;
	*one = (struct fuzz_open) {
		.file = file, .flags = flags, .whole = -1,
		.state = file == FUZZ_INFO ? FUZZ_HAS_REPORT : FUZZ_FRESH,
	};
	enter(worker, fd, one);
	return 0;
}

/**
 * fuzz_close() - close a descriptor, now and then twice
 * @worker: the worker
 * @fd: the descriptor
 *
 * Return: 0, or -1 if the result violates the contract.
 */
int fuzz_close(struct fuzz_worker *worker, struct fuzz_fd *fd)
{
	struct fuzz_open *open = fd->open;

	snprintf(worker->call, sizeof(worker->call), "close(%s)", fuzz_names[open->file]);
	fd->open = NULL;
	if (!--open->refs)
		fuzz_text_forget(open);
	if (fuzz_answer(worker, close(fd->fd), FUZZ_OK))
		return -1;
	if (fuzz_below(&worker->random, 4))
		return 0;
	return fuzz_answer(worker, close(fd->fd), FUZZ_BIT(EBADF));
}

/**
 * fuzz_dup() - duplicate a descriptor
 * @worker: the worker
 * @fd: the descriptor
 *
 * Return: 0, or -1 if the result violates the contract.
 */
int fuzz_dup(struct fuzz_worker *worker, struct fuzz_fd *fd)
{
	int one;

	if (!has_room(worker))
		return 0;
	snprintf(worker->call, sizeof(worker->call), "dup(%s)", fuzz_names[fd->open->file]);
	one = dup(fd->fd);
	if (fuzz_answer(worker, one, FUZZ_OK))
		return -1;
	enter(worker, one, fd->open);
	return 0;
}

/* The module's files have no ioctl. A few ioctls are handled by the VFS for all files. */
static int try_ioctl(struct fuzz_worker *worker, struct fuzz_fd *fd)
{
	static const unsigned char types[] = { 0, 'r', 'R', 'k', 0x80, 0xff };
	struct fuzz_random *random = &worker->random;
	unsigned char type = types[fuzz_below(random, sizeof(types))];
	unsigned int nr = fuzz_below(random, 256);
	unsigned long command = _IOC(fuzz_below(random, 4), type, nr,
				     fuzz_one_in(random, 4) ? fuzz_below(random, 1 << 14) : 8);
	unsigned long argument = fuzz_one_in(random, 2) ? (uintptr_t)worker->edge :
							  fuzz_random_next(random);
	fuzz_answers answers = FUZZ_BIT(ENOTTY);

	if (!type)
		answers |= FUZZ_OK | FUZZ_BIT(EINVAL) | FUZZ_BIT(EFAULT);
	if (fd->open->flags & O_PATH)
		answers = FUZZ_BIT(EBADF);
	snprintf(worker->call, sizeof(worker->call), "ioctl(%s, %#lx, %#lx)",
		 fuzz_names[fd->open->file], command, argument);
	return fuzz_answer(worker, ioctl(fd->fd, command, argument), answers);
}

static int try_mmap(struct fuzz_worker *worker, struct fuzz_fd *fd)
{
	int prot = fuzz_below(&worker->random, 8);
	int flags = fuzz_one_in(&worker->random, 2) ? MAP_SHARED : MAP_PRIVATE;
	void *start;

	snprintf(worker->call, sizeof(worker->call), "mmap(%s, %d, %d)",
		 fuzz_names[fd->open->file], prot, flags);
	start = mmap(NULL, 4096, prot, flags, fd->fd, 0);
	return fuzz_answer(worker, start == MAP_FAILED ? -1 : 0,
			   FUZZ_BIT(ENODEV) | FUZZ_BIT(EACCES) | FUZZ_BIT(EBADF));
}

static int try_sendfile(struct fuzz_worker *worker, struct fuzz_fd *fd)
{
	int ends[2], ret;
	off_t offset = 0;

	if (pipe(ends))
		return complain("pipe: %s", strerror(errno));
	snprintf(worker->call, sizeof(worker->call), "sendfile(%s)",
		 fuzz_names[fd->open->file]);
	ret = fuzz_answer(worker, sendfile(ends[1], fd->fd, &offset, 100),
			  FUZZ_BIT(EINVAL) | FUZZ_BIT(EBADF) |
			  (fuzz_is_stream(fd->open->file) ? FUZZ_BIT(ESPIPE) : 0));
	close(ends[0]);
	close(ends[1]);
	return ret;
}

static int try_pwrite(struct fuzz_worker *worker, struct fuzz_fd *fd)
{
	int64_t offset = fuzz_text_offset(&worker->random, fd->open);

	snprintf(worker->call, sizeof(worker->call), "pwrite(%s)", fuzz_names[fd->open->file]);
	return fuzz_answer(worker, pwrite(fd->fd, "pfn=1", 5, offset),
			   FUZZ_BIT(ESPIPE) | FUZZ_BIT(EBADF) | FUZZ_BIT(EINVAL));
}

static int try_poll(struct fuzz_worker *worker, struct fuzz_fd *fd)
{
	struct pollfd one = { .fd = fd->fd, .events = POLLIN | POLLOUT };

	snprintf(worker->call, sizeof(worker->call), "poll(%s)", fuzz_names[fd->open->file]);
	return fuzz_answer(worker, poll(&one, 1, 0), FUZZ_OK);
}

/**
 * fuzz_other() - make a call that the module does not implement
 * @worker: the worker
 * @fd: the descriptor
 *
 * Return: 0, or -1 if the result violates the contract.
 */
int fuzz_other(struct fuzz_worker *worker, struct fuzz_fd *fd)
{
	switch (fuzz_below(&worker->random, 8)) {
	case 0:
		return try_mmap(worker, fd);
	case 1:
		return try_sendfile(worker, fd);
	case 2:
		return try_pwrite(worker, fd);
	case 3:
		return try_poll(worker, fd);
	default:
		return try_ioctl(worker, fd);
	}
}

static struct fuzz_fd *choose_fd(struct fuzz_worker *worker)
{
	uint32_t first = fuzz_below(&worker->random, FUZZ_MAX_FDS), i;

	for (i = 0; i < FUZZ_MAX_FDS; i++) {
		struct fuzz_fd *fd = &worker->fds[(first + i) % FUZZ_MAX_FDS];

		if (fd->open)
			return fd;
	}
	return NULL;
}

/**
 * fuzz_step() - make one random call
 * @worker: the worker
 *
 * Return: 0, or -1 if the result violates the contract; then why[], @worker->call and, for a
 * write, @worker->input describe the failure.
 */
int fuzz_step(struct fuzz_worker *worker)
{
	struct fuzz_fd *fd = choose_fd(worker);
	uint32_t way = fuzz_below(&worker->random, 256);

	worker->wrote = false;
	worker->counts->inputs++;
	if (!fd || way < 6)
		return fuzz_open(worker);
	if (way < 10)
		return fuzz_close(worker, fd);
	if (way < 13)
		return fuzz_dup(worker, fd);
	if (way < 26)
		return fuzz_read(worker, fd, false);
	if (way < 39)
		return fuzz_read(worker, fd, true);
	if (way < 52)
		return fuzz_seek(worker, fd);
	if (way < 64)
		return fuzz_other(worker, fd);
	return fuzz_write(worker, fd);
}

/**
 * fuzz_worker_init() - allocate a worker's buffers
 * @worker: its members random, setup and counts are set
 *
 * Return: 0 or -1.
 */
int fuzz_worker_init(struct fuzz_worker *worker)
{
	char *start = mmap(NULL, EDGE_SIZE + 4096, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (start == MAP_FAILED || mprotect(start + EDGE_SIZE, 4096, PROT_NONE))
		return complain("mmap: %s", strerror(errno));
	memset(start, ' ', EDGE_SIZE);
	worker->edge = start;
	return 0;
}

/**
 * fuzz_worker_end() - close a worker's files
 * @worker: the worker
 */
void fuzz_worker_end(struct fuzz_worker *worker)
{
	struct fuzz_fd *fd;

	while ((fd = choose_fd(worker))) {
		close(fd->fd);
		if (!--fd->open->refs)
			fuzz_text_forget(fd->open);
		fd->open = NULL;
	}
	munmap(worker->edge, EDGE_SIZE + 4096);
}
