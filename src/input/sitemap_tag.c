#include "input/sitemap_tag.h"

#include <string.h>

#include "base/ascii.h"
#include "base/hash.h"
#include "input/sitemap.h"
#include "input/sitemap_refs.h"

/* A name as it is written, cut at its first colon. */
struct qualified {
    struct haul_span prefix, local;
};

struct attribute {
    struct qualified name;
    struct haul_span value; /* as written; at NULL: there is none */
};

void haul_sitemap_values_init(struct haul_sitemap_values *values)
{
    *values = (struct haul_sitemap_values){.is_declared_elsewhere = false};
    haul_buf_init(&values->href, HAUL_SITEMAP_TOKEN_MAX);
    haul_buf_init(&values->rel, HAUL_SITEMAP_TOKEN_MAX);
    haul_buf_init(&values->is_permalink, HAUL_SITEMAP_TOKEN_MAX);
    haul_buf_init(&values->base, HAUL_SITEMAP_TOKEN_MAX);
    haul_buf_init(&values->uri, HAUL_SITEMAP_SPACE_MAX + 1);
}

void haul_sitemap_values_done(struct haul_sitemap_values *values)
{
    haul_buf_done(&values->href);
    haul_buf_done(&values->rel);
    haul_buf_done(&values->is_permalink);
    haul_buf_done(&values->base);
    haul_buf_done(&values->uri);
}

static bool is_blank(char byte)
{
    return haul_ascii_is_blank(byte) || byte == '\n' || byte == '\r';
}

static void skip_blanks(struct haul_span *text)
{
    while (text->len && is_blank(*text->at))
        (void)haul_span_take(text, 1);
}

/* What stands before the first byte of `ends` or blank. */
static struct haul_span take_until(struct haul_span *text, const char *ends)
{
    size_t len = 0;

    while (len < text->len && !is_blank(text->at[len]) &&
           !(text->at[len] && strchr(ends, text->at[len])))
        len++;
    return haul_span_take(text, len);
}

static struct qualified cut(struct haul_span name)
{
    struct qualified cut = {{name.at, 0}, name};

    if (haul_span_take_before(&cut.local, ':', &cut.prefix) && cut.local.len)
        return cut;
    return (struct qualified){{name.at, 0}, name};
}

/* ---- attributes ---- */

static struct haul_span take_value(struct haul_span *text)
{
    struct haul_span value = {text->at, 0};
    char quote = text->len ? *text->at : '\0';

    if (quote != '"' && quote != '\'')
        return take_until(text, "");
    (void)haul_span_take(text, 1);
    if (!haul_span_take_before(text, quote, &value))
        value = haul_span_take(text, text->len);
    return value;
}

/* The next of a tag. False: there are no more. */
static bool take_attribute(struct haul_span *text, struct attribute *out)
{
    skip_blanks(text);
    while (text->len && strchr("/=\"'", *text->at) && *text->at) {
        (void)haul_span_take(text, 1);
        skip_blanks(text);
    }
    if (!text->len)
        return false;
    out->name = cut(take_until(text, "=/"));
    out->value = (struct haul_span){NULL, 0};
    skip_blanks(text);
    if (!haul_span_skip(text, "="))
        return true;
    skip_blanks(text);
    out->value = take_value(text);
    return true;
}

/* A value as XML has it (3.3.3): with references read, and a blank for each line end. */
static void decode(struct haul_span value, bool is_declared_elsewhere, struct haul_buf *to)
{
    char text[HAUL_REFERENCE_TEXT_MAX];
    size_t len, text_len;

    haul_buf_clear(to);
    while (value.len && !to->err) {
        enum haul_reference kind = HAUL_REFERENCE_NONE;
        char byte = *value.at;

        if (byte == '&')
            kind = haul_reference_read(value, &len, text, &text_len);
        if (is_declared_elsewhere && kind >= HAUL_REFERENCE_HTML) {
            (void)haul_span_take(&value, len);
        } else if (kind == HAUL_REFERENCE_XML || kind == HAUL_REFERENCE_HTML) {
            haul_buf_add(to, text, text_len);
            (void)haul_span_take(&value, len);
        } else {
            haul_buf_add_char(to, byte == '\n' || byte == '\t' || byte == '\r' ? ' ' : byte);
            (void)haul_span_take(&value,
                                 byte == '\r' && value.len > 1 && value.at[1] == '\n' ? 2 : 1);
        }
    }
}

static bool is_declaration(const struct attribute *attribute, struct haul_span *prefix)
{
    const struct qualified *name = &attribute->name;
    bool is_default = !name->prefix.len && haul_span_is(name->local, "xmlns");

    *prefix = is_default ? name->prefix : name->local;
    return is_default || haul_span_is(name->prefix, "xmlns");
}

/* What the tag declares holds for its own name, too, wherever it stands. */
static void declare(struct haul_sitemap_tree *tree, struct haul_sitemap_values *values,
                    struct haul_span text)
{
    struct attribute attribute;
    struct haul_span prefix;

    while (!tree->err && take_attribute(&text, &attribute)) {
        if (!is_declaration(&attribute, &prefix)) {
            haul_sitemap_tree_note_name(
                tree, haul_hash_keyed(attribute.name.local.at, attribute.name.local.len));
            continue;
        }
        decode(attribute.value, values->is_declared_elsewhere, &values->uri);
        haul_sitemap_tree_declare(tree, prefix,
                                  (struct haul_span){haul_buf_str(&values->uri), values->uri.len});
    }
}

static const char *take_text(const struct attribute *attribute, bool elsewhere, struct haul_buf *to)
{
    decode(attribute->value, elsewhere, to);
    return haul_buf_str(to);
}

static void read_values(struct haul_sitemap_values *values, struct haul_span text,
                        struct haul_sitemap_tag *tag)
{
    bool elsewhere = values->is_declared_elsewhere;
    struct attribute attribute;

    while (take_attribute(&text, &attribute)) {
        const struct qualified *name = &attribute.name;

        if (haul_span_is(name->prefix, "xml") && haul_span_is(name->local, "base"))
            tag->base = take_text(&attribute, elsewhere, &values->base);
        if (name->prefix.len)
            continue;
        if (haul_span_is(name->local, "href"))
            tag->href = take_text(&attribute, elsewhere, &values->href);
        else if (haul_span_is(name->local, "rel"))
            tag->rel = take_text(&attribute, elsewhere, &values->rel);
        else if (haul_span_is(name->local, "isPermaLink"))
            tag->is_permalink = take_text(&attribute, elsewhere, &values->is_permalink);
    }
}

/* ---- tags ---- */

static void find_space(struct haul_sitemap_tree *tree, struct qualified name, uint64_t line,
                       struct haul_xmlns *space)
{
    if (!haul_xmlns_find(&tree->spaces, name.prefix, space))
        haul_sitemap_tree_slip(tree, line, "unbound prefix");
}

/* A '/' at the end, unless it ends a value without quotes. */
static bool is_empty_element(struct haul_span text)
{
    size_t at = text.len;

    if (!at || text.at[at - 1] != '/')
        return false;
    if (!memchr(text.at, '=', at))
        return true;
    at--;
    return at && (is_blank(text.at[at - 1]) || strchr("\"'", text.at[at - 1]));
}

void haul_sitemap_tag_begin(struct haul_sitemap_tree *tree, struct haul_sitemap_values *values,
                            struct haul_span text, uint64_t line)
{
    struct haul_sitemap_tag tag = {.href = NULL};
    bool is_empty = is_empty_element(text);
    struct qualified name = cut(take_until(&text, "/"));

    declare(tree, values, text);
    if (tree->err)
        return;
    find_space(tree, name, line, &tag.space);
    tag.name = name.local;
    if (haul_sitemap_tree_wants_attributes(tree))
        read_values(values, text, &tag);
    haul_sitemap_tree_open(tree, &tag, line);
    if (is_empty && !tree->err)
        haul_sitemap_tree_close_last(tree);
}

void haul_sitemap_tag_end(struct haul_sitemap_tree *tree, struct haul_span text, uint64_t line)
{
    struct qualified name = cut(take_until(&text, "/"));
    struct haul_xmlns space;

    (void)haul_xmlns_find(&tree->spaces, name.prefix, &space);
    if (!haul_sitemap_tree_close(tree, space, name.local))
        haul_sitemap_tree_slip(tree, line, "mismatched tag");
}
