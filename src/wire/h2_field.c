#include "wire/h2_field.h"

#include <string.h>

#include "base/ascii.h"
#include "http/field.h"

/* The longest name and value that nghttp2 gives are 64 KiB each. */
enum { LINE_MAX_BYTES = 256 * 1024 };

void haul_h2_block_init(struct haul_h2_block *block)
{
    memset(block, 0, sizeof *block);
    haul_buf_init(&block->line, LINE_MAX_BYTES);
}

void haul_h2_block_done(struct haul_h2_block *block)
{
    haul_buf_done(&block->line);
}

bool haul_h2_is_connection_field(struct haul_span name)
{
    static const char *const names[] = {"connection", "keep-alive", "proxy-connection",
                                        "transfer-encoding", "upgrade"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (haul_span_is(name, names[i]))
            return true;
    return false;
}

static bool is_name(struct haul_span name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.at[i] != haul_ascii_lower(name.at[i]))
            return false;
    return name.len > 0 && haul_field_name_len(name.at, name.len) == name.len;
}

static bool is_value(struct haul_span value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.at[i] == '\0' || value.at[i] == '\r' || value.at[i] == '\n')
            return false;
    return true;
}

static enum haul_reason give_line(struct haul_h2_block *block, struct haul_span name,
                                  struct haul_span value)
{
    struct haul_buf *line = &block->line;

    haul_buf_clear(line);
    haul_buf_add(line, name.at, name.len);
    haul_buf_add(line, ": ", 2);
    haul_buf_add(line, value.at, value.len);
    haul_buf_add(line, "\r\n", 2);
    if (line->err)
        return line->err == HAUL_ERR_LIMIT ? HAUL_REASON_HEADERS_TOO_LARGE : HAUL_REASON_NO_MEMORY;
    return haul_response_header_line(block->response, line->data, line->len);
}

static enum haul_reason take_status(struct haul_h2_block *block, struct haul_span value)
{
    char line[] = "HTTP/2 200 \r\n";

    if (block->has_status || value.len != 3)
        return HAUL_REASON_BAD_STATUS;
    for (size_t i = 0; i < value.len; i++) {
        if (!haul_ascii_is_digit(value.at[i]))
            return HAUL_REASON_BAD_STATUS;
        line[strlen("HTTP/2 ") + i] = value.at[i];
    }
    block->has_status = true;
    return haul_response_header_line(block->response, line, sizeof line - 1);
}

enum haul_reason haul_h2_block_begin(struct haul_h2_block *block, struct haul_response *response,
                                     bool ends)
{
    block->response = response;
    block->has_status = block->has_field = false;
    block->is_trailer = haul_response_is_complete(response);
    return block->is_trailer && !ends ? HAUL_REASON_PROTOCOL : HAUL_REASON_NONE;
}

enum haul_reason haul_h2_block_field(struct haul_h2_block *block, struct haul_span name,
                                     struct haul_span value)
{
    if (name.len > 0 && name.at[0] == ':') {
        if (block->is_trailer || block->has_field || !haul_span_is(name, ":status"))
            return HAUL_REASON_BAD_HEADER;
        return take_status(block, value);
    }
    if (!block->has_status && !block->is_trailer)
        return HAUL_REASON_PROTOCOL;
    block->has_field = true;
    if (!is_name(name) || !is_value(value) || haul_h2_is_connection_field(name))
        return HAUL_REASON_BAD_HEADER;
    return give_line(block, name, value);
}

enum haul_reason haul_h2_block_end(struct haul_h2_block *block)
{
    return haul_response_header_line(block->response, "\r\n", 2);
}
