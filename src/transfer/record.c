#include <string.h>

#include "base/clock.h"
#include "http/size_probe.h"
#include "transfer/transfer_inside.h"

/* ---- what the attempt said of its origin ---- */

/* Who has waited for memory had an answer before. */
static bool is_timeout_before_contact(const struct haul_transfer *t)
{
    return !t->exchange.sent_us && !t->attempt.needs;
}

static enum haul_contact contact_of(const struct haul_transfer *t, enum haul_reason reason)
{
    if (!t->attempt.at_home)
        return HAUL_CONTACT_MADE;
    switch (reason) {
    case HAUL_REASON_DNS:
    case HAUL_REASON_CONNECT:
    case HAUL_REASON_TLS:
        return HAUL_CONTACT_FAILED;
    case HAUL_REASON_TIMEOUT:
        return is_timeout_before_contact(t) ? HAUL_CONTACT_FAILED : HAUL_CONTACT_MADE;
    case HAUL_REASON_NO_MEMORY:
    case HAUL_REASON_NO_RESOURCE:
    case HAUL_REASON_ADDRESS:
        return HAUL_CONTACT_UNKNOWN;
    default:
        return HAUL_CONTACT_MADE;
    }
}

static int64_t setup_time_us(const struct haul_transfer *t)
{
    const struct haul_exchange *x = &t->exchange;

    return t->attempt.at_home && x->connects && x->secured_us ? x->secured_us - x->begun_us : 0;
}

static void note_origin(struct haul_transfer *t, enum haul_reason reason)
{
    const struct haul_response *res = &t->response;
    bool at_home = t->attempt.at_home, throttled = res->status == 429 || res->status == 503;
    int64_t wait_s =
        throttled ? haul_response_retry_after_s(res, haul_clock_wall_us() / 1000000) : -1;
    int64_t setup_us = setup_time_us(t);

    t->job->attempt = (struct haul_attempt){.contact = contact_of(t, reason),
                                            .setup_us = setup_us,
                                            .work_us = haul_clock_us() - t->hop.begun_us - setup_us,
                                            .throttled = throttled && at_home,
                                            .elsewhere = !at_home,
                                            .pause_us = wait_s > 0 ? wait_s * 1000000 : 0};
}

/* ---- numbers ---- */

/* A moment of the last hop, counted from the start of the attempt, as curl's are after redirects;
 * -1 if it never came. */
static int64_t since_begin_us(const struct haul_transfer *t, int64_t moment_us)
{
    return moment_us ? moment_us - t->attempt.begun_us : -1;
}

static void record_times(const struct haul_transfer *t, struct haul_record *rec)
{
    const struct haul_exchange *x = &t->exchange;
    int64_t now_us = haul_clock_us();

    rec->time_redirect_us = t->attempt.redirects ? t->hop.begun_us - t->attempt.begun_us : 0;
    rec->time_namelookup_us = since_begin_us(t, x->resolved_us);
    rec->time_connect_us = since_begin_us(t, x->connected_us);
    rec->time_appconnect_us = since_begin_us(t, x->secured_us);
    rec->time_pretransfer_us = since_begin_us(t, x->sent_us);
    rec->time_starttransfer_us = since_begin_us(t, x->first_us);
    rec->time_total_us = now_us - t->attempt.begun_us;
    rec->time_elapsed_us = now_us - t->job->first_start_us;
}

static const char *version_text(int version)
{
    switch (version) {
    case 10:
        return "1.0";
    case 11:
        return "1.1";
    case 20:
        return "2";
    default:
        return NULL;
    }
}

static void record_sizes(const struct haul_transfer *t, struct haul_record *rec)
{
    const struct haul_response *res = &t->response;

    rec->http_code = res->status;
    rec->http_version = version_text(res->version);
    rec->num_headers = res->fields;
    rec->content_length = res->content_length;
    rec->size_download = res->wire_bytes;
    rec->size_body = t->hop.decoding ? t->decoder.size_body + haul_transfer_offset(t) : 0;
    rec->size_header = t->attempt.header_bytes + res->header_bytes;
    rec->size_request = t->attempt.request_bytes + t->exchange.request_bytes;
    rec->num_redirects = t->attempt.redirects;
    rec->num_connects = t->attempt.connects;
    rec->ssl_verify_result = t->exchange.verify_result;
    rec->remote_port = t->exchange.port;
}

/* ---- texts ---- */

static const char *text_or_null(const char *text)
{
    return text && text[0] ? text : NULL;
}

enum { MESSAGE_MAX = HAUL_RESPONSE_CODING_MAX + 128 }; /* bytes, with NUL */

/* Servers put charsets and names of formats there ("utf-8", "zip", "aws-chunked"). */
static const char *unknown_coding(const struct haul_transfer *t, char text[MESSAGE_MAX])
{
    const char *list = haul_response_coding(&t->response);

    snprintf(text, MESSAGE_MAX,
             "Content-Encoding: %s is none that haul undoes; with --no-compressed the body is "
             "taken as it comes",
             list + strspn(list, " \t"));
    return text;
}

/* The same as a list is told of (input/reader.c). */
static const char *too_much(const struct haul_transfer *t, char text[MESSAGE_MAX])
{
    snprintf(text, MESSAGE_MAX, "the %s data are followed by something else", t->decoder.followed);
    return text;
}

/* What went wrong in words: the wire's own if it found the fault, else the reason's. `text` is room
 * for words of this answer. */
static const char *message_of(const struct haul_transfer *t, char text[MESSAGE_MAX])
{
    enum haul_reason reason = t->job->rec.reason;

    if (reason == HAUL_REASON_NONE || reason == HAUL_REASON_HTTP_STATUS)
        return NULL;
    if (haul_body_message(&t->body))
        return haul_body_message(&t->body);
    if (reason == HAUL_REASON_BAD_ENCODING && t->hop.decoding && t->decoder.is_unknown)
        return unknown_coding(t, text);
    if (reason == HAUL_REASON_NO_MEMORY && t->hop.short_of_memory)
        return "to decode it would take more memory than --decode-memory allows";
    if (t->hop.cut == HAUL_REASON_NONE && t->exchange.reason == reason && t->exchange.message[0] &&
        reason != HAUL_REASON_ADDRESS)
        return t->exchange.message;
    if (t->hop.decoding && t->decoder.followed && t->decoder.reason == reason)
        return too_much(t, text);
    return haul_reason_text(reason);
}

/* A 304 need not repeat them (RFC 9110, 15.4.5); the run after this one asks with them again. */
static void keep_validators(const struct haul_job_validators *validators, struct haul_record *text)
{
    if (!text->etag)
        text->etag = validators->etag;
    if (!text->last_modified)
        text->last_modified = validators->modified;
}

/* A 206 need not repeat what the answer said whose beginning is left (RFC 9110, 15.3.7). */
static void keep_part(const struct haul_part *part, struct haul_record *text)
{
    if (!text->etag)
        text->etag = text_or_null(part->etag);
    if (!text->last_modified)
        text->last_modified = text_or_null(part->last_modified);
    if (!text->content_type)
        text->content_type = text_or_null(part->content_type);
}

/* The file that has the body: it was saved, or was there, or has not changed since it was saved. */
static const char *file_of(const struct haul_transfer *t)
{
    bool was_there = t->hop.is_there || t->job->rec.outcome == HAUL_OUTCOME_UNCHANGED;

    return was_there ? haul_job_file_told(t->job) : haul_body_name(&t->body);
}

static void record_text(struct haul_transfer *t)
{
    char message[MESSAGE_MAX];
    struct haul_record text = {.url_effective = haul_buf_str(&t->url),
                               .content_type = text_or_null(t->response.content_type),
                               .etag = text_or_null(t->response.etag),
                               .last_modified = text_or_null(t->response.last_modified),
                               .remote_ip = text_or_null(t->exchange.ip),
                               .filename_effective = file_of(t),
                               .md5 = haul_body_hex(&t->body, HAUL_HASH_MD5),
                               .sha1 = haul_body_hex(&t->body, HAUL_HASH_SHA1),
                               .sha256 = haul_body_hex(&t->body, HAUL_HASH_SHA256),
                               .sha512 = haul_body_hex(&t->body, HAUL_HASH_SHA512),
                               .errormsg = message_of(t, message)};

    if (t->job->rec.outcome == HAUL_OUTCOME_UNCHANGED)
        keep_validators(t->job->validators, &text);
    if (haul_transfer_is_continuation(t))
        keep_part(&t->hop.part, &text);
    haul_transfer_hide(t, &text);
    haul_job_keep_text(t->job, &text);
    haul_transfer_keep_notices(t);
}

/* ---- the size ---- */

/* Of what is there already, nothing needs to have come. */
static void skip_body(const struct haul_transfer *t, struct haul_record *rec)
{
    rec->outcome = HAUL_OUTCOME_SKIPPED;
    rec->reason = HAUL_REASON_EXISTS;
    rec->verified = false;
    rec->size_body = haul_transfer_whole_size(t);
}

/* Where the size came from; and one that was only told proves nothing about a body. */
static void record_size_method(const struct haul_transfer *t, int64_t told)
{
    struct haul_record *rec = &t->job->rec;

    rec->size_method = NULL;
    if (t->job->step == HAUL_STEP_HEAD || told >= 0) {
        rec->verified = false;
        rec->size_body = told;
    }
    if (rec->outcome != HAUL_OUTCOME_OK || rec->size_body < 0)
        return;
    rec->size_method = told < 0 ? "get" : t->job->step == HAUL_STEP_HEAD ? "head" : "range";
}

/* What a step came to, if it is one of several: the size that it told, or the next one. */
static int64_t evaluate_step(struct haul_transfer *t, const struct haul_verdict *verdict)
{
    struct haul_job *job = t->job;
    struct haul_size_probe probe;

    if (job->step == HAUL_STEP_HEAD && t->config->method == HAUL_METHOD_HEAD)
        return haul_size_probe_head_size(&t->response);
    probe = haul_size_probe_evaluate(job->step, &t->response, verdict);
    job->goes_on = !probe.over;
    if (!job->goes_on)
        return probe.size;
    job->step = probe.next;
    job->spent_us += haul_clock_us() - t->attempt.begun_us;
    if (job->rec.outcome == HAUL_OUTCOME_OK) {
        job->rec.outcome = HAUL_OUTCOME_FAILED;
        job->rec.reason = HAUL_REASON_HOST_DOWN;
    }
    return -1;
}

void haul_transfer_record(struct haul_transfer *t, const struct haul_verdict *verdict)
{
    struct haul_record *rec = &t->job->rec;

    rec->outcome = verdict->outcome;
    rec->reason = verdict->reason;
    rec->verified = verdict->verified;
    rec->exitcode = t->exchange.exitcode;
    rec->method = t->job->step == HAUL_STEP_HEAD ? "HEAD" : "GET";
    record_sizes(t, rec);
    record_size_method(t, evaluate_step(t, verdict));
    if (t->hop.is_there)
        skip_body(t, rec);
    if (verdict->outcome == HAUL_OUTCOME_UNCHANGED)
        rec->size_body = t->job->validators->size;
    record_times(t, rec);
    record_text(t);
    note_origin(t, verdict->reason);
}
