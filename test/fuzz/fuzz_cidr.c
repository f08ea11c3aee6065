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

static void check_filter(const char *text, const struct haul_cidr *block, int family,
                         const uint8_t *bytes)
{
    struct haul_strings none = {.count = 0}, one = {.item = &text, .count = 1};
    union any_address address = make_address(family, bytes);
    bool inside = !is_permitted(text, &address.sa);
    struct haul_address_filter *filter;
    const char *cause;

    if (family == AF_INET)
        require(inside == (block->family == AF_INET && is_inside(block, bytes)));
    else if (block->family == AF_INET6)
        require(inside == is_inside(block, bytes));
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
        check_filter(text, &block, AF_INET, data);
        check_filter(text, &block, AF_INET6, data);
    }
    free(text);
    return 0;
}
