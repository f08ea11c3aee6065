#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "model/key.h"
#include "transfer/transfer_inside.h"

/*
 * A redirect's own body is read and thrown away up to this size, so that its connection can be used
 * again; a longer one is cut off.
 */
enum { REDIRECT_BODY_MAX = 65536 };

/* ---- the head ---- */

static int64_t body_max(const struct haul_transfer *t)
{
    return t->job->body ? t->job->body->max : t->config->max_filesize;
}

static bool announces_too_much(const struct haul_transfer *t)
{
    const struct haul_response *res = &t->response;

    return body_max(t) && !haul_response_has_no_body(res) && !haul_transfer_is_coded(t) &&
           !haul_transfer_is_followed(t) &&
           haul_response_expected_bytes(res) > body_max(t) - haul_transfer_offset(t);
}

static bool differs(const char *now, const char *before)
{
    return now[0] && strcmp(now, before) != 0;
}

/*
 * A part is of use only if all that it says fits what is left; what it need not say, it may leave
 * out (RFC 9110, 15.3.7). That it begins and ends where it has to, the response sees to.
 */
static bool is_foreign_part(const struct haul_transfer *t)
{
    const struct haul_response *res = &t->response;

    return haul_transfer_is_continuation(t) &&
           (res->range_total < 0 || haul_transfer_is_coded(t) || res->etag_ambiguous ||
            res->date_ambiguous || differs(res->etag, t->hop.part.etag) ||
            differs(res->last_modified, t->hop.part.last_modified));
}

static bool on_head(void *arg)
{
    struct haul_transfer *t = arg;

    haul_transfer_begin_capture(t);
    if (announces_too_much(t))
        t->hop.cut = HAUL_REASON_TOO_LARGE;
    else if (is_foreign_part(t))
        t->hop.cut = HAUL_REASON_BAD_RANGE;
    else
        t->hop.is_in_doubt = haul_transfer_is_in_doubt(t);
    return t->hop.cut == HAUL_REASON_NONE && !t->hop.is_in_doubt;
}

/* ---- what is to become of the body ---- */

/* The rest is asked for without a coding, and may then be another body's. */
static bool is_packed_for_us(const struct haul_transfer *t)
{
    return t->hop.offers && haul_response_keeps_coding(&t->response);
}

/* Only of a body that comes as it is, and that can be known again, a part is worth something. */
static bool may_be_continued(const struct haul_transfer *t)
{
    return t->config->continues && !t->job->body && t->job->name && !haul_transfer_is_coded(t) &&
           !is_packed_for_us(t) &&
           (haul_transfer_is_continuation(t) ||
            (t->response.status == 200 &&
             haul_response_strong_validator(&t->response, haul_clock_wall_us() / 1000000)));
}

struct haul_body_plan haul_transfer_plan_body(struct haul_transfer *t)
{
    return (struct haul_body_plan){.url = t->job->url,
                                   .name = t->job->name,
                                   .earlier = t->job->earlier,
                                   .removes = t->job->removes,
                                   .checksum = t->job->checksum,
                                   .has_other = haul_transfer_has_other_form(t),
                                   .expected = haul_transfer_whole_size(t),
                                   .offset = haul_transfer_offset(t),
                                   .part = may_be_continued(t) ? &t->hop.part : NULL};
}

bool haul_transfer_wants_body(const struct haul_transfer *t, const struct haul_body_plan *plan)
{
    int status = haul_transfer_is_continuation(t) ? 200 : t->response.status;

    return !t->job->body && t->job->step == HAUL_STEP_GET &&
           haul_status_set_has(&t->config->accept, status) && haul_body_is_wanted(&t->body, plan);
}

static void copy_text(char *place, size_t size, const char *text)
{
    snprintf(place, size, "%s", text);
}

/* Of a continuation all this is known already, and an answer need not repeat it. */
static void fill_part(struct haul_transfer *t)
{
    const struct haul_response *res = &t->response;
    struct haul_part *part = &t->hop.part;

    if (haul_transfer_is_continuation(t))
        return;
    part->url =
        haul_key_of_url(HAUL_KEY_URL, &t->config->ignore_params, haul_buf_str(&t->url), t->url.len);
    part->total = haul_transfer_whole_size(t);
    copy_text(part->etag, sizeof part->etag, res->etag);
    copy_text(part->last_modified, sizeof part->last_modified, res->last_modified);
    copy_text(part->content_type, sizeof part->content_type, res->content_type);
}

enum haul_reason haul_transfer_begin_saving(struct haul_transfer *t,
                                            const struct haul_body_plan *plan)
{
    t->hop.is_there = t->config->skip_existing && haul_body_is_there(&t->body, plan);
    if (plan->part)
        fill_part(t);
    return t->hop.is_there ? HAUL_REASON_NONE : haul_body_begin(&t->body, plan);
}

/* ---- the body ---- */

static enum haul_reason on_decoded(void *arg, const uint8_t *bytes, size_t len)
{
    struct haul_transfer *t = arg;

    return haul_body_write(&t->body, bytes, len);
}

/* What may still come; 0: no limit. */
static int64_t decoded_max(const struct haul_transfer *t)
{
    int64_t max = body_max(t), offset = haul_transfer_offset(t);

    if (!max)
        return 0;
    return max > offset ? max - offset : 1;
}

/*
 * haul reads a document itself, and undoes its coding whatever is wanted of bodies. But a coding
 * that cannot be undone may be none ("utf-8"), and who wants none undone is taken at his word.
 */
static enum haul_reason begin_document(struct haul_transfer *t,
                                       const struct haul_decode_limits *limits)
{
    const struct haul_job_body *body = t->job->body;
    enum haul_reason reason = haul_decoder_begin(&t->decoder, haul_response_coding(&t->response),
                                                 limits, body->take, body->arg);

    if (!t->decoder.is_unknown || t->config->compressed)
        return reason;
    return haul_decoder_begin(&t->decoder, NULL, limits, body->take, body->arg);
}

static enum haul_reason begin_body(struct haul_transfer *t)
{
    const struct haul_job_body *body = t->job->body;
    const struct haul_body_plan plan = haul_transfer_plan_body(t);
    bool wanted = haul_transfer_wants_body(t, &plan);
    const struct haul_decode_limits limits = {.body_max = decoded_max(t),
                                              .ratio_max = HAUL_DECODE_RATIO_MAX,
                                              .ratio_from = HAUL_DECODE_RATIO_FROM,
                                              .memory = t->env->net->memory};
    enum haul_reason reason = HAUL_REASON_NONE;

    if (body)
        reason = body->begin(body->arg);
    else if (wanted)
        reason = haul_transfer_begin_saving(t, &plan);
    t->hop.decoding = true;
    if (reason == HAUL_REASON_NONE && !body)
        reason = haul_transfer_begin_other(t, &limits);
    if (reason != HAUL_REASON_NONE)
        return reason;
    if (body)
        reason = begin_document(t, &limits);
    else
        reason = haul_decoder_begin(&t->decoder, haul_response_coding(&t->response), &limits,
                                    wanted ? on_decoded : NULL, t);
    return haul_transfer_note_memory(t, &t->decoder, reason);
}

/* A coded body may go on without end and never come to a byte that counts. */
static bool is_beyond_wire_max(const struct haul_transfer *t)
{
    const struct haul_job_body *body = t->job->body;

    return body && body->wire_max && t->response.wire_bytes > body->wire_max;
}

static enum haul_reason take_body(struct haul_transfer *t, const char *bytes, size_t len)
{
    enum haul_reason reason = HAUL_REASON_NONE;

    if (is_beyond_wire_max(t))
        return HAUL_REASON_TOO_LARGE;
    if (!t->hop.decoding)
        reason = begin_body(t);
    if (reason != HAUL_REASON_NONE || t->hop.is_there)
        return reason;
    reason = haul_transfer_feed_other(t, bytes, len);
    if (reason != HAUL_REASON_NONE)
        return reason;
    reason = haul_decoder_feed(&t->decoder, (const uint8_t *)bytes, len);
    return haul_transfer_note_memory(t, &t->decoder, reason);
}

static bool on_body(void *arg, const char *bytes, size_t len)
{
    struct haul_transfer *t = arg;
    bool is_unwanted = haul_transfer_is_followed(t);

    haul_transfer_capture(t, bytes, len);
    if (!is_unwanted)
        t->hop.cut = take_body(t, bytes, len);
    if (is_unwanted || t->hop.is_there)
        t->hop.has_enough = t->response.wire_bytes > REDIRECT_BODY_MAX;
    return t->hop.cut == HAUL_REASON_NONE && !t->hop.has_enough;
}

const struct haul_exchange_events haul_transfer_events = {.head = on_head, .body = on_body};
