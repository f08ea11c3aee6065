#include "engine/unique.h"

#include <stdlib.h>
#include <string.h>

#include "base/keyset.h"

/* Line numbers and sources are one number; with more sources than fit, only the line is told. */
enum {
    SOURCE_SHIFT = 40,
    SOURCE_UNNAMED = (1 << (64 - SOURCE_SHIFT)) - 1,
    SOURCES_MAX = SOURCE_UNNAMED - 1
};

struct haul_unique {
    struct haul_keyset *seen;
    struct haul_buf sources; /* pointers to the names of the lists and sitemaps, one by one */
};

enum haul_err haul_unique_create(struct haul_unique **out)
{
    struct haul_unique *unique = calloc(1, sizeof *unique);

    *out = NULL;
    if (!unique || haul_keyset_create(&unique->seen)) {
        free(unique);
        return HAUL_ERR_NOMEM;
    }
    haul_buf_init(&unique->sources, SOURCES_MAX * sizeof(const char *));
    *out = unique;
    return HAUL_OK;
}

void haul_unique_free(struct haul_unique *unique)
{
    if (!unique)
        return;
    haul_keyset_free(unique->seen);
    haul_buf_done(&unique->sources);
    free(unique);
}

/* From 1 on. */
static const char *source_of(const struct haul_unique *unique, size_t number)
{
    const char *source;

    memcpy(&source, unique->sources.data + (number - 1) * sizeof source, sizeof source);
    return source;
}

/*
 * The number of a list or sitemap; 0: none, it is the command line. The entries of a source come in
 * one piece, so only the last source has to be looked at.
 */
static size_t number_of(struct haul_unique *unique, const char *source)
{
    size_t count = unique->sources.len / sizeof source;

    if (!source)
        return 0;
    if (count && source_of(unique, count) == source)
        return count;
    haul_buf_add(&unique->sources, &source, sizeof source);
    return unique->sources.err ? SOURCE_UNNAMED : count + 1;
}

static uint64_t tag_of(struct haul_unique *unique, const struct haul_record *rec)
{
    uint64_t source = number_of(unique, rec->source);

    return source << SOURCE_SHIFT | (rec->line & (((uint64_t)1 << SOURCE_SHIFT) - 1));
}

static void name_first(const struct haul_unique *unique, uint64_t tag, struct haul_buf *text)
{
    size_t source = (size_t)(tag >> SOURCE_SHIFT);

    haul_buf_clear(text);
    haul_buf_add_str(text, "the same URL as ");
    if (source && source < SOURCE_UNNAMED)
        haul_buf_addf(text, "%s:", source_of(unique, source));
    else
        haul_buf_add_str(text, source ? "line " : "argument ");
    haul_buf_add_u64(text, tag & (((uint64_t)1 << SOURCE_SHIFT) - 1));
}

bool haul_unique_is_repeated(struct haul_unique *unique, const struct haul_key *key,
                             const struct haul_record *rec, struct haul_buf *text)
{
    uint64_t first;
    bool is_new;

    if (haul_keyset_add(unique->seen, haul_key_number(key), tag_of(unique, rec), &is_new, &first) ||
        is_new)
        return false;
    name_first(unique, first, text);
    return true;
}
