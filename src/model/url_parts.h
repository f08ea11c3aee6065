#ifndef HAUL_MODEL_URL_PARTS_H
#define HAUL_MODEL_URL_PARTS_H

#include "base/span.h"

/*
 * Where the parts of a URL stand in a text. Any text has them: one that is no URL has parts without
 * sense. Nothing is decoded, resolved or checked; whether a text can be requested is for
 * input/url.h to say. Pure, nothing is allocated, any thread.
 *
 * As lists and reports have URLs: "example.com:80/x" has no scheme, and one slash or many may
 * follow it ("http:/example.com"). Otherwise as RFC 3986, 3:
 * "scheme://userinfo@host:port/path?query#...".
 */
struct haul_url_parts {
    struct haul_span scheme;   /* without its ':'; or not there */
    struct haul_span userinfo; /* all before the last '@' of the authority; or not there */
    struct haul_span host;     /* always there; an IPv6 address with its brackets */
    struct haul_span port;     /* all behind the host's ':', perhaps nothing; or not there */
    struct haul_span path;     /* always there, behind the authority; begins with '/' or is empty */
    struct haul_span query;    /* with its '?'; or not there */
};

/* Reads `text`, `len` bytes. Everything points into it. */
struct haul_url_parts haul_url_parts_of(const char *text, size_t len);

/* Reads an authority alone: sets `userinfo`, `host` and `port`, and nothing else. */
void haul_url_parts_read_authority(struct haul_span authority, struct haul_url_parts *parts);

/* Whether the name of a sitemap is a URL, and not a file's: it has a scheme and "//", behind what
 * cannot be seen (base/visible.h). */
bool haul_source_is_url(const char *name);

#endif
