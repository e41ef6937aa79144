// SPDX-License-Identifier: GPL-2.0
/* Loading and unloading the module, and its state right after a load. */
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "child.h"
#include "kernel_file.h"
#include "module.h"
#include "test.h"

#define NEEDS_MODULE_FILE()						\
	do {								\
		if (access(module_path(), R_OK))			\
			SKIP(return, "no module at %s: set RMAPSCOPE_KO", module_path()); \
	} while (0)

/* Number of loads that fail while a process keeps opening files. */
#define LOADS	10

FIXTURE(load_unload)
{
};

/* Each test starts with a newly loaded module. */
FIXTURE_SETUP(load_unload)
{
	if (access(module_path(), R_OK))
		return;
	if (module_loaded())
		ASSERT_EQ(0, module_unload());
	ASSERT_EQ(0, module_load(""));
}

/* Whatever the result of the test, the programs after this one need the module. */
FIXTURE_TEARDOWN(load_unload)
{
	if (!access(module_path(), R_OK) && !module_loaded())
		EXPECT_EQ(0, module_load(""));
}

TEST_F(load_unload, read_before_any_target_gives_enodata)
{
	char byte;
	int fd;

	NEEDS_MODULE_FILE();
	fd = interface_open("page", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(-1, read(fd, &byte, 1));
	ASSERT_EQ(ENODATA, errno);
	close(fd);
}

TEST_F(load_unload, failed_write_is_no_last_target)
{
	char byte;
	int fd;

	NEEDS_MODULE_FILE();
	fd = interface_open("page", O_RDWR);
	ASSERT_LE(0, fd);
	ASSERT_EQ(-ESRCH, interface_write(fd, "pid=0 va=0x1000"));
	close(fd);
	fd = interface_open("page", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(-1, read(fd, &byte, 1));
	ASSERT_EQ(ENODATA, errno);
	close(fd);
}

TEST_F(load_unload, unload_is_refused_while_a_file_is_open)
{
	int fd;

	NEEDS_MODULE_FILE();
	fd = interface_open("page", O_RDWR);
	ASSERT_LE(0, fd);
	ASSERT_EQ(-EWOULDBLOCK, module_unload());
	close(fd);
	ASSERT_EQ(0, module_unload());
}

TEST_F(load_unload, unload_takes_the_directory_away)
{
	NEEDS_MODULE_FILE();
	ASSERT_EQ(0, module_unload());
	ASSERT_EQ(-ENOENT, interface_open("info", O_RDONLY));
}

TEST_F(load_unload, second_load_is_refused)
{
	NEEDS_MODULE_FILE();
	ASSERT_EQ(-EEXIST, module_load(""));
	ASSERT_TRUE(module_loaded());
}

/* A process in a new pid namespace. The namespace lives as long as the process has a pid. */
static pid_t fork_into_namespace(void)
{
	pid_t pid;
	int try;

	for (try = 0; try < 150; try++) {
		pid = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
		if (!pid)
			for (;;)
				pause();
		if (pid > 0 || errno != ENOSPC)
			return pid;
		/* The previous namespace is freed after an RCU grace period. */
		usleep(20000);
	}
	return -1;
}

TEST_F(load_unload, unload_forgets_the_last_target)
{
	const char *limit = "/proc/sys/user/max_pid_namespaces";
	int64_t before = file_number(limit);
	void *page = own_page();
	char text[32];
	int i;

	NEEDS_MODULE_FILE();
	if (before < 0)
		SKIP(return, "no pid namespaces");
	ASSERT_NE(NULL, page);
	ASSERT_OK(write_text(limit, "3"));
	for (i = 0; i < 6; i++) {
		pid_t pid = fork_into_namespace();
		struct page_report report;

		EXPECT_LT(0, pid) {
			TH_LOG("round %d: the namespaces of earlier rounds are still there", i);
		}
		if (pid < 0)
			break;
		EXPECT_OK(page_report_at(&report, pid, (uintptr_t)page));
		page_report_free(&report);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		EXPECT_EQ(0, module_unload());
		EXPECT_EQ(0, module_load(""));
	}
	snprintf(text, sizeof(text), "%" PRId64, before);
	EXPECT_OK(write_text(limit, text));
}

/* The load used a kprobe to find an address. */
TEST_F(load_unload, load_leaves_no_kprobe)
{
	char text[16384];

	NEEDS_MODULE_FILE();
	if (read_text("/sys/kernel/debug/kprobes/list", text, sizeof(text)))
		SKIP(return, "debugfs has no list of kprobes");
	EXPECT_EQ(NULL, strstr(text, "kallsyms_lookup_name")) {
		TH_LOG("%s", text);
	}
}

TEST_F(load_unload, repeated_load_report_and_unload_work)
{
	void *page = own_page();
	struct page_report report;
	int i;

	NEEDS_MODULE_FILE();
	ASSERT_NE(NULL, page);
	for (i = 0; i < 20; i++) {
		ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
		page_report_free(&report);
		ASSERT_EQ(0, module_unload());
		ASSERT_EQ(0, module_load(""));
	}
}

/* 0 if there is none */
static unsigned long kallsyms_address(const char *symbol)
{
	FILE *file = fopen("/proc/kallsyms", "r");
	unsigned long address = 0, one;
	char line[512], name[256];

	while (file && !address && fgets(line, sizeof(line), file))
		if (sscanf(line, "%lx %*c %255s", &one, name) == 2 && !strcmp(name, symbol))
			address = one;
	if (file)
		fclose(file);
	return address;
}

static int load_with_address(unsigned long address)
{
	char parameters[64];

	snprintf(parameters, sizeof(parameters), "kallsyms_lookup_name=0x%lx", address);
	return module_load(parameters);
}

TEST_F(load_unload, address_of_kallsyms_lookup_name_replaces_the_kprobe)
{
	unsigned long address = kallsyms_address("kallsyms_lookup_name");
	void *page = own_page();
	struct page_report report;

	NEEDS_MODULE_FILE();
	ASSERT_NE(NULL, page);
	if (!address)
		SKIP(return, "/proc/kallsyms shows no addresses");
	ASSERT_EQ(0, module_unload());
	ASSERT_EQ(0, load_with_address(address));
	ASSERT_OK(page_report_at(&report, getpid(), (uintptr_t)page));
	page_report_free(&report);
}

TEST_F(load_unload, wrong_address_is_refused_and_nothing_is_left)
{
	unsigned long address = kallsyms_address("kallsyms_lookup_name");
	unsigned long wrong[] = { 1, 0x1000, -1UL, address + 1, address - 1,
				  kallsyms_address("rmap_walk") };
	size_t i;

	NEEDS_MODULE_FILE();
	ASSERT_EQ(0, module_unload());
	for (i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		EXPECT_EQ(-EINVAL, load_with_address(wrong[i])) {
			TH_LOG("address %#lx", wrong[i]);
		}
		EXPECT_FALSE(module_loaded());
		EXPECT_EQ(-ENOENT, interface_open("info", O_RDONLY));
	}
}

/* After a load that failed nothing is left, and the unchanged module loads. */
static void load_is_refused(struct __test_metadata *_metadata, int error, const char *text)
{
	char *changed = strdup(text);

	ASSERT_NE(NULL, changed);
	changed[strlen(changed) - 1] ^= 1;
	EXPECT_EQ(error, module_load_changed(text, changed)) {
		TH_LOG("with %s instead of %s", changed, text);
	}
	EXPECT_FALSE(module_loaded());
	EXPECT_EQ(-ENOENT, interface_open("info", O_RDONLY));
	free(changed);
}

TEST_F(load_unload, missing_function_is_refused_each_by_itself)
{
	const struct record *symbol = NULL;
	struct report info;
	int fd, found = 0;

	NEEDS_MODULE_FILE();
	fd = interface_open("info", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, report_read(&info, fd));
	close(fd);
	ASSERT_EQ(0, module_unload());
	while ((symbol = report_next(&info, "symbol", symbol))) {
		/* The program without is about these. */
		if (record_get(symbol, "for"))
			continue;
		load_is_refused(_metadata, -ENOENT, record_get(symbol, "name"));
		found++;
	}
	report_free(&info);
	ASSERT_LE(2, found);
}

/* A missing symbol that the module only reads is no error: info has resolved=0. */
static void load_goes_without(struct __test_metadata *_metadata, const char *name)
{
	const struct record *one = NULL;
	char *changed = strdup(name);
	struct report info;
	int fd, found = 0;

	ASSERT_NE(NULL, changed);
	changed[strlen(changed) - 1] ^= 1;
	ASSERT_EQ(0, module_load_changed(name, changed));
	fd = interface_open("info", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, report_read(&info, fd));
	close(fd);
	while ((one = report_next(&info, "optional", one)))
		if (!strcmp(record_get(one, "name"), changed))
			found += record_num(one, "resolved") == 0;
	EXPECT_EQ(1, found);
	report_free(&info);
	free(changed);
	ASSERT_EQ(0, module_unload());
}

TEST_F(load_unload, missing_symbol_that_is_only_read_is_no_error)
{
	const struct record *one = NULL;
	struct report info;
	int fd;

	NEEDS_MODULE_FILE();
	fd = interface_open("info", O_RDONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, report_read(&info, fd));
	close(fd);
	ASSERT_EQ(0, module_unload());
	while ((one = report_next(&info, "optional", one))) {
		EXPECT_EQ(!!kallsyms_address(record_get(one, "name")), record_num(one, "resolved"));
		load_goes_without(_metadata, record_get(one, "name"));
	}
	report_free(&info);
}

TEST_F(load_unload, no_kprobe_on_kallsyms_lookup_name_is_refused)
{
	NEEDS_MODULE_FILE();
	ASSERT_EQ(0, module_unload());
	load_is_refused(_metadata, -EOPNOTSUPP, "kallsyms_lookup_name");
}

/* The module's kprobe stays disarmed, so no code is patched. */
TEST_F(load_unload, disabled_kprobes_suffice)
{
	static const char * const kprobes = "/sys/kernel/debug/kprobes/enabled";
	int loaded;

	NEEDS_MODULE_FILE();
	if (access(kprobes, W_OK))
		SKIP(return, "%s: %s", kprobes, strerror(errno));
	ASSERT_EQ(0, module_unload());
	ASSERT_OK(write_text(kprobes, "0"));
	loaded = module_load("");
	EXPECT_OK(write_text(kprobes, "1"));
	EXPECT_EQ(0, loaded);
}

/* What a process that keeps opening files has seen, in shared memory. */
struct opener {
	pid_t pid;
	volatile unsigned int tries;
	volatile unsigned int opened;
	volatile int wrong;	/* an unexpected errno */
};

static void open_all_the_time(struct opener *opener, const char *file)
{
	for (;; opener->tries++) {
		int fd = interface_open(file, O_RDONLY);

		/*
		 * ENOENT if the file does not exist, or ENXIO while the module is being unloaded.
		 */
		if (fd >= 0)
			opener->opened++;
		else if (fd != -ENOENT && fd != -ENXIO)
			opener->wrong = -fd;
		if (fd >= 0)
			close(fd);
	}
}

static struct opener *opener_start(const char *file)
{
	struct opener *opener = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	pid_t pid;

	if (opener == MAP_FAILED)
		return NULL;
	pid = fork();
	if (!pid)
		open_all_the_time(opener, file);
	if (pid < 0)
		return NULL;
	opener->pid = pid;
	return opener;
}

static void opener_end(struct opener *opener)
{
	kill(opener->pid, SIGKILL);
	waitpid(opener->pid, NULL, 0);
}

/*
 * In this copy of the module, two files have the same name, so creating the last one fails. The
 * kernel unloads such a module even if a process has opened one of its files.
 */
TEST_F(load_unload, files_of_a_load_that_fails_are_never_open)
{
	static const char * const files[] = { "info", "page" };
	struct opener *opener;
	unsigned int tries;
	size_t i, j;
	int ret;

	NEEDS_MODULE_FILE();
	ASSERT_EQ(0, module_unload());
	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		opener = opener_start(files[i]);
		ASSERT_NE(NULL, opener);
		for (j = 0; j < LOADS; j++) {
			ret = module_load_changed("tree", "page");
			/* Newer kernels turn EEXIST of the init function into EBUSY. */
			EXPECT_TRUE(ret == -EEXIST || ret == -EBUSY);
			EXPECT_FALSE(module_loaded());
		}
		EXPECT_EQ(0, opener->opened);
		EXPECT_EQ(0, opener->wrong);
		/* After a load that succeeds the files can be opened. */
		EXPECT_EQ(0, module_load(""));
		for (tries = opener->tries; !opener->opened && opener->tries - tries < 1000;)
			sched_yield();
		EXPECT_NE(0, opener->opened);
		opener_end(opener);
		EXPECT_EQ(0, module_unload());
	}
}

TEST_F(load_unload, module_of_another_kernel_is_refused)
{
	struct utsname uts;

	NEEDS_MODULE_FILE();
	ASSERT_EQ(0, uname(&uts));
	ASSERT_EQ(0, module_unload());
	load_is_refused(_metadata, -ENOEXEC, uts.release);
}

TEST_HARNESS_MAIN
