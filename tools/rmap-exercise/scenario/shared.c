// SPDX-License-Identifier: GPL-2.0
/*
 * Scenarios with shared memory, which has a name or is inherited. Its pages belong to a file of the
 * kernel: shmem, or a secretmem file.
 *
 * fork() does not copy the page-table entries of shared memory, so each process has to touch a page
 * to map it. A read may map neighbours of the page as well. So a process that must not map a page
 * reads it and then drops it.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exercise.h"

static const char *kind = KIND_SHMEM;
static int shared_fd = -1;
static bool locked;		/* pages can't be dropped, and a read maps no neighbours */

static size_t region_size(const struct exercise *ex)
{
	return 2UL * ex->opt[OPT_PAGES] * page_size();
}

/* Read all pages, then drop the second half. If they are locked, read only the first half. */
static void read_first_half(struct exercise *ex, unsigned long va)
{
	unsigned int pages = ex->opt[OPT_PAGES];

	mem_read(va, locked ? pages : 2 * pages);
	if (!locked && madvise((void *)(va + pages * page_size()),
			       pages * page_size(), MADV_DONTNEED))
		die(errno, "cannot set MADV_DONTNEED");
}

static unsigned long read_inherited(struct exercise *ex, unsigned int index)
{
	(void)index;
	read_first_half(ex, ex->va);
	return ex->va;
}

static void share_inherited(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES];
	unsigned long second = ex->va + pages * page_size();
	struct account_page *page;

	mem_touch(ex->va, 2 * pages);
	proc_spawn_range(ex, 1, n, read_inherited);
	proc_await(n);

	page = account_page(ex, "read by all", 0, pages);
	page->kind = kind;
	account_range(page, STATE_MAPPED, 0, n, ex->va);
	page = account_page(ex, "dropped by the children", 0, pages);
	page->kind = kind;
	account_range(page, STATE_MAPPED, 0, 0, second);
	account_range(page, STATE_NONE, 1, n, second);
}

static void run_shared_anon(struct exercise *ex)
{
	ex->va = mem_shared(0, region_size(ex), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1);
	share_inherited(ex);
}

const struct scenario scenario_shared_anon = {
	.name = "shared-anon",
	.explain = "Shared anonymous memory, inherited over fork: a shmem file without a name.",
	.run = run_shared_anon,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

/* Remove the segment at once. The kernel frees it when the last process has detached it. */
static void run_sysv(struct exercise *ex)
{
	void *area;
	int id, err;

	id = shmget(IPC_PRIVATE, region_size(ex), IPC_CREAT | 0600);
	if (id < 0)
		die(errno, "cannot get a System V shared memory segment");
	area = shmat(id, NULL, 0);
	err = errno;
	shmctl(id, IPC_RMID, NULL);
	if (area == (void *)-1)
		die(err, "cannot attach a System V shared memory segment");
	ex->va = (unsigned long)area;
	share_inherited(ex);
}

const struct scenario scenario_sysv = {
	.name = "sysv",
	.explain = "A System V shared memory segment, attached over fork.",
	.run = run_sysv,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

/* Each process maps it at another address. */
static unsigned long map_own(struct exercise *ex, unsigned int index)
{
	unsigned int ahead = index % 8;
	unsigned long va;

	va = mem_reserve(ahead + 2 * ex->opt[OPT_PAGES]) + ahead * page_size();
	return mem_shared(va, region_size(ex), PROT_READ | PROT_WRITE, MAP_SHARED,
			  shared_fd);
}

static unsigned long map_own_and_read(struct exercise *ex, unsigned int index)
{
	unsigned long va = map_own(ex, index);

	read_first_half(ex, va);
	return va;
}

/* The parent maps the file last, so that no child inherits this mapping. */
static void share_by_file(struct exercise *ex)
{
	unsigned int n = ex->opt[OPT_CHILDREN], pages = ex->opt[OPT_PAGES];
	unsigned long second = pages * page_size();
	struct account_page *page;

	if (ftruncate(shared_fd, region_size(ex)))
		die(errno, "cannot set the size of the shared file");
	proc_spawn_range(ex, 1, n, map_own_and_read);
	proc_await(n);
	ex->helpers[0].va = map_own(ex, 0);
	mem_touch(ex->helpers[0].va, 2 * pages);

	page = account_page(ex, "touched by all", 0, pages);
	page->kind = kind;
	account_own(ex, page, STATE_MAPPED, 0, n, 0);
	page = account_page(ex, "touched only by the parent", 0, pages);
	page->kind = kind;
	account_own(ex, page, STATE_MAPPED, 0, 0, second);
	account_own(ex, page, STATE_NONE, 1, n, second);
}

static void run_memfd(struct exercise *ex)
{
	shared_fd = memfd_create("rmap-exercise", MFD_CLOEXEC);
	if (shared_fd < 0)
		die(errno, "cannot create a memfd");
	share_by_file(ex);
}

const struct scenario scenario_memfd = {
	.name = "memfd",
	.explain = "A memfd that each process maps at another address.",
	.run = run_memfd,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_CHILDREN },
		[OPT_PAGES] = { 1, MAX_PAGES },
	},
};

static void run_secretmem(struct exercise *ex)
{
	shared_fd = syscall(SYS_memfd_secret, O_CLOEXEC);
	if (shared_fd < 0)
		unsupported("no memfd_secret(); before 6.5, boot with secretmem.enable=1: %s",
			    strerror(errno));
	kind = KIND_FILE;
	locked = true;
	share_by_file(ex);
}

const struct scenario scenario_secretmem = {
	.name = "secretmem",
	.explain = "Memory of memfd_secret(), which the kernel itself does not map.",
	.run = run_secretmem,
	.opt = {
		[OPT_CHILDREN] = { 3, MAX_CHILDREN },
		[OPT_PAGES] = { 1, 8 },
	},
};
