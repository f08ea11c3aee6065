#ifndef HAUL_CONFIG_H
#define HAUL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haul/err.h"
#include "haul/values.h"

/*
 * What a run is asked to do. Made by main (from the command line) or by a program that embeds haul;
 * constant from the moment the first thread starts, and read by all of them without a lock.
 *
 * Its strings and arrays outlive the run. They may be the caller's own, or copies that the
 * configuration owns (haul_config_keep, haul_config_add_...); haul_config_done frees the copies
 * only.
 */

/* The first HAUL_FORMAT_ROWS have a row for each URL; the others are about the whole run. */
enum haul_format {
    HAUL_FORMAT_TEXT,
    HAUL_FORMAT_CSV,
    HAUL_FORMAT_TSV,
    HAUL_FORMAT_JSONL,
    HAUL_FORMAT_ROWS,
    HAUL_FORMAT_JSON = HAUL_FORMAT_ROWS,
    HAUL_FORMAT_HTML,
    HAUL_FORMAT_MARKDOWN,
    HAUL_FORMAT_PROMETHEUS,
    HAUL_FORMAT_JUNIT,
    HAUL_FORMAT_GITHUB,
    HAUL_FORMAT_COUNT
};
enum haul_order { HAUL_ORDER_AUTO, HAUL_ORDER_INPUT, HAUL_ORDER_DONE };
enum haul_progress { HAUL_PROGRESS_AUTO, HAUL_PROGRESS_NONE, HAUL_PROGRESS_PLAIN };

/* 2: where TLS tells that the server can; 2_PRIOR: also in clear text, where nothing tells. */
enum haul_http_version { HAUL_HTTP_ANY, HAUL_HTTP_1_1, HAUL_HTTP_2, HAUL_HTTP_2_PRIOR };

/* The oldest TLS that is spoken; ANY: what the TLS library's own configuration says. */
enum haul_tls_min { HAUL_TLS_ANY, HAUL_TLS_1_2, HAUL_TLS_1_3 };
enum haul_ip_version { HAUL_IP_ANY, HAUL_IP_4, HAUL_IP_6 };

/* What is asked for; AUTO: no more than it takes to know the size (http/size_probe.h). */
enum haul_method { HAUL_METHOD_GET, HAUL_METHOD_HEAD, HAUL_METHOD_AUTO };

/* When the journal is made safe against a crash of the machine. */
enum haul_sync { HAUL_SYNC_NONE, HAUL_SYNC_BATCH, HAUL_SYNC_EACH };

/* A digest of a body, for --hash and for checksums. */
enum haul_hash {
    HAUL_HASH_NONE,
    HAUL_HASH_MD5,
    HAUL_HASH_SHA1,
    HAUL_HASH_SHA256,
    HAUL_HASH_SHA512,
    HAUL_HASH_COUNT
};

/* Whether a journal is continued; FORCE: even if it is damaged in the middle. */
enum haul_resume_mode { HAUL_RESUME_NO, HAUL_RESUME_YES, HAUL_RESUME_FORCE };

/*
 * What is there and is not fetched. WHOLE: what the journal says is saved and still is, or has the
 * length that the server announces; NAME: whatever has a file of its name, which no request is made
 * for.
 */
enum haul_skip_existing {
    HAUL_SKIP_EXISTING_NO,
    HAUL_SKIP_EXISTING_WHOLE,
    HAUL_SKIP_EXISTING_NAME
};

/* What to do when another run has the history. */
enum haul_lock_mode { HAUL_LOCK_FAIL, HAUL_LOCK_WAIT };

/*
 * Which keys of a list are followed. SAFE: all, but what they say of the user's own files and
 * limits stays within what the user has said, and no header steers a request: a list may come from
 * a stranger (input/setting.h). ALL: as they stand. NONE: none.
 */
enum haul_list_keys { HAUL_LIST_KEYS_SAFE, HAUL_LIST_KEYS_ALL, HAUL_LIST_KEYS_NONE };

/* Whether the first row of a table names its columns. */
enum haul_table_head { HAUL_TABLE_HEAD_YES, HAUL_TABLE_HEAD_NO };

/* What a budget is whose choice of URLs matches none, and which is not exceeded by that: told as
 * such, exceeded, or kept. */
enum haul_budget_empty { HAUL_BUDGET_EMPTY_WARN, HAUL_BUDGET_EMPTY_FAIL, HAUL_BUDGET_EMPTY_OK };

/*
 * What an input is in which no URL is found. AUTO: told; and an error where a sitemap was named and
 * nothing was found at all. FAIL: an error. WARN: told. IGNORE: as good as any.
 */
enum haul_if_empty {
    HAUL_IF_EMPTY_AUTO,
    HAUL_IF_EMPTY_FAIL,
    HAUL_IF_EMPTY_WARN,
    HAUL_IF_EMPTY_IGNORE
};

/* Which failures of an earlier run are tried again. */
enum haul_retry_failed {
    HAUL_RETRY_FAILED_NONE,
    HAUL_RETRY_FAILED_ALL,
    HAUL_RETRY_FAILED_TRANSIENT
};

/* What makes --quiet-unless say something; a set of them. */
enum haul_tell {
    HAUL_TELL_CHANGE = 1, /* something is not as in the run before */
    HAUL_TELL_FAIL = 2,   /* a URL fails, or is none, that was not so in the run before; or one is
                             pending */
    HAUL_TELL_BUDGET = 4, /* a budget is exceeded, or not known */
    HAUL_TELL_ALWAYS = 8,
    HAUL_TELL_FAILING = 16 /* a URL failed, is none, or is pending, as before or not */
};

/* Whether the kernel holds a run to the files that it needs: where it can; not at all; or else the
 * run does not begin. */
enum haul_confine { HAUL_CONFINE_AUTO, HAUL_CONFINE_OFF, HAUL_CONFINE_REQUIRE };

/* Whether a site's robots.txt is asked for and obeyed (RFC 9309). */
enum haul_robots_mode { HAUL_ROBOTS_IGNORE, HAUL_ROBOTS_OBEY };

/* What ends the whole batch early (GNU parallel's --halt). */
enum haul_halt { HAUL_HALT_NEVER, HAUL_HALT_SOON, HAUL_HALT_NOW };

enum haul_source_kind {
    HAUL_SOURCE_FILE,
    HAUL_SOURCE_URL,
    HAUL_SOURCE_SITEMAP, /* of the network, or a local file */
    HAUL_SOURCE_ROBOTS   /* the sitemaps that a site's robots.txt names */
};
/* One input, in the order of the command line. */
struct haul_source {
    enum haul_source_kind kind;
    const char *text; /* a file's name ("-": standard input), or a URL */
};

enum { HAUL_SITEMAP_DEPTH_LIMIT = 16 };

/* Which fields of a rule count. */
enum haul_host_says {
    HAUL_HOST_SAYS_PER_HOST = 1,
    HAUL_HOST_SAYS_INTERVAL = 2,
    HAUL_HOST_SAYS_HEADERS = 4,
    HAUL_HOST_SAYS_USER_AGENT = 8,
    HAUL_HOST_SAYS_USER = 16,
    HAUL_HOST_SAYS_CONNECT_TIMEOUT = 32,
    HAUL_HOST_SAYS_MAX_TIME = 64,
    HAUL_HOST_SAYS_SPEED_LIMIT = 128,
    HAUL_HOST_SAYS_SPEED_TIME = 256,
    HAUL_HOST_SAYS_CERT = 512, /* key and key_pass, too: they belong together */
    HAUL_HOST_SAYS_LIMIT_RATE = 1024
};

enum haul_host_scheme { HAUL_HOST_ANY_SCHEME, HAUL_HOST_HTTP, HAUL_HOST_HTTPS };

/*
 * What holds for the URLs of some hosts instead of the values of the same names below. Of several
 * rules that match, the last one that says something about a field counts for it. Headers are sent
 * in addition to the general ones, but for those of the same name; they and the credentials go to
 * the origin of the URL in the list only, as the general ones do.
 */
struct haul_host_rule {
    enum haul_host_scheme scheme;
    const char *pattern; /* of the host name, in lower case; '*' is any text, '?' any character */
    int port;            /* 0: any */
    unsigned says;       /* HAUL_HOST_SAYS_..., ORed */
    int per_host;
    int64_t host_interval_us;
    struct haul_strings headers;
    const char *user_agent;
    const char *user;
    int connect_timeout_ms;
    int64_t max_time_ms;
    int64_t speed_limit;
    int speed_time_s;
    const char *cert, *key, *key_pass;
    int64_t limit_rate; /* of each origin that matches, besides that of the run; 0: none */
};
enum { HAUL_HOST_RULES_MAX = 1000 };

struct haul_cookie;
struct haul_netrc_login;

struct haul_config {
    /* input */
    struct haul_source *source;
    size_t source_count;
    bool dry_run;           /* what would be fetched is told, and not fetched (command/command.h) */
    const char *url_column; /* lists are CSV; the column of the URLs (name or number), or NULL */
    enum haul_table_head table_head; /* default YES */
    char delimiter;                  /* of the cells of tables; 0: their first line tells */
    enum haul_list_keys list_keys;   /* default SAFE */
    enum haul_if_empty if_empty;     /* default AUTO */

    struct haul_strings read_files; /* further files that all this was read from (configurations,
                                       passwords): nothing that is written takes their place */

    /* sitemaps */
    int sitemap_depth;        /* levels of sitemaps, 1 to HAUL_SITEMAP_DEPTH_LIMIT; default 3 */
    int sitemap_max_count;    /* sitemaps read for one source; default 50001 */
    int64_t sitemap_max_size; /* bytes of one, unpacked; default 50 MiB; 0: none */
    bool sitemap_any_host;    /* a sitemap of the network may name other hosts than its own */

    /* engine */
    int jobs;              /* workers, 1..1024; default 8 */
    int streams;           /* transfers at a time per worker, 1..256; default 1 */
    int window;            /* jobs admitted at once, 1..1000000; default 4096 */
    int64_t spill_max;     /* bytes on disk of jobs whose hosts must wait; 0: none; default 4 GiB */
    int64_t decode_memory; /* bytes for all decoders of bodies; 0: no limit; default 1 GiB */
    int grace_ms; /* what is in flight may take that long after a first signal; default 10000 */

    /* request */
    enum haul_method method;     /* default GET */
    struct haul_strings headers; /* "Name: value", as curl's -H; checked: no CR, LF, NUL */
    const char *user_agent;      /* default "haul/VERSION" */
    const char *user;            /* "name:password" or NULL; sent only to the URL's own origin */
    const struct haul_cookie *cookie; /* of files, as http/cookie.h has them, or NULL. Secret */
    size_t cookie_count;
    const struct haul_netrc_login
        *netrc; /* of a file, as model/netrc.h has them; or NULL. Secret */
    size_t netrc_count;
    bool compressed; /* ask for and decode content codings; default true */
    bool cookies; /* what an answer sets is sent back, for the same URL of the list; default true */
    enum haul_http_version http_version;

    /* network */
    const char *proxy; /* or NULL: none */
    bool proxy_from_env;
    bool insecure;        /* -k: TLS certificates are not verified */
    const char *ca_file;  /* --cacert or NULL: the system's */
    const char *cert;     /* of the client, a PEM file, or NULL: none; shown to servers that ask */
    const char *key;      /* its private key, a PEM file, or NULL: it is in `cert` */
    const char *key_pass; /* the passphrase of the key, or NULL: it has none. Secret */
    enum haul_tls_min tls_min; /* default ANY */
    const char *interface;     /* to connect from, as CURLOPT_INTERFACE, or NULL: any */
    struct haul_strings resolve;
    struct haul_strings connect_to; /* "HOST1:PORT1:HOST2:PORT2", as CURLOPT_CONNECT_TO; checked */
    enum haul_ip_version ip_version;
    bool public_only;              /* only addresses of the public Internet are connected to */
    struct haul_strings allow_net; /* "ADDRESS[/BITS]"; if any, only these are connected to */
    struct haul_strings deny_net;  /* the same; these never are. Goes before allow_net, and that
                                      before public_only */

    /* limits */
    int connect_timeout_ms;        /* default 10000 */
    int64_t max_time_ms;           /* per attempt, redirects included; 0: none */
    int64_t limit_rate;            /* bytes received per second, of the whole run; 0: no limit */
    int64_t speed_limit;           /* bytes per second; default 1; 0: off */
    int speed_time_s;              /* default 30 */
    int64_t max_filesize;          /* decoded bytes; 0: none */
    int max_redirs;                /* default 10; 0: a redirect is not followed */
    bool follow;                   /* default true */
    bool allow_downgrade;          /* a redirect may lead from https to http; default false */
    struct haul_status_set accept; /* default 200..=299 */

    /* politeness */
    int per_host;             /* running transfers per origin; default 0: as many as workers */
    int64_t interval_us;      /* least time between any two starts (--rate); 0: none */
    int64_t host_interval_us; /* between two starts at one origin (--rate-per-host, --delay) */
    int host_fail_limit;      /* failures in a row to reach an origin, or answers 429 and 503, until
                                 it is given up; default 10; 0: never */
    enum haul_robots_mode robots; /* default IGNORE */

    /* what differs for some hosts */
    struct haul_host_rule *host_rule; /* at most HAUL_HOST_RULES_MAX */
    size_t host_rule_count;

    /* retries */
    int retry;                        /* further attempts after the first; default 2 */
    int64_t retry_delay_ms;           /* between two attempts; 0: exponential, with jitter */
    int64_t retry_max_time_ms;        /* from the first attempt's begin to the last's; 0: no end */
    bool retry_connrefused;           /* also after a failure to connect */
    bool retry_all_errors;            /* also after failures that seem to be for good */
    struct haul_status_set retry_on;  /* statuses that are retried; default: curl's transient ones,
                                         408, 429, 500, 502..=504, 522, 524; 600..=999 */
    struct haul_status_set retry_not; /* of these, the ones that are not */

    /* the whole batch */
    enum haul_halt halt;
    int halt_failures;       /* failed URLs that halt it; 0: by percentage */
    int halt_percent;        /* failed, of those done, from 3 failures on; 1..100 */
    int64_t max_duration_ms; /* then nothing new is started, as after a first signal; 0: none */

    /* saving */
    const char *dir;   /* bodies are saved below it, or NULL: they are not */
    const char *tar;   /* ... or in this tar archive ("-": standard output), or NULL */
    const char *warc;  /* exchanges are archived in WARC files of this prefix, or NULL */
    int64_t warc_size; /* bytes after which the next one is begun; default 1 GiB; 0: no limit */
    const char *name;  /* how files are named (sink/name.h); default "path" */
    bool clobber;      /* a file of the same name is replaced; default true */
    enum haul_skip_existing skip_existing;
    bool continues;      /* what was begun is left when it fails, and gone on with */
    bool mtime;          /* files get the time of Last-Modified; default true */
    enum haul_hash hash; /* the digest of every body that is recorded, or NONE */
    const char *sums;    /* file with the checksums of what is saved, or NULL */
    int64_t max_total;   /* body bytes, then nothing new is started; 0: no limit */
    int64_t keep_free;   /* bytes of the file system that are not to be used; 0: none */

    /* journal */
    const char *journal;          /* the record of what is done, or NULL: none */
    enum haul_sync sync;          /* default BATCH */
    enum haul_resume_mode resume; /* needs a journal */
    const char *since;            /* an earlier run's journal, or NULL */
    bool etags, timestamping; /* ask only for what has changed since then, by ETag, by time; need
                                 `since` or `history`; by time, `dir` will do */
    enum haul_retry_failed retry_failed; /* needs resume */
    bool unique;                         /* a URL that comes again is not fetched again */
    struct haul_strings ignore_params;   /* query parameters that make no other URL, or patterns of
                                            their names (model/identity.h) */
    const char *save_failed;             /* list of what did not end well, or NULL */

    /* history */
    const char *history;      /* the database of runs, or NULL: none */
    enum haul_lock_mode lock; /* default FAIL */
    int64_t keep_runs;        /* older runs than so many are removed; 0: all are kept */
    int64_t keep_ms;          /* the same for runs that began longer ago; 0: all are kept */
    int top;                  /* rows of a comparison's table; default 10 */
    const char *group_by;     /* summary/query.h, or NULL: no such table */
    int64_t change_min_bytes; /* a size that differs by less has not changed; 0: any is a change */
    int64_t change_min_millionths;      /* the same, of what it was */
    struct haul_strings ignore_changes; /* pages of which they are no news (model/change_rule.h) */

    /* report */
    const char *fields;         /* of csv, tsv and jsonl (haul_fields_choice_check), or NULL: all */
    struct haul_strings redact; /* query parameters, or "/REGEX/": hidden in every output */
    const char *title;          /* what reports call the run, or NULL: its host, or "N hosts" */
    enum haul_format format;
    enum haul_order order;
    enum haul_progress progress;
    const char *output; /* report file, or NULL: standard output */
    bool quiet;         /* only the report and errors */
    bool verbose;
    struct haul_strings reports;         /* further ones: "FORMAT:FILE", as in model/target.h */
    struct haul_strings budgets;         /* as in model/budget.h */
    enum haul_budget_empty budget_empty; /* default WARN */
    unsigned quiet_unless;               /* a set of haul_tell; 0: nothing is held back */
    bool chart;                          /* a chart of sizes on standard error */
    bool exit_zero;                      /* 0 instead of 1, 4 and 75 */

    /* the process */
    enum haul_confine sandbox; /* default AUTO */

    struct haul_config_block *memory; /* [private] the copies, freed by haul_config_done; or NULL */
};

/* Fills in every default named above. Allocates nothing. */
void haul_config_init(struct haul_config *config);

/*
 * Overwrites (there may be passwords) and frees every copy that the configuration owns, and makes
 * it the default one again. To be called when no thread reads it any more; once or more.
 */
void haul_config_done(struct haul_config *config);

/*
 * Copies `text`; the copy lives until haul_config_done. Returns NULL when there is no memory; the
 * configuration is unchanged then. One thread at a time.
 */
const char *haul_config_keep(struct haul_config *config, const char *text);

/*
 * Appends a copy of `text` to `list`, one of the lists of this configuration, or to the sources. An
 * array that the caller has put there himself must not be appended to. HAUL_OK or HAUL_ERR_NOMEM;
 * on failure the configuration is unchanged. One thread at a time.
 */
HAUL_MUST_USE enum haul_err haul_config_add_string(struct haul_config *config,
                                                   struct haul_strings *list, const char *text);
HAUL_MUST_USE enum haul_err haul_config_add_source(struct haul_config *config,
                                                   enum haul_source_kind kind, const char *text);

/* The same for a rule, whose own strings and arrays are not copied and must live as long. */
HAUL_MUST_USE enum haul_err haul_config_add_host_rule(struct haul_config *config,
                                                      const struct haul_host_rule *rule);

/*
 * Room for one more element in an array of `count` elements of `element` bytes each that lives as
 * long as the configuration; `array` is NULL or what this has returned last. NULL when there is no
 * memory; the old array is as it was then. One thread at a time.
 */
void *haul_config_grow(struct haul_config *config, void *array, size_t count, size_t element);

/* Lets `config` own all copies of `other`, which is the default one again afterwards. */
void haul_config_adopt(struct haul_config *config, struct haul_config *other);

#endif
