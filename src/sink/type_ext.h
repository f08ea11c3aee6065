#ifndef HAUL_SINK_TYPE_EXT_H
#define HAUL_SINK_TYPE_EXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/*
 * The extension that files of a media type have, by a table of haul's own: the same on every
 * machine and in every version, unlike that of the system (mime.types). Pure, any thread.
 */

enum { HAUL_TYPE_EXT_MAX = 8 }; /* bytes of the longest one, with its dot */

/*
 * The extension for a Content-Type (RFC 9110, 8.3), with its dot; its parameters do not matter.
 * Always one of the table: what it does not know is ".txt" if it is text and ".bin" otherwise
 * (RFC 2046, 4.1.4 and 4.5.1), and so is what has no type at all. Static.
 */
const char *haul_type_ext(const char *content_type);

/* The length of the extension that `text` ends in, with its dot, if the table has it; else 0. */
size_t haul_type_ext_length(const char *text, size_t len);

#endif
