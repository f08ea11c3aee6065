#include "input/sitemap_scan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "input/sitemap.h"
#include "input/sitemap_refs.h"
#include "input/sitemap_tag.h"

/*
 * Bytes are looked at where they lie: in the piece that was fed, or in `held`, which has a token
 * that began in an earlier piece, and the piece behind it. How far such a token was looked at is
 * remembered, so that pieces of one byte do not make it quadratic.
 */

struct haul_sitemap_scan {
    struct haul_sitemap_tree *tree;
    struct haul_sitemap_values values;
    struct haul_sitemap_lines lines;
    bool finished, in_cdata;

    const char *at, *end; /* not yet read */
    bool is_in_held;      /* and in `held`, not in the feeder's piece */
    struct haul_buf held;

    /* of the token at `at`, if it was begun to look at */
    size_t looked; /* bytes of it, 0: not begun */
    char quote;    /* of a value that is open there, or NUL */
    bool after_equals;
};

enum haul_err haul_sitemap_scan_create(struct haul_sitemap_tree *tree,
                                       struct haul_sitemap_rest *rest,
                                       struct haul_sitemap_scan **out)
{
    struct haul_sitemap_scan *scan = calloc(1, sizeof *scan);

    *out = scan;
    if (!scan) {
        haul_buf_done(&rest->bytes);
        return HAUL_ERR_NOMEM;
    }
    scan->tree = tree;
    scan->lines = rest->lines;
    scan->in_cdata = rest->in_cdata;
    scan->held = rest->bytes;
    scan->at = haul_buf_str(&scan->held);
    scan->end = scan->at + scan->held.len;
    scan->is_in_held = true;
    haul_sitemap_values_init(&scan->values);
    scan->values.is_declared_elsewhere = rest->is_declared_elsewhere;
    haul_sitemap_tree_change_reader(tree);
    return HAUL_OK;
}

void haul_sitemap_scan_free(struct haul_sitemap_scan *scan)
{
    if (!scan)
        return;
    haul_buf_done(&scan->held);
    haul_sitemap_values_done(&scan->values);
    free(scan);
}

uint64_t haul_sitemap_scan_line(const struct haul_sitemap_scan *scan)
{
    return scan->lines.line;
}

/* ---- bytes ---- */

static size_t left(const struct haul_sitemap_scan *scan)
{
    return (size_t)(scan->end - scan->at);
}

static void move(struct haul_sitemap_scan *scan, size_t len)
{
    haul_sitemap_lines_add(&scan->lines, scan->at, len);
    scan->at += len;
    scan->looked = 0;
}

/* What is left of the piece waits for the next one. */
static enum haul_err hold(struct haul_sitemap_scan *scan)
{
    size_t len = left(scan);

    if (scan->is_in_held && len < scan->held.len)
        haul_buf_consume(&scan->held, scan->held.len - len);
    else if (!scan->is_in_held)
        haul_buf_add(&scan->held, scan->at, len);
    scan->at = haul_buf_str(&scan->held);
    scan->end = scan->at + scan->held.len;
    scan->is_in_held = true;
    if (scan->held.err)
        haul_sitemap_tree_refuse(scan->tree, HAUL_ERR_NOMEM, "");
    return haul_sitemap_tree_check_token(scan->tree, scan->held.len);
}

void haul_sitemap_scan_feed(struct haul_sitemap_scan *scan, struct haul_span bytes)
{
    assert(scan->is_in_held && !scan->finished);
    scan->is_in_held = scan->held.len;
    if (scan->is_in_held) {
        haul_buf_add(&scan->held, bytes.at, bytes.len);
        bytes = (struct haul_span){haul_buf_str(&scan->held), scan->held.len};
        if (scan->held.err)
            haul_sitemap_tree_refuse(scan->tree, HAUL_ERR_NOMEM, "");
    }
    scan->at = bytes.at;
    scan->end = bytes.at + bytes.len;
}

void haul_sitemap_scan_finish(struct haul_sitemap_scan *scan)
{
    scan->finished = true;
}

/* ---- text ---- */

/* Line ends become LF, as XML wants it. `text` goes up to and with one, if it has one. */
static size_t tell_up_to_line_end(struct haul_sitemap_scan *scan, const char *text, size_t len)
{
    const char *cr = memchr(text, '\r', len);
    size_t before = cr ? (size_t)(cr - text) : len;

    haul_sitemap_tree_text(scan->tree, text, before);
    if (!cr)
        return len;
    haul_sitemap_tree_text(scan->tree, "\n", 1);
    return before + 1;
}

static void tell(struct haul_sitemap_scan *scan, size_t len)
{
    while (len) {
        size_t done = 1;

        if (*scan->at != '\n' || !scan->lines.after_cr)
            done = tell_up_to_line_end(scan, scan->at, len);
        move(scan, done);
        len -= done;
    }
}

/* What stands at '&', in text of which `len` bytes are there. False: that is not yet known. */
static bool tell_reference(struct haul_sitemap_scan *scan, size_t len, bool may_grow)
{
    char text[HAUL_REFERENCE_TEXT_MAX];
    size_t own, text_len;
    enum haul_reference kind =
        haul_reference_read((struct haul_span){scan->at, len}, &own, text, &text_len);

    if (kind == HAUL_REFERENCE_OPEN && may_grow)
        return false;
    if (kind >= HAUL_REFERENCE_HTML && scan->values.is_declared_elsewhere) {
        haul_sitemap_tree_refuse(scan->tree, HAUL_ERR_SYNTAX, HAUL_SITEMAP_NO_ENTITIES);
        return true;
    }
    if (kind != HAUL_REFERENCE_XML)
        haul_sitemap_tree_slip(scan->tree, scan->lines.line, "undefined entity");
    if (kind == HAUL_REFERENCE_XML || kind == HAUL_REFERENCE_HTML) {
        haul_sitemap_tree_text(scan->tree, text, text_len);
        move(scan, own);
    } else {
        tell(scan, 1);
    }
    return true;
}

/* Text, `len` bytes of it. False: what it is is not known before more is there. */
static bool read_text(struct haul_sitemap_scan *scan, size_t len, bool may_grow)
{
    if (!haul_sitemap_tree_wants_text(scan->tree) && !scan->values.is_declared_elsewhere) {
        move(scan, len);
        return true;
    }
    while (len && !scan->tree->err) {
        const char *begin = scan->at, *mark = memchr(begin, '&', len);

        if (mark == begin) {
            if (!tell_reference(scan, len, may_grow))
                return false;
        } else {
            tell(scan, mark ? (size_t)(mark - begin) : len);
        }
        len -= (size_t)(scan->at - begin);
    }
    return true;
}

/* In a CDATA section, up to its end, of which a part may be there. */
static bool read_cdata(struct haul_sitemap_scan *scan)
{
    const char *from = scan->at, *close = NULL;
    size_t len;

    while ((from = memchr(from, ']', (size_t)(scan->end - from))) != NULL) {
        if ((size_t)(scan->end - from) < 3 || memcmp(from, "]]>", 3) == 0) {
            close = from;
            break;
        }
        from++;
    }
    len = close ? (size_t)(close - scan->at) : left(scan);
    if (close && scan->end - close < 3 && scan->finished)
        len = left(scan);
    tell(scan, len);
    if (!close || scan->end - scan->at < 3)
        return !left(scan);
    move(scan, 3);
    scan->in_cdata = false;
    return true;
}

/* ---- tokens ---- */

/*
 * Each finds how long the token at `at` is, of which `looked` bytes were looked at already. 0: its
 * end is not there.
 */

/* Behind `begin` bytes up to `mark` and '>'. */
static size_t find_end_mark(struct haul_sitemap_scan *scan, size_t begin, const char *mark)
{
    size_t mark_len = strlen(mark), from = scan->looked > begin ? scan->looked : begin;
    const char *at = scan->at + from;

    while (at < scan->end && (at = memchr(at, '>', (size_t)(scan->end - at))) != NULL) {
        size_t len = (size_t)(at - scan->at);

        if (len >= begin + mark_len && memcmp(at - mark_len, mark, mark_len) == 0)
            return len + 1;
        at++;
    }
    scan->looked = left(scan);
    return 0;
}

/* Up to '>' outside of quotes, or to the next '<', which is not part of it: no value may have one.
 */
static size_t find_tag_end(struct haul_sitemap_scan *scan)
{
    size_t len = scan->looked ? scan->looked : 1, all = left(scan);

    if (!scan->looked) {
        scan->quote = '\0';
        scan->after_equals = false;
    }
    for (; len < all; len++) {
        char byte = scan->at[len];

        if (byte == '<' || (byte == '>' && !scan->quote))
            return byte == '<' ? len : len + 1;
        if (scan->quote) {
            scan->quote = byte == scan->quote ? '\0' : scan->quote;
        } else if ((byte == '"' || byte == '\'') && scan->after_equals) {
            scan->quote = byte;
            scan->after_equals = false;
        } else if (!haul_ascii_is_blank(byte) && byte != '\n' && byte != '\r') {
            scan->after_equals = byte == '=';
        }
    }
    scan->looked = len;
    return 0;
}

/* A document type is elsewhere, and there may be anything. */
static void begin_external(struct haul_sitemap_scan *scan, char quote)
{
    scan->quote = quote;
    scan->values.is_declared_elsewhere = true;
}

/* Up to '>' outside of quotes. Declarations of its own are refused. */
static size_t find_doctype_end(struct haul_sitemap_scan *scan)
{
    size_t len = scan->looked ? scan->looked : 1, all = left(scan);

    if (!scan->looked)
        scan->quote = '\0';
    for (; len < all; len++) {
        char byte = scan->at[len];

        if (scan->quote)
            scan->quote = byte == scan->quote ? '\0' : scan->quote;
        else if (byte == '"' || byte == '\'')
            begin_external(scan, byte);
        else if (byte == '>')
            return len + 1;
        else if (byte == '[')
            haul_sitemap_tree_refuse(scan->tree, HAUL_ERR_SYNTAX, HAUL_SITEMAP_NO_DECLARATIONS);
    }
    scan->looked = len;
    return 0;
}

/* Whether the token begins with `word`, in any letter case. *is_open: it may, if more comes. */
static bool begins(const struct haul_sitemap_scan *scan, const char *word, bool *is_open)
{
    size_t len = strlen(word), there = left(scan);
    size_t most = len < there ? len : there;

    for (size_t i = 0; i < most; i++)
        if (haul_ascii_lower(scan->at[i]) != haul_ascii_lower(word[i]))
            return false;
    *is_open = *is_open || most < len;
    return most == len;
}

/* Behind "<!": of a declaration that stands where none may it is not known what it declares. */
static size_t read_declaration(struct haul_sitemap_scan *scan, bool *is_open)
{
    static const char *const refused[] = {"<!ENTITY", "<!ELEMENT", "<!ATTLIST", "<!NOTATION"};

    if (begins(scan, "<!--", is_open))
        return find_end_mark(scan, 4, "--");
    if (begins(scan, "<![CDATA[", is_open)) {
        scan->in_cdata = true;
        return 9;
    }
    if (begins(scan, "<!DOCTYPE", is_open))
        return find_doctype_end(scan);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (begins(scan, refused[i], is_open))
            haul_sitemap_tree_refuse(scan->tree, HAUL_ERR_SYNTAX, HAUL_SITEMAP_NO_DECLARATIONS);
    return *is_open || scan->tree->err ? 0 : find_tag_end(scan);
}

static bool begins_name(char byte)
{
    return haul_ascii_is_alpha(byte) || byte == '_' || byte == ':' || (unsigned char)byte >= 0x80;
}

/* A tag that is there to its end, `len` bytes. */
static void read_tag(struct haul_sitemap_scan *scan, size_t len)
{
    struct haul_span text = {scan->at + 1, len - 1 - (scan->at[len - 1] == '>')};
    uint64_t line = scan->lines.line;

    if (haul_span_skip(&text, "/"))
        haul_sitemap_tag_end(scan->tree, text, line);
    else
        haul_sitemap_tag_begin(scan->tree, &scan->values, text, line);
}

/* At '<'. False: its end is not there. */
static bool read_token(struct haul_sitemap_scan *scan)
{
    char next = left(scan) > 1 ? scan->at[1] : '\0';
    bool is_open = false, is_tag = begins_name(next) || next == '/';
    size_t len = 0;

    if (left(scan) < 2)
        return false;
    if (next == '!')
        len = read_declaration(scan, &is_open);
    else if (next == '?')
        len = find_end_mark(scan, 2, "?");
    else if (is_tag)
        len = find_tag_end(scan);
    else
        return read_text(scan, 1, false);
    if (!len || scan->tree->err)
        return false;
    if (is_tag)
        read_tag(scan, len);
    move(scan, len);
    return true;
}

/* False: more must be there. */
static bool read_some(struct haul_sitemap_scan *scan)
{
    const char *mark;

    if (scan->in_cdata)
        return read_cdata(scan);
    if (*scan->at == '<')
        return read_token(scan);
    mark = memchr(scan->at, '<', left(scan));
    return read_text(scan, mark ? (size_t)(mark - scan->at) : left(scan), !mark && !scan->finished);
}

enum haul_err haul_sitemap_scan_next(struct haul_sitemap_scan *scan)
{
    struct haul_sitemap_tree *tree = scan->tree;
    bool goes_on = true;

    while (goes_on && left(scan) && !tree->err && !tree->ready)
        goes_on = read_some(scan);
    if (tree->err)
        return tree->err;
    if (tree->ready)
        return HAUL_OK;
    if (scan->finished) {
        /* A tag that has no end is none. */
        move(scan, left(scan));
        return HAUL_ERR_END;
    }
    return hold(scan) ? tree->err : HAUL_ERR_END;
}
