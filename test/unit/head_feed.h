#ifndef HAUL_TEST_HEAD_FEED_H
#define HAUL_TEST_HEAD_FEED_H

#include "http/response.h"

/* Gives the response each line of `bytes`, a folded one as a whole, as the wire does; the last
 * reason. */
enum haul_reason head_feed(struct haul_response *res, const char *bytes, size_t len);
enum haul_reason head_feed_str(struct haul_response *res, const char *text);

#endif
