#ifndef HAUL_INPUT_ROBOTS_H
#define HAUL_INPUT_ROBOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "input/text.h"

/*
 * The Sitemap records of a robots.txt (RFC 9309, 2.2.4; sitemaps.org, "Specifying the Sitemap
 * location in your robots.txt file"): in any letter case, anywhere in the file, independent of the
 * groups. Nothing else in the file means anything to haul. Pure; nothing is allocated.
 */

/* So much of a file is read (RFC 9309, 2.5: at least that must be); bytes. */
enum { HAUL_ROBOTS_MAX = 500 * 1024 };

/* [owner] Begin with the fields `at` and `end` set to the file's bytes, and all others zero. */
struct haul_robots {
    const char *at, *end;
    uint64_t line; /* lines begun so far; a line ends with LF, CR LF or CR (RFC 9309, 2.2) */
};

/*
 * Finds the next Sitemap record that names something. True: *url is the name, without blanks around
 * and without the comment behind, not empty, part of the file's bytes and otherwise unchecked; and
 * `robots->line` is the number of its line. False: there are no more.
 */
bool haul_robots_next(struct haul_robots *robots, struct haul_span *url);

#endif
