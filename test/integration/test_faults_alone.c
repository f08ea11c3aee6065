#include <string.h>

#include "fault_score.h"

/*
 * Each fault in a run of its own, with a control behind it on the same worker.
 */

enum { GROUP = 32, FLOODS = 2 }; /* runs at a time */

static const char *max_time(const struct fault *f)
{
    if (!needs(f, "time") && !needs(f, "deadline"))
        return "60";
    return it_is_sanitized() ? "12" : "3";
}

/* Short only where it is what ends the transfer: a busy machine is no fault. */
static const char *speed_time(const struct fault *f)
{
    if (!needs(f, "time") && !needs(f, "deadline") && !needs(f, "stall"))
        return "15";
    return it_is_sanitized() ? "8" : "2";
}

/* Short only where nobody answers: a busy machine is no fault. */
static const char *connect_timeout(const struct fault *f)
{
    bool is_unanswered = needs(f, "time") || strcmp(f->name, "tls-to-plain") == 0;

    return is_unanswered && !is_played_over_tls(f) && !is_http2(f) ? "2" : "60";
}

static const char *max_filesize(const struct fault *f)
{
    return needs(f, "maxsize") ? "1M" : "0";
}

static struct it_process *start_alone(const struct fault *f)
{
    bool head = strcmp(f->method, "HEAD") == 0;

    return it_start(&(struct it_call){
        .argv =
            IT_ARGS("-j", "1", "--format", "jsonl", "--order", "input", "--cacert", it_ca_file(),
                    "-m", max_time(f), "-y", speed_time(f), "--connect-timeout", connect_timeout(f),
                    "--max-filesize", max_filesize(f), head ? "--head" : "--no-head", "--retry",
                    needs(f, "retries") || needs(f, "reuse") ? "3" : "0", "--retry-delay", "200ms",
                    url_of(f, over_tls ? "alone-tls" : "alone"), control_of(f))});
}

/* A limit that is short for the fault's sake has ended the control: the machine may be busy. */
static bool was_too_short(const struct fault *f, const json_t *control)
{
    const char *reason = it_str_or_empty(control, "reason");

    return (needs(f, "time") || needs(f, "deadline") || needs(f, "stall")) &&
           (strcmp(reason, "timeout") == 0 || strcmp(reason, "stall") == 0 ||
            strcmp(reason, "connect-timeout") == 0);
}

/* The retries of a fault may put its end behind the control's: the order is
 * that of the input. Returns false if it has to be played again, when it is the only one. */
static bool finish_alone(struct score *score, const struct fault *f, struct it_process *process,
                         bool is_only)
{
    struct it_run run = it_finish(process);
    const json_t *rows = it_rows(run.out);

    ck_assert_msg(run.status >= 0, "%s: killed by signal %d", f->name, run.signal);
    ck_assert_msg(json_array_size(rows) == 2, "%s: %s", f->name, run.err);
    if (!is_only && was_too_short(f, json_array_get(rows, 1)))
        return false;
    judge(score, f, json_array_get(rows, 0));
    if (strcmp(f->method, "HEAD") != 0)
        judge_control(score, f, json_array_get(rows, 1));
    measure(score, &run, f->name);
    return true;
}

/* Those over HTTP/2 are a case of their own. */
static bool is_played_alone(const struct fault *f, bool http2)
{
    if (is_http2(f) != http2)
        return false;
    if (over_tls && (strcmp(f->scheme, "http") != 0 || !is_played_over_tls(f)))
        return false; /* it is no other one than without */
    return !is_played_elsewhere(f) && !needs(f, "late");
}

/* It keeps a processor busy, on both sides, for as long as the limit of its time, or for a hundred
 * thousand writes. */
static bool is_flood(const struct fault *f)
{
    return strstr(f->name, "pieces-") || (needs(f, "deadline") && strstr(f->name, "endless"));
}

/* Those to be played again. */
struct again {
    const struct fault *fault[FAULTS_MAX];
    size_t count;
};

/* As many at a time: the time goes into waiting for retries and timeouts. The oldest is waited for,
 * and its place taken by the next. */
static void run_group(struct score *score, size_t at_a_time, bool http2, bool floods,
                      struct again *again)
{
    const struct fault *playing[GROUP];
    struct it_process *process[GROUP];
    size_t begun = 0, ended = 0;

    for (size_t i = 0; i < fault_count || ended < begun;) {
        bool is_one =
            i < fault_count && is_played_alone(&faults[i], http2) && is_flood(&faults[i]) == floods;

        if (begun - ended == at_a_time || i == fault_count) {
            if (!finish_alone(score, playing[ended % GROUP], process[ended % GROUP], false))
                again->fault[again->count++] = playing[ended % GROUP];
            ended++;
            continue;
        }
        if (is_one) {
            playing[begun % GROUP] = &faults[i];
            process[begun++ % GROUP] = start_alone(&faults[i]);
        }
        i++;
    }
}

/* Many floods at once would leave the controls behind them no time within their own limits. */
static void run_alone(const char *title, bool http2)
{
    struct again again = {.count = 0};
    struct score score;

    score_init(&score);
    run_group(&score, GROUP, http2, false, &again);
    run_group(&score, FLOODS, http2, true, &again);
    for (size_t i = 0; i < again.count; i++)
        (void)finish_alone(&score, again.fault[i], start_alone(again.fault[i]), true);
    finish(&score, title);
}

START_TEST(fault_alone_has_its_verdict)
{
    run_alone("each fault alone", false);
}
END_TEST

START_TEST(fault_alone_over_http2_has_its_verdict)
{
    run_alone("each fault alone, over HTTP/2", true);
}
END_TEST

START_TEST(fault_alone_over_tls_has_its_verdict)
{
    play_over_tls();
    run_alone("each fault alone, over TLS", false);
}
END_TEST

/* ---- what comes late ---- */

/*
 * What comes late comes before the next request here: the list goes on when the
 * server has said it. The other order, the request first, cannot be told from
 * an answer.
 */
static void judge_late(struct score *score, const struct fault *f)
{
    struct it_process *process = it_start(
        &(struct it_call){.argv = IT_ARGS("-j", "1", "--format", "jsonl", "--order", "input",
                                          "--cacert", it_ca_file(), "--retry", "0", "-i", "-"),
                          .keep_input = true});

    it_send(process, it_text("%s\n", url_of(f, it_text("tell=%s", f->name))));
    it_ask("/gate?name=%s", f->name);
    it_send(process, it_text("%s\n", control_of(f)));
    (void)finish_alone(score, f, process, true);
}

static void run_late(const char *title)
{
    struct score score;

    score_init(&score);
    for (size_t i = 0; i < fault_count; i++)
        if (needs(&faults[i], "late"))
            judge_late(&score, &faults[i]);
    finish(&score, title);
}

START_TEST(late_surplus_spoils_no_other_answer)
{
    run_late("late surplus");
}
END_TEST

START_TEST(late_surplus_over_tls_spoils_no_other_answer)
{
    play_over_tls();
    run_late("late surplus, over TLS");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("faults_alone");
    TCase *tcase = tcase_create("alone");

    tcase_add_unchecked_fixture(tcase, begin_faults, it_end_server);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, fault_alone_has_its_verdict);
    tcase_add_test(tcase, fault_alone_over_http2_has_its_verdict);
    tcase_add_test(tcase, fault_alone_over_tls_has_its_verdict);
    tcase_add_test(tcase, late_surplus_spoils_no_other_answer);
    tcase_add_test(tcase, late_surplus_over_tls_spoils_no_other_answer);
    suite_add_tcase(suite, tcase);
    return it_main(suite);
}
