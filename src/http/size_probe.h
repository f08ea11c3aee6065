#ifndef HAUL_HTTP_SIZE_PROBE_H
#define HAUL_HTTP_SIZE_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "http/response.h"
#include "http/verdict.h"
#include "model/job.h"

/*
 * The size of a body without the body: which request is to be made next, and what an answer says.
 *
 *   HEAD    a Content-Length that is not 0 is the size. No length, 0 (some servers say that of all
 *           they make up on the way), or 400, 403, 404, 405, 500, 501 or 600 to 999, which servers
 *           that know GET alone say of the method: the next step
 *   RANGE   "Range: bytes=0-0": the total of a proper Content-Range is the size. A 200 is the whole
 *           body, which is as good as the next step. A failure that may pass, or 404, which is now
 *           said of the resource, is the end
 *   GET     the body is counted
 *
 * So it is three requests at most, and two of what is not there; the last one's answer counts.
 *
 * The first two ask for no content coding, for of a coded body they would tell another size than
 * GET counts; where there is one all the same that would be undone (http/coding.h), the next step
 * is made. What they find is what the server says, and no more.
 */
struct haul_size_probe {
    bool over;           /* the attempt is at its end, good or bad */
    enum haul_step next; /* the step to be made; read only if not over */
    int64_t size;        /* bytes of the body, as the server says; -1: not told, or counted */
};

/* Judges a step's answer; `verdict` is what haul_verdict says of it. Pure; any thread. */
struct haul_size_probe haul_size_probe_evaluate(enum haul_step step,
                                                const struct haul_response *res,
                                                const struct haul_verdict *verdict);

/*
 * The size that the answer to a single HEAD tells: its Content-Length, or -1 if there is none or it
 * is that of a coded body that would be decoded.
 */
int64_t haul_size_probe_head_size(const struct haul_response *res);

#endif
