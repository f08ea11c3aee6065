#include "input/sitemap_bytes.h"

#include <assert.h>
#include <string.h>

#include "base/ascii.h"
#include "input/sitemap.h"
#include "input/sitemap_lines.h"
#include "input/text.h"

enum {
    HEAD_MAX = HAUL_SITEMAP_BLANKS_MAX, /* bytes that are looked at */
    DECLARATION_MAX = 200,              /* bytes of an XML declaration */
    NAME_SHOWN_MAX = 40                 /* bytes of the name of an encoding */
};

static const char *const roots[] = {"<urlset", "<sitemapindex", "<rss", "<feed"};

enum { ROOTS = sizeof roots / sizeof *roots };

void haul_sitemap_bytes_init(struct haul_sitemap_bytes *bytes)
{
    *bytes = (struct haul_sitemap_bytes){.stage = HAUL_SITEMAP_MARK, .line = 1};
    haul_buf_init(&bytes->head, HEAD_MAX);
    haul_buf_init(&bytes->cause, 0);
}

void haul_sitemap_bytes_done(struct haul_sitemap_bytes *bytes)
{
    haul_buf_done(&bytes->head);
    haul_buf_done(&bytes->cause);
    haul_recode_free(bytes->recode);
    bytes->recode = NULL;
}

void haul_sitemap_bytes_feed(struct haul_sitemap_bytes *bytes, struct haul_span piece)
{
    assert(!bytes->raw[1].len && !bytes->finished);
    bytes->raw[1] = piece;
}

void haul_sitemap_bytes_finish(struct haul_sitemap_bytes *bytes)
{
    bytes->finished = true;
}

static enum haul_err fail(struct haul_sitemap_bytes *bytes, const char *cause)
{
    haul_buf_add_str(&bytes->cause, cause);
    return HAUL_ERR_SYNTAX;
}

/* ---- making UTF-8 ---- */

/* The next of two pieces. False: there is none. */
static bool take(struct haul_span *pieces, struct haul_span *out)
{
    struct haul_span *piece = pieces[0].len ? &pieces[0] : &pieces[1];

    *out = *piece;
    piece->len = 0;
    return out->len;
}

/* END: the recoder was given all that there is. */
static enum haul_err feed_recode(struct haul_sitemap_bytes *bytes)
{
    struct haul_span raw;

    if (take(bytes->raw, &raw)) {
        haul_recode_feed(bytes->recode, raw.at, raw.len);
        return HAUL_OK;
    }
    if (!bytes->finished || bytes->is_recode_finished)
        return HAUL_ERR_END;
    haul_recode_finish(bytes->recode);
    bytes->is_recode_finished = true;
    return HAUL_OK;
}

static enum haul_err take_text(struct haul_sitemap_bytes *bytes, struct haul_span *out)
{
    enum haul_err err = HAUL_OK;

    if (take(bytes->text, out))
        return HAUL_OK;
    if (!bytes->recode)
        return take(bytes->raw, out) ? HAUL_OK : HAUL_ERR_END;
    while (!err && haul_recode_next(bytes->recode, out) == HAUL_ERR_END)
        err = feed_recode(bytes);
    return err;
}

static enum haul_err use_encoding(struct haul_sitemap_bytes *bytes, const char *encoding,
                                  struct haul_span name)
{
    size_t shown = name.len < NAME_SHOWN_MAX ? name.len : NAME_SHOWN_MAX;
    enum haul_err err = HAUL_ERR_SYSTEM;

    if (encoding && strcmp(encoding, HAUL_RECODE_UTF8) == 0)
        return HAUL_OK;
    if (encoding)
        err = haul_recode_create(encoding, &bytes->recode);
    if (err != HAUL_ERR_SYSTEM)
        return err;
    haul_buf_addf(&bytes->cause, "its encoding '%.*s' is %s", (int)shown, name.at,
                  encoding ? "none that iconv(3) has on this system" : "not known");
    return HAUL_ERR_SYNTAX;
}

/* ---- the mark ---- */

static enum haul_err use_mark(struct haul_sitemap_bytes *bytes)
{
    static const struct {
        const char *bytes;
        size_t len, skipped;
        const char *encoding;
    } marks[] = {{"\xff\xfe", 2, 2, HAUL_RECODE_UTF16LE},
                 {"\xfe\xff", 2, 2, HAUL_RECODE_UTF16BE},
                 {"<\0", 2, 0, HAUL_RECODE_UTF16LE},
                 {"\0<", 2, 0, HAUL_RECODE_UTF16BE},
                 {HAUL_TEXT_MARK, HAUL_TEXT_MARK_LEN, HAUL_TEXT_MARK_LEN, HAUL_RECODE_UTF8}};

    bytes->raw[0] = (struct haul_span){bytes->mark, bytes->mark_len};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        if (bytes->mark_len < marks[i].len ||
            memcmp(bytes->mark, marks[i].bytes, marks[i].len) != 0)
            continue;
        (void)haul_span_take(&bytes->raw[0], marks[i].skipped);
        bytes->has_mark = true;
        return use_encoding(bytes, marks[i].encoding, haul_span_of(marks[i].encoding));
    }
    return HAUL_OK;
}

/* END: more bytes must be there. */
static enum haul_err look_at_mark(struct haul_sitemap_bytes *bytes)
{
    struct haul_span *fed = &bytes->raw[1];

    while (bytes->mark_len < sizeof bytes->mark && fed->len)
        bytes->mark[bytes->mark_len++] = *haul_span_take(fed, 1).at;
    if (bytes->mark_len < sizeof bytes->mark && !bytes->finished)
        return HAUL_ERR_END;
    bytes->stage = HAUL_SITEMAP_HEAD;
    return use_mark(bytes);
}

/* ---- the form ---- */

static bool is_blank(char byte)
{
    return haul_ascii_is_blank(byte) || byte == '\n' || byte == '\r';
}

static bool begins(struct haul_span text, const char *word)
{
    size_t len = strlen(word);

    return text.len >= len && haul_span_is_word((struct haul_span){text.at, len}, word);
}

static bool begins_declaration(struct haul_span text)
{
    return text.len > 5 && memcmp(text.at, "<?xml", 5) == 0 && is_blank(text.at[5]);
}

static bool begins_root(struct haul_span text)
{
    for (size_t i = 0; i < ROOTS; i++)
        if (begins(text, roots[i]))
            return true;
    return false;
}

static bool begins_url(struct haul_span text)
{
    size_t len = haul_text_scheme_length(text);

    return len && begins((struct haul_span){text.at + len, text.len - len}, "://");
}

/* Where in the text something begins; NULL: nowhere. */
static const char *find(struct haul_span text, bool (*does_begin)(struct haul_span))
{
    for (; text.len; (void)haul_span_take(&text, 1))
        if (*text.at == '<' && does_begin(text))
            return text.at;
    return NULL;
}

/* The value of `encoding`, or nothing. */
static struct haul_span declared_encoding(struct haul_span text)
{
    static const char word[] = "encoding";
    const struct haul_span none = {NULL, 0};
    struct haul_span rest = {text.at, text.len < DECLARATION_MAX ? text.len : DECLARATION_MAX};
    struct haul_span inside, value;
    char quote;

    if (!haul_span_take_before(&rest, '>', &inside))
        return none;
    while (inside.len && !(is_blank(*inside.at) &&
                           begins((struct haul_span){inside.at + 1, inside.len - 1}, word)))
        (void)haul_span_take(&inside, 1);
    if (!inside.len)
        return none;
    (void)haul_span_take(&inside, sizeof word);
    while (inside.len && (is_blank(*inside.at) || *inside.at == '='))
        (void)haul_span_take(&inside, 1);
    quote = inside.len ? *inside.at : '\0';
    if ((quote != '"' && quote != '\'') || inside.len < 2)
        return none;
    (void)haul_span_take(&inside, 1);
    return haul_span_take_before(&inside, quote, &value) ? value : none;
}

/* The head is there as far as it is looked at. HAUL_OK: *begin is what the sitemap begins with. */
static bool find_begin(struct haul_sitemap_bytes *bytes, struct haul_span text, bool is_all,
                       const char **begin)
{
    bool is_declared = begins_declaration(text);

    bytes->is_xml = true;
    *begin = text.at;
    if (is_declared && (is_all || text.len >= DECLARATION_MAX || memchr(text.at, '>', text.len)))
        return true;
    if (begins_root(text))
        return true;
    bytes->is_xml = false;
    if (begins_url(text))
        return true;
    if (!is_all)
        return false;
    *begin = NULL;
    if (!begins(text, "<!") && !begins(text, "<?"))
        *begin = find(text, begins_declaration);
    if (!*begin && *text.at != '<')
        *begin = find(text, begins_root);
    bytes->is_xml = *begin || *text.at == '<';
    if (!*begin)
        *begin = text.at;
    return true;
}

/* Goes on behind what stands before `begin`, in the encoding that is declared there. */
static enum haul_err begin_body(struct haul_sitemap_bytes *bytes, const char *begin)
{
    const char *head = haul_buf_str(&bytes->head);
    struct haul_span text = {begin, bytes->head.len - (size_t)(begin - head)}, name;
    struct haul_sitemap_lines lines = {.line = 1};
    enum haul_err err = HAUL_OK;

    bytes->stage = HAUL_SITEMAP_BODY;
    if (!bytes->is_xml) {
        bytes->text[0] = (struct haul_span){head, bytes->head.len};
        return HAUL_OK;
    }
    haul_sitemap_lines_add(&lines, head, (size_t)(begin - head));
    bytes->line = lines.line;
    bytes->text[0] = text;
    name = declared_encoding(text);
    if (!name.at || bytes->has_mark || !begins_declaration(text))
        return HAUL_OK;
    err = use_encoding(bytes, haul_recode_find(name), name);
    if (bytes->recode) {
        bytes->raw[0] = bytes->text[0];
        bytes->raw[1] = bytes->text[1];
        bytes->text[0].len = bytes->text[1].len = 0;
    }
    return err;
}

/* Adds to the head what belongs there. *is_all: there will not be more of it. */
static enum haul_err grow_head(struct haul_sitemap_bytes *bytes, bool *is_all)
{
    size_t room = HEAD_MAX - bytes->head.len, len;
    struct haul_span piece;
    enum haul_err err = take_text(bytes, &piece);

    if (err == HAUL_ERR_END && bytes->finished) {
        *is_all = true;
        return HAUL_OK;
    }
    if (err)
        return err;
    len = piece.len < room ? piece.len : room;
    *is_all = len == room;
    haul_buf_add(&bytes->head, piece.at, len);
    bytes->text[1] = (struct haul_span){piece.at + len, piece.len - len};
    return bytes->head.err;
}

static enum haul_err look_at_head(struct haul_sitemap_bytes *bytes)
{
    const char *begin;
    bool is_found = false, is_all;

    while (!is_found) {
        enum haul_err err = grow_head(bytes, &is_all);
        struct haul_span text = {haul_buf_str(&bytes->head), bytes->head.len};

        if (err)
            return err;
        while (text.len && is_blank(*text.at))
            (void)haul_span_take(&text, 1);
        if (!text.len && is_all)
            return fail(bytes, bytes->head.len < HEAD_MAX
                                   ? "not a sitemap: it is empty"
                                   : "not a sitemap: it begins with too many blanks");
        is_found = text.len && find_begin(bytes, text, is_all, &begin);
        if (is_found)
            bytes->has_text_before = bytes->is_xml && begin != text.at;
    }
    return begin_body(bytes, begin);
}

enum haul_err haul_sitemap_bytes_next(struct haul_sitemap_bytes *bytes, struct haul_span *piece)
{
    enum haul_err err = HAUL_OK;

    if (bytes->stage == HAUL_SITEMAP_MARK)
        err = look_at_mark(bytes);
    if (!err && bytes->stage == HAUL_SITEMAP_HEAD)
        err = look_at_head(bytes);
    return err ? err : take_text(bytes, piece);
}
