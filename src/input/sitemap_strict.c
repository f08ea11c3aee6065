#include "input/sitemap_strict.h"

#include <assert.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "input/sitemap.h"

/*
 * Expat pushes, haul pulls: when an entry is complete the parser is suspended, and the next call
 * resumes it, so that no entry but one is held, however many a piece has.
 *
 * Expat keeps every name that it has met, the tags that are open, and a token that has not come to
 * its end; these are what a hostile document could make grow, and what the limits are for.
 *
 * Whatever has no effect, as a comment, is told to on_other. So each token ends with an event, and
 * where the last event ended is where another reader would have to go on: the place of an error is
 * somewhere inside of a token. Only of a document type no part is told before its end.
 */

/* Between a namespace and a local name; no name of XML can hold it. */
#define SEPARATOR '\n'
#define XML_BASE "http://www.w3.org/XML/1998/namespace\nbase"

struct haul_sitemap_strict {
    XML_Parser parser;
    struct haul_sitemap_tree *tree;
    bool finished;
    bool concluded;         /* expat knows that it is finished */
    bool slipped;           /* it is for another reader to go on */
    bool suspended;         /* expat has more to tell of what it has */
    struct haul_span piece; /* fed, and its end not yet settled */
    bool is_new;            /* expat was not given it yet */
    uint64_t first_line;

    /* As expat counts bytes: modulo the size of its type. */
    unsigned long fed;
    unsigned long told; /* the end of the last event */
    struct haul_sitemap_rest rest;
    uint64_t events_left; /* until it stops; 0: it does not */
    bool may_be_stopped;

    /* the namespace that was met last */
    struct haul_buf last_uri;
    struct haul_xmlns last_space;
};

/* ---- handlers: called by expat, on our thread ---- */

/*
 * What a handler begins with, since it has no other way to the reader. NULL: the parser was
 * stopped, and nothing may be done any more. Expat tells the rest of the tag that it is at all the
 * same: each of its prefixes, its attributes, its end.
 */
static struct haul_sitemap_strict *hear(void *arg)
{
    struct haul_sitemap_strict *s = arg;

    if (s->tree->err)
        return NULL;
    s->told = (unsigned long)XML_GetCurrentByteIndex(s->parser) +
              (unsigned long)XML_GetCurrentByteCount(s->parser);
    if (s->events_left && !--s->events_left)
        XML_StopParser(s->parser, XML_FALSE);
    return s;
}

/* What a handler ends with that may have completed or refused something. */
static void pause_or_stop(struct haul_sitemap_strict *s)
{
    if (s->tree->err)
        XML_StopParser(s->parser, XML_FALSE);
    else if (s->tree->ready)
        XML_StopParser(s->parser, XML_TRUE);
}

static void refuse(struct haul_sitemap_strict *s, const char *cause)
{
    haul_sitemap_tree_refuse(s->tree, HAUL_ERR_SYNTAX, cause);
    pause_or_stop(s);
}

/* Mostly it is the one that was asked for last. */
static struct haul_xmlns space_of(struct haul_sitemap_strict *s, struct haul_span uri)
{
    if (!uri.len)
        return haul_xmlns_of(uri);
    if (uri.len != s->last_uri.len || memcmp(uri.at, s->last_uri.data, uri.len) != 0) {
        haul_buf_clear(&s->last_uri);
        haul_buf_add(&s->last_uri, uri.at, uri.len);
        s->last_space = haul_xmlns_of(uri);
    }
    return s->last_space;
}

static void read_name(struct haul_sitemap_strict *s, const char *name, struct haul_sitemap_tag *tag)
{
    const char *separator = strrchr(name, SEPARATOR);
    struct haul_span uri = {name, separator ? (size_t)(separator - name) : 0};

    tag->name = haul_span_of(separator ? separator + 1 : name);
    tag->space = space_of(s, uri);
}

static void read_attribute(const char *name, const char *value, struct haul_sitemap_tag *tag)
{
    if (strcmp(name, "href") == 0)
        tag->href = value;
    else if (strcmp(name, "rel") == 0)
        tag->rel = value;
    else if (strcmp(name, "isPermaLink") == 0)
        tag->is_permalink = value;
    else if (strcmp(name, XML_BASE) == 0)
        tag->base = value;
}

/* Attributes may be as many as the tag has bytes for. */
static void on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct haul_sitemap_strict *s = hear(arg);
    struct haul_sitemap_tag tag = {.href = NULL};
    bool wanted;

    if (!s)
        return;
    wanted = haul_sitemap_tree_wants_attributes(s->tree);
    for (; *attributes && !s->tree->err; attributes += 2) {
        haul_sitemap_tree_note_name(s->tree, haul_hash_keyed(*attributes, strlen(*attributes)));
        if (wanted)
            read_attribute(attributes[0], attributes[1], &tag);
    }
    read_name(s, name, &tag);
    haul_sitemap_tree_open(s->tree, &tag, haul_sitemap_strict_line(s));
    if (s->last_uri.err)
        haul_sitemap_tree_refuse(s->tree, HAUL_ERR_NOMEM, "");
    pause_or_stop(s);
}

static void on_end(void *arg, const XML_Char *name)
{
    struct haul_sitemap_strict *s = hear(arg);

    (void)name;
    if (!s)
        return;
    haul_sitemap_tree_close_last(s->tree);
    pause_or_stop(s);
}

static void on_text(void *arg, const XML_Char *text, int len)
{
    struct haul_sitemap_strict *s = hear(arg);

    if (!s)
        return;
    haul_sitemap_tree_text(s->tree, text, (size_t)len);
    pause_or_stop(s);
}

/* Whatever has no handler of its own: comments, white space, processing instructions. */
static void on_other(void *arg, const XML_Char *text, int len)
{
    (void)text;
    (void)len;
    (void)hear(arg);
}

static void on_cdata(void *arg)
{
    struct haul_sitemap_strict *s = hear(arg);

    if (s)
        s->rest.in_cdata = true;
}

static void on_cdata_end(void *arg)
{
    struct haul_sitemap_strict *s = hear(arg);

    if (s)
        s->rest.in_cdata = false;
}

static void on_doctype(void *arg, const XML_Char *name, const XML_Char *system_id,
                       const XML_Char *public_id, int has_internal_subset)
{
    struct haul_sitemap_strict *s = hear(arg);

    (void)name;
    if (!s)
        return;
    s->rest.is_declared_elsewhere = system_id || public_id;
    if (has_internal_subset)
        refuse(s, HAUL_SITEMAP_NO_DECLARATIONS);
}

static void on_skipped_entity(void *arg, const XML_Char *name, int is_parameter)
{
    struct haul_sitemap_strict *s = hear(arg);

    (void)name;
    (void)is_parameter;
    if (s)
        refuse(s, HAUL_SITEMAP_NO_ENTITIES);
}

/* Before the element whose tag has it; so it is no event that something could go on behind. */
static void on_prefix(void *arg, const XML_Char *prefix, const XML_Char *uri)
{
    struct haul_sitemap_strict *s = arg;

    if (s->tree->err)
        return;
    haul_sitemap_tree_declare(s->tree, haul_span_of(prefix ? prefix : ""),
                              haul_span_of(uri ? uri : ""));
    if (s->tree->err)
        XML_StopParser(s->parser, XML_FALSE);
}

/* ---- making and unmaking ---- */

static void set_handlers(struct haul_sitemap_strict *s)
{
    XML_SetUserData(s->parser, s);
    XML_SetElementHandler(s->parser, on_start, on_end);
    XML_SetCharacterDataHandler(s->parser, on_text);
    XML_SetCdataSectionHandler(s->parser, on_cdata, on_cdata_end);
    XML_SetDefaultHandler(s->parser, on_other);
    XML_SetStartDoctypeDeclHandler(s->parser, on_doctype);
    XML_SetSkippedEntityHandler(s->parser, on_skipped_entity);
    XML_SetStartNamespaceDeclHandler(s->parser, on_prefix);
}

enum haul_err haul_sitemap_strict_create(struct haul_sitemap_tree *tree, uint64_t line,
                                         struct haul_sitemap_strict **out)
{
    struct haul_sitemap_strict *s = calloc(1, sizeof *s);

    *out = s;
    if (!s)
        return HAUL_ERR_NOMEM;
    s->tree = tree;
    s->first_line = line;
    s->rest.lines.line = line;
    haul_buf_init(&s->rest.bytes, 0);
    haul_buf_init(&s->last_uri, 0);
    s->parser = XML_ParserCreateNS("UTF-8", SEPARATOR);
    if (s->parser) {
        set_handlers(s);
        return HAUL_OK;
    }
    haul_sitemap_strict_free(s);
    *out = NULL;
    return HAUL_ERR_NOMEM;
}

void haul_sitemap_strict_free(struct haul_sitemap_strict *s)
{
    if (!s)
        return;
    if (s->parser)
        XML_ParserFree(s->parser);
    haul_buf_done(&s->rest.bytes);
    haul_buf_done(&s->last_uri);
    free(s);
}

void haul_sitemap_strict_stop_after(struct haul_sitemap_strict *s, uint64_t events)
{
    s->events_left = events;
    s->may_be_stopped = events != 0;
}

void haul_sitemap_strict_feed(struct haul_sitemap_strict *s, struct haul_span bytes)
{
    assert(!s->is_new && !s->suspended && !s->finished);
    s->piece = bytes;
    s->is_new = true;
}

void haul_sitemap_strict_finish(struct haul_sitemap_strict *s)
{
    s->finished = true;
}

uint64_t haul_sitemap_strict_line(const struct haul_sitemap_strict *s)
{
#if XML_MAJOR_VERSION > 2 || (XML_MAJOR_VERSION == 2 && XML_MINOR_VERSION >= 9)
    return s->first_line - 1 + XML_GetCurrentLineNumber64(s->parser);
#else
    return s->first_line - 1 + XML_GetCurrentLineNumber(s->parser); /* deprecated since there is
                                                                       the other */
#endif
}

/* ---- reading ---- */

/* Keeps those of the bytes that have had no effect yet: mostly none, or a part of a token. */
static enum haul_err settle_piece(struct haul_sitemap_strict *s)
{
    struct haul_buf *kept = &s->rest.bytes;
    size_t all = kept->len + s->piece.len, left = s->fed - s->told, used = all - left;
    size_t of_kept = used < kept->len ? used : kept->len, of_piece = used - of_kept;

    if (s->may_be_stopped) {
        haul_sitemap_lines_add(&s->rest.lines, haul_buf_str(kept), of_kept);
        haul_sitemap_lines_add(&s->rest.lines, s->piece.at, of_piece);
    }
    if (of_kept)
        haul_buf_consume(kept, of_kept);
    if (s->piece.len > of_piece)
        haul_buf_add(kept, s->piece.at + of_piece, s->piece.len - of_piece);
    s->piece.len = 0;
    return kept->err ? HAUL_ERR_NOMEM : HAUL_OK;
}

/* Expat knows the line of the error, which is somewhere in what is left: no line need be counted
 * before there is one. Where it was stopped for a test there is none. */
static void find_line(struct haul_sitemap_strict *s)
{
    unsigned long before = (unsigned long)XML_GetCurrentByteIndex(s->parser) - s->told;
    struct haul_sitemap_lines lines = {.line = 0};

    if (s->may_be_stopped)
        return;
    if (before <= s->rest.bytes.len)
        haul_sitemap_lines_add(&lines, haul_buf_str(&s->rest.bytes), before);
    s->rest.lines.line = haul_sitemap_strict_line(s) - lines.line;
}

/*
 * Outside of the root expat calls one thing this or that, depending on how much of it is there; so
 * it has one name here, and the line that it begins at.
 */
static void tell_slip(struct haul_sitemap_strict *s, enum XML_Error code)
{
    bool is_outside = !s->tree->depth;

    if (is_outside && s->tree->has_root)
        code = XML_ERROR_JUNK_AFTER_DOC_ELEMENT;
    else if (is_outside && (code == XML_ERROR_INVALID_TOKEN || code == XML_ERROR_UNCLOSED_TOKEN))
        code = XML_ERROR_SYNTAX;
    haul_sitemap_tree_slip(s->tree, is_outside ? s->rest.lines.line : haul_sitemap_strict_line(s),
                           XML_ErrorString(code));
}

/* An error, ours or expat's. */
static enum haul_err stop(struct haul_sitemap_strict *s)
{
    enum XML_Error code = XML_GetErrorCode(s->parser);

    if (code == XML_ERROR_NO_MEMORY)
        haul_sitemap_tree_refuse(s->tree, HAUL_ERR_NOMEM, "");
    if (s->tree->err)
        return s->tree->err;
    s->slipped = true;
    if (settle_piece(s))
        return HAUL_ERR_NOMEM;
    find_line(s);
    /* That the text ends inside of the root is told by the tree. */
    if (code != XML_ERROR_ABORTED && (!s->concluded || haul_sitemap_tree_is_whole(s->tree)))
        tell_slip(s, code);
    return HAUL_ERR_AGAIN;
}

/* Has expat read on. END: it has nothing left. */
static enum haul_err parse_some(struct haul_sitemap_strict *s)
{
    enum XML_Status status;
    enum haul_err err;

    if (s->slipped)
        return HAUL_ERR_AGAIN;
    if (s->suspended) {
        status = XML_ResumeParser(s->parser);
    } else if (s->is_new) {
        s->is_new = false;
        s->fed += s->piece.len;
        status = XML_Parse(s->parser, s->piece.at, (int)s->piece.len, 0);
    } else if (s->finished && !s->concluded) {
        s->concluded = true;
        status = XML_Parse(s->parser, "", 0, 1);
    } else {
        return HAUL_ERR_END;
    }
    s->suspended = status == XML_STATUS_SUSPENDED;
    if (s->suspended)
        return HAUL_OK;
    if (status == XML_STATUS_ERROR)
        return stop(s);
    err = settle_piece(s);
    return err ? err : haul_sitemap_tree_check_token(s->tree, s->rest.bytes.len);
}

enum haul_err haul_sitemap_strict_next(struct haul_sitemap_strict *s)
{
    enum haul_err err = HAUL_OK;

    while (!err && !s->tree->ready)
        err = parse_some(s);
    return s->tree->ready ? HAUL_OK : err;
}

void haul_sitemap_strict_rest(struct haul_sitemap_strict *s, struct haul_sitemap_rest *out)
{
    *out = s->rest;
    haul_buf_init(&s->rest.bytes, 0);
}
