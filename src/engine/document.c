#include "engine/document.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/scratch.h"
#include "engine/retry.h"
#include "transfer/streams.h"

/* What is cut at its limit is so by what was decoded; only if that never comes, by what was sent. */
enum { CUT_WIRE_MARGIN = 1 << 20 };

struct haul_document {
    struct haul_document_env env;
    struct haul_streams *streams;
    uint64_t random_state; /* for the jitter of retries */
    int64_t next_us;       /* monotonic; no request begins earlier */

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
    struct haul_document *f = arg;

    f->written = 0;
    f->was_cut = false;
    if (lseek(f->fd, 0, SEEK_SET) == 0 && ftruncate(f->fd, 0) == 0)
        return HAUL_REASON_NONE;
    f->error = errno;
    return HAUL_REASON_INTERNAL;
}

static enum haul_reason write_all(struct haul_document *f, const uint8_t *bytes, size_t len)
{
    while (len) {
        ssize_t written = write(f->fd, bytes, len);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            f->error = written ? errno : EIO;
            return HAUL_REASON_INTERNAL;
        }
        bytes += written;
        len -= (size_t)written;
        f->written += written;
    }
    return HAUL_REASON_NONE;
}

static enum haul_reason take_body(void *arg, const uint8_t *bytes, size_t len)
{
    struct haul_document *f = arg;
    enum haul_reason reason;

    if (f->may_be_cut && (uint64_t)len > (uint64_t)(f->size_max - f->written)) {
        len = (size_t)(f->size_max - f->written);
        f->was_cut = true;
    }
    reason = write_all(f, bytes, len);
    return reason == HAUL_REASON_NONE && f->was_cut ? HAUL_REASON_TOO_LARGE : reason;
}

/* ---- attempts ---- */

static bool is_stopped(const struct haul_document *f)
{
    return haul_stop_level(f->env.stop) != HAUL_STOP_NONE;
}

/* Returns whether the time has come, and the run has not been stopped. */
static bool wait_until(struct haul_document *f, int64_t until_us)
{
    while (!is_stopped(f) && haul_clock_us() < until_us)
        haul_streams_run(f->streams, until_us);
    return !is_stopped(f);
}

/* One attempt at the job. Returns whether it came to its own end. */
static bool attempt(struct haul_document *f, struct haul_job *job)
{
    const struct haul_config *config = f->env.config;
    int64_t interval_us = config->interval_us > config->host_interval_us ? config->interval_us
                                                                         : config->host_interval_us;

    if (!wait_until(f, f->next_us))
        return false;
    f->next_us = haul_clock_us() + interval_us;
    haul_streams_start(f->streams, job);
    while (!haul_streams_has_done(f->streams)) {
        if (is_stopped(f))
            haul_streams_abort(f->streams);
        else
            haul_streams_run(f->streams, HAUL_CLOCK_NEVER);
    }
    (void)haul_streams_take_done(f->streams);
    return job->rec.outcome != HAUL_OUTCOME_PENDING;
}

static bool is_good(const struct haul_document *f, const struct haul_record *rec)
{
    bool has_good_status = rec->http_code >= 200 && rec->http_code <= 299;

    if (f->was_cut && rec->reason == HAUL_REASON_TOO_LARGE)
        return has_good_status;
    return has_good_status && rec->outcome == HAUL_OUTCOME_OK;
}

static enum haul_err attempt_all(struct haul_document *f, struct haul_job *job)
{
    struct haul_retry retry = {.again = true};

    while (retry.again) {
        if (!attempt(f, job))
            return HAUL_ERR_CLOSED;
        if (is_good(f, &job->rec))
            return HAUL_OK;
        if (f->error)
            return HAUL_ERR_IO;
        retry = haul_retry_decide(f->env.config, job, haul_clock_us(), &f->random_state);
        if (retry.again && !wait_until(f, haul_clock_us() + retry.wait_us))
            return HAUL_ERR_CLOSED;
    }
    return HAUL_ERR_IO;
}

/* ---- documents ---- */

static void explain(const struct haul_document *f, const struct haul_record *rec,
                    struct haul_buf *message)
{
    char word[HAUL_REASON_WORD_MAX];

    if (f->error) {
        haul_buf_addf(message, "a temporary file cannot be written: %s", strerror(f->error));
        return;
    }
    haul_buf_addf(message, "cannot be fetched: %s", haul_reason_word(rec, word));
    if (rec->outcome == HAUL_OUTCOME_OK) /* --accept may say so, and it is no sitemap's yet */
        haul_buf_addf(message, "http-%03d", rec->http_code);
    if (rec->reason == HAUL_REASON_TOO_LARGE)
        haul_buf_addf(message, ", more than %lld bytes", (long long)f->size_max);
    else if (rec->errormsg)
        haul_buf_addf(message, ", %s", rec->errormsg);
    if (rec->attempts > 1)
        haul_buf_addf(message, " (%d attempts)", rec->attempts);
}

static enum haul_err open_file(struct haul_document *f)
{
    f->fd = haul_scratch_open(NULL);
    f->error = f->fd < 0 ? errno : 0;
    return f->fd < 0 ? HAUL_ERR_IO : HAUL_OK;
}

static struct haul_job *make_job(struct haul_document *f, const struct haul_url *url)
{
    const struct haul_job_text text = {.shown = url->url,
                                       .shown_len = url->url_len,
                                       .url = url->url,
                                       .origin = url->origin,
                                       .user = url->user,
                                       .password = url->password};
    struct haul_job *job = haul_job_create(&text);

    if (job)
        job->body = &f->body;
    return job;
}

static enum haul_err run(struct haul_document *f, struct haul_job *job, struct haul_buf *message)
{
    enum haul_err err = open_file(f);

    if (!err)
        err = attempt_all(f, job);
    if (!err && lseek(f->fd, 0, SEEK_SET) != 0) {
        f->error = errno;
        err = HAUL_ERR_IO;
    }
    if (err == HAUL_ERR_IO)
        explain(f, &job->rec, message);
    if (err && f->fd >= 0)
        close(f->fd);
    return err;
}

enum haul_err haul_document_fetch(void *fetch, const struct haul_walk_request *request,
                                  struct haul_walk_answer *answer, struct haul_buf *message)
{
    struct haul_document *f = fetch;
    struct haul_job *job = make_job(f, request->url);
    enum haul_err err;

    if (!job)
        return HAUL_ERR_NOMEM;
    f->size_max = request->size_max;
    f->may_be_cut = request->may_be_cut;
    f->was_cut = false;
    f->body.max = request->may_be_cut ? 0 : request->size_max;
    f->body.wire_max =
        request->may_be_cut ? request->size_max + CUT_WIRE_MARGIN : request->size_max;
    err = run(f, job, message);
    if (!err) {
        answer->fd = f->fd;
        answer->was_cut = f->was_cut;
        if (job->rec.url_effective)
            haul_buf_add_str(&answer->effective, job->rec.url_effective);
    }
    haul_job_free(job);
    return err;
}

/* ---- making and unmaking ---- */

enum haul_err haul_document_create(const struct haul_document_env *env, struct haul_document **out)
{
    struct haul_document *f = calloc(1, sizeof *f);
    enum haul_err err;

    *out = NULL;
    if (!f)
        return HAUL_ERR_NOMEM;
    f->env = *env;
    f->random_state = (uint64_t)haul_clock_wall_us() << 10;
    f->body = (struct haul_job_body){.begin = begin_body, .take = take_body, .arg = f};
    err = haul_streams_create(env->net, env->stop, 1, &f->streams);
    if (err)
        haul_document_free(f);
    else
        *out = f;
    return err;
}

void haul_document_free(struct haul_document *f)
{
    if (!f)
        return;
    haul_streams_free(f->streams);
    free(f);
}

void haul_document_leave(struct haul_document *f)
{
    haul_streams_leave(f->streams);
}

void haul_document_wake(struct haul_document *f)
{
    haul_streams_wake(f->streams);
}
