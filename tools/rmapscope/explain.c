// SPDX-License-Identifier: GPL-2.0
/*
 * Why there is no report, in one line: what was asked, what was wrong, and
 * what to do about it.
 */
#include <err.h>
#include <errno.h>
#include <linux/kernel-page-flags.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "frame.h"
#include "report.h"
#include "rmapscope.h"
#include "target.h"

#define DEBUGFS_ROOT	"/sys/kernel/debug"

static void explain_missing(const char *file)
{
	const char *dir = getenv("RMAPSCOPE_DEBUGFS");
	struct statfs fs;

	if (dir && *dir)
		warnx("%s/%s: no such file; is RMAPSCOPE_DEBUGFS right, and the module loaded?",
		      dir, file);
	else if (statfs(DEBUGFS_ROOT, &fs) || fs.f_type != DEBUGFS_MAGIC)
		warnx("debugfs is not mounted: mount -t debugfs none %s",
		      DEBUGFS_ROOT);
	else if (!access(DEBUGFS_ROOT "/rmapscope", F_OK))
		warnx("the module has no file \"%s\": is it older than this tool?", file);
	else
		warnx("the module is not loaded: as root, insmod module/rmapscope.ko");
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
		warnx("%s: no such frame: no memory, but %s (/proc/iomem)", name, resource);
	else
		warnx("%s: no such frame: past the end of memory, or in a hole of it", name);
}

/* What the module says of a page that it did look for. Return: if it was. */
static bool explain_no_page(const struct target *t, const char *name, int err)
{
	bool by_pid = t->has_pid;

	if (err == ESRCH && by_pid)
		warnx("pid %llu: no such process, or none with user memory (kernel thread, zombie)",
		      t->pid);
	else if (err == EFAULT && by_pid && t->addr_decimal && t->addr > 9)
		warnx("pid %llu: nothing is mapped at 0x%llx, decimal %llu; write 0x... for hex",
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

/* "Try again" is for what moves. So it is tried here, and what stands still gets other words. */
static bool stands_still(const char *request)
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
		finding_set(&f, "the module cannot tell who maps it");
	else if (f.if_still && stands_still(request))
		finding_set(&f, "%s", f.if_still);
	warnx("%s: %s", name, f.text);
}

/* What changes all the time, or is kept locked: by the file system, a slow disk, a migration. */
static void explain_busy(const struct target *t, const char *name)
{
	unsigned long long pfn = t->has_phys ? t->phys / sysconf(_SC_PAGESIZE) : t->pfn, flags;
	bool known = (!t->has_pid || entry_pfn(t, &pfn)) && frame_flags(pfn, &flags);

	if (known && flags & (1ULL << KPF_LOCKED))
		warnx("%s: the page stays locked (it is read, written or moved); try again", name);
	else
		warnx("%s: the page kept changing, or was locked, for about a second; try again",
		      name);
}

/* Things that went wrong whatever the page is. */
static void explain_trouble(const char *name, const char *request, int err)
{
	switch (err) {
	case EACCES:
		warnx("no access to the module's files: run it as root");
		break;
	case EPERM:
		warnx("not permitted: it takes CAP_SYS_ADMIN outside of any user namespace");
		break;
	case EINTR:
		warnx("%s: interrupted", name);
		break;
	case ENOMEM:
		warnx("%s: not enough memory for the report", name);
		break;
	case EINVAL:
	case E2BIG:
		warnx("the module does not understand \"%s\": is it older than this tool?",
		      request);
		break;
	default:
		warnx("%s: %s", name, strerror(err));
	}
}

static void explain_bad_report(const struct report *r, int err)
{
	const char *abi = record_get(report_next(r, "rmapscope", NULL), "abi");

	if (err == EPROTONOSUPPORT && abi)
		warnx("the module speaks abi %s, this tool only %d: use the module's own tool",
		      abi, REPORT_ABI);
	else
		warnx("that is no report of the rmapscope module; is RMAPSCOPE_DEBUGFS right?");
}

/**
 * explain_failure() - say on stderr why there is no report
 * @t:   what was asked for
 * @r:   what report_take() left
 * @err: what it returned, without the minus
 *
 * Return: the exit status that fits.
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
		explain_bad_report(r, err);
	else
		explain_trouble(name, request, err);
	return RS_FAILED;
}

/**
 * explain_file() - say on stderr why a file that takes no target has no report
 * @file: its name
 * @r:    what report_take() left
 * @err:  what it returned, without the minus
 *
 * Return: the exit status that fits.
 */
int explain_file(const char *file, const struct report *r, int err)
{
	if (err == ENOENT)
		explain_missing(file);
	else if (err == EPROTO || err == EPROTONOSUPPORT)
		explain_bad_report(r, err);
	else
		explain_trouble(file, file, err);
	return RS_FAILED;
}
