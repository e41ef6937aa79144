// SPDX-License-Identifier: GPL-2.0
/*
 * Messages of the tool on reports that the test has written, for states that a real page has only
 * rarely.
 */
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <json-c/json.h>

#define FAKE_FIXTURE_NAME	cli_messages
#include "fake_fixture.h"

/* Mount points for a test. */
#define DIRECTORY	"/tmp/rmapscope-mounts"

/* The tool writes this target. The report follows it in the file. */
#define TARGET		"pfn=0x1"
#define FOLIO_TARGET	TARGET " folio"

#define PAGE(kind, more)						\
	"page pfn=0x1 paddr=0x1000 kind=" kind " folio_pfn=0x1 folio_order=0 index_in_folio=0 " \
	"pgoff=0x0 mapcount=3 refcount=4 flags=0x14(uptodate|lru|node=0|zone=1) memcg=/ node=0 " \
	"zone=DMA32" more "\n"
#define MAP_OF(pid, comm, bits, name)					\
	"map state=mapped pid=" pid " tgids=- comm=" comm " va=0x1000 vma=0x1000-0x2000 " \
	"perms=rw-p vm_pgoff=0x1 level=pte pte=0x1 bits=" bits " anon_vma=av0 name=" name "\n"
#define MAP(pid, comm)	MAP_OF(pid, comm, "present|user|accessed", "-")
#define REFS(raced, differs)						\
	"refs total=5 maps=3 pagecache=0 swapcache=0 private=0 self=1 unexplained=1 " \
	"maybe_pinned=0 pins=0 off_lru=0 raced=" raced " mapcount_differs=" differs "\n"
#define VERDICT(note)	"verdict op=reclaim ok=1 why=- func=shrink_folio_list note=" note "\n"
#define LOCKED_BY(pid)							\
	"verdict op=reclaim ok=0 why=mlocked func=folio_evictable pid=" pid " va=0x1000 note=-\n"
#define WALK(visited, raced, truncated)					\
	"walk visited=" visited " mapped=1 absent=0 pte_maps=2 skipped=0 complete=1 raced=" raced \
	" truncated=" truncated " ns=10 lock_ns=5 unreached=0\n"
#define MISSING(unreached, unsearched)					\
	"walk visited=1 mapped=1 absent=0 pte_maps=1 skipped=0 complete=1 raced=0 truncated=0 "	\
	"ns=10 lock_ns=5 unreached=" unreached " unsearched=" unsearched "\n"

#define GIVE_PAGE(records)	GIVE("page", TARGET, FAKE_LINE("page") records)

#define RUN_SUCCEEDS(...)						\
	do {								\
		RUN(__VA_ARGS__);					\
		EXPECT_EQ(0, self->run.status) TH_LOG("%s", self->run.err); \
	} while (0)

TEST_F(cli_messages, counts_that_changed_are_a_race)
{
	GIVE_PAGE(PAGE("anon", "") MAP("1", "a") REFS("1", "0")
		  WALK("1", "1", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("RACED");
	EXPECT_NOT_OUT("MAPCOUNT DIFFERS");
	RUN_SUCCEEDS("why", "--pfn", "1");
	EXPECT_OUT("RACED");
	EXPECT_NOT_OUT("MAPCOUNT DIFFERS");
}

TEST_F(cli_messages, counts_that_differ_without_a_change_are_no_race)
{
	GIVE_PAGE(PAGE("anon", "") MAP("1", "a") REFS("0", "1")
		  WALK("1", "1", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("MAPCOUNT DIFFERS: 2 entries found, and the kernel counts 3\n");
	EXPECT_NOT_OUT("RACED");
	RUN_SUCCEEDS("why", "--pfn", "1");
	EXPECT_OUT("MAPCOUNT DIFFERS: the walk finds 2, and the kernel counts 3, at each try: ");
	EXPECT_NOT_OUT("RACED");
	GIVE_PAGE(PAGE("anon", "") MAP("1", "a") REFS("1", "1")
		  WALK("1", "1", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("MAPCOUNT DIFFERS");
	EXPECT_OUT("RACED");
}

TEST_F(cli_messages, swapped_out_page_has_no_references_and_can_race)
{
	GIVE_PAGE("page kind=swap swap_type=0 swap_offset=0x1\n"
		  WALK("1", "1", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("RACED");
}

TEST_F(cli_messages, warnings_for_a_plain_table_are_on_stderr)
{
	static const char * const options[] = { "-r", "-n" };
	size_t i;

	GIVE_PAGE(PAGE("anon", "") MAP("1", "a") REFS("1", "0")
		  WALK("7", "1", "1"));
	for (i = 0; i < ARRAY_SIZE(options); i++) {
		RUN_SUCCEEDS("page", "--pfn", "1", options[i]);
		EXPECT_ERR("rmapscope: CUT SHORT: 1 of 7 VMAs are listed");
		EXPECT_ERR("rmapscope: RACED");
		EXPECT_NOT_OUT("CUT SHORT");
		EXPECT_NOT_OUT("RACED");
	}
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("CUT SHORT: 1 of 7 VMAs are listed");
	EXPECT_NOT_ERR("CUT SHORT");
	GIVE_PAGE(PAGE("anon", "") MAP("1", "a") REFS("0", "1")
		  WALK("1", "1", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1", "-r");
	EXPECT_ERR("rmapscope: MAPCOUNT DIFFERS");
	EXPECT_NOT_OUT("MAPCOUNT DIFFERS");
}

/* The report is no race and the counts agree, but mappings are missing. */
TEST_F(cli_messages, unsearched_mappings_are_counted)
{
	struct json_object *document, *walk, *value;

	GIVE_PAGE(PAGE("ksm", "") MAP("1", "a") REFS("0", "0")
		  MISSING("0", "2"));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("\nUNSEARCHED: 2 more mappings exist, but the time for searches is used up ");
	EXPECT_OUT(" (parameter max_search); ask again later\n");
	EXPECT_NOT_OUT("UNREACHED");
	RUN_SUCCEEDS("page", "--pfn", "1", "-r");
	EXPECT_ERR("rmapscope: UNSEARCHED: 2 more");
	EXPECT_NOT_OUT("UNSEARCHED");
	RUN_SUCCEEDS("page", "--pfn", "1", "-J");
	document = json_tokener_parse(self->run.out);
	ASSERT_TRUE(json_object_object_get_ex(document, "walk", &walk));
	ASSERT_TRUE(json_object_object_get_ex(walk, "unsearched", &value));
	EXPECT_EQ(json_type_int, json_object_get_type(value));
	EXPECT_EQ(2, json_object_get_int(value));
	json_object_put(document);
	GIVE_PAGE(PAGE("ksm", "") MAP("1", "a") REFS("0", "0")
		  MISSING("3", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("\nUNREACHED: 3 of the mappings");
	EXPECT_NOT_OUT("UNSEARCHED");
}

TEST_F(cli_messages, report_cut_by_max_visits_names_max_visits)
{
	GIVE_PAGE(PAGE("anon", "") MAP("1", "a") REFS("0", "0")
		  WALK("1", "0", "1"));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("/max_visits");
	EXPECT_NOT_OUT("max_vmas");
}

TEST_F(cli_messages, page_without_a_mapping_has_the_name_of_its_file)
{
	GIVE_PAGE(PAGE("shmem", " dev=0:1 ino=12 file=/memfd:x")
		  REFS("0", "0") WALK("0", "0", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("/memfd:x, inode 12 of 0:1\n");
	EXPECT_OUT("a memfd\n");
	RUN_SUCCEEDS("why", "--pfn", "1");
	EXPECT_OUT("/memfd:x, inode 12 of 0:1\n");
	GIVE_PAGE(PAGE("shmem", " dev=0:1 ino=12 file=/SYSV0000abcd")
		  REFS("0", "0") WALK("0", "0", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("System V shared memory\n");
	GIVE_PAGE(PAGE("file", " dev=0:1 ino=12 file=-") REFS("0", "0")
		  WALK("0", "0", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("file   inode 12 of 0:1\n");
}

TEST_F(cli_messages, file_system_is_named_if_it_is_mounted)
{
	char report[1024], text[128];
	struct stat st;

	ASSERT_EQ(0, stat("/dev/shm", &st));
	snprintf(report, sizeof(report), FAKE_LINE("page")
		 PAGE("shmem", " dev=%u:%u ino=12 file=/memfd:x")
		 REFS("0", "0") WALK("0", "0", "0"), major(st.st_dev), minor(st.st_dev));
	snprintf(text, sizeof(text), "/memfd:x, inode 12 of %u:%u (tmpfs, mounted on /dev/shm)\n",
		 major(st.st_dev), minor(st.st_dev));
	GIVE("page", TARGET, report);
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT(text);
	/* The file system was found in the tool's own list of mounts, not in the report. */
	EXPECT_OUT("a file of a tmpfs");
}

/* The tool prefers a place where the root of the file system is mounted, else it takes any. */
TEST_F(cli_messages, mount_point_of_the_whole_file_system_is_named)
{
	static const char * const dirs[] = { DIRECTORY "/a", DIRECTORY "/b", DIRECTORY "/c" };
	char report[1024];
	struct stat st;
	size_t i;

	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		SKIP(return, "no mount namespaces: %s", strerror(errno));
	ASSERT_EQ(0, mkdir(DIRECTORY, 0700));
	for (i = 0; i < ARRAY_SIZE(dirs); i++)
		ASSERT_EQ(0, mkdir(dirs[i], 0700));
	ASSERT_EQ(0, mount("words", dirs[0], "tmpfs", 0, NULL));
	ASSERT_EQ(0, mkdir(DIRECTORY "/a/part", 0700));
	ASSERT_EQ(0, stat(dirs[0], &st));
	snprintf(report, sizeof(report),
		 FAKE_LINE("page") PAGE("shmem", " dev=%u:%u ino=12 file=/part/x")
		 REFS("0", "0") WALK("0", "0", "0"), major(st.st_dev), minor(st.st_dev));
	GIVE("page", TARGET, report);
	ASSERT_EQ(0, mount(DIRECTORY "/a/part", dirs[1], NULL, MS_BIND, NULL));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("(tmpfs, mounted on " DIRECTORY "/a)\n");
	ASSERT_EQ(0, mount(dirs[0], dirs[2], NULL, MS_BIND, NULL));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("(tmpfs, mounted on " DIRECTORY "/a)\n");
	ASSERT_EQ(0, umount(dirs[0]));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("(tmpfs, mounted on " DIRECTORY "/c)\n");
	ASSERT_EQ(0, umount(dirs[2]));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("(tmpfs, mounted on " DIRECTORY "/b)\n");
	ASSERT_EQ(0, umount(dirs[1]));
	for (i = 0; i < ARRAY_SIZE(dirs); i++)
		EXPECT_EQ(0, rmdir(dirs[i]));
	EXPECT_EQ(0, rmdir(DIRECTORY));
}

TEST_F(cli_messages, block_device_is_not_called_a_file)
{
	GIVE_PAGE(PAGE("file", " dev=999:7 ino=- file=-") REFS("0", "0")
		  WALK("0", "0", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("file   block device 999:7\n");
	GIVE_PAGE(PAGE("file", " dev=0:0 ino=- file=-") REFS("0", "0")
		  WALK("0", "0", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_NOT_OUT("\nfile ");
}

TEST_F(cli_messages, report_without_file_keys_has_no_file_line)
{
	GIVE_PAGE(PAGE("shmem", "")
		  MAP_OF("1", "a", "present", "/memfd:y\\040(deleted)")
			      REFS("0", "0") WALK("1", "0", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("a memfd\n");
	EXPECT_NOT_OUT("\nfile ");
	EXPECT_NOT_OUT("inode");
}

TEST_F(cli_messages, orphaned_page_is_explained_with_its_references)
{
	GIVE_PAGE(PAGE("orphaned", "") REFS("0", "0") WALK("0", "0", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("cut off from its file (truncated), and 4 references still hold it\n");
	RUN_SUCCEEDS("why", "--pfn", "1");
	EXPECT_OUT("cut off from its file (truncated), and 4 references still hold it\n");
}

TEST_F(cli_messages, poisoned_memory_is_explained)
{
	GIVE_PAGE("page pfn=0x1 kind=anon flags=0x10(lru|hwpoison|node=0)\n"
		  REFS("0", "0") WALK("0", "0", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("broken hwpoison: ");
}

TEST_F(cli_messages, removed_cgroup_is_marked)
{
	struct json_object *document, *page, *memcg;

	GIVE_PAGE("page pfn=0x1 kind=anon memcg=/job\\040(deleted)\n"
		  REFS("0", "0") WALK("0", "0", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1");
	EXPECT_OUT("memcg /job (deleted)\n");
	RUN_SUCCEEDS("page", "--pfn", "1", "-J");
	document = json_tokener_parse(self->run.out);
	ASSERT_TRUE(json_object_object_get_ex(document, "page", &page));
	ASSERT_TRUE(json_object_object_get_ex(page, "memcg", &memcg));
	EXPECT_STREQ("/job (deleted)", json_object_get_string(memcg));
	json_object_put(document);
}

TEST_F(cli_messages, hidden_processes_are_counted)
{
	GIVE_PAGE(PAGE("anon", "") MAP("0", "-") MAP("0", "-")
		  MAP("3", "hold") MAP("3", "hold") MAP("4", "b") REFS("0", "0")
			      VERDICT("referenced:5") WALK("5", "0", "0"));
	RUN_SUCCEEDS("why", "--pfn", "1");
	EXPECT_OUT("by 3 (hold), 4 (b), and 2 mappings of processes that are not visible here\n");
	EXPECT_NOT_OUT("0 (-)");
	GIVE_PAGE(PAGE("anon", "") MAP("0", "-") REFS("0", "0")
		  VERDICT("referenced:1") WALK("1", "0", "0"));
	RUN_SUCCEEDS("why", "--pfn", "1");
	EXPECT_OUT("by 1 mapping of processes that are not visible here\n");
}

TEST_F(cli_messages, hidden_process_has_no_pid)
{
	GIVE_PAGE(PAGE("anon", "") MAP("0", "-") REFS("0", "0")
		  LOCKED_BY("0")
			      WALK("1", "0", "0"));
	RUN_SUCCEEDS("why", "--pfn", "1");
	EXPECT_OUT("who:  a process that is not visible here, at 0x1000\n");
}

TEST_F(cli_messages, process_of_the_verdict_is_named)
{
	GIVE_PAGE(PAGE("anon", "") MAP("1", "other") MAP("2", "locker")
		  MAP("3", "third") REFS("0", "0")
			      LOCKED_BY("2")
			      WALK("3", "0", "0"));
	RUN_SUCCEEDS("why", "--pfn", "1");
	EXPECT_OUT("who:  process 2 (locker), at 0x1000\n");
}

TEST_F(cli_messages, repeated_column_appears_once)
{
	GIVE_PAGE(PAGE("anon", "") MAP("1", "a") REFS("0", "0")
		  WALK("1", "0", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1", "-r", "-o", "PID,STATE,pid,PID");
	EXPECT_STREQ("PID STATE\n1 mapped\n", self->run.out);
	RUN_SUCCEEDS("page", "--pfn", "1", "-r", "-o", "+STATE,PTE");
	EXPECT_OUT("STATE PID COMM VA VMA PERMS LEVEL BITS NOW-PFN NAME PTE\n");
	GIVE("page", FOLIO_TARGET, FAKE_LINE("page") PAGE("anon", "") MAP("1", "a") REFS("0", "0")
	     WALK("1", "0", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1", "--folio", "-r", "-o", "+FIRST,COUNT");
	EXPECT_OUT("STATE PID COMM VA VMA PERMS LEVEL FIRST COUNT BITS NOW-PFN NAME\n");
}

static const char *name_at(struct json_object *names, size_t i)
{
	return json_object_get_string(json_object_array_get_idx(names, i));
}

TEST_F(cli_messages, names_of_flags_are_flags_only)
{
	struct json_object *document, *page, *names;
	size_t i;

	GIVE_PAGE(PAGE("anon", "") REFS("0", "0") WALK("0", "0", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1", "-J");
	document = json_tokener_parse(self->run.out);
	ASSERT_TRUE(json_object_object_get_ex(document, "page", &page));
	ASSERT_TRUE(json_object_object_get_ex(page, "flag_names", &names));
	EXPECT_EQ(2, json_object_array_length(names));
	for (i = 0; i < json_object_array_length(names); i++)
		EXPECT_EQ(NULL, strchr(name_at(names, i), '='));
	json_object_put(document);
}

TEST_F(cli_messages, json_has_the_file_of_the_page)
{
	struct json_object *document, *page, *value;

	GIVE_PAGE(PAGE("shmem", " dev=0:1 ino=12 file=/memfd:x")
		  REFS("0", "1") WALK("0", "1", "0"));
	RUN_SUCCEEDS("page", "--pfn", "1", "--json");
	document = json_tokener_parse(self->run.out);
	ASSERT_TRUE(json_object_object_get_ex(document, "page", &page));
	ASSERT_TRUE(json_object_object_get_ex(page, "dev", &value));
	EXPECT_STREQ("0:1", json_object_get_string(value));
	ASSERT_TRUE(json_object_object_get_ex(page, "ino", &value));
	EXPECT_EQ(12, json_object_get_int(value));
	ASSERT_TRUE(json_object_object_get_ex(page, "file", &value));
	EXPECT_STREQ("/memfd:x", json_object_get_string(value));
	ASSERT_TRUE(json_object_object_get_ex(document, "refs", &page));
	ASSERT_TRUE(json_object_object_get_ex(page, "mapcount_differs", &value));
	EXPECT_TRUE(json_object_get_boolean(value));
	json_object_put(document);
}

TEST_F(cli_messages, unknown_words_are_printed_unchanged)
{
	GIVE_PAGE(PAGE("anon", "") REFS("0", "0")
		  "verdict op=migrate ok=0 why=news func=f note=extra:3,more\n"
			      WALK("0", "0", "0"));
	RUN_SUCCEEDS("why", "--pfn", "1");
	EXPECT_OUT("NO, news: ");
	EXPECT_OUT("note: extra:3\n");
	EXPECT_OUT("note: more\n");
}

TEST_HARNESS_MAIN
