#ifndef HAUL_RECORD_H
#define HAUL_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "haul/values.h"

/*
 * What is known about one input line when haul is done with it: one record per line, always.
 *
 * A record is plain data. Its strings belong to whoever made the record (a job, a journal reader)
 * and live as long as that says; no function that takes a `const struct haul_record *` keeps them.
 * Strings come from the list or from the network and are NOT escaped: whoever writes them
 * somewhere uses the escaping of that place (base/escape.h).
 */

/* One row per outcome: name, word in reports. input lines = the sum of all of them. */
#define HAUL_OUTCOMES(X)                                                                           \
    X(OK, "ok")                                                                                    \
    X(FAILED, "failed")                                                                            \
    X(UNCHANGED, "unchanged")                                                                      \
    X(SKIPPED, "skipped")                                                                          \
    X(DUPLICATE, "duplicate")                                                                      \
    X(INVALID, "invalid")                                                                          \
    X(PENDING, "pending")

enum haul_outcome {
#define HAUL_OUTCOME_ENUM(name, word) HAUL_OUTCOME_##name,
    HAUL_OUTCOMES(HAUL_OUTCOME_ENUM)
#undef HAUL_OUTCOME_ENUM
        HAUL_OUTCOME_COUNT
};

/*
 * Why a job did not end as `ok`. One row per reason: name, word in reports, whether it may pass by
 * itself (then the exit status is 75 and a retry makes sense), text for people.
 *
 * The words are stable: scripts may compare them. HTTP_STATUS is written as "http-NNN"; whether it
 * may pass depends on the number (haul_record_is_transient).
 */
#define HAUL_REASONS(X)                                                                            \
    X(NONE, "", 0, "nothing went wrong")                                                           \
    X(DNS, "dns", 1, "the host name could not be resolved")                                        \
    X(CONNECT, "connect", 1, "no connection to the host")                                          \
    X(TLS, "tls", 0, "the TLS connection could not be trusted or set up")                          \
    X(TIMEOUT, "timeout", 1, "the time allowed was used up")                                       \
    X(STALL, "stall", 1, "the transfer was too slow for too long")                                 \
    X(RESET, "reset", 1, "the connection was reset")                                               \
    X(EMPTY_REPLY, "empty-reply", 1, "the server closed the connection without an answer")         \
    X(TRUNCATED, "truncated", 1, "the answer ended before it was whole")                           \
    X(BAD_STATUS, "bad-status", 0, "the status is none that can answer this request")              \
    X(BAD_LENGTH, "bad-length", 0, "Content-Length is malformed or contradicts itself")            \
    X(BAD_HEADER, "bad-header", 0, "a header field is malformed")                                  \
    X(BAD_FRAMING, "bad-framing", 0, "the framing of the body is malformed")                       \
    X(BAD_ENCODING, "bad-encoding", 0, "the body could not be decoded")                            \
    X(BAD_RANGE, "bad-range", 0, "the answer does not fit the range asked for")                    \
    X(PROTOCOL, "protocol", 0, "the answer is not HTTP, or violates HTTP/2")                       \
    X(TOO_LARGE, "too-large", 0, "the body is larger than allowed")                                \
    X(TOO_MANY_HEADERS, "too-many-headers", 0, "more header fields than allowed")                  \
    X(HEADERS_TOO_LARGE, "headers-too-large", 0, "more header bytes than allowed")                 \
    X(FLOOD, "flood", 0, "the server sends frames without end that bring nothing")                 \
    X(REDIRECTS, "redirects", 0, "more redirects than allowed")                                    \
    X(BAD_REDIRECT, "bad-redirect", 0, "a redirect leads to no usable URL")                        \
    X(DOWNGRADE, "downgrade", 0, "a redirect from https to http was refused")                      \
    X(HTTP_STATUS, "http", 0, "the status is not among those accepted")                            \
    X(ADDRESS, "address", 0, "the address is not among those allowed")                             \
    X(SCHEME, "scheme", 0, "the scheme is neither http nor https")                                 \
    X(BAD_URL, "bad-url", 0, "not a URL")                                                          \
    X(CONTROL_CHARACTER, "control-character", 0, "the line holds a control character")             \
    X(LINE_TOO_LONG, "line-too-long", 0, "the line is longer than 65536 bytes")                    \
    X(BAD_ENTRY, "bad-entry", 0, "the list says something about this URL that cannot be followed") \
    X(HOST_DOWN, "host-down", 1, "too many failures in a row to reach this host")                  \
    X(THROTTLED, "throttled", 1, "the host asked to wait longer than allowed")                     \
    X(HOST_THROTTLED, "host-throttled", 1, "the host said nothing but 429 or 503 for too long")    \
    X(STOPPED, "stopped", 1, "the run was stopped before this was done")                           \
    X(NO_MEMORY, "no-memory", 1, "haul or a library ran out of memory")                            \
    X(NO_RESOURCE, "no-resource", 1, "the system had no descriptor or port left")                  \
    X(DISK_FULL, "disk-full", 1, "there is no space left to save it")                              \
    X(FILE_ERROR, "file-error", 0, "the file could not be written")                                \
    X(PERMISSION, "permission", 0, "the file may not be written there")                            \
    X(NAME_TOO_LONG, "name-too-long", 0, "the file system does not take so long a name")           \
    X(CHECKSUM, "checksum", 0, "the body has another checksum than it should")                     \
    X(BAD_NAME, "bad-name", 0,                                                                     \
      "the list's name for the file leads out of the directory or is none, or what --name asks "   \
      "for is not in the list")                                                                    \
    X(BAD_CHECKSUM, "bad-checksum", 0, "the list's checksum is malformed, or of an unknown kind")  \
    X(EXISTS, "exists", 0, "the file is there already, and whole")                                 \
    X(OTHER_HOST, "other-host", 0,                                                                 \
      "on another host than its sitemap (--sitemap-any-host takes it)")                            \
    X(INTERNAL, "internal", 0, "a library reported an error that has no word of its own")          \
    X(ROBOTS, "robots", 0, "the host's robots.txt does not allow it")                              \
    X(ROBOTS_UNREACHABLE, "robots-unreachable", 1,                                                 \
      "the host's robots.txt could not be had, so that nothing is allowed")

enum haul_reason {
#define HAUL_REASON_ENUM(name, word, transient, text) HAUL_REASON_##name,
    HAUL_REASONS(HAUL_REASON_ENUM)
#undef HAUL_REASON_ENUM
        HAUL_REASON_COUNT
};

/* Something that the list said about a URL and that is passed through: a column of its table. */
struct haul_attached {
    const char *name;  /* never NULL */
    const char *value; /* never NULL */
};

enum { HAUL_TRIED_HALF = 8, HAUL_TRIED_MAX = 2 * HAUL_TRIED_HALF };

/* An attempt that failed and was followed by another one; or a request that was a step of the same
 * attempt, and told only what to ask next (--method auto). */
struct haul_tried {
    int64_t at_us;   /* when it began: microseconds since the first one did */
    int64_t took_us; /* how long it took */
    int worker;      /* 1..N; 0: not known */
    bool is_step;    /* then there is no reason */
    enum haul_reason reason;
    int http_code; /* with HAUL_REASON_HTTP_STATUS */
};

/*
 * Sizes are bytes, -1 where unknown. Times are microseconds since the start of the (last) attempt
 * unless said otherwise, -1 where unknown. Names follow curl's --write-out variables, with the same
 * meaning; haul's own are marked (own).
 */
struct haul_record {
    /* where it came from */
    uint64_t seq;       /* (own) position among all input lines of the run, from 0 */
    uint64_t line;      /* (own) line number in `source`, from 1; for the command line: argument */
    const char *source; /* (own) name of the list; NULL: the command line */
    const char *url;    /* as the list gave it, without userinfo; never NULL */
    const struct haul_attached *attached; /* (own) names are distinct; or NULL */
    size_t attached_count;

    /* how it is asked for again (report/entry_text.h); only of what has not ended well */
    const char *entry;      /* (own) or NULL: not known */
    const char *url_column; /* (own) of a row of a table: the name of the column of the URL; NULL:
                               it has none */
    size_t url_place;       /* (own) and its number, from 1; 0: it is no row */

    /* the verdict */
    enum haul_outcome outcome; /* (own) */
    enum haul_reason reason;   /* (own) NONE if and only if ok, unchanged or duplicate */
    bool verified;             /* (own) the end of the body was proved, not only assumed */
    int exitcode;              /* of the last attempt: libcurl's, or what it would say */
    int http_code;             /* last status received, 0 if none */
    const char *errormsg;      /* for people, or NULL */

    /* sizes, in bytes */
    int64_t content_length; /* (own) the header field of the last answer, -1 if absent */
    int64_t size_download;  /* body bytes on the wire, last answer */
    int64_t size_body;      /* (own) body bytes, as decoded: "the length" of the report */
    int64_t size_header;    /* all header bytes received, redirects included */
    int64_t size_request;   /* all request bytes sent */

    /* times */
    int64_t started_us; /* (own) microseconds since 1970 (UTC) of the first attempt, 0: none */
    int64_t time_namelookup_us; /* until the name was resolved */
    int64_t time_connect_us;    /* until connected */
    int64_t time_appconnect_us; /* until the TLS handshake was done */
    int64_t time_pretransfer_us;
    int64_t time_starttransfer_us; /* until the first byte of the answer */
    int64_t time_redirect_us;      /* spent on redirects */
    int64_t time_total_us;         /* of the last attempt */
    int64_t time_elapsed_us;       /* (own) from the start of the first attempt to the end of the
                                      last one, whatever was waited for in between */
    int64_t time_queue_us;         /* (own) due, but waiting for a worker; all attempts */
    int64_t time_parked_us;        /* (own) waiting for politeness or a retry; all attempts */

    /* what was seen */
    const char *url_effective; /* last URL, without userinfo; NULL: none was requested */
    const char *method;        /* "GET" or "HEAD" */
    const char *size_method;   /* (own) what told size_body: "get" (it was counted), "head", "range"
                                (the server says so); NULL: it is not known */
    const char *http_version;  /* "1.0", "1.1", "2", "3" or NULL */
    const char *content_type;  /* or NULL */
    const char *etag;          /* (own) or NULL */
    const char *last_modified; /* (own) or NULL */
    const char *remote_ip;     /* or NULL */
    const char *filename_effective; /* where the body was saved, relative to --dir; or NULL */
    const char *md5, *sha1, *sha256, *sha512; /* (own) digests of the decoded body, or NULL */
    int remote_port;                          /* 0: none */
    int num_redirects;
    int num_connects;               /* new connections made for it */
    int num_headers;                /* header fields of the last answer */
    const struct haul_tried *tried; /* (own) requests before the last: the first HAUL_TRIED_HALF
                                       and the latest HAUL_TRIED_HALF of them */
    size_t tried_count;
    int attempts; /* (own) requests begun by haul for this job, 0: never tried */
    int worker;   /* (own) 1..N; 0: none */
    int mirror;   /* (own) which of the entry's URLs was tried last, from 1; 0: it has one only,
                         or none was tried */
    long ssl_verify_result;
};

/* Makes a record with every number unknown (-1, or 0 where 0 says so) and every string NULL. */
void haul_record_init(struct haul_record *rec);

/* The word of an outcome, static. */
const char *haul_outcome_word(enum haul_outcome outcome);

/*
 * Whether a URL counts as one that failed, wherever failures are counted (summaries, budgets,
 * changes from run to run): it failed, or it was skipped because its host was given up. Queries ask
 * the same function (history/sql_functions.h).
 */
bool haul_outcome_is_failure(enum haul_outcome outcome, enum haul_reason reason);

/*
 * The text for people of a reason, static. The word for reports is written by haul_reason_word into
 * `word` (at least HAUL_REASON_WORD_MAX bytes): it is "http-404" for an HTTP status, "" for none.
 */
enum { HAUL_REASON_WORD_MAX = 32 };
const char *haul_reason_text(enum haul_reason reason);
const char *haul_reason_word(const struct haul_record *rec, char word[HAUL_REASON_WORD_MAX]);

/* Those that may pass by themselves: what curl retries (curl's manual, --retry), and 600 to 999,
 * which are of no class and stand for a 500 (RFC 9110, 15). */
extern const struct haul_status_set haul_transient_statuses;

/* Whether the failure may pass: the reason's own flag, for HTTP these statuses. False for `ok`. */
bool haul_record_is_transient(const struct haul_record *rec);

#endif
