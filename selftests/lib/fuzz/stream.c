// SPDX-License-Identifier: GPL-2.0
/* Reads streams of scan and scan_raw, and checks what they have and which calls they refuse. */
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "text.h"

/* No record of the setup is longer, as text or binary: those of files have their paths. */
#define LONGEST_RECORD	4096
/* Some ranges take long to the next record. A signal then ends the read. */
#define PATIENCE_US	1000

static void interrupt(int sig)
{
}

static ssize_t read_with_patience(int fd, const struct fuzz_buffer *buffer)
{
	struct sigaction action = { .sa_handler = interrupt };
	ssize_t ret;
	int err;

	sigaction(SIGALRM, &action, NULL);
	ualarm(PATIENCE_US, 0);
	ret = read(fd, buffer->start, buffer->size);
	err = errno;
	ualarm(0, 0);
	errno = err;
	return ret;
}

/* Whole lines, of which the first is the head, and the last the end. */
static int check_lines(struct fuzz_open *open, const char *text, size_t size)
{
	static const char * const names[] = { "run ", "page ", "map ", "file " };
	const char *line = text, *end = text + size, *at;
	size_t i;

	for (; line < end; line = at + 1) {
		at = memchr(line, '\n', end - line);
		if (!at)
			return complain("a read ended within a line");
		for (i = 0; line + i < at; i++)
			if ((unsigned char)line[i] < ' ')
				return complain("byte %#x in a line", line[i]);
		for (i = 0; i < 4 && strncmp(line, names[i], strlen(names[i])); i++)
			;
		if (open->lines == FUZZ_TEXT_NONE && !strncmp(line, "rmapscope ", 10))
			open->lines = FUZZ_TEXT_BEGUN;
		else if (open->lines == FUZZ_TEXT_BEGUN && !strncmp(line, "end ", 4))
			open->lines = FUZZ_TEXT_ENDED;
		else if (open->lines != FUZZ_TEXT_BEGUN || i == 4)
			return complain("in state %d the line %.*s", open->lines,
					(int)(at - line), line);
	}
	return 0;
}

static fuzz_answers expect_read(const struct fuzz_open *open, const struct fuzz_buffer *buffer)
{
	bool good = buffer->place == FUZZ_GOOD;
	fuzz_answers answers = good ? 0 : FUZZ_BIT(EFAULT);

	if (!fuzz_readable(open))
		return FUZZ_BIT(EBADF);
	if (buffer->size > SSIZE_MAX)
		return answers | FUZZ_BIT(EINVAL);
	if (buffer->place == FUZZ_KERNELS && buffer->size)
		return answers;
	if (open->state == FUZZ_HAS_NONE)
		return answers | FUZZ_BIT(ENODATA);
	answers |= FUZZ_OK | FUZZ_BIT(EINTR) | FUZZ_BIT(EAGAIN);
	if (buffer->size < LONGEST_RECORD)
		answers |= FUZZ_BIT(EINVAL);
	/* The range may be that of the other worker, whose process may have exited. */
	if (open->state == FUZZ_FRESH || open->state == FUZZ_UNSURE)
		answers |= FUZZ_BIT(ENODATA) | FUZZ_BIT(ESRCH) | FUZZ_BIT(EFAULT) | FUZZ_BIT(ENXIO);
	return answers;
}

/* How much of the stream there is to read. */
static bool has_ended(const struct fuzz_open *open)
{
	return open->file == FUZZ_SCAN ? open->lines == FUZZ_TEXT_ENDED : open->raw.ended;
}

/**
 * fuzz_stream_read() - read from a stream and check the result
 * @worker: the worker
 * @fd: the descriptor
 *
 * Return: 0, or -1 if the result violates the contract.
 */
int fuzz_stream_read(struct fuzz_worker *worker, struct fuzz_fd *fd)
{
	static const size_t sizes[] = { 0, 1, 60, 104, 200, 500, 4096, 5000, 65536, 65536 };
	struct fuzz_random *random = &worker->random;
	struct fuzz_open *open = fd->open;
	bool ended = has_ended(open);
	struct fuzz_buffer buffer;
	ssize_t ret;

	fuzz_choose_buffer(worker, fuzz_one_in(random, 50) ? fuzz_huge_size(random) :
			   sizes[fuzz_below(random, sizeof(sizes) / sizeof(sizes[0]))], &buffer);
	snprintf(worker->call, sizeof(worker->call), "read(%s, %p, %zu), state %d",
		 fuzz_names[open->file], buffer.start, buffer.size, open->state);
	ret = read_with_patience(fd->fd, &buffer);
	if (fuzz_answer(worker, ret, expect_read(open, &buffer)))
		return -1;
	if (ret < 0)
		return 0;
	open->state = FUZZ_HAS_REPORT;
	if ((size_t)ret > buffer.size || (!ret && buffer.size && !ended) || (ret && ended))
		return complain("%zd bytes %s the end", ret, ended ? "behind" : "before");
	if (open->file == FUZZ_SCAN ? check_lines(open, buffer.start, ret) :
				      raw_stream_add(&open->raw, buffer.start, ret))
		return -1;
	worker->counts->reports += !ended && has_ended(open);
	return 0;
}

/**
 * fuzz_stream_wrote() - note what was written to a stream, and read the beginning of a new one
 * @worker: the worker; its range was written
 * @fd: the descriptor
 * @state: the new state
 *
 * Return: 0, or -1 if a read violates the contract.
 */
int fuzz_stream_wrote(struct fuzz_worker *worker, struct fuzz_fd *fd, enum fuzz_state state)
{
	const struct fuzz_scan_range *range = &worker->range;
	struct fuzz_open *open = fd->open;
	uint32_t reads = fuzz_below(&worker->random, 3);

	open->state = state;
	/* The earlier stream may still be there. */
	if (state == FUZZ_UNSURE)
		return 0;
	fuzz_text_forget(open);
	if (state != FUZZ_HAS_REPORT || !fuzz_readable(open))
		return 0;
	open->raw.wanted = true;
	open->raw.form = range->form == FUZZ_BY_PID ? RMS_FORM_VA : RMS_FORM_PFN;
	open->raw.options = range->options;
	open->raw.kinds = range->kinds;
	open->raw.min_maps = range->min_maps;
	for (; reads; reads--)
		if (fuzz_stream_read(worker, fd))
			return -1;
	return 0;
}

/**
 * fuzz_stream_pread() - try to read at an offset
 * @worker: the worker
 * @fd: the descriptor
 *
 * Return: 0, or -1 if the result violates the contract.
 */
int fuzz_stream_pread(struct fuzz_worker *worker, struct fuzz_fd *fd)
{
	int64_t offset = fuzz_text_offset(&worker->random, fd->open);
	fuzz_answers answers = FUZZ_BIT(ESPIPE);

	if (offset < 0)
		answers = FUZZ_BIT(EINVAL);
	else if (fd->open->flags & O_PATH)
		answers = FUZZ_BIT(EBADF);
	snprintf(worker->call, sizeof(worker->call), "pread(%s) at %" PRId64,
		 fuzz_names[fd->open->file], offset);
	return fuzz_answer(worker, pread(fd->fd, worker->edge, 100, offset), answers);
}

/**
 * fuzz_stream_seek() - try to move the offset
 * @worker: the worker
 * @fd: the descriptor
 * @offset: for lseek(2)
 * @way: for lseek(2)
 *
 * Return: 0, or -1 if the result violates the contract.
 */
int fuzz_stream_seek(struct fuzz_worker *worker, struct fuzz_fd *fd, int64_t offset, int way)
{
	fuzz_answers answers = FUZZ_BIT(ESPIPE);

	if (fd->open->flags & O_PATH)
		answers = FUZZ_BIT(EBADF);
	else if (way < SEEK_SET || way > SEEK_HOLE)
		answers = FUZZ_BIT(EINVAL);
	snprintf(worker->call, sizeof(worker->call), "lseek(%s, %" PRId64 ", %d)",
		 fuzz_names[fd->open->file], offset, way);
	return fuzz_answer(worker, lseek(fd->fd, offset, way), answers);
}
