#ifndef HAUL_INPUT_URL_H
#define HAUL_INPUT_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "haul/err.h"
#include "haul/record.h"

/*
 * From a line of text to a URL that can be requested, and to its origin. Built on libcurl's URL
 * API, so that haul and the transfer agree on what a URL means.
 *
 * What a list made by hand needs is done here: "example.com:8080/x" is read as http, spaces and
 * bytes that no URL may hold are percent-encoded, host names of any script are turned into their
 * ASCII form (host.h; the text is taken as UTF-8 whatever the locale).
 *
 * "http://example.com./" is another URL than "http://example.com/": it has a key of its own, its
 * name is looked up as an absolute one, and the server sees the dot (RFC 9110 7.2; some redirect
 * from one to the other). But both are one host: their origin, limits and rules are the same.
 */

enum { HAUL_URL_MAX = 65536 }; /* bytes of a URL, as given and as requested */

/*
 * All strings are terminated, belong to the parser and are valid until its next call. The texts of
 * the list and of servers are untrusted: `display` is to be escaped by whoever writes it somewhere.
 */
struct haul_url {
    const char *url; /* what is requested: ASCII, "scheme://host[:port]/path[?query]"; scheme and
                        host in lower case, the port only if it is not the scheme's own, dot
                        segments removed (RFC 3986 5.2.4), no userinfo, no fragment */
    const char *display;  /* the text as given, without userinfo: what reports show */
    const char *origin;   /* "scheme://host:port", the port always there, of `host` */
    const char *host;     /* as in url: lower case ASCII, an IPv6 address in brackets; but without
                             the dot of an absolute name, such as "example.com." (model/host.h) */
    const char *user;     /* percent-decoded, or NULL: the text held no userinfo, or an empty one */
    const char *password; /* percent-decoded, or NULL: the userinfo held no ':' */
    size_t url_len, display_len, origin_len, host_len; /* bytes; display may hold NULs */
    int port;                                          /* 1..65535 */
    bool is_https;
};

/* Its buffers are used again by every call. One thread at a time; make one for each. */
struct haul_url_parser;

/*
 * Makes a parser. On success *out is the parser, to be freed with haul_url_parser_free; on failure
 * *out is NULL. curl_global_init comes first. HAUL_ERR_NOMEM.
 */
enum haul_err haul_url_parser_create(struct haul_url_parser **out) HAUL_MUST_USE;

/* Frees a parser and the strings of its last result. NULL is fine. */
void haul_url_parser_free(struct haul_url_parser *parser);

/*
 * Reads `text`, `len` bytes that need no terminator, as one URL: not NULL, no blanks around it, and
 * no string of this parser's last result. Does not block, uses no network.
 *
 * A text without scheme is http. "name:" followed by something else than a port is a scheme, unless
 * the name has a dot or the text holds userinfo ("user:password@host/"); so `mailto:`,
 * `javascript:`, `data:` and `tel:` are schemes. As in curl, one to three slashes after "http:" do.
 *
 * HAUL_REASON_NONE: `out` is filled. Otherwise only `display` and its length are, every other
 * string is "" or NULL and every number 0:
 * SCHEME: there is a scheme and it is neither http nor https.
 * CONTROL_CHARACTER: a byte below 0x20, or 0x7f, raw or (in the userinfo) percent-encoded.
 * LINE_TOO_LONG: more than HAUL_URL_MAX bytes; `display` is then the beginning only.
 * BAD_URL: everything else that cannot be requested; longer than HAUL_URL_MAX when encoded, too.
 * NO_MEMORY: `display` is "".
 */
enum haul_reason haul_url_parse(struct haul_url_parser *parser, const char *text, size_t len,
                                struct haul_url *out) HAUL_MUST_USE;

/*
 * Resolves `location`, `len` bytes, as a reference relative to `base` (RFC 3986 5.2.2, strict: a
 * reference with a scheme is never relative), for redirects. `base` is the `url` of an earlier
 * result, which may be the last one of this very parser; `location` must not be a string of that.
 * Blanks around `location` are dropped. A fragment is dropped; an empty reference
 * gives the base again. Userinfo of `location` stands in out->user and out->password; whether it is
 * to be used is for the caller to decide. `out->display` is the whole resolved URL as requested.
 *
 * Returns as haul_url_parse; on failure `display` is `location` without userinfo.
 */
enum haul_reason haul_url_join(struct haul_url_parser *parser, const char *base,
                               const char *location, size_t len,
                               struct haul_url *out) HAUL_MUST_USE;

/*
 * Fills only `display`, for a text that will not be parsed: an entry whose line was bad. With `cut`
 * the text is the beginning of a longer one: what may be the beginning of userinfo is left out,
 * too. NONE or NO_MEMORY.
 */
enum haul_reason haul_url_redact(struct haul_url_parser *parser, const char *text, size_t len,
                                 bool cut, struct haul_url *out) HAUL_MUST_USE;

/*
 * Whether two results' `url` strings have the same scheme, host and port (RFC 6454 5): the rule for
 * what may follow a redirect. Both must be `url` of a result, or a copy of it. Any thread.
 */
bool haul_url_same_origin(const char *url, const char *other);

/* Where the path of such a URL begins, with the query behind it. Pure. */
const char *haul_url_target(const char *url);

#endif
