#include "spill/blob.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* So many strings are compared with those that follow. */
enum { SEEN_MAX = 12 };

struct seen {
    const char *text[SEEN_MAX];
    size_t count;
};

static void note(struct seen *seen, const char *text)
{
    if (seen->count < SEEN_MAX)
        seen->text[seen->count++] = text;
}

/* ---- writing ---- */

struct writer {
    struct haul_buf *buf;
    struct seen seen;
};

/* Seven bits a byte, the lowest first; the last one has no high bit. */
static void add_number(struct writer *w, uint64_t number)
{
    char bytes[10];
    size_t len = 0;

    for (; number >= 0x80; number >>= 7)
        bytes[len++] = (char)(number | 0x80);
    bytes[len++] = (char)number;
    haul_buf_add(w->buf, bytes, len);
}

/* -1, which is frequent, as 0. Nothing is smaller. */
static void add_limit(struct writer *w, int64_t number)
{
    add_number(w, (uint64_t)number + 1);
}

/* 0: NULL. Odd: one that was there before. Even: its length and one more, itself, and NUL. */
static void add_text(struct writer *w, const char *text)
{
    size_t len;

    if (!text) {
        add_number(w, 0);
        return;
    }
    for (size_t i = 0; i < w->seen.count; i++) {
        if (strcmp(w->seen.text[i], text) == 0) {
            add_number(w, i * 2 + 1);
            return;
        }
    }
    len = strlen(text);
    add_number(w, (len + 1) * 2);
    haul_buf_add(w->buf, text, len + 1);
    note(&w->seen, text);
}

static void add_options(struct writer *w, const struct haul_entry_options *options)
{
    add_text(w, options->out);
    add_text(w, options->dir);
    add_text(w, options->checksum);
    add_text(w, options->referer);
    add_text(w, options->user_agent);
    add_text(w, options->user);
    add_text(w, options->password);
    add_limit(w, options->max_tries);
    add_limit(w, options->retry_wait_ms);
    add_limit(w, options->timeout_ms);
    add_limit(w, options->connect_timeout_ms);
    add_limit(w, options->speed_limit);
    add_text(w, options->url_column);
    add_number(w, options->url_place);
    add_number(w, options->header_count);
    for (size_t i = 0; i < options->header_count; i++)
        add_text(w, options->headers[i]);
    add_number(w, options->mirror_count);
    for (size_t i = 0; i < options->mirror_count; i++) {
        add_text(w, options->mirrors[i].url);
        add_text(w, options->mirrors[i].origin);
        add_text(w, options->mirrors[i].user);
        add_text(w, options->mirrors[i].password);
    }
    add_number(w, options->attached_count);
    for (size_t i = 0; i < options->attached_count; i++) {
        add_text(w, options->attached[i].name);
        add_text(w, options->attached[i].value);
    }
}

enum { IS_SECRET = 1, IS_NAMED_BY_LIST = 2, NAMED_BY_SHIFT = 2 };

static uint64_t flags_of(const struct haul_job *job)
{
    return (job->has_secret ? IS_SECRET : 0u) | (job->is_named_by_list ? IS_NAMED_BY_LIST : 0u) |
           (uint64_t)job->named_by << NAMED_BY_SHIFT;
}

void haul_blob_add(struct haul_buf *buf, const struct haul_job *job)
{
    struct writer w = {.buf = buf};

    assert(!job->validators && !job->body && !job->mirror && !job->is_old);
    add_text(&w, job->shown);
    add_text(&w, job->url);
    add_text(&w, job->origin);
    add_text(&w, job->user);
    add_text(&w, job->password);
    add_number(&w, job->key.high);
    add_number(&w, job->key.low);
    add_number(&w, job->key.old);
    add_number(&w, job->replaces);
    add_number(&w, job->replaces_old);
    add_number(&w, job->rec.seq);
    add_number(&w, job->rec.line);
    add_number(&w, (uintptr_t)job->rec.source);
    add_number(&w, (uintptr_t)job->given);
    add_text(&w, job->rec.errormsg);
    add_text(&w, job->name);
    add_text(&w, job->earlier);
    add_text(&w, job->checksum);
    if (job->earlier) {
        add_number(&w, job->removes.device);
        add_number(&w, job->removes.inode);
        add_number(&w, job->hides_earlier);
    }
    add_number(&w, flags_of(job));
    add_number(&w, job->options != NULL);
    if (job->options)
        add_options(&w, job->options);
}

/* ---- reading ---- */

struct reader {
    const uint8_t *at, *end;
    struct seen seen;
    enum haul_err err; /* the first; whatever is read afterwards is 0 or NULL */
};

static void spoil(struct reader *r, enum haul_err err)
{
    if (!r->err)
        r->err = err;
    r->at = r->end;
}

static uint64_t take_number(struct reader *r)
{
    uint64_t number = 0;

    for (unsigned shift = 0; r->at < r->end && shift < 64; shift += 7) {
        uint8_t byte = *r->at++;

        number |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return number;
    }
    spoil(r, HAUL_ERR_SYNTAX);
    return 0;
}

static int64_t take_limit(struct reader *r)
{
    return (int64_t)(take_number(r) - 1);
}

/* How many of an array follow, each of which takes a byte at least. */
static size_t take_count(struct reader *r)
{
    uint64_t count = take_number(r);

    if (count <= (size_t)(r->end - r->at))
        return (size_t)count;
    spoil(r, HAUL_ERR_SYNTAX);
    return 0;
}

static const char *take_text(struct reader *r)
{
    uint64_t number = take_number(r), size = number / 2;
    const char *text = (const char *)r->at;

    if (!number)
        return NULL;
    if (number % 2 && size < r->seen.count)
        return r->seen.text[size];
    if (number % 2 || size > (size_t)(r->end - r->at) || text[size - 1]) {
        spoil(r, HAUL_ERR_SYNTAX);
        return NULL;
    }
    r->at += size;
    note(&r->seen, text);
    return text;
}

/* Memory for an array of `count`; NULL if there are none, or with the error. */
static void *make_array(struct reader *r, size_t count, size_t size)
{
    void *array = count ? calloc(count, size) : NULL;

    if (count && !array)
        spoil(r, HAUL_ERR_NOMEM);
    return array;
}

static void take_headers(struct reader *r, struct haul_entry_options *options)
{
    size_t count = take_count(r);

    options->headers = make_array(r, count, sizeof *options->headers);
    for (; options->headers && options->header_count < count; options->header_count++)
        options->headers[options->header_count] = take_text(r);
}

static void take_mirrors(struct reader *r, struct haul_entry_options *options)
{
    size_t count = take_count(r);

    options->mirrors = make_array(r, count, sizeof *options->mirrors);
    for (; options->mirrors && options->mirror_count < count; options->mirror_count++) {
        struct haul_mirror *mirror = &options->mirrors[options->mirror_count];

        mirror->url = take_text(r);
        mirror->origin = take_text(r);
        mirror->user = take_text(r);
        mirror->password = take_text(r);
    }
}

static void take_attached(struct reader *r, struct haul_entry_options *options)
{
    size_t count = take_count(r);

    options->attached = make_array(r, count, sizeof *options->attached);
    for (; options->attached && options->attached_count < count; options->attached_count++) {
        struct haul_attached *attached = &options->attached[options->attached_count];

        attached->name = take_text(r);
        attached->value = take_text(r);
    }
}

static enum haul_err take_options(struct reader *r, struct haul_job *job)
{
    struct haul_entry_options options = {.out = take_text(r)};
    enum haul_err err;

    options.dir = take_text(r);
    options.checksum = take_text(r);
    options.referer = take_text(r);
    options.user_agent = take_text(r);
    options.user = take_text(r);
    options.password = take_text(r);
    options.max_tries = (int)take_limit(r);
    options.retry_wait_ms = take_limit(r);
    options.timeout_ms = take_limit(r);
    options.connect_timeout_ms = take_limit(r);
    options.speed_limit = take_limit(r);
    options.url_column = take_text(r);
    options.url_place = (size_t)take_number(r);
    take_headers(r, &options);
    take_mirrors(r, &options);
    take_attached(r, &options);
    err = r->err ? r->err : haul_job_keep_options(job, &options);
    free(options.headers);
    free(options.mirrors);
    free(options.attached);
    return err;
}

static struct haul_job_saving take_saving(struct reader *r)
{
    struct haul_job_saving saving = {.name = take_text(r)};

    saving.earlier = take_text(r);
    saving.checksum = take_text(r);
    if (saving.earlier) {
        saving.removes.device = take_number(r);
        saving.removes.inode = take_number(r);
        saving.hides_earlier = take_number(r) != 0;
    }
    return saving;
}

static void take_flags(struct haul_job *job, uint64_t flags)
{
    job->has_secret = flags & IS_SECRET;
    job->is_named_by_list = flags & IS_NAMED_BY_LIST;
    job->named_by = (enum haul_named_by)(flags >> NAMED_BY_SHIFT);
}

static enum haul_err take_rest(struct reader *r, struct haul_job *job)
{
    struct haul_record said = {.errormsg = NULL};
    struct haul_job_saving saving;
    enum haul_err err = HAUL_OK;

    job->key.high = take_number(r);
    job->key.low = take_number(r);
    job->key.old = take_number(r);
    job->replaces = (uint32_t)take_number(r);
    job->replaces_old = take_number(r) != 0;
    job->rec.seq = take_number(r);
    job->rec.line = take_number(r);
    job->rec.source = (const char *)(uintptr_t)take_number(r); /* as haul_blob_add had it */
    job->given = (const struct haul_redactor_secrets *)(uintptr_t)take_number(r);
    said.errormsg = take_text(r);
    if (said.errormsg)
        haul_job_keep_text(job, &said);
    saving = take_saving(r);
    if (saving.name || saving.checksum)
        err = haul_job_keep_saving(job, &saving);
    take_flags(job, take_number(r));
    if (!err && take_number(r))
        err = take_options(r, job);
    if (!err && r->at != r->end)
        spoil(r, HAUL_ERR_SYNTAX);
    return err ? err : r->err;
}

enum haul_err haul_blob_read(const void *bytes, size_t len, struct haul_job **out)
{
    struct reader r = {.at = bytes, .end = (const uint8_t *)bytes + len};
    struct haul_job_text text = {.shown = take_text(&r)};
    struct haul_job *job;
    enum haul_err err;

    *out = NULL;
    text.url = take_text(&r);
    text.origin = take_text(&r);
    text.user = take_text(&r);
    text.password = take_text(&r);
    if (r.err || !text.shown || !text.url || !text.origin)
        return HAUL_ERR_SYNTAX;
    text.shown_len = strlen(text.shown);
    job = haul_job_create(&text);
    if (!job)
        return HAUL_ERR_NOMEM;
    err = take_rest(&r, job);
    if (err)
        haul_job_free(job);
    else
        *out = job;
    return err;
}
