#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "harness.h"
#include "servers.h"

/*
 * The server's catalogue of faults, walked: what haul says about each of them
 * must be what the catalogue says (its meaning is told in
 * test/server/catalogue.h), and the next URL on the same worker must get its
 * own bytes.
 */

enum { FAULTS_MAX = 2000, GROUP = 32, FLOODS = 2, CONTROL_SIZE = 1000 };

struct fault {
    const char *name, *scheme, *listener, *method, *path, *needs, *outcome, *reason, *size, *text;
    bool verified;
};

static struct fault faults[FAULTS_MAX];
static size_t fault_count;

/* ---- the catalogue ---- */

/* Cuts the next cell off; the last one ends with the line. */
static const char *take_cell(char **at)
{
    char *cell = *at;
    size_t len = strcspn(cell, "\t\n");

    *at = cell + len + (cell[len] != '\0');
    cell[len] = '\0';
    return cell;
}

static void read_catalogue(void)
{
    struct it_run run = it_call(
        &(struct it_call){.program = getenv("HAUL_TESTSERVER"), .argv = IT_ARGS("--list-faults")});
    char *text = strdup(run.out), *at = text;

    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(text);
    at = strchr(at, '\n') + 1;
    for (fault_count = 0; *at; fault_count++) {
        struct fault *f = &faults[fault_count];

        ck_assert_uint_lt(fault_count, FAULTS_MAX);
        f->name = it_text("%s", take_cell(&at));
        f->scheme = it_text("%s", take_cell(&at));
        f->listener = it_text("%s", take_cell(&at));
        f->method = it_text("%s", take_cell(&at));
        f->path = it_text("%s", take_cell(&at));
        f->needs = it_text("%s", take_cell(&at));
        f->outcome = it_text("%s", take_cell(&at));
        f->reason = it_text("%s", take_cell(&at));
        f->size = it_text("%s", take_cell(&at));
        f->verified = strcmp(take_cell(&at), "1") == 0;
        f->text = it_text("%s", take_cell(&at));
    }
    free(text);
}

/* Is `word` among those of `list`, which are parted by `separator`? */
static bool has_word(const char *list, char separator, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = list; *at; at++) {
        bool begins = at == list || at[-1] == separator;

        if (begins && strncmp(at, word, len) == 0 && (at[len] == separator || !at[len]))
            return true;
    }
    return false;
}

static bool needs(const struct fault *f, const char *word)
{
    return has_word(f->needs, ',', word);
}

/* They need options of their own: test_continue and test_save play them. */
static bool is_played_elsewhere(const struct fault *f)
{
    return needs(f, "resume") || needs(f, "save");
}

/* A plain listener waits for the end of a line, and the greeting of TLS has
 * none. */
static bool is_slow(const struct fault *f)
{
    return strcmp(f->name, "tls-to-plain") == 0 || needs(f, "time") || needs(f, "deadline") ||
           needs(f, "retries");
}

/* The plain faults are played over TLS instead. */
static bool over_tls;

/* Where those of HTTP/2 would be the same once more. */
static bool leave_out_http2;

static struct fault *fault_named(const char *name)
{
    for (size_t i = 0; i < fault_count; i++)
        if (strcmp(faults[i].name, name) == 0)
            return &faults[i];
    ck_abort_msg("the catalogue has no %s", name);
    return NULL;
}

/* From here on. What leads to a plain port has another end then. */
static void play_over_tls(void)
{
    static const struct {
        const char *name, *reason;
    } other[] = {{"redirect-relative-scheme", "tls"},    {"redirect-userinfo", "downgrade"},
                 {"redirect-refused", "downgrade"},      {"redirect-port", "downgrade"},
                 {"redirect-unknown-host", "downgrade"}, {"redirect-blackhole", "downgrade"}};

    over_tls = true;
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        struct fault *f = fault_named(other[i].name);

        f->outcome = "failed";
        f->reason = other[i].reason;
    }
}

static bool is_http2(const struct fault *f)
{
    return strcmp(f->listener, "h2") == 0;
}

static bool is_played_over_tls(const struct fault *f)
{
    if (strcmp(f->scheme, "https") == 0)
        return strcmp(f->listener, "tls") == 0;
    return over_tls && strcmp(f->listener, "http") == 0;
}

static const char *url_of(const struct fault *f, const char *mark)
{
    bool tls = is_played_over_tls(f);

    return it_text("%s://127.0.0.1:%d%s%c%s", tls ? "https" : f->scheme,
                   it_port(tls ? "tls" : f->listener), f->path, strchr(f->path, '?') ? '&' : '?',
                   mark);
}

/* ---- comparing ---- */

struct score {
    size_t cases, verdicts_right, sizes_right, controls_right, controls;
    long memory_kb;
    int64_t slowest_ms;
    const char *slowest;
    struct haul_buf mismatches;
    size_t mismatch_count;
};

static void score_init(struct score *score)
{
    *score = (struct score){.slowest = "none"};
    haul_buf_init(&score->mismatches, 0);
}

/*
 * libcurl stops at some malformed lines before haul sees them, with one code
 * for all; its words, which tell them apart, are lost if the connection is
 * reset at that moment. Then `protocol` is what is left.
 */
static bool reason_is_right(const struct fault *f, const char *reason)
{
    if (has_word(f->reason, '|', reason))
        return true;
    return strcmp(reason, "protocol") == 0 &&
           (has_word(f->reason, '|', "bad-length") || has_word(f->reason, '|', "bad-header"));
}

static bool is_unverified_ok(const json_t *row)
{
    return strcmp(it_str(row, "outcome"), "ok") == 0 &&
           json_is_false(json_object_get(row, "verified"));
}

/* Streams of HTTP/2 share a connection. */
static bool beside_others;

/* A reset of a stream that libcurl before 8.2 sees while it reads for another one is an end to it,
 * whatever its code is. */
static bool is_blurred(const struct fault *f)
{
    return needs(f, "blurred") || (beside_others && strncmp(f->name, "h2-rst-", 7) == 0);
}

static bool verdict_is_right(const struct fault *f, const json_t *row)
{
    const char *outcome = it_str(row, "outcome");

    if (is_blurred(f) && is_unverified_ok(row))
        return true;
    if (!has_word(f->outcome, '|', outcome))
        return false;
    if (strcmp(outcome, "ok") != 0)
        return reason_is_right(f, it_str_or_empty(row, "reason"));
    /* An answer to HEAD has no body whose end could be in doubt. */
    return strcmp(f->outcome, "ok") != 0 || strcmp(f->method, "HEAD") == 0 ||
           json_is_true(json_object_get(row, "verified")) == f->verified;
}

static bool size_is_right(const struct fault *f, const json_t *row)
{
    if (strcmp(it_str(row, "outcome"), "ok") != 0 || f->size[0] == '-' ||
        strcmp(f->method, "HEAD") == 0)
        return true;
    return it_int(row, "size_body") == atoll(f->size);
}

static void note(struct score *score, const struct fault *f, const json_t *row, const char *what)
{
    score->mismatch_count++;
    haul_buf_addf(&score->mismatches, "%-10s %-28s wanted %s %s size %s verified %d, got %s", what,
                  f->name, f->outcome, f->reason, f->size, f->verified, it_verdict(row));
    haul_buf_addf(&score->mismatches, " size %s verified %s (%.100s)\n",
                  json_is_integer(json_object_get(row, "size_body"))
                      ? it_text("%lld", (long long)it_int(row, "size_body"))
                      : "unknown",
                  json_is_true(json_object_get(row, "verified")) ? "1" : "0",
                  it_str_or_empty(row, "errormsg"));
}

static void judge(struct score *score, const struct fault *f, const json_t *row)
{
    bool verdict = verdict_is_right(f, row), size = size_is_right(f, row);

    score->cases++;
    score->verdicts_right += verdict;
    score->sizes_right += size;
    if (!verdict)
        note(score, f, row, "verdict");
    else if (!size)
        note(score, f, row, "size");
}

static void judge_control(struct score *score, const struct fault *f, const json_t *row)
{
    bool right =
        strcmp(it_str(row, "outcome"), "ok") == 0 && it_int(row, "size_body") == CONTROL_SIZE;

    if (needs(f, "lasting"))
        return;
    score->controls++;
    score->controls_right += right;
    if (!right)
        note(score, f, row, "control");
}

static void measure(struct score *score, const struct it_run *run, const char *name)
{
    if (run->memory_kb > score->memory_kb)
        score->memory_kb = run->memory_kb;
    if (run->wall_ms <= score->slowest_ms)
        return;
    score->slowest_ms = run->wall_ms;
    score->slowest = name;
}

/* The table goes to standard error: standard output is the test protocol's. */
static void finish(struct score *score, const char *title)
{
    (void)fprintf(stderr, "%s: %zu cases, %zu verdicts right, %zu sizes right, ", title,
                  score->cases, score->verdicts_right, score->sizes_right);
    (void)fprintf(stderr, "%zu of %zu controls right, peak memory %ld kB, slowest %s (%lld ms)\n",
                  score->controls_right, score->controls, score->memory_kb, score->slowest,
                  (long long)score->slowest_ms);
    (void)fputs(haul_buf_str(&score->mismatches), stderr);
    haul_buf_done(&score->mismatches);
    ck_assert_uint_gt(score->cases, 0);
    ck_assert_uint_eq(score->mismatch_count, 0);
}

/* ---- each alone, with a control behind it ---- */

/* Then everything, the server too, is many times slower. */
static bool is_sanitized(void)
{
    return getenv("HAUL_SANITIZED") != NULL;
}

static const char *max_time(const struct fault *f)
{
    if (!needs(f, "time") && !needs(f, "deadline"))
        return "60";
    return is_sanitized() ? "12" : "3";
}

/* Short only where it is what ends the transfer: a busy machine is no fault. */
static const char *speed_time(const struct fault *f)
{
    if (!needs(f, "time") && !needs(f, "deadline"))
        return "15";
    return is_sanitized() ? "8" : "2";
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

/* Of the same origin, so that it may get the same connection. */
static const char *control_of(const struct fault *f)
{
    const char *path = it_text("/size?n=%d&behind=%s", CONTROL_SIZE, f->name);

    if (is_played_over_tls(f) || is_http2(f))
        return it_text("https://127.0.0.1:%d%s", it_port(is_http2(f) ? "h2" : "tls"), path);
    return it_url("%s", path);
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

/* The retries of a fault may put its end behind the control's: the order is
 * that of the input. */
static void finish_alone(struct score *score, const struct fault *f, struct it_process *process)
{
    struct it_run run = it_finish(process);
    const json_t *rows = it_rows(run.out);

    ck_assert_msg(run.status >= 0, "%s: killed by signal %d", f->name, run.signal);
    ck_assert_msg(json_array_size(rows) == 2, "%s: %s", f->name, run.err);
    judge(score, f, json_array_get(rows, 0));
    if (strcmp(f->method, "HEAD") != 0)
        judge_control(score, f, json_array_get(rows, 1));
    measure(score, &run, f->name);
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

/* It keeps a processor busy, on both sides, for as long as the limit of its time. */
static bool is_flood(const struct fault *f)
{
    return needs(f, "deadline") && strstr(f->name, "endless");
}

/* As many at a time: the time goes into waiting for retries and timeouts. The oldest is waited for,
 * and its place taken by the next. */
static void run_group(struct score *score, size_t at_a_time, bool http2, bool floods)
{
    const struct fault *playing[GROUP];
    struct it_process *process[GROUP];
    size_t begun = 0, ended = 0;

    for (size_t i = 0; i < fault_count; i++) {
        if (!is_played_alone(&faults[i], http2) || is_flood(&faults[i]) != floods)
            continue;
        if (begun - ended == at_a_time) {
            finish_alone(score, playing[ended % GROUP], process[ended % GROUP]);
            ended++;
        }
        playing[begun % GROUP] = &faults[i];
        process[begun++ % GROUP] = start_alone(&faults[i]);
    }
    for (; ended < begun; ended++)
        finish_alone(score, playing[ended % GROUP], process[ended % GROUP]);
}

/* Many floods at once would leave the controls behind them no time within their own limits. */
static void run_alone(const char *title, bool http2)
{
    struct score score;

    score_init(&score);
    run_group(&score, GROUP, http2, false);
    run_group(&score, FLOODS, http2, true);
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
    finish_alone(score, f, process);
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

/* ---- all of them in one batch ---- */

static bool leave_out_surplus;

/*
 * Some that need an own option of the whole run stay out, and what comes late
 * by its own clock: whether it meets an idle connection is chance, and where it
 * does not, no client can tell.
 */
static bool fits_a_batch(const struct fault *f)
{
    if ((leave_out_surplus && needs(f, "reuse")) || (leave_out_http2 && is_http2(f)))
        return false;
    return !needs(f, "late") && !is_played_elsewhere(f) && !is_slow(f) && !needs(f, "maxsize") &&
           strcmp(f->method, "GET") == 0;
}

static size_t shuffle(const struct fault **order, uint64_t seed)
{
    size_t count = 0;

    for (size_t i = 0; i < fault_count; i++)
        if (fits_a_batch(&faults[i]))
            order[count++] = &faults[i];
    for (size_t i = count; i > 1; i--) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        size_t other = (size_t)((seed >> 33) % i);
        const struct fault *swapped = order[i - 1];

        order[i - 1] = order[other];
        order[other] = swapped;
    }
    return count;
}

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
 * One at a time, each on a connection that is reset when it is asked for:
 * libcurl asks again by itself, and what it says of the reset must not be taken
 * for what is wrong with the answer.
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
 * libcurl 7.88 remembers the refusal of a stream until a later answer is empty, then asks again,
 * and gives up if connections have died five times since the beginning: each URL must have its own
 * verdict.
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

/* What a connection that dies does to all that is under way on it. */
static bool fell_with_connection(const json_t *row)
{
    const char *reason = it_str_or_empty(row, "reason");

    return strcmp(reason, "truncated") == 0 || strcmp(reason, "reset") == 0 ||
           strcmp(reason, "empty-reply") == 0;
}

/*
 * Of a connection that dies, what was under way on it may fail, but nothing else may be called
 * good. Whether one without length was whole can be in doubt when libcurl gives the connection up
 * later.
 */
static void judge_innocent(struct score *score, const struct company *at, size_t which,
                           const json_t *row, bool also_connections)
{
    bool is_ok = strcmp(it_str(row, "outcome"), "ok") == 0;
    bool may_fall = also_connections || is_unsized(at, which);
    bool is_right =
        is_ok ? it_int(row, "size_body") == at->size[which] : may_fall && fell_with_connection(row);

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

    beside_others = true;
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

static void begin_bytewise(void)
{
    it_begin_server_with(IT_ARGS("--write", "1"));
    read_catalogue();
}

static void begin_piecewise(void)
{
    it_begin_server_with(IT_ARGS("--write", "20"));
    read_catalogue();
}

static void begin(void)
{
    it_begin_server();
    read_catalogue();
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

/* libcurl is in one call all the while, and would be for ever. */
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
    Suite *suite = suite_create("faults");
    TCase *tcase = tcase_create("whole");

    tcase_add_unchecked_fixture(tcase, begin, it_end_server);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, fault_alone_has_its_verdict);
    tcase_add_test(tcase, fault_alone_over_http2_has_its_verdict);
    tcase_add_test(tcase, fault_alone_over_tls_has_its_verdict);
    tcase_add_test(tcase, late_surplus_spoils_no_other_answer);
    tcase_add_test(tcase, late_surplus_over_tls_spoils_no_other_answer);
    tcase_add_loop_test(tcase, faults_in_one_batch_have_their_verdicts, 0, 3);
    tcase_add_test(tcase, faults_behind_a_reset_have_their_verdicts);
    tcase_add_loop_test(tcase, repeats_for_others_have_no_verdict, 4, 7);
    tcase_add_test(tcase, faults_over_tls_have_their_verdicts);
    tcase_add_loop_test(tcase, faults_beside_others_spoil_none, 0, 2);
    suite_add_tcase(suite, tcase);
    tcase = tcase_create("flood");
    tcase_add_unchecked_fixture(tcase, begin, it_end_server);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, stop_ends_a_flood_of_frames);
    suite_add_tcase(suite, tcase);
    add_pieces(suite, "bytewise", begin_bytewise);
    add_pieces(suite, "piecewise", begin_piecewise);
    return it_main(suite);
}
