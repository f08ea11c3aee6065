#ifndef HAUL_INPUT_SITEMAP_FILE_H
#define HAUL_INPUT_SITEMAP_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/err.h"
#include "input/reader.h"
#include "input/sitemap.h"
#include "input/url.h"

/*
 * One sitemap while it is read, from its bytes (reader.h) to its entries (sitemap.h). The order of
 * calls: create; haul_reader_open or haul_reader_adopt for its `reader`; next; free. One thread.
 */
struct haul_sitemap_file {
    const char *name; /* for people, and the entries' source; the caller's */
    uint64_t key;     /* of its URL, for the caller; 0: a file */
    struct haul_reader reader;
    struct haul_sitemap *sitemap;
    struct haul_buf url;  /* its own, after redirects, or empty: a file; the caller's to fill */
    struct haul_buf link; /* of the entry that was given, if it was relative */
    int64_t size;         /* bytes unpacked so far */
    int64_t size_max;     /* 0: no limit */
    bool has_given;       /* an entry */
    const struct haul_redactor_secrets *sent; /* what was sent for it, or NULL; the caller's */
};

/* On success *out is the caller's, to be freed; it has nothing open. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_sitemap_file_create(const char *name, uint64_t key,
                                                     int64_t size_max,
                                                     struct haul_sitemap_file **out);

/* Closes what is open. NULL is fine. */
void haul_sitemap_file_free(struct haul_sitemap_file *file);

/*
 * Gives the next entry, valid until the next call. Blocks as haul_reader_next does without end.
 *
 * HAUL_OK: `out` is filled, its source is `name`. HAUL_ERR_END: this was all, and the sitemap was
 * whole. HAUL_ERR_IO: it cannot be read on; `cause` has been appended why, not escaped;
 * haul_sitemap_line says where. HAUL_ERR_CLOSED; HAUL_ERR_NOMEM. After all but the first the
 * sitemap can only be freed.
 */
HAUL_MUST_USE enum haul_err haul_sitemap_file_next(struct haul_sitemap_file *file,
                                                   struct haul_sitemap_entry *out,
                                                   struct haul_buf *cause);

/*
 * Makes the link of a feed whole, if it is relative, to what the feed says, or else to the feed's
 * own URL (RFC 4287, 2; RFC 3986, 5.1). Where neither is known it stays as it is, BAD_URL. `found`
 * is what next has given last.
 */
void haul_sitemap_file_resolve(struct haul_sitemap_file *file, struct haul_url_parser *urls,
                               struct haul_sitemap_entry *found);

#endif
