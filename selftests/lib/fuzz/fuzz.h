/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RMAPSCOPE_SELFTEST_FUZZ_H
#define RMAPSCOPE_SELFTEST_FUZZ_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * Calls of every kind on all files of the module, with input that is good, nearly good or
 * neither, and what the contract says can come of each.
 */

/* Dice that fall the same way whenever they start at the same seed. */
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
 * Sets of answers, a bit each: the errnos of interest are below 63, but for one. 0, or how
 * many bytes, is success.
 */
typedef uint64_t fuzz_answers;

static inline fuzz_answers fuzz_bit(int err)
{
	return 1ULL << (err == EOPNOTSUPP ? 63 : err);
}

#define FUZZ_BIT(err)	fuzz_bit(err)
#define FUZZ_OK		FUZZ_BIT(0)
/* What a look at a page of which nothing is known can end in; no signal comes, memory abounds. */
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
	FUZZ_NR_FILES,
};

/* One that the module lacks has no name. */
extern const char * const fuzz_names[FUZZ_NR_FILES];

/* What a text asks for, by a parser that has nothing in common with the module's. */
struct fuzz_target {
	enum { FUZZ_MALFORMED, FUZZ_BY_PID, FUZZ_BY_PFN } form;
	uint64_t pid;
	uint64_t va;
	uint64_t pfn;
	bool folio;
};

bool fuzz_parse(const char *bytes, size_t size, struct fuzz_target *target);

/* Processes and addresses of which is known what must come of a look. */
#define FUZZ_MAX_RANGES	64
#define FUZZ_MAX_PIDS	24

struct fuzz_range {
	pid_t pid;		/* 0: any of those that have the creator's memory */
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
	pid_t without[FUZZ_MAX_PIDS];	/* gone, zombies, kernel threads */
	size_t nr_without;
	uint64_t end_pfn;		/* no frame from here on */
};

int fuzz_setup_create(struct fuzz_setup *setup);
int fuzz_setup_destroy(struct fuzz_setup *setup);
fuzz_answers fuzz_setup_answers(const struct fuzz_setup *setup, enum fuzz_file file,
				const struct fuzz_target *target);

/* Texts to write. */
#define FUZZ_MAX_BYTES	320

struct fuzz_input {
	uint16_t size;
	char bytes[FUZZ_MAX_BYTES];
};

#define FUZZ_RECENT	64
#define FUZZ_MAX_KEPT	512

struct fuzz_corpus {
	struct fuzz_input recent[FUZZ_RECENT];
	struct fuzz_input kept[FUZZ_MAX_KEPT];	/* those that reached new code */
	size_t nr_recent;
	size_t nr_kept;
};

void fuzz_make(struct fuzz_random *random, const struct fuzz_setup *setup,
	       struct fuzz_corpus *corpus, struct fuzz_input *input);
void fuzz_keep(struct fuzz_corpus *corpus, const struct fuzz_input *input);

/* Open files, and what is known of each. */
#define FUZZ_MAX_OPEN	8
#define FUZZ_MAX_FDS	12

enum fuzz_state {
	FUZZ_FRESH,		/* neither written to nor read */
	FUZZ_HAS_REPORT,
	FUZZ_HAS_NONE,		/* the last write failed */
	FUZZ_UNSURE,		/* it failed, but maybe before the module heard of it */
};

struct fuzz_open {
	int refs;
	enum fuzz_file file;
	int flags;
	enum fuzz_state state;
	int whole;		/* the report is on a whole folio; -1: who knows */
	int64_t pos;
	char *text;		/* of the report, once it has been read; else NULL */
	size_t size;
};

struct fuzz_fd {
	int fd;
	struct fuzz_open *open;
};

/* What one worker did, kept where its parent sees it. */
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
	char *edge;		/* a page that ends where no memory is */
	struct fuzz_input input;	/* of the last call, if it wrote */
	char call[160];		/* the last call, for a complaint */
	bool wrote;		/* it had an input */
};

int fuzz_worker_init(struct fuzz_worker *worker);
void fuzz_worker_end(struct fuzz_worker *worker);
int fuzz_step(struct fuzz_worker *worker);

int fuzz_answer(struct fuzz_worker *worker, int64_t ret, fuzz_answers answers);
int fuzz_open(struct fuzz_worker *worker);
int fuzz_close(struct fuzz_worker *worker, struct fuzz_fd *fd);
int fuzz_dup(struct fuzz_worker *worker, struct fuzz_fd *fd);
int fuzz_write(struct fuzz_worker *worker, struct fuzz_fd *fd);
int fuzz_read(struct fuzz_worker *worker, struct fuzz_fd *fd, bool at_offset);
int fuzz_seek(struct fuzz_worker *worker, struct fuzz_fd *fd);
int fuzz_other(struct fuzz_worker *worker, struct fuzz_fd *fd);

#endif
