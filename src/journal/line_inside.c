#include "journal/line_inside.h"

#include <stddef.h>
#include <string.h>
#include <zlib.h>

#include "base/ascii.h"
#include "model/field.h"

/* ---- the words of outcomes and reasons ---- */

static const char *const reason_words[HAUL_REASON_COUNT] = {
#define REASON_WORD(name, word, transient, text) word,
    HAUL_REASONS(REASON_WORD)
#undef REASON_WORD
};

bool haul_line_read_outcome(struct haul_span word, enum haul_outcome *outcome)
{
    for (int i = 0; i < HAUL_OUTCOME_COUNT; i++) {
        *outcome = (enum haul_outcome)i;
        if (haul_span_is(word, haul_outcome_word(*outcome)))
            return true;
    }
    return false;
}

void haul_line_read_reason(struct haul_span word, struct haul_record *rec)
{
    rec->reason = HAUL_REASON_INTERNAL;
    if (word.len > 5 && word.len <= 8 && memcmp(word.at, "http-", 5) == 0) {
        rec->reason = HAUL_REASON_HTTP_STATUS;
        rec->http_code = 0;
        for (size_t i = 5; i < word.len && haul_ascii_is_digit(word.at[i]); i++)
            rec->http_code = rec->http_code * 10 + (word.at[i] - '0');
        return;
    }
    for (int i = 0; i < HAUL_REASON_COUNT; i++)
        if (haul_span_is(word, reason_words[i]))
            rec->reason = (enum haul_reason)i;
}

/* ---- the fields ---- */

/* A computed field that is new in model/field.h needs a line here. */
enum {
    OTHER_outcome = HAUL_LINE_LEFT_OUT,
    OTHER_reason = HAUL_LINE_LEFT_OUT,
    OTHER_speed_download = HAUL_LINE_LEFT_OUT,
    OTHER_num_retries = HAUL_LINE_LEFT_OUT,
    OTHER_scheme = HAUL_LINE_LEFT_OUT,
    OTHER_verified = HAUL_LINE_VERIFIED,
    OTHER_started = HAUL_LINE_STARTED,
    OTHER_attached = HAUL_LINE_ATTACHED
};

#define IS_MEMBER(one, other)                                                                      \
    (offsetof(struct haul_record, one) == offsetof(struct haul_record, other))
#define ABSENT(member)                                                                             \
    (IS_MEMBER(member, url_effective)      ? HAUL_LINE_URL_IF_TRIED                                \
     : IS_MEMBER(member, time_redirect_us) ? HAUL_LINE_ZERO_IF_TRIED                               \
     : IS_MEMBER(member, time_queue_us)    ? HAUL_LINE_ZERO                                        \
     : IS_MEMBER(member, time_parked_us)   ? HAUL_LINE_ZERO                                        \
     : IS_MEMBER(member, time_elapsed_us)  ? HAUL_LINE_TOTAL_IF_ONCE                               \
                                           : HAUL_LINE_UNKNOWN)

const struct haul_line_field haul_line_fields[] = {
#define MEMBER(member)                                                                             \
    offsetof(struct haul_record, member), sizeof(((struct haul_record *)NULL)->member)
#define FIELD_TEXT(member, name) {HAUL_LINE_TEXT, MEMBER(member), ABSENT(member)},
#define FIELD_SIZE(member, name) {HAUL_LINE_NUMBER, MEMBER(member), HAUL_LINE_UNKNOWN},
#define FIELD_TIME(member, name) {HAUL_LINE_TIME, MEMBER(member), ABSENT(member)},
#define FIELD_COUNT(member, name) {HAUL_LINE_NUMBER, MEMBER(member), HAUL_LINE_ZERO},
#define FIELD_NONZERO(member, name) {HAUL_LINE_NUMBER, MEMBER(member), HAUL_LINE_UNKNOWN},
#define FIELD_OTHER(member, name) {(enum haul_line_kind)OTHER_##name, 0, 0, HAUL_LINE_UNKNOWN},
#define FIELD_ROW(kind, member, name) FIELD_##kind(member, name)
    HAUL_FIELDS(FIELD_ROW)};

/* ---- reading ---- */

bool haul_line_skip(struct haul_line_reader *reader, const char *text, size_t len)
{
    if (!reader->fits || (size_t)(reader->end - reader->at) < len ||
        memcmp(reader->at, text, len) != 0)
        return false;
    reader->at += len;
    return true;
}

uint64_t haul_line_read_hex(struct haul_line_reader *reader, int digits)
{
    uint64_t number = 0;

    for (int i = 0; i < digits && reader->fits; i++) {
        char c = reader->at < reader->end ? *reader->at++ : '\0';
        int digit = c >= 'A' && c <= 'F' ? -1 : haul_ascii_hex_value(c);

        reader->fits = digit >= 0;
        number = number << 4 | (uint64_t)(digit & 15);
    }
    return number;
}

uint64_t haul_line_read_number(struct haul_line_reader *reader)
{
    const char *begin = reader->at;
    uint64_t number = 0;

    while (reader->fits && reader->at < reader->end && haul_ascii_is_digit(*reader->at)) {
        unsigned digit = (unsigned)(*reader->at++ - '0');

        reader->fits = number <= (UINT64_MAX - digit) / 10;
        number = number * 10 + digit;
    }
    reader->fits = reader->fits && reader->at > begin;
    return number;
}

struct haul_span haul_line_read_word(struct haul_line_reader *reader)
{
    struct haul_span word = {reader->at, 0};
    const char *quote = memchr(word.at, '"', (size_t)(reader->end - word.at));

    reader->fits = reader->fits && quote;
    if (reader->fits) {
        word.len = (size_t)(quote - word.at);
        reader->at = quote + 1;
    }
    return word;
}

/* ---- the end of a line ---- */

uint32_t haul_line_checksum(const char *bytes, size_t len)
{
    return (uint32_t)crc32_z(crc32(0, NULL, 0), (const unsigned char *)bytes, len);
}

/* ,"crc":"89abcdef"} */
enum { CRC_SIZE = sizeof HAUL_LINE_CRC - 1 + HAUL_LINE_CRC_DIGITS + 2 };

/*
 * Whether the line ends in a checksum, and in which. Damage may have hit its name, too: what has
 * the shape of a checksum but another name of three letters counts as a wrong checksum.
 */
static bool find_checksum(const char *line, size_t len, bool *is_named, uint32_t *sum)
{
    struct haul_line_reader reader = {line, line + len, len >= CRC_SIZE};

    if (!reader.fits)
        return false;
    reader.at = reader.end - CRC_SIZE;
    *is_named = memcmp(reader.at, HAUL_LINE_CRC, sizeof HAUL_LINE_CRC - 1) == 0;
    reader.fits = haul_line_skip(&reader, HAUL_LINE_CRC, 2);
    reader.at += 3;
    HAUL_LINE_REQUIRE(&reader, "\":\"");
    *sum = (uint32_t)haul_line_read_hex(&reader, HAUL_LINE_CRC_DIGITS);
    return HAUL_LINE_SKIP(&reader, "\"}");
}

enum haul_err haul_line_check(const char *line, size_t len, struct haul_line_reader *reader)
{
    bool is_named;
    uint32_t sum;

    if (!find_checksum(line, len, &is_named, &sum))
        return HAUL_ERR_END;
    *reader = (struct haul_line_reader){line, line + len - CRC_SIZE, true};
    if (!is_named || haul_line_checksum(line, len - CRC_SIZE) != sum)
        return HAUL_ERR_SYNTAX;
    return HAUL_OK;
}
