#ifndef HAUL_MODEL_JOB_H
#define HAUL_MODEL_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/spool.h"
#include "haul/err.h"
#include "haul/record.h"
#include "model/asked.h"
#include "model/cookie.h"
#include "model/key.h"

/*
 * A job: one URL to fetch, and in the end its result.
 *
 * One object serves for both, so that a job that was admitted can always be reported: nothing has
 * to be allocated to say that memory ran out. It travels dispatcher -> work queue -> worker ->
 * results queue -> collector, and belongs to whoever holds it. While a worker runs it, the work
 * queue keeps it in its list of running jobs and may read the fields marked [const after push].
 */
struct haul_origin;
struct haul_robots_rules; /* input/robots_rules.h */
struct haul_robots_known; /* engine/sched_robots.h */

enum {
    HAUL_ENTRY_LINE_MAX = 65536,  /* bytes of a line of a list */
    HAUL_ENTRY_COLUMNS_MAX = 256, /* of a row of a table, that of the URL included */
};

/* What a request asks for: the body, or a step towards its size without it (http/size_probe.h). */
enum haul_step { HAUL_STEP_GET, HAUL_STEP_HEAD, HAUL_STEP_RANGE };

/* Whether the last attempt got through to its origin: connected and, for https, TLS set up. */
enum haul_contact { HAUL_CONTACT_UNKNOWN, HAUL_CONTACT_MADE, HAUL_CONTACT_FAILED };

/* What the last attempt said about its origin. [worker] */
struct haul_attempt {
    enum haul_contact contact;
    bool throttled; /* the origin said 429 or 503 */
    bool refused; /* it asked for a longer pause than is allowed; counts as a failure to reach it */
    int64_t pause_us; /* asked for by Retry-After or RateLimit-Reset, from its receipt; 0: none */
    bool elsewhere;   /* another origin answered, after a redirect: the pause holds this job only */
    bool unasked;     /* nothing was asked for: its start does not count for politeness */
    int64_t setup_us; /* until its TLS connection was there, if one was made for it; else 0 */
    int64_t work_us;  /* the rest of the attempt's time */
};

/*
 * What an origin is slowed down or given up for: incidents in a row, and the last of them. Answers
 * or failures of attempts that ran at the same time are one incident (engine/pace.h).
 */
struct haul_incidents {
    int count;               /* in a row; 0: none */
    enum haul_reason reason; /* of the attempt that was the last one */
    int http_code;           /* its status, or 0 */
    int64_t at_us;           /* monotonic; when it ended */
};

/* What the pace of its origin (engine/pace.h) has noted of a job. */
struct haul_turn {
    uint64_t number;   /* which of the origin's starts its attempt was */
    uint64_t told;     /* 1 + the good answers that the origin had given when it throttled this job
                        for the first time; 0: it never did */
    int64_t before_us; /* when the origin's start before it was */
};

/* How often an origin was asked for its robots.txt, in vain so far. */
struct haul_robots_tries {
    int attempts, spared;   /* as rec.attempts and attempts_spared of a job */
    int64_t first_start_us; /* as there */
};

/* With --robots obey: what a job has to do with the robots.txt of its origin. */
struct haul_job_robots {
    /* [work queue's lock] set when it is started; constant while it runs */
    bool asks; /* it is not to be fetched: its worker is to ask for the robots.txt first */
    struct haul_robots_tries tries;  /* of those before, if it asks */
    struct haul_robots_known *known; /* what is known, held for the job; NULL: all is allowed */

    /* [worker] */
    const struct haul_robots_rules *rules; /* of its origin, for redirects; NULL: all is allowed */
    const char *also;                      /* a URL for whose origin they hold, too; or NULL */
};

/*
 * Who wants the body of a job's answer, decoded, and gets it as it comes: for documents that haul
 * itself reads. Such a job is always a GET. Called by the transfer, on its thread; a reason other
 * than NONE ends the attempt with it.
 */
struct haul_job_body {
    enum haul_reason (*begin)(void *arg); /* what came before is void: this is another answer; also
                                             if it is good and its body is empty */
    enum haul_reason (*take)(void *arg, const uint8_t *bytes, size_t len); /* lent for the call */
    void *arg;
    int64_t max;      /* decoded bytes, instead of --max-filesize; 0: no limit */
    int64_t wire_max; /* bytes as sent; 0: no limit */
    int redirs_max;   /* redirects followed, instead of --max-redirs and --location; 0: as these */

    /* or NULL; filled when an attempt is over, for who reads the body: */
    struct haul_redactor_secrets *sent; /* what the body may give back, of all that was sent */
    struct haul_buf *effective;         /* where it comes from, as it was asked for: in the record
                                           some of that may be hidden */
};

/*
 * What a list says about one of its URLs, beyond the URL itself: where its body goes, what is sent
 * along with its request, where else it is to be had, and what is passed through into its record.
 *
 * Of a job: made when the job is made, constant once it is pushed, freed with it. Its strings are
 * the list's, checked but NOT escaped; a credential among them must reach no report and no log.
 */
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

    /* limits, as far as the run lets them (model/entry_limits.h); -1: as the run */
    int max_tries;              /* attempts at each mirror; 0: without end */
    int64_t retry_wait_ms;      /* between two attempts */
    int64_t timeout_ms;         /* an attempt that receives nothing for so long has stalled */
    int64_t connect_timeout_ms; /* until connected */
    int64_t speed_limit;        /* bytes per second; slower is a stall; 0: off */

    struct haul_mirror *mirrors; /* after the URL itself, in the order of the list; or NULL */
    size_t mirror_count;
    struct haul_attached *attached; /* goes into the record; names are distinct; or NULL */
    size_t attached_count;

    /* of a row of a table, which column of it is not attached: */
    const char *url_column; /* its name, or NULL: the table has no header line */
    size_t url_place;       /* its number, from 1; 0: it is no row of a table */
};

/* Makes options that say nothing. */
void haul_entry_options_init(struct haul_entry_options *options);

/* What was seen of a URL in an earlier run, for a conditional request. Strings of the job. */
struct haul_job_validators {
    const char *url;      /* for which it was seen: only there the server is asked */
    const char *etag;     /* or NULL; one of the two is there */
    const char *modified; /* Last-Modified as the server wrote it, or NULL */
    int64_t size;         /* decoded bytes that it had */
};

/* Which file something is, whatever it is called (st_dev, st_ino). Inode 0: none. */
struct haul_file_id {
    uint64_t device, inode;
};

/* Who has named the host of what is asked for, and so what of the user's own goes there. */
enum haul_named_by {
    HAUL_NAMED_BY_USER, /* he himself, or whose site it is (input/walk.h): all that is for it */
    HAUL_NAMED_BY_SITE, /* the site, in its own name: the same there, and as by a stranger where a
                              redirect leads to another host */
    HAUL_NAMED_BY_SITEMAP, /* that alone, and he has let it: but not the login that a netrc file has
                              for any host, for which he would have to know that host */
    HAUL_NAMED_BY_STRANGER /* somebody, unasked: nothing, be it meant for that very host */
};

enum {
    HAUL_JOB_HOPS_MAX = 65536, /* bytes of URLs of redirects that are kept for a job */
    HAUL_JOB_SENT_MAX = 2000   /* of its sent_cookies and sent_logins; with more values to hide, all
                                  texts are hidden as a whole */
};

struct haul_job {
    struct haul_job *next; /* [owner] list of the queue that holds it */

    /* [const after push], but for what haul_job_use_next_mirror changes */
    const char *shown;    /* what reports show: as in the list, without userinfo */
    const char *url;      /* what to fetch: absolute, with scheme, without userinfo, no fragment */
    const char *user;     /* userinfo of the URL, percent-decoded, or NULL */
    const char *password; /* or NULL */
    const char *origin;   /* scheme://host:port */
    struct haul_mirror own; /* the four, as they are without a mirror, whichever is in use */
    struct haul_entry_options *options; /* what else the list said, or NULL; freed with the job */
    struct haul_job_validators *validators; /* from an earlier run, or NULL; freed with the job */
    const struct haul_job_body *body;       /* who wants the body, or NULL: it is counted only */
    enum haul_named_by named_by;
    const struct haul_redactor_secrets *given; /* what the document that names it may have given
                                                  back, and is hidden; lives as long as the walk
                                                  (input/walk.h); or NULL */
    bool has_secret;     /* its entry must not be written down (report/entry_text.h) */
    size_t bytes;        /* memory that this job takes while it is admitted; [work queue's lock] */
    struct haul_key key; /* by which the journal knows it (model/key.h) */
    uint32_t replaces;   /* n: tried again, instead of the journal's n-th record of the key; or 0 */
    bool replaces_old;   /* that has an earlier version's key, and is replaced under it */
    const char *name;    /* under which its body is saved (sink/name.h), or NULL: it is not */
    bool is_named_by_list; /* `name` is not what the URL and its entry alone make */
    const char *earlier;   /* under which an earlier version has saved it, if its file is still
                              there and not under `name`; or NULL */
    struct haul_file_id removes; /* that file, if it goes when the new one is there; 0: it stays */
    bool hides_earlier;          /* what that name holds is to be shown nowhere (--redact) */
    const char *checksum;        /* that its body must have (sink/digest.h), or NULL */
    char *saving;                /* the memory of these three, or NULL */
    bool is_old; /* its record comes from the journal, and is not written there again */

    /* [worker while it runs, else owner] */
    struct haul_record rec;
    struct haul_attempt attempt;
    enum haul_step step;    /* what its request asks for */
    bool goes_on;           /* with `step`, as soon as politeness lets it: no retry, but the same
                               attempt. Its record is then for a job that is never resumed */
    int64_t spent_us;       /* by the steps before it in the same attempt, without their waiting */
    size_t mirror;          /* which URL is in use: 0 its own, n: its entry's n-th mirror */
    int attempts_before;    /* attempts at the URLs before that one */
    int attempts_spared;    /* attempts at that one that --retry does not count (engine/retry.h) */
    int64_t received;       /* body bytes of all its requests: redirects, retries, all of them */
    int slot;               /* the stream that runs it, 0.. */
    int64_t first_start_us; /* monotonic; when its first attempt began, 0: not yet */
    struct haul_parcel *parcels;  /* what of it is to be appended to an archive, or NULL */
    struct haul_parcel *captures; /* the same for the web archive */
    struct haul_tried *tried;     /* of `rec`, room for HAUL_TRIED_MAX; NULL: none so far */
    struct haul_buf hops;         /* where redirects led to that hold secrets (model/asked.h) */
    struct haul_buf sent_cookies; /* pointers to those of --cookie that any of its requests had;
                                     with an error, some are not known any more */
    struct haul_buf sent_logins;  /* the same of --netrc */
    struct haul_buf notices;      /* of its last attempt (model/notice.h) */
    struct haul_cookie_jar *jar;  /* what its answers have set, or NULL: nothing */
    char *text;                   /* the strings of `rec` that came from the network, or NULL */

    /* [work queue's lock] */
    struct haul_origin *at;       /* its origin's state */
    struct haul_job *prev, *succ; /* list of running jobs */
    size_t heap_index;            /* place among the parked */
    int64_t due_us;               /* parked until */
    int64_t since_us;             /* ready, parked or running since */
    int64_t held_us;              /* its origin's `held` when it became ready */
    size_t jar_bytes;             /* of `bytes`: its jar, as it was when it was last given back */
    struct haul_turn turn;
    struct haul_incidents incidents; /* why its origin was given up, if it comes out as SKIP */

    struct haul_job_robots robots; /* see there */

    char storage[]; /* the strings above */
};

/* What the input said, for haul_job_create. Lengths in bytes; strings need not be terminated. */
struct haul_job_text {
    const char *shown; /* as in the list, without userinfo */
    size_t shown_len;
    const char *url, *origin, *user, *password; /* NUL-terminated or NULL */
};

/*
 * Makes a job with an initialised record. All text is copied; a NUL inside `shown` is kept out (the
 * text ends there). NULL: out of memory. The caller owns it until a queue takes it. Any thread.
 */
struct haul_job *haul_job_create(const struct haul_job_text *text);

/*
 * Gives the job a copy of what the list said about it, before it is pushed; its record gets the
 * copy's attached pairs. At most once. HAUL_ERR_NOMEM: the job is unchanged.
 */
HAUL_MUST_USE enum haul_err haul_job_keep_options(struct haul_job *job,
                                                  const struct haul_entry_options *options);

/* What is said of the file for a job's body: see there. Each is a string or NULL. */
struct haul_job_saving {
    const char *name, *earlier, *checksum;
    struct haul_file_id removes;
    bool hides_earlier;
};

/* Gives the job copies of it, before it is pushed. HAUL_ERR_NOMEM: the job is unchanged. */
HAUL_MUST_USE enum haul_err haul_job_keep_saving(struct haul_job *job,
                                                 const struct haul_job_saving *saving);

/* Where the file of an earlier run is, if there is one: below its name, or below that of an earlier
 * version. NULL: nothing is saved. */
const char *haul_job_file(const struct haul_job *job);

/* The same, as records have it: not with what is to be hidden. Then it is the name that the file
 * will have. */
const char *haul_job_file_told(const struct haul_job *job);

/*
 * Gives the job a copy of what an earlier run has seen of it, before it is pushed. At most once.
 * HAUL_ERR_NOMEM: the job is unchanged.
 */
HAUL_MUST_USE enum haul_err haul_job_keep_validators(struct haul_job *job,
                                                     const struct haul_job_validators *validators);

/*
 * What the list said that is to be sent with the request, or NULL: header fields and credentials
 * are for the origin of the entry's first URL, and a mirror on another one is no more trusted with
 * them than a server to which a redirect leads. What else its entry says holds for all mirrors.
 */
const struct haul_entry_options *haul_job_options_to_send(const struct haul_job *job);

/* What was or will be asked for it. Valid as long as the job, until the next attempt. */
struct haul_asked haul_job_asked(const struct haul_job *job);

/*
 * Notes in its record that the attempt, or step of one, which has just ended is followed by
 * another. Without memory it is not noted. Only for its worker.
 */
void haul_job_note_attempt(struct haul_job *job);

/* Whether its entry has a mirror that was not used yet. Only for the owner, or its worker. */
bool haul_job_has_next_mirror(const struct haul_job *job);

/*
 * The next mirror becomes what is to be fetched: `url`, `origin`, `user` and `password` are the
 * mirror's from now on. There must be one. For the work queue, under its lock: others may look at
 * these while it runs.
 */
void haul_job_use_next_mirror(struct haul_job *job);

/* Frees its cookies: no more requests are made for it. Only for the owner. */
void haul_job_drop_cookies(struct haul_job *job);

/* Frees what was to be appended to archives: it was, or is not to be. Only for the owner. */
void haul_job_drop_parcels(struct haul_job *job);

/* Frees a job and its strings. NULL is fine. Only for the owner. */
void haul_job_free(struct haul_job *job);

/*
 * Copies the strings of `rec` that came from the network (url_effective, content_type, etag,
 * last_modified, remote_ip, errormsg, and where the body went: filename_effective and the digests)
 * or from a journal (entry)
 * into memory of the job and points `job->rec` to the copies.
 * An earlier attempt's are freed. If memory is short, they become NULL: the numbers and the verdict
 * stand all the same. Only for the owner.
 */
void haul_job_keep_text(struct haul_job *job, const struct haul_record *rec);

/* A first-in, first-out list of jobs, linked by `next`. All zero is the empty list. */
struct haul_job_list {
    struct haul_job *head, *tail;
    size_t count;
};
void haul_job_list_add(struct haul_job_list *list, struct haul_job *job);
void haul_job_list_add_first(struct haul_job_list *list, struct haul_job *job);
struct haul_job *haul_job_list_take(struct haul_job_list *list);

/* Moves all jobs of `from`, which is empty afterwards, behind those of `list`. */
void haul_job_list_append(struct haul_job_list *list, struct haul_job_list *from);

#endif
