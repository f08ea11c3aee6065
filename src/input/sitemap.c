#include "input/sitemap.h"

#include <assert.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "base/keyset.h"
#include "input/text.h"

/*
 * Expat pushes, haul pulls: the handler of </url> suspends the parser, and the next call resumes
 * it, so that no entry but one is held, however many a piece has.
 *
 * Expat keeps every name that it has met, the tags that are open, and a token that has not come to
 * its end; these are what a hostile document could make grow, and what the limits are for.
 */

enum {
    ROOT_SHOWN_MAX = 64,             /* bytes of a foreign root's name in a message */
    TEXT_MAX = HAUL_LINE_MAX + 1024, /* of a loc, beyond which nothing is kept */
    DEPTH_ENTRY = 2,                 /* of <url> and <sitemap>, when inside */
    DEPTH_FIELD = 3                  /* of <loc> and <lastmod> */
};

/* Between a namespace and a local name; no name of XML can hold it. */
#define SEPARATOR '\n'

enum form { FORM_UNKNOWN, FORM_XML, FORM_TEXT };

struct haul_sitemap {
    enum form form;
    bool finished;
    bool concluded;            /* expat knows that it is finished */
    bool suspended;            /* expat has more to tell of what it has */
    enum haul_err err;         /* sticky */
    struct haul_buf cause;     /* of the failure */
    struct haul_buf head;      /* what stood before the form was known */
    struct haul_span piece[2]; /* still to be given to whoever reads this form: of head, and fed */
    uint64_t blank_lines;      /* lines that expat was not shown */
    struct haul_lines text;    /* FORM_TEXT */

    /* FORM_XML */
    XML_Parser parser;
    uint64_t fed, seen; /* bytes given to expat; the same when it last told anything */
    int depth;          /* elements that are open */
    bool is_index;
    struct haul_buf space;     /* the root's namespace */
    struct haul_keyset *names; /* that expat has met; NULL before the form is known */
    int name_count;

    /* the entry that is open */
    bool inside;                 /* of <url> or <sitemap> */
    bool has_loc;                /* its <loc> has begun */
    bool ready;                  /* it is complete, and next will give it */
    struct haul_buf *collecting; /* loc or lastmod, while inside of it */
    struct haul_buf loc, lastmod;
    uint64_t line;
};

/* ---- failing ---- */

/* For handlers and for next. The first cause stands. */
static enum haul_err fail(struct haul_sitemap *s, enum haul_err err, const char *cause)
{
    if (s->err)
        return s->err;
    s->err = err;
    haul_buf_add_str(&s->cause, cause);
    if (s->parser)
        XML_StopParser(s->parser, XML_FALSE);
    return err;
}

static void refuse(struct haul_sitemap *s, const char *cause)
{
    (void)fail(s, HAUL_ERR_SYNTAX, cause);
}

/* ---- names ---- */

static void note_name(struct haul_sitemap *s, const char *name)
{
    uint64_t first;
    bool is_new;

    if (haul_keyset_add(s->names, haul_hash_keyed(name, strlen(name)), 0, &is_new, &first))
        (void)fail(s, HAUL_ERR_NOMEM, "");
    else if (is_new && ++s->name_count > HAUL_SITEMAP_NAMES_MAX)
        refuse(s, "more than 512 different names of elements and attributes");
}

/* Of an element and its attributes, which may be as many as its tag has bytes for. */
static void note_names(struct haul_sitemap *s, const char *name, const char **attributes)
{
    note_name(s, name);
    for (; *attributes && !s->err; attributes += 2)
        note_name(s, *attributes);
}

/* Whether `name` is `local` in the root's namespace. */
static bool is_ours(const struct haul_sitemap *s, const char *name, const char *local)
{
    return strncmp(name, haul_buf_str(&s->space), s->space.len) == 0 &&
           strcmp(name + s->space.len, local) == 0;
}

/* ---- handlers: called by expat, on our thread ---- */

/*
 * What a handler begins with, since it has no other way to the sitemap. NULL: the parser was
 * stopped, and nothing may be done any more. Expat tells the rest of the tag that it is at all the
 * same: each of its prefixes, its attributes, its end.
 */
static struct haul_sitemap *hear(void *arg)
{
    struct haul_sitemap *s = arg;

    if (s->err)
        return NULL;
    s->seen = s->fed;
    return s;
}

static void begin_root(struct haul_sitemap *s, const char *name)
{
    const char *separator = strrchr(name, SEPARATOR);
    const char *local = separator ? separator + 1 : name;

    s->is_index = strcmp(local, "sitemapindex") == 0;
    if (!s->is_index && strcmp(local, "urlset") != 0) {
        haul_buf_addf(&s->cause, "not a sitemap: its root element is '%.*s'", ROOT_SHOWN_MAX,
                      local);
        refuse(s, "");
        return;
    }
    haul_buf_add(&s->space, name, (size_t)(local - name));
    if (s->space.err)
        (void)fail(s, HAUL_ERR_NOMEM, "");
}

static void begin_entry(struct haul_sitemap *s)
{
    s->inside = true;
    s->has_loc = false;
    s->line = haul_sitemap_line(s);
    haul_buf_clear(&s->loc);
    haul_buf_clear(&s->lastmod);
}

static void begin_field(struct haul_sitemap *s, const char *name)
{
    if (is_ours(s, name, "lastmod")) {
        haul_buf_clear(&s->lastmod);
        s->collecting = &s->lastmod;
        return;
    }
    if (!is_ours(s, name, "loc"))
        return;
    if (s->has_loc) {
        refuse(s, "two <loc> in one entry");
        return;
    }
    s->has_loc = true;
    s->line = haul_sitemap_line(s);
    s->collecting = &s->loc;
}

static void on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct haul_sitemap *s = hear(arg);

    if (!s)
        return;
    note_names(s, name, attributes);
    if (s->err)
        return;
    if (++s->depth > HAUL_SITEMAP_DEPTH_MAX)
        refuse(s, "more than 64 elements inside each other");
    else if (s->depth == 1)
        begin_root(s, name);
    else if (s->depth == DEPTH_ENTRY && is_ours(s, name, s->is_index ? "sitemap" : "url"))
        begin_entry(s);
    else if (s->depth == DEPTH_FIELD && s->inside)
        begin_field(s, name);
}

static void on_end(void *arg, const XML_Char *name)
{
    struct haul_sitemap *s = hear(arg);

    (void)name;
    if (!s)
        return;
    s->collecting = NULL;
    if (s->depth-- != DEPTH_ENTRY || !s->inside)
        return;
    s->inside = false;
    s->ready = true;
    XML_StopParser(s->parser, XML_TRUE);
}

static void on_text(void *arg, const XML_Char *text, int len)
{
    struct haul_sitemap *s = hear(arg);
    struct haul_buf *to = s ? s->collecting : NULL;

    if (!to || s->depth != DEPTH_FIELD)
        return;
    /* Blanks before the text need no room, however many there are. */
    while (!to->len && len && strchr(" \t\r\n", *text)) {
        text++;
        len--;
    }
    if ((size_t)len <= to->max - to->len) {
        haul_buf_add(to, text, (size_t)len);
    } else {
        haul_buf_add(to, text, to->max - to->len);
        to->err = HAUL_ERR_LIMIT;
    }
    if (to->err == HAUL_ERR_NOMEM)
        (void)fail(s, HAUL_ERR_NOMEM, "");
}

/* Whatever has no handler of its own: comments, white space, processing instructions. */
static void on_other(void *arg, const XML_Char *text, int len)
{
    (void)text;
    (void)len;
    (void)hear(arg);
}

static void on_doctype(void *arg, const XML_Char *name, const XML_Char *system_id,
                       const XML_Char *public_id, int has_internal_subset)
{
    struct haul_sitemap *s = hear(arg);

    (void)name;
    (void)system_id;
    (void)public_id;
    if (s && has_internal_subset)
        refuse(s, "a document type with declarations of its own (entities) is refused");
}

static void on_skipped_entity(void *arg, const XML_Char *name, int is_parameter)
{
    struct haul_sitemap *s = hear(arg);

    (void)name;
    (void)is_parameter;
    if (s)
        refuse(s, "an entity that is declared elsewhere is refused");
}

static void on_prefix(void *arg, const XML_Char *prefix, const XML_Char *uri)
{
    struct haul_sitemap *s = hear(arg);

    if (s)
        note_name(s, prefix ? prefix : "");
    if (s && !s->err)
        note_name(s, uri ? uri : "");
}

/* ---- making and unmaking ---- */

static enum haul_err make_parser(struct haul_sitemap *s)
{
    s->parser = XML_ParserCreateNS(NULL, SEPARATOR);
    if (!s->parser || haul_keyset_create(&s->names))
        return fail(s, HAUL_ERR_NOMEM, "");
    XML_SetUserData(s->parser, s);
    XML_SetElementHandler(s->parser, on_start, on_end);
    XML_SetCharacterDataHandler(s->parser, on_text);
    XML_SetDefaultHandler(s->parser, on_other);
    XML_SetStartDoctypeDeclHandler(s->parser, on_doctype);
    XML_SetSkippedEntityHandler(s->parser, on_skipped_entity);
    XML_SetStartNamespaceDeclHandler(s->parser, on_prefix);
    return HAUL_OK;
}

enum haul_err haul_sitemap_create(struct haul_sitemap **out)
{
    struct haul_sitemap *s = calloc(1, sizeof *s);

    *out = s;
    if (!s)
        return HAUL_ERR_NOMEM;
    haul_buf_init(&s->cause, 0);
    haul_buf_init(&s->head, HAUL_SITEMAP_BLANKS_MAX + 4);
    haul_buf_init(&s->space, HAUL_SITEMAP_TOKEN_MAX * 2);
    haul_buf_init(&s->loc, TEXT_MAX);
    haul_buf_init(&s->lastmod, HAUL_SITEMAP_LASTMOD_MAX);
    haul_lines_init(&s->text);
    return HAUL_OK;
}

void haul_sitemap_free(struct haul_sitemap *s)
{
    if (!s)
        return;
    if (s->parser)
        XML_ParserFree(s->parser);
    haul_keyset_free(s->names);
    haul_lines_done(&s->text);
    haul_buf_done(&s->cause);
    haul_buf_done(&s->head);
    haul_buf_done(&s->space);
    haul_buf_done(&s->loc);
    haul_buf_done(&s->lastmod);
    free(s);
}

void haul_sitemap_add_nothing(const struct haul_sitemap *s, struct haul_buf *words)
{
    if (s->form == FORM_TEXT)
        haul_buf_add_str(words, "all of its lines are blank or comments");
    else
        haul_buf_addf(words, "there is no %s with a <loc> in it",
                      s->is_index ? "<sitemap>" : "<url>");
}

const char *haul_sitemap_message(const struct haul_sitemap *s)
{
    return haul_buf_str(&s->cause);
}

static uint64_t parser_line(XML_Parser parser)
{
#if XML_MAJOR_VERSION > 2 || (XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION >= 9)
    return XML_GetCurrentLineNumber64(parser);
#else
    return XML_GetCurrentLineNumber(parser); /* deprecated since there is the other */
#endif
}

uint64_t haul_sitemap_line(const struct haul_sitemap *s)
{
    if (s->form == FORM_TEXT)
        return s->text.feed.line ? s->text.feed.line : 1;
    if (!s->parser)
        return 1;
    return s->blank_lines + parser_line(s->parser);
}

/* ---- what it is ---- */

/* The bytes of `head` that may stand before the first that tells: a byte order mark and blanks. */
static bool is_preface(const char *head, size_t at)
{
    if (at < HAUL_TEXT_MARK_LEN && memcmp(head, HAUL_TEXT_MARK, at + 1) == 0)
        return true;
    return strchr(" \t\r\n", head[at]) && head[at];
}

static bool begins_xml(char byte)
{
    return byte == '<' || byte == '\xfe' || byte == '\xff' || byte == '\0';
}

static enum haul_err settle_form(struct haul_sitemap *s)
{
    struct haul_buf *head = &s->head;

    s->form = begins_xml(head->data[head->len - 1]) ? FORM_XML : FORM_TEXT;
    if (s->form == FORM_XML) {
        /* Expat takes no blanks before it, and a byte order mark only at the very start. */
        for (size_t i = 0; i + 1 < head->len; i++)
            s->blank_lines += head->data[i] == '\n';
        haul_buf_consume(head, head->len - 1);
        if (make_parser(s))
            return s->err;
    }
    s->piece[0] = (struct haul_span){haul_buf_str(head), head->len};
    return HAUL_OK;
}

static enum haul_err look_at_head(struct haul_sitemap *s)
{
    struct haul_span *fed = &s->piece[1];

    while (fed->len) {
        haul_buf_add_char(&s->head, *fed->at++);
        fed->len--;
        if (s->head.err == HAUL_ERR_NOMEM)
            return fail(s, HAUL_ERR_NOMEM, "");
        if (!is_preface(s->head.data, s->head.len - 1))
            return settle_form(s);
        if (s->head.len > HAUL_SITEMAP_BLANKS_MAX)
            return fail(s, HAUL_ERR_SYNTAX, "not a sitemap: it begins with too many blanks");
    }
    if (s->finished)
        return fail(s, HAUL_ERR_SYNTAX, "not a sitemap: it is empty");
    return HAUL_ERR_END;
}

void haul_sitemap_feed(struct haul_sitemap *s, const char *bytes, size_t len)
{
    assert(!s->piece[1].len && !s->finished);
    s->piece[1] = (struct haul_span){bytes, len};
}

void haul_sitemap_finish(struct haul_sitemap *s)
{
    assert(!s->piece[1].len);
    s->finished = true;
}

/* The next piece for whoever reads the form. False: all were given. */
static bool take_piece(struct haul_sitemap *s, struct haul_span *out)
{
    struct haul_span *piece = s->piece[0].len ? &s->piece[0] : &s->piece[1];

    *out = *piece;
    piece->len = 0;
    return out->len;
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

static void fill_item(struct haul_sitemap *s, struct haul_sitemap_entry *out)
{
    haul_sitemap_classify(haul_buf_str(&s->loc), trimmed_length(&s->loc), &out->entry);
    out->entry.line = s->line;
    if (s->lastmod.len && !s->lastmod.err) {
        s->lastmod.data[trimmed_length(&s->lastmod)] = '\0';
        out->lastmod = haul_buf_str(&s->lastmod);
    }
}

static enum haul_err next_line(struct haul_sitemap *s, struct haul_sitemap_entry *out)
{
    struct haul_span piece;
    enum haul_err err;

    while ((err = haul_lines_next(&s->text, &out->entry)) == HAUL_ERR_END) {
        if (take_piece(s, &piece))
            haul_feed_add(&s->text.feed, piece.at, piece.len);
        else if (s->finished && !s->text.feed.finished)
            haul_feed_finish(&s->text.feed);
        else
            return HAUL_ERR_END;
    }
    if (err)
        return fail(s, err, "");
    require_scheme(&out->entry);
    return HAUL_OK;
}

/* ---- XML ---- */

static enum haul_err fail_xml(struct haul_sitemap *s)
{
    enum XML_Error code = XML_GetErrorCode(s->parser);

    if (s->err)
        return s->err;
    if (code == XML_ERROR_NO_MEMORY)
        return fail(s, HAUL_ERR_NOMEM, "");
    haul_buf_addf(&s->cause, "not well-formed XML: %s", XML_ErrorString(code));
    return fail(s, HAUL_ERR_SYNTAX, "");
}

/* Has expat read on. END: it has nothing left. */
static enum haul_err parse_some(struct haul_sitemap *s)
{
    enum XML_Status status;
    struct haul_span piece = {NULL, 0};

    if (s->suspended) {
        status = XML_ResumeParser(s->parser);
    } else if (take_piece(s, &piece)) {
        s->fed += piece.len;
        status = XML_Parse(s->parser, piece.at, (int)piece.len, 0);
    } else if (s->finished && !s->concluded) {
        s->concluded = true;
        status = XML_Parse(s->parser, "", 0, 1);
    } else {
        return HAUL_ERR_END;
    }
    s->suspended = status == XML_STATUS_SUSPENDED;
    if (s->err || status == XML_STATUS_ERROR)
        return fail_xml(s);
    if (s->fed - s->seen > HAUL_SITEMAP_TOKEN_MAX)
        return fail(s, HAUL_ERR_SYNTAX, "a tag or the like is longer than 1 MiB");
    return HAUL_OK;
}

static enum haul_err next_element(struct haul_sitemap *s, struct haul_sitemap_entry *out)
{
    enum haul_err err = HAUL_OK;

    while (!err && !s->ready)
        err = parse_some(s);
    if (err)
        return err;
    s->ready = false;
    fill_item(s, out);
    return HAUL_OK;
}

enum haul_err haul_sitemap_next(struct haul_sitemap *s, struct haul_sitemap_entry *out)
{
    enum haul_err err = s->err;

    if (!err && s->form == FORM_UNKNOWN)
        err = look_at_head(s);
    if (err)
        return err;
    out->lastmod = NULL;
    err = s->form == FORM_XML ? next_element(s, out) : next_line(s, out);
    out->is_sitemap = s->is_index;
    return err;
}
