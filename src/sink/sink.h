#ifndef HAUL_SINK_SINK_H
#define HAUL_SINK_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/record.h"
#include "sink/part.h"

struct haul_guard;

/*
 * Where the bytes of one body after the other are kept until it is known whether they are whole:
 * what a file of a directory (sink/file.h), a member of a tar archive (sink/member.h) and a record
 * of a web archive (sink/capture.h) have in common.
 *
 * For each body: begin, write as often as bytes come, then publish, leave or discard. After a
 * failure `error` has its errno, if it was one of the system's; discard is still to be called. One
 * thread at a time; all calls may block on the file system.
 */
struct haul_sink {
    const struct haul_sink_kind *kind; /* [const after init] */
};

/* What was asked, and how the answer begins; of a capture. All of it lasts as long as that. */
struct haul_sink_exchange {
    const char *request; /* its head */
    size_t request_len;
    const char *response; /* the same */
    size_t response_len;
    const char *ip;  /* of the server, "" or NULL */
    const char *via; /* the URL that led here, or NULL */
    bool is_h2;
    int64_t date_us; /* when it was asked, since 1970 */
};

/* What is known of a body before it comes. Strings last as long as it is written. */
struct haul_sink_plan {
    const char *name;       /* under which it is begun */
    int64_t expected;       /* its size in bytes, or -1 */
    int64_t offset;         /* bytes that are left of it and are to be kept; 0: none */
    struct haul_part *part; /* what is known of it, if it may be left and gone on with; or NULL */
    const struct haul_sink_exchange *exchange; /* of which it is the body; a capture's only */
};

/* What is known when it is whole. */
struct haul_sink_end {
    int64_t mtime_s; /* its time of modification, seconds since 1970; read only if has_mtime */
    bool has_mtime;  /* false: the time of writing */
    bool syncs;      /* data and name are on the disk before publish returns (fsync(2)) */
    bool keeps_old;  /* what has that name is kept, and NAME.1, NAME.2 ... are tried */
    bool moves;      /* the name lies in another directory than the one given to begin */
    const struct haul_guard *guard; /* of files whose names are not given; or NULL */
    const char *truncated;          /* of a capture: why it is not whole, or NULL: it is */
    int64_t took_us;                /* of a capture: the exchange */
};

struct haul_sink_kind {
    enum haul_reason (*begin)(struct haul_sink *sink, const struct haul_sink_plan *plan);
    enum haul_reason (*write)(struct haul_sink *sink, const void *bytes, size_t len);
    /* It is whole, and is to be called `name`; `published` (empty) gets what it is called. */
    enum haul_reason (*publish)(struct haul_sink *sink, const char *name,
                                const struct haul_sink_end *end, struct haul_buf *published);
    /* Keeps what came, to be gone on with, if its plan had a part; else discards it. */
    void (*leave)(struct haul_sink *sink, bool syncs);
    /* Nothing of it stays. Fine at any time. */
    void (*discard)(struct haul_sink *sink);
    int (*error)(const struct haul_sink *sink);
};

#endif
