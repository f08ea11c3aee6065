#ifndef HAUL_INPUT_SITEMAP_TREE_INSIDE_H
#define HAUL_INPUT_SITEMAP_TREE_INSIDE_H

#include "input/lines.h"
#include "input/sitemap_tree.h"

/*
 * What the parts of the tree share: sitemap_tree.c keeps which elements are open; sitemap_role.c
 * knows what an element is by its name and place; sitemap_draft.c puts entries together from what
 * these have; and sitemap_slip.c keeps what was wrong. Each calls those behind it only.
 */

enum {
    HAUL_SITEMAP_LOC_MAX = HAUL_LINE_MAX + 1024, /* of a loc, beyond which nothing is kept */
    HAUL_SITEMAP_BASE_MAX = HAUL_LINE_MAX
};

enum haul_sitemap_role {
    HAUL_ROLE_NOWHERE,   /* no element is open */
    HAUL_ROLE_OTHER,     /* means nothing, and so does what is in it */
    HAUL_ROLE_EXTENSION, /* the same, and its loc are not counted */
    HAUL_ROLE_SET,       /* has entries: urlset, sitemapindex, channel and the like */
    HAUL_ROLE_PAGE,      /* an entry: url, item, entry */
    HAUL_ROLE_SITEMAP,   /* an entry that names a sitemap */
    HAUL_ROLE_LOC,
    HAUL_ROLE_LASTMOD,
    HAUL_ROLE_GUID
};

/* ---- sitemap_slip.c, beside what others may call ---- */

/* Something that looks like an entry is none, or not all of one. */
void haul_sitemap_tree_pass_over(struct haul_sitemap_tree *tree, uint64_t line);

/* ---- sitemap_role.c ---- */

/* Whether an element of that role is an entry. */
bool haul_sitemap_role_is_entry(int role);

/* The role of an element that begins in the innermost one; what follows from that is done. */
int haul_sitemap_role_of(struct haul_sitemap_tree *tree, const struct haul_sitemap_tag *tag,
                         uint64_t line);

/* Where text of the innermost element goes. NULL: nowhere. */
struct haul_buf *haul_sitemap_role_text(struct haul_sitemap_tree *tree);

/* ---- sitemap_draft.c ---- */

void haul_sitemap_draft_init(struct haul_sitemap_draft *draft);
void haul_sitemap_draft_done(struct haul_sitemap_draft *draft);

/* Begins an entry; what was begun before, and not completed, is forgotten. */
void haul_sitemap_draft_begin(struct haul_sitemap_tree *tree, bool is_sitemap, uint64_t line);

/* A loc begins, in the entry that is open, or in a new one: of one that has a loc, or of none. */
void haul_sitemap_draft_begin_loc(struct haul_sitemap_tree *tree, uint64_t line, bool is_sitemap);

/* The entry that is open, if one is, comes to its end: it is `done`, or passed over. */
void haul_sitemap_draft_complete(struct haul_sitemap_tree *tree);

/* Appends as much of a text as there is room for; the rest makes it too long. Or sets one, NULL:
 * to nothing. */
void haul_sitemap_draft_add(struct haul_buf *to, const char *text, size_t len);
void haul_sitemap_draft_set(struct haul_buf *to, const char *value);

#endif
