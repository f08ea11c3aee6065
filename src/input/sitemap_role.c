#include "input/sitemap_tree_inside.h"

#include "input/sitemap.h"

enum { ROOT_SHOWN_MAX = 64 /* bytes of a foreign root's name in a message */ };

bool haul_sitemap_role_is_entry(int role)
{
    return role == HAUL_ROLE_PAGE || role == HAUL_ROLE_SITEMAP;
}

/* ---- names ---- */

static bool is_ours(const struct haul_sitemap_tree *tree, struct haul_xmlns space)
{
    if (space.id == tree->root.id || space.kind == HAUL_XMLNS_NONE)
        return true;
    if (tree->form == HAUL_SITEMAP_PROTOCOL)
        return space.kind == HAUL_XMLNS_SITEMAP;
    return space.kind == (tree->form == HAUL_SITEMAP_RSS ? HAUL_XMLNS_RSS : HAUL_XMLNS_ATOM);
}

static bool is_root_name(struct haul_span name, enum haul_sitemap_form *form)
{
    if (haul_span_is_word(name, "urlset") || haul_span_is_word(name, "sitemapindex"))
        *form = HAUL_SITEMAP_PROTOCOL;
    else if (haul_span_is_word(name, "rss") || haul_span_is(name, "RDF"))
        *form = HAUL_SITEMAP_RSS;
    else if (haul_span_is_word(name, "feed"))
        *form = HAUL_SITEMAP_ATOM;
    else
        return false;
    return true;
}

/* ---- roles ---- */

static int begin_root(struct haul_sitemap_tree *tree, const struct haul_sitemap_tag *tag)
{
    size_t shown = tag->name.len < ROOT_SHOWN_MAX ? tag->name.len : ROOT_SHOWN_MAX;

    if (!is_root_name(tag->name, &tree->form)) {
        if (!tree->err)
            haul_buf_addf(&tree->cause, "not a sitemap: its root element is '%.*s'", (int)shown,
                          tag->name.at);
        haul_sitemap_tree_refuse(tree, HAUL_ERR_SYNTAX, "");
        return HAUL_ROLE_OTHER;
    }
    tree->has_root = true;
    tree->is_index = haul_span_is_word(tag->name, "sitemapindex");
    tree->root = tag->space;
    haul_sitemap_draft_set(&tree->base, tag->base);
    return HAUL_ROLE_SET;
}

/* A url or sitemap, or what a feed has instead. */
static bool is_entry_name(const struct haul_sitemap_tree *tree, struct haul_span name)
{
    switch (tree->form) {
    case HAUL_SITEMAP_RSS:
        return haul_span_is_word(name, "item");
    case HAUL_SITEMAP_ATOM:
        return haul_span_is_word(name, "entry");
    default:
        return haul_span_is_word(name, "url") || haul_span_is_word(name, "sitemap");
    }
}

static bool is_set_name(const struct haul_sitemap_tree *tree, struct haul_span name)
{
    if (tree->form == HAUL_SITEMAP_RSS)
        return haul_span_is_word(name, "channel");
    return tree->form == HAUL_SITEMAP_PROTOCOL &&
           (haul_span_is_word(name, "urlset") || haul_span_is_word(name, "sitemapindex"));
}

static int begin_entry(struct haul_sitemap_tree *tree, const struct haul_sitemap_tag *tag,
                       uint64_t line)
{
    bool is_sitemap;

    /* Around another one it was no entry, unless it had something of its own. */
    if (tree->inside && (tree->draft->has_loc || tree->draft->loc.len))
        haul_sitemap_draft_complete(tree);
    is_sitemap = haul_span_is_word(tag->name, "sitemap");
    haul_sitemap_draft_begin(tree, is_sitemap, line);
    haul_sitemap_draft_set(&tree->draft->base, tag->base);
    return is_sitemap ? HAUL_ROLE_SITEMAP : HAUL_ROLE_PAGE;
}

static int begin_loc(struct haul_sitemap_tree *tree, uint64_t line, bool is_sitemap)
{
    haul_sitemap_draft_begin_loc(tree, line, is_sitemap);
    return HAUL_ROLE_LOC;
}

static int begin_lastmod(struct haul_sitemap_tree *tree)
{
    haul_buf_clear(&tree->draft->lastmod);
    return HAUL_ROLE_LASTMOD;
}

static int begin_atom_field(struct haul_sitemap_tree *tree, const struct haul_sitemap_tag *tag,
                            uint64_t line)
{
    struct haul_sitemap_draft *draft = tree->draft;
    bool is_alternate = !tag->rel || haul_span_is_word(haul_span_of(tag->rel), "alternate");

    if (haul_span_is_word(tag->name, "updated") || haul_span_is_word(tag->name, "modified"))
        return begin_lastmod(tree);
    if (!haul_span_is_word(tag->name, "link") || !is_alternate || !tag->href || draft->has_loc)
        return HAUL_ROLE_OTHER;
    draft->has_loc = draft->is_loc_whole = true;
    draft->line = line;
    haul_sitemap_draft_set(&draft->loc, tag->href);
    if (tag->base)
        haul_sitemap_draft_set(&draft->base, tag->base);
    return HAUL_ROLE_OTHER;
}

static int begin_rss_field(struct haul_sitemap_tree *tree, const struct haul_sitemap_tag *tag,
                           uint64_t line)
{
    bool is_none = tag->is_permalink && haul_span_is_word(haul_span_of(tag->is_permalink), "false");

    if (haul_span_is_word(tag->name, "pubDate"))
        return begin_lastmod(tree);
    if (haul_span_is_word(tag->name, "link") && !tree->draft->has_loc)
        return begin_loc(tree, line, false);
    if (!haul_span_is_word(tag->name, "guid") || is_none || tree->guid.len)
        return HAUL_ROLE_OTHER;
    return HAUL_ROLE_GUID;
}

/* Inside of an entry. */
static int begin_field(struct haul_sitemap_tree *tree, const struct haul_sitemap_tag *tag,
                       uint64_t line, int parent)
{
    if (tree->form == HAUL_SITEMAP_PROTOCOL && haul_span_is_word(tag->name, "loc"))
        return begin_loc(tree, line, parent == HAUL_ROLE_SITEMAP);
    if (!tree->inside)
        return HAUL_ROLE_OTHER;
    if (tree->form == HAUL_SITEMAP_ATOM)
        return begin_atom_field(tree, tag, line);
    if (tree->form == HAUL_SITEMAP_RSS)
        return begin_rss_field(tree, tag, line);
    return haul_span_is_word(tag->name, "lastmod") ? begin_lastmod(tree) : HAUL_ROLE_OTHER;
}

static int begin_foreign(struct haul_sitemap_tree *tree, const struct haul_sitemap_tag *tag,
                         uint64_t line, int parent)
{
    if (parent == HAUL_ROLE_EXTENSION ||
        (tag->space.kind == HAUL_XMLNS_EXTENSION && tag->space.id != tree->root.id))
        return HAUL_ROLE_EXTENSION;
    if (tree->form == HAUL_SITEMAP_PROTOCOL && haul_span_is_word(tag->name, "loc"))
        haul_sitemap_tree_pass_over(tree, line);
    return HAUL_ROLE_OTHER;
}

int haul_sitemap_role_of(struct haul_sitemap_tree *tree, const struct haul_sitemap_tag *tag,
                         uint64_t line)
{
    int parent = tree->depth ? tree->open[tree->depth - 1].role : HAUL_ROLE_NOWHERE;
    enum haul_sitemap_form form;

    if (parent == HAUL_ROLE_NOWHERE && (!tree->has_root || is_root_name(tag->name, &form)))
        return begin_root(tree, tag);
    if (parent == HAUL_ROLE_NOWHERE) /* behind the root */
        parent = HAUL_ROLE_SET;
    if (!is_ours(tree, tag->space))
        return begin_foreign(tree, tag, line, parent);
    if (parent == HAUL_ROLE_SET && is_set_name(tree, tag->name))
        return HAUL_ROLE_SET;
    /* Without its end tag a loc has the next entry in it. */
    if (parent != HAUL_ROLE_OTHER && parent != HAUL_ROLE_EXTENSION &&
        is_entry_name(tree, tag->name))
        return begin_entry(tree, tag, line);
    return haul_sitemap_role_is_entry(parent) ? begin_field(tree, tag, line, parent)
                                              : begin_foreign(tree, tag, line, parent);
}

/* ---- text ---- */

struct haul_buf *haul_sitemap_role_text(struct haul_sitemap_tree *tree)
{
    int role = tree->depth ? tree->open[tree->depth - 1].role : HAUL_ROLE_NOWHERE;
    struct haul_sitemap_draft *draft = tree->draft;

    if (!tree->inside)
        return NULL;
    if (role == HAUL_ROLE_LOC)
        return &draft->loc;
    if (role == HAUL_ROLE_LASTMOD)
        return &draft->lastmod;
    if (role == HAUL_ROLE_GUID)
        return &tree->guid;
    if (haul_sitemap_role_is_entry(role) && !draft->has_loc && tree->form == HAUL_SITEMAP_PROTOCOL)
        return &draft->loc;
    return NULL;
}
