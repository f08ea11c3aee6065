#include "engine/validators.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "history/lookup.h"
#include "journal/resume.h"

struct haul_validators {
    const struct haul_config *config;
    int fd;                             /* of the journal, -1: none */
    struct haul_resume *resume;         /* of the journal, or NULL */
    struct haul_history_lookup *lookup; /* of the history, or NULL */
};

/* ---- opening ---- */

static enum haul_err fail(struct haul_buf *message, const char *name, enum haul_err err,
                          const char *cause)
{
    haul_buf_addf(message, "%s: the earlier journal cannot be read: %s", name, cause);
    return err;
}

static enum haul_err check_stats(const char *name, const struct haul_resume_stats *stats,
                                 struct haul_buf *message)
{
    if (!stats->headers && !stats->records && (stats->damaged || stats->tail))
        return fail(message, name, HAUL_ERR_USAGE, "not a journal of haul's");
    if (stats->damaged)
        haul_buf_addf(message, "%s:%llu: the journal is damaged here; %llu line%s left out", name,
                      (unsigned long long)stats->damaged_line, (unsigned long long)stats->damaged,
                      stats->damaged == 1 ? "" : "s");
    return HAUL_OK;
}

static enum haul_err open_journal(struct haul_validators *validators, const char *name,
                                  struct haul_buf *message)
{
    char text[HAUL_IO_ERROR_MAX];
    struct haul_resume_stats stats;
    enum haul_err err;

    validators->fd = open(name, O_RDONLY | O_CLOEXEC);
    if (validators->fd < 0)
        return fail(message, name, HAUL_ERR_USAGE, haul_io_error_text(errno, text));
    err = haul_resume_create(&validators->resume);
    if (!err)
        err = haul_resume_add(validators->resume, validators->fd, &stats);
    if (!err)
        err = check_stats(name, &stats, message);
    if (!err)
        err = haul_resume_settle(validators->resume);
    if (err == HAUL_ERR_RANGE)
        return fail(message, name, HAUL_ERR_USAGE, "written by a later version of haul");
    if (err && !message->len)
        return fail(message, name, err,
                    err == HAUL_ERR_IO ? haul_io_error_text(errno, text) : haul_err_text(err));
    return err;
}

enum haul_err haul_validators_open(const struct haul_config *config, struct haul_validators **out,
                                   struct haul_buf *message)
{
    enum haul_err err = HAUL_OK;
    struct haul_validators *validators;

    *out = NULL;
    if (!config->etags && !config->timestamping)
        return HAUL_OK;
    validators = calloc(1, sizeof *validators);
    if (!validators)
        return HAUL_ERR_NOMEM;
    validators->config = config;
    validators->fd = -1;
    if (config->since)
        err = open_journal(validators, config->since, message);
    if (!err && config->history)
        err = haul_history_lookup_open(config->history, &validators->lookup, message);
    if (err)
        haul_validators_free(validators);
    else
        *out = validators;
    return err;
}

void haul_validators_free(struct haul_validators *validators)
{
    if (!validators)
        return;
    haul_resume_free(validators->resume);
    haul_history_lookup_free(validators->lookup);
    if (validators->fd >= 0)
        close(validators->fd);
    free(validators);
}

/* ---- looking up ---- */

/* False: the journal has nothing of use. */
static bool ask_journal(struct haul_validators *validators, uint64_t key,
                        struct haul_job_validators *found)
{
    struct haul_resume_place place;
    struct haul_record rec;

    if (!validators->resume || !haul_resume_take(validators->resume, key, &place) ||
        haul_resume_read(validators->resume, &place, &rec))
        return false;
    if ((rec.outcome != HAUL_OUTCOME_OK && rec.outcome != HAUL_OUTCOME_UNCHANGED) ||
        rec.size_body < 0 || !rec.url_effective)
        return false;
    *found = (struct haul_job_validators){.url = rec.url_effective,
                                          .etag = rec.etag,
                                          .modified = rec.last_modified,
                                          .size = rec.size_body};
    return true;
}

static bool ask_history(struct haul_validators *validators, const struct haul_job *job,
                        struct haul_job_validators *found)
{
    struct haul_history_page page;

    if (!validators->lookup || haul_history_lookup_find(validators->lookup, job->key, &page))
        return false;
    *found = (struct haul_job_validators){
        .url = job->url, .etag = page.etag, .modified = page.last_modified, .size = page.size};
    return true;
}

/* A journal may come from other hands: what it says must not begin a header of its own. */
static const char *sendable(const char *value)
{
    for (const char *at = value; at && *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return NULL;
    return value && *value ? value : NULL;
}

enum haul_err haul_validators_look_up(struct haul_validators *validators, struct haul_job *job,
                                      int64_t size)
{
    struct haul_job_validators found;

    if (!ask_journal(validators, job->key, &found) && !ask_history(validators, job, &found))
        return HAUL_OK;
    if (size >= 0 && found.size != size)
        return HAUL_OK;
    found.etag = sendable(found.etag);
    found.modified = sendable(found.modified);
    if (!(validators->config->etags && found.etag) &&
        !(validators->config->timestamping && found.modified))
        return HAUL_OK;
    return haul_job_keep_validators(job, &found);
}
