#include <string.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/*
 * Many streams over HTTP/2: up to the limit that the server sets, and over connections that it
 * gives up. That streams overlap is forced by a gate, which opens when enough of them wait.
 */

static struct it_run run_streams(const char *streams, const char *path)
{
    return it_haul(IT_ARGS("-j", "1", "--streams", streams, "--format", "jsonl", "--order", "input",
                           "--cacert", it_ca_file(), "--connect-timeout", "60", "-m", "90", "-y",
                           "60", "--retry", "0", "-i", path));
}

/* So many URLs: `path` with the number in it, on that listener. */
static void add_urls(struct haul_buf *list, const char *listener, const char *path, size_t count)
{
    for (size_t i = 0; i < count; i++)
        haul_buf_addf(list, "https://127.0.0.1:%d%s&i=%zu\n", it_port(listener), path, i);
}

static const char *write_list(struct haul_buf *list, const char *name)
{
    const char *path = it_path(name);

    it_write(path, list->data, list->len);
    haul_buf_done(list);
    return path;
}

static void check_all_ok(const struct it_run *run, size_t count, json_int_t size)
{
    const json_t *rows = it_rows(run->out), *row;
    size_t i;

    ck_assert_uint_eq(json_array_size(rows), count);
    json_array_foreach(rows, i, row)
    {
        ck_assert_str_eq(it_verdict(row), "ok");
        ck_assert_int_eq(it_int(row, "size_body"), size);
        ck_assert(json_is_true(json_object_get(row, "verified")));
    }
}

/* The first streams may be begun before the server has said its limit: it refuses them. */
START_TEST(limit_of_one_stream_is_kept)
{
    struct haul_buf list;
    struct it_run run;

    haul_buf_init(&list, 0);
    add_urls(&list, "h2-one", "/size?n=1000", 64);
    run = run_streams("32", write_list(&list, "one"));
    check_all_ok(&run, 64, 1000);
}
END_TEST

/* The gate stays shut for good unless 200 wait at once. */
START_TEST(limit_of_250_streams_is_used)
{
    struct haul_buf list;
    struct it_run run;

    haul_buf_init(&list, 0);
    add_urls(&list, "h2-250", "/gate?n=200&size=1000", 256);
    run = run_streams("256", write_list(&list, "many"));
    check_all_ok(&run, 256, 1000);
}
END_TEST

/* What a server says it has not served is asked for elsewhere, whatever --retry is. */
START_TEST(streams_above_goaway_are_asked_again)
{
    struct haul_buf list;
    struct it_run run;

    haul_buf_init(&list, 0);
    add_urls(&list, "h2", "/fault/h2-goaway-after-close?n=5", 1);
    add_urls(&list, "h2", "/size?n=5", 31);
    run = run_streams("32", write_list(&list, "goaway"));
    check_all_ok(&run, 32, 5);
}
END_TEST

/*
 * Nor is it asked for without end. What a used connection has had to say is no sign of what a fresh
 * one will; that one's word is taken the second time.
 */
static const struct {
    const char *before; /* what has used the connection, or NULL */
    const char *path;
    size_t asked;
} never_served[] = {
    {NULL, "/fault/h2-rst-refused-before-head", 2},
    {"/fault/h2-fine", "/fault/h2-rst-refused-before-head", 3},
    {NULL, "/fault/h2-goaway-instead", 2},
    {"/fault/h2-fine", "/fault/h2-goaway-instead", 3},
};

START_TEST(what_is_never_served_is_asked_again_so_often)
{
    const char *before = never_served[_i].before,
               *path = it_text("%s?never=%d", never_served[_i].path, _i);
    struct haul_buf list;
    const json_t *rows;
    struct it_run run;

    haul_buf_init(&list, 0);
    if (before)
        add_urls(&list, "h2", it_text("%s?never=%d", before, _i), 1);
    add_urls(&list, "h2", path, 1);
    run = run_streams("1", write_list(&list, "never"));
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), before ? 2 : 1);
    ck_assert_uint_eq(it_count(rows, "ok"), before ? 1 : 0);
    ck_assert_str_eq(it_verdict(json_array_get(rows, before ? 1 : 0)), "failed reset");
    ck_assert_uint_eq(json_array_size(it_log(path)), never_served[_i].asked);
}
END_TEST

/* Each stream is reset at once: none waits for another, and the connection is as good as before. */
START_TEST(streams_reset_at_once_fail_alone)
{
    enum { RESETS = 500, GOOD = 20 };
    const json_t *rows;
    struct haul_buf list;
    struct it_run run;

    haul_buf_init(&list, 0);
    add_urls(&list, "h2", "/fault/h2-rst-cancel-before-head?n=5", RESETS);
    add_urls(&list, "h2", "/size?n=5", GOOD);
    run = run_streams("32", write_list(&list, "resets"));
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), RESETS + GOOD);
    for (size_t i = 0; i < RESETS + GOOD; i++)
        ck_assert_str_eq(it_verdict(json_array_get(rows, i)), i < RESETS ? "failed reset" : "ok");
}
END_TEST

/* A window that shrinks under way concerns what is sent, and nothing is sent into it. */
START_TEST(settings_that_change_spoil_no_stream)
{
    struct haul_buf list;
    struct it_run run;

    haul_buf_init(&list, 0);
    for (size_t i = 0; i < 10; i++) {
        add_urls(&list, "h2", "/fault/h2-change-window?n=5", 1);
        add_urls(&list, "h2", "/fault/h2-change-streams-none?n=5", 1);
        add_urls(&list, "h2", "/fault/h2-change-frame?n=5", 1);
        add_urls(&list, "h2", "/size?n=5", 3);
    }
    run = run_streams("8", write_list(&list, "settings"));
    check_all_ok(&run, 60, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("wire_h2");
    TCase *tcase = tcase_create("streams");

    tcase_add_unchecked_fixture(tcase, it_begin_server, it_end_server);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, limit_of_one_stream_is_kept);
    tcase_add_test(tcase, limit_of_250_streams_is_used);
    tcase_add_test(tcase, streams_above_goaway_are_asked_again);
    tcase_add_loop_test(tcase, what_is_never_served_is_asked_again_so_often, 0,
                        sizeof never_served / sizeof *never_served);
    tcase_add_test(tcase, streams_reset_at_once_fail_alone);
    tcase_add_test(tcase, settings_that_change_spoil_no_stream);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
