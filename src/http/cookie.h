#ifndef HAUL_HTTP_COOKIE_H
#define HAUL_HTTP_COOKIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "model/cookie.h"

/*
 * What a Set-Cookie says and whether it is believed, and which cookies a request carries: RFC 6265,
 * and what browsers and curl do beyond it alike (RFC 6265bis): prefixes __Secure- and __Host-, no
 * cookie with control characters, none over http in the place of one that is for https, a limit for
 * each size. Where they differ (a cookie without a name), it is RFC 6265.
 *
 * SameSite and HttpOnly mean nothing here: haul asks as somebody does who types a URL, and runs no
 * scripts. Pure but for the memory of a jar, any thread; nothing here takes more than time in
 * proportion to the text and to the cookies that are there.
 */

/* Who is asked, of a URL as input/url.h makes them. Points into it. */
struct haul_cookie_target {
    struct haul_span host;
    struct haul_span path; /* without its query; begins with '/' */
    bool is_secure;        /* https, or loopback over http, as browsers and curl have it */
};

/* `is_local`: what is sent there does not leave this machine, which the URL alone does not say
 * (haul_wire_is_local). */
struct haul_cookie_target haul_cookie_target_of(const char *url, bool is_local);

/* Cookies that are not in a jar: those of a file. Constant while anybody looks at them. */
struct haul_cookies {
    const struct haul_cookie *cookie; /* by domain, in the order of strcmp; or NULL */
    size_t count;
};

/* Whether the host is that of a cookie, or below it if it is for those, too. */
bool haul_cookie_is_for_host(const struct haul_cookie *cookie, struct haul_span host);

/* Whether a domain is an IPv4 or IPv6 address, which has no names below it. */
bool haul_cookie_is_address(struct haul_span domain);

/* Whether a cookie may be for all hosts below a domain, in small letters: it is neither an address
 * nor what anybody has a name below (public_suffix.h). */
bool haul_cookie_may_be_shared(const char *domain);

/*
 * Reads the value of a Set-Cookie of an answer of `target`. True: `cookie` is what it says, with
 * strings in `room`, which is overwritten; one that takes a cookie away has expired. False: it is
 * not to be kept, or there is no memory. `now_s`: seconds since 1970.
 */
bool haul_cookie_read(struct haul_span text, const struct haul_cookie_target *target, int64_t now_s,
                      struct haul_buf *room, struct haul_cookie *cookie);

/*
 * Puts what an answer of `target` has set into a jar (haul_cookie_jar_put), one value after the
 * other, each with its NUL, `len` bytes. `file` (or NULL) is what is sent besides the jar: one of
 * those that is taken away stays in the jar, expired, so that it is not sent. `room` is for the
 * call.
 */
void haul_cookie_keep(struct haul_cookie_jar **jar, const struct haul_cookies *file,
                      const struct haul_cookie_target *target, const char *values, size_t len,
                      int64_t now_s, struct haul_buf *room);

/* The one of a file that is the same as `cookie` (haul_cookie_is_same), or NULL. */
const struct haul_cookie *haul_cookie_find(const struct haul_cookies *file,
                                           const struct haul_cookie *cookie);

/* A walk over all of a file that are for a host, in small letters, whatever their path. `file` may
 * be NULL. The next one, or NULL at the end. */
struct haul_cookie_walk {
    const struct haul_cookies *file;
    struct haul_span host, domain;
    size_t next;
};
struct haul_cookie_walk haul_cookie_walk_of(const struct haul_cookies *file, struct haul_span host);
const struct haul_cookie *haul_cookie_walk_next(struct haul_cookie_walk *walk);

/* Whose cookies a request carries. */
struct haul_cookie_sources {
    const struct haul_cookie_jar *jar; /* or NULL */
    const struct haul_cookies *file;   /* of which the jar replaces the same; or NULL */
};

enum {
    HAUL_COOKIE_FIELD_MAX = 8190, /* bytes; what most servers take as one field */
    HAUL_COOKIE_SENT_MAX = 150,   /* cookies in a request, as curl has it; of these ... */
    HAUL_COOKIE_FILE_SENT_MAX = HAUL_COOKIE_SENT_MAX - HAUL_COOKIE_JAR_COUNT /* ... of a file */
};

/* Those of a file that were written for a request. */
struct haul_cookies_sent {
    const struct haul_cookie *cookie[HAUL_COOKIE_SENT_MAX];
    size_t count;
    size_t left_out; /* so many more would have been, but for the limits */
};

/*
 * Appends "name=value; name=value" for `target`: longer paths first, of equal ones the file's and
 * then the oldest (RFC 6265, 5.4). None whose name is in `own`, which is sent besides, as "a=b;
 * c=d", and none that would make it longer than HAUL_COOKIE_FIELD_MAX. Returns how many. `sent`
 * is overwritten.
 */
size_t haul_cookie_write(const struct haul_cookie_sources *from,
                         const struct haul_cookie_target *target, int64_t now_s,
                         struct haul_span own, struct haul_buf *out,
                         struct haul_cookies_sent *sent);

#endif
