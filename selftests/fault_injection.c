// SPDX-License-Identifier: GPL-2.0
/*
 * Makes each allocation and each copy from or to user memory fail, one at a time. The call must
 * succeed or return the right errno, nothing may leak, and the same call must then succeed.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "child.h"
#include "exercise.h"
#include "fail_nth.h"
#include "kernel_memory.h"
#include "ksm.h"
#include "ksm_orphan.h"
#include "module.h"
#include "oracle.h"
#include "test.h"

/* A call that still hits the fault after this many is a bug. */
#define MAX_PLACES	5000

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 900

enum call {
	CALL_OPEN,
	CALL_WRITE,
	CALL_READ,
	CALL_SEEK,
	CALL_LOAD,
};

FIXTURE(fault_injection)
{
	bool ready;
	struct exercise run;
	struct ksm_orphan orphan;
	void *page;
	char target[96];
	char *path;
	char *buffer;
	const char *parameters;	/* for a load of the module */
	int fd;
};

FIXTURE_VARIANT(fault_injection)
{
	enum call call;
	const char *file;
	const char *scenario;	/* the target is its first page; NULL for a page of this process */
	bool orphan;		/* the target is a page that the kernel's walk does not find */
	bool by_pfn;
	const char *more;	/* options after the target */
	const char *name;
};

#define VARIANT(name_, ...)						\
	FIXTURE_VARIANT_ADD(fault_injection, name_) { __VA_ARGS__, .name = #name_ }

VARIANT(open_info, CALL_OPEN, "info");
VARIANT(open_page, CALL_OPEN, "page");
VARIANT(open_top, CALL_OPEN, "top");
VARIANT(page_anon, CALL_WRITE, "page");
VARIANT(page_anon_pfn, CALL_WRITE, "page", .by_pfn = true);
VARIANT(page_shared_by_many, CALL_WRITE, "page", "wide");
VARIANT(page_deep, CALL_WRITE, "page", "deep");
VARIANT(page_ksm, CALL_WRITE, "page", "ksm");
VARIANT(page_ksm_pfn, CALL_WRITE, "page", "ksm", .by_pfn = true);
VARIANT(page_ksm_orphan, CALL_WRITE, "page", .orphan = true);
VARIANT(page_file, CALL_WRITE, "page", "file-shared");
VARIANT(page_file_pfn, CALL_WRITE, "page", "file-shared", .by_pfn = true);
VARIANT(page_shmem, CALL_WRITE, "page", "memfd");
VARIANT(page_shmem_thp_folio, CALL_WRITE, "page", "shmem-thp", .more = " folio");
VARIANT(page_thp, CALL_WRITE, "page", "thp");
VARIANT(page_thp_folio, CALL_WRITE, "page", "thp", .more = " folio");
VARIANT(page_thp_partial_folio, CALL_WRITE, "page", "thp-partial", .more = " folio");
VARIANT(page_hugetlb, CALL_WRITE, "page", "hugetlb");
VARIANT(page_hugetlb_folio, CALL_WRITE, "page", "hugetlb", .more = " folio");
VARIANT(page_swap, CALL_WRITE, "page", "swap-out");
VARIANT(page_threads, CALL_WRITE, "page", "threads");
VARIANT(tree_anon, CALL_WRITE, "tree");
VARIANT(tree_deep, CALL_WRITE, "tree", "deep");
VARIANT(tree_wide, CALL_WRITE, "tree", "wide");
VARIANT(tree_swap, CALL_WRITE, "tree", "swap-out");
VARIANT(tree_ksm, CALL_WRITE, "tree", "ksm");
VARIANT(tree_thp_folio, CALL_WRITE, "tree", "thp", .more = " folio");
VARIANT(tree_hugetlb, CALL_WRITE, "tree", "hugetlb");
VARIANT(read_page, CALL_READ, "page");
VARIANT(read_page_deep, CALL_READ, "page", "deep");
VARIANT(read_tree_deep, CALL_READ, "tree", "deep");
VARIANT(read_info, CALL_READ, "info");
VARIANT(read_stats, CALL_READ, "stats");
VARIANT(read_top_once, CALL_READ, "top");
VARIANT(seek_page, CALL_SEEK, "page");
VARIANT(load, CALL_LOAD, "info");

/* The harness chooses the names of these two types. */
#define fault_data	FIXTURE_DATA(fault_injection)
#define fault_variant	FIXTURE_VARIANT(fault_injection)

/* Returns 0, EXERCISE_UNSUPPORTED or -1. */
static int make_target(fault_data *self, const fault_variant *variant)
{
	struct mapping own = { .pid = getpid(), .va = (uintptr_t)self->page };
	const struct mapping *place = &own;
	const char *more = variant->more ? variant->more : "";
	uint64_t pfn;
	int ret;

	if (variant->scenario) {
		ret = exercise_start_at(&self->run, variant->scenario, &place);
		if (ret)
			return ret;
	}
	if (variant->orphan) {
		if (access(KSM "run", W_OK))
			return EXERCISE_UNSUPPORTED;
		if (ksm_orphan_make(&self->orphan))
			return -1;
		own = (struct mapping){ self->orphan.child, ksm_orphan_va(&self->orphan) };
	}
	if (!variant->by_pfn) {
		snprintf(self->target, sizeof(self->target), "pid=%d va=%#" PRIx64 "%s",
			 place->pid, place->va, more);
		return 0;
	}
	if (oracle_pfn(place->pid, place->va, &pfn))
		return -1;
	snprintf(self->target, sizeof(self->target), "pfn=%#" PRIx64 "%s", pfn, more);
	return 0;
}

FIXTURE_SETUP(fault_injection)
{
	int ret;

	self->fd = -1;
	self->parameters = "";
	NEEDS_MODULE();
	if (!fail_nth_setup())
		SKIP(return, "%s", why);
	self->ready = true;
	/* A page fault would count as an allocation, so all memory is present before. */
	ASSERT_EQ(0, mlockall(MCL_CURRENT | MCL_FUTURE));
	self->page = own_page();
	self->buffer = own_pages(64);
	self->path = report_path(variant->file);
	ASSERT_NE(NULL, self->page);
	ASSERT_NE(NULL, self->buffer);
	ASSERT_NE(NULL, self->path);
	if (access(self->path, F_OK))
		SKIP(return, "this module has no file %s", variant->file);
	ret = make_target(self, variant);
	if (ret == EXERCISE_UNSUPPORTED)
		SKIP(return, "this machine has no %s", variant->scenario ?: "KSM");
	ASSERT_OK(ret);
}

FIXTURE_TEARDOWN(fault_injection)
{
	if (self->fd >= 0)
		close(self->fd);
	if (self->ready)
		fail_nth_restore();
	exercise_stop(&self->run);
	ksm_orphan_end(&self->orphan);
	free(self->path);
	if (!module_loaded())
		EXPECT_EQ(0, module_load(""));
}

/* What a call needs before it is made. */
static int prepare(fault_data *self, const fault_variant *variant)
{
	bool targeted = !strcmp(variant->file, "page") || !strcmp(variant->file, "tree");
	int err = 0;

	if (variant->call == CALL_OPEN)
		return 0;
	if (variant->call == CALL_LOAD) {
		err = module_loaded() ? module_unload() : 0;
		self->fd = open(module_path(), O_RDONLY | O_CLOEXEC);
	} else {
		self->fd = interface_open(variant->file, targeted ? O_RDWR : O_RDONLY);
	}
	if (self->fd < 0 || err)
		return complain("%s: %s", variant->file, strerror(err ? -err : errno));
	if (targeted && variant->call != CALL_WRITE)
		err = interface_write(self->fd, self->target);
	return err ? complain("%s: %s", self->target, strerror(-err)) : 0;
}

/* Makes the call itself. */
static long act(fault_data *self, const fault_variant *variant, size_t length)
{
	switch (variant->call) {
	case CALL_OPEN:
		self->fd = open(self->path, O_RDONLY | O_CLOEXEC);
		return self->fd;
	case CALL_WRITE:
		return write(self->fd, self->target, length);
	case CALL_READ:
		return read(self->fd, self->buffer, 64 << 12);
	case CALL_SEEK:
		return lseek(self->fd, 300, SEEK_SET);
	case CALL_LOAD:
		return syscall(SYS_finit_module, self->fd, self->parameters, 0);
	}
	return -1;
}

static void clean_up(fault_data *self)
{
	if (self->fd >= 0)
		close(self->fd);
	self->fd = -1;
}

/* After a report that failed, there is none to read. */
static int check_failure(fault_data *self, const fault_variant *variant, int err)
{
	if (err != ENOMEM && err != EFAULT)
		return complain("%s", strerror(err));
	if (variant->call == CALL_LOAD && (module_loaded() || !access(self->path, F_OK)))
		return complain("the load failed, but the module is there");
	if (variant->call == CALL_WRITE &&
	    (pread(self->fd, self->buffer, 1, 0) != -1 || errno != ENODATA))
		return complain("there is a report after a write that failed");
	return 0;
}

/* Makes the call with a fault, and once more without, when it must succeed. */
static int fail_at(fault_data *self, const fault_variant *variant,
		   unsigned int nth, bool *hit, bool *failed)
{
	size_t length = strlen(self->target);
	unsigned int left;
	long ret;

	if (prepare(self, variant) || fail_nth_arm(nth))
		return -1;
	ret = act(self, variant, length);
	if (fail_nth_disarm(&left))
		return -1;
	*hit = !left;
	*failed = ret < 0;
	if (ret < 0 && (!*hit || check_failure(self, variant, errno)))
		return *hit ? -1 : complain("%s without a fault", strerror(errno));
	if (ret >= 0 && (variant->call == CALL_OPEN || variant->call == CALL_LOAD)) {
		clean_up(self);
		return 0;
	}
	ret = act(self, variant, length);
	if (ret < 0)
		return complain("after the fault: %s", strerror(errno));
	clean_up(self);
	return 0;
}

/*
 * Loads the module with a fault injected, so that the load fails. For @left see fail_nth_disarm().
 */
static int refused_load(fault_data *self, const fault_variant *variant,
			unsigned int nth, unsigned int *left)
{
	long ret;

	if (prepare(self, variant) || fail_nth_arm(nth))
		return -1;
	ret = act(self, variant, 0);
	if (fail_nth_disarm(left))
		return -1;
	clean_up(self);
	return ret ? errno : -1;
}

/*
 * Most of a load is code of the kernel, and it warns about some faults there. The module's part
 * begins where a load with an invalid parameter, which the module refuses at once with EINVAL,
 * first fails in another way. Faults after that point hit the kernel's cleanup.
 */
static unsigned int first_place(fault_data *self, const fault_variant *variant)
{
	unsigned int nth, left;

	if (variant->call != CALL_LOAD)
		return 1;
	self->parameters = "kallsyms_lookup_name=1";
	if (refused_load(self, variant, MAX_PLACES, &left) != EINVAL)
		return 0;
	for (nth = MAX_PLACES - left; nth; nth--)
		if (refused_load(self, variant, nth, &left) != EINVAL)
			break;
	self->parameters = "";
	return nth;
}

static unsigned int users_of_page(fault_data *self)
{
	struct page_report report;
	unsigned int refs = 0;

	if (!page_report_at(&report, getpid(), (uintptr_t)self->page))
		refs = record_num(report_next(&report.report, "refs", NULL), "total");
	page_report_free(&report);
	return refs;
}

TEST_F(fault_injection, each_fault_is_handled_and_leaks_nothing)
{
	struct cgroup none = { "" };
	struct kernel_memory before, after;
	unsigned int nth, first, failures = 0, refs;
	bool hit = true, failed;

	first = first_place(self, variant);
	ASSERT_LT(0, first) TH_LOG("%s", why);
	ASSERT_OK(fail_at(self, variant, MAX_PLACES, &hit, &failed));
	ASSERT_FALSE(hit);
	ASSERT_OK(kernel_memory_read(&before, &none));
	refs = users_of_page(self);
	for (nth = first, hit = true; hit && nth < MAX_PLACES; nth++) {
		ASSERT_EQ(0, fail_at(self, variant, nth, &hit, &failed)) {
			TH_LOG("fault %u: %s", nth, why);
		}
		failures += failed;
	}
	EXPECT_LT(nth, MAX_PLACES);
	/*
	 * Each call allocates or copies something, but for lseek(2), as the buffer of the text is
	 * allocated by open(2). So no error means that no fault was injected.
	 */
	if (variant->call != CALL_SEEK)
		EXPECT_LT(0, failures);
	printf("# %s: %u faults injected, %u of them caused an error\n", variant->name,
	       nth - 1 - first, failures);
	fflush(stdout);
	EXPECT_EQ(0, module_users());
	EXPECT_EQ(refs, users_of_page(self));
	ASSERT_OK(kernel_memory_read(&after, &none));
	EXPECT_OK(kernel_memory_same(&before, &after));
}

/* A fixture of its own, as it must run after all others. */
FIXTURE(kmemleak)
{
};

FIXTURE_SETUP(kmemleak)
{
}

FIXTURE_TEARDOWN(kmemleak)
{
}

TEST_F(kmemleak, kmemleak_finds_nothing)
{
	long leaks;

	NEEDS_MODULE();
	if (access("/sys/kernel/debug/kmemleak", F_OK))
		SKIP(return, "this kernel has no kmemleak");
	leaks = kmemleak_count();
	EXPECT_EQ(0, leaks) TH_LOG("%s", why);
}

TEST_HARNESS_MAIN
