#include "wire/noproxy.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cidr.h"

enum { ADDRESS_MAX = 64 }; /* bytes, the NUL included: more than any address has */

/* ---- addresses ---- */

static bool parse_address(struct haul_span text, struct haul_cidr *address)
{
    char copy[ADDRESS_MAX];
    const char *cause;

    if (text.len >= sizeof copy || memchr(text.at, '/', text.len))
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    return haul_cidr_parse(copy, address, &cause) == HAUL_OK;
}

static bool parse_bits(struct haul_span digits, int *bits)
{
    int sum = 0;

    if (digits.len < 1 || digits.len > 3)
        return false;
    for (size_t i = 0; i < digits.len; i++) {
        if (!haul_ascii_is_digit(digits.at[i]))
            return false;
        sum = sum * 10 + (digits.at[i] - '0');
    }
    if (sum > *bits)
        return false;
    *bits = sum;
    return true;
}

/* Takes off the address and the brackets around it; `is_v6`: there were some. */
static bool take_address(struct haul_span *text, struct haul_cidr *address, bool *is_v6)
{
    struct haul_span inner;
    size_t len = 0;

    *is_v6 = haul_span_skip(text, "[");
    if (*is_v6)
        return haul_span_take_before(text, ']', &inner) && parse_address(inner, address) &&
               address->family == AF_INET6;
    while (len < text->len && text->at[len] != '/')
        len++;
    return parse_address(haul_span_take(text, len), address);
}

static bool parse_block(struct haul_span entry, struct haul_cidr *block)
{
    bool is_v6;

    if (!take_address(&entry, block, &is_v6))
        return false;
    return !entry.len || (haul_span_skip(&entry, "/") && parse_bits(entry, &block->bits));
}

static bool is_in_block(const struct haul_cidr *block, const struct haul_cidr *address)
{
    size_t bytes = (size_t)block->bits / 8;
    unsigned mask = 0xffu << (8 - block->bits % 8) & 0xffu;

    if (block->family != address->family || memcmp(block->bytes, address->bytes, bytes) != 0)
        return false;
    return !mask || !((unsigned)(block->bytes[bytes] ^ address->bytes[bytes]) & mask);
}

/* An IPv6 address may have a zone, which says which way it is reached and not where it is. */
static bool host_address(struct haul_span host, struct haul_cidr *address)
{
    struct haul_span inner, zoneless;

    if (!haul_span_skip(&host, "["))
        return parse_address(host, address);
    return haul_span_take_before(&host, ']', &inner) &&
           parse_address(haul_span_take_before(&inner, '%', &zoneless) ? zoneless : inner, address);
}

/* ---- names ---- */

static bool same_letters(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (haul_ascii_lower(a[i]) != haul_ascii_lower(b[i]))
            return false;
    return true;
}

static struct haul_span without_last_dot(struct haul_span name)
{
    if (name.len && name.at[name.len - 1] == '.')
        name.len--;
    return name;
}

static bool is_below(struct haul_span entry, struct haul_span name)
{
    const char *tail;

    entry = without_last_dot(entry);
    (void)haul_span_skip(&entry, ".");
    if (!entry.len || entry.len > name.len)
        return false;
    tail = name.at + (name.len - entry.len);
    return (tail == name.at || tail[-1] == '.') && same_letters(entry.at, tail, entry.len);
}

/* ---- the list ---- */

static bool names_address(struct haul_span entry, const struct haul_cidr *address)
{
    struct haul_cidr block;

    return parse_block(entry, &block) && is_in_block(&block, address);
}

bool haul_noproxy_names(const char *list, struct haul_span host)
{
    struct haul_cidr address;
    bool is_address = host_address(host, &address);

    if (haul_span_is(haul_span_trim(haul_span_of(list)), "*"))
        return true;
    host = without_last_dot(host);
    for (const char *at = list; *at;) {
        struct haul_span entry = {at, strcspn(at, ", \t")};

        if (entry.len && (is_address ? names_address(entry, &address) : is_below(entry, host)))
            return true;
        at += entry.len;
        at += strspn(at, ", \t");
    }
    return false;
}
