#include "sink/name.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "base/visible.h"
#include "model/url_parts.h"
#include "sink/name_form.h"
#include "sink/name_late.h"

enum { EXTENSION_MAX = 12, MARK_MAX = 32 };

/* ---- texts of URLs and of users ---- */

static void add_encoded(struct haul_buf *buf, unsigned char byte)
{
    static const char hex[] = "0123456789ABCDEF";
    const char text[] = {'%', hex[byte >> 4], hex[byte & 15]};

    haul_buf_add(buf, text, sizeof text);
}

static void add_byte(struct haul_buf *buf, char byte)
{
    if (haul_ascii_is_alnum(byte) || byte == '.' || byte == '_' || byte == '-')
        haul_buf_add_char(buf, byte);
    else
        add_encoded(buf, (unsigned char)byte);
}

/* A piece of a URL, in which %NN means the byte: no slash comes out of it. */
static void add_decoded(struct haul_buf *buf, struct haul_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        char byte = text.at[i];
        int high = byte == '%' && i + 2 < text.len ? haul_ascii_hex_value(text.at[i + 1]) : -1;
        int low = high >= 0 ? haul_ascii_hex_value(text.at[i + 2]) : -1;

        if (low >= 0) {
            byte = (char)(high << 4 | low);
            i += 2;
        }
        add_byte(buf, byte);
    }
}

/*
 * Text of a list, in which a slash is one and %NN says itself. What is no text that can be seen is
 * encoded: with a name that looks like another one, or reads the other way round, people are
 * deceived, and one that is not UTF-8 breaks the tools behind haul.
 */
static void add_given(struct haul_buf *buf, const char *text, enum haul_name_spelling spelling)
{
    size_t len = strlen(text);

    if (spelling == HAUL_NAME_EARLIER)
        haul_buf_add(buf, text, len);
    for (size_t at = 0, seen; at < len && spelling == HAUL_NAME_NOW; at += seen + !seen) {
        seen = haul_visible_length(text, len, at);
        if (seen)
            haul_buf_add(buf, text + at, seen);
        else
            add_encoded(buf, (unsigned char)text[at]);
    }
}

bool haul_name_is_spelled_now(const char *name)
{
    size_t len = strlen(name), seen = 1;

    for (size_t at = 0; at < len && seen; at += seen)
        seen = haul_visible_length(name, len, at);
    return seen;
}

/* ---- the parts of a URL ---- */

struct pieces {
    struct haul_span host, path, name, query; /* path: between the slashes, may be empty */
};

static struct pieces cut_url(const char *url)
{
    const struct haul_url_parts parts = haul_url_parts_of(url, strlen(url));
    const char *path = parts.path.at, *end = path + parts.path.len, *name = end;
    struct pieces pieces = {.host = {parts.host.at, (size_t)(path - parts.host.at)}, /* and port */
                            .query = parts.query};

    while (name > path && name[-1] != '/')
        name--;
    pieces.name =
        name < end ? (struct haul_span){name, (size_t)(end - name)} : haul_span_of("index.html");
    if (name > path + 1)
        pieces.path = (struct haul_span){path + 1, (size_t)(name - path) - 2};
    return pieces;
}

static void add_path(struct haul_buf *buf, struct haul_span path)
{
    const char *end;

    if (!path.len)
        return;
    end = path.at + path.len;
    for (const char *at = path.at, *slash; at <= end; at = slash + 1) {
        slash = memchr(at, '/', (size_t)(end - at));
        if (!slash)
            slash = end;
        if (at > path.at)
            haul_buf_add_char(buf, '/');
        add_decoded(buf, (struct haul_span){at, (size_t)(slash - at)});
    }
}

/* The length of what `text` ends in, if that looks like an extension, ".html", or will be one. */
static size_t extension_length(const char *text, size_t len)
{
    size_t n = 0;

    if (len && text[len - 1] == HAUL_NAME_MARK_TYPE[0])
        return 1;
    while (n < len && n < EXTENSION_MAX && haul_ascii_is_alnum(text[len - n - 1]))
        n++;
    return n && n + 1 < len && text[len - n - 1] == '.' ? n + 1 : 0;
}

/* ---- forms ---- */

/* In text of a table: every byte is one of a name, no slash, and no percent-encoding. */
static void add_value(struct haul_buf *buf, const char *text)
{
    for (; *text; text++)
        add_byte(buf, *text);
}

static const char *find_column(const struct haul_name_facts *facts, struct haul_span name)
{
    for (size_t i = 0; i < facts->attached_count; i++)
        if (haul_span_is(name, facts->attached[i].name))
            return facts->attached[i].value;
    return NULL;
}

/* Whether the part that `raw` ends in names its type. "1.2" is a version. */
static bool has_extension(const struct haul_buf *raw)
{
    const char *text = haul_buf_str(raw), *slash = strrchr(text, '/');
    size_t len = slash ? strlen(slash + 1) : raw->len,
           n = extension_length(text + raw->len - len, len);

    for (size_t i = 1; i < n; i++)
        if (haul_ascii_is_alpha(text[raw->len - i]))
            return true;
    return false;
}

static void add_digest(struct haul_buf *buf, unsigned digits)
{
    if (!digits)
        haul_buf_add_str(buf, HAUL_NAME_MARK_SHA256);
    for (unsigned i = 0; i < digits; i++)
        haul_buf_add_str(buf, i ? HAUL_NAME_MARK_DIGIT : HAUL_NAME_MARK_BUCKET);
}

/* What the last part of a URL's path gives to a name. */
static void add_file(struct haul_buf *buf, enum haul_name_field field, const struct pieces *pieces)
{
    size_t ext = extension_length(pieces->name.at, pieces->name.len);
    const char *end = pieces->name.at + pieces->name.len;

    if (field == HAUL_NAME_EXT)
        add_decoded(buf, (struct haul_span){end - ext, ext});
    else if (field == HAUL_NAME_STEM)
        add_decoded(buf, (struct haul_span){pieces->name.at, pieces->name.len - ext});
    else
        add_decoded(buf, pieces->name);
    if (field == HAUL_NAME_NAME)
        add_decoded(buf, pieces->query);
}

/* False: the list has no such column for the URL. */
static bool add_piece(struct haul_buf *buf, const struct haul_name_piece *piece,
                      const struct pieces *pieces, const struct haul_name_facts *facts)
{
    const char *value;

    switch (piece->field) {
    case HAUL_NAME_HOST:
        add_decoded(buf, pieces->host);
        break;
    case HAUL_NAME_PATH:
        add_path(buf, pieces->path);
        break;
    case HAUL_NAME_NUMBER:
        haul_buf_addf(buf, "%0*llu", (int)piece->digits, (unsigned long long)facts->number);
        break;
    case HAUL_NAME_LINE:
        haul_buf_addf(buf, "%0*llu", (int)piece->digits, (unsigned long long)facts->line);
        break;
    case HAUL_NAME_SHA256:
        add_digest(buf, piece->digits);
        break;
    case HAUL_NAME_TYPE_EXT:
        if (!has_extension(buf))
            haul_buf_add_str(buf, HAUL_NAME_MARK_TYPE);
        break;
    case HAUL_NAME_DATE:
        haul_buf_add_str(buf, facts->date);
        break;
    case HAUL_NAME_COLUMN:
        value = find_column(facts, piece->text);
        add_value(buf, value ? value : "");
        return value != NULL;
    case HAUL_NAME_TEXT:
        haul_buf_add(buf, piece->text.at, piece->text.len); /* the user's own */
        break;
    default:
        add_file(buf, piece->field, pieces);
        break;
    }
    return true;
}

static bool add_form(struct haul_buf *buf, const char *form, const struct haul_name_facts *facts)
{
    struct pieces pieces = cut_url(facts->url);
    struct haul_name_piece piece;
    bool is_complete = true;

    for (form = haul_name_form_template(form); *form;)
        if (!haul_name_form_take(&form, &piece))
            is_complete &= add_piece(buf, &piece, &pieces, facts);
    return is_complete;
}

/* ---- parts ---- */

/* The longest beginning of `text` that fits into `max` bytes and breaks neither a %NN nor UTF-8. */
static size_t fitting_length(const char *text, size_t len, size_t max)
{
    size_t n = max;

    if (len <= max)
        return len;
    while (n && ((unsigned char)text[n] & 0xc0) == 0x80)
        n--;
    for (size_t back = 1; back <= 2 && back <= n; back++)
        if (text[n - back] == '%')
            return n - back;
    return n;
}

void haul_name_add_marked(struct haul_buf *buf, const char *part, size_t len, uint64_t hash,
                          unsigned variant)
{
    size_t extension = extension_length(part, len), rest;
    char mark[MARK_MAX];
    int mark_len = snprintf(mark, sizeof mark, "~%016llx", (unsigned long long)hash);

    if (variant > 1)
        mark_len += snprintf(mark + mark_len, sizeof mark - (size_t)mark_len, "-%u", variant);
    rest = HAUL_NAME_PART_MAX - (size_t)mark_len - extension -
           haul_name_late_growth(part + len - extension, extension);
    haul_buf_add(buf, part, fitting_length(part, len - extension, rest));
    haul_buf_add(buf, mark, (size_t)mark_len);
    haul_buf_add(buf, part + len - extension, extension);
}

/* How the parts of a name are written. */
struct parts {
    struct haul_buf *scratch;
    uint64_t buckets; /* what looks like one of these, and is none, is marked */
    bool is_late;     /* the name has marks: then only directories are in the way of buckets */
};

/* Writes one part in its final form. What is still to come is counted in full. */
static void add_part(struct haul_buf *buf, const char *text, size_t len, struct parts *parts)
{
    size_t growth = haul_name_late_growth(text, len);
    bool ends_in_type = text[len - 1] == HAUL_NAME_MARK_TYPE[0];
    bool may_be_bucket = text[len] || !parts->is_late; /* or it is the last part of a late name */
    bool looks_like_bucket = may_be_bucket && haul_name_is_bucket(parts->buckets, text, len);
    struct haul_buf *scratch = parts->scratch;

    haul_buf_clear(scratch);
    if (ends_in_type && len == 1)
        haul_buf_add_str(scratch, "index");
    if (*text == '.' || *text == '-')
        add_encoded(scratch, (unsigned char)*text);
    else
        haul_buf_add(scratch, text, 1);
    haul_buf_add(scratch, text + 1, len - 1);
    if (scratch->err)
        return;
    if (!looks_like_bucket && scratch->len + growth <= HAUL_NAME_PART_MAX)
        haul_buf_add(buf, scratch->data, scratch->len);
    else if (!memchr(text, HAUL_NAME_MARK_SHA256[0], len))
        haul_name_add_marked(buf, scratch->data, scratch->len, haul_hash(text, len), 0);
    else /* nothing may be lost in front of it, so nothing else is kept */
        haul_buf_add_str(buf, ends_in_type ? HAUL_NAME_MARK_SHA256 HAUL_NAME_MARK_TYPE
                                           : HAUL_NAME_MARK_SHA256);
}

/* Writes the parts of `text`, but for empty ones and single dots. Returns how many. */
static size_t add_parts(struct haul_buf *buf, const char *text, struct parts *parts)
{
    size_t count = 0, len;

    for (const char *at = text; *at; at += len + (at[len] == '/')) {
        len = strcspn(at, "/");
        if (!len || (len == 1 && *at == '.'))
            continue;
        if (count++)
            haul_buf_add_char(buf, '/');
        add_part(buf, at, len, parts);
    }
    return count;
}

/* Makes what was gathered in `scratch` the name. */
static void take_over(struct haul_buf *name, const struct haul_buf *scratch)
{
    haul_buf_clear(name);
    haul_buf_add(name, haul_buf_str(scratch), scratch->len);
    if (scratch->err)
        name->err = scratch->err;
}

/* What is too deep or too long keeps its ends. */
static void shorten(struct haul_buf *name, struct haul_buf *scratch)
{
    const char *text = haul_buf_str(name), *last = strrchr(text, '/');
    size_t first_len = strcspn(text, "/");

    if (!last || name->err)
        return;
    haul_buf_clear(scratch);
    haul_buf_add(scratch, text, first_len);
    haul_buf_addf(scratch, "/~%016llx", (unsigned long long)haul_hash(text, name->len));
    haul_buf_add_str(scratch, last);
    take_over(name, scratch);
}

static void mark_last(struct haul_buf *name, uint64_t hash, unsigned variant,
                      struct haul_buf *scratch)
{
    const char *text = haul_buf_str(name), *slash = strrchr(text, '/');
    const char *last = slash ? slash + 1 : text;

    haul_buf_clear(scratch);
    haul_buf_add(scratch, text, (size_t)(last - text));
    haul_name_add_marked(scratch, last, strlen(last), hash, variant);
    take_over(name, scratch);
}

/* What the list or the form says. False: not a name. */
static bool add_raw(struct haul_buf *raw, const char *form, const struct haul_name_facts *facts)
{
    if ((facts->dir && haul_name_check_given(facts->dir, false)) ||
        (facts->out && haul_name_check_given(facts->out, true)))
        return false;
    if (facts->dir) {
        add_given(raw, facts->dir, facts->spelling);
        haul_buf_add_char(raw, '/');
    }
    if (!facts->out)
        return add_form(raw, form, facts);
    add_given(raw, facts->out, facts->spelling);
    return true;
}

static enum haul_reason build(const char *form, const struct haul_name_facts *facts,
                              unsigned variant, struct haul_buf *name, struct haul_buf *raw,
                              struct haul_buf *scratch)
{
    struct parts parts = {.scratch = scratch, .buckets = haul_name_form_buckets(form)};
    size_t count;

    if (!add_raw(raw, form, facts))
        return HAUL_REASON_BAD_NAME;
    parts.is_late = haul_name_is_late(haul_buf_str(raw));
    count = add_parts(name, haul_buf_str(raw), &parts);
    if (!count)
        haul_buf_add_str(name, "index.html");
    if (count > HAUL_NAME_PARTS_MAX || name->len > HAUL_NAME_MAX)
        shorten(name, scratch);
    if (variant)
        mark_last(name, facts->hash, variant, scratch);
    if (raw->err || scratch->err)
        name->err = HAUL_ERR_NOMEM;
    return name->err ? HAUL_REASON_NO_MEMORY : HAUL_REASON_NONE;
}

enum haul_reason haul_name_build(const char *form, const struct haul_name_facts *facts,
                                 unsigned variant, struct haul_buf *name)
{
    enum haul_reason reason;
    struct haul_buf raw, scratch;

    haul_buf_init(&raw, 0);
    haul_buf_init(&scratch, 0);
    reason = build(form, facts, variant, name, &raw, &scratch);
    haul_buf_done(&raw);
    haul_buf_done(&scratch);
    return reason;
}
