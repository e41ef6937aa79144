/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of rmap-exercise share: the options, the helper processes, and the account, which
 * says which process maps which page.
 *
 * The main process is helper 0. It sets the scenario up, so in most scenarios it has the root of
 * the anon_vma tree. Only the main process prints.
 */
#ifndef RMAP_EXERCISE_H
#define RMAP_EXERCISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdnoreturn.h>
#include <sys/types.h>

#include "message.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define MAX_CHILDREN	20000
#define MAX_DEPTH	500
#define MAX_PAGES	4096
/* Of a heap, 256 MiB. */
#define MAX_HEAP_PAGES	65536
/* On the heap and the stack: too few pages for a huge page. */
#define MAX_SMALL_PAGES	64
/* Limits the JSON to about 100 MB. */
#define MAX_MAPPINGS	1000000

enum option_id {
	OPT_CHILDREN,
	OPT_DEPTH,
	OPT_PAGES,
	OPT_WRITERS,
	OPT_MAX_SHARING,
	NR_OPTIONS,
};

/* A process of the exercise. Its role is printed with @num behind it, unless @num is 0. */
struct helper {
	pid_t pid;
	unsigned int num;
	const char *role;
	unsigned long va;	/* address of its own region, if it has one */
	unsigned long code;	/* if it has run the program anew: address of a page of its code */
	unsigned int sharer;	/* another helper on the same mm, or 0 */
};

enum map_state {
	STATE_MAPPED,
	STATE_COWED,		/* another page is there */
	STATE_NONE,		/* nothing is there */
	STATE_SWAPPED,		/* a swap entry is there */
};

/* In helpers @from to @to, the page has @state at @va. */
struct account_range {
	enum map_state state;
	unsigned int from;
	unsigned int to;
	unsigned long va;
};

/* The kinds of pages, as rmapscope(8) names them. */
#define KIND_ANON		"anon"
#define KIND_KSM		"ksm"
#define KIND_FILE		"file"
#define KIND_SHMEM		"shmem"
#define KIND_HUGETLB_ANON	"hugetlb-anon"
#define KIND_HUGETLB_FILE	"hugetlb-file"
#define KIND_SWAP		"swap"
/* Frames without a reverse map, which rmapscope(8) refuses. */
#define KIND_ZERO		"zero"
#define KIND_HUGE_ZERO		"huge-zero"
#define KIND_PFNMAP		"pfnmap"

/* @count pages in a row that the same helpers have in the same states. */
struct account_page {
	const char *kind;
	const char *note;
	unsigned int num;	/* printed behind @note unless 0 */
	unsigned int count;
	int index;		/* of the first page in its folio; -1: small pages */
	unsigned int other_vmas;	/* VMAs that map the folio without this page */
	bool visits_unknown;	/* how many VMAs the walk visits cannot be predicted */
	bool refused;		/* has no reverse map */
	unsigned int nr_ranges;
	struct account_range *ranges;
};

/* How a page of a region compares with what the parent has at the same address. */
enum share_state {
	SHARE_SHARED,		/* the same page */
	SHARE_COPIED,		/* each has a page of its own */
	SHARE_NEW,		/* the parent has nothing there */
	SHARE_NONE,		/* this process has nothing there */
	NR_SHARE_STATES,
};

struct share_run {
	enum share_state state;
	unsigned int count;
};

/* Stands for a parent: the region is compared with the file that it maps. */
#define PARENT_FILE	(~0U)

/* A region of helper @helper, compared with helper @parent. The runs cover it. */
struct share_region {
	const char *note;
	unsigned int helper;
	unsigned int parent;
	unsigned long va;
	unsigned int nr_runs;
	struct share_run *runs;
};

struct exercise {
	const struct scenario *scenario;
	unsigned int opt[NR_OPTIONS];
	bool hold;
	bool quiet;
	bool twice;
	char **cmd;
	int status;		/* of the command, if it has run before the writes */

	unsigned long va;	/* the region that helpers inherit */
	unsigned long stack;	/* pages reserved on the main stack */

	struct helper *helpers;
	unsigned int nr_helpers;
	struct account_page *account;
	unsigned int nr_account;

	struct share_region *regions;
	unsigned int nr_regions;
	bool pairs;		/* print what each two processes share */
	bool separate;		/* no anonymous page is shared between processes, known or not */
};

struct option_range {
	unsigned int def;
	unsigned int max;	/* 0: the scenario does not take the option */
};

/* @run sets the scenario up, fills the account, and returns when all helpers are ready. */
struct scenario {
	const char *name;
	const char *explain;
	void (*run)(struct exercise *ex);
	struct option_range opt[NR_OPTIONS];
	bool on_stack;		/* its pages are on the main stack */
	bool twice;		/* can run the command before the writes as well */
};

extern const char * const option_names[NR_OPTIONS];

const struct scenario *scenario_find(const char *name);
unsigned int scenario_option_min(enum option_id id);
void scenario_list(void);
void scenario_list_options(void);

/* proc.c: how the main process starts helpers and waits for them */
void proc_start(struct exercise *ex);
pid_t proc_spawn(struct exercise *ex, unsigned int index,
		 unsigned long (*body)(struct exercise *ex, unsigned int index));
void proc_spawn_range(struct exercise *ex, unsigned int from, unsigned int to,
		      unsigned long (*body)(struct exercise *ex, unsigned int index));
void proc_spawn_leaver(struct exercise *ex,
		       unsigned long (*body)(struct exercise *ex, unsigned int index));
void proc_await(unsigned int ready);
void proc_go(void);
void proc_built(void);
void proc_cut_lifeline(void);
pid_t proc_helper_pid(unsigned int index);
void proc_pause(int ms);

/* helper.c: what a helper calls */
void helper_ready(unsigned int index, unsigned long va);
noreturn void helper_exec(unsigned int index, unsigned int last, unsigned int pages);
bool helper_is_exec(char **argv);
noreturn void helper_resume(char **argv);
noreturn void helper_fail(int err, const char *text);
void helper_watch_children(void);
void helper_wait_go(void);
void helper_wait_closed(int fd);
noreturn void helper_stay(void);

/* signal.c: the signals of the main process */
void signal_start(void);
int signal_fd(void);
void signal_restore(void);
int signal_next(bool *sent_by_kill);

/* end.c: holding the scenario, and taking it down */
void end_hold(void);
void end_undo(void (*undo)(void));
void end_takedown(bool leftovers);

/* mem.c: regions of memory */
unsigned long page_size(void);
unsigned long mem_reserve(unsigned int pages);
unsigned long mem_region(unsigned int pages);
void mem_touch(unsigned long va, unsigned int pages);
void mem_read(unsigned long va, unsigned int pages);
unsigned long mem_shared(unsigned long va, size_t size, int prot, int flags, int fd);
void mem_setup(struct exercise *ex);
unsigned long mem_write(struct exercise *ex, unsigned int index);
void mem_protect(unsigned long va, unsigned int pages, int prot);
void mem_no_huge_vma(unsigned long va);
void mem_expect_vma(unsigned long va, unsigned int pages, const char *what);

/* huge.c: regions for large folios */
unsigned long huge_size(void);
void huge_enable(const char *setting, const char *value, const char *what);
unsigned long huge_window(unsigned long size, unsigned long align);
unsigned long huge_region(unsigned long size, unsigned long align);
void huge_advise(unsigned long va, unsigned long size);
void huge_expect(unsigned long va, const char *field);

/* pagemap.c: the entries in /proc/PID/pagemap */
bool pagemap_present(pid_t pid, unsigned long va);
bool pagemap_swapped(pid_t pid, unsigned long va);
unsigned long pagemap_pfn(pid_t pid, unsigned long va);

/* setting.c: settings of the machine, which are restored at the end */
bool setting_exists(const char *path);
long setting_number(const char *path);
void setting_set(const char *path, const char *value);
void setting_set_number(const char *path, long value);
void setting_choose_unless(const char *path, const char *value, const char *fine);
int setting_try(const char *path, const char *value);
void setting_restore(void);

/* account.c: which process maps which page */
struct account_page *account_page(struct exercise *ex, const char *note,
				  unsigned int num, unsigned int count);
void account_range(struct account_page *page, enum map_state state,
		   unsigned int from, unsigned int to, unsigned long va);
void account_own(struct exercise *ex, struct account_page *page, enum map_state state,
		 unsigned int from, unsigned int to, unsigned long offset);
struct json_object;
void account_put(const char *before, struct json_object *obj);
void account_print(struct exercise *ex);

/* sharing.c: what the processes share, in sums */
struct share_region *sharing_region(struct exercise *ex, const char *note, unsigned int helper,
				    unsigned int parent, unsigned long va);
void sharing_run(struct share_region *region, enum share_state state, unsigned int count);
void sharing_print(struct exercise *ex);

/* scenario/pipeline.c: what a stage does after its exec */
unsigned long pipeline_stage(unsigned int index, unsigned int last, unsigned int pages,
			     unsigned long *code);

/* cmd.c: the command that runs while the scenario is up */
int cmd_run(struct exercise *ex);

#endif
