#include "sink/tar.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"

/* The fields of a header block, by their offsets and lengths (POSIX.1-2017, pax, ustar). */
enum {
    NAME_AT = 0,
    NAME_LEN = 100,
    MODE_AT = 100,
    UID_AT = 108,
    GID_AT = 116,
    ID_LEN = 8,
    SIZE_AT = 124,
    MTIME_AT = 136,
    NUMBER_LEN = 12,
    SUM_AT = 148,
    SUM_LEN = 8,
    TYPE_AT = 156,
    MAGIC_AT = 257,
    DEVICE_AT = 329,
    PREFIX_AT = 345,
    PREFIX_LEN = 155
};

static const char magic[] = "ustar\0"
                            "00"; /* and the version, which has no NUL behind it */
enum { MAGIC_LEN = sizeof magic - 1 };

#define NUMBER_MAX INT64_C(077777777777) /* eleven octal digits: 8 GiB - 1, or the year 2242 */

/* ---- numbers ---- */

static void put_octal(unsigned char *field, size_t len, int64_t value)
{
    char text[NUMBER_LEN + 1];

    snprintf(text, sizeof text, "%0*llo", (int)len - 1, (unsigned long long)value);
    memcpy(field, text, len); /* with the NUL */
}

static unsigned sum_of(const unsigned char *block)
{
    unsigned sum = 0;

    for (int i = 0; i < HAUL_TAR_BLOCK; i++)
        sum += i >= SUM_AT && i < SUM_AT + SUM_LEN ? ' ' : block[i];
    return sum;
}

/* ---- names ---- */

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
static size_t utf8_len(const unsigned char *at)
{
    unsigned char low = 0x80, high = 0xbf;
    size_t len = *at < 0x80 ? 1 : *at < 0xc2 ? 0 : *at < 0xe0 ? 2 : *at < 0xf0 ? 3 : 4;

    if (*at > 0xf4)
        return 0;
    if (*at == 0xe0)
        low = 0xa0;
    else if (*at == 0xed)
        high = 0x9f;
    else if (*at == 0xf0)
        low = 0x90;
    else if (*at == 0xf4)
        high = 0x8f;
    for (size_t i = 1; i < len; i++, low = 0x80, high = 0xbf)
        if (at[i] < low || at[i] > high)
            return 0;
    return len;
}

static bool is_utf8(const char *name)
{
    const unsigned char *at = (const unsigned char *)name;

    while (*at) {
        size_t len = utf8_len(at);

        if (!len)
            return false;
        at += len;
    }
    return true;
}

static bool is_ascii(const char *name)
{
    for (; *name; name++)
        if ((unsigned char)*name >= 0x80)
            return false;
    return true;
}

/* Where a name may be cut in two that have room in the fields; NULL: nowhere. */
static const char *find_split(const char *name, size_t len)
{
    const char *at = name + (len > NAME_LEN ? len - NAME_LEN - 1 : 0);

    at = strchr(at, '/');
    return at && at != name && at - name <= PREFIX_LEN && at[1] ? at : NULL;
}

/* Whether the name has room in the fields as it is. */
static bool fits(const char *name)
{
    size_t len = strlen(name);

    return is_ascii(name) && (len <= NAME_LEN || find_split(name, len));
}

static void put_cut(unsigned char *field, size_t max, const char *text, size_t len)
{
    for (size_t i = 0; i < len && i < max; i++)
        field[i] = (unsigned char)text[i] < 0x80 ? (unsigned char)text[i] : '_';
}

static void put_name(unsigned char *block, const char *name)
{
    size_t len = strlen(name);
    const char *split = len > NAME_LEN ? find_split(name, len) : NULL;

    if (split) {
        put_cut(block + PREFIX_AT, PREFIX_LEN, name, (size_t)(split - name));
        name = split + 1;
        len = strlen(name);
    }
    put_cut(block + NAME_AT, NAME_LEN, name, len);
}

/* ---- headers ---- */

static void add_block(struct haul_buf *buf, const char *name, int64_t size, int64_t mtime_s,
                      char type)
{
    unsigned char block[HAUL_TAR_BLOCK] = {0};

    put_name(block, name);
    put_octal(block + MODE_AT, ID_LEN, 0644);
    put_octal(block + UID_AT, ID_LEN, 0);
    put_octal(block + GID_AT, ID_LEN, 0);
    put_octal(block + SIZE_AT, NUMBER_LEN, size);
    put_octal(block + MTIME_AT, NUMBER_LEN, mtime_s);
    block[TYPE_AT] = (unsigned char)type;
    memcpy(block + MAGIC_AT, magic, MAGIC_LEN);
    put_octal(block + DEVICE_AT, ID_LEN, 0);
    put_octal(block + DEVICE_AT + ID_LEN, ID_LEN, 0);
    put_octal(block + SUM_AT, SUM_LEN - 1, sum_of(block));
    block[SUM_AT + SUM_LEN - 1] = ' ';
    haul_buf_add(buf, block, sizeof block);
}

static size_t digits_of(size_t number)
{
    size_t digits = 1;

    for (; number > 9; number /= 10)
        digits++;
    return digits;
}

/* "LEN KEY=VALUE\n": the length is one of the whole record, its own digits among them. */
static void add_record(struct haul_buf *buf, const char *key, const char *value)
{
    size_t rest = strlen(" =\n") + strlen(key) + strlen(value);
    size_t len = rest + digits_of(rest);

    if (digits_of(len) > digits_of(rest))
        len = rest + digits_of(len);
    haul_buf_addf(buf, "%zu %s=", len, key);
    haul_buf_add_str(buf, value);
    haul_buf_add_char(buf, '\n');
}

static void add_number_record(struct haul_buf *buf, const char *key, int64_t value)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", (long long)value);
    add_record(buf, key, text);
}

/* As git's archives begin. */
void haul_tar_add_begin(struct haul_buf *buf)
{
    struct haul_buf records;

    haul_buf_init(&records, 0);
    add_record(&records, "comment", "haul");
    add_block(buf, "pax_global_header", (int64_t)records.len, 0, 'g');
    haul_buf_add(buf, records.data, records.len);
    haul_buf_pad(buf, '\0', haul_tar_padding((int64_t)records.len));
    if (records.err && !buf->err)
        buf->err = records.err;
    haul_buf_done(&records);
}

static bool has_room(int64_t number)
{
    return number >= 0 && number <= NUMBER_MAX;
}

static void add_records(struct haul_buf *buf, const struct haul_tar_head *head)
{
    if (!fits(head->name)) {
        if (!is_utf8(head->name)) /* or else a reader would take it for UTF-8 */
            add_record(buf, "hdrcharset", "BINARY");
        add_record(buf, "path", head->name);
    }
    if (!has_room(head->size))
        add_number_record(buf, "size", head->size);
    if (!has_room(head->mtime_s))
        add_number_record(buf, "mtime", head->mtime_s);
}

void haul_tar_add_head(struct haul_buf *buf, const struct haul_tar_head *head)
{
    int64_t mtime_s = has_room(head->mtime_s) ? head->mtime_s : 0;
    struct haul_buf records;

    haul_buf_init(&records, 0);
    add_records(&records, head);
    if (records.len) {
        add_block(buf, "././@PaxHeader", (int64_t)records.len, mtime_s, 'x');
        haul_buf_add(buf, records.data, records.len);
        haul_buf_pad(buf, '\0', haul_tar_padding((int64_t)records.len));
    }
    add_block(buf, head->name, has_room(head->size) ? head->size : 0, mtime_s, '0');
    if (records.err && !buf->err)
        buf->err = records.err;
    haul_buf_done(&records);
}

unsigned haul_tar_padding(int64_t size)
{
    return (unsigned)((HAUL_TAR_BLOCK - size % HAUL_TAR_BLOCK) % HAUL_TAR_BLOCK);
}

void haul_tar_add_end(struct haul_buf *buf, int64_t size)
{
    int64_t end = 2 * (int64_t)HAUL_TAR_BLOCK, over = (size + end) % HAUL_TAR_RECORD;

    haul_buf_pad(buf, '\0', (size_t)(end + (over ? HAUL_TAR_RECORD - over : 0)));
}

/* ---- reading ---- */

/* Octal digits, behind blanks perhaps, up to a blank, a NUL or the end of the field; or -1. */
static int64_t read_octal(const unsigned char *field, size_t len)
{
    int64_t value = 0;
    size_t i = 0, first;

    while (i < len && field[i] == ' ')
        i++;
    for (first = i; i < len && field[i] >= '0' && field[i] <= '7'; i++)
        value = value * 8 + (field[i] - '0');
    return i == first || (i < len && field[i] && field[i] != ' ') ? -1 : value;
}

static bool is_zero(const unsigned char *block)
{
    for (int i = 0; i < HAUL_TAR_BLOCK; i++)
        if (block[i])
            return false;
    return true;
}

static size_t field_len(const unsigned char *field, size_t max)
{
    const unsigned char *end = memchr(field, '\0', max);

    return end ? (size_t)(end - field) : max;
}

static void read_name(const unsigned char *block, char *name)
{
    size_t prefix = field_len(block + PREFIX_AT, PREFIX_LEN), len;

    memcpy(name, block + PREFIX_AT, prefix);
    if (prefix)
        name[prefix++] = '/';
    len = field_len(block + NAME_AT, NAME_LEN);
    memcpy(name + prefix, block + NAME_AT, len);
    name[prefix + len] = '\0';
}

void haul_tar_read_block(const unsigned char block[HAUL_TAR_BLOCK], struct haul_tar_block *out)
{
    *out = (struct haul_tar_block){.kind = HAUL_TAR_DAMAGED};
    if (is_zero(block)) {
        out->kind = HAUL_TAR_ZEROS;
        return;
    }
    out->size = read_octal(block + SIZE_AT, NUMBER_LEN);
    if (memcmp(block + MAGIC_AT, magic, MAGIC_LEN) != 0 || out->size < 0 ||
        read_octal(block + SUM_AT, SUM_LEN) != (int64_t)sum_of(block))
        return;
    read_name(block, out->name);
    out->kind = block[TYPE_AT] == '0' || !block[TYPE_AT] ? HAUL_TAR_FILE
                : block[TYPE_AT] == 'x'                  ? HAUL_TAR_EXTENDED
                                                         : HAUL_TAR_OTHER;
}

/* A decimal number that ends at `end`, with *at behind it; or -1. */
static int64_t read_decimal(const char **at, const char *end)
{
    const char *from = *at;
    int64_t value = 0;

    for (; *at < end && haul_ascii_is_digit(**at); ++*at) {
        if (value > (INT64_MAX - (**at - '0')) / 10)
            return -1;
        value = value * 10 + (**at - '0');
    }
    return *at == from ? -1 : value;
}

static bool is_key(const char *at, const char *equals, const char *key)
{
    return (size_t)(equals - at) == strlen(key) && memcmp(at, key, strlen(key)) == 0;
}

/* Reads the record that begins at *at, and moves it behind. */
static bool read_record(const char **at, const char *end, struct haul_buf *name, int64_t *size)
{
    const char *from = *at, *equals, *last;
    int64_t len = read_decimal(at, end);

    if (len <= 0 || len > end - from || *at == end || **at != ' ')
        return false;
    last = from + len - 1;
    ++*at;
    equals = *at < last ? memchr(*at, '=', (size_t)(last - *at)) : NULL;
    if (!equals || *last != '\n')
        return false;
    if (is_key(*at, equals, "path")) {
        haul_buf_clear(name);
        haul_buf_add(name, equals + 1, (size_t)(last - equals - 1));
    } else if (is_key(*at, equals, "size")) {
        const char *digits = equals + 1;

        *size = read_decimal(&digits, last);
        if (*size < 0 || digits != last)
            return false;
    }
    *at = last + 1;
    return true;
}

bool haul_tar_read_extended(const char *bytes, size_t len, struct haul_buf *name, int64_t *size)
{
    const char *end = bytes + len;

    haul_buf_clear(name);
    *size = -1;
    while (bytes < end)
        if (!read_record(&bytes, end, name, size))
            return false;
    return !name->err;
}
