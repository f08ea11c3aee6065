#include "input/xmlns.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/hash.h"

/* ---- what kind of namespace ---- */

struct known {
    const char *begin; /* of its name, in small letters, without scheme and "www." */
    enum haul_xmlns_kind kind;
};

/* The first that fits counts. */
static const struct known knowns[] = {
    {"sitemaps.org/schemas/sitemap-", HAUL_XMLNS_EXTENSION}, /* often so, instead of Google's */
    {"sitemaps.org/schemas/sitemap", HAUL_XMLNS_SITEMAP},
    {"google.com/schemas/sitemap-", HAUL_XMLNS_EXTENSION},
    {"google.com/schemas/sitemap", HAUL_XMLNS_SITEMAP},
    {"google.com/geo/schemas/sitemap", HAUL_XMLNS_EXTENSION},
    {"search.yahoo.com/mrss", HAUL_XMLNS_EXTENSION},
    {"w3.org/1999/xhtml", HAUL_XMLNS_EXTENSION},
    {"w3.org/2005/atom", HAUL_XMLNS_ATOM},
    {"purl.org/atom/ns#", HAUL_XMLNS_ATOM},
    {"purl.org/rss/1.0", HAUL_XMLNS_RSS},
    {"backend.userland.com/rss", HAUL_XMLNS_RSS},
};

static const char *const extension_prefixes[] = {"image",  "video",   "news", "xhtml",
                                                 "mobile", "pagemap", "geo",  "media"};

/* As haul_span_skip, in any letter case; `word` has small ones. */
static bool skip_word(struct haul_span *text, const char *word)
{
    size_t len = strlen(word);

    if (text->len < len || !haul_span_is_word((struct haul_span){text->at, len}, word))
        return false;
    (void)haul_span_take(text, len);
    return true;
}

struct haul_xmlns haul_xmlns_of(struct haul_span uri)
{
    struct haul_xmlns space = {0, HAUL_XMLNS_NONE};

    if (!uri.len)
        return space;
    space.id = haul_hash_keyed(uri.at, uri.len);
    space.kind = HAUL_XMLNS_OTHER;
    uri = haul_span_trim(uri);
    if (!skip_word(&uri, "http://"))
        (void)skip_word(&uri, "https://");
    (void)skip_word(&uri, "www.");
    for (size_t i = 0; i < sizeof knowns / sizeof *knowns; i++) {
        struct haul_span rest = uri;

        if (skip_word(&rest, knowns[i].begin)) {
            space.kind = knowns[i].kind;
            break;
        }
    }
    return space;
}

/* Of a prefix that nothing declares. */
static struct haul_xmlns space_of_prefix(struct haul_span prefix)
{
    struct haul_xmlns space = {haul_hash_keyed_pair(1, haul_hash_keyed(prefix.at, prefix.len)),
                               HAUL_XMLNS_OTHER};

    for (size_t i = 0; i < sizeof extension_prefixes / sizeof *extension_prefixes; i++)
        if (haul_span_is_word(prefix, extension_prefixes[i]))
            space.kind = HAUL_XMLNS_EXTENSION;
    return space;
}

/* ---- which is bound ---- */

/* The number of the empty prefix, for the default namespace. */
enum { PLAIN = 0 };

enum haul_err haul_xmlns_map_create(struct haul_xmlns_map *map)
{
    *map = (struct haul_xmlns_map){.count = PLAIN + 1};
    map->bound = calloc(HAUL_XMLNS_PREFIXES_MAX, sizeof *map->bound);
    if (!map->bound)
        return HAUL_ERR_NOMEM;
    return haul_keyset_create(&map->prefixes);
}

void haul_xmlns_map_done(struct haul_xmlns_map *map)
{
    haul_keyset_free(map->prefixes);
    free(map->bound);
    free(map->undo);
    *map = (struct haul_xmlns_map){.prefixes = NULL};
}

static enum haul_err number_of(struct haul_xmlns_map *map, struct haul_span prefix, size_t *number)
{
    uint64_t tag = (uint64_t)map->count;
    bool is_new;
    enum haul_err err;

    *number = PLAIN;
    if (!prefix.len)
        return HAUL_OK;
    err =
        haul_keyset_add(map->prefixes, haul_hash_keyed(prefix.at, prefix.len), tag, &is_new, &tag);
    if (err)
        return err;
    *number = is_new ? (size_t)map->count : (size_t)tag;
    map->count += is_new && map->count < HAUL_XMLNS_PREFIXES_MAX;
    return HAUL_OK;
}

static enum haul_err remember(struct haul_xmlns_map *map, size_t number, int depth)
{
    if (map->undo_count == map->undo_capacity) {
        size_t capacity = map->undo_capacity ? 2 * map->undo_capacity : 16;
        struct haul_xmlns_undo *undo = realloc(map->undo, capacity * sizeof *undo);

        if (!undo)
            return HAUL_ERR_NOMEM;
        map->undo = undo;
        map->undo_capacity = capacity;
    }
    map->undo[map->undo_count++] =
        (struct haul_xmlns_undo){.number = number, .depth = depth, .was = map->bound[number]};
    return HAUL_OK;
}

enum haul_err haul_xmlns_declare(struct haul_xmlns_map *map, struct haul_span prefix,
                                 struct haul_span uri, int depth)
{
    size_t number;
    enum haul_err err = number_of(map, prefix, &number);

    /* The first of several in one element counts, so that no element can have any number. */
    if (err || number >= HAUL_XMLNS_PREFIXES_MAX || map->bound[number].depth == depth)
        return err;
    err = remember(map, number, depth);
    if (!err)
        map->bound[number] =
            (struct haul_xmlns_binding){.space = haul_xmlns_of(uri), .depth = depth};
    return err;
}

void haul_xmlns_leave(struct haul_xmlns_map *map, int depth)
{
    while (map->undo_count && map->undo[map->undo_count - 1].depth > depth) {
        const struct haul_xmlns_undo *undo = &map->undo[--map->undo_count];

        map->bound[undo->number] = undo->was;
    }
}

bool haul_xmlns_find(const struct haul_xmlns_map *map, struct haul_span prefix,
                     struct haul_xmlns *space)
{
    uint64_t number = PLAIN;

    if (prefix.len &&
        !haul_keyset_find(map->prefixes, haul_hash_keyed(prefix.at, prefix.len), &number))
        number = HAUL_XMLNS_PREFIXES_MAX;
    if (number < HAUL_XMLNS_PREFIXES_MAX) {
        *space = map->bound[number].space;
        if (!prefix.len || space->id)
            return true;
    }
    *space = space_of_prefix(prefix);
    return false;
}
