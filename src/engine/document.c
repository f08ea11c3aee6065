#include "engine/document.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/scratch.h"
#include "engine/notices.h"
#include "engine/retry.h"
#include "transfer/streams.h"

/*
 * A document is cut by its decoded bytes. Should those never come, so many more as sent are enough.
 */
enum { CUT_WIRE_MARGIN = 1 << 20 };

struct haul_document {
    struct haul_run *run;
    struct haul_streams *streams;
    uint64_t random_state; /* for the jitter of retries */
    int64_t next_us;       /* monotonic; no request begins earlier */
    void (*meanwhile)(void *arg);
    void *meanwhile_arg;
    struct haul_notices passed;

    /* of the document */
    int fd;
    int error; /* of a write that failed, 0: none */
    int64_t written, size_max;
    bool may_be_cut, was_cut;
    struct haul_job_body body;
};

/* ---- the body: called by the transfer, on our thread ---- */

static enum haul_reason begin_body(void *arg)
{
    struct haul_document *document = arg;

    document->written = 0;
    document->was_cut = false;
    if (lseek(document->fd, 0, SEEK_SET) == 0 && ftruncate(document->fd, 0) == 0)
        return HAUL_REASON_NONE;
    document->error = errno;
    return HAUL_REASON_INTERNAL;
}

static enum haul_reason take_body(void *arg, const uint8_t *bytes, size_t len)
{
    struct haul_document *document = arg;

    if (document->may_be_cut &&
        (uint64_t)len > (uint64_t)(document->size_max - document->written)) {
        len = (size_t)(document->size_max - document->written);
        document->was_cut = true;
    }
    document->error = haul_io_write_all(document->fd, bytes, len, NULL);
    if (document->error)
        return HAUL_REASON_INTERNAL;
    document->written += (int64_t)len;
    return document->was_cut ? HAUL_REASON_TOO_LARGE : HAUL_REASON_NONE;
}

/* ---- attempts ---- */

static bool is_stopped(const struct haul_document *document)
{
    return haul_stop_level(&document->run->stop) != HAUL_STOP_NONE;
}

static void run_streams(struct haul_document *document, int64_t until_us)
{
    haul_streams_run(document->streams, until_us);
    if (document->meanwhile)
        document->meanwhile(document->meanwhile_arg);
}

/* Returns whether the time has come, and the run has not been stopped. */
static bool wait_until(struct haul_document *document, int64_t until_us)
{
    while (!is_stopped(document) && haul_clock_us() < until_us)
        run_streams(document, until_us);
    return !is_stopped(document);
}

/* One attempt at the job. Returns whether it came to its own end. */
static bool attempt(struct haul_document *document, struct haul_job *job)
{
    const struct haul_config *config = document->run->config;
    int64_t interval_us = config->interval_us > config->host_interval_us ? config->interval_us
                                                                         : config->host_interval_us;

    if (!wait_until(document, document->next_us))
        return false;
    document->next_us = haul_clock_us() + interval_us;
    haul_streams_start(document->streams, job);
    while (!haul_streams_has_done(document->streams)) {
        if (is_stopped(document))
            haul_streams_abort(document->streams);
        else
            run_streams(document, HAUL_CLOCK_NEVER);
    }
    (void)haul_streams_take_done(document->streams);
    haul_notices_pass_on(&document->passed, job, document->run->resultq);
    return job->rec.outcome != HAUL_OUTCOME_PENDING;
}

static bool is_good(const struct haul_document *document, const struct haul_record *rec)
{
    bool is_cut = document->was_cut && rec->reason == HAUL_REASON_TOO_LARGE;

    return rec->http_code >= 200 && rec->http_code <= 299 &&
           (is_cut || rec->outcome == HAUL_OUTCOME_OK);
}

static enum haul_err attempt_all(struct haul_document *document, struct haul_job *job)
{
    struct haul_retry retry = {.again = true};

    while (retry.again) {
        if (!attempt(document, job))
            return HAUL_ERR_CLOSED;
        if (is_good(document, &job->rec))
            return HAUL_OK;
        if (document->error)
            return HAUL_ERR_IO;
        retry =
            haul_retry_decide(document->run->config, job, haul_clock_us(), &document->random_state);
        if (retry.again && !wait_until(document, haul_clock_us() + retry.wait_us))
            return HAUL_ERR_CLOSED;
    }
    return HAUL_ERR_IO;
}

/* ---- documents ---- */

static void explain(const struct haul_document *document, const struct haul_record *rec,
                    struct haul_buf *message)
{
    char word[HAUL_REASON_WORD_MAX], text[HAUL_IO_ERROR_MAX];

    if (document->error) {
        haul_buf_addf(message, "a temporary file cannot be written: %s",
                      haul_io_error_text(document->error, text));
        return;
    }
    haul_buf_addf(message, "cannot be fetched: %s", haul_reason_word(rec, word));
    if (rec->outcome == HAUL_OUTCOME_OK) /* --accept lets it pass, but it is no sitemap */
        haul_buf_addf(message, "http-%03d", rec->http_code);
    if (rec->reason == HAUL_REASON_TOO_LARGE)
        haul_buf_addf(message, ", more than %lld bytes", (long long)document->size_max);
    else if (rec->errormsg)
        haul_buf_addf(message, ", %s", rec->errormsg);
    if (rec->attempts > 1)
        haul_buf_addf(message, " (%d attempts)", rec->attempts);
}

static struct haul_job *make_job(struct haul_document *document,
                                 const struct haul_walk_request *request)
{
    const struct haul_url *url = request->url;
    const struct haul_job_text text = {.shown = url->url,
                                       .shown_len = url->url_len,
                                       .url = url->url,
                                       .origin = url->origin,
                                       .user = url->user,
                                       .password = url->password};
    struct haul_job *job = haul_job_create(&text);

    if (job) {
        job->body = &document->body;
        job->named_by = request->named_by;
        job->given = request->given;
    }
    return job;
}

static enum haul_err run(struct haul_document *document, struct haul_job *job,
                         struct haul_buf *message)
{
    enum haul_err err = HAUL_ERR_IO;

    document->fd = haul_scratch_open(NULL);
    document->error = document->fd < 0 ? errno : 0;
    if (!document->error)
        err = attempt_all(document, job);
    if (!err && lseek(document->fd, 0, SEEK_SET) != 0) {
        document->error = errno;
        err = HAUL_ERR_IO;
    }
    if (err == HAUL_ERR_IO)
        explain(document, &job->rec, message);
    if (err && document->fd >= 0)
        close(document->fd);
    return err;
}

enum haul_err haul_document_fetch(void *arg, const struct haul_walk_request *request,
                                  struct haul_walk_answer *answer, struct haul_buf *message)
{
    struct haul_document *document = arg;
    struct haul_job *job = make_job(document, request);
    enum haul_err err;

    if (!job)
        return HAUL_ERR_NOMEM;
    document->size_max = request->size_max;
    document->may_be_cut = request->may_be_cut;
    document->was_cut = false;
    document->body.max = request->may_be_cut ? 0 : request->size_max;
    document->body.wire_max =
        request->may_be_cut ? request->size_max + CUT_WIRE_MARGIN : request->size_max;
    document->body.sent = &answer->sent;
    document->body.effective = &answer->effective;
    err = run(document, job, message);
    if (!err) {
        answer->fd = document->fd;
        answer->was_cut = document->was_cut;
    }
    haul_job_free(job);
    return err;
}

/* ---- making and unmaking ---- */

enum haul_err haul_document_create(struct haul_run *run, struct haul_document **out)
{
    struct haul_document *document = calloc(1, sizeof *document);
    enum haul_err err;

    *out = NULL;
    if (!document)
        return HAUL_ERR_NOMEM;
    document->run = run;
    document->random_state = (uint64_t)haul_clock_wall_us() << 10;
    document->body =
        (struct haul_job_body){.begin = begin_body, .take = take_body, .arg = document};
    err = haul_streams_create(run->net, &run->stop, 1, &document->streams);
    if (err)
        haul_document_free(document);
    else
        *out = document;
    return err;
}

void haul_document_set_meanwhile(struct haul_document *document, void (*meanwhile)(void *arg),
                                 void *arg)
{
    document->meanwhile = meanwhile;
    document->meanwhile_arg = arg;
}

void haul_document_free(struct haul_document *document)
{
    if (!document)
        return;
    haul_streams_free(document->streams);
    haul_notices_done(&document->passed);
    free(document);
}

void haul_document_wake(struct haul_document *document)
{
    haul_streams_wake(document->streams);
}
