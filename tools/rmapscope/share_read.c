// SPDX-License-Identifier: GPL-2.0
/*
 * The streams that `rmapscope share` reads: one for each process that it is about, or one of all
 * frames, or a recording.
 */
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "exit_status.h"
#include "interrupt.h"
#include "module_info.h"
#include "process_list.h"
#include "share.h"

static void take_part(void *arg, const struct scan_run *run, const struct sharing_part *part)
{
	(void)run;
	share_vmas_part(arg, part);
}

static void begin(struct scan *scan)
{
	struct share *s = scan->data;
	const struct rms_rec_head *head = &scan->collect.head;
	unsigned long long pid = scan->collect.recorded ? scan->collect.recording.pid :
				 scan->o->range.pid;

	s->page_size = head->page_size;
	memcpy(s->release, head->release, sizeof(s->release) - 1);
	s->frames = head->form == RMS_FORM_PFN;
	if (s->o->vmas && !s->frames) {
		share_vmas_begin(s, &scan->vmas, pid);
		s->sharing.on_part = take_part;
		s->sharing.arg = s;
	}
	sharing_stream(&s->sharing, &scan->collect, s->frames ? 0 : pid);
}

static void take_run(struct scan *scan, const struct scan_run *run)
{
	struct share *s = scan->data;

	sharing_run(&s->sharing, run);
}

static const struct scan_view view = {
	.begin = begin,
	.run = take_run,
};

static int read_stream(struct share *s, struct stream *stream, const char *maps)
{
	struct scan *scan = &s->scan;
	int status;

	scan->view = &view;
	scan->data = s;
	scan->result = scan_read(scan, stream, maps);
	status = scan_warn(scan, stream);
	if (status)
		s->broken_off = true;
	sharing_done(&s->sharing);
	return status;
}

static void forget_stream(struct scan *scan)
{
	vma_list_free(&scan->vmas);
	collect_free(&scan->collect);
	memset(&scan->collect, 0, sizeof(scan->collect));
}

static bool swap_is_used(void)
{
	struct sysinfo info;

	return sysinfo(&info) || info.totalswap != info.freeswap;
}

/* Pages of shared memory that are swapped out have no entries, and so are in no stream. */
static void read_shmem(struct share *s, unsigned long long pid)
{
	char *maps = vma_list_read(pid);
	struct vma_list list = { };

	if (maps && !vma_list_parse(&list, maps)) {
		s->shmem = sharing_must(reallocarray(s->shmem, s->nr_shmem + 1,
						     sizeof(*s->shmem)));
		s->shmem[s->nr_shmem++] = (struct share_shmem){
			pid, share_shmem_swap(pid, &list, s->page_size) };
	}
	vma_list_free(&list);
	free(maps);
}

/*
 * Read the pages of a process, or all frames if @pid is 0, with more RMS_OPTION_*. Return: an exit
 * status.
 */
static int read_range(struct share *s, unsigned long long pid, unsigned int options)
{
	struct options o = *s->o;
	char *maps = NULL;
	struct stream stream;
	int status;

	o.range = (struct range){ .has_pid = pid, .pid = pid, .all = !pid,
				  .options = RMS_OPTION_MAPS | options,
				  .kinds = 1U << RMS_KIND_SWAP };
	/* Otherwise pages whose frames are not in a row have a record each, for each process. */
	if (!pid && module_scans("ordered"))
		o.range.options |= RMS_OPTION_ORDERED;
	if (pid && s->o->vmas)
		maps = vma_list_read(pid);
	s->scan.o = &o;
	interrupt_catch();
	s->scan.collect.ordered = true;
	status = scan_open(&s->scan, &stream, &o.range);
	if (!status) {
		status = read_stream(s, &stream, maps ?: "");
		stream_finish(&stream);
		if (pid && !options && s->scan.collect.end.unmapped[RMS_UNMAPPED_RAW])
			share_vdso_read(s, pid);
		if (pid && swap_is_used())
			read_shmem(s, pid);
	}
	forget_stream(&s->scan);
	s->scan.o = s->o;
	free(maps);
	return status;
}

/**
 * share_list_processes() - read the list of processes, which must not have been read
 * @s: the report
 * @recorded: the list of a recording; NULL: that of the machine
 *
 * Return: an exit status; after an error message it is not RS_OK.
 */
int share_list_processes(struct share *s, const char *recorded)
{
	char *text = recorded ? NULL : processes_text();
	int err = processes_parse(&s->processes, recorded ?: text);

	free(text);
	if (!err)
		return RS_OK;
	warnx("%s: the list of processes is damaged", s->o->input ?: "/proc");
	return RS_FAILED;
}

static void resolve(struct share *s)
{
	size_t i;

	s->nr_groups = s->o->selection.nr;
	s->group = scan_alloc(s->nr_groups + 1, sizeof(*s->group));
	for (i = 0; i < s->nr_groups; i++) {
		struct selector selector = s->o->selection.selector[i];

		if (selector.by == SELECT_PID && !s->o->input)
			selector.pid = process_of_thread(selector.pid);
		selection_resolve(&selector, &s->processes, &s->group[i]);
	}
}

static bool any_process(const struct share *s)
{
	bool any = true;
	size_t i;

	for (i = 0; i < s->nr_groups; i++) {
		if (s->group[i].nr)
			continue;
		warnx("share: no process matches %s", s->group[i].name);
		any = false;
	}
	return any;
}

/* A process whose pages were in an earlier stream, as it shares the address space. */
static bool is_read(const struct share *s, int pid)
{
	size_t mm;

	return sharing_find(&s->sharing, pid, &mm) && s->sharing.mm[mm].done;
}

static int read_group(struct share *s, const struct pid_group *group, bool named)
{
	size_t i;

	for (i = 0; i < group->nr && !s->broken_off; i++) {
		int status;

		if (is_read(s, group->pid[i]))
			continue;
		/* Kernel threads, and processes that have ended since they were listed. */
		if (!named && !process_thread(group->pid[i]))
			continue;
		status = read_range(s, group->pid[i], 0);
		if (status == RS_NO_PAGE && !named)
			s->missing++;
		else if (status)
			return status;
	}
	return RS_OK;
}

/* Of the processes that share an address space, one has its pages. */
static void read_vdso(struct share *s, int pid)
{
	const struct sharing_mm *mm;
	size_t i;

	if (!sharing_find(&s->sharing, pid, &i))
		return;
	mm = &s->sharing.mm[i];
	if (mm->tgids[0] == pid)
		share_vdso_rest(s, mm, pid);
}

/* Frames tell nothing about swap slots, and those of the vdso have no reverse map. */
static int read_rest(struct share *s)
{
	bool swap = swap_is_used();
	struct process_list list;
	int status = RS_OK;
	size_t i;

	s->frames = false;
	process_list_read(&list);
	for (i = 0; i < list.nr && !s->broken_off; i++) {
		if (list.pid[i] == getpid() || is_read(s, list.pid[i]))
			continue;
		read_vdso(s, list.pid[i]);
		if (!swap || !process_thread(list.pid[i]))
			continue;
		status = read_range(s, list.pid[i], RMS_OPTION_KINDS);
		if (status == RS_NO_PAGE)
			status = RS_OK;
		else if (status)
			break;
	}
	process_list_free(&list);
	return status;
}

static int read_module(struct share *s)
{
	size_t i;
	int status = RS_OK;

	if (s->o->range.all)
		return read_range(s, 0, 0) ?: read_rest(s);
	for (i = 0; i < s->nr_groups && !status; i++)
		status = read_group(s, &s->group[i],
				    s->o->selection.selector[i].by == SELECT_PID);
	return status;
}

static int check_recording(struct share *s)
{
	const struct collect *c = &s->scan.collect;
	const struct selection *sel = &s->o->selection;

	if (!(c->head.options & RMS_OPTION_MAPS)) {
		warnx("%s: its mappings were not recorded; record with --with maps", s->o->input);
		return RS_FAILED;
	}
	if (c->head.form == RMS_FORM_VA && sel->nr &&
	    (sel->nr > 1 || sel->selector[0].by != SELECT_PID ||
	     (unsigned int)sel->selector[0].pid != c->recording.pid)) {
		warnx("%s: is a recording of process %u alone; record all with --all",
		      s->o->input, c->recording.pid);
		return RS_FAILED;
	}
	if (c->method && s->o->files) {
		warnx("%s: was recorded with --method=%s, which does not find files", s->o->input,
		      c->method);
		return RS_FAILED;
	}
	if (c->head.form == RMS_FORM_PFN && s->o->vmas) {
		warnx("%s: --vma needs a recording of a process (record FILE -p PID)", s->o->input);
		return RS_FAILED;
	}
	return RS_OK;
}

static int choose_recorded(struct share *s)
{
	const struct collect *c = &s->scan.collect;
	bool needs_list = selection_needs_list(&s->o->selection) || s->o->tree;

	if (c->processes)
		return share_list_processes(s, c->processes);
	if (!needs_list)
		return RS_OK;
	warnx("%s: has no list of processes, as it is of an older version of the tool",
	      s->o->input);
	return RS_FAILED;
}

static int read_recording(struct share *s)
{
	struct stream stream;
	int status = scan_open_input(&s->scan, &stream);

	if (status)
		return status;
	s->scan.result = collect_head(&s->scan.collect, &stream);
	if (!s->scan.collect.has_head)
		status = scan_warn(&s->scan, &stream);
	else
		status = check_recording(s) ?: choose_recorded(s);
	if (!status) {
		if (s->scan.collect.head.form == RMS_FORM_VA && !s->o->selection.nr) {
			struct selector own = { SELECT_PID, "", s->scan.collect.recording.pid };

			s->group = scan_alloc(1, sizeof(*s->group));
			s->nr_groups = 1;
			selection_resolve(&own, &s->processes, s->group);
		} else {
			resolve(s);
		}
		status = any_process(s) ? read_stream(s, &stream, NULL) : RS_NO_PAGE;
	}
	stream_finish(&stream);
	forget_stream(&s->scan);
	return status;
}

/**
 * share_read() - find the processes, and read all streams
 * @s: the report, with its options
 *
 * Return: an exit status. If it is RS_FAILED and @s->broken_off, a part was read.
 */
int share_read(struct share *s)
{
	const struct options *o = s->o;
	int status = RS_OK;

	s->sharing.by_file = o->files;
	if (o->input)
		return read_recording(s);
	if (selection_needs_list(&o->selection) || o->tree)
		status = share_list_processes(s, NULL);
	if (status)
		return status;
	resolve(s);
	if (!any_process(s))
		return RS_NO_PAGE;
	return read_module(s);
}
