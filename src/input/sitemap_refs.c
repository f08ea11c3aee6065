#include "input/sitemap_refs.h"

#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "base/utf8.h"

struct entity {
    const char *name;
    uint32_t code;
};

static const struct entity of_xml[] = {
    {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};

/* Those of ISO 8859-1 in their order (HTML 4, 24.2), from U+00A0. */
static const char *const of_latin1[] = {
    "nbsp",   "iexcl",  "cent",   "pound",  "curren", "yen",    "brvbar", "sect",   "uml",
    "copy",   "ordf",   "laquo",  "not",    "shy",    "reg",    "macr",   "deg",    "plusmn",
    "sup2",   "sup3",   "acute",  "micro",  "para",   "middot", "cedil",  "sup1",   "ordm",
    "raquo",  "frac14", "frac12", "frac34", "iquest", "Agrave", "Aacute", "Acirc",  "Atilde",
    "Auml",   "Aring",  "AElig",  "Ccedil", "Egrave", "Eacute", "Ecirc",  "Euml",   "Igrave",
    "Iacute", "Icirc",  "Iuml",   "ETH",    "Ntilde", "Ograve", "Oacute", "Ocirc",  "Otilde",
    "Ouml",   "times",  "Oslash", "Ugrave", "Uacute", "Ucirc",  "Uuml",   "Yacute", "THORN",
    "szlig",  "agrave", "aacute", "acirc",  "atilde", "auml",   "aring",  "aelig",  "ccedil",
    "egrave", "eacute", "ecirc",  "euml",   "igrave", "iacute", "icirc",  "iuml",   "eth",
    "ntilde", "ograve", "oacute", "ocirc",  "otilde", "ouml",   "divide", "oslash", "ugrave",
    "uacute", "ucirc",  "uuml",   "yacute", "thorn",  "yuml"};

static const struct entity of_html[] = {
    {"OElig", 0x152},  {"oelig", 0x153},  {"Scaron", 0x160},  {"scaron", 0x161}, {"Yuml", 0x178},
    {"ndash", 0x2013}, {"mdash", 0x2014}, {"lsquo", 0x2018},  {"rsquo", 0x2019}, {"ldquo", 0x201c},
    {"rdquo", 0x201d}, {"bull", 0x2022},  {"hellip", 0x2026}, {"euro", 0x20ac},  {"trade", 0x2122}};

static bool find_in(const struct entity *entity, size_t count, struct haul_span name,
                    uint32_t *code)
{
    for (size_t i = 0; i < count; i++)
        if (haul_span_is(name, entity[i].name)) {
            *code = entity[i].code;
            return true;
        }
    return false;
}

static enum haul_reference find_name(struct haul_span name, uint32_t *code)
{
    if (find_in(of_xml, sizeof of_xml / sizeof *of_xml, name, code))
        return HAUL_REFERENCE_XML;
    if (find_in(of_html, sizeof of_html / sizeof *of_html, name, code))
        return HAUL_REFERENCE_HTML;
    for (size_t i = 0; i < sizeof of_latin1 / sizeof *of_latin1; i++)
        if (haul_span_is(name, of_latin1[i])) {
            *code = (uint32_t)(0xa0 + i);
            return HAUL_REFERENCE_HTML;
        }
    return HAUL_REFERENCE_UNKNOWN;
}

/* `digits`: between "&#" and ';'. */
static enum haul_reference read_number(struct haul_span digits, uint32_t *code)
{
    bool is_hex = digits.len && *digits.at == 'x';
    uint32_t base = is_hex ? 16 : 10;

    if (is_hex)
        (void)haul_span_take(&digits, 1);
    if (!digits.len)
        return HAUL_REFERENCE_NONE;
    *code = 0;
    for (size_t i = 0; i < digits.len; i++) {
        int digit = haul_ascii_hex_value(digits.at[i]);

        if (digit < 0 || (uint32_t)digit >= base)
            return HAUL_REFERENCE_NONE;
        *code = *code * base + (uint32_t)digit;
        if (*code > 0x10ffff)
            return HAUL_REFERENCE_NONE;
    }
    return *code && (*code < 0xd800 || *code > 0xdfff) ? HAUL_REFERENCE_XML : HAUL_REFERENCE_NONE;
}

/* A byte of what stands between '&' and ';'. */
static bool is_part(char byte, size_t at)
{
    return haul_ascii_is_alnum(byte) || (at == 1 && byte == '#') || strchr("._-:", byte) ||
           (unsigned char)byte >= 0x80;
}

enum haul_reference haul_reference_read(struct haul_span text, size_t *len, char *to,
                                        size_t *text_len)
{
    size_t at = 1, most = text.len < HAUL_REFERENCE_MAX ? text.len : HAUL_REFERENCE_MAX;
    enum haul_reference kind;
    uint32_t code = 0;

    while (at < most && text.at[at] && is_part(text.at[at], at))
        at++;
    if (at == most)
        return most < HAUL_REFERENCE_MAX ? HAUL_REFERENCE_OPEN : HAUL_REFERENCE_NONE;
    if (text.at[at] != ';' || at == 1)
        return HAUL_REFERENCE_NONE;
    *len = at + 1;
    kind = text.at[1] == '#' ? read_number((struct haul_span){text.at + 2, at - 2}, &code)
                             : find_name((struct haul_span){text.at + 1, at - 1}, &code);
    if (kind == HAUL_REFERENCE_XML || kind == HAUL_REFERENCE_HTML)
        *text_len = (size_t)(haul_utf8_put(to, code) - to);
    return kind;
}
