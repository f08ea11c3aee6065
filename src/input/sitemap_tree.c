#include "input/sitemap_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "input/sitemap.h"

enum {
    ROOT_SHOWN_MAX = 64,             /* bytes of a foreign root's name in a message */
    TEXT_MAX = HAUL_LINE_MAX + 1024, /* of a loc, beyond which nothing is kept */
    BASE_MAX = HAUL_LINE_MAX,
    NAME_KEPT_MAX = 64 /* bytes of names whose letter case does not count */
};

enum role {
    ROLE_NOWHERE,   /* no element is open */
    ROLE_OTHER,     /* means nothing, and so does what is in it */
    ROLE_EXTENSION, /* the same, and its loc are not counted */
    ROLE_SET,       /* has entries: urlset, sitemapindex, channel and the like */
    ROLE_PAGE,      /* an entry: url, item, entry */
    ROLE_SITEMAP,   /* an entry that names a sitemap */
    ROLE_LOC,
    ROLE_LASTMOD,
    ROLE_GUID
};

/* ---- making and unmaking ---- */

static void init_draft(struct haul_sitemap_draft *draft)
{
    haul_buf_init(&draft->loc, TEXT_MAX);
    haul_buf_init(&draft->lastmod, HAUL_SITEMAP_LASTMOD_MAX);
    haul_buf_init(&draft->base, BASE_MAX);
}

static void end_draft(struct haul_sitemap_draft *draft)
{
    haul_buf_done(&draft->loc);
    haul_buf_done(&draft->lastmod);
    haul_buf_done(&draft->base);
}

enum haul_err haul_sitemap_tree_init(struct haul_sitemap_tree *tree)
{
    *tree = (struct haul_sitemap_tree){.draft = &tree->drafts[0], .done = &tree->drafts[1]};
    init_draft(tree->draft);
    init_draft(tree->done);
    haul_buf_init(&tree->guid, TEXT_MAX);
    haul_buf_init(&tree->base, BASE_MAX);
    haul_buf_init(&tree->cause, 0);
    tree->open = calloc(HAUL_SITEMAP_DEPTH_MAX, sizeof *tree->open);
    if (!tree->open || haul_keyset_create(&tree->names))
        return HAUL_ERR_NOMEM;
    return haul_xmlns_map_create(&tree->spaces);
}

void haul_sitemap_tree_done(struct haul_sitemap_tree *tree)
{
    end_draft(&tree->drafts[0]);
    end_draft(&tree->drafts[1]);
    haul_buf_done(&tree->guid);
    haul_buf_done(&tree->base);
    haul_buf_done(&tree->cause);
    free(tree->open);
    haul_keyset_free(tree->names);
    haul_xmlns_map_done(&tree->spaces);
}

/* ---- what is wrong ---- */

void haul_sitemap_tree_refuse(struct haul_sitemap_tree *tree, enum haul_err err, const char *cause)
{
    if (tree->err)
        return;
    tree->err = err;
    haul_buf_add_str(&tree->cause, cause);
}

static void check(struct haul_sitemap_tree *tree, enum haul_err err)
{
    if (err)
        haul_sitemap_tree_refuse(tree, HAUL_ERR_NOMEM, "");
}

void haul_sitemap_tree_slip(struct haul_sitemap_tree *tree, uint64_t line, const char *what)
{
    if (tree->slips++)
        return;
    tree->slip_line = line;
    (void)snprintf(tree->slip, sizeof tree->slip, "%s", what);
}

static bool is_entry(int role)
{
    return role == ROLE_PAGE || role == ROLE_SITEMAP;
}

static void pass_over(struct haul_sitemap_tree *tree, uint64_t line)
{
    if (!tree->passed_over++)
        tree->passed_over_line = line;
}

void haul_sitemap_tree_note_name(struct haul_sitemap_tree *tree, uint64_t key)
{
    uint64_t first;
    bool is_new;

    if (tree->err)
        return;
    if (haul_keyset_add(tree->names, key, 0, &is_new, &first))
        check(tree, HAUL_ERR_NOMEM);
    else if (is_new && ++tree->name_count > HAUL_SITEMAP_NAMES_MAX)
        haul_sitemap_tree_refuse(tree, HAUL_ERR_SYNTAX,
                                 "more than 512 different names of elements and attributes");
}

enum haul_err haul_sitemap_tree_check_token(struct haul_sitemap_tree *tree, size_t held)
{
    if (held > HAUL_SITEMAP_TOKEN_MAX)
        haul_sitemap_tree_refuse(tree, HAUL_ERR_SYNTAX, "a tag or the like is longer than 1 MiB");
    return tree->err;
}

void haul_sitemap_tree_change_reader(struct haul_sitemap_tree *tree)
{
    haul_keyset_clear(tree->names);
    tree->name_count = 0;
    memset(tree->lately, 0, sizeof tree->lately);
    haul_xmlns_leave(&tree->spaces, tree->depth);
}

/* ---- names ---- */

/* A name in another letter case is the same, as what ends an element, and one of ours. */
static uint64_t key_of(struct haul_xmlns space, struct haul_span name)
{
    char small[NAME_KEPT_MAX];

    if (name.len > sizeof small)
        return haul_hash_keyed_pair(space.id, haul_hash_keyed(name.at, name.len));
    for (size_t i = 0; i < name.len; i++)
        small[i] = haul_ascii_lower(name.at[i]);
    return haul_hash_keyed_pair(space.id, haul_hash_keyed(small, name.len));
}

/* The same of an element that begins, and its name is noted. */
static uint64_t meet_name(struct haul_sitemap_tree *tree, struct haul_xmlns space,
                          struct haul_span name)
{
    struct haul_sitemap_lately *lately =
        &tree->lately[(name.len + (name.len ? (unsigned char)*name.at : 0)) %
                      (sizeof tree->lately / sizeof *tree->lately)];
    uint64_t key;

    if (lately->key && lately->space == space.id && lately->len == name.len &&
        memcmp(lately->name, name.at, name.len) == 0)
        return lately->key;
    key = key_of(space, name);
    haul_sitemap_tree_note_name(tree, key);
    if (name.len && name.len <= sizeof lately->name) {
        *lately = (struct haul_sitemap_lately){.space = space.id, .key = key, .len = name.len};
        memcpy(lately->name, name.at, name.len);
    }
    return key;
}

static bool is_ours(const struct haul_sitemap_tree *tree, struct haul_xmlns space)
{
    if (space.id == tree->root.id || space.kind == HAUL_XMLNS_NONE)
        return true;
    if (tree->form == HAUL_SITEMAP_PROTOCOL)
        return space.kind == HAUL_XMLNS_SITEMAP;
    return space.kind == (tree->form == HAUL_SITEMAP_RSS ? HAUL_XMLNS_RSS : HAUL_XMLNS_ATOM);
}

bool haul_sitemap_tree_wants_attributes(const struct haul_sitemap_tree *tree)
{
    return !tree->depth || tree->form != HAUL_SITEMAP_PROTOCOL;
}

/* As much of a text as there is room for; the rest makes it too long. */
static void add_text(struct haul_buf *to, const char *text, size_t len)
{
    size_t room = to->max - to->len;

    haul_buf_add(to, text, len < room ? len : room);
    if (len > room && !to->err)
        to->err = HAUL_ERR_LIMIT;
}

static void add_value(struct haul_buf *to, const char *value)
{
    haul_buf_clear(to);
    if (value)
        add_text(to, value, strlen(value));
}

/* ---- entries ---- */

static void begin_draft(struct haul_sitemap_tree *tree, bool is_sitemap, uint64_t line)
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
static void complete_draft(struct haul_sitemap_tree *tree)
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
        pass_over(tree, draft->line);
        return;
    }
    tree->draft = tree->done;
    tree->done = draft;
    tree->ready = true;
}

/* ---- the beginning of an element ---- */

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

static int begin_root(struct haul_sitemap_tree *tree, const struct haul_sitemap_tag *tag)
{
    size_t shown = tag->name.len < ROOT_SHOWN_MAX ? tag->name.len : ROOT_SHOWN_MAX;

    if (!is_root_name(tag->name, &tree->form)) {
        if (!tree->err)
            haul_buf_addf(&tree->cause, "not a sitemap: its root element is '%.*s'", (int)shown,
                          tag->name.at);
        haul_sitemap_tree_refuse(tree, HAUL_ERR_SYNTAX, "");
        return ROLE_OTHER;
    }
    tree->has_root = true;
    tree->is_index = haul_span_is_word(tag->name, "sitemapindex");
    tree->root = tag->space;
    add_value(&tree->base, tag->base);
    return ROLE_SET;
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
        complete_draft(tree);
    is_sitemap = haul_span_is_word(tag->name, "sitemap");
    begin_draft(tree, is_sitemap, line);
    add_value(&tree->draft->base, tag->base);
    return is_sitemap ? ROLE_SITEMAP : ROLE_PAGE;
}

/* The text of the element will be the loc. */
static int begin_loc(struct haul_sitemap_tree *tree, uint64_t line, bool is_sitemap)
{
    if (tree->inside && tree->draft->has_loc) {
        haul_sitemap_tree_slip(tree, line, "two <loc> in one entry");
        complete_draft(tree);
    }
    if (!tree->inside)
        begin_draft(tree, is_sitemap, line);
    haul_buf_clear(&tree->draft->loc);
    tree->draft->has_loc = true;
    tree->draft->line = line;
    return ROLE_LOC;
}

static int begin_lastmod(struct haul_sitemap_tree *tree)
{
    haul_buf_clear(&tree->draft->lastmod);
    return ROLE_LASTMOD;
}

static int begin_atom_field(struct haul_sitemap_tree *tree, const struct haul_sitemap_tag *tag,
                            uint64_t line)
{
    struct haul_sitemap_draft *draft = tree->draft;
    bool is_alternate = !tag->rel || haul_span_is_word(haul_span_of(tag->rel), "alternate");

    if (haul_span_is_word(tag->name, "updated") || haul_span_is_word(tag->name, "modified"))
        return begin_lastmod(tree);
    if (!haul_span_is_word(tag->name, "link") || !is_alternate || !tag->href || draft->has_loc)
        return ROLE_OTHER;
    draft->has_loc = draft->is_loc_whole = true;
    draft->line = line;
    add_value(&draft->loc, tag->href);
    if (tag->base)
        add_value(&draft->base, tag->base);
    return ROLE_OTHER;
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
        return ROLE_OTHER;
    return ROLE_GUID;
}

/* Inside of an entry. */
static int begin_field(struct haul_sitemap_tree *tree, const struct haul_sitemap_tag *tag,
                       uint64_t line, int parent)
{
    if (tree->form == HAUL_SITEMAP_PROTOCOL && haul_span_is_word(tag->name, "loc"))
        return begin_loc(tree, line, parent == ROLE_SITEMAP);
    if (!tree->inside)
        return ROLE_OTHER;
    if (tree->form == HAUL_SITEMAP_ATOM)
        return begin_atom_field(tree, tag, line);
    if (tree->form == HAUL_SITEMAP_RSS)
        return begin_rss_field(tree, tag, line);
    return haul_span_is_word(tag->name, "lastmod") ? begin_lastmod(tree) : ROLE_OTHER;
}

static int begin_foreign(struct haul_sitemap_tree *tree, const struct haul_sitemap_tag *tag,
                         uint64_t line, int parent)
{
    if (parent == ROLE_EXTENSION ||
        (tag->space.kind == HAUL_XMLNS_EXTENSION && tag->space.id != tree->root.id))
        return ROLE_EXTENSION;
    if (tree->form == HAUL_SITEMAP_PROTOCOL && haul_span_is_word(tag->name, "loc"))
        pass_over(tree, line);
    return ROLE_OTHER;
}

static int role_of(struct haul_sitemap_tree *tree, const struct haul_sitemap_tag *tag,
                   uint64_t line)
{
    int parent = tree->depth ? tree->open[tree->depth - 1].role : ROLE_NOWHERE;
    enum haul_sitemap_form form;

    if (parent == ROLE_NOWHERE && (!tree->has_root || is_root_name(tag->name, &form)))
        return begin_root(tree, tag);
    if (parent == ROLE_NOWHERE) /* behind the root */
        parent = ROLE_SET;
    if (!is_ours(tree, tag->space))
        return begin_foreign(tree, tag, line, parent);
    if (parent == ROLE_SET && is_set_name(tree, tag->name))
        return ROLE_SET;
    /* Without its end tag a loc has the next entry in it. */
    if (parent != ROLE_OTHER && parent != ROLE_EXTENSION && is_entry_name(tree, tag->name))
        return begin_entry(tree, tag, line);
    return is_entry(parent) ? begin_field(tree, tag, line, parent)
                            : begin_foreign(tree, tag, line, parent);
}

void haul_sitemap_tree_open(struct haul_sitemap_tree *tree, const struct haul_sitemap_tag *tag,
                            uint64_t line)
{
    uint64_t key = meet_name(tree, tag->space, tag->name);
    int role;

    if (tree->err)
        return;
    if (tree->depth == HAUL_SITEMAP_DEPTH_MAX) {
        haul_sitemap_tree_refuse(tree, HAUL_ERR_SYNTAX, "more than 64 elements inside each other");
        return;
    }
    role = role_of(tree, tag, line);
    tree->open[tree->depth++] = (struct haul_sitemap_element){key, role};
    if (tree->base.err == HAUL_ERR_NOMEM || tree->draft->loc.err == HAUL_ERR_NOMEM ||
        tree->draft->base.err == HAUL_ERR_NOMEM)
        check(tree, HAUL_ERR_NOMEM);
}

void haul_sitemap_tree_declare(struct haul_sitemap_tree *tree, struct haul_span prefix,
                               struct haul_span uri)
{
    if (uri.len > HAUL_SITEMAP_SPACE_MAX)
        haul_sitemap_tree_refuse(tree, HAUL_ERR_SYNTAX,
                                 "the name of a namespace is longer than 512 bytes");
    haul_sitemap_tree_note_name(tree, haul_hash_keyed(prefix.at, prefix.len));
    haul_sitemap_tree_note_name(tree, haul_hash_keyed(uri.at, uri.len));
    if (!tree->err)
        check(tree, haul_xmlns_declare(&tree->spaces, prefix, uri, tree->depth + 1));
}

/* ---- its end ---- */

void haul_sitemap_tree_close_last(struct haul_sitemap_tree *tree)
{
    int role = tree->open[--tree->depth].role;

    haul_xmlns_leave(&tree->spaces, tree->depth);
    if (role == ROLE_LOC)
        tree->draft->is_loc_whole = true;
    else if (is_entry(role))
        complete_draft(tree);
}

bool haul_sitemap_tree_close(struct haul_sitemap_tree *tree, struct haul_xmlns space,
                             struct haul_span name)
{
    uint64_t key = key_of(space, name);
    int at = tree->depth;

    while (at && tree->open[at - 1].key != key)
        at--;
    if (!at)
        return false;
    while (tree->depth >= at)
        haul_sitemap_tree_close_last(tree);
    return true;
}

bool haul_sitemap_tree_is_whole(const struct haul_sitemap_tree *tree)
{
    return tree->has_root && !tree->depth;
}

bool haul_sitemap_tree_end(struct haul_sitemap_tree *tree)
{
    if (tree->inside && tree->draft->is_loc_whole)
        complete_draft(tree);
    tree->inside = false;
    return haul_sitemap_tree_is_whole(tree);
}

/* ---- text ---- */

/* Where text of the innermost element goes. NULL: nowhere. */
static struct haul_buf *target(struct haul_sitemap_tree *tree)
{
    int role = tree->depth ? tree->open[tree->depth - 1].role : ROLE_NOWHERE;
    struct haul_sitemap_draft *draft = tree->draft;

    if (!tree->inside)
        return NULL;
    if (role == ROLE_LOC)
        return &draft->loc;
    if (role == ROLE_LASTMOD)
        return &draft->lastmod;
    if (role == ROLE_GUID)
        return &tree->guid;
    if (is_entry(role) && !draft->has_loc && tree->form == HAUL_SITEMAP_PROTOCOL)
        return &draft->loc;
    return NULL;
}

bool haul_sitemap_tree_wants_text(struct haul_sitemap_tree *tree)
{
    return target(tree) != NULL;
}

void haul_sitemap_tree_text(struct haul_sitemap_tree *tree, const char *text, size_t len)
{
    struct haul_buf *to = target(tree);

    if (!to)
        return;
    /* Blanks before the text need no room, however many there are. */
    while (!to->len && len && strchr(" \t\r\n", *text)) {
        text++;
        len--;
    }
    add_text(to, text, len);
    if (to->err == HAUL_ERR_NOMEM)
        check(tree, HAUL_ERR_NOMEM);
}
