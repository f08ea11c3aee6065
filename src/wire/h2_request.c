#include "wire/h2_request.h"

#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/span.h"
#include "wire/h2_field.h"

enum { PSEUDO_FIELDS = 4 };

void haul_h2_request_init(struct haul_h2_request *out)
{
    memset(out, 0, sizeof *out);
    haul_buf_init(&out->text, 0);
    haul_buf_init(&out->path, 0);
}

void haul_h2_request_done(struct haul_h2_request *out)
{
    free(out->fields);
    haul_buf_done(&out->text);
    haul_buf_done(&out->path);
    haul_h2_request_init(out);
}

static bool make_room(struct haul_h2_request *out, const struct haul_buf *text)
{
    size_t need = PSEUDO_FIELDS + 1;
    nghttp2_nv *fields;

    for (size_t i = 0; i < text->len; i++)
        need += text->data[i] == '\n';
    if (need <= out->room)
        return true;
    fields = realloc(out->fields, need * sizeof *fields);
    if (!fields)
        return false;
    out->fields = fields;
    out->room = need;
    return true;
}

/* nghttp2 copies them: it does not write to them. */
static uint8_t *bytes_of(struct haul_span span)
{
    union {
        const char *given;
        uint8_t *wanted;
    } at = {.given = span.at};

    return at.wanted;
}

static void add(struct haul_h2_request *out, struct haul_span name, struct haul_span value)
{
    out->fields[out->count++] =
        (nghttp2_nv){bytes_of(name), bytes_of(value), name.len, value.len, NGHTTP2_NV_FLAG_NONE};
    out->bytes += (int64_t)(name.len + strlen(": ") + value.len + strlen("\r\n"));
}

/* What stands behind the authority; never empty (RFC 9113, 8.3.1). */
static struct haul_span path_of(struct haul_span rest, struct haul_buf *path)
{
    while (rest.len > 0 && *rest.at != '/' && *rest.at != '?') {
        rest.at++;
        rest.len--;
    }
    if (rest.len > 0 && *rest.at == '/')
        return rest;
    haul_buf_clear(path);
    haul_buf_add_char(path, '/');
    haul_buf_add(path, rest.at, rest.len);
    return (struct haul_span){path->data, path->len};
}

static void add_pseudo_fields(struct haul_h2_request *out, const struct haul_request *request)
{
    struct haul_span rest = haul_span_of(request->url), scheme = {"", 0};

    if (haul_span_take_before(&rest, ':', &scheme))
        haul_span_skip(&rest, "//");
    add(out, haul_span_of(":method"), haul_span_of(request->method));
    add(out, haul_span_of(":scheme"), scheme);
    add(out, haul_span_of(":authority"), haul_span_of(request->authority));
    add(out, haul_span_of(":path"), path_of(rest, &out->path));
}

/* `line` is in the text of `out`, where its name may be changed. */
static void add_line(struct haul_h2_request *out, char *line, size_t len)
{
    struct haul_span value = {line, len}, name;

    if (!haul_span_take_before(&value, ':', &name))
        return;
    for (size_t i = 0; i < name.len; i++)
        line[i] = haul_ascii_lower(line[i]);
    if (value.len > 0 && value.at[value.len - 1] == '\r')
        value.len--;
    if (!haul_h2_is_connection_field(name))
        add(out, name, haul_span_trim(value));
}

enum haul_err haul_h2_request_make(struct haul_h2_request *out, const struct haul_request *request)
{
    const struct haul_buf *fields = request->fields;
    char *at, *end;

    out->count = 0;
    out->bytes = (int64_t)strlen("\r\n");
    haul_buf_clear(&out->text);
    if (!make_room(out, fields))
        return HAUL_ERR_NOMEM;
    if (fields->len > 0)
        haul_buf_add(&out->text, fields->data, fields->len);
    add_pseudo_fields(out, request);
    if (out->text.err || out->path.err)
        return HAUL_ERR_NOMEM;
    at = out->text.data;
    for (size_t left = out->text.len; left > 0; left -= (size_t)(end + 1 - at), at = end + 1) {
        end = memchr(at, '\n', left);
        if (!end)
            break;
        add_line(out, at, (size_t)(end - at));
    }
    return HAUL_OK;
}
