#include <signal.h>
#include <string.h>

#include "fault_score.h"

/*
 * Faults of HTTP/2 on a connection that others share, and one that would never end.
 */

/* ---- requests that share a connection ---- */

enum { INNOCENTS = 2 };

struct company {
    const struct fault *fault;
    int64_t size[INNOCENTS]; /* of the good answers before and behind it; no two are the same */
};

static bool plays_beside_others(const struct fault *f, bool whole_connections)
{
    return is_http2(f) && fits_a_batch(f) && (whole_connections || !needs(f, "connection"));
}

static bool is_unsized(const struct company *at, size_t which)
{
    return at->size[which] / 2 % 2;
}

/* Good answers are held back in their middle, every other one has no length. */
static const char *innocent_url(const struct company *at, size_t which)
{
    return it_text("https://127.0.0.1:%d/size?n=%lld&hold=1%s", it_port("h2"),
                   (long long)at->size[which], is_unsized(at, which) ? "&unsized=1" : "");
}

static const char *write_company(struct company *company, size_t count)
{
    const char *path = it_path("company");
    struct haul_buf list;

    haul_buf_init(&list, 0);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < INNOCENTS; k++)
            company[i].size[k] = (int64_t)(CONTROL_SIZE + INNOCENTS * i + k);
        haul_buf_addf(&list, "%s\n%s\n%s\n", innocent_url(&company[i], 0),
                      url_of(company[i].fault, "company"), innocent_url(&company[i], 1));
    }
    it_write(path, list.data, list.len);
    haul_buf_done(&list);
    return path;
}

/* What a connection that dies, or is given up, does to all that is under way on it. */
static bool fell_with_connection(const json_t *row)
{
    static const char fallen[] = "truncated|reset|empty-reply|protocol|flood";

    return has_word(fallen, '|', it_str_or_empty(row, "reason"));
}

/* Of a connection that dies, what was under way on it may fail, but nothing else may be called
 * good; where only a stream is at fault, all others are. */
static void judge_innocent(struct score *score, const struct company *at, size_t which,
                           const json_t *row, bool also_connections)
{
    bool is_ok = strcmp(it_str(row, "outcome"), "ok") == 0;
    bool is_right = is_ok ? it_int(row, "size_body") == at->size[which] &&
                                json_is_true(json_object_get(row, "verified"))
                          : also_connections && fell_with_connection(row);

    score->controls++;
    score->controls_right += is_right;
    if (!is_right)
        note(score, at->fault, row, "innocent");
}

static void judge_beside(struct score *score, const struct fault *f, const json_t *row,
                         bool also_connections)
{
    if (also_connections && fell_with_connection(row))
        return;
    judge(score, f, row);
}

static size_t choose_company(struct company *company, bool whole_connections)
{
    static const struct fault *order[FAULTS_MAX];
    size_t all = shuffle(order, 7), count = 0;

    for (size_t i = 0; i < all; i++)
        if (plays_beside_others(order[i], whole_connections))
            company[count++] = (struct company){.fault = order[i]};
    return count;
}

static const bool whole_connections[] = {false, true};

START_TEST(faults_beside_others_spoil_none)
{
    static struct company company[FAULTS_MAX];
    bool also_connections = whole_connections[_i];
    size_t count = choose_company(company, also_connections);
    const json_t *rows;
    struct score score;
    struct it_run run;

    score_init(&score);
    run = it_haul(IT_ARGS("-j", "2", "--streams", "8", "--format", "jsonl", "--order", "input",
                          "--cacert", it_ca_file(), "--connect-timeout", "60", "-m", "90", "-y",
                          "60", "--retry", "0", "-i", write_company(company, count)));
    rows = it_rows(run.out);
    ck_assert_uint_eq(json_array_size(rows), 3 * count);
    for (size_t i = 0; i < count; i++) {
        judge_innocent(&score, &company[i], 0, json_array_get(rows, 3 * i), also_connections);
        judge_beside(&score, company[i].fault, json_array_get(rows, 3 * i + 1), also_connections);
        judge_innocent(&score, &company[i], 1, json_array_get(rows, 3 * i + 2), also_connections);
    }
    measure(&score, &run, "the batch");
    finish(&score, also_connections ? "beside others, whole connections too" : "beside others");
}
END_TEST

/* ---- without end ---- */

START_TEST(stop_ends_a_flood_of_frames)
{
    const struct fault *f = fault_named("h2-endless-empty");
    json_int_t before = it_stat("requests");
    struct it_process *process = it_start(&(struct it_call){
        .argv = IT_ARGS("-j", "1", "--format", "jsonl", "--cacert", it_ca_file(), "-m", "0", "-y",
                        "3600", "--grace", "1", url_of(f, "flood=1"), url_of(f, "flood=2"))});
    struct it_run run;
    const json_t *rows;

    while (it_stat("requests") == before)
        ;
    it_signal(process, SIGTERM);
    run = it_finish(process);
    rows = it_rows(run.out);
    ck_assert_int_eq(run.status, 128 + SIGTERM);
    ck_assert_uint_eq(json_array_size(rows), 2);
    ck_assert_uint_eq(it_count(rows, "ok"), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("faults_shared");
    TCase *tcase = tcase_create("shared");

    tcase_add_unchecked_fixture(tcase, begin_faults, it_end_server);
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, faults_beside_others_spoil_none, 0, 2);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("flood");
    tcase_add_unchecked_fixture(tcase, begin_faults, it_end_server);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, stop_ends_a_flood_of_frames);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
