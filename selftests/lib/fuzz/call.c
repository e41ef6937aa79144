// SPDX-License-Identifier: GPL-2.0
/* write(2), read(2), pread(2) and lseek(2), and a check of what each call returns. */
#include <inttypes.h>
#include <limits.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "complain.h"
#include "fuzz.h"
#include "text.h"

#define KERNEL_SPACE	0xffff888000000000UL
#define NON_CANONICAL	0x0000800000000000UL

/**
 * fuzz_readable() - is a file open for reading?
 * @open: the file
 *
 * Return: true if so.
 */
bool fuzz_readable(const struct fuzz_open *open)
{
	int mode = open->flags & O_ACCMODE;

	return !(open->flags & O_PATH) && (mode == O_RDONLY || mode == O_RDWR);
}

static bool writable(const struct fuzz_open *open)
{
	int mode = open->flags & O_ACCMODE;

	return !(open->flags & O_PATH) && (mode == O_WRONLY || mode == O_RDWR);
}

/**
 * fuzz_choose_buffer() - choose a buffer for a call
 * @worker: the worker
 * @size: of the buffer
 * @buffer: filled
 *
 * A good buffer ends at the end of a mapping, so an access beyond it faults.
 */
void fuzz_choose_buffer(struct fuzz_worker *worker, size_t size, struct fuzz_buffer *buffer)
{
	char *end = worker->edge + EDGE_SIZE;

	*buffer = (struct fuzz_buffer){ .place = FUZZ_GOOD, .size = size };
	buffer->start = size <= EDGE_SIZE ? end - size : worker->edge;
	if (size > EDGE_SIZE)
		buffer->place = FUZZ_CROSSES;
	switch (fuzz_below(&worker->random, 100)) {
	case 0:
		buffer->place = FUZZ_CROSSES;
		buffer->start = end - fuzz_below(&worker->random, size < 4096 ? size + 1 : 4096);
		if (size <= (size_t)(end - buffer->start))
			buffer->place = FUZZ_GOOD;
		break;
	case 1:
		buffer->place = FUZZ_NOWHERE;
		buffer->start = (char *)(uintptr_t)fuzz_below(&worker->random, 4096);
		break;
	case 2:
		buffer->place = FUZZ_BEYOND;
		buffer->start = (char *)NON_CANONICAL + fuzz_below(&worker->random, 8192) - 4096;
		break;
	case 3:
		buffer->place = FUZZ_KERNELS;
		buffer->start = (char *)(fuzz_one_in(&worker->random, 2) ? KERNEL_SPACE : -8UL);
		break;
	default:
		break;
	}
}

/**
 * fuzz_huge_size() - a size beyond that of most buffers
 * @random: source of random numbers
 *
 * Return: the size.
 */
size_t fuzz_huge_size(struct fuzz_random *random)
{
	static const size_t huge[] = {
		256, 257, 4096, 4097, 1 << 18, (1 << 18) + 1, INT_MAX, 1UL << 31, 1UL << 32,
		1UL << 47, SSIZE_MAX, 1UL + SSIZE_MAX, SIZE_MAX,
	};

	return huge[fuzz_below(random, sizeof(huge) / sizeof(huge[0]))];
}

static bool position_overflows(const struct fuzz_open *open, size_t size)
{
	return size > SSIZE_MAX || open->pos > (int64_t)(INT64_MAX - size);
}

/* Which errnos a write may have, and whether the report is kept if the write fails. */
static fuzz_answers expect_write(struct fuzz_worker *worker, const struct fuzz_open *open,
				 const struct fuzz_buffer *buffer, struct fuzz_target *target,
				 enum fuzz_state *failed)
{
	bool small = buffer->size <= 255;
	fuzz_answers maybe = 0;

	*failed = FUZZ_UNSURE;
	if (!writable(open)) {
		*failed = open->state;
		return FUZZ_BIT(EBADF);
	}
	if (open->file != FUZZ_PAGE && open->file != FUZZ_TREE && !fuzz_is_stream(open->file)) {
		*failed = open->state;
		return FUZZ_BIT(EINVAL) |
		       (buffer->place != FUZZ_GOOD || !small ? FUZZ_BIT(EFAULT) : 0);
	}
	if (buffer->place == FUZZ_KERNELS || buffer->size > EDGE_SIZE)
		return FUZZ_BIT(EFAULT) | FUZZ_BIT(EINVAL) | FUZZ_BIT(E2BIG);
	if (open->state != FUZZ_UNSURE && position_overflows(open, buffer->size)) {
		*failed = open->state;
		return FUZZ_BIT(EINVAL) | (buffer->place == FUZZ_BEYOND ? FUZZ_BIT(EFAULT) : 0);
	}
	if (buffer->place == FUZZ_BEYOND)
		return FUZZ_BIT(EFAULT) | FUZZ_BIT(EINVAL) | (small ? 0 : FUZZ_BIT(E2BIG));
	/* If the file still has a report, its offset may be one at which the VFS refuses writes. */
	if (open->state == FUZZ_UNSURE)
		maybe = FUZZ_BIT(EINVAL);
	else
		*failed = FUZZ_HAS_NONE;
	if (!small)
		return FUZZ_BIT(E2BIG) | maybe;
	if (buffer->place != FUZZ_GOOD)
		return buffer->size ? FUZZ_BIT(EFAULT) | maybe : FUZZ_BIT(EINVAL);
	if (fuzz_is_stream(open->file)) {
		fuzz_parse_range(buffer->start, buffer->size, &worker->range);
		return fuzz_range_answers(worker->setup, &worker->range) | maybe;
	}
	fuzz_parse(buffer->start, buffer->size, target);
	return fuzz_setup_answers(worker->setup, open->file, target) | maybe;
}

/**
 * fuzz_write() - write random input to a file
 * @worker: the worker
 * @fd: the descriptor
 *
 * Return: 0, or -1 if the result violates the contract.
 */
int fuzz_write(struct fuzz_worker *worker, struct fuzz_fd *fd)
{
	struct fuzz_input *input = &worker->input;
	struct fuzz_open *open = fd->open;
	struct fuzz_target target;
	enum fuzz_state failed;
	struct fuzz_buffer buffer;
	fuzz_answers answers;
	ssize_t ret;

	fuzz_make(&worker->random, worker->setup, &worker->corpus, fuzz_is_stream(open->file),
		  input);
	fuzz_choose_buffer(worker, input->size, &buffer);
	if (fuzz_one_in(&worker->random, 100))
		fuzz_choose_buffer(worker, fuzz_huge_size(&worker->random), &buffer);
	else if (buffer.place == FUZZ_GOOD)
		memcpy(buffer.start, input->bytes, input->size);
	if (buffer.place == FUZZ_GOOD && buffer.size > input->size)
		memset(buffer.start, ' ', buffer.size);
	answers = expect_write(worker, open, &buffer, &target, &failed);
	worker->wrote = true;
	snprintf(worker->call, sizeof(worker->call), "write(%s, %p, %zu) at %" PRId64 ", state %d",
		 fuzz_names[open->file], buffer.start, buffer.size, open->pos, open->state);

	ret = write(fd->fd, buffer.start, buffer.size);
	if (fuzz_answer(worker, ret, answers))
		return -1;
	if (ret >= 0 && (size_t)ret != buffer.size)
		return complain("%zd bytes were written, of %zu", ret, buffer.size);
	if (ret < 0 && failed == open->state)
		return 0;
	if (fuzz_is_stream(open->file))
		return fuzz_stream_wrote(worker, fd, ret < 0 ? failed : FUZZ_HAS_REPORT);
	fuzz_text_forget(open);
	open->state = ret < 0 ? failed : FUZZ_HAS_REPORT;
	open->whole = ret < 0 ? -1 : target.folio;
	open->pos = 0;
	if (ret >= 0 && fuzz_readable(open) && fuzz_one_in(&worker->random, 4))
		return fuzz_text_learn(worker, fd);
	return 0;
}

/* Checks a read from a file whose report is known. */
static int check_text(const struct fuzz_open *open, const struct fuzz_buffer *buffer, int64_t pos,
		      ssize_t got)
{
	size_t rest = (size_t)pos < open->size ? open->size - pos : 0;

	if (rest > buffer->size)
		rest = buffer->size;
	if ((size_t)got > rest || (rest && !got))
		return complain("%zd bytes were read at %" PRId64 " of a report of %zu", got, pos,
				open->size);
	if (got && memcmp(buffer->start, open->text + pos, got))
		return complain("the text at %" PRId64 " differs from before", pos);
	return 0;
}

static fuzz_answers expect_read(const struct fuzz_open *open, const struct fuzz_buffer *buffer,
				int64_t pos)
{
	bool good = buffer->place == FUZZ_GOOD;
	fuzz_answers maybe = 0;

	if (!fuzz_readable(open))
		return FUZZ_BIT(EBADF) | (pos < 0 ? FUZZ_BIT(EINVAL) : 0);
	if (open->state == FUZZ_UNSURE)
		return FUZZ_LOOK | FUZZ_BIT(EINVAL);
	if (pos < 0 || buffer->size > SSIZE_MAX || pos > (int64_t)(INT64_MAX - buffer->size))
		return FUZZ_BIT(EINVAL) | (good ? 0 : FUZZ_BIT(EFAULT));
	if (buffer->place == FUZZ_KERNELS)
		return FUZZ_BIT(EFAULT) | (buffer->size ? 0 : FUZZ_OK | FUZZ_BIT(ENODATA));
	/* A buffer that crosses into unmapped memory may be filled in part. */
	if (!good)
		maybe = FUZZ_BIT(EFAULT) | (buffer->size > EDGE_SIZE ? FUZZ_BIT(EINVAL) : 0);
	if (open->state == FUZZ_HAS_NONE)
		return FUZZ_BIT(ENODATA) | maybe;
	if (open->state == FUZZ_FRESH && (open->file == FUZZ_PAGE || open->file == FUZZ_TREE))
		return FUZZ_LOOK | maybe;
	return FUZZ_OK | maybe;
}

/* The state of a file without a report after a read. */
static void after_first_read(struct fuzz_open *open, ssize_t ret)
{
	if (ret >= 0)
		open->state = FUZZ_HAS_REPORT;
	else if (errno == EFAULT)
		open->state = FUZZ_UNSURE;
}

/**
 * fuzz_read() - read from a file and check the result
 * @worker: the worker
 * @fd: the descriptor
 * @at_offset: use pread(2)
 *
 * Return: 0, or -1 if the result violates the contract.
 */
int fuzz_read(struct fuzz_worker *worker, struct fuzz_fd *fd, bool at_offset)
{
	static const size_t sizes[] = { 0, 1, 7, 80, 500, 4096, 5000, 65536 };
	struct fuzz_random *random = &worker->random;
	struct fuzz_open *open = fd->open;
	struct fuzz_buffer buffer;
	fuzz_answers answers;
	int64_t pos = open->pos;
	ssize_t ret;

	if (fuzz_is_stream(open->file))
		return at_offset ? fuzz_stream_pread(worker, fd) : fuzz_stream_read(worker, fd);
	if (open->state == FUZZ_HAS_REPORT && !open->text && fuzz_readable(open) &&
	    fuzz_text_learn(worker, fd))
		return -1;
	if (at_offset)
		pos = fuzz_text_offset(random, open);
	fuzz_choose_buffer(worker, fuzz_one_in(random, 50) ? fuzz_huge_size(random) :
		      sizes[fuzz_below(random, sizeof(sizes) / sizeof(sizes[0]))], &buffer);
	answers = expect_read(open, &buffer, pos);
	snprintf(worker->call, sizeof(worker->call), "%s(%s, %p, %zu) at %" PRId64,
		 at_offset ? "pread" : "read", fuzz_names[open->file], buffer.start,
		 buffer.size, pos);

	if (at_offset)
		ret = pread(fd->fd, buffer.start, buffer.size, pos);
	else
		ret = read(fd->fd, buffer.start, buffer.size);
	if (fuzz_answer(worker, ret, answers))
		return -1;
	if (ret >= 0 && open->text && check_text(open, &buffer, pos, ret))
		return -1;
	if (open->state == FUZZ_FRESH)
		after_first_read(open, ret);
	if (ret > 0 && !at_offset)
		open->pos += ret;
	return 0;
}

/**
 * fuzz_seek() - move the offset of a file
 * @worker: the worker
 * @fd: the descriptor
 *
 * Return: 0, or -1 if the result violates the contract.
 */
int fuzz_seek(struct fuzz_worker *worker, struct fuzz_fd *fd)
{
	static const int ways[] = {
		SEEK_SET, SEEK_SET, SEEK_SET, SEEK_CUR, SEEK_CUR, SEEK_END, 3, 4, 5, -1,
	};
	int way = ways[fuzz_below(&worker->random, sizeof(ways) / sizeof(ways[0]))];
	int64_t offset = fuzz_text_offset(&worker->random, fd->open), to = offset;
	struct fuzz_open *open = fd->open;
	fuzz_answers answers = FUZZ_OK;
	off_t ret;

	if (fuzz_is_stream(open->file))
		return fuzz_stream_seek(worker, fd, offset, way);
	if (way == SEEK_CUR && __builtin_add_overflow(open->pos, offset, &to))
		to = -1;
	if (open->flags & O_PATH)
		answers = FUZZ_BIT(EBADF);
	else if ((way != SEEK_SET && way != SEEK_CUR))
		answers = FUZZ_BIT(EINVAL);
	else if (open->state == FUZZ_UNSURE)
		answers |= FUZZ_BIT(EINVAL) | FUZZ_BIT(ENODATA);
	else if (to < 0)
		answers = FUZZ_BIT(EINVAL);
	else if (open->state != FUZZ_HAS_REPORT && to)
		answers = FUZZ_BIT(ENODATA);
	snprintf(worker->call, sizeof(worker->call), "lseek(%s, %" PRId64 ", %d) at %" PRId64,
		 fuzz_names[open->file], offset, way, open->pos);

	ret = lseek(fd->fd, offset, way);
	if (fuzz_answer(worker, ret, answers))
		return -1;
	if (ret < 0 && errno == ENODATA)
		open->pos = 0;
	else if (ret >= 0 && open->state == FUZZ_UNSURE)
		open->pos = ret;
	else if (ret >= 0 && ret != to)
		return complain("the offset is %jd", (intmax_t)ret);
	else if (ret >= 0)
		open->pos = to;
	return 0;
}
