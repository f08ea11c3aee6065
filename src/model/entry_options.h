#ifndef HAUL_MODEL_ENTRY_OPTIONS_H
#define HAUL_MODEL_ENTRY_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "haul/record.h"

/*
 * What a list says about one of its URLs, beyond the URL itself: where its body goes, what is sent
 * along with its request, where else it is to be had, and what is passed through into its record.
 *
 * Of a job: made when the job is made, constant once it is pushed, freed with it. Its strings are
 * the list's, checked but NOT escaped; a credential among them must reach no report and no log.
 */

/* Another URL that serves the same thing. Its strings are as those of a job (job.h). */
struct haul_mirror {
    const char *url;      /* what to fetch: absolute, without userinfo, no fragment */
    const char *origin;   /* scheme://host:port */
    const char *user;     /* userinfo of this URL, percent-decoded, or NULL */
    const char *password; /* or NULL */
};

struct haul_entry_options {
    /* saving; all of them as the list says, or NULL */
    const char *out;      /* file name, a relative path, not checked */
    const char *dir;      /* directory, not checked */
    const char *checksum; /* "sha-256=HEX" or another type of hash */

    /* the request; only ever sent to the origin of the first URL (haul_job_options_to_send) */
    const char *referer;    /* or NULL */
    const char *user_agent; /* instead of the run's, or NULL */
    const char **headers;   /* "Name: value", without CR, LF and NUL; or NULL */
    size_t header_count;
    const char *user;     /* http-user, or NULL; userinfo of the URL itself goes first */
    const char *password; /* http-passwd, or NULL */

    /* limits, instead of the run's; -1: as the run */
    int max_tries;              /* attempts at each mirror; 0: without end */
    int64_t retry_wait_ms;      /* between two attempts */
    int64_t timeout_ms;         /* an attempt that receives nothing for so long has stalled */
    int64_t connect_timeout_ms; /* until connected */
    int64_t speed_limit;        /* bytes per second; slower is a stall; 0: off */

    struct haul_mirror *mirrors; /* after the URL itself, in the order of the list; or NULL */
    size_t mirror_count;
    struct haul_attached *attached; /* goes into the record; names are distinct; or NULL */
    size_t attached_count;

    size_t bytes; /* memory of a copy, itself included (haul_entry_options_copy); else 0 */
};

/* Makes options that say nothing. */
void haul_entry_options_init(struct haul_entry_options *options);

/*
 * Copies options with all that they point to into one piece of memory, which free(3) releases.
 * NULL: out of memory. Any thread.
 */
struct haul_entry_options *haul_entry_options_copy(const struct haul_entry_options *options);

#endif
