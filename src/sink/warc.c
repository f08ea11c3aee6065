/* getrandom */
#define _GNU_SOURCE
#include "sink/warc.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>

#include "base/again.h"
#include "base/calendar.h"
#include "base/hash.h"

/* ---- heads of records ---- */

static void add_field(struct haul_buf *buf, const char *name, const char *value)
{
    if (!value)
        return;
    haul_buf_add_str(buf, name);
    haul_buf_add_str(buf, ": ");
    haul_buf_add_str(buf, value);
    haul_buf_add_str(buf, "\r\n");
}

static void add_date(struct haul_buf *buf, int64_t date_us)
{
    haul_buf_add_str(buf, "WARC-Date: ");
    (void)haul_calendar_add_timestamp(buf, date_us);
    haul_buf_add_str(buf, "\r\n");
}

void haul_warc_add_head(struct haul_buf *buf, const struct haul_warc_head *head)
{
    haul_buf_add_str(buf, "WARC/1.1\r\n");
    add_field(buf, "WARC-Type", head->type);
    add_field(buf, "WARC-Record-ID", head->id);
    add_date(buf, head->date_us);
    add_field(buf, "WARC-Filename", head->filename);
    add_field(buf, "WARC-Target-URI", head->target_uri);
    add_field(buf, "WARC-IP-Address", head->ip);
    add_field(buf, "WARC-Protocol", head->protocol);
    add_field(buf, "WARC-Concurrent-To", head->concurrent_to);
    add_field(buf, "WARC-Profile", head->profile);
    add_field(buf, "WARC-Refers-To", head->refers_to);
    add_field(buf, "WARC-Refers-To-Target-URI", head->refers_to_uri);
    add_field(buf, "WARC-Refers-To-Date", head->refers_to_date);
    add_field(buf, "WARC-Payload-Digest", head->payload_digest);
    add_field(buf, "WARC-Block-Digest", head->block_digest);
    add_field(buf, "WARC-Truncated", head->truncated);
    add_field(buf, "Content-Type", head->content_type);
    haul_buf_add_str(buf, "Content-Length: ");
    haul_buf_add_i64(buf, head->length);
    haul_buf_add_str(buf, "\r\n\r\n");
}

bool haul_warc_get_random(unsigned char *bytes, size_t ids)
{
    size_t len = ids * HAUL_WARC_RANDOM; /* up to 256 come at once, or not at all (getrandom(2)) */
    ssize_t got;

    HAUL_AGAIN(got, getrandom(bytes, len, 0));
    return got == (ssize_t)len;
}

const char *haul_warc_make_id(const unsigned char *random, char id[HAUL_WARC_ID_MAX])
{
    static const char hex[] = "0123456789abcdef", urn[] = "<urn:uuid:";
    char *at = id + strlen(urn);

    memcpy(id, urn, strlen(urn));
    for (int i = 0; i < HAUL_WARC_RANDOM; i++) {
        unsigned byte = random[i];

        if (i == 6)
            byte = (byte & 0x0f) | 0x40;
        if (i == 8)
            byte = (byte & 0x3f) | 0x80;
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = hex[byte >> 4];
        *at++ = hex[byte & 0x0f];
    }
    *at++ = '>';
    *at = '\0';
    return id;
}

const char *haul_warc_digest(const char *hex, char digest[HAUL_WARC_DIGEST_MAX])
{
    static const char name[] = "sha256:";
    char *end = stpncpy(digest + strlen(name), hex, HAUL_WARC_DIGEST_MAX - sizeof name);

    memcpy(digest, name, strlen(name));
    *end = '\0';
    return digest;
}

struct haul_span haul_warc_find(const char *head, size_t len, const char *name)
{
    struct haul_span rest = {head, len}, line;
    size_t name_len = strlen(name);

    while (haul_span_take_before(&rest, '\n', &line)) {
        if (line.len <= name_len + 2 || strncasecmp(line.at, name, name_len) != 0 ||
            line.at[name_len] != ':')
            continue;
        line.at += name_len + 2;
        line.len -= name_len + 2;
        if (line.at[line.len - 1] == '\r')
            line.len--;
        return line;
    }
    return (struct haul_span){NULL, 0};
}

/* ---- HTTP ---- */

static bool is_of_name(struct haul_span line, const char *name)
{
    size_t len = strlen(name);

    return line.len > len && line.at[len] == ':' && strncasecmp(line.at, name, len) == 0;
}

static bool may_be_told(struct haul_span line)
{
    static const char *const harmless[] = {"Host",
                                           "Accept",
                                           "Accept-Encoding",
                                           "Accept-Language",
                                           "Accept-Charset",
                                           "Cache-Control",
                                           "Connection",
                                           "If-Modified-Since",
                                           "If-None-Match",
                                           "If-Range",
                                           "Pragma",
                                           "Range",
                                           "Referer",
                                           "User-Agent",
                                           "From",
                                           "DNT"};

    for (size_t i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (is_of_name(line, harmless[i]))
            return true;
    return false;
}

void haul_warc_add_request(struct haul_buf *buf, const char *head, size_t len)
{
    struct haul_span rest = {head, len}, line;
    bool is_first = true;

    while (haul_span_take_before(&rest, '\n', &line)) {
        const char *colon = memchr(line.at, ':', line.len);

        if (is_first || !colon || may_be_told(line)) {
            haul_buf_add(buf, line.at, line.len);
            haul_buf_add_char(buf, '\n');
        } else {
            haul_buf_add(buf, line.at, (size_t)(colon - line.at));
            haul_buf_add_str(buf, ": (withheld)\r\n");
        }
        is_first = false;
    }
}

void haul_warc_add_response(struct haul_buf *buf, const char *head, size_t len)
{
    static const char of_h2[] = "HTTP/2 ";
    struct haul_span rest = {head, len}, line;
    bool is_first = true;

    while (haul_span_take_before(&rest, '\n', &line)) {
        if (is_first && line.len > strlen(of_h2) && !memcmp(line.at, of_h2, strlen(of_h2))) {
            haul_buf_add_str(buf, "HTTP/1.1 ");
            line.at += strlen(of_h2);
            line.len -= strlen(of_h2);
        } else if (!is_first && is_of_name(line, "Transfer-Encoding")) {
            haul_buf_add_str(buf, "X-Crawl-");
        }
        haul_buf_add(buf, line.at, line.len);
        haul_buf_add_char(buf, '\n');
        is_first = false;
    }
}

uint64_t haul_warc_tag(const char *digest)
{
    uint64_t tag = haul_hash_mix(haul_hash(digest, strlen(digest)));

    return tag ? tag : 1;
}
