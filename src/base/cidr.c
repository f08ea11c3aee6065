#include "base/cidr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"

enum { BITS_4 = 32, BITS_6 = 128, BYTES_4 = 4 };

/* An address is a block with nothing left open. */
static struct haul_cidr make_address(int family, const void *bytes)
{
    struct haul_cidr address = {.family = family, .bits = family == AF_INET ? BITS_4 : BITS_6};

    memcpy(address.bytes, bytes, (size_t)address.bits / 8);
    return address;
}

static bool has_prefix(const unsigned char *bytes, const unsigned char *prefix, int bits)
{
    size_t whole = (size_t)bits / 8;
    int rest = bits % 8;

    return !memcmp(bytes, prefix, whole) &&
           (!rest || !((bytes[whole] ^ prefix[whole]) >> (8 - rest)));
}

static bool holds(const struct haul_cidr *block, const struct haul_cidr *address)
{
    return block->family == address->family &&
           has_prefix(address->bytes, block->bytes, block->bits);
}

/* ---- text ---- */

static bool read_address(const char *text, size_t len, struct haul_cidr *address)
{
    char copy[INET6_ADDRSTRLEN];
    unsigned char bytes[HAUL_CIDR_BYTES];
    int family = memchr(text, ':', len) ? AF_INET6 : AF_INET;

    if (len >= sizeof copy)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (inet_pton(family, copy, bytes) != 1)
        return false;
    *address = make_address(family, bytes);
    return true;
}

static enum haul_err read_bits(const char *text, struct haul_cidr *block, const char **cause)
{
    const char *ignored;
    int64_t bits;
    enum haul_err err = haul_units_parse_int(text, 0, block->bits, &bits, &ignored);

    if (err == HAUL_ERR_SYNTAX || *text == '-')
        return haul_err_why(HAUL_ERR_SYNTAX, "a number of bits must follow the slash", cause);
    if (err)
        return haul_err_why(err,
                            block->family == AF_INET ? "an IPv4 prefix has at most 32 bits"
                                                     : "an IPv6 prefix has at most 128 bits",
                            cause);
    block->bits = (int)bits;
    return HAUL_OK;
}

static bool has_host_bits(const struct haul_cidr *block)
{
    size_t i = (size_t)block->bits / 8;

    if (block->bits % 8 && (unsigned char)(block->bytes[i++] << block->bits % 8))
        return true;
    for (; i < HAUL_CIDR_BYTES; i++)
        if (block->bytes[i])
            return true;
    return false;
}

enum haul_err haul_cidr_parse(const char *text, struct haul_cidr *cidr, const char **cause)
{
    size_t len = strcspn(text, "/");
    struct haul_cidr block;
    enum haul_err err;

    if (!read_address(text, len, &block))
        return haul_err_why(HAUL_ERR_SYNTAX,
                            "not an address or block such as 192.0.2.0/24 or 2001:db8::/32", cause);
    if (text[len]) {
        err = read_bits(text + len + 1, &block, cause);
        if (err)
            return err;
    }
    if (has_host_bits(&block))
        return haul_err_why(HAUL_ERR_RANGE, "bits are set beyond the prefix", cause);
    *cidr = block;
    return HAUL_OK;
}

/* ---- addresses ---- */

static const struct haul_cidr mapped = {AF_INET6, 96, {[10] = 0xff, [11] = 0xff}};
static const struct haul_cidr compatible = {AF_INET6, 96, {0}};
static const struct haul_cidr any_4 = {AF_INET, 8, {0}};    /* 0.0.0.0/8 */
static const struct haul_cidr any_6 = {AF_INET6, 128, {0}}; /* :: */
static const struct haul_cidr loopback_4 = {AF_INET, BITS_4, {127, 0, 0, 1}};
static const struct haul_cidr loopback_6 = {AF_INET6, BITS_6, {[15] = 1}};

/* IPv6 addresses that are the wrapping of an IPv4 address, and where that one begins. */
static const struct wrapping {
    struct haul_cidr block;
    size_t at;
    unsigned char mask; /* the bytes of the address inside are combined with, by exclusive or */
    bool is_way;        /* it is the IPv4 address that a packet is brought to */
} wrappings[] = {
    {{AF_INET6, 96, {[10] = 0xff, [11] = 0xff}}, 12, 0, true}, /* ::ffff:0:0/96 */
    {{AF_INET6, 96, {0x00, 0x64, 0xff, 0x9b}}, 12, 0, true},   /* 64:ff9b::/96 */
    {{AF_INET6, 16, {0x20, 0x02}}, 2, 0, true},                /* 2002::/16 */
    {{AF_INET6, 96, {0}}, 12, 0, false},                       /* ::/96, RFC 4291 2.5.5.1 */
    {{AF_INET6, 96, {[8] = 0xff, [9] = 0xff}}, 12, 0, false},  /* ::ffff:0:0:0/96, RFC 2765 */
    {{AF_INET6, 32, {0x20, 0x01}}, 12, 0xff, false},           /* 2001::/32, RFC 4380 4 */
};
enum { WRAPPINGS = sizeof wrappings / sizeof *wrappings };

/* An address as it is written, and what it comes to. */
struct seen {
    struct haul_cidr outer;
    struct haul_cidr inner; /* what is connected to in its place, or the same as `outer` */
    int wrapping_bits;      /* 0: it is no wrapping of that */
    struct haul_cidr hint;  /* what else it may lead to; refused where that is. Or as `outer` */
};

static struct haul_cidr unwrap(const struct wrapping *wrapping, const struct haul_cidr *outer)
{
    unsigned char bytes[BYTES_4];

    for (size_t i = 0; i < BYTES_4; i++)
        bytes[i] = outer->bytes[wrapping->at + i] ^ wrapping->mask;
    return make_address(AF_INET, bytes);
}

/* Not :: and ::1, which only look like the first two addresses of ::/96. */
static bool is_wrapping(const struct wrapping *wrapping, const struct haul_cidr *outer)
{
    return holds(&wrapping->block, outer) && !holds(&any_6, outer) && !holds(&loopback_6, outer);
}

static void see_inside(struct seen *seen)
{
    for (size_t i = 0; i < WRAPPINGS; i++) {
        const struct wrapping *wrapping = &wrappings[i];

        if (!is_wrapping(wrapping, &seen->outer))
            continue;
        seen->hint = unwrap(wrapping, &seen->outer);
        if (wrapping->is_way) {
            seen->inner = seen->hint;
            seen->wrapping_bits = wrapping->block.bits;
        }
        return;
    }
}

/* "This host" is loopback to the system, and :: is that in both families (ip(7), ipv6(7)). */
static void see_loopback(struct seen *seen)
{
    if (holds(&any_4, &seen->inner)) {
        seen->hint = seen->inner;
        seen->inner = loopback_4;
    } else if (holds(&any_6, &seen->inner)) {
        seen->hint = loopback_4;
        seen->inner = loopback_6;
    } else if (holds(&any_4, &seen->hint)) {
        seen->hint = loopback_4;
    }
}

/* False: neither IPv4 nor IPv6. */
static bool see(const struct sockaddr *address, struct seen *seen)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    /* Copied, for what a caller has may be aligned as a plain sockaddr only. */
    if (address->sa_family == AF_INET) {
        memcpy(&in, address, sizeof in);
        seen->outer = make_address(AF_INET, &in.sin_addr);
    } else if (address->sa_family == AF_INET6) {
        memcpy(&in6, address, sizeof in6);
        seen->outer = make_address(AF_INET6, &in6.sin6_addr);
    } else {
        return false;
    }
    seen->inner = seen->hint = seen->outer;
    seen->wrapping_bits = 0;
    see_inside(seen);
    see_loopback(seen);
    return true;
}

bool haul_address_inside(const struct sockaddr *address, struct sockaddr_in *inside)
{
    struct seen seen;

    if (!see(address, &seen) || seen.outer.family == AF_INET || seen.hint.family != AF_INET)
        return false;
    *inside = (struct sockaddr_in){.sin_family = AF_INET};
    memcpy(&inside->sin_addr, seen.hint.bytes, sizeof inside->sin_addr);
    return true;
}

static const struct haul_cidr global_unicast = {AF_INET6, 3, {0x20}};

/* Those of the registries that lie outside 2000::/3 need no line. */
static const struct haul_cidr not_public[] = {
    {AF_INET, 8, {0}},                        /* "this network", RFC 791 3.2 */
    {AF_INET, 8, {10}},                       /* private use, RFC 1918 */
    {AF_INET, 10, {100, 64}},                 /* shared address space, RFC 6598 */
    {AF_INET, 8, {127}},                      /* loopback, RFC 1122 3.2.1.3 */
    {AF_INET, 32, {168, 63, 129, 16}},        /* Azure's virtual machines have their host there */
    {AF_INET, 16, {169, 254}},                /* link local, RFC 3927 */
    {AF_INET, 12, {172, 16}},                 /* private use, RFC 1918 */
    {AF_INET, 24, {192, 0, 0}},               /* IETF protocol assignments, RFC 6890 2.1 */
    {AF_INET, 24, {192, 0, 2}},               /* documentation, RFC 5737 */
    {AF_INET, 24, {192, 88, 99}},             /* 6to4 relay anycast, RFC 7526 */
    {AF_INET, 16, {192, 168}},                /* private use, RFC 1918 */
    {AF_INET, 15, {198, 18}},                 /* benchmarking, RFC 2544 */
    {AF_INET, 24, {198, 51, 100}},            /* documentation, RFC 5737 */
    {AF_INET, 24, {203, 0, 113}},             /* documentation, RFC 5737 */
    {AF_INET, 4, {224}},                      /* multicast, RFC 5771 */
    {AF_INET, 4, {240}},                      /* reserved, RFC 1112 4, and limited broadcast */
    {AF_INET6, 23, {0x20, 0x01}},             /* IETF protocol assignments, Teredo: RFC 2928 */
    {AF_INET6, 32, {0x20, 0x01, 0x0d, 0xb8}}, /* documentation, RFC 3849 */
    {AF_INET6, 20, {0x3f, 0xff}},             /* documentation, RFC 9637 */
};
enum { NOT_PUBLIC = sizeof not_public / sizeof *not_public };

static bool is_public(const struct haul_cidr *address)
{
    size_t i;

    if (address->family == AF_INET6 && !holds(&global_unicast, address))
        return false;
    for (i = 0; i < NOT_PUBLIC; i++)
        if (holds(&not_public[i], address))
            return false;
    return true;
}

/* ---- filter ---- */

struct haul_address_filter {
    bool public_only;
    size_t allowed, denied;   /* blocks, with what else they stand for */
    struct haul_cidr block[]; /* the allowed ones, then the denied ones */
};

enum { SPELLINGS = 3 }; /* blocks that one may stand for, itself counted */

/* The IPv4 block that an IPv6 one is the spelling of. */
static bool is_spelling(const struct haul_cidr *block, bool is_denied)
{
    if (block->family != AF_INET6 || block->bits <= mapped.bits)
        return false;
    if (has_prefix(block->bytes, mapped.bytes, mapped.bits))
        return true;
    /* What begins with 0 there is a part of ::/96 that holds :: or ::1, and meant as such. */
    return is_denied && has_prefix(block->bytes, compatible.bytes, compatible.bits) &&
           block->bits >= compatible.bits + 8 && block->bytes[12];
}

/* What a block stands for besides itself. False: nothing. */
static bool spell_out(const struct haul_cidr *block, bool is_denied, struct haul_cidr *other)
{
    if (is_spelling(block, is_denied)) {
        *other = (struct haul_cidr){.family = AF_INET, .bits = block->bits - mapped.bits};
        memcpy(other->bytes, block->bytes + 12, BYTES_4);
    } else if (block->bits >= any_4.bits && holds(&any_4, block)) {
        *other = loopback_4;
    } else if (block->bits == BITS_6 && holds(&any_6, block)) {
        *other = loopback_6;
    } else {
        return false;
    }
    return true;
}

static enum haul_err parse_all(const struct haul_strings *list, bool is_denied,
                               struct haul_cidr *block, size_t *count, const char **cause)
{
    *count = 0;
    for (size_t i = 0; i < list->count; i++) {
        enum haul_err err = haul_cidr_parse(list->item[i], &block[*count], cause);

        if (err)
            return err;
        for (int more = 1;
             more < SPELLINGS && spell_out(&block[*count], is_denied, &block[*count + 1]); more++)
            ++*count;
        ++*count;
    }
    return HAUL_OK;
}

enum haul_err haul_address_filter_create(struct haul_address_filter **filter, bool public_only,
                                         const struct haul_strings *allow,
                                         const struct haul_strings *deny, const char **cause)
{
    size_t count = allow->count + deny->count;
    struct haul_address_filter *made;
    enum haul_err err;

    *filter = NULL;
    if (!public_only && !count)
        return HAUL_OK;
    made = count > SIZE_MAX / 2 / SPELLINGS / sizeof *made->block
               ? NULL
               : malloc(sizeof *made + count * SPELLINGS * sizeof *made->block);
    if (!made)
        return HAUL_ERR_NOMEM;
    made->public_only = public_only;
    err = parse_all(allow, false, made->block, &made->allowed, cause);
    if (!err)
        err = parse_all(deny, true, made->block + made->allowed, &made->denied, cause);
    if (err)
        haul_address_filter_free(made);
    else
        *filter = made;
    return err;
}

void haul_address_filter_free(struct haul_address_filter *filter)
{
    free(filter);
}

static bool is_denied(const struct haul_address_filter *filter, const struct seen *seen)
{
    const struct haul_cidr *block = filter->block + filter->allowed;

    for (size_t i = 0; i < filter->denied; i++)
        if (holds(&block[i], &seen->inner) || holds(&block[i], &seen->outer) ||
            holds(&block[i], &seen->hint))
            return true;
    return false;
}

/*
 * Whether one of the blocks holds the address inside, or the address as it is written and has
 * `bits_min` bits or more.
 */
static bool is_in(const struct haul_cidr *block, size_t count, const struct seen *seen,
                  int bits_min)
{
    for (size_t i = 0; i < count; i++)
        if (holds(&block[i], &seen->inner) ||
            (holds(&block[i], &seen->outer) && block[i].bits >= bits_min))
            return true;
    return false;
}

bool haul_address_filter_permits(const struct haul_address_filter *filter,
                                 const struct sockaddr *address)
{
    struct seen seen;

    if (!filter)
        return true;
    if (!see(address, &seen) || is_denied(filter, &seen))
        return false;
    if (filter->allowed)
        return is_in(filter->block, filter->allowed, &seen, seen.wrapping_bits);
    return !filter->public_only || is_public(&seen.inner);
}

bool haul_address_filter_is_public_only(const struct haul_address_filter *filter)
{
    return filter && filter->public_only && !filter->allowed;
}
