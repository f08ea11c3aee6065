#include "input/sitemap_tree_inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "input/sitemap.h"

enum { NAME_KEPT_MAX = 64 /* bytes of names whose letter case does not count */ };

/* ---- making and unmaking ---- */

enum haul_err haul_sitemap_tree_init(struct haul_sitemap_tree *tree)
{
    *tree = (struct haul_sitemap_tree){.draft = &tree->drafts[0], .done = &tree->drafts[1]};
    haul_sitemap_draft_init(tree->draft);
    haul_sitemap_draft_init(tree->done);
    haul_buf_init(&tree->guid, HAUL_SITEMAP_LOC_MAX);
    haul_buf_init(&tree->base, HAUL_SITEMAP_BASE_MAX);
    haul_buf_init(&tree->cause, 0);
    tree->open = calloc(HAUL_SITEMAP_DEPTH_MAX, sizeof *tree->open);
    if (!tree->open || haul_keyset_create(&tree->names))
        return HAUL_ERR_NOMEM;
    return haul_xmlns_map_create(&tree->spaces);
}

void haul_sitemap_tree_done(struct haul_sitemap_tree *tree)
{
    haul_sitemap_draft_done(&tree->drafts[0]);
    haul_sitemap_draft_done(&tree->drafts[1]);
    haul_buf_done(&tree->guid);
    haul_buf_done(&tree->base);
    haul_buf_done(&tree->cause);
    free(tree->open);
    haul_keyset_free(tree->names);
    haul_xmlns_map_done(&tree->spaces);
}

/* ---- what is refused ---- */

static void check(struct haul_sitemap_tree *tree, enum haul_err err)
{
    if (err)
        haul_sitemap_tree_refuse(tree, HAUL_ERR_NOMEM, "");
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

bool haul_sitemap_tree_wants_attributes(const struct haul_sitemap_tree *tree)
{
    return !tree->depth || tree->form != HAUL_SITEMAP_PROTOCOL;
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
    role = haul_sitemap_role_of(tree, tag, line);
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
    if (role == HAUL_ROLE_LOC)
        tree->draft->is_loc_whole = true;
    else if (haul_sitemap_role_is_entry(role))
        haul_sitemap_draft_complete(tree);
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
        haul_sitemap_draft_complete(tree);
    tree->inside = false;
    return haul_sitemap_tree_is_whole(tree);
}

/* ---- text ---- */

bool haul_sitemap_tree_wants_text(struct haul_sitemap_tree *tree)
{
    return haul_sitemap_role_text(tree) != NULL;
}

void haul_sitemap_tree_text(struct haul_sitemap_tree *tree, const char *text, size_t len)
{
    struct haul_buf *to = haul_sitemap_role_text(tree);

    if (!to)
        return;
    /* Blanks before the text need no room, however many there are. */
    while (!to->len && len && strchr(" \t\r\n", *text)) {
        text++;
        len--;
    }
    haul_sitemap_draft_add(to, text, len);
    if (to->err == HAUL_ERR_NOMEM)
        check(tree, HAUL_ERR_NOMEM);
}
