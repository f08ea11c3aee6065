#include "sink/naming.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/keyset.h"
#include "model/identity.h"
#include "sink/name.h"
#include "sink/name_form.h"
#include "sink/name_late.h"
#include "sink/name_search.h"

/* Whose a name is: that of a directory is everybody's. */
static const uint64_t directory_tag = 1;

struct haul_naming {
    const struct haul_config *config; /* [const] */
    bool folds_case;                  /* [const] */
    uint64_t buckets;                 /* [const] that the form has */
    bool has_type_ext;                /* [const] the form has {type-ext} */
    struct haul_buf date;             /* [const] of today, "2026-11-23" */
    struct haul_keyset *taken;        /* by hash of a path: whose it is */
    struct haul_buf folded, path;     /* for one call */
    uint64_t old_tag;                 /* the same: of whose key an earlier version had; 0: none */
    bool has_old;                     /* there are names of such keys */
    bool has_earlier;                 /* there are names that earlier versions gave */
    bool is_numbered;                 /* [const] it has {n} or {line} */
    bool is_plain;                    /* the name that was given last */
    bool is_by_list;                  /* the same: it has such a number, or is not plain */
};

enum haul_err haul_naming_create(const struct haul_config *config, bool folds_case,
                                 struct haul_naming **out)
{
    struct haul_naming *naming = calloc(1, sizeof *naming);

    *out = naming;
    if (!naming)
        return HAUL_ERR_NOMEM;
    naming->config = config;
    naming->folds_case = folds_case;
    naming->buckets = haul_name_form_buckets(config->name);
    naming->is_numbered = haul_name_form_has(config->name, HAUL_NAME_NUMBER) ||
                          haul_name_form_has(config->name, HAUL_NAME_LINE);
    naming->has_type_ext = haul_name_form_has(config->name, HAUL_NAME_TYPE_EXT);
    haul_buf_init(&naming->folded, 0);
    haul_buf_init(&naming->path, 0);
    haul_buf_init(&naming->date, 0);
    (void)haul_calendar_add_date(&naming->date, haul_clock_wall_us());
    if (haul_keyset_create(&naming->taken) == HAUL_OK && !naming->date.err)
        return HAUL_OK;
    haul_naming_free(naming);
    *out = NULL;
    return HAUL_ERR_NOMEM;
}

void haul_naming_free(struct haul_naming *naming)
{
    if (!naming)
        return;
    haul_keyset_free(naming->taken);
    haul_buf_done(&naming->folded);
    haul_buf_done(&naming->path);
    haul_buf_done(&naming->date);
    free(naming);
}

/* ---- what is taken ---- */

/* The key of a path. It is left in naming->folded, with marks where its buckets are. */
static uint64_t hash_path(struct haul_naming *naming, const char *path, size_t len)
{
    struct haul_buf *folded = &naming->folded;

    haul_buf_clear(folded);
    haul_buf_add(folded, path, len);
    for (size_t i = 0; naming->folds_case && i < folded->len; i++)
        folded->data[i] = haul_ascii_lower(path[i]);
    if (folded->len)
        haul_name_mark_buckets(naming->buckets, folded->data, folded->len);
    return haul_hash_keyed(haul_buf_str(folded), folded->len);
}

/* What there is about a base: paths that are it, but for an extension or the mark of one. */
enum about { LATE, FIRST, FURTHER }; /* a late name; whose the first other is; there are more */

static uint64_t hash_base(const struct haul_naming *naming, size_t len, enum about about)
{
    return haul_hash_keyed_pair(haul_hash_keyed(naming->folded.data, len), (uint64_t)about);
}

static bool is_own(const struct haul_naming *naming, uint64_t owner, uint64_t tag)
{
    return owner == tag || (naming->old_tag && owner == naming->old_tag);
}

static bool is_others(const struct haul_naming *naming, uint64_t key, uint64_t tag)
{
    uint64_t owner;

    return haul_keyset_find(naming->taken, key, &owner) && !is_own(naming, owner, tag);
}

/*
 * A name that ends in the mark of the type will have one of the extensions of a table; one that has
 * such an extension already may be the same then, and is in its way if it is another URL's.
 * naming->folded is the path that is looked at.
 */
static bool is_base_free(const struct haul_naming *naming, uint64_t tag)
{
    const struct haul_buf *path = &naming->folded;
    size_t len = naming->has_type_ext ? haul_name_late_base(path->data, path->len) : 0;

    if (!len)
        return true;
    if (path->data[path->len - 1] != HAUL_NAME_MARK_TYPE[0])
        return !is_others(naming, hash_base(naming, len, LATE), tag);
    return !is_others(naming, hash_base(naming, len, FIRST), tag) &&
           !haul_keyset_has(naming->taken, hash_base(naming, len, FURTHER));
}

/* Notes whose that path is, for those who come to its base. */
static enum haul_err note_base(struct haul_naming *naming, uint64_t tag)
{
    const struct haul_buf *path = &naming->folded;
    size_t len = naming->has_type_ext ? haul_name_late_base(path->data, path->len) : 0;
    bool is_new = true, is_late = len && path->data[len] == HAUL_NAME_MARK_TYPE[0];
    uint64_t owner = tag;
    enum haul_err err = HAUL_OK;

    if (len)
        err = haul_keyset_add(naming->taken, hash_base(naming, len, is_late ? LATE : FIRST), tag,
                              &is_new, &owner);
    if (!err && !is_new && !is_late && !is_own(naming, owner, tag))
        err = haul_keyset_add(naming->taken, hash_base(naming, len, FURTHER), tag, &is_new, &owner);
    return err;
}

/* That of a path as a name that earlier versions gave: in one set with hashes of paths, of which
 * none is this. */
static uint64_t hash_earlier(uint64_t key)
{
    static const uint64_t mark = 32;

    return haul_hash_keyed_pair(key, mark);
}

/* Takes a path, unless somebody else has it. *is_mine: it is ours now, or was before. */
static enum haul_err take(struct haul_naming *naming, const char *path, size_t len, uint64_t tag,
                          bool *is_mine)
{
    uint64_t key = hash_path(naming, path, len), owner = 0;
    enum haul_err err = naming->folded.err;

    *is_mine = false;
    if (err || !is_base_free(naming, tag) ||
        (naming->has_earlier && is_others(naming, hash_earlier(key), tag)))
        return err;
    err = haul_keyset_add(naming->taken, key, tag, is_mine, &owner);
    *is_mine = *is_mine || (!err && is_own(naming, owner, tag));
    return *is_mine ? note_base(naming, tag) : err;
}

/* Puts a variant of the directory `name` behind the `begin` bytes of the path. */
static void put_directory(struct haul_buf *path, size_t begin, const struct haul_span *name,
                          uint64_t hash, unsigned variant)
{
    path->len = begin;
    haul_name_add_marked(path, name->at, name->len, hash, variant);
}

/* Takes the first variant of the directory `name` that is no other URL's file; `name` itself is. */
static enum haul_err take_directory(struct haul_naming *naming, size_t begin,
                                    const struct haul_span *name)
{
    struct haul_buf *path = &naming->path;
    uint64_t hash = haul_hash(path->data, path->len), first, last;
    struct haul_name_search search;
    bool is_mine = false;
    enum haul_err err;

    put_directory(path, begin, name, hash, 1);
    err = take(naming, haul_buf_str(path), path->len, directory_tag, &is_mine);
    if (err || is_mine)
        return err;
    first = hash_path(naming, path->data, path->len);
    put_directory(path, begin, name, hash, HAUL_NAME_VARIANT_MAX);
    last = hash_path(naming, haul_buf_str(path), path->len);
    haul_name_search_begin(&search, naming->taken, first, last, directory_tag);
    for (unsigned variant = haul_name_search_first(&search);
         !err && !is_mine && variant < HAUL_NAME_VARIANT_MAX;
         variant = haul_name_search_next(&search, variant)) {
        put_directory(path, begin, name, hash, variant);
        err = take(naming, haul_buf_str(path), path->len, directory_tag, &is_mine);
        if (is_mine)
            err = haul_name_search_end(&search, naming->taken, variant);
    }
    return is_mine ? err : HAUL_ERR_NOMEM;
}

/*
 * Takes `name` and leaves it in naming->path; a directory in it that is another URL's file is
 * marked.
 */
static enum haul_err take_name(struct haul_naming *naming, const char *name, uint64_t tag,
                               bool *is_mine)
{
    struct haul_buf *path = &naming->path;
    const char *slash;

    haul_buf_clear(path);
    for (; (slash = strchr(name, '/')); name = slash + 1) {
        const struct haul_span directory = {name, (size_t)(slash - name)};
        size_t begin = path->len;
        enum haul_err err;

        haul_buf_add(path, directory.at, directory.len);
        err = take(naming, haul_buf_str(path), path->len, directory_tag, is_mine);
        if (!err && !*is_mine && !path->err)
            err = take_directory(naming, begin, &directory);
        haul_buf_add_char(path, '/');
        if (err || path->err)
            return HAUL_ERR_NOMEM;
    }
    haul_buf_add_str(path, name);
    return path->err ? HAUL_ERR_NOMEM : take(naming, path->data, path->len, tag, is_mine);
}

/* ---- whose a name is ---- */

static uint64_t as_tag(uint64_t number)
{
    return number > directory_tag ? number : directory_tag + 1;
}

/* What is the key's; sets what else is, in this call. */
static uint64_t tag_of(struct haul_naming *naming, const struct haul_key *key)
{
    naming->old_tag = naming->has_old && key->old ? as_tag(haul_key_old_number(key)) : 0;
    return as_tag(haul_key_number(key));
}

static enum haul_err claim(struct haul_naming *naming, const char *path, size_t len, uint64_t tag)
{
    uint64_t key = hash_path(naming, path, len);
    enum haul_err err =
        naming->folded.err ? HAUL_ERR_NOMEM : haul_keyset_put(naming->taken, key, tag);

    return err ? err : note_base(naming, tag);
}

enum haul_err haul_naming_claim(struct haul_naming *naming, const char *name,
                                const struct haul_key *key)
{
    enum haul_err err = HAUL_OK;
    uint64_t tag = tag_of(naming, key);

    if (haul_key_is_old(key))
        naming->has_old = true;
    for (const char *at = strchr(name, '/'); at && !err; at = strchr(at + 1, '/'))
        err = claim(naming, name, (size_t)(at - name), directory_tag);
    return err ? err : claim(naming, name, strlen(name), tag);
}

bool haul_naming_owns(struct haul_naming *naming, const char *name, const struct haul_key *key)
{
    uint64_t path = hash_path(naming, name, strlen(name)), tag = tag_of(naming, key), owner;

    return !naming->folded.err && haul_keyset_find(naming->taken, path, &owner) &&
           is_own(naming, owner, tag);
}

/* ---- giving ---- */

static struct haul_name_facts facts_of(const struct haul_naming *naming, const struct haul_job *job,
                                       const char *shown)
{
    return (struct haul_name_facts){
        .url = shown,
        .hash = haul_identity_hash(&naming->config->ignore_params, job->url, strlen(job->url)),
        .out = job->options ? job->options->out : NULL,
        .dir = job->options ? job->options->dir : NULL,
        .number = job->rec.seq + 1,
        .line = job->rec.line,
        .date = naming->date.data,
        .attached = job->rec.attached,
        .attached_count = job->rec.attached_count};
}

enum haul_reason haul_naming_check(const struct haul_naming *naming, const struct haul_job *job,
                                   const char *shown)
{
    const struct haul_name_facts facts = facts_of(naming, job, shown);
    enum haul_reason reason;
    struct haul_buf name;

    haul_buf_init(&name, 0);
    reason = haul_name_build(naming->config->name, &facts, 0, &name);
    haul_buf_done(&name);
    return reason;
}

/* One URL, for which a name is made. */
struct taker {
    struct haul_name_facts facts;
    uint64_t tag;
    bool is_mine; /* it has one */
};

static enum haul_reason build(const struct haul_naming *naming, const struct taker *taker,
                              unsigned variant, struct haul_buf *name)
{
    haul_buf_clear(name);
    return haul_name_build(naming->config->name, &taker->facts, variant, name);
}

/* Takes `name`, which is that variant, if it is no other's. */
static enum haul_reason take_variant(struct haul_naming *naming, struct taker *taker,
                                     unsigned variant, const struct haul_buf *name)
{
    if (take_name(naming, name->data, taker->tag, &taker->is_mine))
        return HAUL_REASON_NO_MEMORY;
    naming->is_plain = !variant && strcmp(name->data, naming->path.data) == 0;
    return HAUL_REASON_NONE;
}

static enum haul_reason try_variant(struct haul_naming *naming, struct taker *taker,
                                    unsigned variant, struct haul_buf *name)
{
    enum haul_reason reason = build(naming, taker, variant, name);

    return reason == HAUL_REASON_NONE ? take_variant(naming, taker, variant, name) : reason;
}

/* The key of the path with the last variant: naming->path has the directories, `name` the rest. */
static enum haul_reason hash_last(struct haul_naming *naming, const struct taker *taker,
                                  struct haul_buf *name, uint64_t *key)
{
    enum haul_reason reason = build(naming, taker, HAUL_NAME_VARIANT_MAX, name);
    struct haul_buf *path = &naming->path;
    const char *slash;

    if (reason != HAUL_REASON_NONE)
        return reason;
    slash = strrchr(path->data, '/');
    path->len = slash ? (size_t)(slash + 1 - path->data) : 0;
    slash = strrchr(name->data, '/');
    haul_buf_add_str(path, slash ? slash + 1 : name->data);
    *key = hash_path(naming, haul_buf_str(path), path->len);
    return path->err ? HAUL_REASON_NO_MEMORY : HAUL_REASON_NONE;
}

/* The first variant, which stands in naming->path, is another's. */
static enum haul_reason try_further(struct haul_naming *naming, struct taker *taker,
                                    struct haul_buf *name)
{
    uint64_t first = hash_path(naming, naming->path.data, naming->path.len), last = 0;
    enum haul_reason reason = hash_last(naming, taker, name, &last);
    struct haul_name_search search;

    haul_name_search_begin(&search, naming->taken, first, last, taker->tag);
    for (unsigned variant = haul_name_search_first(&search);
         reason == HAUL_REASON_NONE && !taker->is_mine && variant < HAUL_NAME_VARIANT_MAX;
         variant = haul_name_search_next(&search, variant)) {
        reason = try_variant(naming, taker, variant, name);
        if (taker->is_mine && haul_name_search_end(&search, naming->taken, variant))
            reason = HAUL_REASON_NO_MEMORY;
    }
    return reason;
}

enum haul_reason haul_naming_give(struct haul_naming *naming, const struct haul_job *job,
                                  const char *shown, struct haul_buf *name)
{
    struct taker taker = {.facts = facts_of(naming, job, shown), .tag = tag_of(naming, &job->key)};
    enum haul_reason reason = build(naming, &taker, 0, name);

    naming->is_plain = true;
    naming->is_by_list = naming->is_numbered && !taker.facts.out;
    if (reason != HAUL_REASON_NONE || strstr(name->data, HAUL_NAME_MARK_SHA256))
        return reason; /* what is named by its digest has no owner */
    reason = take_variant(naming, &taker, 0, name);
    if (reason == HAUL_REASON_NONE && !taker.is_mine)
        reason = try_variant(naming, &taker, 1, name);
    if (reason == HAUL_REASON_NONE && !taker.is_mine)
        reason = try_further(naming, &taker, name);
    if (reason != HAUL_REASON_NONE)
        return reason;
    naming->is_by_list = naming->is_by_list || !naming->is_plain;
    haul_buf_clear(name);
    haul_buf_add(name, naming->path.data, naming->path.len);
    return name->err || !taker.is_mine ? HAUL_REASON_NO_MEMORY : HAUL_REASON_NONE;
}

/* ---- what earlier versions gave ---- */

/*
 * Takes an earlier name, unless it is another's, be it as an earlier one or as one of today, or may
 * become that once its type is known.
 */
static enum haul_reason take_earlier(struct haul_naming *naming, struct taker *taker,
                                     const struct haul_buf *name)
{
    uint64_t key = hash_path(naming, name->data, name->len), owner = 0;
    bool is_new;

    if (naming->folded.err)
        return HAUL_REASON_NO_MEMORY;
    if (is_others(naming, key, taker->tag) || !is_base_free(naming, taker->tag))
        return HAUL_REASON_NONE;
    if (haul_keyset_add(naming->taken, hash_earlier(key), taker->tag, &is_new, &owner))
        return HAUL_REASON_NO_MEMORY;
    naming->has_earlier = true;
    taker->is_mine = is_new || is_own(naming, owner, taker->tag);
    return taker->is_mine && note_base(naming, taker->tag) ? HAUL_REASON_NO_MEMORY
                                                           : HAUL_REASON_NONE;
}

/* Then it is spelled as it always was. */
static bool is_ascii(const char *text)
{
    return !text || haul_ascii_is_all(text);
}

/* Whether earlier versions made another name of it; that is left in `name`. */
static enum haul_reason compare_spellings(const struct haul_naming *naming, struct taker *taker,
                                          const struct haul_naming_shown *shown,
                                          struct haul_buf *name, bool *differs)
{
    enum haul_reason reason;
    struct haul_buf now;

    haul_buf_init(&now, 0);
    taker->facts.url = shown->now;
    reason = build(naming, taker, 0, &now);
    taker->facts.url = shown->earlier;
    taker->facts.spelling = HAUL_NAME_EARLIER;
    if (shown->attached)
        taker->facts.attached = shown->attached;
    if (reason == HAUL_REASON_NONE)
        reason = build(naming, taker, 0, name);
    *differs = reason == HAUL_REASON_NONE && strcmp(now.data, name->data) != 0;
    haul_buf_done(&now);
    return reason;
}

enum haul_reason haul_naming_find_earlier(struct haul_naming *naming, const struct haul_job *job,
                                          const struct haul_naming_shown *shown,
                                          struct haul_buf *name)
{
    struct taker taker = {.facts = facts_of(naming, job, shown->now),
                          .tag = tag_of(naming, &job->key)};
    enum haul_reason reason;
    bool differs;

    if (is_ascii(taker.facts.out) && is_ascii(taker.facts.dir) && !shown->attached &&
        strcmp(shown->now, shown->earlier) == 0)
        return HAUL_REASON_NONE;
    reason = compare_spellings(naming, &taker, shown, name, &differs);
    differs = differs && !haul_name_is_late(name->data);
    for (unsigned variant = 0; differs && !taker.is_mine && variant < 2; variant++) {
        reason = build(naming, &taker, variant, name);
        if (reason == HAUL_REASON_NONE)
            reason = take_earlier(naming, &taker, name);
        if (reason != HAUL_REASON_NONE)
            break;
    }
    if (!taker.is_mine)
        haul_buf_clear(name);
    return reason;
}

bool haul_naming_is_plain(const struct haul_naming *naming)
{
    return naming->is_plain;
}

bool haul_naming_is_by_list(const struct haul_naming *naming)
{
    return naming->is_by_list;
}
