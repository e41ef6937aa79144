/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_FUZZ_H
#define RMAPSCOPE_SELFTEST_FUZZ_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "raw_stream.h"

/*
 * Calls of all kinds on all files of the module, with valid, nearly valid and random input, and
 * checks of the results against the contract in interface.rst.
 */

/* Random numbers that are the same for the same seed. */
struct fuzz_random {
	uint64_t state;
};

uint64_t fuzz_random_next(struct fuzz_random *random);

static inline uint32_t fuzz_below(struct fuzz_random *random, uint32_t n)
{
	return (fuzz_random_next(random) >> 32) * n >> 32;
}

static inline bool fuzz_one_in(struct fuzz_random *random, uint32_t n)
{
	return !fuzz_below(random, n);
}

/*
 * A set of allowed results, with a bit for each errno. Bit 0 stands for success. All errnos of
 * interest are below 63 except EOPNOTSUPP, which has bit 63.
 */
typedef uint64_t fuzz_answers;

static inline fuzz_answers fuzz_bit(int err)
{
	return 1ULL << (err == EOPNOTSUPP ? 63 : err);
}

#define FUZZ_BIT(err)	fuzz_bit(err)
#define FUZZ_OK		FUZZ_BIT(0)
/*
 * The results that a report on an unknown page can have. No signal arrives and there is enough
 * memory, so EINTR and ENOMEM are not among them.
 */
#define FUZZ_LOOK	(FUZZ_OK | FUZZ_BIT(ESRCH) | FUZZ_BIT(EFAULT) | FUZZ_BIT(ENODATA) | \
			 FUZZ_BIT(ENXIO) | FUZZ_BIT(EOPNOTSUPP) | FUZZ_BIT(EAGAIN))

static inline bool fuzz_is_among(int err, fuzz_answers answers)
{
	return (err >= 0 && err < 63 && (answers & FUZZ_BIT(err))) ||
	       (err == EOPNOTSUPP && (answers & FUZZ_BIT(EOPNOTSUPP)));
}

enum fuzz_file {
	FUZZ_INFO,
	FUZZ_PAGE,
	FUZZ_TREE,
	FUZZ_TOP,
	FUZZ_STATS,
	FUZZ_SCAN,
	FUZZ_SCAN_RAW,
	FUZZ_NR_FILES,
};

/* The files that are read as a stream, and take a range. */
static inline bool fuzz_is_stream(enum fuzz_file file)
{
	return file == FUZZ_SCAN || file == FUZZ_SCAN_RAW;
}

/* NULL for a file that the module lacks. */
extern const char * const fuzz_names[FUZZ_NR_FILES];

enum fuzz_form {
	FUZZ_MALFORMED,
	FUZZ_BY_PID,
	FUZZ_BY_PFN,
};

/* What a target means, by a parser that shares nothing with the module's. */
struct fuzz_target {
	enum fuzz_form form;
	uint64_t pid;
	uint64_t va;
	uint64_t pfn;
	bool folio;
};

bool fuzz_parse(const char *bytes, size_t size, struct fuzz_target *target);

/* The same for a range. */
struct fuzz_scan_range {
	enum fuzz_form form;
	uint64_t pid;
	uint64_t start;
	uint64_t end;
	bool bounded;
	uint32_t options;
	uint32_t min_maps;
	uint64_t kinds;
};

bool fuzz_parse_range(const char *bytes, size_t size, struct fuzz_scan_range *target);

/* Processes and addresses for which the possible results are known. */
#define FUZZ_MAX_RANGES	64
#define FUZZ_MAX_PIDS	24

struct fuzz_range {
	pid_t pid;		/* 0: any process that has the creator's memory */
	uint64_t start;
	uint64_t end;
	fuzz_answers page;
	fuzz_answers tree;
};

struct fuzz_setup {
	struct fuzz_range places[FUZZ_MAX_RANGES];
	size_t nr_places;
	pid_t family[FUZZ_MAX_PIDS];	/* the creator, and children with its memory */
	size_t nr_family;
	pid_t without[FUZZ_MAX_PIDS];	/* exited processes, zombies, kernel threads */
	size_t nr_without;
	uint64_t end_pfn;		/* first frame after the end of memory */
};

int fuzz_setup_create(struct fuzz_setup *setup);
int fuzz_setup_destroy(struct fuzz_setup *setup);
fuzz_answers fuzz_setup_answers(const struct fuzz_setup *setup, enum fuzz_file file,
				const struct fuzz_target *target);
fuzz_answers fuzz_range_answers(const struct fuzz_setup *setup,
				const struct fuzz_scan_range *target);
bool fuzz_is_pid(uint64_t pid, const pid_t *pids, size_t nr);

/* Input to write. */
#define FUZZ_MAX_BYTES	320

struct fuzz_input {
	uint16_t size;
	char bytes[FUZZ_MAX_BYTES];
};

#define FUZZ_RECENT	64
#define FUZZ_MAX_KEPT	512

struct fuzz_corpus {
	struct fuzz_input recent[FUZZ_RECENT];
	struct fuzz_input kept[FUZZ_MAX_KEPT];	/* input that reached new code */
	size_t nr_recent;
	size_t nr_kept;
};

void fuzz_make(struct fuzz_random *random, const struct fuzz_setup *setup,
	       struct fuzz_corpus *corpus, bool range, struct fuzz_input *input);
void fuzz_keep(struct fuzz_corpus *corpus, const struct fuzz_input *input);

/* The open files, and what is known of each. */
#define FUZZ_MAX_OPEN	8
#define FUZZ_MAX_FDS	12

enum fuzz_state {
	FUZZ_FRESH,		/* neither written to nor read */
	FUZZ_HAS_REPORT,
	FUZZ_HAS_NONE,		/* the last write failed */
	FUZZ_UNSURE,		/* the last write failed, maybe before it reached the module */
};

struct fuzz_open {
	int refs;
	enum fuzz_file file;
	int flags;
	enum fuzz_state state;
	int whole;		/* the report is on a whole folio; -1 if unknown */
	int64_t pos;
	char *text;		/* of the report, once it was read; else NULL */
	size_t size;
	struct raw_stream raw;	/* what was read of scan_raw */
	enum {
		FUZZ_TEXT_NONE,	/* what was read of scan */
		FUZZ_TEXT_BEGUN,
		FUZZ_TEXT_ENDED,
	} lines;
};

struct fuzz_fd {
	int fd;
	struct fuzz_open *open;
};

/* Results of a worker, in memory shared with its parent. */
struct fuzz_counts {
	volatile uint64_t inputs;
	volatile uint64_t answers[64];
	volatile uint64_t reports;
};

struct fuzz_worker {
	struct fuzz_random random;
	const struct fuzz_setup *setup;
	struct fuzz_counts *counts;
	struct fuzz_corpus corpus;
	struct fuzz_open opens[FUZZ_MAX_OPEN];
	struct fuzz_fd fds[FUZZ_MAX_FDS];
	char *edge;		/* the end of a page with unmapped memory behind it */
	struct fuzz_input input;	/* of the last call, if it was a write */
	struct fuzz_scan_range range;	/* what the last range meant */
	char call[160];		/* the last call, for messages */
	bool wrote;		/* the last call had an input */
};

int fuzz_worker_init(struct fuzz_worker *worker);
void fuzz_worker_end(struct fuzz_worker *worker);
int fuzz_step(struct fuzz_worker *worker);

/* answer.c */
int fuzz_answer(struct fuzz_worker *worker, int64_t ret, fuzz_answers answers);

int fuzz_open(struct fuzz_worker *worker);
int fuzz_close(struct fuzz_worker *worker, struct fuzz_fd *fd);
int fuzz_dup(struct fuzz_worker *worker, struct fuzz_fd *fd);
int fuzz_write(struct fuzz_worker *worker, struct fuzz_fd *fd);
int fuzz_read(struct fuzz_worker *worker, struct fuzz_fd *fd, bool at_offset);
int fuzz_seek(struct fuzz_worker *worker, struct fuzz_fd *fd);
int fuzz_other(struct fuzz_worker *worker, struct fuzz_fd *fd);

#endif
