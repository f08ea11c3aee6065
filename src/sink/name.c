#include "sink/name.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "model/url_parts.h"

enum { EXTENSION_MAX = 12, MARK_MAX = 32 };

/* ---- texts of URLs and of users ---- */

static void add_encoded(struct haul_buf *buf, unsigned char byte)
{
    static const char hex[] = "0123456789ABCDEF";
    const char text[] = {'%', hex[byte >> 4], hex[byte & 15]};

    haul_buf_add(buf, text, sizeof text);
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
        if (haul_ascii_is_alnum(byte) || byte == '.' || byte == '_' || byte == '-')
            haul_buf_add_char(buf, byte);
        else
            add_encoded(buf, (unsigned char)byte);
    }
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

/* The length of what `text` ends in, if that looks like an extension: ".html". */
static size_t extension_length(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && n < EXTENSION_MAX && haul_ascii_is_alnum(text[len - n - 1]))
        n++;
    return n && n + 1 < len && text[len - n - 1] == '.' ? n + 1 : 0;
}

/* ---- forms ---- */

enum field { HOST, PATH, NAME, EXT, NUMBER, LINE, SHA256, DATE, FIELD_COUNT };
static const char *const field_names[FIELD_COUNT] = {"{host}", "{path}", "{name}",   "{ext}",
                                                     "{n}",    "{line}", "{sha256}", "{date}"};

/* Which field `text` begins with; FIELD_COUNT: none. */
static enum field find_field(const char *text, size_t *len)
{
    int i = 0;

    while (i < FIELD_COUNT && strncmp(text, field_names[i], strlen(field_names[i])) != 0)
        i++;
    *len = i < FIELD_COUNT ? strlen(field_names[i]) : 0;
    return (enum field)i;
}

/* Why a relative path cannot be one of ours, or NULL. */
static const char *check_path(const char *text)
{
    if (!*text)
        return "the name is empty";
    if (*text == '/')
        return "the name must be relative";
    for (const char *at = text; *at; at++)
        if (haul_ascii_is_control(*at))
            return "control characters are not allowed";
    for (const char *at = text; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL)
        if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || !at[2]))
            return "a part of the name is \"..\"";
    return NULL;
}

/* Whether the last part of a path names something. */
static bool ends_in_name(const char *path)
{
    const char *slash = strrchr(path, '/'), *last = slash ? slash + 1 : path;

    return *last && strcmp(last, ".") != 0;
}

const char *haul_name_check(const char *form)
{
    const char *cause = check_path(form);
    size_t len;

    if (cause)
        return cause;
    if (!ends_in_name(form))
        return "the name ends in no file's name";
    for (const char *at = strpbrk(form, "{}"); at; at = strpbrk(at + len, "{}"))
        if (find_field(at, &len) == FIELD_COUNT)
            return "the fields are {host}, {path}, {name}, {ext}, {n}, {line}, {sha256} and {date}";
    return NULL;
}

static void add_field(struct haul_buf *buf, enum field field, const struct pieces *pieces,
                      const struct haul_name_facts *facts)
{
    const char *end = pieces->name.at + pieces->name.len;
    size_t extension;

    switch (field) {
    case HOST:
        add_decoded(buf, pieces->host);
        break;
    case PATH:
        add_path(buf, pieces->path);
        break;
    case NAME:
        add_decoded(buf, pieces->name);
        add_decoded(buf, pieces->query);
        break;
    case EXT:
        extension = extension_length(pieces->name.at, pieces->name.len);
        haul_buf_add(buf, end - extension, extension);
        break;
    case NUMBER:
        haul_buf_add_u64(buf, facts->number);
        break;
    case LINE:
        haul_buf_add_u64(buf, facts->line);
        break;
    case SHA256:
        haul_buf_add_str(buf, HAUL_NAME_SHA256);
        break;
    case DATE:
        haul_buf_add_str(buf, facts->date);
        break;
    case FIELD_COUNT:
        break;
    }
}

static void add_form(struct haul_buf *buf, const char *form, const struct haul_name_facts *facts)
{
    struct pieces pieces = cut_url(facts->url);
    size_t len;

    if (strcmp(form, "path") == 0)
        form = "{host}/{path}/{name}";
    else if (strcmp(form, "flat") == 0)
        form = "{name}";
    for (; *form; form += len ? len : 1) {
        enum field field = find_field(form, &len);

        if (field == FIELD_COUNT)
            haul_buf_add_char(buf, *form);
        else
            add_field(buf, field, &pieces, facts);
    }
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
    size_t extension = extension_length(part, len);
    char mark[MARK_MAX];
    int mark_len = snprintf(mark, sizeof mark, "~%016llx", (unsigned long long)hash);

    if (variant > 1)
        mark_len += snprintf(mark + mark_len, sizeof mark - (size_t)mark_len, "-%u", variant);
    haul_buf_add(
        buf, part,
        fitting_length(part, len - extension, HAUL_NAME_PART_MAX - extension - (size_t)mark_len));
    haul_buf_add(buf, mark, (size_t)mark_len);
    haul_buf_add(buf, part + len - extension, extension);
}

/* Writes one part in its final form. The digest that is still to come is counted in full. */
static void add_part(struct haul_buf *buf, const char *text, size_t len, struct haul_buf *scratch)
{
    size_t to_come = memchr(text, HAUL_NAME_SHA256[0], len) ? 63 : 0;

    haul_buf_clear(scratch);
    if (*text == '.' || *text == '-')
        add_encoded(scratch, (unsigned char)*text);
    else
        haul_buf_add(scratch, text, 1);
    haul_buf_add(scratch, text + 1, len - 1);
    if (scratch->err || scratch->len + to_come <= HAUL_NAME_PART_MAX)
        haul_buf_add(buf, haul_buf_str(scratch), scratch->len);
    else if (to_come) /* nothing may be lost in front of it, so nothing else is kept */
        haul_buf_add_str(buf, HAUL_NAME_SHA256);
    else
        haul_name_add_marked(buf, scratch->data, scratch->len, haul_hash(text, len), 0);
}

/* Writes the parts of `text`, but for empty ones and single dots. Returns how many. */
static size_t add_parts(struct haul_buf *buf, const char *text, struct haul_buf *scratch)
{
    size_t count = 0, len;

    for (const char *at = text; *at; at += len + (at[len] == '/')) {
        len = strcspn(at, "/");
        if (!len || (len == 1 && *at == '.'))
            continue;
        if (count++)
            haul_buf_add_char(buf, '/');
        add_part(buf, at, len, scratch);
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

static void explain(const char *key, const char *value, const char *cause, struct haul_buf *text)
{
    enum { SHOWN_MAX = 200 };

    haul_buf_addf(text, "%s=%.*s names no place below --dir: %s; %s", key, SHOWN_MAX, value, cause,
                  *value == '/' && strcmp(key, "dir") == 0
                      ? "--list-keys safe puts it there"
                      : "mend the list, or leave its keys out with --list-keys none");
}

void haul_name_explain(const char *out, const char *dir, struct haul_buf *text)
{
    if (dir && check_path(dir))
        explain("dir", dir, check_path(dir), text);
    else if (out && check_path(out))
        explain("out", out, check_path(out), text);
    else if (out && !ends_in_name(out))
        explain("out", out, "the name ends in no file's name", text);
}

enum haul_reason haul_name_build(const char *form, const struct haul_name_facts *facts,
                                 unsigned variant, struct haul_buf *name)
{
    struct haul_buf raw, scratch;
    size_t count;

    if ((facts->dir && check_path(facts->dir)) ||
        (facts->out && (check_path(facts->out) || !ends_in_name(facts->out))))
        return HAUL_REASON_BAD_NAME;
    haul_buf_init(&raw, 0);
    haul_buf_init(&scratch, 0);
    if (facts->dir)
        haul_buf_addf(&raw, "%s/", facts->dir);
    if (facts->out)
        haul_buf_add_str(&raw, facts->out);
    else
        add_form(&raw, form, facts);
    count = add_parts(name, haul_buf_str(&raw), &scratch);
    if (!count)
        haul_buf_add_str(name, "index.html");
    if (count > HAUL_NAME_PARTS_MAX || name->len > HAUL_NAME_MAX)
        shorten(name, &scratch);
    if (variant)
        mark_last(name, facts->hash, variant, &scratch);
    if (raw.err || scratch.err)
        name->err = HAUL_ERR_NOMEM;
    haul_buf_done(&raw);
    haul_buf_done(&scratch);
    return name->err ? HAUL_REASON_NO_MEMORY : HAUL_REASON_NONE;
}
