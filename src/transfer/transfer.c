#include "transfer/transfer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "input/robots_rules.h"
#include "model/entry_limits.h"
#include "transfer/transfer_inside.h"

enum haul_err haul_transfer_create(const struct haul_transfer_env *env, struct haul_transfer **out)
{
    struct haul_transfer *t = calloc(1, sizeof *t);

    if (!t)
        return HAUL_ERR_NOMEM;
    t->env = env;
    t->config = env->net->config;
    haul_response_init(&t->response);
    haul_decoder_init(&t->decoder);
    haul_decoder_init(&t->other);
    haul_body_init(&t->body, env->net->bodies);
    haul_capture_init(&t->capture, env->press, env->net->bodies->warc_scratch);
    haul_buf_init(&t->asked, 0);
    haul_buf_init(&t->answered, 0);
    haul_buf_init(&t->via, 0);
    if (t->config->warc)
        t->response.verbatim = &t->answered;
    haul_buf_init(&t->url, HAUL_URL_MAX + 1);
    haul_buf_init(&t->origin, 0);
    haul_buf_init(&t->looked_up, 0);
    haul_buf_init(&t->authority, 0);
    haul_buf_init(&t->cookies, 0);
    haul_buf_init(&t->shown, 0);
    haul_redactor_secrets_init(&t->secrets);
    haul_buf_init(&t->notices, HAUL_JOB_HOPS_MAX);
    haul_buf_init(&t->fields, 0);
    t->exchange.response = &t->response;
    t->exchange.events = &haul_transfer_events;
    t->exchange.arg = t;
    *out = t;
    return HAUL_OK;
}

void haul_transfer_free(struct haul_transfer *t)
{
    if (!t)
        return;
    haul_response_done(&t->response);
    haul_decoder_done(&t->decoder);
    haul_decoder_done(&t->other);
    haul_body_done(&t->body);
    haul_capture_done(&t->capture);
    haul_parcel_free(t->captured);
    haul_buf_done(&t->asked);
    haul_buf_done(&t->answered);
    haul_buf_done(&t->via);
    haul_buf_done(&t->url);
    haul_buf_done(&t->origin);
    haul_buf_done(&t->looked_up);
    haul_buf_done(&t->authority);
    haul_wipe(t->cookies.data, t->cookies.cap);
    haul_buf_done(&t->cookies);
    haul_buf_done(&t->shown);
    haul_redactor_secrets_done(&t->secrets);
    haul_buf_done(&t->notices);
    haul_buf_done(&t->fields);
    free(t);
}

struct haul_exchange *haul_transfer_exchange(struct haul_transfer *t)
{
    return &t->exchange;
}

/* ---- one attempt ---- */

static void find_settings(struct haul_transfer *t)
{
    const struct haul_job *job = t->job;
    const struct haul_entry_options *to_send = haul_job_options_to_send(job);

    haul_host_find_settings(t->config, job->origin, &t->attempt.host);
    haul_entry_limit_host(t->config, job->options, &t->attempt.host);
    if (to_send && to_send->user_agent)
        t->attempt.host.user_agent = to_send->user_agent;
    t->attempt.varies = t->config->host_rule_count > 0 || job->options;
}

static enum haul_step first_step(const struct haul_transfer *t)
{
    if (t->job->body || t->config->method == HAUL_METHOD_GET)
        return HAUL_STEP_GET;
    return HAUL_STEP_HEAD;
}

/* What the steps before have cost is the attempt's, too. */
static void go_on_with_steps(struct haul_transfer *t)
{
    const struct haul_record *rec = &t->job->rec;

    t->job->goes_on = false;
    t->attempt.connects = rec->num_connects;
    t->attempt.header_bytes = rec->size_header;
    t->attempt.request_bytes = rec->size_request;
}

static void begin_steps(struct haul_transfer *t)
{
    struct haul_job *job = t->job;

    job->step = first_step(t);
    job->spent_us = 0;
    if (!job->rec.attempts++) {
        job->rec.started_us = haul_clock_wall_us();
        job->first_start_us = t->attempt.begun_us;
    }
}

bool haul_transfer_begin(struct haul_transfer *t, struct haul_job *job)
{
    assert(!t->job);
    t->job = job;
    t->attempt = (struct haul_attempt_state){.begun_us = haul_clock_us(), .at_home = true};
    t->attempt.rule = haul_transfer_first_rule(t);
    find_settings(t);
    if (job->goes_on)
        go_on_with_steps(t);
    else
        begin_steps(t);
    haul_buf_clear(&t->origin);
    haul_buf_clear(&t->notices);
    haul_buf_clear(&t->url);
    haul_buf_add_str(&t->url, job->url);
    if (haul_transfer_begin_hop(t))
        return true;
    haul_transfer_finish_without_request(t);
    return false;
}

/*
 * The rules of the job's origin hold for its URLs, and for those of the origin that has given them.
 * Those of another one that a redirect leads to are not asked for (engine/robots_job.h).
 */
static bool is_disallowed(const struct haul_transfer *t, const struct haul_url *next)
{
    const struct haul_job_robots *robots = &t->job->robots;
    const char *target = haul_url_target(next->url);

    if (!robots->rules)
        return false;
    if (!haul_url_same_origin(t->job->url, next->url) &&
        !(robots->also && haul_url_same_origin(robots->also, next->url)))
        return false;
    return !haul_robots_rules_allow(robots->rules, target, strlen(target));
}

/* Sets t->url to where the redirect leads. NONE, or why it is not followed. */
static enum haul_reason find_next_hop(struct haul_transfer *t)
{
    const char *location = haul_response_location(&t->response);
    bool was_https = strncmp(haul_buf_str(&t->url), "https:", strlen("https:")) == 0;
    struct haul_url next;
    enum haul_reason reason;

    if (t->attempt.redirects >= haul_transfer_redirs_max(t))
        return HAUL_REASON_REDIRECTS;
    reason = haul_url_join(t->env->urls, haul_buf_str(&t->url), location, strlen(location), &next);
    if (reason == HAUL_REASON_SCHEME || reason == HAUL_REASON_NO_MEMORY)
        return reason;
    if (reason != HAUL_REASON_NONE)
        return HAUL_REASON_BAD_REDIRECT;
    if (was_https && !next.is_https && !t->config->allow_downgrade)
        return HAUL_REASON_DOWNGRADE;
    if (is_disallowed(t, &next))
        return HAUL_REASON_ROBOTS;
    haul_buf_clear(&t->url);
    haul_buf_add(&t->url, next.url, next.url_len);
    haul_buf_clear(&t->origin);
    haul_buf_add(&t->origin, next.origin, next.origin_len);
    t->attempt.at_home = haul_url_same_origin(t->job->url, next.url);
    t->attempt.redirects++;
    haul_transfer_note_asked(t);
    return HAUL_REASON_NONE;
}

/*
 * Of an answer that is malformed, nothing but its connection's history is known: on a used one it
 * may be anything.
 */
static bool is_malformed(enum haul_reason cut)
{
    return cut && cut != HAUL_REASON_TOO_LARGE && cut != HAUL_REASON_NO_MEMORY;
}

/*
 * What comes over a reused connection may be meant for an earlier request: the end of a connection
 * that the server had given up, the rest of an answer that was longer than it said, or a late 408.
 * It says nothing about this URL, which is asked for once more on a fresh connection.
 *
 * What the server says it has not served has not failed (RFC 9113, 8.7), and is asked for again,
 * too: also if it was before, because of a reused connection. Over a fresh one this is said of the
 * request itself, and the second time it is believed; so there is an end to it.
 */
static bool deserves_another_try(const struct haul_transfer *t)
{
    const struct haul_exchange *x = &t->exchange;

    if (x->wants_1_1 && !x->http1)
        return true; /* also of what was asked twice already: it is another question */
    if (x->fresh || !x->reused)
        return x->unserved && !t->attempt.was_unserved;
    return x->unserved || x->doubtful || (x->http_version < 20 && is_malformed(t->hop.cut)) ||
           (!x->answered &&
            (x->reason == HAUL_REASON_RESET || x->reason == HAUL_REASON_EMPTY_REPLY ||
             x->reason == HAUL_REASON_PROTOCOL || x->reason == HAUL_REASON_FLOOD ||
             x->reason == HAUL_REASON_TRUNCATED));
}

/*
 * The rest of a body is of no use: what the server calls the rest does not fit, or it says that
 * there is none. Then all of it is asked for, in the same attempt.
 */
static bool must_start_anew(const struct haul_transfer *t, enum haul_reason reason)
{
    return t->hop.offset && !t->attempt.starts_anew &&
           (reason == HAUL_REASON_BAD_RANGE ||
            (t->response.status == 416 && haul_response_is_complete(&t->response)));
}

static enum haul_reason end_reason(const struct haul_transfer *t)
{
    if (t->hop.cut != HAUL_REASON_NONE)
        return t->hop.cut;
    if (t->hop.has_enough || t->hop.is_in_doubt)
        return HAUL_REASON_NONE;
    if (t->exchange.refused_address && t->exchange.reason == HAUL_REASON_CONNECT)
        return HAUL_REASON_ADDRESS;
    return t->exchange.reason;
}

/* Asked in another way, the same URL has an answer that is of use. */
static bool must_ask_otherwise(struct haul_transfer *t, enum haul_reason reason)
{
    if (must_start_anew(t, reason)) {
        t->attempt.starts_anew = true;
        return true;
    }
    if (!t->hop.is_in_doubt)
        return false;
    t->attempt.asks_plain = true;
    haul_transfer_count_hop(t);
    return true;
}

/* The next request, if there is another one to be made; NONE is its reason then. */
static bool find_next_request(struct haul_transfer *t, enum haul_reason *reason, bool *is_ready)
{
    if (must_ask_otherwise(t, *reason)) {
        *is_ready = haul_transfer_begin_hop(t);
        return true;
    }
    if (deserves_another_try(t)) {
        *is_ready = haul_transfer_repeat_hop(t);
        return true;
    }
    if (haul_transfer_wants_other_form(t, *reason)) {
        t->attempt.rule = haul_transfer_other_rule(t);
        haul_transfer_count_hop(t);
        *is_ready = haul_transfer_begin_hop(t);
        return true;
    }
    if (*reason != HAUL_REASON_NONE || !haul_transfer_is_followed(t))
        return false;
    *reason = haul_transfer_end_capture(t, HAUL_REASON_NONE);
    if (*reason == HAUL_REASON_NONE)
        *reason = find_next_hop(t);
    if (*reason != HAUL_REASON_NONE) {
        t->hop.cut = *reason;
        return false;
    }
    haul_transfer_count_hop(t);
    *is_ready = haul_transfer_begin_hop(t);
    return true;
}

bool haul_transfer_waits(const struct haul_transfer *t)
{
    return t->attempt.waits_for;
}

static enum haul_transfer_next give_up_waiting(struct haul_transfer *t, enum haul_reason reason,
                                               int exitcode, const char *message)
{
    haul_transfer_end_waiting(t, false);
    haul_transfer_finish_unasked(t, reason, exitcode, message);
    return HAUL_TRANSFER_OVER;
}

static enum haul_transfer_next ask_reserved(struct haul_transfer *t)
{
    haul_transfer_end_waiting(t, true);
    if (haul_transfer_begin_reserved(t, t->attempt.needs))
        return HAUL_TRANSFER_ASKS;
    haul_transfer_finish_without_request(t);
    return HAUL_TRANSFER_OVER;
}

enum haul_transfer_next haul_transfer_look_again(struct haul_transfer *t)
{
    switch (haul_transfer_await(t)) {
    case HAUL_AWAIT_SERVED:
        return ask_reserved(t);
    case HAUL_AWAIT_TIMEOUT:
        return give_up_waiting(t, HAUL_REASON_TIMEOUT, 28, /* CURLE_OPERATION_TIMEDOUT */
                               "out of time while others had the memory to decode the body");
    case HAUL_AWAIT_IN_VAIN:
        return give_up_waiting(
            t, HAUL_REASON_NO_MEMORY, 27, /* CURLE_OUT_OF_MEMORY */
            "others keep the memory to decode the body, which --decode-memory limits");
    case HAUL_AWAIT_WAITS:
        break;
    }
    return HAUL_TRANSFER_WAITS;
}

enum haul_transfer_next haul_transfer_go_on(struct haul_transfer *t)
{
    enum haul_reason reason = end_reason(t);
    bool is_ready;

    t->job->received += t->response.wire_bytes;
    t->attempt.connects += t->exchange.connects;
    if (!deserves_another_try(t))
        haul_transfer_keep_cookies(t);
    if (haul_transfer_begin_waiting(t))
        return haul_transfer_look_again(t);
    if (!find_next_request(t, &reason, &is_ready)) {
        haul_transfer_finish(t, reason);
        return HAUL_TRANSFER_OVER;
    }
    if (!is_ready)
        haul_transfer_finish_without_request(t);
    return is_ready ? HAUL_TRANSFER_ASKS : HAUL_TRANSFER_OVER;
}

void haul_transfer_abandon(struct haul_transfer *t)
{
    struct haul_record *rec = &t->job->rec;

    haul_transfer_end_waiting(t, false);
    t->job->received += t->response.wire_bytes;
    t->attempt.connects += t->exchange.connects;
    t->hop.cut = HAUL_REASON_STOPPED;
    t->exchange.exitcode = 42; /* CURLE_ABORTED_BY_CALLBACK */
    haul_transfer_finish(t, HAUL_REASON_STOPPED);
    t->job->goes_on = false;
    rec->outcome = HAUL_OUTCOME_PENDING;
    rec->reason = HAUL_REASON_STOPPED;
    rec->verified = false;
    t->job->attempt = (struct haul_attempt){.contact = HAUL_CONTACT_UNKNOWN};
}

struct haul_job *haul_transfer_take_job(struct haul_transfer *t)
{
    struct haul_job *job = t->job;

    assert(haul_decoder_is_at_rest(&t->decoder) && haul_decoder_is_at_rest(&t->other));
    t->job = NULL;
    return job;
}
