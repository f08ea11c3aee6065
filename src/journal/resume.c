/* memmem */
#define _GNU_SOURCE
#include "journal/resume.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "journal/line.h"
#include "journal/pairs.h"
#include "journal/scan.h"
#include "journal/title.h"

/*
 * A record in memory is a pair: the number of its key, and beside it, from the highest bit down,
 * the number of its journal, where it stands in there, which record it replaces, and flags. So
 * pairs sorted by key are, within a key, in the order in which they were written. Once settled,
 * they stand in the order of the occurrences instead: the first pair of a key is its first
 * occurrence, and so on; and in the place of what it replaces each has the number of that. Taken
 * ones are always the first of their key; the others keep their order.
 */
enum {
    TAKEN = 1,
    FAILED = 2,
    TRANSIENT = 4,
    REPLACES_SHIFT = 3,
    OFFSET_SHIFT = 14,
    FILE_SHIFT = 54
};
#define REPLACES_MASK ((uint64_t)HAUL_RESUME_REPLACES_MAX)
#define OCCURRENCE_MASK (REPLACES_MASK << REPLACES_SHIFT)
#define OFFSET_MAX (((uint64_t)1 << (FILE_SHIFT - OFFSET_SHIFT)) - 1)

struct haul_resume {
    struct haul_pairs pairs;
    int fd[HAUL_RESUME_FILES_MAX]; /* the callers' */
    unsigned files;
    struct haul_resume_names names;
    struct haul_key_reader keys;
    bool has_old; /* records that are known by an earlier version's key only */

    struct haul_journal_window window;
    struct haul_journal_parser parser;
    size_t next; /* of the walk */
};

enum haul_err haul_resume_create(struct haul_resume **out)
{
    struct haul_resume *resume = calloc(1, sizeof *resume);

    *out = resume;
    if (!resume)
        return HAUL_ERR_NOMEM;
    haul_journal_parser_init(&resume->parser);
    haul_journal_window_init(&resume->window);
    return HAUL_OK;
}

void haul_resume_free(struct haul_resume *resume)
{
    if (!resume)
        return;
    haul_pairs_done(&resume->pairs);
    haul_journal_parser_done(&resume->parser);
    haul_key_reader_done(&resume->keys);
    haul_buf_done(&resume->window.bytes);
    free(resume);
}

void haul_resume_set_names(struct haul_resume *resume, const struct haul_resume_names *names)
{
    resume->names = *names;
}

/* ---- loading ---- */

/* A record of version 1 gets its key of today, if its text tells it. */
static enum haul_err find_key(struct haul_resume *resume, const struct haul_journal_span *span,
                              struct haul_key *key)
{
    struct haul_record rec;
    enum haul_err err;

    *key = span->mark.key;
    if (!haul_key_is_old(key))
        return HAUL_OK;
    err = haul_journal_parse(&resume->parser, span->text, span->len, &rec);
    if (!err)
        haul_key_reader_renew(&resume->keys, &rec, key);
    if (haul_key_is_old(key))
        resume->has_old = true;
    return err == HAUL_ERR_SYNTAX ? HAUL_OK : err;
}

static enum haul_err tell_name(struct haul_resume *resume, const struct haul_journal_span *span,
                               const struct haul_key *key)
{
    const char *name;
    enum haul_err err;

    if (!resume->names.take)
        return HAUL_OK;
    err = haul_journal_parse_name(&resume->parser, span->text, span->len, &name);
    if (err || !name)
        return err == HAUL_ERR_SYNTAX ? HAUL_OK : err; /* the line is sound: its name is unusable */
    return resume->names.take(resume->names.arg, name, key);
}

static enum haul_err add_record(struct haul_resume *resume, const struct haul_journal_span *span)
{
    const struct haul_journal_mark *mark = &span->mark;
    uint64_t low = (uint64_t)(resume->files - 1) << FILE_SHIFT | span->offset << OFFSET_SHIFT;
    struct haul_key key;
    enum haul_err err = find_key(resume, span, &key);

    if (!err)
        err = tell_name(resume, span, &key);
    if (err)
        return err;
    if (mark->outcome == HAUL_OUTCOME_PENDING)
        return HAUL_OK;
    if (span->offset > OFFSET_MAX)
        return HAUL_ERR_LIMIT;
    if (mark->replaces <= HAUL_RESUME_REPLACES_MAX)
        low |= (uint64_t)mark->replaces << REPLACES_SHIFT;
    if (mark->has_failed)
        low |= FAILED | (mark->is_transient ? TRANSIENT : 0);
    return haul_pairs_add(&resume->pairs, haul_key_number(&key), low);
}

/* The damaged line was not the last one: it is damage in the middle. */
static void note_middle(struct haul_resume_stats *stats)
{
    if (!stats->tail_line)
        return;
    stats->damaged++;
    if (!stats->damaged_line)
        stats->damaged_line = stats->tail_line;
    stats->tail = stats->tail_line = 0;
}

static void note_ignored(const struct haul_journal_span *span, struct haul_resume_stats *stats)
{
    uint64_t ignored = haul_journal_ignored(span->text, span->len);

    stats->ignored_varies |= stats->headers && ignored != stats->ignored;
    stats->ignored = ignored;
}

static enum haul_err add_sound(struct haul_resume *resume, const struct haul_journal_span *span,
                               struct haul_resume_stats *stats)
{
    note_middle(stats);
    stats->keep = span->offset + span->size;
    stats->is_closed = span->mark.kind == HAUL_JOURNAL_FOOTER;
    stats->pending = span->mark.pending;
    stats->inputs = span->mark.inputs;
    if (span->mark.kind == HAUL_JOURNAL_HEADER) {
        note_ignored(span, stats);
        haul_title_read(span->text, span->len, stats->title);
        if (stats->ignored)
            haul_key_reader_note_rules(&resume->keys, span->text, span->len);
        stats->headers++;
        return span->mark.version > HAUL_JOURNAL_VERSION ? HAUL_ERR_RANGE : HAUL_OK;
    }
    if (span->mark.kind == HAUL_JOURNAL_FOOTER) {
        if (stats->headers == 1 && !stats->first_ended_us)
            stats->first_ended_us = span->mark.ended_us;
        return HAUL_OK;
    }
    stats->records++;
    if (!stats->has_attached)
        stats->has_attached = memmem(span->text, span->len, "\"attached\"", 10) != NULL;
    return add_record(resume, span);
}

static void note_damaged(const struct haul_journal_span *span, struct haul_resume_stats *stats)
{
    note_middle(stats);
    stats->keep = span->offset;
    stats->tail = span->size;
    stats->tail_line = span->number;
}

static enum haul_err scan_all(struct haul_resume *resume, struct haul_journal_scan *scan,
                              struct haul_resume_stats *stats)
{
    struct haul_journal_span span;
    enum haul_err err;

    while ((err = haul_journal_scan_next(scan, &span)) == HAUL_OK) {
        if (!span.is_sound) {
            note_damaged(&span, stats);
            continue;
        }
        err = add_sound(resume, &span, stats);
        if (err)
            return err;
    }
    return err == HAUL_ERR_END ? HAUL_OK : err;
}

enum haul_err haul_resume_add(struct haul_resume *resume, int fd, struct haul_resume_stats *stats)
{
    struct haul_journal_scan *scan;
    struct stat info;
    enum haul_err err;

    *stats = (struct haul_resume_stats){0};
    if (resume->files == HAUL_RESUME_FILES_MAX)
        return HAUL_ERR_LIMIT;
    if (fstat(fd, &info))
        return HAUL_ERR_IO;
    resume->fd[resume->files++] = fd;
    err = haul_journal_scan_create(fd, (uint64_t)info.st_size, &scan);
    if (!err)
        err = scan_all(resume, scan, stats);
    haul_journal_scan_free(scan);
    return err;
}

bool haul_resume_ignores_other(const struct haul_resume_stats *stats,
                               const struct haul_config *config)
{
    return stats->headers &&
           (stats->ignored_varies || stats->ignored != haul_journal_ignored_now(config));
}

/* ---- reading a record ---- */

static unsigned file_of(uint64_t low)
{
    return (unsigned)(low >> FILE_SHIFT);
}

static struct haul_resume_place place_of(const struct haul_resume *resume, uint64_t low)
{
    return (struct haul_resume_place){.fd = resume->fd[file_of(low)],
                                      .offset = low >> OFFSET_SHIFT & OFFSET_MAX,
                                      .has_failed = low & FAILED,
                                      .is_transient = low & TRANSIENT};
}

static enum haul_err find_line(struct haul_resume *resume, const struct haul_resume_place *place,
                               const char **line, size_t *len)
{
    return haul_journal_window_find(&resume->window, place->fd, place->offset, line, len);
}

/* The line was sound when the journal was read: the file has changed since. */
static enum haul_err as_changed(enum haul_err err)
{
    if (err != HAUL_ERR_SYNTAX)
        return err;
    errno = 0;
    return HAUL_ERR_IO;
}

enum haul_err haul_resume_read(struct haul_resume *resume, const struct haul_resume_place *place,
                               struct haul_record *rec)
{
    const char *line;
    size_t len;
    enum haul_err err = find_line(resume, place, &line, &len);

    if (err)
        return err;
    return as_changed(haul_journal_parse(&resume->parser, line, len, rec));
}

/* ---- settling: which record is which occurrence ---- */

/*
 * Whether a record was begun later than another one, of an earlier journal. A record that was begun
 * at the same moment, or like the other one never, counts as newer.
 */
static enum haul_err is_newer(struct haul_resume *resume, uint64_t low, uint64_t than, bool *newer)
{
    struct haul_resume_place place = place_of(resume, than);
    struct haul_record rec;
    enum haul_err err = haul_resume_read(resume, &place, &rec);
    int64_t started_us;

    if (err)
        return err;
    started_us = rec.started_us;
    place = place_of(resume, low);
    err = haul_resume_read(resume, &place, &rec);
    *newer = !err && rec.started_us >= started_us;
    return err;
}

/*
 * The pairs of one key in one journal: those that replace go to the place of what they replace.
 * Returns how many are left, at the beginning.
 */
static size_t settle_file(struct haul_pair *item, size_t count)
{
    size_t kept = 0;

    for (size_t i = 0; i < count; i++) {
        size_t replaces = (size_t)(item[i].low >> REPLACES_SHIFT & REPLACES_MASK);

        if (replaces && replaces <= kept)
            item[replaces - 1] = item[i];
        else
            item[kept++] = item[i];
    }
    return kept;
}

/* Lets the occurrences of a later journal compete with those of earlier ones. */
static enum haul_err merge(struct haul_resume *resume, struct haul_pair *old, size_t *old_count,
                           const struct haul_pair *new, size_t new_count)
{
    for (size_t i = 0; i < new_count; i++) {
        bool newer = true;
        enum haul_err err = HAUL_OK;

        if (i < *old_count)
            err = is_newer(resume, new[i].low, old[i].low, &newer);
        if (err)
            return err;
        if (newer)
            old[i] = new[i];
    }
    if (new_count > *old_count)
        *old_count = new_count;
    return HAUL_OK;
}

/* What a record that is to replace one of these has to say; 0 where it cannot. */
static void number_occurrences(struct haul_pair *item, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t number = i < HAUL_RESUME_REPLACES_MAX ? i + 1 : 0;

        item[i].low = (item[i].low & ~OCCURRENCE_MASK) | number << REPLACES_SHIFT;
    }
}

/* Settles the pairs of one key; `*kept` of them are left, at the beginning. */
static enum haul_err settle_key(struct haul_resume *resume, struct haul_pair *item, size_t count,
                                size_t *kept)
{
    enum haul_err err = HAUL_OK;

    *kept = 0;
    for (size_t i = 0, stop; i < count && !err; i = stop) {
        for (stop = i + 1; stop < count && file_of(item[stop].low) == file_of(item[i].low); stop++)
            ;
        err = merge(resume, item, kept, item + i, settle_file(item + i, stop - i));
    }
    return err;
}

enum haul_err haul_resume_settle(struct haul_resume *resume)
{
    struct haul_pairs *pairs = &resume->pairs;
    enum haul_err err = HAUL_OK;
    size_t kept = 0, more;

    haul_pairs_sort(pairs);
    for (size_t i = 0, stop; i < pairs->count && !err; i = stop) {
        for (stop = i + 1; stop < pairs->count && pairs->item[stop].high == pairs->item[i].high;)
            stop++;
        more = 1;
        if (stop - i > 1)
            err = settle_key(resume, pairs->item + i, stop - i, &more);
        number_occurrences(pairs->item + i, more);
        memmove(pairs->item + kept, pairs->item + i, more * sizeof *pairs->item);
        kept += more;
    }
    if (!err)
        pairs->count = kept;
    haul_pairs_index(pairs);
    return err;
}

uint64_t haul_resume_count(const struct haul_resume *resume)
{
    return resume->pairs.count;
}

size_t haul_resume_memory(const struct haul_resume *resume)
{
    const struct haul_pairs *pairs = &resume->pairs;
    size_t index = pairs->bucket ? (((size_t)1 << pairs->bits) + 1) * sizeof *pairs->bucket : 0;

    return pairs->cap * sizeof *pairs->item + index;
}

/* ---- taking ---- */

/* The first of `count` pairs that is not taken. */
static size_t first_free(const struct haul_pair *item, size_t count)
{
    size_t from = 0;

    while (from < count) {
        size_t middle = from + (count - from) / 2;

        if (item[middle].low & TAKEN)
            from = middle + 1;
        else
            count = middle;
    }
    return from;
}

/* The records of a key that are left. */
static size_t find_free(const struct haul_resume *resume, uint64_t number, struct haul_pair **item)
{
    size_t first, taken, count = haul_pairs_find(&resume->pairs, number, &first);

    if (!count)
        return 0;
    taken = first_free(resume->pairs.item + first, count);
    *item = resume->pairs.item + first + taken;
    return count - taken;
}

/* Takes the n-th of those that are left, from 0. */
static void take_nth(const struct haul_resume *resume, struct haul_pair *item, size_t n,
                     struct haul_resume_place *place)
{
    struct haul_pair taken = item[n];

    memmove(item + 1, item, n * sizeof *item);
    *place = place_of(resume, taken.low);
    place->occurrence = (uint32_t)(taken.low >> REPLACES_SHIFT & REPLACES_MASK);
    taken.low |= TAKEN;
    item[0] = taken;
}

static bool may_be_old(const struct haul_resume *resume, const struct haul_key *key)
{
    return resume->has_old && key->old && !haul_key_is_old(key);
}

bool haul_resume_take(struct haul_resume *resume, const struct haul_key *key,
                      struct haul_resume_place *place)
{
    struct haul_pair *item;
    bool is_by_old = false;

    if (!find_free(resume, haul_key_number(key), &item)) {
        is_by_old = may_be_old(resume, key);
        if (!is_by_old || !find_free(resume, haul_key_old_number(key), &item))
            return false;
    }
    take_nth(resume, item, 0, place);
    place->is_by_old = is_by_old;
    return true;
}

/* The first of the records of a number that are left and of the line. */
static enum haul_err take_confirmed(struct haul_resume *resume, const struct haul_key_line *line,
                                    bool is_by_old, struct haul_resume_place *place,
                                    struct haul_record *rec)
{
    uint64_t number = is_by_old ? haul_key_old_number(&line->key) : haul_key_number(&line->key);
    struct haul_pair *item;
    size_t count = find_free(resume, number, &item);
    enum haul_err err = HAUL_ERR_END;

    for (size_t i = 0; i < count && i < HAUL_KEY_TRIES_MAX && err == HAUL_ERR_END; i++) {
        const struct haul_resume_place there = place_of(resume, item[i].low);

        err = haul_resume_read(resume, &there, rec);
        if (!err && !haul_key_reader_confirms(&resume->keys, rec, is_by_old, line))
            err = HAUL_ERR_END;
        else
            take_nth(resume, item, i, place);
    }
    place->is_by_old = is_by_old;
    return err;
}

enum haul_err haul_resume_take_line(struct haul_resume *resume, const struct haul_key_line *line,
                                    struct haul_resume_place *place, struct haul_record *rec)
{
    enum haul_err err = take_confirmed(resume, line, false, place, rec);

    if (err == HAUL_ERR_END && may_be_old(resume, &line->key))
        err = take_confirmed(resume, line, true, place, rec);
    return err;
}

/* ---- walking ---- */

static enum haul_err peek(struct haul_resume *resume, uint64_t low, const char **line, size_t *len,
                          struct haul_journal_mark *mark)
{
    struct haul_resume_place place = place_of(resume, low);
    enum haul_err err = find_line(resume, &place, line, len);

    return err ? err : haul_journal_peek(*line, *len, mark);
}

static enum haul_err find_seq(struct haul_resume *resume, struct haul_pair *pair)
{
    struct haul_journal_mark mark;
    const char *line;
    size_t len;
    enum haul_err err = peek(resume, pair->low, &line, &len, &mark);

    if (!err)
        pair->high = mark.seq;
    return as_changed(err);
}

enum haul_err haul_resume_walk(struct haul_resume *resume, bool by_seq)
{
    struct haul_pairs *pairs = &resume->pairs;
    enum haul_err err = HAUL_OK;

    resume->next = 0;
    for (size_t i = 0; i < pairs->count; i++)
        pairs->item[i].high = 0;
    haul_pairs_sort(pairs);
    for (size_t i = 0; by_seq && i < pairs->count && !err; i++)
        err = find_seq(resume, &pairs->item[i]);
    if (by_seq && !err)
        haul_pairs_sort(pairs);
    return err;
}

enum haul_err haul_resume_next(struct haul_resume *resume, struct haul_record *rec,
                               struct haul_key *key)
{
    struct haul_journal_mark mark;
    const char *line;
    size_t len;
    enum haul_err err;

    if (resume->next == resume->pairs.count)
        return HAUL_ERR_END;
    err = peek(resume, resume->pairs.item[resume->next++].low, &line, &len, &mark);
    if (!err)
        err = haul_journal_parse(&resume->parser, line, len, rec);
    if (!err) {
        *key = mark.key;
        haul_key_reader_renew(&resume->keys, rec, key);
    }
    return as_changed(err);
}

void haul_resume_find_old(struct haul_resume *resume, const struct haul_record *rec,
                          struct haul_key *key)
{
    haul_key_reader_find_old(&resume->keys, rec, key);
}
