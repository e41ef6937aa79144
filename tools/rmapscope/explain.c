// SPDX-License-Identifier: GPL-2.0
/*
 * Error messages of one line for a report that the module did not give: what was asked, what is
 * wrong, and what to do.
 */
#include <err.h>
#include <errno.h>
#include <linux/kernel-page-flags.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "exit_status.h"
#include "explain.h"
#include "frame.h"
#include "module_info.h"

#define DEBUGFS_ROOT	"/sys/kernel/debug"

/* "page" is the file that every version of the module has. */
static bool has_other_files(void)
{
	char *path = report_path("page");
	bool has = path && !access(path, F_OK);

	free(path);
	return has;
}

static void explain_missing(const char *file)
{
	const char *dir = getenv("RMAPSCOPE_DEBUGFS");
	struct statfs fs;

	if (module_lacks("scan") && !strncmp(file, "scan", 4))
		warnx("the module has no file \"%s\", as this kernel lacks what that needs; %s",
		      file, "scan and record can do without, with --method=index");
	else if (has_other_files())
		warnx("the module has no file \"%s\": it is older than this tool; %s", file,
		      "use module and tool of the same version");
	else if (dir && *dir)
		warnx("%s/%s: no such file; load the module, and check RMAPSCOPE_DEBUGFS",
		      dir, file);
	else if (statfs(DEBUGFS_ROOT, &fs) || fs.f_type != DEBUGFS_MAGIC)
		warnx("debugfs is not mounted; as root: mount -t debugfs none %s", DEBUGFS_ROOT);
	else
		warnx("the module is not loaded; as root: modprobe rmapscope, or %s",
		      "insmod module/rmapscope.ko");
}

static void explain_empty(const struct target *t)
{
	struct finding f = { };

	entry_describe_empty(t, &f);
	warnx("pid %llu: no page at 0x%llx: %s", t->pid, t->addr, f.text);
}

static void explain_no_frame(const struct target *t, const char *name)
{
	unsigned long long pfn = t->has_phys ? t->phys / sysconf(_SC_PAGESIZE) : t->pfn;
	char resource[128];

	if (frame_resource(pfn, resource, sizeof(resource)))
		warnx("%s: no such frame: not memory, but %s (/proc/iomem)", name, resource);
	else
		warnx("%s: no such frame: past the end of memory, or in a gap (/proc/iomem)", name);
}

/* Explain errors that mean that there is no such page. Return: false for other errors. */
static bool explain_no_page(const struct target *t, const char *name, int err)
{
	bool by_pid = t->has_pid;

	if (err == ESRCH && by_pid)
		warnx("pid %llu: no such process, or it has no user memory (kernel thread, zombie)",
		      t->pid);
	else if (err == EFAULT && by_pid && t->addr_decimal && t->addr > 9)
		warnx("pid %llu: nothing is mapped at 0x%llx (decimal %llu); write 0x... for hex",
		      t->pid, t->addr, t->addr);
	else if (err == EFAULT && by_pid)
		warnx("pid %llu: nothing is mapped at 0x%llx; see /proc/%llu/maps",
		      t->pid, t->addr, t->pid);
	else if (err == ENODATA && by_pid)
		explain_empty(t);
	else if (err == ENXIO)
		explain_no_frame(t, name);
	else
		return false;
	return true;
}

static bool describe(const struct target *t, struct finding *f)
{
	if (t->has_pfn)
		return frame_describe(t->pfn, f);
	if (t->has_phys)
		return frame_describe(t->phys / sysconf(_SC_PAGESIZE), f);
	return entry_describe(t, f);
}

/*
 * Ask the module once more before "try again" is printed. Return: true if it still refuses the
 * page, which means that another try would not help.
 */
static bool is_still_refused(const char *request)
{
	struct report again;
	int err = report_take(&again, "page", request);

	report_free(&again);
	return err == -EOPNOTSUPP;
}

static void explain_unsupported(const struct target *t, const char *name, const char *request)
{
	struct finding f = { };

	if (!describe(t, &f))
		finding_set(&f, "the module refuses it, and its kind cannot be found out");
	else if (f.if_still && is_still_refused(request))
		finding_set(&f, "%s", f.if_still);
	warnx("%s: %s", name, f.text);
}

/* The page kept changing, or a file system, a slow disk or a migration kept it locked. */
static void explain_busy(const struct target *t, const char *name)
{
	unsigned long long pfn = t->has_phys ? t->phys / sysconf(_SC_PAGESIZE) : t->pfn, flags;
	bool known = (!t->has_pid || entry_pfn(t, &pfn)) && frame_flags(pfn, &flags);

	if (known && flags & (1ULL << KPF_LOCKED))
		warnx("%s: the page stays locked (for I/O or a migration); try again", name);
	else
		warnx("%s: the page kept changing, or was locked, for about a second; try again",
		      name);
}

/* A kernel that is locked down opens nothing in debugfs that can be written to, for anyone. */
static bool is_locked_down(void)
{
	char text[128] = "";
	FILE *file = fopen("/sys/kernel/security/lockdown", "re");

	if (!file)
		return false;
	if (!fgets(text, sizeof(text), file))
		text[0] = '\0';
	fclose(file);
	return strstr(text, "[integrity]") || strstr(text, "[confidentiality]");
}

static void explain_forbidden(void)
{
	if (is_locked_down())
		warnx("not permitted: this kernel is locked down, for root as well; %s",
		      "boot without Secure Boot, or without lockdown=");
	else
		warnx("not permitted; CAP_SYS_ADMIN in the initial user namespace is needed");
}

/* Explain errors that do not depend on the page. */
static void explain_trouble(const char *name, const char *request, int err)
{
	switch (err) {
	case EACCES:
		warnx("no permission to open the module's files; run as root");
		break;
	case EPERM:
		explain_forbidden();
		break;
	case EINTR:
		warnx("%s: interrupted by a signal", name);
		break;
	case ENOMEM:
		warnx("%s: not enough memory for the report", name);
		break;
	case EINVAL:
	case E2BIG:
		warnx("the module does not understand \"%s\"; %s", request,
		      "use module and tool of the same version");
		break;
	default:
		warnx("%s: %s", name, strerror(err));
	}
}

static void explain_bad_report(const char *file, const struct report *r, int err)
{
	const char *abi = record_get(report_next(r, "rmapscope", NULL), "abi");
	char *path = report_path(file);

	if (err == EPROTONOSUPPORT && abi)
		warnx("the report has abi %s, and this tool reads abi %d; %s", abi, REPORT_ABI,
		      "use module and tool of the same version");
	else
		warnx("%s: no report of the rmapscope module; check RMAPSCOPE_DEBUGFS",
		      path ?: file);
	free(path);
}

/**
 * explain_failure() - print on stderr why there is no report on a page
 * @t:   the target
 * @r:   the report that report_take() filled
 * @err: the errno that it returned, positive
 *
 * Return: the exit status for this error.
 */
int explain_failure(const struct target *t, const struct report *r, int err)
{
	char name[TARGET_MAX], request[TARGET_MAX];

	target_name(t, name, sizeof(name));
	target_format(t, request, sizeof(request));

	if (explain_no_page(t, name, err))
		return RS_NO_PAGE;

	if (err == ENOENT)
		explain_missing("page");
	else if (err == EOPNOTSUPP)
		explain_unsupported(t, name, request);
	else if (err == EAGAIN)
		explain_busy(t, name);
	else if (err == EPROTO || err == EPROTONOSUPPORT)
		explain_bad_report("page", r, err);
	else
		explain_trouble(name, request, err);
	return RS_FAILED;
}

/**
 * explain_error() - print on stderr why a file of the module gave nothing
 * @file: its name
 * @name: what was asked for, as the beginning of the message
 * @request: what was written to the file
 * @err:  the errno, positive
 *
 * Return: the exit status for this error.
 */
int explain_error(const char *file, const char *name, const char *request, int err)
{
	if (err == ENOENT)
		explain_missing(file);
	else
		explain_trouble(name, request, err);
	return RS_FAILED;
}

/**
 * explain_file() - print on stderr why a file of the module gave no report
 * @file: its name
 * @r:    the report that report_take() filled
 * @err:  the errno that it returned, positive
 *
 * Return: the exit status for this error.
 */
int explain_file(const char *file, const struct report *r, int err)
{
	if (err != EPROTO && err != EPROTONOSUPPORT)
		return explain_error(file, file, file, err);
	explain_bad_report(file, r, err);
	return RS_FAILED;
}
