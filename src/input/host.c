#include "input/host.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <string.h>

#include "base/ascii.h"

enum {
    LABEL_MAX = 63,
    NAME_MAX_LEN = 253, /* 255 octets in a DNS message, less the first length and the root */
    RAW_MAX = 4096, /* no spelling of a name that fits comes near it; libidn2 is spared the rest */
    ZONE_MAX = 15   /* libcurl's limit */
};

bool haul_host_is_name(struct haul_span host)
{
    size_t label = 0;
    size_t len = host.len && host.at[host.len - 1] == '.' ? host.len - 1 : host.len;

    if (len > NAME_MAX_LEN)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!haul_text_is(host.at[i], HAUL_IN_HOST))
            return false;
        if (host.at[i] == '.' && label == 0)
            return false;
        label = host.at[i] == '.' ? 0 : label + 1;
        if (label > LABEL_MAX)
            return false;
    }
    return label > 0;
}

/* The zone of "[fe80::1%25eth0]" (RFC 6874), often written "[fe80::1%eth0]". */
static bool add_zone(struct haul_buf *to, struct haul_span zone)
{
    if (zone.len > 2 && memcmp(zone.at, "25", 2) == 0) {
        zone.at += 2;
        zone.len -= 2;
    }
    for (size_t i = 0; i < zone.len; i++)
        if (zone.at[i] == '+' || !haul_text_is(zone.at[i], HAUL_IN_HOST | HAUL_IN_SCHEME))
            return false;
    haul_buf_add_str(to, "%25");
    haul_buf_add(to, zone.at, zone.len);
    return zone.len > 0 && zone.len <= ZONE_MAX;
}

/* `host` begins with '['. */
static bool add_address(struct haul_buf *to, struct haul_span host)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    const char *inside = host.at + 1, *zone;
    size_t len;

    if (host.len < 3 || host.at[host.len - 1] != ']')
        return false;
    zone = memchr(inside, '%', host.len - 2);
    len = zone ? (size_t)(zone - inside) : host.len - 2;
    if (len >= sizeof text)
        return false;
    memcpy(text, inside, len);
    text[len] = '\0';
    if (inet_pton(AF_INET6, text, &address) != 1)
        return false;
    haul_buf_add_char(to, '[');
    haul_buf_add_str(to, inet_ntop(AF_INET6, &address, text, sizeof text));
    if (zone && !add_zone(to, (struct haul_span){zone + 1, host.len - len - 3}))
        return false;
    haul_buf_add_char(to, ']');
    return true;
}

/*
 * Whether the name holds one of the characters that mean something else in transitional processing
 * (UTS #46, 2.3: sharp s and its capital, final sigma, the two joiners).
 */
static bool has_deviation(const char *name)
{
    static const char *const deviations[] = {"\xc3\x9f", "\xe1\xba\x9e", "\xcf\x82", "\xe2\x80\x8c",
                                             "\xe2\x80\x8d"};

    for (size_t i = 0; i < sizeof deviations / sizeof *deviations; i++)
        if (strstr(name, deviations[i]))
            return true;
    return false;
}

/*
 * libcurl would take the name for text in the locale's encoding, which in cron is plain ASCII.
 *
 * IDNA 2008 has no names with symbols; there are many all the same, by the rules of 2003. What curl
 * and wget do for them is done here, too, but only for a symbol (they do it for any fault), and for
 * no name of which browsers, which are non-transitional, would make another one.
 */
static enum haul_reason name_to_ascii(struct haul_buf *name)
{
    const uint8_t *text = (const uint8_t *)haul_buf_str(name);
    uint8_t *ascii = NULL;
    int err = idn2_lookup_u8(text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);

    if (err == IDN2_DISALLOWED && !has_deviation(haul_buf_str(name)))
        err = idn2_lookup_u8(text, &ascii, IDN2_NFC_INPUT | IDN2_TRANSITIONAL);
    if (err == IDN2_MALLOC)
        return HAUL_REASON_NO_MEMORY;
    if (err != IDN2_OK)
        return HAUL_REASON_BAD_URL;
    haul_buf_clear(name);
    haul_buf_add_str(name, (const char *)ascii);
    idn2_free(ascii);
    return HAUL_REASON_NONE;
}

static enum haul_reason decode_name(struct haul_span host, struct haul_buf *name)
{
    bool is_ascii = true;

    for (size_t at = 0; at < host.len;) {
        char byte = haul_text_decode_byte(host, &at);

        if (haul_ascii_is_control(byte))
            return HAUL_REASON_BAD_URL;
        is_ascii = is_ascii && (unsigned char)byte < 0x80;
        haul_buf_add_char(name, haul_ascii_lower(byte));
    }
    if (name->err)
        return HAUL_REASON_NO_MEMORY;
    return is_ascii ? HAUL_REASON_NONE : name_to_ascii(name);
}

/* Whether it is one number of an address in any of its forms: "127", "0x7f". */
static bool is_number(struct haul_span label)
{
    size_t i = label.len > 2 && label.at[0] == '0' && label.at[1] == 'x' ? 2 : 0;
    bool is_hex = i > 0;

    while (i < label.len &&
           (is_hex ? haul_ascii_hex_value(label.at[i]) >= 0 : haul_ascii_is_digit(label.at[i])))
        i++;
    return label.len && i == label.len;
}

/* Whether libcurl may take the name for an IPv4 address if its last dot is not there. */
static bool is_address_with_dot(struct haul_span name)
{
    struct haul_span label;

    if (!name.len || name.at[--name.len] != '.')
        return false;
    while (haul_span_take_before(&name, '.', &label))
        if (!is_number(label))
            return false;
    return is_number(name);
}

enum haul_reason haul_host_read(struct haul_span host, struct haul_buf *to)
{
    enum haul_reason reason = HAUL_REASON_NONE;
    bool is_fine;

    haul_buf_clear(to);
    if (host.len > RAW_MAX)
        return HAUL_REASON_BAD_URL;
    if (*host.at == '[') {
        is_fine = add_address(to, host);
    } else {
        reason = decode_name(host, to);
        if (is_address_with_dot((struct haul_span){haul_buf_str(to), to->len}))
            to->data[--to->len] = '\0';
        is_fine = haul_host_is_name((struct haul_span){haul_buf_str(to), to->len});
    }
    if (to->err)
        return HAUL_REASON_NO_MEMORY;
    if (reason)
        return reason;
    return is_fine ? HAUL_REASON_NONE : HAUL_REASON_BAD_URL;
}
