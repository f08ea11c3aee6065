#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/callfilter.h"
#include "base/sandbox.h"
#include "confined_home.h"
#include "engine/confine_system.h"
#include "harness.h"
#include "servers.h"

/*
 * Runs in the sandbox, with everything that haul can do: nothing of it is missed there. And what
 * somebody could do who has taken one of its threads over (probelib.c).
 *
 * All other tests run in it, too, for it is the default; here it is required. What haul does where
 * there is none: test_unconfined.c.
 */

static int kernel; /* version of its interface, 1 or more */

/* Says so, visibly: a case that tests nothing has not passed. */
static bool cannot(int version, const char *name)
{
    if (kernel < version)
        fprintf(stderr, "%s: SKIPPED, nothing was tested: needs Landlock ABI %d, has %d\n", name,
                version, kernel);
    return kernel < version;
}

#define SKIP_BEFORE(version)                                                                       \
    do {                                                                                           \
        if (cannot(version, __func__))                                                             \
            return;                                                                                \
    } while (0)

/* ---- all that haul can do ---- */

/* Each is a script that must end well, and says nothing on standard error. */
static const char *const features[] = {
    /* reports: a new file, one that is there, several, relative and absolute */
    "$haul -o report.txt $url/size?n=9; grep -q 9 report.txt",
    "echo old >report.txt; $haul -o report.txt $url/size?n=9; ! grep -q old report.txt",
    "mkdir sub; $haul -o $PWD/sub/a.txt --report json:sub/b.json --report html:c.html "
    "--report csv:../home/d.csv --report junit:e.xml $url/size?n=9; "
    "for f in sub/a.txt sub/b.json c.html d.csv e.xml; do test -s $f; done; "
    "test -z \"$(find . -name '.*part')\"",
    /* standard output, as a pipe, a file and by its names */
    "$haul -o /dev/stdout $url/size?n=9 | grep -q 9",
    "$haul -o /dev/stdout $url/size?n=9 >out.txt; grep -q 9 out.txt",
    "$haul --report csv:/dev/fd/3 -o /dev/null $url/size?n=9 3>out.txt; grep -q 9 out.txt",
    "mkfifo pipe; cat pipe >out.txt & $haul -o pipe $url/size?n=9; wait; grep -q 9 out.txt",
    /* a directory that is not there, below one that is; several directories deep; late names */
    "$haul -d new $url/size?n=9 $url/any/a/b/c/d?n=5; test $(find new -type f | wc -l) = 2",
    "$haul -d new/ --name '{sha256}/x{type-ext}' --hash sha256 $url/size?n=9 $url/size?n=100000; "
    "test $(find new -type f -size +0 | wc -l) = 2",
    "$haul -d . --no-clobber --name '{file}' $url/size?n=9 $url/size?n=9; "
    "test $(find . -name 'size*' | wc -l) = 2",
    "$haul -d new -C --sync each $url/range?n=100000; $haul -d new -N $url/range?n=100000",
    /* a journal, gone on with, and a crash-safe one */
    "$haul --journal j -d new $url/size?n=1; "
    "$haul --journal j --resume -d new $url/size?n=1 $url/size?n=2; verb report j >/dev/null",
    "mkdir sub; $haul --journal sub/j --sync each --skip-existing -d new $url/size?n=1",
    "$haul --journal j $url/range?n=9; gzip j; $haul --since j.gz --etags $url/range?n=9",
    /* archives, with rotation, gone on with */
    "for i in 1 2 3 4; do echo $url/size?n=90000\\&i=$i; done >l; "
    "$haul --warc w --warc-size 1k --journal j -i l; test -s w-00003.warc.gz; "
    "$haul --warc w --warc-size 1k --journal j --resume -i l $url/size?n=7; test -s "
    "w-00004.warc.gz",
    "$haul --tar all.tar --journal j $url/size?n=9 $url/size?n=3000000; "
    "$haul --tar all.tar --journal j --resume $url/size?n=9 $url/size?n=8; "
    "test $(tar tf all.tar | wc -l) = 3",
    "$haul --tar - -o /dev/null $url/size?n=9 | tar tf - | grep -q size",
    /* the history, several times, with its end and beside others' files */
    "for i in 1 2 3 4; do $haul --history h.db --keep 2 --etags -o r.txt $url/range?n=$i; done; "
    "test \"$(ls h.db*)\" = h.db; test \"$(verb history h.db | wc -l)\" = 2",
    "$haul --history h.db $url/size?n=1 >/dev/null; $haul --history h.db $url/size?n=2 >/dev/null; "
    "verb diff h.db@1 h.db@2 | grep -q gone; verb diff -o d.txt h.db || test $? = 1; test -s "
    "d.txt; "
    "verb history h.db $url/size?n=1 | grep -q ok",
    "mkdir sub; for i in 1 2; do $haul --history sub/h.db $url/size?n=$i >/dev/null; done; "
    "for i in 1 2; do verb history sub/h.db >/dev/null; "
    "verb diff sub/h.db@1 sub/h.db@2 | grep -q gone; done",
    /* through a link, beside which SQLite has nothing */
    "mkdir sub names; ln -s $PWD/sub/h.db names/l.db; "
    "for i in 1 2; do $haul --history sub/h.db $url/size?n=$i >/dev/null; done; "
    "verb history names/l.db | wc -l | grep -q 2; "
    "verb diff names/l.db@1 names/l.db@2 | grep -q gone",
    /* sums, what failed, budgets */
    "$haul -d new --name '{file}' --hash sha256 --format csv --fields sha256 $url/size?n=9 >s; "
    "echo \"$(tail -1 s | tr -d '\\r')  $(cd new; ls)\" >sums; "
    "$haul -d new --name '{file}' --sums sums $url/size?n=9",
    "$haul --save-failed f.txt --exit-zero --journal j $url/status/404 >/dev/null; "
    "grep -q 404 f.txt; verb report --save-failed g.txt -o r.txt --report csv:c.csv j; "
    "grep -q 404 g.txt; test -s c.csv",
    /* lists: further ones, packed, from a pipe; a sitemap; a table */
    "echo $url/size?n=1 >a; echo $url/size?n=2 | gzip >b; mkfifo c; echo $url/size?n=3 >c & "
    "echo $url/size?n=4 | $haul -i a -i b -i c -i - | wc -l | grep -q 4",
    "echo $url/size?n=4 >a; $haul -i /dev/stdin <a | grep -q 4; $haul - <a | grep -q 4; "
    "cat a | $haul -i /dev/stdin | grep -q 4; $haul -i /dev/fd/3 3<a | grep -q 4",
    "cp $ca ca.pem; echo $tls/size?n=9 >a; echo $tls/size?n=9 >b; mkfifo c; "
    "$haul --cacert ca.pem -j 1 --if-empty ignore -i a -i c -i b >out.txt & exec 4>c; cp ca.pem "
    "new; mv new ca.pem; "
    "exec 4>&-; wait $!; test $(grep -c 9 out.txt) = 2",
    "echo \"<urlset><url><loc>$url/size?n=2</loc></url></urlset>\" >m.xml; "
    "$haul --sitemap m.xml --sitemap-any-host --order input | grep -q 2; "
    "$haul --dry-run --sitemap m.xml | grep -q size",
    "printf 'url,k\\n%s,1\\n' $url/size?n=2 >t.csv; $haul --url-column url -i t.csv | grep -q 2",
    /* redirects over TLS, and from an address that is chosen */
    "$haul $tls/redirect-chain?n=3 | grep -q 6; "
    "$haul --format csv --fields url_effective $url/redirect-secure | grep -q https:",
    "$haul -j 4 --streams 4 --http2 $tls/size?n=9 $tls/size?n=8 | wc -l | grep -q 2",
    "$haul --interface 127.0.0.1 $url/size?n=9 | grep -q 9",
    "$haul --interface host!127.0.0.1 --connect-to a.test::127.0.0.1: $tls/size?n=9 | grep -q 9",
    /* names, of which some files know nothing */
    "$haul --retry 0 --exit-zero http://localhost:${url##*:}/size?n=9 | grep -q 9",
    /* rows and URLs that wait on disk */
    "for i in $(seq 300); do echo $url/size?n=1\\&i=$i; done >l; "
    "$haul --order input --rate-per-host 1000/s --window 2 --spill-max 1M -o r.txt -i l; "
    "test $(wc -l <r.txt) -ge 300",
    "for i in $(seq 300); do echo $url/size?n=1\\&i=$i; done >l; "
    "$haul --group-by host --report json:r.json --report markdown:r.md --budget 'total<50M' "
    "--quiet-unless always --history h.db -i l >/dev/null 2>&1; test -s r.json; test -s r.md",
};
enum { FEATURES = sizeof features / sizeof *features };

START_TEST(feature_works_in_the_sandbox)
{
    SKIP_BEFORE(1);
    if (kernel < 2 && (strstr(features[_i], "-d ")))
        SKIP_BEFORE(2);
    check_shell(features[_i]);
}
END_TEST

/* What changes while haul waits for the FIFO c, before it is the turn of what comes behind. */
static const struct {
    const char *before, *change, *args;
} renewals[] = {
    {"echo $url/size?n=1 >b", "echo $url/size?n=22 >n; mv n b", "-i c -i b"},
    {"echo $url/size?n=1 >b", "mv b old; echo $url/size?n=22 >b", "-i c -i $PWD/b"},
    {"echo $url/size?n=1 >b", "echo $url/size?n=22 | gzip >n; mv n b", "-i c -i b -i b"},
    {"mkdir d e; echo $url/size?n=1 >d/l; echo $url/size?n=22 >e/l; ln -s d cur",
     "ln -s e n; mv -T n cur", "-i c -i cur/l"},
    {"mkdir d e; echo $url/size?n=1 >d/l; echo $url/size?n=22 >e/l; ln -s d/l b", "ln -sf e/l b",
     "-i c -i b"},
    {"echo '<urlset/>' >b",
     "echo \"<urlset><url><loc>$url/size?n=22</loc></url></urlset>\" >n; mv n b",
     "-i c --sitemap b"},
    {"echo $url/size?n=1 >b", "echo $url/size?n=22 >n; mv n b", "--dry-run -i c -i b"},
    /* certificates, before the first connection */
    {"export HOME=$PWD; echo $tls/size?n=22 >b; cp $ca ca.pem", "cp ca.pem n; mv n ca.pem",
     "--cacert ca.pem -i c -i b"},
    {"echo $tls/size?n=22 >b; mkdir live old new; cp $ca old/c.pem; cp $ca new/c.pem; "
     "ln -s ../old/c.pem live/c.pem",
     "ln -sf ../new/c.pem live/c.pem; rm old/c.pem", "--cacert live/c.pem -i c -i b"},
};
enum { RENEWALS = sizeof renewals / sizeof *renewals };

START_TEST(list_is_the_one_that_is_there_when_its_turn_comes)
{
    SKIP_BEFORE(1);
    check_shell(
        it_text("%s; mkfifo c; $haul -j 1 --if-empty ignore %s >out.txt & exec 4>c; %s; exec 4>&-; "
                "wait $!; grep -q 'size?n=22' out.txt; ! grep -q 'size?n=1$' out.txt",
                renewals[_i].before, renewals[_i].args, renewals[_i].change));
}
END_TEST

START_TEST(list_that_is_gone_when_its_turn_comes_is_told_so)
{
    struct it_run run;

    SKIP_BEFORE(1);
    run = shell("echo $url/size?n=1 >b; mkfifo c; $haul -i c -i b & exec 4>c; rm b; exec 4>&-; "
                "wait $!");
    ck_assert_int_eq(run.status, 3);
    ck_assert_ptr_nonnull(strstr(run.err, "b: cannot be opened: No such file"));
}
END_TEST

/* What haul is told to be an older kernel's: the same with fewer rights. */
START_TEST(older_kernels_do_it_too)
{
    struct it_run run;

    SKIP_BEFORE(_i);
    run = shell_with(
        IT_ARGS(it_text("PROBELIB=%s", getenv("HAUL_PROBELIB")), it_text("PROBE_VERSION=%d", _i)),
        _i < 2 ? "$haul --journal j --history h.db --warc w -o r.txt $url/size?n=9"
               : "$haul -d new --name '{sha256}/x{type-ext}' --hash sha256 --journal j --history "
                 "h.db --warc w -o r.txt $url/size?n=9 $url/any/a?n=70000; test -s r.txt");
    ck_assert_msg(run.status == 0, "%d: %s", run.status, run.err);
}
END_TEST

START_TEST(first_version_is_not_enough_for_a_directory)
{
    const char *const env[] = {it_text("PROBELIB=%s", getenv("HAUL_PROBELIB")), "PROBE_VERSION=1",
                               NULL};
    struct it_run run;

    SKIP_BEFORE(1);
    run = shell_with(env, "$haul -d new --journal j $url/size?n=9");
    ck_assert_int_eq(run.status, 2);
    ck_assert_ptr_nonnull(strstr(run.err, "Landlock ABI 1"));
    ck_assert_int_ne(access(it_path("home/j"), F_OK), 0);
    run = shell_with(env, "$haul --no-quiet --sandbox auto -d new $url/size?n=9 >/dev/null");
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_msg(strstr(run.err, "sandbox") == NULL, "%s", run.err); /* cron would mail it */
    run = shell_with(env, "$haul --no-quiet -v --sandbox auto -d new $url/size?n=9");
    ck_assert_msg(strstr(run.err, "haul: sandbox: none: Landlock ABI 1") != NULL, "%s", run.err);
}
END_TEST

/* ---- that it holds ---- */

static const char *const tries[] = {
    "read",     "write",  "cut",      "create",  "list",    "chmod",      "chown",
    "setxattr", "times",  "rename",   "link",    "symlink", "mkdir",      "mkfifo",
    "truncate", "unlink", "device",   "another", "run",     "local",      "bind",
    "listen",   "kill",   "nameless", "fork",    "execute", "capability", "mail",
    "owner",    "signal", "memory",   "core",    "flags"};
enum { TRIES = sizeof tries / sizeof *tries };

/* Since which version that is refused. */
static int since(const char *what)
{
    return strcmp(what, "truncate") == 0 ? 3 : strcmp(what, "bind") == 0 ? 4 : 1;
}

/* Sanitizers make processes, and look at others; names may be looked up by a daemon. */
static bool is_allowed(const char *what)
{
    struct haul_sandbox_rules rules = {.item = NULL};
    bool is_it;

    haul_confine_add_system(&rules);
    is_it = ((strcmp(what, "local") == 0 || strcmp(what, "mail") == 0) && rules.connects) ||
            (it_is_sanitized() && (strcmp(what, "fork") == 0 || strcmp(what, "another") == 0));
    haul_sandbox_rules_done(&rules);
    return is_it;
}

/* A daemon of the machine, which is reached by a name. */
static int listen_at(const char *path, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

    ck_assert_uint_lt(strlen(path), sizeof address.sun_path);
    strcpy(address.sun_path, path);
    ck_assert_int_eq(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    ck_assert(type != SOCK_STREAM || listen(fd, 100) == 0);
    return fd;
}

/* `command`: what is run, with the library. `version`: what it is told to have, or 0: nothing. */
static struct it_run take_over(const char *command, bool always, int version)
{
    struct it_run run;
    int listener, mailbox;

    ck_assert_int_eq(mkdir(it_path("home/elsewhere"), 0700), 0);
    it_write(it_path("home/elsewhere/secret"), "secret", 6);
    it_write(it_path("home/elsewhere/victim"), "victim", 6);
    listener = listen_at(it_path("home/elsewhere/socket"), SOCK_STREAM);
    mailbox = listen_at(it_path("home/elsewhere/mail"), SOCK_DGRAM);
    run = shell_with(IT_ARGS(it_text("PROBE=%s", it_path("home/elsewhere")),
                             it_text("PROBE_FILE=%s", it_path("home/told")),
                             always ? "PROBE_ALWAYS=1" : "PROBE_ALWAYS",
                             version ? it_text("PROBE_VERSION=%d", version) : "PROBE_VERSION"),
                     it_text("mkdir -p out; echo $url/size?n=9 >list; exec env "
                             "LD_PRELOAD='%s' %s",
                             getenv("HAUL_PROBELIB"), command));
    ck_assert_int_eq(close(listener), 0);
    ck_assert_int_eq(close(mailbox), 0);
    return run;
}

/* How often that was tried, and how often it was refused. */
static size_t count_tries(const char *told, const char *what, size_t *refused)
{
    size_t count = 0;
    const char *at = told, *line = it_text(" %s ", what);

    for (*refused = 0; (at = strstr(at, line)) != NULL; count++) {
        at += strlen(line);
        *refused += strncmp(at, "EACCES\n", 7) == 0 || strncmp(at, "EPERM\n", 6) == 0;
    }
    return count;
}

static void check_refused(size_t threads, int version)
{
    const char *told = it_read(it_path("home/told"), NULL);
    size_t refused;

    for (size_t i = 0; i < TRIES; i++) {
        if (version < since(tries[i]) || is_allowed(tries[i]))
            continue;
        ck_assert_msg(count_tries(told, tries[i], &refused) >= threads, "%s", told);
        ck_assert_msg(refused == count_tries(told, tries[i], &refused), "%s: %s", tries[i], told);
    }
    if (version >= since("truncate"))
        ck_assert_str_eq(it_read(it_path("home/elsewhere/victim"), NULL), "victim");
}

static const int versions[] = {0, 2, 3, 5};

/*
 * As this kernel has it, and as older ones do: the filter refuses what Landlock does not.
 *
 * main, the dispatcher, the collector, its syncer and a worker each have something to write or to
 * read, but a thread may end before it is its turn: four of them always have.
 */
START_TEST(whoever_takes_a_thread_over_can_do_nothing_elsewhere)
{
    struct it_run run;
    int version = versions[_i] ? versions[_i] : kernel;

    SKIP_BEFORE(version > 2 ? version : 3);
    run = take_over(
        "$haul -j 1 -d out/saved --journal out/j --history out/h.db --warc out/w --save-failed "
        "out/f -o out/r.csv -i list",
        false, versions[_i]);
    ck_assert_msg(run.status == 0, "%s", run.err);
    check_refused(4, version);
}
END_TEST

/* There, names are given by a process outside, which knows them. */
START_TEST(whoever_takes_a_thread_over_can_do_nothing_beside_a_report)
{
    struct it_run run;

    SKIP_BEFORE(3);
    run = take_over("$haul -j 1 -o elsewhere/r.csv --report json:elsewhere/r.json --save-failed "
                    "elsewhere/f -i list",
                    false, 0);
    ck_assert_msg(run.status == 0, "%s", run.err);
    check_refused(3, kernel);
    check_shell("cd elsewhere; test \"$(ls -A | tr '\\n' ' ')\" = 'f mail r.csv r.json secret "
                "socket victim '; grep -q 9 r.csv; grep -q 9 r.json");
}
END_TEST

/* What it holds open would keep whoever reads haul's output waiting; and its end is waited for. */
START_TEST(process_that_names_reports_ends_with_the_run)
{
    check_shell("$haul -o r.txt --report json:- $url/size?n=9 | cat >out.json; test -s out.json; "
                "$haul -o r.txt --save-failed f --max-duration 1s $url/hang 2>/dev/null || :; "
                "test -e f; test -z \"$(find . -name '.*part')\"");
}
END_TEST

/* Orphans of this test become its children, whether they have ended or not. */
START_TEST(no_process_is_left_when_a_run_has_ended)
{
    ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    check_shell("echo $url/size?n=9 >l; $haul -o r.txt --save-failed f -i l; test -s r.txt");
    ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
    ck_assert_int_eq(errno, ECHILD);
}
END_TEST

static const char *const verbs[] = {"report out/j", "history out/h.db", "diff out/j out/j",
                                    "--dry-run -i list", "report -o out/r.csv out/j"};
enum { VERBS = sizeof verbs / sizeof *verbs };

START_TEST(whoever_takes_another_verb_over_can_do_nothing_elsewhere)
{
    struct it_run run;

    SKIP_BEFORE(3);
    check_shell("mkdir out; $haul --journal out/j --history out/h.db $url/size?n=9 >/dev/null");
    run = take_over(it_text("'%s' %s --sandbox require", getenv("HAUL_BIN"), verbs[_i]), false, 0);
    ck_assert_msg(run.status == 0, "%s", run.err);
    check_refused(1, kernel);
}
END_TEST

/* Whoever has started the test may let nobody have these. */
static bool is_out_of_reach(const char *what)
{
    struct rlimit limit = {.rlim_max = 0};

    return (strcmp(what, "capability") == 0 && geteuid() != 0) ||
           (strcmp(what, "core") == 0 && getrlimit(RLIMIT_CORE, &limit) == 0 && !limit.rlim_max);
}

/* The tries are good for something: without the sandbox they succeed. */
START_TEST(without_the_sandbox_all_of_it_can_be_done)
{
    size_t refused;
    const char *told;

    ck_assert_int_eq(take_over("$haul --sandbox off -j 1 -i list", true, 0).status, 0);
    told = it_read(it_path("home/told"), NULL);
    for (size_t i = 0; i < TRIES; i++)
        if (!is_out_of_reach(tries[i]))
            ck_assert_msg(count_tries(told, tries[i], &refused) && !refused, "%s: %s", tries[i],
                          told);
}
END_TEST

START_TEST(verbose_run_tells_what_it_is_held_to)
{
    struct it_run run;

    SKIP_BEFORE(2);
    run = shell("$haul --no-quiet -v -d out -o r.txt $url/size?n=9");
    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(strstr(run.err, it_text("sandbox: Landlock ABI %d; writing", kernel)));
    ck_assert_ptr_nonnull(strstr(run.err, "; system calls are filtered\n"));
    run = shell("$haul --no-quiet -v --sandbox off $url/size?n=9");
    ck_assert_ptr_null(strstr(run.err, "sandbox"));
}
END_TEST

/* As a kernel without filters of system calls, and as one that refuses to have one entered. */
START_TEST(run_without_a_filter_goes_on_unless_it_is_required)
{
    static const struct {
        int error, status;
        const char *require;
    } kernels[] = {
        {EINVAL, 2, "--sandbox require: there is none: this kernel has no filters"},
        {EPERM, 3, "--sandbox require: it cannot be entered: system calls cannot be filtered"}};
    const char *const env[] = {it_text("PROBELIB=%s", getenv("HAUL_PROBELIB")),
                               it_text("PROBE_FILTER=%d", kernels[_i].error), NULL};
    struct it_run run;

    SKIP_BEFORE(1);
    run = shell_with(env, "$haul -d d --journal j --history h.db $url/size?n=9");
    ck_assert_int_eq(run.status, kernels[_i].status);
    ck_assert_str_eq(shell("ls -A").out, "tmp\ntrust\n"); /* nothing was done */
    ck_assert_msg(strstr(run.err, kernels[_i].require) != NULL, "%s", run.err);
    ck_assert_int_eq(it_stat("requests"), 0);
    run = shell_with(env, "$haul --sandbox auto $url/size?n=9");
    ck_assert_msg(run.status == 0, "%s", run.err);
    ck_assert_str_eq(run.err, "");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("confined");
    TCase *tcase = tcase_create("run");

    suite_add_tcase(suite, tcase);
    kernel = haul_sandbox_version();
    if (!kernel) {
        printf("1..0 # SKIP needs Landlock: %s\n", strerror(errno));
        return 0;
    }
    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, make_home, NULL);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, feature_works_in_the_sandbox, 0, FEATURES);
    tcase_add_loop_test(tcase, list_is_the_one_that_is_there_when_its_turn_comes, 0, RENEWALS);
    tcase_add_test(tcase, list_that_is_gone_when_its_turn_comes_is_told_so);
    tcase_add_loop_test(tcase, older_kernels_do_it_too, 1, 8);
    tcase_add_test(tcase, first_version_is_not_enough_for_a_directory);
    tcase_add_loop_test(tcase, whoever_takes_a_thread_over_can_do_nothing_elsewhere, 0, 4);
    tcase_add_test(tcase, whoever_takes_a_thread_over_can_do_nothing_beside_a_report);
    tcase_add_test(tcase, process_that_names_reports_ends_with_the_run);
    tcase_add_test(tcase, no_process_is_left_when_a_run_has_ended);
    tcase_add_loop_test(tcase, whoever_takes_another_verb_over_can_do_nothing_elsewhere, 0, VERBS);
    tcase_add_test(tcase, without_the_sandbox_all_of_it_can_be_done);
    tcase_add_test(tcase, verbose_run_tells_what_it_is_held_to);
    tcase_add_loop_test(tcase, run_without_a_filter_goes_on_unless_it_is_required, 0, 2);
    return it_main(suite);
}
