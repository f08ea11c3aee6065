#ifndef HAUL_INPUT_ROBOTS_H
#define HAUL_INPUT_ROBOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "haul/err.h"

/*
 * The records of a robots.txt (RFC 9309, 2.2), one after the other: lines "name: value", with
 * comments from "#" on. As Google's published parser does, a blank may stand instead of the colon,
 * if the line has two words.
 *
 * The Sitemap records (2.2.4; sitemaps.org, "Specifying the Sitemap location in your robots.txt
 * file"; "site-map" to that parser, too) stand in any letter case, anywhere in the file,
 * independent of the groups. What the groups say is read by robots_rules.h.
 */

/* So much of a file is read (RFC 9309, 2.5: at least that must be); bytes. */
enum { HAUL_ROBOTS_MAX = 500 * 1024 };

/* What is left of a file. One thread at a time. */
struct haul_robots {
    const char *at, *end; /* of bytes that belong to whoever has them */
    uint64_t line;        /* lines begun so far; a line ends with LF, CR LF or CR (RFC 9309, 2.2) */
    uint32_t trimmed;     /* of what haul_robots_next gave last, as that of an entry (lines.h) */
    const char *problem;  /* why it cannot be read, as a phrase; static, or NULL */
};

/*
 * Reads the whole of a regular file from where `fd` stands, which stays the caller's, into `bytes`,
 * whose maximum is above HAUL_ROBOTS_MAX; `robots` is then at their beginning. They are UTF-8, also
 * if the file is UTF-16 with a mark (base/charset.h). With `was_cut` it is the beginning of a
 * longer text, whose last, half line is left out: it may name something else than it seems to.
 * HAUL_ERR_IO: errno says why. HAUL_ERR_SYNTAX: robots->problem does. HAUL_ERR_NOMEM.
 */
HAUL_MUST_USE enum haul_err haul_robots_read(struct haul_robots *robots, int fd, bool was_cut,
                                             struct haul_buf *bytes);

/*
 * The beginning of a text of `len` bytes that stays the caller's. If it is longer than `max`, the
 * rest does not count, nor does the line that is cut.
 */
struct haul_robots haul_robots_of(const char *bytes, size_t len, size_t max);

/*
 * Finds the next record. True: *name and *value are without blanks around and part of the file's
 * bytes, the name in the case in which it stands there, the value without comment, perhaps empty.
 * False: there are no more. Pure.
 */
bool haul_robots_record(struct haul_robots *robots, struct haul_span *name,
                        struct haul_span *value);

/*
 * Finds the next Sitemap record that names something. True: *url is the name, without blanks and
 * what cannot be seen around (base/visible.h) and without the comment behind, not empty, part of
 * the file's bytes and otherwise unchecked; and `robots->line` is the number of its line. False:
 * there are no more. Pure.
 */
bool haul_robots_next(struct haul_robots *robots, struct haul_span *url);

#endif
