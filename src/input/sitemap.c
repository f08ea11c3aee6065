#include "input/sitemap.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "input/sitemap_bytes.h"
#include "input/sitemap_scan.h"
#include "input/sitemap_strict.h"
#include "input/sitemap_tree.h"
#include "input/text.h"

struct haul_sitemap {
    struct haul_sitemap_bytes bytes;
    struct haul_sitemap_tree tree;
    struct haul_sitemap_strict *strict; /* reads; or NULL */
    struct haul_sitemap_scan *scan;     /* reads; or NULL */
    struct haul_lines text;             /* reads, if it is no XML */
    bool has_reader;
    bool finished;         /* nothing more will be fed */
    bool is_at_end;        /* and the reader knows */
    enum haul_err err;     /* sticky */
    struct haul_buf cause; /* of the failure */
    uint64_t entries, saved;
    struct haul_trims trims;
    bool is_tolerant;       /* for tests */
    uint64_t strict_events; /* the same */
};

static enum haul_err fail(struct haul_sitemap *s, enum haul_err err, const char *cause)
{
    s->err = err;
    haul_buf_add_str(&s->cause, cause);
    return err;
}

/* ---- making and unmaking ---- */

enum haul_err haul_sitemap_create(struct haul_sitemap **out)
{
    struct haul_sitemap *s = calloc(1, sizeof *s);

    *out = s;
    if (!s)
        return HAUL_ERR_NOMEM;
    haul_buf_init(&s->cause, 0);
    haul_sitemap_bytes_init(&s->bytes);
    haul_lines_init(&s->text);
    if (haul_sitemap_tree_init(&s->tree) == HAUL_OK)
        return HAUL_OK;
    haul_sitemap_free(s);
    *out = NULL;
    return HAUL_ERR_NOMEM;
}

void haul_sitemap_free(struct haul_sitemap *s)
{
    if (!s)
        return;
    haul_sitemap_strict_free(s->strict);
    haul_sitemap_scan_free(s->scan);
    haul_sitemap_tree_done(&s->tree);
    haul_sitemap_bytes_done(&s->bytes);
    haul_lines_done(&s->text);
    haul_buf_done(&s->cause);
    free(s);
}

void haul_sitemap_read_tolerantly(struct haul_sitemap *s, uint64_t strict_events)
{
    s->is_tolerant = true;
    s->strict_events = strict_events;
}

/* ---- what is told ---- */

const char *haul_sitemap_message(const struct haul_sitemap *s)
{
    return haul_buf_str(&s->cause);
}

uint64_t haul_sitemap_line(const struct haul_sitemap *s)
{
    if (s->scan)
        return haul_sitemap_scan_line(s->scan);
    if (s->strict)
        return haul_sitemap_strict_line(s->strict);
    return s->text.feed.line ? s->text.feed.line : 1;
}

/*
 * What the conversion could not read is put where it belongs among the other slips. It reads ahead,
 * so of a sitemap that is refused it is not known what of that belongs to what was read.
 */
static void add_broken(const struct haul_sitemap *s, struct haul_sitemap_summary *to)
{
    const struct haul_recode *recode = s->bytes.recode;
    uint64_t broken = recode ? haul_recode_broken(recode) : 0;
    uint64_t line = broken ? s->bytes.line - 1 + haul_recode_broken_line(recode) : 0;

    if (!broken || s->err)
        return;
    if (!to->slips || line <= to->slip_line) {
        to->slip_line = line;
        to->slip = "bytes that its encoding does not have";
    }
    to->slips += broken;
}

void haul_sitemap_sum_up(const struct haul_sitemap *s, struct haul_sitemap_summary *out)
{
    *out = (struct haul_sitemap_summary){.entries = s->entries,
                                         .saved = s->saved,
                                         .is_tolerant = s->scan != NULL,
                                         .slips = s->tree.slips,
                                         .slip_line = s->tree.slip_line,
                                         .slip = s->tree.slip,
                                         .passed_over = s->tree.passed_over,
                                         .passed_over_line = s->tree.passed_over_line,
                                         .trims = s->trims};
    add_broken(s, out);
}

bool haul_sitemap_has_lost(const struct haul_sitemap *s)
{
    return s->tree.passed_over > 0;
}

void haul_sitemap_add_nothing(const struct haul_sitemap *s, struct haul_buf *words)
{
    static const char *const what[] = {[HAUL_SITEMAP_PROTOCOL] = "<url> with a <loc>",
                                       [HAUL_SITEMAP_RSS] = "<item> with a <link>",
                                       [HAUL_SITEMAP_ATOM] = "<entry> with a <link>"};

    if (!s->bytes.is_xml)
        haul_buf_add_str(words, "all of its lines are blank or comments");
    else if (s->tree.is_index)
        haul_buf_add_str(words, "there is no <sitemap> with a <loc> in it");
    else
        haul_buf_addf(words, "there is no %s in it", what[s->tree.form]);
}

void haul_sitemap_add_slips(const struct haul_sitemap *s, struct haul_buf *words)
{
    struct haul_sitemap_summary sum;

    haul_sitemap_sum_up(s, &sum);
    if (sum.slips)
        haul_buf_addf(words, "; line %llu: %s", (unsigned long long)sum.slip_line, sum.slip);
    if (sum.is_tolerant && sum.slips)
        haul_buf_addf(words, "; read tolerantly from there, which saved %llu entries",
                      (unsigned long long)sum.saved);
    if (sum.passed_over)
        haul_buf_addf(words,
                      "; line %llu: %llu <loc> or items passed over, which are none of an entry "
                      "or link to nothing",
                      (unsigned long long)sum.passed_over_line,
                      (unsigned long long)sum.passed_over);
    if (sum.trims.count)
        haul_buf_addf(words, "; line %llu: ", (unsigned long long)sum.trims.line);
    haul_trims_add(&sum.trims, words);
}

/* ---- readers ---- */

void haul_sitemap_feed(struct haul_sitemap *s, const char *bytes, size_t len)
{
    haul_sitemap_bytes_feed(&s->bytes, (struct haul_span){bytes, len});
}

void haul_sitemap_finish(struct haul_sitemap *s)
{
    haul_sitemap_bytes_finish(&s->bytes);
    s->finished = true;
}

/* From what the strict reader has left, or from the beginning. */
static enum haul_err begin_scan(struct haul_sitemap *s)
{
    struct haul_sitemap_rest rest = {.lines = {.line = s->bytes.line}};

    haul_buf_init(&rest.bytes, 0);
    if (s->strict)
        haul_sitemap_strict_rest(s->strict, &rest);
    haul_sitemap_strict_free(s->strict);
    s->strict = NULL;
    if (haul_sitemap_scan_create(&s->tree, &rest, &s->scan))
        return HAUL_ERR_NOMEM;
    if (s->is_at_end)
        haul_sitemap_scan_finish(s->scan);
    return HAUL_OK;
}

static enum haul_err begin_reader(struct haul_sitemap *s)
{
    enum haul_err err;

    s->has_reader = true;
    if (!s->bytes.is_xml)
        return HAUL_OK;
    if (s->bytes.has_text_before)
        haul_sitemap_tree_slip(&s->tree, 1, "text before the XML declaration");
    if (s->is_tolerant && !s->strict_events)
        return begin_scan(s);
    err = haul_sitemap_strict_create(&s->tree, s->bytes.line, &s->strict);
    if (!err)
        haul_sitemap_strict_stop_after(s->strict, s->strict_events);
    return err;
}

static void feed_reader(struct haul_sitemap *s, struct haul_span piece)
{
    if (s->strict)
        haul_sitemap_strict_feed(s->strict, piece);
    else if (s->scan)
        haul_sitemap_scan_feed(s->scan, piece);
    else
        haul_feed_add(&s->text.feed, piece.at, piece.len);
}

static void finish_reader(struct haul_sitemap *s)
{
    s->is_at_end = true;
    if (s->strict)
        haul_sitemap_strict_finish(s->strict);
    else if (s->scan)
        haul_sitemap_scan_finish(s->scan);
    else
        haul_feed_finish(&s->text.feed);
}

/* Gives the reader more. END: there is none now. */
static enum haul_err read_on(struct haul_sitemap *s)
{
    struct haul_span piece;
    enum haul_err err = haul_sitemap_bytes_next(&s->bytes, &piece);

    if (err == HAUL_ERR_SYNTAX)
        haul_buf_add_str(&s->cause, haul_buf_str(&s->bytes.cause));
    if (err == HAUL_ERR_END && s->finished && !s->is_at_end) {
        finish_reader(s);
        return HAUL_OK;
    }
    if (!err && !s->has_reader)
        err = begin_reader(s);
    if (err)
        return err;
    feed_reader(s, piece);
    return HAUL_OK;
}

/* ---- entries ---- */

static void require_scheme(struct haul_list_entry *entry)
{
    const struct haul_span text = {entry->text, entry->len};

    if (entry->reason == HAUL_REASON_NONE && !haul_text_scheme_length(text))
        entry->reason = HAUL_REASON_BAD_URL;
}

void haul_sitemap_classify(const char *loc, size_t len, struct haul_list_entry *out)
{
    (void)haul_lines_classify(loc, len, out);
    require_scheme(out);
}

static size_t trimmed_length(const struct haul_buf *buf)
{
    size_t len = buf->len;

    while (len && strchr(" \t\r\n", buf->data[len - 1]))
        len--;
    return len;
}

static void fill_entry(struct haul_sitemap *s, struct haul_sitemap_entry *out)
{
    struct haul_sitemap_draft *done = s->tree.done;

    *out = (struct haul_sitemap_entry){.is_sitemap = done->is_sitemap,
                                       .is_link = s->tree.form != HAUL_SITEMAP_PROTOCOL};
    haul_sitemap_classify(haul_buf_str(&done->loc), trimmed_length(&done->loc), &out->entry);
    out->entry.line = done->line;
    if (done->lastmod.len && !done->lastmod.err) {
        done->lastmod.data[trimmed_length(&done->lastmod)] = '\0';
        out->lastmod = haul_buf_str(&done->lastmod);
    }
    if (done->base.len || s->tree.base.len)
        out->base = haul_buf_str(done->base.len ? &done->base : &s->tree.base);
}

/* The reader has come to the end of the text. */
static enum haul_err conclude(struct haul_sitemap *s)
{
    bool is_whole = haul_sitemap_tree_end(&s->tree);

    if (s->tree.ready)
        return HAUL_OK;
    if (is_whole)
        return HAUL_ERR_END;
    return fail(s, HAUL_ERR_SYNTAX,
                s->tree.has_root ? "it is cut short: its root element has no end"
                                 : "not a sitemap: it has no root element");
}

static enum haul_err next_element(struct haul_sitemap *s, struct haul_sitemap_entry *out)
{
    enum haul_err err =
        s->strict ? haul_sitemap_strict_next(s->strict) : haul_sitemap_scan_next(s->scan);

    if (err == HAUL_ERR_AGAIN) {
        err = begin_scan(s);
        if (!err)
            err = haul_sitemap_scan_next(s->scan);
    }
    if (err == HAUL_ERR_END && s->is_at_end)
        err = conclude(s);
    if (!err) {
        s->tree.ready = false;
        s->saved += s->scan != NULL;
        fill_entry(s, out);
    }
    return err;
}

static enum haul_err next_line(struct haul_sitemap *s, struct haul_sitemap_entry *out)
{
    enum haul_err err;

    *out = (struct haul_sitemap_entry){.is_sitemap = false};
    err = haul_lines_next(&s->text, &out->entry);
    if (!err)
        require_scheme(&out->entry);
    return err;
}

static enum haul_err next_of_reader(struct haul_sitemap *s, struct haul_sitemap_entry *out)
{
    if (!s->has_reader)
        return HAUL_ERR_END;
    return s->bytes.is_xml ? next_element(s, out) : next_line(s, out);
}

enum haul_err haul_sitemap_next(struct haul_sitemap *s, struct haul_sitemap_entry *out)
{
    enum haul_err err = s->err;

    while (!err) {
        err = next_of_reader(s, out);
        if (!err) {
            s->entries++;
            haul_trims_note(&s->trims, &out->entry);
            return HAUL_OK;
        }
        if (err == HAUL_ERR_END)
            err = read_on(s);
    }
    if (err == HAUL_ERR_END)
        return err;
    s->err = err;
    if (s->tree.err && !s->cause.len)
        haul_buf_add_str(&s->cause, haul_buf_str(&s->tree.cause));
    return err;
}
