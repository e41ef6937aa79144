// SPDX-License-Identifier: GPL-2.0
/*
 * onlooker REPORT COMMAND [ARGUMENT...]: takes reports all the time while a command runs, and
 * compares them with the pagemaps of all processes.
 *
 * One process takes reports on all frames. Another one takes reports on addresses of all
 * processes, and on their trees. A third one reads both from streams. Each reads all pagemaps,
 * takes some reports, and reads all pagemaps again. If a report disagrees with both, the page may
 * have moved away and back, so only a difference that persists counts.
 *
 * The exit status is that of the command. The file REPORT has the results. Its last line is "ok"
 * or "not ok".
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "complain.h"
#include "live_report.h"
#include "page_report.h"
#include "raw_stream.h"
#include "top_report.h"
#include "tree_report.h"

#define NR_WORKERS	3
#define WINDOW		64	/* reports between two scans, and their longest time */
#define WINDOW_NS	200000000
#define TRIES		20	/* some pages move back and forth */
#define MOST_PROBLEMS	20	/* problems to describe */

static const int refusals[] = { ESRCH, EFAULT, ENODATA, ENXIO, EOPNOTSUPP, EAGAIN };

#define NR_REFUSALS	(sizeof(refusals) / sizeof(refusals[0]))

/* Shared by all processes. */
struct counts {
	atomic_ulong looks, reports, refused[NR_REFUSALS];
	atomic_ulong quiet, moved, raced, swapped, again;
	atomic_ulong graphs, tops, streams, rounds, passes;
	atomic_ulong problems;
};

static struct counts *counts;
static FILE *report;
static volatile sig_atomic_t stop;

static void on_term(int sig)
{
	stop = sig;
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void problem(const char *what, const char *target)
{
	if (counts->problems++ < MOST_PROBLEMS)
		fprintf(report, "%s: %s: %s\n", what, target, why);
}

/* The report itself, which is still in the open file. */
static void malformed(const char *target, int fd)
{
	char *text = counts->problems < MOST_PROBLEMS && !lseek(fd, 0, SEEK_SET) ?
		     interface_read(fd) : NULL;

	problem("malformed", target);
	if (text)
		fputs(text, report);
	free(text);
}

static bool count_refusal(int err)
{
	size_t i;

	for (i = 0; i < NR_REFUSALS; i++) {
		if (err != -refusals[i])
			continue;
		counts->refused[i]++;
		return true;
	}
	return false;
}

/* A malformed report or an errno outside of the contract is a problem in any case. */
static void take_one(struct live_report *seen, int fd)
{
	char target[80];

	live_report_take(seen, fd);
	counts->looks++;
	live_report_target(seen, target, sizeof(target));
	if (!seen->err) {
		counts->reports++;
		counts->raced += seen->raced;
		counts->swapped += !!(seen->key & PM_SWAPPED);
	} else if (seen->err == -EPROTO && seen->stream) {
		problem("malformed", target);
	} else if (seen->err == -EPROTO) {
		malformed(target, fd);
	} else if (!count_refusal(seen->err)) {
		complain("%s", strerror(-seen->err));
		problem("refused", target);
	}
}

/* Does the difference persist if scans and report are repeated? */
static bool differs_again(const struct live_report *first, int fd)
{
	struct oracle before = { 0 }, after = { 0 };
	enum live_verdict verdict = LIVE_DIFFERS;
	int try;

	for (try = 0; try < TRIES && verdict == LIVE_DIFFERS; try++) {
		struct live_report seen = *first;

		seen.seen = (struct mappings){ 0 };
		verdict = LIVE_MOVED;
		if (!oracle_scan(&before)) {
			take_one(&seen, fd);
			if (!oracle_scan(&after) && seen.err != -EPROTO)
				verdict = live_report_judge(&seen, &before, &after);
		}
		live_report_free(&seen);
	}
	oracle_free(&before);
	oracle_free(&after);
	return verdict == LIVE_DIFFERS;
}

static void judge(const struct live_report *seen, const struct oracle *before,
		  const struct oracle *after, int fd)
{
	char target[80];

	if (seen->err == -EPROTO)
		return;
	switch (live_report_judge(seen, before, after)) {
	case LIVE_AGREES:
		counts->quiet += !seen->err;
		break;
	case LIVE_MOVED:
		counts->moved++;
		break;
	case LIVE_DIFFERS:
		counts->again++;
		live_report_target(seen, target, sizeof(target));
		if (differs_again(seen, fd))
			problem("disagreement", target);
		else
			counts->moved++;
	}
}

/* Chooses the next target. Returns false at the end of a round. */
typedef bool (*next_fn)(struct live_report *seen, const struct oracle *all);

/* All frames in turn, continued in the next round. */
static bool next_frame(struct live_report *seen, const struct oracle *all)
{
	static uint64_t pfn = ~0ULL;
	uint64_t flags;

	/* Starts at a random frame, as the command may end before all frames were visited. */
	if (pfn == ~0ULL)
		pfn = random() % (1 << 19);

	/* Memory ends where a whole section has no flags. */
	if (!(pfn % (1 << 15)) && oracle_kpageflags(pfn, &flags)) {
		pfn = 0;
		counts->passes++;
		return false;
	}
	*seen = (struct live_report){ .pfn = pfn, .whole = (pfn ^ counts->passes) & 1 };
	pfn++;
	return true;
}

static void see_graph(const struct live_report *seen)
{
	struct tree_report tree;
	char target[80];
	int err;

	live_report_target(seen, target, sizeof(target));
	err = tree_report_take(&tree, "%s", target);
	tree_report_free(&tree);
	if (!err)
		counts->graphs++;
	else if (err == -EPROTO || !count_refusal(err))
		problem("tree", target);
}

/* A random address from the pagemaps. Sometimes it is one beside it, which may be unmapped. */
static bool next_address(struct live_report *seen, const struct oracle *all)
{
	const struct oracle_entry *entry;
	uint64_t beside;

	if (!all->nr)
		return false;
	entry = &all->v[random() % all->nr];
	beside = random() % 8 ? 0 : random() % 64;
	*seen = (struct live_report){
		.pid = entry->place.pid,
		.va = entry->place.va + beside * getpagesize(),
		.pfn = beside ? ~0ULL : entry->pfn,
		.whole = !beside && random() % 4 == 0,
	};
	if (random() % 4 == 0)
		see_graph(seen);
	return true;
}

/* Takes reports between two scans. */
static void do_round(int fd, next_fn next, const struct oracle *all, struct oracle *after)
{
	struct live_report sights[WINDOW];
	uint64_t end = now() + WINDOW_NS;
	size_t i, nr = 0;

	while (!stop && nr < WINDOW && now() < end) {
		struct live_report *seen = &sights[nr];
		struct mappings found = { 0 };

		if (!next(seen, all))
			break;
		take_one(seen, fd);
		/* Most frames are free. */
		if (oracle_find(all, seen->pfn, &found) || (seen->err && !found.nr))
			live_report_free(seen);
		else
			nr++;
		mappings_free(&found);
	}
	if (oracle_scan(after)) {
		problem("scan", "of all pagemaps");
		stop = 1;
	}
	for (i = 0; i < nr; i++) {
		judge(&sights[i], all, after, fd);
		live_report_free(&sights[i]);
	}
	counts->rounds++;
}

/* A page of a stream, chosen in one of the two ways. */
static bool next_streamed(struct live_report *seen, const struct oracle *all)
{
	bool more = random() % 2 ? next_frame(seen, all) : next_address(seen, all);

	seen->stream = true;
	seen->whole = false;
	return more;
}

/* A stream of all memory of a process is consistent. */
static void see_stream(const struct oracle *all)
{
	struct raw_stream stream = { 0 };
	char range[80];
	int err;

	if (!all->nr)
		return;
	snprintf(range, sizeof(range), "pid=%d %s", all->v[random() % all->nr].place.pid,
		 stream_options(random()));
	err = raw_stream_take(&stream, "%s", range);
	raw_stream_free(&stream);
	if (!err)
		counts->streams++;
	else if (err == -1 || !count_refusal(err))
		problem("stream", range);
}

static void see_top(void)
{
	struct report top;

	if (top_report_take(&top))
		problem("top", "all");
	else
		counts->tops++;
	report_free(&top);
}

/* A process that takes reports until the end. It signals when its first round is done. */
static int observe(next_fn next, int said)
{
	struct oracle scans[2] = { 0 };
	int fd = interface_open("page", O_RDWR);
	unsigned int round;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGTERM, on_term);
	srandom(getpid());
	if (fd < 0) {
		complain("%s", strerror(-fd));
		problem("open", "page");
		return 1;
	}
	if (oracle_scan(&scans[0])) {
		problem("scan", "of all pagemaps");
		return 1;
	}
	/* The second scan of a round is the first scan of the next. */
	for (round = 0; !stop; round++) {
		do_round(fd, next, &scans[round % 2], &scans[(round + 1) % 2]);
		if (next == next_address)
			see_top();
		if (next == next_streamed)
			see_stream(&scans[round % 2]);
		fflush(report);
		if (!round && write(said, "", 1) != 1)
			return 1;
	}
	oracle_free(&scans[0]);
	oracle_free(&scans[1]);
	return 0;
}

static const char * const names[NR_WORKERS] = { "frames", "addresses", "streams" };

static void write_counts(void)
{
	size_t i;

	fprintf(report, "looks=%lu reports=%lu quiet=%lu moved=%lu again=%lu raced=%lu swapped=%lu",
		counts->looks, counts->reports, counts->quiet, counts->moved, counts->again,
		counts->raced, counts->swapped);
	for (i = 0; i < NR_REFUSALS; i++)
		fprintf(report, " %s=%lu", strerrorname_np(refusals[i]), counts->refused[i]);
	fprintf(report, " trees=%lu tops=%lu streams=%lu rounds=%lu passes=%lu problems=%lu\n",
		counts->graphs, counts->tops, counts->streams, counts->rounds, counts->passes,
		counts->problems);
	fprintf(report, "%s\n", counts->problems ? "not ok" : "ok");
}

static int run(char **command)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		execvp(command[0], command);
		perror(command[0]);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 126;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	static const next_fn all_next[] = { next_frame, next_address, next_streamed };
	int ready[2], status = 126, ended, i;
	pid_t workers[NR_WORKERS];
	char byte;

	report = argc > 2 ? fopen(argv[1], "ae") : NULL;
	counts = mmap(NULL, sizeof(*counts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (!report || counts == MAP_FAILED || pipe2(ready, O_CLOEXEC)) {
		fprintf(stderr, "usage: onlooker REPORT COMMAND [ARGUMENT...]\n");
		return 125;
	}
	for (i = 0; i < NR_WORKERS; i++) {
		workers[i] = fork();
		if (!workers[i])
			exit(observe(all_next[i], ready[1]));
	}
	close(ready[1]);
	/* A process that failed sends nothing. */
	for (i = 0; i < NR_WORKERS && read(ready[0], &byte, 1) == 1; i++)
		;
	if (i == NR_WORKERS)
		status = run(argv + 2);
	for (i = 0; i < NR_WORKERS; i++) {
		kill(workers[i], SIGTERM);
		if (waitpid(workers[i], &ended, 0) != workers[i] || ended) {
			complain("status %#x", ended);
			problem("an onlooker ended", names[i]);
		}
	}
	write_counts();
	return fclose(report) ? 125 : status;
}
