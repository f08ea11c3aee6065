#include <stdlib.h>
#include <string.h>

#include "fault_score.h"

/*
 * All faults in one batch, each with a control behind it, in several orders and surroundings.
 */

/* ---- all of them in one batch ---- */

static const char *write_batch(const struct fault *const *order, size_t count, const char *mark)
{
    const char *path = it_path(mark);
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (size_t i = 0; i < count; i++)
        haul_buf_addf(&list, "%s\n%s\n", url_of(order[i], mark), control_of(order[i]));
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

static struct it_run run_list(const char *jobs, const char *path)
{
    return it_haul(IT_ARGS("-j", jobs, "--format", "jsonl", "--order", "input", "--cacert",
                           it_ca_file(), "--connect-timeout", "60", "-m", "90", "-y", "60",
                           "--retry", "0", "-i", path));
}

static void run_batch(const char *jobs)
{
    static const struct fault *order[FAULTS_MAX];
    const char *mark = it_text("batch%s", jobs);
    size_t count = shuffle(order, strtoull(jobs, NULL, 10));
    const json_t *rows;
    struct score score;
    struct it_run run;

    score_init(&score);
    run = run_list(jobs, write_batch(order, count, mark));
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), 2 * count);
    it_check_equation(run.err, 2 * count);
    for (size_t i = 0; i < count; i++) {
        judge(&score, order[i], json_array_get(rows, 2 * i));
        judge_control(&score, order[i], json_array_get(rows, 2 * i + 1));
    }
    measure(&score, &run, "the batch");
    finish(&score, it_text("all in one batch, -j %s", jobs));
}

static const char *const jobs[] = {"1", "4", "64"};

START_TEST(faults_in_one_batch_have_their_verdicts)
{
    run_batch(jobs[_i]);
}
END_TEST

static const char *write_resets(const struct fault *const *order, size_t count)
{
    const struct fault *reset = fault_named("reuse-reset");
    const char *path = it_path("resets");
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (size_t i = 0; i < count; i++)
        haul_buf_addf(&list, "%s\n%s\n", url_of(reset, "resets"), url_of(order[i], "resets"));
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

/*
 * One at a time, each on a connection that is reset when it is asked for: it is asked for again on
 * a fresh one, and the reset must not be taken for what is wrong with the answer.
 */
START_TEST(faults_behind_a_reset_have_their_verdicts)
{
    static const struct fault *order[FAULTS_MAX];
    const json_t *rows;
    struct score score;
    struct it_run run;
    size_t count;

    leave_out_surplus = true; /* no connection of an origin that sent any is used twice */
    leave_out_http2 = true;
    count = shuffle(order, 1);
    score_init(&score);
    run = run_list("1", write_resets(order, count));
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), 2 * count);
    for (size_t i = 0; i < count; i++) {
        judge(&score, fault_named("reuse-reset"), json_array_get(rows, 2 * i));
        judge(&score, order[i], json_array_get(rows, 2 * i + 1));
    }
    measure(&score, &run, "the batch");
    finish(&score, "each behind a reset");
}
END_TEST

/*
 * A stream that is refused and connections that die are asked for again, each URL for its own sake:
 * what that has cost the URLs before is not counted against this one.
 */
START_TEST(repeats_for_others_have_no_verdict)
{
    const struct fault *refused = fault_named("h2-rst-refused-late"),
                       *dying = fault_named("reuse-close"),
                       *ending = fault_named("end-before-reply");
    const char *path = it_path("repeats");
    struct haul_buf list;
    const json_t *rows, *last;
    struct it_run run;

    haul_buf_init(&list, 0);
    haul_buf_addf(&list, "%s\n", url_of(refused, "repeats"));
    for (int i = 0; i < _i; i++)
        haul_buf_addf(&list, "%s\n%s\n", url_of(dying, it_text("n=%d", i)), control_of(dying));
    haul_buf_addf(&list, "http://127.0.0.1:%d%s\n", it_port("http2nd"), ending->path);
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    run = run_list("1", path);
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), 2 + 2 * (size_t)_i);
    ck_assert_uint_eq(it_count(rows, "ok"), 2 * (size_t)_i);
    last = json_array_get(rows, json_array_size(rows) - 1);
    ck_assert_str_eq(it_verdict(last), it_text("%s %s", ending->outcome, ending->reason));
}
END_TEST

/* Where the end of a connection, a reset, a stall or surplus may look another
 * way. */
START_TEST(faults_over_tls_have_their_verdicts)
{
    leave_out_http2 = true;
    play_over_tls();
    run_batch("4");
}
END_TEST

/* ---- all of them in pieces ---- */

static void begin_bytewise(void)
{
    begin_faults_with(IT_ARGS("--write", "1"));
}

static void begin_piecewise(void)
{
    begin_faults_with(IT_ARGS("--write", "20"));
}

/*
 * Surplus bytes that follow an answer after a pause cannot be told from the
 * next answer on that connection: what sends such bytes stays out where
 * everything is sent in pieces.
 */
START_TEST(faults_in_pieces_have_their_verdicts)
{
    leave_out_surplus = true;
    run_batch("64");
}
END_TEST

static void add_pieces(Suite *suite, const char *name, void (*set_up)(void))
{
    TCase *tcase = tcase_create(name);

    tcase_add_unchecked_fixture(tcase, set_up, it_end_server);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, faults_in_pieces_have_their_verdicts);
    suite_add_tcase(suite, tcase);
}

int main(void)
{
    Suite *suite = suite_create("faults_batch");
    TCase *tcase = tcase_create("whole");

    tcase_add_unchecked_fixture(tcase, begin_faults, it_end_server);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, faults_in_one_batch_have_their_verdicts, 0, 3);
    tcase_add_test(tcase, faults_behind_a_reset_have_their_verdicts);
    tcase_add_loop_test(tcase, repeats_for_others_have_no_verdict, 4, 7);
    tcase_add_test(tcase, faults_over_tls_have_their_verdicts);
    suite_add_tcase(suite, tcase);
    add_pieces(suite, "bytewise", begin_bytewise);
    add_pieces(suite, "piecewise", begin_piecewise);
    return it_main(suite);
}
