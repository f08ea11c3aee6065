#include "archive_walk.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "haul/exit.h"
#include "servers.h"

static const struct {
    const char *name;
    bool kills;
    bool is_harmless; /* the run goes on as if nothing had been */
} kinds[ARCHIVE_FAULTS] = {{"kill", true, false},  {"torn", true, false},  {"after", true, false},
                           {"short", false, true}, {"eintr", false, true}, {"enospc", false, false},
                           {"eio", false, false}};

enum { CALLS_MAX = 400, ARGS_MAX = 40 };

/* Where one run, and the one that goes on with it, leave what they have. */
struct place {
    const char *dir, *archive, *journal;
};

static void make_args(const struct archive_walk *walk, const struct place *place,
                      const char *const *last, const char *args[ARGS_MAX])
{
    const char *const first[] = {"-q",       "-j",       "1",       walk->option, place->archive,
                                 "--format", "jsonl",    "--order", "input",      "--sync",
                                 "each",     "--hash",   "sha256",  "--journal",  place->journal,
                                 "-i",       walk->list, NULL};
    const char *const *const parts[] = {first, walk->others, last};
    size_t count = 0;

    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (const char *const *part = parts[i]; *part && count < ARGS_MAX - 1; part++)
            args[count++] = *part;
    ck_assert_uint_lt(count, ARGS_MAX - 1);
    args[count] = NULL;
}

static struct it_run run(const struct archive_walk *walk, const struct place *place,
                         const char *const *last, const char *const *env)
{
    const char *args[ARGS_MAX];

    make_args(walk, place, last, args);
    return it_call(&(struct it_call){.argv = args, .env = env});
}

/* Returns whether there were as many calls. */
static bool run_with_fault(const struct archive_walk *walk, const struct place *place, int kind,
                           long nth)
{
    const char *fault = it_text("%s:%ld", kinds[kind].name, nth), *counted = it_path("counted");
    const char *const env[] = {it_text("LD_PRELOAD=%s", getenv("HAUL_FAULTLIB")),
                               it_text("FAULT=%s", fault), it_text("FAULT_COUNT=%s", counted),
                               "FAULT_PATH=walk-archive", NULL};
    struct it_run ran;
    bool is_hit;

    (void)unlink(counted);
    ran = run(walk, place, IT_ARGS("--retry", "0"), env);
    is_hit = ran.status == -1 || strtol(it_read(counted, NULL), NULL, 10) >= nth;
    ck_assert_msg((ran.status == -1) == (is_hit && kinds[kind].kills), "%s: %d", fault, ran.status);
    if (!is_hit || kinds[kind].is_harmless)
        ck_assert_msg(ran.status == 0, "%s: %d: %s", fault, ran.status, ran.err);
    return is_hit;
}

static bool check_one_fault(const struct archive_walk *walk, int kind, long nth)
{
    const char *fault = it_text("%s:%ld", kinds[kind].name, nth);
    const char *dir = it_path(it_text("walk-archive-%s-%ld", kinds[kind].name, nth));
    const struct place place = {dir, it_text("%s/%s", dir, walk->file), it_text("%s/j.jsonl", dir)};
    struct it_run ran;
    bool is_hit;

    ck_assert_int_eq(mkdir(dir, 0755), 0);
    is_hit = run_with_fault(walk, &place, kind, nth);
    if (is_hit && !access(place.journal, F_OK)) {
        ran = it_haul(IT_ARGS("report", "--format", "jsonl", place.journal));
        if (ran.status != 2)
            (void)walk->check(it_rows(ran.out), walk->look(place.archive, true), fault);
    }
    ran = run(walk, &place, IT_ARGS("--resume", "--retry-failed"), NULL);
    ck_assert_msg(ran.status == 0, "%s: resumed: %d: %s%s", fault, ran.status, ran.err, ran.out);
    ck_assert_uint_eq(walk->check(it_rows(ran.out), walk->look(place.archive, false), fault),
                      walk->urls);
    it_remove_tree(dir);
    return is_hit;
}

long archive_walk(const struct archive_walk *walk, int kind)
{
    long nth = 0;

    if (it_is_sanitized() || !getenv("HAUL_FAULTLIB"))
        return 0;
    while (nth < CALLS_MAX && check_one_fault(walk, kind, ++nth))
        ;
    ck_assert_int_lt(nth, CALLS_MAX);
    return nth;
}

/* ---- stops ---- */

enum { GATES = 12, AT_GATES = 2 };

static const struct {
    const char *name;
    int status;
    unsigned done; /* of those at the gates */
} stops[ARCHIVE_STOPS] = {{"drained", 128 + SIGTERM, AT_GATES},
                          {"aborted", 128 + SIGINT, 0},
                          {"left", HAUL_EXIT_INTERNAL, 0 /* at least */}};

static const char *gate_list(const char *gate)
{
    const char *path = it_path(it_text("stop-%s-list", gate));
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (int i = 0; i < GATES; i++)
        haul_buf_addf(&list, "%s\n", it_url("/gate?name=%s&size=50000&i=%d", gate, i));
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

/* All of the list is done, and the gates wait. The window is one smaller than they are: a row that
 * is pending says that the signal was seen. */
static struct it_process *start_and_await(const struct archive_walk *walk,
                                          const struct place *place, const char *gate)
{
    const char *const last[] = {"-j",       "2",
                                "--order",  "done",
                                "--grace",  "1h",
                                "--window", it_text("%d", GATES - 1),
                                "-i",       gate_list(gate),
                                NULL};
    const char *args[ARGS_MAX];
    int64_t since_ms = it_now_ms();
    struct it_process *process;

    make_args(walk, place, last, args);
    process = it_start(&(struct it_call){.argv = args});
    it_await_gate(gate, AT_GATES);
    while (it_lines(it_read(place->journal, NULL)) < 1 + walk->urls)
        it_pause(since_ms, "the records of what is done");
    return process;
}

static struct it_run stop(struct it_process *process, const char *gate, int how)
{
    int number = stops[how].status - 128;
    bool has_signal = number > 0;
    struct it_run ran;

    if (has_signal) {
        it_signal(process, number);
        it_await_output(process, "pending");
    } else {
        it_close_output(process);
    }
    if (has_signal && !stops[how].done)
        it_signal(process, number);
    else
        it_open_gate(gate);
    ran = it_finish(process);
    it_open_gate(gate);
    return ran;
}

void archive_stop(const struct archive_walk *walk, int how)
{
    const char *gate = stops[how].name, *dir = it_path(it_text("stop-%s", gate));
    const struct place place = {dir, it_text("%s/%s", dir, walk->file), it_text("%s/j.jsonl", dir)};
    struct it_run ran;
    unsigned believed;

    ck_assert_int_eq(mkdir(dir, 0755), 0);
    ran = stop(start_and_await(walk, &place, gate), gate, how);
    ck_assert_msg(ran.status == stops[how].status, "%s: %d: %s", gate, ran.status, ran.err);
    ran = it_haul(IT_ARGS("report", "--format", "jsonl", place.journal));
    believed = walk->check(it_rows(ran.out), walk->look(place.archive, false), gate);
    ck_assert_uint_ge(believed, walk->urls + stops[how].done);
    if (stops[how].status > 128)
        ck_assert_uint_eq(believed, walk->urls + stops[how].done);
    ran = run(walk, &place, IT_ARGS("--resume", "-i", gate_list(gate)), NULL);
    ck_assert_msg(ran.status == 0, "%s: resumed: %d: %s", gate, ran.status, ran.err);
    ck_assert_uint_eq(walk->check(it_rows(ran.out), walk->look(place.archive, false), gate),
                      walk->urls + GATES);
    it_remove_tree(dir);
}
