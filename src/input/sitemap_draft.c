#include "input/sitemap_tree_inside.h"

#include <string.h>

#include "input/sitemap.h"

void haul_sitemap_draft_init(struct haul_sitemap_draft *draft)
{
    haul_buf_init(&draft->loc, HAUL_SITEMAP_LOC_MAX);
    haul_buf_init(&draft->lastmod, HAUL_SITEMAP_LASTMOD_MAX);
    haul_buf_init(&draft->base, HAUL_SITEMAP_BASE_MAX);
}

void haul_sitemap_draft_done(struct haul_sitemap_draft *draft)
{
    haul_buf_done(&draft->loc);
    haul_buf_done(&draft->lastmod);
    haul_buf_done(&draft->base);
}

/* ---- texts ---- */

/* As much of a text as there is room for; the rest makes it too long. */
void haul_sitemap_draft_add(struct haul_buf *to, const char *text, size_t len)
{
    size_t room = to->max - to->len;

    haul_buf_add(to, text, len < room ? len : room);
    if (len > room && !to->err)
        to->err = HAUL_ERR_LIMIT;
}

void haul_sitemap_draft_set(struct haul_buf *to, const char *value)
{
    haul_buf_clear(to);
    if (value)
        haul_sitemap_draft_add(to, value, strlen(value));
}

/* ---- entries ---- */

void haul_sitemap_draft_begin(struct haul_sitemap_tree *tree, bool is_sitemap, uint64_t line)
{
    struct haul_sitemap_draft *draft = tree->draft;

    tree->inside = true;
    draft->is_sitemap = is_sitemap;
    draft->has_loc = draft->is_loc_whole = false;
    draft->line = line;
    haul_buf_clear(&draft->loc);
    haul_buf_clear(&draft->lastmod);
    haul_buf_clear(&draft->base);
    haul_buf_clear(&tree->guid);
}

static void take_guid(struct haul_sitemap_tree *tree)
{
    struct haul_buf loc = tree->draft->loc;

    if (tree->draft->has_loc || !tree->guid.len)
        return;
    tree->draft->loc = tree->guid;
    tree->guid = loc;
    tree->draft->has_loc = true;
}

/* Blanks were never collected, so that what is there is a text. */
static void take_text_as_loc(struct haul_sitemap_tree *tree)
{
    const struct haul_sitemap_draft *draft = tree->draft;

    if (!draft->has_loc && draft->loc.len)
        haul_sitemap_tree_slip(tree, draft->line,
                               draft->is_sitemap ? "a <sitemap> without <loc> that names a URL"
                                                 : "a <url> without <loc> that names a URL");
}

/*
 * A feed may have items that link to nothing. Of one tag that ends two entries, which the second
 * opens at the same time, the second is empty.
 */
void haul_sitemap_draft_complete(struct haul_sitemap_tree *tree)
{
    struct haul_sitemap_draft *draft = tree->draft;
    bool is_empty;

    if (!tree->inside)
        return;
    tree->inside = false;
    if (tree->form == HAUL_SITEMAP_RSS)
        take_guid(tree);
    else
        take_text_as_loc(tree);
    is_empty = !draft->has_loc && !draft->loc.len;
    if (tree->ready || (is_empty && tree->form != HAUL_SITEMAP_PROTOCOL)) {
        haul_sitemap_tree_pass_over(tree, draft->line);
        return;
    }
    tree->draft = tree->done;
    tree->done = draft;
    tree->ready = true;
}

void haul_sitemap_draft_begin_loc(struct haul_sitemap_tree *tree, uint64_t line, bool is_sitemap)
{
    if (tree->inside && tree->draft->has_loc) {
        haul_sitemap_tree_slip(tree, line, "two <loc> in one entry");
        haul_sitemap_draft_complete(tree);
    }
    if (!tree->inside)
        haul_sitemap_draft_begin(tree, is_sitemap, line);
    haul_buf_clear(&tree->draft->loc);
    tree->draft->has_loc = true;
    tree->draft->line = line;
}
