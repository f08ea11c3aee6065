#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/*
 * Whichever allocation fails, of haul or of a library that it uses: the run ends, by a status, and
 * not without a word if that is not 0; and where a report was written, each line has its row.
 *
 * Some allocations are walked over, a spread that is the same in each run. The threads take turns
 * as they like, so that the Nth is not always the same one. Most are those of libraries that set
 * themselves up, first; the last few hundred are those of the run.
 */

enum { LINES = 3, OF_RUN = 450, STEP_BEFORE = 251, STEP = 17, ARGS_MAX = 32, END_MAX_MS = 60000 };

static const int sizes[LINES] = {1, 2, 70000};

static const char *url(int i)
{
    return it_url("/size?n=%d", sizes[i]);
}

/* ---- lists ---- */

static const char *write_list(const char *name, const char *begin, const char *format,
                              const char *end)
{
    const char *path = it_path(name);
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, begin);
    for (int i = 0; i < LINES; i++) {
        for (const char *at = format; *at; at++) {
            if (*at == '%')
                haul_buf_add_str(&text, url(i));
            else if (*at == '#')
                haul_buf_add_i64(&text, i);
            else
                haul_buf_add_char(&text, *at);
        }
    }
    haul_buf_add_str(&text, end);
    it_write(path, haul_buf_str(&text), text.len);
    haul_buf_done(&text);
    return path;
}

static const char *plain_list(void)
{
    return write_list("list", "", "%\n", "");
}

static const char *list_with_names(void)
{
    return write_list("named", "", "%\n  out=file-#\n  header=DNT: 1\n", "");
}

static const char *table(void)
{
    return write_list("table.csv", "url,tag\n", "%,t#\n", "");
}

static const char *sitemap(void)
{
    return write_list("sitemap.xml",
                      "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">",
                      "<url><loc>%</loc><lastmod>2020-01-01</lastmod></url>\n", "</urlset>");
}

/* ---- runs ---- */

/* What begins with '/' is a file of the temporary directory. */
static const struct {
    const char *(*list)(void);
    const char *option; /* before the list */
    const char *further[6];
} kinds[] = {
    {plain_list, "-i", {NULL}},
    {plain_list, "-i", {"-d", "/dir", "--journal", "/journal", NULL}},
    {plain_list, "-i", {"--tar", "/archive.tar", NULL}},
    {plain_list, "-i", {"--warc", "/archive.warc.gz", NULL}},
    {list_with_names, "-i", {"-d", "/dir", NULL}},
    {table, "-i", {"--url-column", "url", "--order", "input", NULL}},
    {sitemap, "--sitemap", {NULL}},
    {plain_list, "-i", {"--history", "/history.db", "--report", "html:/page.html", NULL}},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static const char *const modes[] = {"once", "all"};
enum { MODES = sizeof modes / sizeof *modes };

/* "html:/page.html" names a file, too. */
static const char *in_directory(const char *text, const char *directory)
{
    const char *slash = strchr(text, '/');

    return slash ? it_text("%.*s%s%s", (int)(slash - text), text, directory, slash) : text;
}

static struct it_run run(int kind, const char *directory, const char *fault)
{
    const char *argv[ARGS_MAX] = {"-j",
                                  "2",
                                  "--format",
                                  "jsonl",
                                  "-o",
                                  "-",
                                  "--retry",
                                  "1",
                                  "--retry-delay",
                                  "1ms",
                                  kinds[kind].option};
    const char *const env[] = {it_text("LD_PRELOAD=%s", getenv("HAUL_MEMLIB")),
                               it_text("MEM_FAULT=%s", fault),
                               it_text("MEM_COUNT=%s", it_path("count")), NULL};
    size_t count = 11;

    argv[count++] = kinds[kind].list();
    for (size_t i = 0; kinds[kind].further[i]; i++)
        argv[count++] = in_directory(kinds[kind].further[i], directory);
    return it_call(&(struct it_call){.argv = argv, .env = env});
}

static bool has_report(const struct it_run *done)
{
    return done->status == 0 || done->status == 1 || done->status == 75;
}

/* One that could not even be parsed has no URL to show, but the number of its line. */
static void check_rows(const json_t *rows, const char *what)
{
    json_t *seen = json_object();

    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *name = it_str(row, "url");

        ck_assert_msg(*name || strcmp(it_verdict(row), "failed no-memory") == 0, "%s", what);
        json_object_set_new(seen, it_text("%d", (int)it_int(row, "line")), json_true());
    }
    ck_assert_msg(json_array_size(rows) == LINES && json_object_size(seen) == LINES,
                  "%s: %d rows of %d lines", what, (int)json_array_size(rows),
                  (int)json_object_size(seen));
    json_decref(seen);
}

static void check_end(const struct it_run *done, const char *what)
{
    ck_assert_msg(done->signal == 0, "%s: killed by signal %d: %.1000s", what, done->signal,
                  done->err);
    ck_assert_msg(done->status == 0 || *done->err, "%s: %d without a word", what, done->status);
    ck_assert_msg(done->wall_ms < END_MAX_MS, "%s: %ld ms", what, (long)done->wall_ms);
    if (has_report(done))
        check_rows(it_rows(done->out), what);
}

static void check_one(int kind, const char *mode, long nth)
{
    const char *fault = it_text("%s:%ld", mode, nth);
    const char *directory = it_path(it_text("run-%d-%s-%ld", kind, mode, nth));
    struct it_run done;

    ck_assert_int_eq(mkdir(directory, 0700), 0);
    done = run(kind, directory, fault);
    check_end(&done, it_text("kind %d, %s", kind, fault));
    it_remove_tree(directory);
}

/* Each kind begins at another place. */
START_TEST(run_without_memory_ends_by_a_status)
{
    int kind = _i / MODES;
    const char *mode = modes[_i % MODES];
    const char *directory = it_path(it_text("run-%d", _i));
    struct it_run done;
    long count, nth = 1 + _i;

    if (it_is_sanitized())
        return; /* they have an allocator of their own */
    ck_assert_int_eq(mkdir(directory, 0700), 0);
    done = run(kind, directory, "once:0");
    ck_assert_msg(done.status == 0, "%d: %s", done.status, done.err);
    count = strtol(it_read(it_path("count"), NULL), NULL, 10);
    ck_assert_int_gt(count, OF_RUN);
    for (; nth < count - OF_RUN; nth += STEP_BEFORE)
        check_one(kind, mode, nth);
    for (; nth <= count; nth += STEP)
        check_one(kind, mode, nth);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("no_memory");
    TCase *tcase = tcase_create("no_memory");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_add_checked_fixture(tcase, it_reset_server, NULL);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, run_without_memory_ends_by_a_status, 0, KINDS * MODES);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
