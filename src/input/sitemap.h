#ifndef HAUL_INPUT_SITEMAP_H
#define HAUL_INPUT_SITEMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "haul/err.h"
#include "input/lines.h"
#include "input/trims.h"

/*
 * One sitemap, cut into its entries: pure, fed with bytes in pieces of any size, the same entries
 * whatever the pieces are. The protocol is that of https://www.sitemaps.org/protocol.html, which
 * names feeds (RSS, Atom) as sitemaps, too.
 *
 * Whatever encoding it says it has, it is read as UTF-8 (sitemap_bytes.h), and what is not XML as a
 * text sitemap, which is a plain list (lines.h). XML is read by the strict reader
 * (sitemap_strict.h), and once something is not well-formed, from there on by the tolerant one
 * (sitemap_scan.h); what elements mean is the same for both (sitemap_tree.h). What is wrong and did
 * not end the reading is a slip, and told at the end (haul_sitemap_sum_up).
 *
 * The text is hostile, and so the memory has a bound whatever it says: a document type declaration
 * with declarations of its own (entities!) is refused, as are entities that it may declare
 * elsewhere, and more than the numbers below. The tolerant reader never goes on behind a refusal,
 * and refuses the same. How long a sitemap may be is the feeder's business.
 *
 * The order of calls: create; feed, and next until HAUL_ERR_END, as often as there are bytes;
 * finish, and next until HAUL_ERR_END; free. One thread at a time.
 */
struct haul_sitemap;

enum {
    HAUL_SITEMAP_DEPTH_MAX = 64,      /* elements inside each other */
    HAUL_SITEMAP_NAMES_MAX = 512,     /* different names of elements, attributes and prefixes */
    HAUL_SITEMAP_TOKEN_MAX = 1 << 20, /* bytes of a tag, comment or the like, about */
    HAUL_SITEMAP_SPACE_MAX = 512,     /* bytes of the name of a namespace */
    HAUL_SITEMAP_BLANKS_MAX = 4096,   /* bytes before the first that is not blank */
    HAUL_SITEMAP_LASTMOD_MAX = 64     /* bytes of a lastmod; a longer one is left out */
};

struct haul_sitemap_entry {
    bool is_sitemap; /* it names a sitemap, not a page */
    struct haul_list_entry
        entry;           /* source NULL; line: of <loc>, or of its <url> if there is none. With the
                                reasons of lines.h, and BAD_URL: empty, or without a scheme, which
                                the protocol asks for */
    const char *lastmod; /* as given, blanks around removed, or NULL; valid as entry.text */
    bool is_link;     /* of a feed, and so it may be relative, though the reason says BAD_URL... */
    const char *base; /* ...to this, which is relative to the feed's own URL, or NULL: to that */
};

/* What is to be told of a sitemap beside its entries. */
struct haul_sitemap_summary {
    uint64_t entries; /* given */
    uint64_t saved;   /* of these, by the tolerant reader */
    bool is_tolerant; /* that is the one that reads */
    uint64_t slips;
    uint64_t slip_line; /* of the first */
    const char *slip;   /* what the first was, a phrase; the sitemap's. "": there is none */
    uint64_t passed_over, passed_over_line; /* <loc> where no entry is, and items that link to
                                               nothing; the line of the first */
    struct haul_trims trims;                /* of the entries */
};

/*
 * Makes an entry of one <loc>, or of what robots.txt names: as haul_lines_classify does, but what
 * looks like a comment is an entry, too, and what says no scheme is a slip, and no name of a host:
 * BAD_URL.
 */
void haul_sitemap_classify(const char *loc, size_t len, struct haul_list_entry *out);

/* On success *out is the caller's, to be freed with haul_sitemap_free. HAUL_ERR_NOMEM. */
HAUL_MUST_USE enum haul_err haul_sitemap_create(struct haul_sitemap **out);
void haul_sitemap_free(struct haul_sitemap *sitemap);

/*
 * Gives the next `len` bytes, at most 1 GiB. They stay the caller's, and must stay unchanged until
 * haul_sitemap_next has returned HAUL_ERR_END.
 */
void haul_sitemap_feed(struct haul_sitemap *sitemap, const char *bytes, size_t len);

/* Says that no more bytes will come. */
void haul_sitemap_finish(struct haul_sitemap *sitemap);

/*
 * HAUL_OK: `out` is filled, its texts are valid until the next call. HAUL_ERR_END: more must be
 * fed; after finish: this was all, and the document was whole. HAUL_ERR_SYNTAX: it is no sitemap,
 * one that is refused, or one that ends before its end, all of whose entries were given;
 * haul_sitemap_message and haul_sitemap_line say why. HAUL_ERR_NOMEM. The last two stay.
 */
HAUL_MUST_USE enum haul_err haul_sitemap_next(struct haul_sitemap *sitemap,
                                              struct haul_sitemap_entry *out);

/* After HAUL_ERR_SYNTAX: what is wrong, not escaped. Belongs to the sitemap. */
const char *haul_sitemap_message(const struct haul_sitemap *sitemap);

/* After the end of a sitemap that gave no entry: appends what was looked for in vain, in words. */
void haul_sitemap_add_nothing(const struct haul_sitemap *sitemap, struct haul_buf *words);

/* What there is to tell of what was read so far. Before the sitemap is freed. */
void haul_sitemap_sum_up(const struct haul_sitemap *sitemap, struct haul_sitemap_summary *out);

/* Whether some of what it names was given as no entry. */
bool haul_sitemap_has_lost(const struct haul_sitemap *sitemap);

/* Appends that to `words`, each part as "; " and a phrase; nothing if there is nothing to tell. */
void haul_sitemap_add_slips(const struct haul_sitemap *sitemap, struct haul_buf *words);

/*
 * For tests, before the first bytes: XML is read by the tolerant reader alone; or by the strict
 * one for so many events of its parser (tags, ends, texts and the like), and then by the other.
 */
void haul_sitemap_read_tolerantly(struct haul_sitemap *sitemap, uint64_t strict_events);

/* The line that the reading has come to, from 1. */
uint64_t haul_sitemap_line(const struct haul_sitemap *sitemap);

#endif
