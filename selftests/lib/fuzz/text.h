/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_FUZZ_TEXT_H
#define RMAPSCOPE_SELFTEST_FUZZ_TEXT_H

#include "fuzz.h"

#define EDGE_SIZE	(1UL << 18)

/* The buffer of a call, and where it is. */
struct fuzz_buffer {
	enum {
		FUZZ_GOOD,
		FUZZ_CROSSES,	/* begins in mapped memory, ends in unmapped memory */
		FUZZ_NOWHERE,	/* a user address that is not mapped */
		FUZZ_BEYOND,	/* no user address; kernels differ in which function notices */
		FUZZ_KERNELS,	/* no user address; noticed before the module is called */
	} place;
	char *start;
	size_t size;
};

/* call.c */
bool fuzz_readable(const struct fuzz_open *open);
void fuzz_choose_buffer(struct fuzz_worker *worker, size_t size, struct fuzz_buffer *buffer);
size_t fuzz_huge_size(struct fuzz_random *random);

/* stream.c */
int fuzz_stream_wrote(struct fuzz_worker *worker, struct fuzz_fd *fd, enum fuzz_state state);
int fuzz_stream_read(struct fuzz_worker *worker, struct fuzz_fd *fd);
int fuzz_stream_pread(struct fuzz_worker *worker, struct fuzz_fd *fd);
int fuzz_stream_seek(struct fuzz_worker *worker, struct fuzz_fd *fd, int64_t offset, int way);

/* text.c */
int fuzz_text_learn(struct fuzz_worker *worker, struct fuzz_fd *fd);
void fuzz_text_forget(struct fuzz_open *open);
int64_t fuzz_text_offset(struct fuzz_random *random, const struct fuzz_open *open);

#endif
