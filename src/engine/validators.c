#include "engine/validators.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "history/lookup.h"
#include "journal/resume.h"

struct haul_validators {
    const struct haul_config *config;
    int fd;                            /* of the journal, -1: none */
    struct haul_resume *resume;        /* of the journal, or NULL */
    struct haul_history_lookup *known; /* of the history, or NULL */
};

/* ---- opening ---- */

static enum haul_err fail(struct haul_buf *message, const char *name, enum haul_err err,
                          const char *cause)
{
    haul_buf_addf(message, "%s: the earlier journal cannot be read: %s", name, cause);
    return err;
}

static enum haul_err judge(const char *name, const struct haul_resume_stats *stats,
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

static enum haul_err open_journal(struct haul_validators *earlier, const char *name,
                                  struct haul_buf *message)
{
    struct haul_resume_stats stats;
    enum haul_err err;

    earlier->fd = open(name, O_RDONLY | O_CLOEXEC);
    if (earlier->fd < 0)
        return fail(message, name, HAUL_ERR_USAGE, strerror(errno));
    err = haul_resume_create(&earlier->resume);
    if (!err)
        err = haul_resume_add(earlier->resume, earlier->fd, &stats);
    if (!err)
        err = judge(name, &stats, message);
    if (!err)
        err = haul_resume_settle(earlier->resume);
    if (err == HAUL_ERR_RANGE)
        return fail(message, name, HAUL_ERR_USAGE, "written by a later version of haul");
    if (err && !message->len)
        return fail(message, name, err, err == HAUL_ERR_IO ? strerror(errno) : haul_err_text(err));
    return err;
}

enum haul_err haul_validators_open(const struct haul_config *config, struct haul_validators **out,
                                   struct haul_buf *message)
{
    enum haul_err err = HAUL_OK;
    struct haul_validators *earlier;

    *out = NULL;
    if (!config->etags && !config->timestamping)
        return HAUL_OK;
    earlier = calloc(1, sizeof *earlier);
    if (!earlier)
        return HAUL_ERR_NOMEM;
    earlier->config = config;
    earlier->fd = -1;
    if (config->since)
        err = open_journal(earlier, config->since, message);
    if (!err && config->history)
        err = haul_history_lookup_open(config->history, &earlier->known, message);
    if (err)
        haul_validators_free(earlier);
    else
        *out = earlier;
    return err;
}

void haul_validators_free(struct haul_validators *earlier)
{
    if (!earlier)
        return;
    haul_resume_free(earlier->resume);
    haul_history_lookup_free(earlier->known);
    if (earlier->fd >= 0)
        close(earlier->fd);
    free(earlier);
}

/* ---- looking up ---- */

/* False: the journal has nothing of use. */
static bool ask_journal(struct haul_validators *earlier, uint64_t key, struct haul_job_known *known)
{
    struct haul_resume_place place;
    struct haul_record rec;

    if (!earlier->resume || !haul_resume_take(earlier->resume, key, &place) ||
        haul_resume_read(earlier->resume, &place, &rec))
        return false;
    if ((rec.outcome != HAUL_OUTCOME_OK && rec.outcome != HAUL_OUTCOME_UNCHANGED) ||
        rec.size_body < 0 || !rec.url_effective)
        return false;
    *known = (struct haul_job_known){.url = rec.url_effective,
                                     .etag = rec.etag,
                                     .modified = rec.last_modified,
                                     .size = rec.size_body};
    return true;
}

static bool ask_history(struct haul_validators *earlier, const struct haul_job *job,
                        struct haul_job_known *known)
{
    struct haul_history_page page;

    if (!earlier->known || haul_history_lookup_find(earlier->known, job->key, &page))
        return false;
    *known = (struct haul_job_known){
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

enum haul_err haul_validators_look_up(struct haul_validators *earlier, struct haul_job *job,
                                      int64_t size)
{
    struct haul_job_known known;

    if (!ask_journal(earlier, job->key, &known) && !ask_history(earlier, job, &known))
        return HAUL_OK;
    if (size >= 0 && known.size != size)
        return HAUL_OK;
    known.etag = sendable(known.etag);
    known.modified = sendable(known.modified);
    if (!(earlier->config->etags && known.etag) &&
        !(earlier->config->timestamping && known.modified))
        return HAUL_OK;
    return haul_job_keep_known(job, &known);
}
