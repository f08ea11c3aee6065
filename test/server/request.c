#include "request.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool ts_text_is(struct ts_text text, const char *string)
{
    size_t size = strlen(string);
    return text.size == size && (size == 0 || memcmp(text.data, string, size) == 0);
}

bool ts_text_begins(struct ts_text text, const char *string)
{
    size_t size = strlen(string);
    return text.size >= size && (size == 0 || memcmp(text.data, string, size) == 0);
}

size_t ts_request_head_size(const char *data, size_t size)
{
    if (size == 0)
        return 0;
    const char *end = memmem(data, size, "\r\n\r\n", 4);
    return end == NULL ? 0 : (size_t)(end - data) + 4;
}

static struct ts_text cut_until(struct ts_text *rest, char mark)
{
    struct ts_text part = *rest;
    const char *found = part.size == 0 ? NULL : memchr(part.data, mark, part.size);
    if (found == NULL) {
        rest->data += rest->size;
        rest->size = 0;
        return part;
    }
    part.size = (size_t)(found - part.data);
    rest->data = found + 1;
    rest->size -= part.size + 1;
    return part;
}

static struct ts_text cut_line(struct ts_text *rest)
{
    struct ts_text line = cut_until(rest, '\n');
    if (line.size > 0 && line.data[line.size - 1] == '\r')
        line.size--;
    return line;
}

static struct ts_text trim(struct ts_text text)
{
    while (text.size > 0 && (text.data[0] == ' ' || text.data[0] == '\t')) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && (text.data[text.size - 1] == ' ' || text.data[text.size - 1] == '\t'))
        text.size--;
    return text;
}

/* A client that takes us for a proxy sends the whole URL: keep its path. */
static struct ts_text strip_authority(struct ts_text target)
{
    if (!ts_text_begins(target, "http://"))
        return target;
    struct ts_text rest = {target.data + 7, target.size - 7};
    const char *slash = rest.size == 0 ? NULL : memchr(rest.data, '/', rest.size);
    if (slash == NULL)
        return (struct ts_text){"/", 1};
    return (struct ts_text){slash, rest.size - (size_t)(slash - rest.data)};
}

static bool parse_first_line(struct ts_request *request, struct ts_text line)
{
    request->method = cut_until(&line, ' ');
    request->target = strip_authority(cut_until(&line, ' '));
    if (request->method.size == 0 || request->target.size == 0 || !ts_text_begins(line, "HTTP/"))
        return false;
    struct ts_text rest = request->target;
    request->path = cut_until(&rest, '?');
    request->query = rest;
    request->is_head = ts_text_is(request->method, "HEAD");
    request->keep_alive = ts_text_is(line, "HTTP/1.1");
    request->is_old = !request->keep_alive;
    return true;
}

static void parse_headers(struct ts_request *request, struct ts_text rest)
{
    request->header_count = 0;
    while (rest.size > 0 && request->header_count < TS_HEADERS_MAX) {
        struct ts_text line = cut_line(&rest);
        if (line.size == 0)
            break;
        struct ts_header *header = &request->headers[request->header_count++];
        header->name = cut_until(&line, ':');
        header->value = trim(line);
    }
}

static void decide_keep_alive(struct ts_request *request)
{
    struct ts_text value = ts_request_header(request, "Connection");
    if (ts_request_header(request, "Content-Length").data != NULL ||
        ts_request_header(request, "Transfer-Encoding").data != NULL)
        request->keep_alive = false; /* a body, which nobody reads */
    else if (value.data == NULL)
        return;
    else if (value.size == 5 && strncasecmp(value.data, "close", 5) == 0)
        request->keep_alive = false;
    else if (value.size == 10 && strncasecmp(value.data, "keep-alive", 10) == 0)
        request->keep_alive = true;
}

bool ts_request_parse(struct ts_request *request, const char *data, size_t size)
{
    if (request->headers == NULL)
        request->headers = ts_memory_take(TS_HEADERS_MAX, sizeof(*request->headers));
    ts_buf_clear(&request->head);
    ts_buf_add(&request->head, data, size);
    *ts_buf_reserve(&request->head, 1) = '\0';
    struct ts_text rest = {request->head.data, request->head.size};
    if (!parse_first_line(request, cut_line(&rest)))
        return false;
    parse_headers(request, rest);
    decide_keep_alive(request);
    return true;
}

void ts_request_done(struct ts_request *request)
{
    ts_buf_done(&request->head);
    free(request->headers);
    request->headers = NULL;
}

struct ts_text ts_request_header(const struct ts_request *request, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < request->header_count; i++) {
        const struct ts_header *header = &request->headers[i];
        if (header->name.size == size && strncasecmp(header->name.data, name, size) == 0)
            return header->value;
    }
    return (struct ts_text){NULL, 0};
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Takes one character, decoded, off the front of 'text'. */
static char decode_next(struct ts_text *text)
{
    size_t used = 1;
    char c = text->data[0];
    if (c == '+') {
        c = ' ';
    } else if (c == '%' && text->size >= 3) {
        int high = hex_digit(text->data[1]);
        int low = hex_digit(text->data[2]);
        if (high >= 0 && low >= 0) {
            c = (char)(high * 16 + low);
            used = 3;
        }
    }
    text->data += used;
    text->size -= used;
    return c;
}

static size_t decode(struct ts_text text, char *value, size_t room)
{
    size_t used = 0;
    while (text.size > 0 && used + 1 < room)
        value[used++] = decode_next(&text);
    value[used] = '\0';
    return used;
}

bool ts_request_option(const struct ts_request *request, const char *name, char *value, size_t room,
                       size_t *value_size)
{
    struct ts_text rest = request->query;
    while (rest.size > 0) {
        struct ts_text pair = cut_until(&rest, '&');
        struct ts_text key = cut_until(&pair, '=');
        if (!ts_text_is(key, name))
            continue;
        size_t size = decode(pair, value, room);
        if (value_size != NULL)
            *value_size = size;
        return true;
    }
    return false;
}

uint64_t ts_request_number(const struct ts_request *request, const char *name, uint64_t otherwise)
{
    char value[32];
    if (!ts_request_option(request, name, value, sizeof(value), NULL))
        return otherwise;
    char *end = NULL;
    unsigned long long number = strtoull(value, &end, 10);
    return end == value ? otherwise : (uint64_t)number;
}
