#ifndef HAUL_ENGINE_EXPOSURE_H
#define HAUL_ENGINE_EXPOSURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "engine/run.h"
#include "model/job.h"

/*
 * Which hosts get the user's own credentials over plain http, where whoever is on the way reads
 * them: a name and password of --user or a [host] section, or a field of --header or a section that
 * is one (Authorization, Cookie, Proxy-Authorization). What stands in a URL or a list was written
 * for that very URL, and a section [host "http://..."] for http: that is not told. Nor is loopback,
 * where it leaves no machine (haul_net_is_local).
 *
 * What --netrc has for a host, and --cookie that is not for https only, is told alike.
 *
 * The dispatcher's. It remembers the hosts that were told, a few of them, and then no more.
 */
enum { HAUL_EXPOSURE_TOLD_MAX = 10 };

struct haul_exposure {
    char *told[HAUL_EXPOSURE_TOLD_MAX]; /* origins */
    size_t count;                       /* of these */
    bool has_ended;                     /* it was said that no more of them are told */
};

void haul_exposure_done(struct haul_exposure *exposure);

/*
 * Looks at a job that is about to be fetched, with all its mirrors. Appends what is to be said, a
 * line for each origin that was not told before, with newlines between them and unescaped.
 */
void haul_exposure_note(struct haul_exposure *exposure, const struct haul_run *run,
                        const struct haul_job *job, struct haul_buf *message);

#endif
