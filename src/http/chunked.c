#include "http/chunked.h"

#include "base/ascii.h"

/* Behind the size and in trailers, where a tab may stand. */
static bool is_forbidden(char c)
{
    return haul_ascii_is_control(c) && c != '\t';
}

/* The size is known: data, or after a size of 0 the trailers. */
static void begin_chunk(struct haul_chunked *c)
{
    c->state = c->left ? HAUL_CHUNKED_DATA : HAUL_CHUNKED_TRAILER;
    c->line_bytes = 0;
    c->digits = 0;
    c->has_colon = false;
}

static enum haul_reason end_size_line(struct haul_chunked *c, char byte)
{
    c->bare_lf = byte == '\n';
    if (c->bare_lf)
        begin_chunk(c);
    else
        c->state = HAUL_CHUNKED_SIZE_LF;
    return HAUL_REASON_NONE;
}

static enum haul_reason take_size_end(struct haul_chunked *c, char byte)
{
    if (byte == '\r' || byte == '\n')
        return end_size_line(c, byte);
    if (byte == ';')
        c->state = HAUL_CHUNKED_EXTENSION;
    else if (!haul_ascii_is_blank(byte))
        return HAUL_REASON_BAD_FRAMING;
    return HAUL_REASON_NONE;
}

static enum haul_reason take_size(struct haul_chunked *c, char byte)
{
    int value = haul_ascii_hex_value(byte);

    if (value < 0) {
        if (!c->digits)
            return HAUL_REASON_BAD_FRAMING;
        c->state = HAUL_CHUNKED_SIZE_END;
        return take_size_end(c, byte);
    }
    if (++c->digits > HAUL_CHUNKED_DIGITS_MAX || c->left > (uint64_t)INT64_MAX >> 4)
        return HAUL_REASON_BAD_FRAMING;
    c->left = c->left << 4 | (unsigned)value;
    return HAUL_REASON_NONE;
}

static enum haul_reason take_extension(struct haul_chunked *c, char byte)
{
    if (byte == '\r' || byte == '\n')
        return end_size_line(c, byte);
    return is_forbidden(byte) ? HAUL_REASON_BAD_FRAMING : HAUL_REASON_NONE;
}

static enum haul_reason end_trailer_line(struct haul_chunked *c)
{
    bool is_last = !c->line_bytes;

    if (!is_last && !c->has_colon)
        return HAUL_REASON_BAD_HEADER;
    if (!is_last && ++c->trailer_fields > c->trailer_fields_max)
        return HAUL_REASON_TOO_MANY_HEADERS;
    c->state = is_last ? HAUL_CHUNKED_DONE : HAUL_CHUNKED_TRAILER;
    c->line_bytes = 0;
    c->has_colon = false;
    return HAUL_REASON_NONE;
}

/* The blank line at the end is no trailer. */
static bool is_in_trailer(const struct haul_chunked *c, char byte)
{
    return (c->state == HAUL_CHUNKED_TRAILER || c->state == HAUL_CHUNKED_TRAILER_LF) &&
           (c->line_bytes || (byte != '\r' && byte != '\n'));
}

static enum haul_reason take_trailer(struct haul_chunked *c, char byte)
{
    if (byte == '\n')
        return end_trailer_line(c);
    if (byte == '\r') {
        c->state = HAUL_CHUNKED_TRAILER_LF;
        return HAUL_REASON_NONE;
    }
    if (is_forbidden(byte))
        return HAUL_REASON_BAD_HEADER;
    /* One that begins with a blank goes on with the one before, and has none of its own. */
    if (byte == ':' || (!c->line_bytes && c->trailer_fields && haul_ascii_is_blank(byte)))
        c->has_colon = true;
    c->line_bytes++;
    return HAUL_REASON_NONE;
}

static enum haul_reason take_line_end(struct haul_chunked *c, char byte)
{
    if (byte != '\n')
        return HAUL_REASON_BAD_FRAMING;
    if (c->state == HAUL_CHUNKED_SIZE_LF) {
        begin_chunk(c);
        return HAUL_REASON_NONE;
    }
    if (c->state == HAUL_CHUNKED_TRAILER_LF)
        return end_trailer_line(c);
    c->state = HAUL_CHUNKED_SIZE;
    return HAUL_REASON_NONE;
}

static enum haul_reason take_byte(struct haul_chunked *c, char byte)
{
    if (c->state <= HAUL_CHUNKED_EXTENSION && ++c->line_bytes > HAUL_CHUNKED_LINE_MAX)
        return HAUL_REASON_BAD_FRAMING;
    if (is_in_trailer(c, byte) && ++c->trailer_bytes > c->trailer_bytes_max)
        return HAUL_REASON_HEADERS_TOO_LARGE;
    switch (c->state) {
    case HAUL_CHUNKED_SIZE:
        return take_size(c, byte);
    case HAUL_CHUNKED_SIZE_END:
        return take_size_end(c, byte);
    case HAUL_CHUNKED_EXTENSION:
        return take_extension(c, byte);
    case HAUL_CHUNKED_DATA_CR:
        if (byte == '\r') {
            c->state = HAUL_CHUNKED_DATA_LF;
            return HAUL_REASON_NONE;
        }
        return c->bare_lf ? take_line_end(c, byte) : HAUL_REASON_BAD_FRAMING;
    case HAUL_CHUNKED_TRAILER:
        return take_trailer(c, byte);
    default:
        return take_line_end(c, byte);
    }
}

/* Hands out what is there of the chunk's data. */
static void take_data(struct haul_chunked *c, const char **at, const char *end, const char **body,
                      size_t *len)
{
    size_t there = (size_t)(end - *at);

    *len = c->left < there ? (size_t)c->left : there;
    *body = *at;
    *at += *len;
    c->left -= *len;
    if (!c->left)
        c->state = HAUL_CHUNKED_DATA_CR;
}

void haul_chunked_begin(struct haul_chunked *c, int64_t trailer_bytes_max, int trailer_fields_max)
{
    *c = (struct haul_chunked){.trailer_bytes_max = trailer_bytes_max,
                               .trailer_fields_max = trailer_fields_max};
}

enum haul_reason haul_chunked_next(struct haul_chunked *c, const char **at, const char *end,
                                   const char **body, size_t *len)
{
    *body = *at;
    *len = 0;
    while (*at < end && c->reason == HAUL_REASON_NONE && c->state != HAUL_CHUNKED_DONE) {
        if (c->state == HAUL_CHUNKED_DATA) {
            take_data(c, at, end, body, len);
            return HAUL_REASON_NONE;
        }
        c->reason = take_byte(c, **at);
        ++*at;
    }
    return c->reason;
}

bool haul_chunked_is_done(const struct haul_chunked *c)
{
    return c->state == HAUL_CHUNKED_DONE;
}
