#ifndef HAUL_MODEL_NOTICE_H
#define HAUL_MODEL_NOTICE_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * What a transfer has to say of an origin that it has asked, beside the result of its job: told
 * once in a run for each origin, not for each job (engine/notices.h).
 */
enum haul_notice {
    HAUL_NOTICE_EXPOSED, /* the user's credentials were sent there over plain http */
    HAUL_NOTICE_COOKIES, /* of the cookies that --cookie has for it, some were too many */
    HAUL_NOTICE_COUNT
};

/*
 * Several of them in a buffer: for each a letter, the origin, and a NUL. Adds one, unless it is
 * there; failure is the sticky error of the buffer, and those before stay. Any thread.
 */
void haul_notice_add(struct haul_buf *notices, enum haul_notice notice, const char *origin);

/* One of them, as text: what it is, and its origin. The text is as one of the above. */
enum haul_notice haul_notice_of(const char *text);
const char *haul_notice_origin(const char *text);

/* The first of them, and the one behind `text`, or NULL. Valid as long as the buffer is as it is.
 */
const char *haul_notice_first(const struct haul_buf *notices);
const char *haul_notice_next(const struct haul_buf *notices, const char *text);

#endif
