#ifndef HAUL_BASE_ASCII_H
#define HAUL_BASE_ASCII_H

#include <stdbool.h>

/* What a byte is in ASCII, whatever the locale says. Pure, any thread. */

/* A space or a tab. */
static inline bool haul_ascii_is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static inline bool haul_ascii_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool haul_ascii_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool haul_ascii_is_alnum(char c)
{
    return haul_ascii_is_alpha(c) || haul_ascii_is_digit(c);
}

/* Below 0x20, or 0x7f: a tab is one. */
static inline bool haul_ascii_is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static inline char haul_ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether all of a text is. */
static inline bool haul_ascii_is_all(const char *text)
{
    while (*text && (unsigned char)*text < 0x80)
        text++;
    return !*text;
}

/* 0 to 15; -1: no hexadecimal digit. */
static inline int haul_ascii_hex_value(char c)
{
    if (haul_ascii_is_digit(c))
        return c - '0';
    c = haul_ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

#endif
