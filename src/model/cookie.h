#ifndef HAUL_MODEL_COOKIE_H
#define HAUL_MODEL_COOKIE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Cookies, and the jar in which a job has those that its answers have set. What a cookie means, who
 * may set it and who gets it, is http/cookie.h's.
 *
 * A jar lives as long as its job: for the redirects and the further attempts of one URL. It is
 * never shared between jobs, never written anywhere and not resumed: a run that goes on asks anew.
 * So nobody is followed from one URL to the next by it.
 */
enum {
    HAUL_COOKIE_MAX = 4096,           /* bytes of a name and its value (RFC 6265, 6.1) */
    HAUL_COOKIE_ATTRIBUTE_MAX = 1024, /* bytes of a domain or a path (RFC 6265bis, 5.6) */
    HAUL_COOKIE_JAR_COUNT = 50,       /* cookies in a jar (RFC 6265, 6.1: for each domain) */
    HAUL_COOKIE_JAR_BYTES = 16384     /* memory of all of them; twice what a request carries */
};

/* A cookie without an end, as far as a jar can tell. */
#define HAUL_COOKIE_NEVER INT64_MAX

struct haul_cookie {
    const char *name, *value; /* without control characters but tabs, without ';' */
    const char *domain;       /* in small letters, without a leading dot */
    const char *path;         /* begins with '/' */
    int64_t expires_s;        /* seconds since 1970, from then on it is not sent */
    bool is_host_only;        /* for that very host, and not for those below it */
    bool is_secure;           /* over https, and to loopback, only */
};

/* Whether a jar holds one of the two only: name, domain and path are the same, and whom they are
 * for. Pure. */
bool haul_cookie_is_same(const struct haul_cookie *one, const struct haul_cookie *other);

/* The owner's, as its job is. The fields are for everybody to read and for cookie.c to write. */
struct haul_cookie_jar {
    struct haul_cookie *cookie[HAUL_COOKIE_JAR_COUNT]; /* the oldest first */
    size_t count;
    size_t bytes; /* memory of all that, the jar's included */
};

/*
 * Puts a copy into *jar, which is made if it is NULL. It takes the place of the same one; where
 * there is no room, those that have expired by `now_s` go, and then the oldest. One that has
 * expired itself takes the other one's place, too, if `is_kept`, and is gone with it otherwise. A
 * cookie that is larger than a jar is not kept, nor is any without memory: then it is as if the
 * server had not set it.
 */
void haul_cookie_jar_put(struct haul_cookie_jar **jar, const struct haul_cookie *cookie,
                         int64_t now_s, bool is_kept);

/* Overwrites and frees it. NULL is fine. */
void haul_cookie_jar_free(struct haul_cookie_jar *jar);

#endif
