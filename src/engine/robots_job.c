#include "engine/robots_job.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/charset.h"
#include "base/clock.h"
#include "engine/retry.h"
#include "input/robots.h"
#include "input/url.h"
#include "transfer/transfer.h"

enum {
    SMALL_MAX = 16384,             /* bytes that every stream may have */
    WIRE_MAX = 2 * HAUL_ROBOTS_MAX /* bytes as sent of a body that is coded, and does not shrink */
};

static const char file_name[] = "/robots.txt";

/* A request, while it is under way. */
struct haul_robots_ask {
    struct haul_job *asker;
    struct haul_allowance *room; /* of all workers */
    struct haul_job_body body;
    struct haul_buf bytes;
    struct haul_buf effective; /* the URL after redirects */
    size_t taken;              /* of `room` */
    bool was_cut;
};

/* ---- the body: called by the transfer ---- */

static enum haul_reason begin_body(void *arg)
{
    struct haul_robots_ask *ask = arg;

    haul_buf_clear(&ask->bytes);
    ask->was_cut = false;
    return HAUL_REASON_NONE;
}

/* Room for `len` bytes, which comes by doubling: a host that sends little, or has sent it slowly,
 * keeps none from others. */
static bool has_room_for(struct haul_robots_ask *ask, size_t len)
{
    while (len > SMALL_MAX && len > ask->taken) {
        size_t more = ask->taken ? ask->taken : 2 * SMALL_MAX;

        if (!haul_allowance_take(ask->room, (int64_t)more, false))
            return false;
        ask->taken += more;
    }
    return true;
}

static enum haul_reason take_body(void *arg, const uint8_t *bytes, size_t len)
{
    struct haul_robots_ask *ask = arg;
    size_t room = HAUL_ROBOTS_MAX - ask->bytes.len;

    ask->was_cut = len > room;
    if (ask->was_cut)
        len = room;
    if (!has_room_for(ask, ask->bytes.len + len))
        return HAUL_REASON_NO_MEMORY;
    haul_buf_add(&ask->bytes, bytes, len);
    if (ask->bytes.err)
        return HAUL_REASON_NO_MEMORY;
    return ask->was_cut ? HAUL_REASON_TOO_LARGE : HAUL_REASON_NONE;
}

/* ---- the request ---- */

static void free_ask(struct haul_robots_ask *ask)
{
    if (ask->taken)
        haul_allowance_give(ask->room, (int64_t)ask->taken);
    haul_buf_done(&ask->bytes);
    haul_buf_done(&ask->effective);
    free(ask);
}

static struct haul_robots_ask *make_ask(struct haul_run *run, struct haul_job *job)
{
    struct haul_robots_ask *ask = calloc(1, sizeof *ask);

    if (!ask)
        return NULL;
    ask->asker = job;
    ask->room = &run->robots_room;
    haul_buf_init(&ask->bytes, 2 * HAUL_ROBOTS_MAX); /* UTF-16 grows when it becomes UTF-8 */
    haul_buf_init(&ask->effective, 0);
    ask->body = (struct haul_job_body){.begin = begin_body,
                                       .take = take_body,
                                       .arg = ask,
                                       .wire_max = WIRE_MAX,
                                       .redirs_max = HAUL_ROBOTS_REDIRS_MAX,
                                       .effective = &ask->effective};
    return ask;
}

static struct haul_job *make_request(const struct haul_job *job)
{
    struct haul_job *request;
    struct haul_buf url;

    haul_buf_init(&url, 0);
    haul_buf_add(&url, job->url, (size_t)(haul_url_target(job->url) - job->url));
    haul_buf_add_str(&url, file_name);
    request = url.err ? NULL
                      : haul_job_create(&(struct haul_job_text){.shown = haul_buf_str(&url),
                                                                .shown_len = url.len,
                                                                .url = haul_buf_str(&url),
                                                                .origin = job->origin});
    haul_buf_done(&url);
    return request;
}

struct haul_job *haul_robots_job_create(struct haul_run *run, struct haul_job *job)
{
    struct haul_robots_ask *ask = make_ask(run, job);
    struct haul_job *request = ask ? make_request(job) : NULL;

    if (!request) {
        if (ask)
            free_ask(ask);
        return NULL;
    }
    request->body = &ask->body;
    request->slot = job->slot;
    request->named_by = job->named_by == HAUL_NAMED_BY_USER ? HAUL_NAMED_BY_SITE : job->named_by;
    request->given = job->given;
    request->rec.attempts = job->robots.tries.attempts;
    request->attempts_spared = job->robots.tries.spared;
    request->first_start_us = job->robots.tries.first_start_us;
    return request;
}

static struct haul_robots_ask *ask_of(const struct haul_job *request)
{
    return request->body->arg;
}

struct haul_job *haul_robots_job_asker(const struct haul_job *request)
{
    return request->body ? ask_of(request)->asker : NULL;
}

/* ---- what its answer means ---- */

enum meaning { RULES, ALL_IS_ALLOWED, FAILED };

static enum meaning evaluate(const struct haul_robots_ask *ask, const struct haul_record *rec)
{
    bool is_answer = rec->reason == HAUL_REASON_NONE || rec->reason == HAUL_REASON_HTTP_STATUS;
    int status = rec->http_code;

    switch (rec->reason) {
    case HAUL_REASON_REDIRECTS:
    case HAUL_REASON_BAD_REDIRECT:
    case HAUL_REASON_SCHEME:
        return ALL_IS_ALLOWED;
    default:
        break;
    }
    if (status >= 200 && status <= 299)
        return is_answer || (ask->was_cut && rec->reason == HAUL_REASON_TOO_LARGE) ? RULES : FAILED;
    return is_answer && status >= 300 && status <= 499 && status != 429 ? ALL_IS_ALLOWED : FAILED;
}

/* The name that haul has told there, or its own where that is no product token. */
static const char *product_of(const struct haul_config *config, const struct haul_job *request)
{
    const char *agent = haul_transfer_user_agent(config, request);

    return haul_ascii_is_alnum(*agent) || *agent == '-' || *agent == '_' ? agent : "haul";
}

/* The URL of another origin's own robots.txt that was redirected to, or NULL. */
static const char *other_place(const struct haul_job *request)
{
    const char *url = haul_buf_str(&ask_of(request)->effective);

    if (!*url || haul_url_same_origin(url, request->url) ||
        strcmp(haul_url_target(url), file_name) != 0)
        return NULL;
    return url;
}

/* What is no text has no rules, but for those lines that are (2.3.1.5): it is left as it is. */
static enum haul_err decode(struct haul_robots_ask *ask)
{
    const char *problem;
    enum haul_err err = haul_charset_decode(&ask->bytes, ask->was_cut, &problem);

    return err == HAUL_ERR_SYNTAX ? HAUL_OK : err;
}

/* Of a text that was cut, the last line may be a half one, which says something else. */
static size_t usable_len(const struct haul_robots_ask *ask)
{
    size_t len = ask->bytes.len;

    while (ask->was_cut && len && ask->bytes.data[len - 1] != '\n' &&
           ask->bytes.data[len - 1] != '\r')
        len--;
    return len;
}

static enum haul_err read_rules(const struct haul_run *run, const struct haul_job *request,
                                struct haul_robots_answer *answer)
{
    struct haul_robots_ask *ask = ask_of(request);
    struct haul_robots_rules *rules;
    int64_t delay_us, delay_max_us = HAUL_ROBOTS_DELAY_MAX_S * INT64_C(1000000);
    enum haul_err err;

    if (request->rec.size_body <= 0) /* of an earlier answer, then */
        haul_buf_clear(&ask->bytes);
    err = decode(ask);
    if (err)
        return err;
    err = haul_robots_rules_parse(haul_buf_str(&ask->bytes), usable_len(ask),
                                  product_of(run->config, request), &rules);
    if (err)
        return err;
    delay_us = haul_robots_rules_delay_us(rules);
    answer->delay_us = delay_us < 0 ? 0 : delay_us < delay_max_us ? delay_us : delay_max_us;
    answer->known = haul_robots_known_create(rules, HAUL_REASON_NONE, 0, "", other_place(request));
    if (!answer->known) {
        haul_robots_rules_free(rules);
        return HAUL_ERR_NOMEM;
    }
    answer->keep_us = HAUL_ROBOTS_KEEP_S * INT64_C(1000000);
    return HAUL_OK;
}

/* If the origin itself was not reached, its rows have failed for that, as their own requests
 * would have. */
static enum haul_reason reason_of_rows(const struct haul_job *request)
{
    bool is_reached = request->attempt.contact == HAUL_CONTACT_MADE || request->attempt.elsewhere;

    return is_reached ? HAUL_REASON_ROBOTS_UNREACHABLE : request->rec.reason;
}

static enum haul_err note_failure(const struct haul_job *request, struct haul_robots_answer *answer)
{
    const struct haul_record *rec = &request->rec;
    char word[HAUL_REASON_WORD_MAX];
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_addf(&text, "its robots.txt: %s", haul_reason_word(rec, word));
    if (rec->outcome == HAUL_OUTCOME_OK) /* --accept lets it pass, but it has no rules */
        haul_buf_addf(&text, "http-%03d", rec->http_code);
    if (rec->errormsg)
        haul_buf_addf(&text, ", %s", rec->errormsg);
    if (rec->attempts > 1)
        haul_buf_addf(&text, " (%d attempts)", rec->attempts);
    if (!text.err)
        answer->known = haul_robots_known_create(NULL, reason_of_rows(request), rec->exitcode,
                                                 haul_buf_str(&text), NULL);
    haul_buf_done(&text);
    answer->keep_us = HAUL_ROBOTS_FAILED_KEEP_S * INT64_C(1000000);
    return answer->known ? HAUL_OK : HAUL_ERR_NOMEM;
}

/* Another attempt, if there is one left; otherwise it cannot be had. */
static enum haul_err retry_or_fail(const struct haul_run *run, struct haul_job *request,
                                   uint64_t *random_state, struct haul_robots_answer *answer)
{
    int64_t now_us = haul_clock_us();
    struct haul_retry retry = haul_retry_decide(run->config, request, now_us, random_state);

    if (!retry.again)
        return note_failure(request, answer);
    answer->again = true;
    answer->due_us = now_us + retry.wait_us;
    answer->tries = (struct haul_robots_tries){.attempts = request->rec.attempts,
                                               .spared = request->attempts_spared,
                                               .first_start_us = request->first_start_us};
    return HAUL_OK;
}

static enum haul_err read_answer(const struct haul_run *run, struct haul_job *request,
                                 uint64_t *random_state, struct haul_robots_answer *answer)
{
    *answer =
        (struct haul_robots_answer){.reason = request->rec.reason,
                                    .http_code = request->rec.http_code,
                                    .is_strangers = request->named_by == HAUL_NAMED_BY_STRANGER};
    if (request->rec.outcome == HAUL_OUTCOME_PENDING)
        return HAUL_ERR_CLOSED;
    switch (evaluate(ask_of(request), &request->rec)) {
    case RULES:
        return read_rules(run, request, answer);
    case ALL_IS_ALLOWED:
        answer->keep_us = HAUL_ROBOTS_KEEP_S * INT64_C(1000000);
        return HAUL_OK;
    case FAILED:
        break;
    }
    return retry_or_fail(run, request, random_state, answer);
}

enum haul_err haul_robots_job_end(struct haul_run *run, struct haul_job *request,
                                  uint64_t *random_state, struct haul_robots_answer *answer)
{
    struct haul_robots_ask *ask = ask_of(request);
    struct haul_job *job = ask->asker;
    enum haul_err err = read_answer(run, request, random_state, answer);

    job->attempt = request->attempt;
    job->received += request->received;
    haul_job_free(request);
    free_ask(ask);
    return err;
}

/* ---- what it means for a job ---- */

static void refuse(struct haul_job *job, enum haul_outcome outcome, enum haul_reason reason,
                   int exitcode, const char *text)
{
    struct haul_record said = job->rec;

    job->attempt = (struct haul_attempt){.unasked = true};
    if (said.attempts || said.outcome == HAUL_OUTCOME_FAILED) /* with a reason of its own */
        return;
    job->rec.outcome = outcome;
    job->rec.reason = reason;
    job->rec.exitcode = exitcode;
    said.errormsg = text;
    haul_job_keep_text(job, &said);
}

bool haul_robots_job_is_allowed(struct haul_job *job)
{
    const struct haul_robots_known *known = job->robots.known;
    const char *target = haul_url_target(job->url);

    if (!known)
        return true;
    job->robots.rules = known->rules;
    job->robots.also = known->also;
    if (job->goes_on) /* it was allowed when it began */
        return true;
    if (!known->rules) {
        refuse(job, HAUL_OUTCOME_FAILED, known->reason, known->exitcode, known->text);
        return false;
    }
    if (haul_robots_rules_allow(known->rules, target, strlen(target)))
        return true;
    refuse(job, HAUL_OUTCOME_SKIPPED, HAUL_REASON_ROBOTS, 0, haul_reason_text(HAUL_REASON_ROBOTS));
    return false;
}
