/*
 * A block is refused with a cause, or it holds the address it was written with and survives being
 * written and read again. And whatever an address is, the rules about it do not contradict each
 * other: a wrapped IPv4 address is as public as the address itself, and a filter agrees with the
 * blocks that it was made of.
 *
 * The input: 16 bytes of an address, then a text.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cidr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool truth)
{
    if (!truth)
        abort();
}

union any_address {
    struct sockaddr sa;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
};

static union any_address make_address(int family, const uint8_t *bytes)
{
    union any_address address = {.in6 = {.sin6_family = AF_UNSPEC}};

    address.sa.sa_family = (sa_family_t)family;
    if (family == AF_INET)
        memcpy(&address.in.sin_addr, bytes, sizeof address.in.sin_addr);
    else
        memcpy(&address.in6.sin6_addr, bytes, sizeof address.in6.sin6_addr);
    return address;
}

/* With `denied` NULL: whether the address is public. `denied` must be a block. */
static bool is_permitted(const char *denied, const struct sockaddr *address)
{
    struct haul_strings none = {.count = 0}, deny = {.item = &denied, .count = denied != NULL};
    struct haul_address_filter *filter;
    const char *cause;
    bool permitted;

    if (haul_address_filter_create(&filter, !denied, &none, &deny, &cause))
        abort();
    permitted = haul_address_filter_permits(filter, address);
    haul_address_filter_free(filter);
    return permitted;
}

/* The IPv4 address in all its wrappings. */
static void check_wrappings(const uint8_t *bytes)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}, nat64[12] = {0, 0x64, 0xff, 0x9b};
    union any_address plain = make_address(AF_INET, bytes), wrapped;
    bool is_public = is_permitted(NULL, &plain.sa);
    uint8_t outer[16];

    memcpy(outer, mapped, sizeof mapped);
    memcpy(outer + 12, bytes, 4);
    wrapped = make_address(AF_INET6, outer);
    require(is_permitted(NULL, &wrapped.sa) == is_public);
    memcpy(outer, nat64, sizeof nat64);
    wrapped = make_address(AF_INET6, outer);
    require(is_permitted(NULL, &wrapped.sa) == is_public);
    memcpy(outer, (const uint8_t[]){0x20, 0x02}, 2);
    memcpy(outer + 2, bytes, 4);
    wrapped = make_address(AF_INET6, outer);
    require(is_permitted(NULL, &wrapped.sa) == is_public);
}

/* Bit by bit. */
static bool is_inside(const struct haul_cidr *block, const uint8_t *bytes)
{
    int i;

    for (i = 0; i < block->bits; i++)
        if ((bytes[i / 8] ^ block->bytes[i / 8]) & (0x80 >> i % 8))
            return false;
    return true;
}

/* The IPv4 block of which this is a spelling: a part of ::ffff:0:0/96 that is not all of it, or of
 * ::/96 where that does not begin with 0. */
static bool spelled_block(const struct haul_cidr *block, struct haul_cidr *plain)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff}, zero[12] = {0};
    bool is_mapped = !memcmp(block->bytes, mapped, sizeof mapped) && block->bits > 96;
    bool is_compatible =
        !memcmp(block->bytes, zero, sizeof zero) && block->bits >= 104 && block->bytes[12];

    if (block->family != AF_INET6 || (!is_mapped && !is_compatible))
        return false;
    *plain = (struct haul_cidr){.family = AF_INET, .bits = block->bits - 96};
    memcpy(plain->bytes, block->bytes + 12, 4);
    return true;
}

/* Whether a rule that denies the block is to refuse an IPv4 address. */
static bool is_denied_4(const struct haul_cidr *block, const uint8_t *bytes)
{
    static const uint8_t loopback[4] = {127, 0, 0, 1};
    bool is_loopback = !memcmp(bytes, loopback, sizeof loopback) || !bytes[0];
    struct haul_cidr plain = *block;

    if (block->family == AF_INET6 && !spelled_block(block, &plain))
        return false;
    if (is_loopback && plain.bits >= 8 && plain.bytes[0] == 0)
        return true;
    return is_inside(&plain, bytes) || (bytes[0] == 0 && is_inside(&plain, loopback));
}

/* The same for an IPv6 address and a block of its family, if that is not the spelling of another:
 * then it is at least its own. */
static bool is_denied_6(const struct haul_cidr *block, const uint8_t *bytes, bool is_denied)
{
    static const uint8_t loopback[16] = {[15] = 1}, any[16] = {0};
    struct haul_cidr plain;
    bool is_any = !memcmp(bytes, any, sizeof any);
    bool is_loopback = !memcmp(bytes, loopback, sizeof loopback);

    if (is_inside(block, bytes) || (is_any && is_inside(block, loopback)))
        return true;
    if (is_loopback && block->bits == 128 && !memcmp(block->bytes, any, sizeof any))
        return true;
    return spelled_block(block, &plain) && is_denied;
}

/* "This host" is loopback, in both families. */
static void check_this_host(const char *text)
{
    static const uint8_t loopback_4[4] = {127, 0, 0, 1}, loopback_6[16] = {[15] = 1}, any[16] = {0};
    union any_address any_4 = make_address(AF_INET, any), any_6 = make_address(AF_INET6, any);
    union any_address own_4 = make_address(AF_INET, loopback_4);
    union any_address own_6 = make_address(AF_INET6, loopback_6);

    if (!is_permitted(text, &own_4.sa))
        require(!is_permitted(text, &any_4.sa) && !is_permitted(text, &any_6.sa));
    if (!is_permitted(text, &own_6.sa))
        require(!is_permitted(text, &any_6.sa));
}

static void check_filter(const char *text, const struct haul_cidr *block, int family,
                         const uint8_t *bytes)
{
    struct haul_strings none = {.count = 0}, one = {.item = &text, .count = 1};
    union any_address address = make_address(family, bytes);
    bool inside = !is_permitted(text, &address.sa);
    struct haul_address_filter *filter;
    const char *cause;

    if (family == AF_INET)
        require(inside == is_denied_4(block, bytes));
    else if (block->family == AF_INET6)
        require(inside == is_denied_6(block, bytes, inside));
    if (haul_address_filter_create(&filter, true, &one, &none, &cause))
        return;
    require(inside || !haul_address_filter_permits(filter, &address.sa));
    haul_address_filter_free(filter);
    if (haul_address_filter_create(&filter, true, &one, &one, &cause))
        return;
    require(!haul_address_filter_permits(filter, &address.sa));
    haul_address_filter_free(filter);
}

static void check_again(const struct haul_cidr *block)
{
    char name[INET6_ADDRSTRLEN];
    union any_address address = make_address(block->family, block->bytes);
    struct haul_cidr again;
    const char *cause;
    struct haul_buf text;

    require(block->bits >= 0 && block->bits <= (block->family == AF_INET ? 32 : 128));
    require(inet_ntop(block->family, block->bytes, name, sizeof name) != NULL);
    haul_buf_init(&text, 0);
    haul_buf_addf(&text, "%s/%d", name, block->bits);
    require(!is_permitted(haul_buf_str(&text), &address.sa));
    require(!haul_cidr_parse(haul_buf_str(&text), &again, &cause));
    require(again.family == block->family && again.bits == block->bits &&
            !memcmp(again.bytes, block->bytes, sizeof again.bytes));
    haul_buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct haul_cidr block;
    const char *cause = NULL;
    enum haul_err err;
    char *text;

    if (size < 16)
        return 0;
    check_wrappings(data);
    text = malloc(size - 16 + 1);
    if (!text)
        return 0;
    memcpy(text, data + 16, size - 16);
    text[size - 16] = '\0';
    err = haul_cidr_parse(text, &block, &cause);
    require((err != HAUL_OK) == (cause != NULL));
    if (!err) {
        check_again(&block);
        check_this_host(text);
        check_filter(text, &block, AF_INET, data);
        check_filter(text, &block, AF_INET6, data);
    }
    free(text);
    return 0;
}
