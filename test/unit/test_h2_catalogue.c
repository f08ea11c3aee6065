/*
 * The catalogue of faults (test/server/catalogue.h) has what a careful client says about frames of
 * all kinds. Here the session gets them without a network, whole and in pieces.
 */
#include <check.h>
#include <string.h>

#include "catalogue.h"
#include "h2_world.h"

enum { BODY_MAX = 1000000 };

static const size_t pieces[] = {0, 1, 9, 100};
static const struct ts_fault_table *const tables[] = {&ts_faults_h2_end, &ts_faults_h2_fields,
                                                      &ts_faults_h2_frames};
static struct h2_world world;

static const struct ts_fault *row(size_t number)
{
    size_t table = 0;

    while (number >= tables[table]->count)
        number -= tables[table++]->count;
    return &tables[table]->faults[number];
}

static int row_count(void)
{
    size_t count = 0;

    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        count += tables[i]->count;
    return (int)count;
}

static bool has_word(const char *words, char mark, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = words; at && *at;) {
        const char *end = strchr(at, mark);

        if ((end ? (size_t)(end - at) : strlen(at)) == len && !strncmp(at, word, len))
            return true;
        at = end ? end + 1 : NULL;
    }
    return false;
}

static void end_connection(enum ts_end end)
{
    if (end == TS_END_CLOSE || end == TS_END_CUT)
        haul_h2_close(world.h2, HAUL_REASON_EMPTY_REPLY, 52, "");
    else if (end == TS_END_RESET || !world.goes_on)
        haul_h2_close(world.h2, HAUL_REASON_RESET, 56, "");
}

static struct h2_one *play(const struct ts_fault *fault, const struct ts_frame *frames,
                           enum ts_end end, int number)
{
    bool head = has_word(fault->needs, ',', "head");
    struct h2_one *one =
        h2_world_ask(&world, number, head ? "HEAD" : "GET", "https://host.test/", "");

    one->takes_body = BODY_MAX;
    h2_world_play(&world, frames, one->exchange.stream);
    end_connection(end);
    return one;
}

/* What haul would say, as far as the wire knows. */
static const char *verdict_of(const struct ts_fault *fault, const struct h2_one *one,
                              char out[static HAUL_REASON_WORD_MAX])
{
    const struct haul_exchange *exchange = &one->exchange;
    struct haul_record record = {.reason = exchange->reason, .http_code = one->response.status};

    if (exchange->end == HAUL_END_NONE)
        return "stall";
    if (exchange->end == HAUL_END_CUT)
        return has_word(fault->needs, ',', "deadline") ? "timeout" : "too-large";
    if (exchange->end != HAUL_END_FAILED && one->response.status < 400)
        return "ok";
    if (exchange->end != HAUL_END_FAILED)
        record.reason = HAUL_REASON_HTTP_STATUS;
    haul_reason_word(&record, out);
    return out;
}

/* What is wrong with a content coding, and where a redirect leads, is seen above the wire. */
static bool is_seen_above(const struct ts_fault *fault)
{
    return has_word(fault->reason, '|', "bad-encoding") ||
           has_word(fault->reason, '|', "redirects") ||
           (has_word(fault->needs, ',', "compressed") && has_word(fault->needs, ',', "maxsize"));
}

static void check(const struct ts_fault *fault, const struct h2_one *one)
{
    char word[HAUL_REASON_WORD_MAX], told[256];
    const char *verdict = verdict_of(fault, one, word);
    bool ok = !strcmp(verdict, "ok");

    if (one->exchange.wants_1_1 || is_seen_above(fault))
        return;
    ck_assert_msg(has_word(fault->outcome, '|', ok ? "ok" : "failed"), "%s: %s", fault->name,
                  h2_world_told(one, told));
    ck_assert_msg(ok || has_word(fault->reason, '|', verdict), "%s: %s, but %s expected",
                  fault->name, verdict, fault->reason);
    ck_assert(!ok || one->exchange.end == HAUL_END_STREAM);
    if (ok && fault->size_body >= 0 && !has_word(fault->needs, ',', "compressed") &&
        !has_word(fault->needs, ',', "redirects"))
        ck_assert_int_eq(one->body_bytes, fault->size_body);
}

/* Whether a client asks again: it has retries; or was not served, or not answered over a connection
 * that was used, and does so by itself. */
static bool is_asked_again(const struct ts_fault *fault, const struct h2_one *one)
{
    return has_word(fault->needs, ',', "retries") || one->exchange.unserved ||
           (fault->asks_twice && !one->exchange.answered);
}

/* What is played before `frames`; if a client does not ask again, it was the answer. */
static bool play_before(const struct ts_fault *fault, const struct ts_frame *frames,
                        enum ts_end end, int *number)
{
    struct h2_one *one = play(fault, frames, end, (*number)++);

    if (!is_asked_again(fault, one)) {
        check(fault, one);
        return false;
    }
    ck_assert(haul_record_is_transient(&(struct haul_record){.reason = one->exchange.reason}));
    if (haul_h2_room(world.h2) > 0)
        return true;
    h2_world_stop(&world);
    h2_world_start(&world);
    *number = 0;
    return true;
}

static void play_row(const struct ts_fault *fault, size_t piece)
{
    int number = 0;
    bool goes_on = true;

    h2_world_start(&world);
    world.piece = piece;
    if (fault->frames_once)
        goes_on = play_before(fault, fault->frames_once, fault->end_once, &number);
    if (goes_on && fault->frames_second)
        goes_on = play_before(fault, fault->frames_second, TS_END_KEEP, &number);
    if (goes_on)
        check(fault, play(fault, fault->frames, fault->end, number));
    h2_world_stop(&world);
}

START_TEST(row_gives_its_verdict)
{
    const struct ts_fault *fault = row((size_t)_i);

    for (size_t i = 0; fault->frames && i < sizeof pieces / sizeof *pieces; i++)
        play_row(fault, pieces[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("h2_catalogue");
    TCase *tcase = tcase_create("h2_catalogue");
    SRunner *runner = srunner_create(suite);
    int failures;

    suite_add_tcase(suite, tcase);
    tcase_set_timeout(tcase, 30);
    tcase_add_loop_test(tcase, row_gives_its_verdict, 0, row_count());
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures != 0;
}
