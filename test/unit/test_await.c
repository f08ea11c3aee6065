#include <check.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "transfer/transfer_inside.h"

/*
 * Who stands in line for memory, when it is his turn, and when there is none any more. The clock
 * is the test's, and others have what the test takes.
 */

enum { COUNT = 3 };

#define KIB ((int64_t)1 << 10)
#define MIB ((int64_t)1 << 20)

#define PATIENCE ((int64_t)HAUL_LINE_PATIENCE_US)

static int64_t now_us;

int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
    (void)clock;
    *time = (struct timespec){.tv_sec = now_us / 1000000, .tv_nsec = now_us % 1000000 * 1000};
    return 0;
}

/* ---- the line ---- */

static struct haul_allowance memory;
static struct haul_line line;
static struct haul_waiter waiters[COUNT];

static void begin_line(void)
{
    memory = (struct haul_allowance){.max = 20 * MIB};
    ck_assert_int_eq(haul_line_init(&line, &memory), HAUL_OK);
    now_us = 1000;
    for (int i = 0; i < COUNT; i++)
        haul_line_enter(&line, &waiters[i], now_us);
}

static void end_line(void)
{
    ck_assert_ptr_null(line.first);
    ck_assert_int_eq(atomic_load(&memory.waiting), 0);
    haul_line_done(&line);
}

static void leave_all(void)
{
    for (int i = 0; i < COUNT; i++)
        haul_line_leave(&line, &waiters[i], false);
}

START_TEST(first_come_are_first_served)
{
    haul_line_leave(&line, &waiters[1], false); /* from the middle */
    ck_assert(haul_line_is_first(&line, &waiters[0]) && !haul_line_is_first(&line, &waiters[2]));
    haul_line_enter(&line, &waiters[1], now_us);
    haul_line_leave(&line, &waiters[0], true);
    ck_assert(haul_line_is_first(&line, &waiters[2]) && !haul_line_is_first(&line, &waiters[1]));
    haul_line_leave(&line, &waiters[2], true);
    ck_assert(haul_line_is_first(&line, &waiters[1]));
    haul_line_leave(&line, &waiters[1], true);
}
END_TEST

START_TEST(line_waits_as_long_as_others_come_through)
{
    for (int i = 0; i < 10; i++) {
        now_us += PATIENCE - 1;
        ck_assert(!haul_line_is_in_vain(&line, now_us));
        memory.returned++;
        ck_assert(!haul_line_is_in_vain(&line, now_us));
    }
    now_us += PATIENCE;
    ck_assert(haul_line_is_in_vain(&line, now_us));
    leave_all();
}
END_TEST

START_TEST(nobody_waits_after_a_line_in_vain_until_somebody_is_served)
{
    now_us += PATIENCE;
    ck_assert(haul_line_is_in_vain(&line, now_us));
    leave_all();
    memory.returned++;
    haul_line_enter(&line, &waiters[0], now_us);
    ck_assert(haul_line_is_in_vain(&line, now_us));
    haul_line_leave(&line, &waiters[0], true);
    now_us += PATIENCE; /* in which nobody has waited */
    haul_line_enter(&line, &waiters[0], now_us);
    ck_assert(!haul_line_is_in_vain(&line, now_us + PATIENCE - 1));
    haul_line_leave(&line, &waiters[0], true);
}
END_TEST

static const char window[] = "\x28\xb5\x2f\xfd\0\x68\x02\0\x10x\x02\0\x10x\x02\0\x10x\x02\0\x10x";

static enum haul_reason decode(struct haul_decoder *dec, const char *coding,
                               struct haul_allowance *allowance)
{
    const struct haul_decode_limits limits = {.memory = allowance};

    (void)haul_decoder_begin(dec, coding, &limits, NULL, NULL);
    return haul_decoder_feed(dec, (const uint8_t *)window, sizeof window - 1);
}

START_TEST(as_long_as_there_is_a_line_nobody_else_begins_to_take_much)
{
    struct haul_decoder before, after;

    haul_decoder_init(&before);
    haul_decoder_init(&after);
    memory.waiting = 0;
    ck_assert_int_eq(decode(&before, "zstd", &memory), HAUL_REASON_NONE);
    memory.waiting = COUNT;
    ck_assert_int_eq(decode(&after, "zstd", &memory), HAUL_REASON_NO_MEMORY);
    ck_assert(after.memory.was_refused);
    ck_assert_int_eq(haul_decoder_feed(&before, (const uint8_t *)window + 6, 16), HAUL_REASON_NONE);
    haul_decoder_rest(&after); /* nobody is through by that */
    ck_assert_uint_eq(memory.returned, 0);
    haul_decoder_rest(&before);
    ck_assert_uint_eq(memory.returned, 1);
    ck_assert_int_eq(decode(&after, "", &memory), HAUL_REASON_NONE);
    haul_decoder_done(&before);
    haul_decoder_done(&after);
    ck_assert_int_eq(atomic_load(&memory.used), 0);
    leave_all();
}
END_TEST

/* ---- attempts ---- */

static struct haul_config config;
static struct haul_body_store bodies;
static struct haul_net *net;
static struct haul_press press;
static struct haul_transfer_env env;
static struct haul_transfer *transfers[COUNT];

static void begin(void)
{
    ck_assert_int_eq(curl_global_init(CURL_GLOBAL_DEFAULT), 0);
    haul_config_init(&config);
    config.decode_memory = 20 * MIB;
    config.max_time_ms = 60000;
    bodies = (struct haul_body_store){.config = &config, .tree = {.fd = -1}};
    ck_assert_int_eq(haul_net_create(&config, NULL, &bodies, &net), HAUL_OK);
    haul_press_init(&press);
    env = (struct haul_transfer_env){.net = net, .press = &press};
    ck_assert_int_eq(haul_url_parser_create(&env.urls), HAUL_OK);
    for (int i = 0; i < COUNT; i++)
        ck_assert_int_eq(haul_transfer_create(&env, &transfers[i]), HAUL_OK);
    now_us = 1000;
}

static void end(void)
{
    for (int i = 0; i < COUNT; i++)
        haul_transfer_free(transfers[i]);
    ck_assert_int_eq(atomic_load(&net->memory->used), 0);
    ck_assert_ptr_null(net->line->first);
    haul_url_parser_free(env.urls);
    haul_press_done(&press);
    haul_net_free(net);
    haul_config_done(&config);
}

/* Its body comes, and has no memory, for others have it. */
static enum haul_transfer_next refuse(struct haul_transfer *t, const char *coding)
{
    const struct haul_decode_limits limits = {.memory = net->memory};

    t->hop.decoding = true;
    ck_assert_int_eq(haul_decoder_begin(&t->decoder, coding, &limits, NULL, NULL), 0);
    t->decoder.memory.was_refused = true;
    t->hop.cut = haul_transfer_note_memory(t, &t->decoder, HAUL_REASON_NO_MEMORY);
    return haul_transfer_go_on(t);
}

static void start(struct haul_transfer *t, const char *coding)
{
    static const struct haul_job_text text = {.shown = "http://a.test/",
                                              .shown_len = 14,
                                              .url = "http://a.test/",
                                              .origin = "http://a.test:80"};
    struct haul_job *job = haul_job_create(&text);

    ck_assert_ptr_nonnull(job);
    ck_assert(haul_transfer_begin(t, job));
    ck_assert_int_eq(refuse(t, coding), HAUL_TRANSFER_WAITS);
}

static void check_end(struct haul_transfer *t, enum haul_reason reason, const char *message)
{
    struct haul_job *job;

    job = haul_transfer_take_job(t);
    ck_assert_int_eq(job->rec.reason, reason);
    ck_assert_int_eq(job->rec.http_code, 0);
    if (message)
        ck_assert_str_eq(job->rec.errormsg, message);
    haul_job_free(job);
}

static void abandon(struct haul_transfer *t)
{
    haul_transfer_abandon(t);
    check_end(t, HAUL_REASON_STOPPED, NULL);
}

/* Others have so much of it. */
static void take(int64_t bytes)
{
    ck_assert(haul_allowance_take(net->memory, bytes, true));
}

START_TEST(waiting_ends_with_the_time_of_the_attempt)
{
    struct haul_transfer *t = transfers[0];

    take(18 * MIB + 512 * KIB);
    start(t, "zstd");
    net->memory->returned++;
    now_us += 60000000 - 1;
    net->memory->returned++;
    ck_assert_int_eq(haul_transfer_look_again(t), HAUL_TRANSFER_WAITS);
    now_us++;
    ck_assert_int_eq(haul_transfer_look_again(t), HAUL_TRANSFER_OVER);
    ck_assert_int_eq(t->job->rec.exitcode, 28);
    check_end(t, HAUL_REASON_TIMEOUT, "out of time while others had the memory to decode the body");
    haul_allowance_give(net->memory, 18 * MIB + 512 * KIB);
}
END_TEST

/* Two trickling bodies have all there is. */
START_TEST(all_give_up_when_nobody_comes_through)
{
    take(18 * MIB + 512 * KIB);
    for (int i = 0; i < COUNT; i++) {
        start(transfers[i], "zstd");
        now_us += PATIENCE / COUNT - 1;
    }
    now_us += PATIENCE;
    for (int i = COUNT - 1; i >= 0; i--) {
        ck_assert_int_eq(haul_transfer_look_again(transfers[i]), HAUL_TRANSFER_OVER);
        check_end(transfers[i], HAUL_REASON_NO_MEMORY,
                  "others keep the memory to decode the body, which --decode-memory limits");
    }
    haul_allowance_give(net->memory, 18 * MIB + 512 * KIB);
}
END_TEST

/* The first needs the more: what is there for the others is left to him. */
START_TEST(large_one_has_its_turn_among_small_ones)
{
    enum haul_transfer_next next;

    take(18 * MIB + 512 * KIB);
    start(transfers[0], "zstd, zstd");
    start(transfers[1], "zstd");
    start(transfers[2], "gzip, zstd");
    haul_allowance_give(net->memory, 9 * MIB);
    for (int i = COUNT - 1; i >= 0; i--)
        ck_assert_int_eq(haul_transfer_look_again(transfers[i]), HAUL_TRANSFER_WAITS);
    haul_allowance_give(net->memory, 9 * MIB + 512 * KIB);
    for (int i = COUNT - 1; i >= 0; i--) {
        next = haul_transfer_look_again(transfers[i]);
        ck_assert_int_eq(next, i ? HAUL_TRANSFER_WAITS : HAUL_TRANSFER_ASKS);
    }
    ck_assert_int_eq(atomic_load(&net->memory->used), haul_allowance_largest(net->memory));
    abandon(transfers[0]);
    ck_assert_int_eq(atomic_load(&net->memory->used), 0);
    ck_assert_int_eq(haul_transfer_look_again(transfers[2]), HAUL_TRANSFER_WAITS);
    ck_assert_int_eq(haul_transfer_look_again(transfers[1]), HAUL_TRANSFER_ASKS);
    abandon(transfers[1]);
    ck_assert_int_eq(haul_transfer_look_again(transfers[2]), HAUL_TRANSFER_ASKS);
    abandon(transfers[2]);
}
END_TEST

/* Its reserve was for the request before this one. */
START_TEST(another_request_of_the_same_attempt_may_wait_again)
{
    struct haul_transfer *t = transfers[0];

    take(18 * MIB + 512 * KIB);
    start(t, "zstd");
    haul_allowance_give(net->memory, 10 * MIB);
    ck_assert_int_eq(haul_transfer_look_again(t), HAUL_TRANSFER_ASKS);
    ck_assert_int_gt(t->decoder.memory.reserved, 0);
    t->exchange.reused = true; /* and it brings nothing */
    t->exchange.reason = HAUL_REASON_EMPTY_REPLY;
    ck_assert_int_eq(haul_transfer_go_on(t), HAUL_TRANSFER_ASKS);
    ck_assert_int_eq(t->decoder.memory.reserved, 0);
    take(10 * MIB);
    t->exchange.reason = HAUL_REASON_NONE;
    ck_assert_int_eq(refuse(t, "zstd"), HAUL_TRANSFER_WAITS);
    abandon(t);
    haul_allowance_give(net->memory, 18 * MIB + 512 * KIB);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("await");
    TCase *in_line = tcase_create("line"), *attempts = tcase_create("attempts");
    SRunner *runner = srunner_create(suite);
    int failures;

    tcase_add_checked_fixture(in_line, begin_line, end_line);
    tcase_add_test(in_line, first_come_are_first_served);
    tcase_add_test(in_line, line_waits_as_long_as_others_come_through);
    tcase_add_test(in_line, nobody_waits_after_a_line_in_vain_until_somebody_is_served);
    tcase_add_test(in_line, as_long_as_there_is_a_line_nobody_else_begins_to_take_much);
    suite_add_tcase(suite, in_line);
    tcase_add_checked_fixture(attempts, begin, end);
    tcase_add_test(attempts, waiting_ends_with_the_time_of_the_attempt);
    tcase_add_test(attempts, all_give_up_when_nobody_comes_through);
    tcase_add_test(attempts, large_one_has_its_turn_among_small_ones);
    tcase_add_test(attempts, another_request_of_the_same_attempt_may_wait_again);
    suite_add_tcase(suite, attempts);
    srunner_run_all(runner, CK_ENV);
    failures = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
