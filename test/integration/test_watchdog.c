#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "batch.h"

/*
 * A thread that is lost in a library, a worker or the dispatcher, and a run that is to end: it
 * ends, what was done is written down, and the reports say it. See stucklib.c.
 */

enum {
    DONE = 30,         /* URLs that are fetched before the end is asked for */
    WATCHED_MS = 5000, /* without progress: what haul waits for a thread that does not leave */
    SLACK_MS = 8000    /* for a busy machine */
};

static const char *const stuck[] = {"inflate", "XML_Parse"};

struct watched {
    const char *sources, *journal, *report, *lost;
    struct it_process *process;
};

static const char *write_sitemap(void)
{
    static const char format[] = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
                                 "<url><loc>%s</loc></url></urlset>\n";
    const char *path = it_path("sitemap.xml");
    const char *text = it_text(format, it_url("/size?n=2"));

    it_write(path, text, strlen(text));
    return path;
}

/* The list, and the options for what a thread gets lost in: a body to be decoded in the list, or a
 * sitemap behind it. */
static const char *make_list(int which)
{
    const char *path;

    begin_list();
    if (which == 0)
        add(it_url("/size?n=1000&gzip=1"));
    add_many("/size?n=1", DONE);
    path = end_list();
    return which == 0 ? it_text("-i %s", path)
                      : it_text("-i %s --sitemap %s", path, write_sitemap());
}

static void start_watched(struct watched *w, int which, const char *options)
{
    w->sources = make_list(which);
    w->journal = it_path(it_text("journal-%s", stuck[which]));
    w->report = it_path("report.jsonl");
    w->lost = it_path("lost");
    (void)unlink(w->journal);
    (void)unlink(w->lost);
    w->process = start_call(
        (struct it_call){.env = IT_ARGS(it_text("LD_PRELOAD=%s", getenv("HAUL_STUCKLIB")),
                                        it_text("STUCK=%s", stuck[which]),
                                        it_text("STUCK_FILE=%s", w->lost))},
        it_text("-j 2 --journal %s --report jsonl:%s %s %s", w->journal, w->report, options,
                w->sources),
        "/dev/null");
}

/* As the library tells. */
static bool has_lost(const struct watched *w)
{
    struct stat info;

    return stat(w->lost, &info) == 0 && info.st_size > 0;
}

static void await_end(struct watched *w, int64_t limit_ms)
{
    int64_t since_ms = it_now_ms();

    limit_ms = (limit_ms + SLACK_MS) * (it_is_sanitized() ? 3 : 1);
    while (!it_has_ended(w->process)) {
        ck_assert_msg(it_now_ms() - since_ms < limit_ms, "has not ended after %lld ms",
                      (long long)limit_ms);
        it_pause(since_ms, "the end of a run with a thread that is lost");
    }
}

/* Of the URL that a worker is lost with there may be a row, which says pending. */
static void check_told(const char *rows_text, size_t known)
{
    const json_t *rows = it_rows(rows_text);

    ck_assert_uint_eq(it_count(rows, "ok"), known);
    ck_assert_uint_eq(json_array_size(rows), known + it_count(rows, "pending"));
}

/* Whatever was done is in the journal and in both reports. Returns how much it was. */
static size_t check_written(const struct watched *w, const struct it_run *done)
{
    struct it_run said = it_haul(IT_ARGS("report", "--format", "jsonl", w->journal));
    size_t known = it_count(it_rows(said.out), "ok");

    check_told(done->out, known);
    check_told(it_read(w->report, NULL), known);
    return known;
}

/* Without the library the same command goes on, and asks for nothing twice. */
static void check_resumed(const struct watched *w)
{
    struct it_run done =
        run(it_text("-j 2 --resume --journal %s %s", w->journal, w->sources), "/dev/null");

    ck_assert_int_eq(done.status, 0);
    ck_assert_uint_eq(it_count(it_rows(done.out), "ok"), DONE + 1);
}

START_TEST(second_signal_ends_a_run_with_a_lost_thread)
{
    int64_t since_ms = it_now_ms();
    struct watched w;
    struct it_run done;

    start_watched(&w, _i, "--grace 1h");
    while (!has_lost(&w))
        it_pause(since_ms, "the thread to be lost");
    it_await_requests(DONE + (_i == 0));
    it_await_output(w.process, it_text("/size?n=1&i=%d\"", DONE - 1));
    it_signal(w.process, SIGINT);
    it_signal(w.process, SIGTERM); /* another: two of a kind may come as one */
    await_end(&w, WATCHED_MS);
    done = it_finish(w.process);
    ck_assert_int_eq(done.status, 130);
    ck_assert_uint_eq(check_written(&w, &done), DONE);
    check_resumed(&w);
}
END_TEST

START_TEST(max_duration_ends_a_run_with_a_lost_thread)
{
    int seconds = it_is_sanitized() ? 6 : 1;
    struct watched w;
    struct it_run done;

    start_watched(&w, _i, it_text("--max-duration %d --grace 100ms", seconds));
    await_end(&w, seconds * 1000 + 100 + WATCHED_MS);
    done = it_finish(w.process);
    ck_assert(has_lost(&w));
    ck_assert_int_eq(done.status, 3);
    ck_assert_uint_gt(check_written(&w, &done), 0);
    check_resumed(&w);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("watchdog");
    TCase *tcase = tcase_create("watchdog");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 90);
    tcase_add_loop_test(tcase, second_signal_ends_a_run_with_a_lost_thread, 0, 2);
    tcase_add_loop_test(tcase, max_duration_ends_a_run_with_a_lost_thread, 0, 2);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
