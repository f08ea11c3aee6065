#ifndef HAUL_HTTP_COOKIE_FILE_H
#define HAUL_HTTP_COOKIE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "haul/err.h"
#include "http/cookie.h"

/*
 * Files of cookies, as browsers' extensions, curl, wget and yt-dlp write them (Netscape's form): a
 * line is one cookie, seven fields with tabs between them:
 *
 *   domain  TRUE (for all below it, too)  path  TRUE (https only)  expires  name  value
 *
 * expires is in seconds since 1970, 0 for one without end; the value may be missing. "#HttpOnly_"
 * before a line means nothing here; other lines that begin with '#' are comments. A cookie for all
 * below a public suffix or an address is for that host alone.
 */

/* What is wrong with a file. */
struct haul_cookie_fault {
    uint64_t line; /* from 1 */
    const char *cause;
};

/* Room for the cookies of a text of that length, whatever it holds. Pure. */
size_t haul_cookie_file_room(size_t len);

/*
 * Reads `len` bytes at `text`, and a NUL behind them, into `cookie`, which has room for
 * haul_cookie_file_room(len): sorted as struct haul_cookies wants it, of the same ones the last.
 * They point into the text, which is changed. HAUL_OK: *count is their number, those that have
 * expired by `now_s` left out. HAUL_ERR_SYNTAX: *fault says why. In n log n of the lines. Pure, any
 * thread.
 */
HAUL_MUST_USE enum haul_err haul_cookie_file_read(char *text, size_t len, int64_t now_s,
                                                  struct haul_cookie *cookie, size_t *count,
                                                  struct haul_cookie_fault *fault);

/*
 * Puts cookies of files that were read before among the `count` of this one, which are sorted as
 * above; `cookie` has room for all. Of the same ones, this file's counts; those that have expired
 * by `now_s` are left out, and take the other one's place all the same: for this, the file is to be
 * read with a `now_s` of INT64_MIN. Returns how many there are. Linear, pure, any thread.
 */
size_t haul_cookie_file_join(const struct haul_cookies *earlier, int64_t now_s,
                             struct haul_cookie *cookie, size_t count);

#endif
