#ifndef HAUL_SINK_CAPTURE_H
#define HAUL_SINK_CAPTURE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/spool.h"
#include "sink/digest.h"
#include "sink/packer.h"
#include "sink/press.h"
#include "sink/sink.h"
#include "sink/warc.h"

/*
 * One request and its answer that are to be records of a web archive (sink/warc.h): the body is
 * packed and hashed as it comes, and when it is over the records become parcels, one behind the
 * other, ready to be appended by whoever has the archive (sink/warc_file.h): the request, the
 * response, and metadata.
 *
 * A payload that the archive has already is not kept twice: beside the response goes a revisit
 * (`instead`), to which only the writer can add of what. The parcel's tag is a hash of the
 * payload's digest, 0 for no payload, and for one that was cut.
 *
 * The order of calls is a sink's, and the plan's `exchange` must last as long as the capture. What
 * is published may be cut, and says so. The worker's thread.
 */
struct haul_capture {
    struct haul_sink sink; /* as which it is used */
    struct haul_packer packer;
    struct haul_digester *payload, *block; /* or NULL: none was needed so far */
    struct haul_sink_plan plan;            /* of what is under way */
    struct haul_buf head;                  /* of the response, as it is archived */
    struct haul_buf text;                  /* of one record */
    struct haul_parcel *parcels;           /* of what was published last, until it is taken */
    bool is_begun;
    int error; /* errno of the first failure, 0: none */
};

/* `press`, the thread's, and `directory`, for scratch files, last as long as the capture. Allocates
 * nothing. */
void haul_capture_init(struct haul_capture *capture, struct haul_press *press,
                       const char *directory);
void haul_capture_done(struct haul_capture *capture);

/* The parcels of what was published, the caller's now; NULL: there are none. */
struct haul_parcel *haul_capture_take(struct haul_capture *capture);

#endif
